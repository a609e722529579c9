"""Integers that may be off by a bound: that the bound holds, that fewer bits are taken, a second decoder."""

from __future__ import annotations

import numpy as np
import pytest
import spatial_reference
from hypothesis import given, settings
from hypothesis import strategies as st

from octavox.codec import CorruptStreamError
from octavox.codec.codecs.attributes.interface import Layout
from octavox.codec.codecs.attributes.spatial.codec import CODER
from octavox.codec.codecs.attributes.spatial.coder import SpatialStream, decode_spatial, encode_spatial
from octavox.codec.codecs.attributes.spatial.columns import coarse
from octavox.codec.codecs.attributes.spatial.params import read_params
from octavox.codec.job import JobContext

from .test_spatial import columns, surface, texture

Columns = list[np.ndarray]


def largest(a: np.ndarray, b: np.ndarray) -> int:
    """How far two columns of integers differ, whatever their type."""
    assert a.dtype == b.dtype and a.shape == b.shape
    if a.dtype.kind == "b":
        return int((a != b).any())
    low, high = np.minimum(a, b).astype(object), np.maximum(a, b).astype(object)
    return int(max(high - low, default=0))


def within(
    cells: np.ndarray, given: Columns, errors: list[int], slices: list[int], reference: bool
) -> SpatialStream:
    """Fails unless what comes back is what the encoder says, and within the bounds."""
    stream = encode_spatial(cells, given, slices, JobContext(), errors=errors)
    found = [decode_spatial(cells, stream.params, stream.payloads, slices).columns]
    if reference:
        found.append(spatial_reference.decode(cells, stream.params, stream.payloads, slices))
    for back in found:
        for told, column, original, error in zip(stream.columns, back, given, errors, strict=True):
            assert largest(told, column) == 0
            assert largest(column, original) <= error
    return stream


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_bounds_hold_for_every_kind_of_column(data: st.DataObject) -> None:
    cells = surface(data.draw(st.integers(1, 120)), 3)
    given_columns = [data.draw(columns(len(cells))) for _ in range(data.draw(st.integers(1, 4)))]
    errors = [data.draw(st.sampled_from([0, 1, 2, 3, 7, 40, 300, 65535])) for _ in given_columns]
    errors = [0 if c.dtype.kind == "b" else e for e, c in zip(errors, given_columns)]
    within(cells, given_columns, errors, [0, len(cells)], reference=len(cells) < 50)


@pytest.mark.parametrize("error", [1, 2, 5, 31, 255])
def test_a_second_decoder_finds_the_same_colours(error: int) -> None:
    cells = surface(260, 2)
    noisy = texture(cells, noise=9.0)
    noisy[0][:9] = [0, 255, 254, 253, 1, 2, 0, 255, 128]  # at the ends of the range
    stream = within(cells, noisy, [error] * 3, [0, 100, 260], reference=True)
    assert read_params(stream.params).bound == (min(error, int(np.ptp(noisy[1]))),) * 1 + tuple(
        min(error, int(np.ptp(noisy[k]))) for k in (2, 0)
    )


def test_channels_have_bounds_of_their_own() -> None:
    cells = surface(300, 2)
    given_columns = [*texture(cells), np.arange(300, dtype=np.uint16) % 97]
    stream = within(cells, given_columns, [2, 0, 9, 0], [0, 300], reference=True)
    assert largest(stream.columns[1], given_columns[1]) == 0
    assert largest(stream.columns[3], given_columns[3]) == 0


def test_noise_takes_fewer_bits_the_more_it_may_be_off() -> None:
    cells = surface(20_000)
    noisy, bits, squares = texture(cells, noise=6.0), [], []
    for error in (0, 1, 2, 3, 5, 9):
        stream = within(cells, noisy, [error] * 3, [0, len(cells)], reference=False)
        bits.append(8 * sum(map(len, stream.payloads)) / len(cells))
        squares.append(np.mean([(a.astype(int) - b) ** 2 for a, b in zip(noisy, stream.columns)]))
    assert all(a > b for a, b in zip(bits, bits[1:]))
    assert bits[0] - bits[1] > 2.5 * np.log2(3)  # of 3 log2 3
    assert all(a < b for a, b in zip(squares, squares[1:]))


@settings(deadline=None)
@given(st.data())
def test_coarse_values_are_within_the_bound(data: st.DataObject) -> None:
    column = data.draw(columns(data.draw(st.integers(1, 60))).filter(lambda c: c.dtype.kind != "b"))
    error = data.draw(st.sampled_from([0, 1, 2, 3, 7, 40, 300, 65535]))
    found = coarse(column, error)
    assert largest(found, column) <= error
    assert found.min() >= column.min() and found.max() <= column.max()
    gaps = np.unique(np.diff(np.unique(found).astype(object)))
    assert all(gap % (2 * error + 1) == 0 for gap in gaps)


def layout(cells: np.ndarray) -> Layout:
    return Layout(cells, np.array([0, len(cells)], np.int64), 1)


@pytest.mark.parametrize("kind", ["misses", "values", "exact"])
def test_the_encoder_takes_the_cheapest_way(kind: str) -> None:
    cells = surface(30_000)
    if kind == "misses":
        given_columns = texture(cells, noise=1.5)
    elif kind == "values":
        given_columns = texture(cells, noise=12.0)
    else:
        some = np.array([0, 40, 90, 250], np.uint8)
        given_columns = [some[(cells[:, 0] // 20 + k) % 4] for k in range(3)]
    done = CODER.encode_within(given_columns, [3, 3, 3], layout(cells), JobContext())
    ways = {
        "exact": CODER.encode(given_columns, layout(cells), JobContext()),
        "values": CODER.encode([coarse(c, 3) for c in given_columns], layout(cells), JobContext()),
        "misses": CODER.encode(given_columns, layout(cells), JobContext(), [3, 3, 3]),
    }
    sizes = {name: sum(map(len, way.payloads)) for name, way in ways.items()}
    assert sum(map(len, done.payloads)) == min(sizes.values())
    assert min(sizes, key=sizes.__getitem__) == kind
    back = CODER.decode(done.params, done.payloads, [np.dtype("u1")] * 3, layout(cells), JobContext()).columns
    assert done.columns is not None
    for told, column, original in zip(done.columns, back, given_columns):
        assert largest(told, column) == 0 and largest(column, original) <= 3


def test_other_bounds_are_refused() -> None:
    cells = surface(200)
    stream = encode_spatial(cells, texture(cells), [0, 200], errors=[2, 2, 2])
    good = read_params(stream.params)
    place = len(stream.params) - 4  # three bounds, then no lattices
    assert list(stream.params[place:]) == [2, 2, 2, 0] and good.bound == (2, 2, 2)
    for changed in (
        [0, 0, 0, 0],
        [255, 3, 2, 2, 0],
        [2, 2, 2, 1, 0, 1, 0, 1, 0, 1],
        [2, 2, 2],
        [2, 2, 2, 0, 0],
    ):
        with pytest.raises(CorruptStreamError):
            read_params(stream.params[:place] + bytes(changed))
    for changed in ([1, 2, 2, 0], [3, 2, 2, 0]):  # other bounds are other streams
        try:
            found = decode_spatial(
                cells, stream.params[:place] + bytes(changed), stream.payloads, [0, 200]
            ).columns
        except CorruptStreamError:
            continue
        assert any(largest(a, b) for a, b in zip(found, stream.columns))


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 1 << 30), st.integers(0, 7))
def test_damage_is_found_or_changes_values_within_their_range(place: int, bit: int) -> None:
    cells = surface(150)
    stream = encode_spatial(cells, texture(cells), [0, 150], errors=[4, 4, 4])
    broken = bytearray(stream.payloads[0])
    broken[place % len(broken)] ^= 1 << bit
    try:
        found = decode_spatial(cells, stream.params, [bytes(broken)], [0, 150]).columns
    except CorruptStreamError:
        return
    for column, original in zip(found, stream.columns):
        assert column.dtype == original.dtype and len(column) == len(original)
