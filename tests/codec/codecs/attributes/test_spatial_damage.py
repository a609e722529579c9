"""Damaged streams of attributes: an error that says so, never a crash, a hang or a wrong type.

Some payloads of other bytes are what an encoder writes for other values; checksums are the container's part.
"""

from __future__ import annotations

import contextlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from octavox.codec import CorruptStreamError, UnsupportedStreamError
from octavox.codec.codecs.attributes.spatial.coder import decode_spatial, encode_spatial
from octavox.codec.codecs.attributes.spatial.params import read_params
from octavox.codec.job import JobContext

N = 300
CELLS = np.stack([np.zeros(N), np.zeros(N), np.arange(N)], 1).astype(np.int32)
CELLS = CELLS[np.argsort(CELLS[:, 2])]


def columns_to_code() -> list[np.ndarray]:
    random = np.random.default_rng(2)
    wide = random.integers(0, 1 << 16, N)
    few = np.array([3, 900, 70_000], np.int64)[random.integers(0, 3, N)]
    byte = random.integers(0, 256, N).astype(np.uint8)
    return [wide, few, byte, byte.copy(), np.full(N, 7, np.int16)]


COLUMNS = columns_to_code()
GOOD = encode_spatial(CELLS, COLUMNS, [0, 100, N], JobContext())


def decoded(params: bytes, payloads: list[bytes]) -> list[np.ndarray]:
    return decode_spatial(CELLS, params, payloads, [0, 100, N], JobContext(), threads=1).columns


def refused(payloads: list[bytes]) -> None:
    """Fails where wrong payloads give the right values."""
    try:
        columns = decoded(GOOD.params, payloads)
    except CorruptStreamError:
        return
    assert not all(np.array_equal(a, b) for a, b in zip(columns, COLUMNS))


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_damaged_payloads(data: st.DataObject) -> None:
    k = data.draw(st.integers(0, 1))
    payload = bytearray(GOOD.payloads[k])
    for _ in range(data.draw(st.integers(1, 3))):
        payload[data.draw(st.integers(0, len(payload) - 1))] ^= data.draw(st.integers(1, 255))
    payloads = [bytes(payload) if j == k else p for j, p in enumerate(GOOD.payloads)]
    if payloads != GOOD.payloads:
        refused(payloads)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400))
def test_payloads_of_noise(noise: bytes) -> None:
    refused([noise, GOOD.payloads[1]])


def test_short_long_missing_and_swapped_payloads() -> None:
    first, second = GOOD.payloads
    for payloads in (
        [first[:-1], second],
        [first + b"\0", second],
        [b"", second],
        [second, first],
    ):
        refused(payloads)
    for payloads in ([first], [first, second, b""]):
        with pytest.raises(CorruptStreamError):
            decoded(GOOD.params, payloads)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_damaged_params(data: st.DataObject) -> None:
    """They are refused, or describe columns of the right length."""
    params = bytearray(GOOD.params)
    for _ in range(data.draw(st.integers(1, 2))):
        params[data.draw(st.integers(0, len(params) - 1))] = data.draw(st.integers(0, 255))
    if data.draw(st.booleans()):
        params = params[: data.draw(st.integers(0, len(params)))]
    try:
        columns = decoded(bytes(params), GOOD.payloads)
    except CorruptStreamError:
        return
    assert all(column.shape == (N,) for column in columns)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=60))
def test_params_of_noise(noise: bytes) -> None:
    for params in (noise, b"\x01" + noise, b"\x01\x01\x02\x01" + noise):
        with contextlib.suppress(CorruptStreamError):
            read_params(params)


def test_params_come_back() -> None:
    read = read_params(GOOD.params)
    assert read.to_bytes() == GOOD.params
    with pytest.raises(UnsupportedStreamError, match="version 9"):
        read_params(b"\x09" + GOOD.params[1:])


def test_extreme_params_with_noise() -> None:
    """The largest tops, fractions, shifts and steps that are allowed stay within the loop's integers."""
    head = b"\x01\x03" + b"".join(b"\x06\x01" + bytes(8) + b"\xff\x1f\x01" for _ in range(3))
    params = head + b"\x03" + bytes([0, 6, 0, 1, 6, 15, 2, 1, 0]) + b"\x03" + b"\xff\x03" * 9
    wide = b"\x01\x01\x06\x01" + bytes(8) + b"\xff\xff\xff\x07\x01" + b"\x01" + bytes([0, 2, 0]) + b"\x00"
    for given_params in (params, wide):
        assert read_params(given_params).to_bytes() == given_params
        for seed in range(4):
            noise = np.random.default_rng(seed).bytes(20_000)
            with pytest.raises(CorruptStreamError):
                decoded(given_params, [noise, noise])
