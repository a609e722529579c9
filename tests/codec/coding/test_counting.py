"""Counters that compiled loops find, read and update: against the formulas of the codec documents."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from octavox.codec.coding.kernels.counting import UNSEEN, counter_reader, counter_writer
from octavox.codec.coding.kernels.jit import njit
from octavox.codec.coding.kernels.simd import LANES, load, store_words
from octavox.codec.coding.logistic import stretch_table

INPUTS = 5
STRETCH = stretch_table()
read_counters = counter_reader(INPUTS, (3, 0), 16)
write_octree, write_voxeldnn = counter_writer(LANES, 13), counter_writer(LANES, 15, 1 << 8)


@njit
def move_octree(counters, groups, seen, most):  # type: ignore[no-untyped-def]
    """Counters 0 .. 15 towards 0 and 16 .. 31 towards 1."""
    for bit in range(2):
        write_octree(counters, groups, 0, 16 * bit, load(seen, 16 * bit), bit, most)


@njit
def move_voxeldnn(counters, groups, seen, most):  # type: ignore[no-untyped-def]
    for bit in range(2):
        write_voxeldnn(counters, groups, 0, 16 * bit, load(seen, 16 * bit), bit, most)


@pytest.mark.parametrize(("move", "offset", "margin"), [(move_octree, 13, 0), (move_voxeldnn, 15, 1 << 8)])
@given(st.integers(0, 2**32), st.integers(1, 1023))
def test_a_counter_moves_by_a_part_of_the_way(
    move,  # type: ignore[no-untyped-def]
    offset: int,
    margin: int,
    seed: int,
    most: int,
) -> None:
    """In floats and 32 bits, as the documents have it in integers of any size; for every count."""
    rng = np.random.default_rng(seed)
    for first in range(0, 1024, 32):
        count = np.arange(first, first + 32)
        p = rng.choice(
            [margin, 1 + margin, (1 << 22) - max(margin, 1), *rng.integers(margin, 1 << 21, 5)], 32
        )
        seen = (p << 10 | count).astype(np.uint32)
        counters = np.zeros(32, np.uint32)
        move(counters, np.arange(16), seen.view(np.int32), most)
        way = np.where(np.arange(32) < 16, 0, 1 << 22) - p
        moved = p + (way * (655360 // (10 * count + offset)) >> 16)
        moved = np.clip(moved, margin, (1 << 22) - max(margin, 1))
        expected = moved << 10 | np.where(count < most, count + 1, count)
        assert np.array_equal(counters ^ UNSEEN, expected)


def test_the_step_of_voxeldnn_is_that_of_its_document() -> None:
    """There the step is written with smaller numbers."""
    n = np.arange(1024)
    assert np.array_equal(655360 // (10 * n + 15), 131072 // (2 * n + 3))


@njit
def read_all(counters, groups, row, stretch, more, x, raw):  # type: ignore[no-untyped-def]
    values, found, counts = read_counters(counters, groups, 0, row, stretch, more)
    store_words(x, 0, values)
    store_words(raw, 0, found)
    return counts


@given(st.integers(0, 2**32), st.integers(0, 3), st.integers(-3071, 3071))
def test_counters_are_read_from_their_groups(seed: int, row: int, more: int) -> None:
    rng = np.random.default_rng(seed)
    values = rng.integers(0, 1 << 32, 400, dtype=np.uint32)
    values[rng.integers(0, 400, 200)] &= np.uint32(0xFFFFFC03)  # small counts, too
    groups = np.zeros(LANES, np.int64)
    groups[:INPUTS] = 4 * rng.integers(0, 100, INPUTS)
    x, raw = np.empty(LANES, np.int32), np.empty(LANES, np.int32)
    counts = read_all(values ^ np.uint32(UNSEEN), groups, row, STRETCH, more, x, raw)
    found = values[groups[:INPUTS] + row]
    assert np.array_equal(raw.view(np.uint32)[:INPUTS], found)
    assert x.tolist() == [*STRETCH[found >> 16].tolist(), more, *[0] * (LANES - INPUTS - 1)]
    seen = np.minimum(found & 1023, 3).tolist()
    assert counts == seen[3] | seen[0] << 2
