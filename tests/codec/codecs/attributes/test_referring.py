"""Coder "referring": integers with a frame before, against the decoder that was written from the document."""

from __future__ import annotations

import numpy as np
import pytest
import spatial_reference
from hypothesis import given, settings
from hypothesis import strategies as st

from octavox.codec.cloud.morton import morton_decode, morton_encode
from octavox.codec.codecs.attributes.interface import PART_OF_SLICE, FrameBefore, Layout
from octavox.codec.codecs.attributes.packing import pack_column
from octavox.codec.codecs.attributes.spatial.codec import AFTER_A_FRAME, CODER
from octavox.codec.codecs.attributes.spatial.coder import SpatialStream, decode_spatial, encode_spatial
from octavox.codec.codecs.attributes.spatial.params import read_params
from octavox.codec.coding.bytes import varint
from octavox.codec.errors import CorruptStreamError
from octavox.codec.job import JobContext

TYPES = ("?", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8")


def in_morton_order(cells: np.ndarray) -> np.ndarray:
    return cells[np.argsort(morton_encode(cells.astype(np.int32), 20), kind="stable")].astype(np.int32)


def frame_of(cells: np.ndarray, columns: list[np.ndarray]) -> FrameBefore:
    """The first point of each cell."""
    codes, first = np.unique(morton_encode(cells.astype(np.int32), 20), return_index=True)
    return FrameBefore(codes, [column[first] for column in columns])


def slowly(
    cells: np.ndarray,
    stream: SpatialStream,
    bounds: list[int],
    before: FrameBefore,
    starts: list[spatial_reference.Slice | None] | None = None,
) -> tuple[list[np.ndarray], list[spatial_reference.Slice]]:
    """What the second decoder reads, and what its slices have learned."""
    ends: list[spatial_reference.Slice] = []
    voxels = [tuple(cell) for cell in morton_decode(before.codes).tolist()]
    seen = voxels, [column.tolist() for column in before.columns]
    found = spatial_reference.decode(cells, stream.params, stream.payloads, bounds, seen, starts, ends)
    return found, ends


@st.composite
def columns(draw: st.DrawFn, rows: int, others: int) -> tuple[np.ndarray, np.ndarray]:
    """A column and that of the frame before: alike, with other values, or beyond what its numbers reach."""
    dtype = np.dtype(draw(st.sampled_from(TYPES)))
    rng = np.random.default_rng(draw(st.integers(0, 1 << 30)))
    if dtype.kind == "b":
        return rng.integers(0, 2, rows).astype(bool), rng.integers(0, 2, others).astype(bool)
    low, high = int(np.iinfo(dtype).min), int(np.iinfo(dtype).max)
    kind = draw(st.sampled_from(("narrow", "few", "steps", "wide", "edges")))
    span = min({"narrow": 5, "few": 3, "steps": 20, "wide": (1 << 24) - 1, "edges": 1}[kind], high - low)
    step = draw(st.sampled_from((1, 7, 1000))) if kind == "steps" else 1
    step = (high - low) // span if kind == "edges" else step if span * step <= high - low else 1
    least = draw(st.sampled_from((low, high - span * step, max(low, min(0, high - span * step)))))
    own = [least + int(n) * step for n in rng.integers(0, span + 1, rows)]
    if kind == "few" and high - low > 1 << 20:
        gaps = (0, 7, 100, 1 << 19)
        base = least if least + gaps[3] <= high else high - gaps[3]
        own = [base + gaps[int(n)] for n in rng.integers(0, 4, rows)]
    before = [own[int(k)] for k in rng.integers(0, rows, others)]
    for place in rng.integers(0, others, others // 3):
        before[place] = int(rng.integers(low, high, endpoint=True, dtype=dtype))
    return np.array(own, dtype), np.array(before, dtype)


@st.composite
def cases(draw: st.DrawFn) -> tuple[np.ndarray, list[np.ndarray], np.ndarray, list[np.ndarray], list[int]]:
    """Cells with columns, those of the frame before, and slices."""
    rows, others = draw(st.integers(1, 60)), draw(st.integers(1, 60))
    reach = draw(st.sampled_from((1, 5, 40, 2000, (1 << 20) - 1)))
    rng = np.random.default_rng(draw(st.integers(0, 1 << 30)))
    cells = in_morton_order(rng.integers(0, reach + 1, (rows, 3)))
    near = np.clip(cells[rng.integers(0, rows, others)] + rng.integers(-3, 4, (others, 3)), 0, (1 << 20) - 1)
    earlier = in_morton_order(near if draw(st.booleans()) else rng.integers(0, reach + 1, (others, 3)))
    pairs = [draw(columns(rows, others)) for _ in range(draw(st.integers(1, 4)))]
    cuts = draw(st.sets(st.integers(1, rows - 1), max_size=2)) if rows > 1 else set()
    return cells, [own for own, _ in pairs], earlier, [other for _, other in pairs], [0, *sorted(cuts), rows]


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(cases())
def test_every_kind_of_column_comes_back(
    case: tuple[np.ndarray, list[np.ndarray], np.ndarray, list[np.ndarray], list[int]],
) -> None:
    cells, own, earlier, other, bounds = case
    before = frame_of(earlier, other)
    stream = encode_spatial(cells, own, bounds, reference=before)
    back = decode_spatial(cells, stream.params, stream.payloads, bounds, reference=before).columns
    for wanted, quick, slow in zip(own, back, slowly(cells, stream, bounds, before)[0], strict=True):
        assert wanted.dtype == quick.dtype == slow.dtype
        assert np.array_equal(wanted, quick) and np.array_equal(wanted, slow)


def surface(rows: int, number: int) -> tuple[np.ndarray, list[np.ndarray]]:
    """A wavy surface that moves, with colours."""
    side = int(rows**0.5)
    u, v = (a.ravel() for a in np.meshgrid(np.arange(side), np.arange(side)))
    cells = np.stack([u + number, v, 20 + np.rint(4 * np.sin(u / 5) + 3 * np.cos(v / 7)).astype(int)], 1)
    noise = np.random.default_rng(1).integers(0, 30, len(u))
    paint = [np.clip(gain * (60 + 3 * u + noise), 0, 255).astype(np.uint8) for gain in (1.0, 0.8, 0.6)]
    order = np.argsort(morton_encode(cells.astype(np.int32), 20), kind="stable")
    return cells[order].astype(np.int32), [one[order] for one in paint]


def test_what_was_learned_goes_on_from_frame_to_frame() -> None:
    """With bounds too; a part begins where the one in its place ended, and the rest of a period is gone."""
    (a, first), (b, second), (c, third) = (surface(500, k) for k in range(3))
    one = encode_spatial(a, first, [0, 150, len(a)], numbers=(0, PART_OF_SLICE))
    before = frame_of(a, first)
    known = FrameBefore(before.codes, before.columns, one.learned)
    bounds, numbers = [0, 100, 300, len(b)], (0, PART_OF_SLICE, 1)
    two = encode_spatial(b, second, bounds, reference=known, numbers=numbers)
    fresh = encode_spatial(b, second, bounds, reference=before)
    assert sum(map(len, two.payloads)) < 0.9 * sum(map(len, fresh.payloads))
    ends: list[spatial_reference.Slice] = []
    spatial_reference.decode(a, one.params, one.payloads, [0, 150, len(a)], None, None, ends)
    found, after = slowly(b, two, bounds, before, [ends[0], ends[1], ends[0]])
    assert all(np.array_equal(x, y) for x, y in zip(second, found))
    last = FrameBefore(frame_of(b, second).codes, frame_of(b, second).columns, two.learned)
    three = encode_spatial(c, third, [0, len(c)], errors=(2, 2, 2), reference=last, numbers=(5,))
    found, _ = slowly(c, three, [0, len(c)], last, [after[2]])
    back = decode_spatial(c, three.params, three.payloads, [0, len(c)], reference=last, numbers=(5,)).columns
    assert all(np.array_equal(x, y) for x, y in zip(found, back))
    for x, y in zip(third, back):
        assert np.abs(x.astype(int) - y).max() <= 2
    part = slice(*bounds[1:3])
    alone = decode_spatial(
        b[part], two.params, [two.payloads[1]], [0, 200], reference=known, numbers=(PART_OF_SLICE,)
    )
    assert all(np.array_equal(x[part], y) for x, y in zip(second, alone.columns))


def test_the_frame_before_saves_bytes_and_threads_change_none() -> None:
    (a, first), (b, second) = (surface(5000, k) for k in range(2))
    before, bounds = frame_of(a, first), [0, 2000, len(b)]
    made = [encode_spatial(b, second, bounds, threads=k, reference=before) for k in (1, 2)]
    assert made[0].payloads == made[1].payloads
    alone = encode_spatial(b, second, bounds)
    assert sum(map(len, made[0].payloads)) < 0.8 * sum(map(len, alone.payloads))


def test_what_no_encoder_writes_is_refused() -> None:
    (a, first), (b, second) = (surface(400, k) for k in range(2))
    before, job = frame_of(a, first), JobContext()
    layout = Layout(b, np.array([0, len(b)]), before=before)
    coded, types = AFTER_A_FRAME.encode(second, layout, job), [np.dtype("u1")] * 3
    assert len(read_params(coded.params[3:]).order) == 3
    for wanted, found in zip(
        second, AFTER_A_FRAME.decode(coded.params, coded.payloads, types, layout, job).columns
    ):
        assert np.array_equal(wanted, found)
    alone = Layout(b, np.array([0, len(b)]))
    with pytest.raises(CorruptStreamError, match="no frame before"):
        AFTER_A_FRAME.decode(coded.params, coded.payloads, types, alone, job)
    blocks = len(np.unique(morton_encode(b, 20) >> 15))
    far = pack_column(np.full(blocks, 5, np.int8))
    head = coded.payloads[0]
    for payload in (
        b"",
        head[:1],
        b"\xff" * 9 + b"\x01" + head,
        b"".join(varint(len(far)) + far for _ in range(3)) + head,
        varint(0) * 3 + head,
        head[: len(head) // 2],
    ):
        with pytest.raises(CorruptStreamError):
            AFTER_A_FRAME.decode(coded.params, [payload], types, layout, job)
    constant = CODER.encode([np.full(len(b), 9, np.uint8)] * 3, alone, job)  # without channels: no vectors
    back = AFTER_A_FRAME.decode(constant.params, constant.payloads, types, layout, job).columns
    assert all((column == 9).all() for column in back)
