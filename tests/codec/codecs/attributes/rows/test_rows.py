"""Coder "rows": every bit comes back, whatever the columns are; damage is found; threads change nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rows_reference import decode_part
from scans import image, layout_of, scan

from octavox.codec.codecs.attributes.interface import Array, CodedColumns, Layout
from octavox.codec.codecs.attributes.rows.coder import CODER
from octavox.codec.codecs.attributes.rows.plan import unpack_plan
from octavox.codec.codecs.registry import attribute_coder
from octavox.codec.errors import CancelledError, CorruptStreamError
from octavox.codec.job import CancelToken, JobContext

TYPES = ("u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f2", "f4", "f8", "?")


def coded(columns: list[Array], layout: Layout) -> CodedColumns:
    return CODER.encode(columns, layout, JobContext())


def decoded(made: CodedColumns, columns: list[Array], layout: Layout) -> list[Array]:
    types = [column.dtype for column in columns]
    done = CODER.decode(made.params, made.payloads, types, layout, JobContext())
    assert done.bits == pytest.approx(made.bits, abs=1e-6)  # a decoder says what an encoder says
    return done.columns


def comes_back(columns: list[Array], layout: Layout) -> CodedColumns:
    made = coded(columns, layout)
    found = decoded(made, columns, layout)
    assert [c.dtype for c in found] == [c.dtype for c in columns]
    for one, other in zip(found, columns, strict=True):
        assert one.tobytes() == other.tobytes()
    return made


def size_of(made: CodedColumns) -> int:
    return len(made.params) + sum(map(len, made.payloads))


@st.composite
def columns_of_any_kind(draw: Any) -> list[Array]:
    rows = draw(st.integers(1, 40))
    rng = np.random.default_rng(draw(st.integers(0, 1 << 32)))
    made: list[Array] = []
    for kind in draw(st.lists(st.sampled_from(TYPES), min_size=1, max_size=5)):
        dtype = np.dtype(kind)
        how = draw(st.sampled_from(("bits", "few", "constant", "walk", "decimals", "copy")))
        if how == "bits" or (how == "copy" and not made):
            values = rng.bytes(rows * dtype.itemsize)
            made.append(np.frombuffer(values, np.uint8 if kind == "?" else dtype).copy())
            if kind == "?":
                made[-1] = made[-1] > 127
            continue
        base = {
            "few": rng.integers(0, 3, rows) * 37,
            "constant": np.full(rows, 7),
            "walk": np.cumsum(rng.integers(-2, 3, rows)),
            "decimals": np.rint(rng.normal(0, 100, rows)) / 100,
            "copy": made[-1] if made else None,
        }[how]
        with np.errstate(all="ignore"):
            made.append(np.asarray(base).astype(dtype))
    return made


@settings(max_examples=60, deadline=None)
@given(columns_of_any_kind(), st.integers(0, 40))
@example([np.array([0, (1 << 64) - 1], np.uint64)], 1)
@example([np.array([np.nan, -np.nan, -0.0, 0.0, np.inf, -np.inf, 1.25], np.float32)], 3)
@example([np.array([np.nan] * 5, np.float64), np.arange(5, dtype=np.int64)], 0)
def test_columns_of_any_kind_come_back(columns: list[Array], cut: int) -> None:
    rows = len(columns[0])
    comes_back(columns, layout_of(rows, min(cut, rows)))


def test_bits_of_nan_come_back() -> None:
    words = np.arange(3000, dtype=np.uint32) % 400 + 0x7FC00000
    words[::3] = np.float32(1.5).view(np.uint32)
    comes_back([words.view(np.float32)], layout_of(3000))


def test_one_row_and_none() -> None:
    comes_back([np.array([5], np.int16), np.array([np.nan], np.float64)], layout_of(1))
    made = comes_back([np.empty(0, np.int16), np.empty(0, np.float64)], layout_of(0))
    assert not any(made.payloads)
    assert CODER.decode(b"", [b""], [], layout_of(0), JobContext()).columns == []


def test_a_scan_takes_less_than_its_columns_alone() -> None:
    columns, layout = scan(6000), layout_of(6000)
    made = comes_back(columns, layout)
    packed = attribute_coder("packed").encode(columns, layout, JobContext())
    assert size_of(made) < 0.85 * size_of(packed)
    assert 8 * sum(map(len, made.payloads)) == pytest.approx(made.bits.sum(), abs=80)


def test_constant_columns_and_copies_cost_nothing() -> None:
    columns, layout = scan(3000), layout_of(3000)
    alone = size_of(coded(columns, layout))
    more = [*columns, np.full(3000, 9.5), columns[3].astype(np.uint32), columns[6].copy()]
    assert size_of(comes_back(more, layout)) < alone + 60


def test_an_image_is_found_and_its_ratios_are_used() -> None:
    columns = image(128, 90)
    made = comes_back(columns, layout_of(len(columns[0])))
    assert made.params[1:3] == bytes([128, 1])  # the width as a varint
    assert made.bits[0] / len(columns[0]) < 3  # of 32 bits


def test_sorted_tables_of_random_numbers_take_little_more_than_they_hold() -> None:
    rng = np.random.default_rng(3)
    columns = [np.arange(4000), rng.integers(0, 1 << 16, 4000).astype(np.uint16)]
    assert size_of(comes_back(columns, layout_of(4000))) < 1.02 * 2 * 4000 + 300


def test_parts_do_not_need_each_other() -> None:
    columns = scan(5000)
    layout = layout_of(5000, 1700, 1700, 4100)
    made = comes_back(columns, layout)
    assert len(made.payloads) == 4
    types = [column.dtype for column in columns]
    alone = CODER.decode(made.params, made.payloads[2:3], types, layout_of(2400), JobContext()).columns
    for one, other in zip(alone, columns, strict=True):
        assert one.tobytes() == other[1700:4100].tobytes()


def other_columns(rows: int) -> list[Array]:
    """Wide, exceptions, palettes, truth values, floats of two bytes."""
    rng = np.random.default_rng(2)
    wide = rng.integers(0, 1 << 64, rows, dtype=np.uint64, endpoint=False)
    decimals = np.rint(np.cumsum(rng.normal(0, 3, rows))) / 100
    decimals[::7] = np.nan
    steps = 5.0 + np.repeat(np.arange(rows), 2)[:rows] * 1e-5
    palette = np.array([3, 1 << 40, 77, 1 << 33])[rng.integers(0, 4, rows)] + (np.arange(rows) % 30 << 50)
    return [wide, decimals, steps, palette, rng.random(rows) < 0.1, rng.normal(0, 1, rows).astype(np.float16)]


def noise(rows: int) -> list[Array]:
    """Columns that are stored: floats with exceptions, doubles; and one that follows from one of them."""
    rng = np.random.default_rng(4)
    floats = rng.normal(0, 1, rows).astype(np.float32)
    floats[::9] = np.nan
    doubles = rng.normal(0, 1, rows)
    noise = rng.integers(0, 40, rows).astype(np.uint16)
    return [floats, doubles, np.rint(doubles * 9).astype(np.int16), noise, noise.astype(np.int32)]


def test_noise_is_stored_and_still_used() -> None:
    columns, layout = noise(3000), layout_of(3000, 1200)
    made = comes_back(columns, layout)
    packed = attribute_coder("packed").encode(columns, layout, JobContext())
    assert size_of(made) < 1.02 * size_of(packed)
    assert made.bits.sum() / 8 == pytest.approx(sum(map(len, made.payloads)), abs=20)
    plan = unpack_plan(made.params, [column.dtype for column in columns], 3000)
    assert plan.stored


@pytest.mark.parametrize("columns", [scan(900), image(48, 30), other_columns(400), noise(700)])
def test_the_document_is_enough_for_a_second_decoder(columns: list[Array]) -> None:
    rows = len(columns[0])
    made = coded(columns, layout_of(rows))
    found = decode_part(made.params, made.payloads[0], [column.dtype for column in columns], rows)
    for one, other in zip(found, columns, strict=True):
        assert one.tobytes() == other.tobytes()


def test_threads_change_no_byte() -> None:
    columns = image(64, 80)
    one = coded(columns, layout_of(5120, 2000, 4000, threads=1))
    three = coded(columns, layout_of(5120, 2000, 4000, threads=3))
    assert (one.params, one.payloads) == (three.params, three.payloads)


def test_damage_is_found() -> None:
    columns, layout = scan(1500), layout_of(1500, 700)
    made = coded(columns, layout)
    types = [column.dtype for column in columns]
    rng = np.random.default_rng(5)
    found = 0
    for _ in range(80):
        params, payloads = bytearray(made.params), [bytearray(p) for p in made.payloads]
        target = (params, *payloads)[rng.integers(3)]
        kind = rng.integers(3)
        if kind == 0:
            target[rng.integers(len(target))] ^= 1 << rng.integers(8)
        elif kind == 1:
            del target[rng.integers(len(target)) :]
        else:
            target += rng.bytes(3)
        try:
            CODER.decode(bytes(params), [bytes(p) for p in payloads], types, layout, JobContext())
        except CorruptStreamError as error:
            assert error.field in ("params", "part 0", "part 1")
            found += 1
    assert found > 60


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=60), st.binary(max_size=40))
def test_any_bytes_are_refused_or_decoded(params: bytes, payload: bytes) -> None:
    types = [np.dtype(np.int32), np.dtype(np.float32)]
    try:
        found = CODER.decode(params, [payload], types, layout_of(9), JobContext()).columns
    except CorruptStreamError as error:
        assert error.field is not None
    else:
        assert [len(column) for column in found] == [9, 9]


def test_a_job_can_be_cancelled() -> None:
    job = JobContext(cancel=CancelToken())
    assert job.cancel is not None
    job.cancel.cancel()
    with pytest.raises(CancelledError):
        CODER.encode(scan(100), layout_of(100), job)
