"""Order, filter and place of blocks, against plain loops."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from octavox.codec import BlockTable, morton_encode
from octavox.gui.document.blocks import (
    COLUMNS,
    BlockFilter,
    BlockIndex,
    column_index,
    find_row,
    hit_by_ray,
    ordered_rows,
    point_ranges,
)


def octree_leaves(rng: np.random.Generator, size: int = 64) -> BlockTable:
    """A random partition of a cube of `size` into aligned blocks, some left out, in random order."""
    rows: list[tuple[int, int, int, int]] = []

    def visit(x: int, y: int, z: int, edge: int) -> None:
        if edge > 4 and rng.random() < 0.5:
            half = edge // 2
            for k in range(8):
                visit(x + half * (k >> 2), y + half * (k >> 1 & 1), z + half * (k & 1), half)
        elif rng.random() < 0.7:
            rows.append((x, y, z, edge))

    visit(0, 0, 0, size)
    table = np.array(rows or [(0, 0, 0, 4)], np.int32)
    rng.shuffle(table)
    n = len(table)
    return BlockTable.make(
        table[:, :3], table[:, 3], rng.integers(1, 9, n), rng.integers(0, 50, n).astype(float)
    )


def owner(blocks: BlockTable, voxel: np.ndarray) -> int:
    inside = np.all((voxel >= blocks.origin) & (voxel < blocks.origin + blocks.size[:, None]), axis=1)
    return int(np.flatnonzero(inside)[0]) if inside.any() else -1


@settings(max_examples=30)
@given(st.integers(0, 10_000))
def test_index_finds_the_block_of_every_voxel(seed: int) -> None:
    rng = np.random.default_rng(seed)
    blocks = octree_leaves(rng)
    voxels = rng.integers(0, 80, (60, 3))  # some lie outside every block
    expected = [owner(blocks, voxel) for voxel in voxels]
    assert BlockIndex(blocks).rows_of(voxels).tolist() == expected
    one = BlockIndex(blocks).row_at(voxels[0] + 0.7)
    assert one == (None if expected[0] < 0 else expected[0])


@settings(max_examples=30)
@given(st.integers(0, 10_000))
def test_ranges_hold_exactly_the_points_of_each_block(seed: int) -> None:
    rng = np.random.default_rng(seed)
    blocks = octree_leaves(rng)
    points = np.unique(rng.integers(0, 64, (300, 3)), axis=0)
    points = points[np.argsort(morton_encode(points))]
    first, last = point_ranges(blocks, morton_encode(points))
    owners = np.array([owner(blocks, p) for p in points])
    for row in range(len(blocks)):
        assert list(range(first[row], last[row])) == np.flatnonzero(owners == row).tolist()


def test_index_rejects_places_outside_the_grid() -> None:
    index = BlockIndex(BlockTable.make([[0, 0, 0]], [64], [1], [1.0]))
    assert index.row_at((-0.5, 3, 3)) is None
    assert index.row_at((1 << 21, 3, 3)) is None
    assert BlockIndex(BlockTable.empty()).row_at((1, 1, 1)) is None


@pytest.mark.parametrize("key", [column.key for column in COLUMNS])
@pytest.mark.parametrize("descending", [False, True])
def test_rows_sort_as_numbers_and_ties_stay_in_coding_order(key: str, descending: bool) -> None:
    blocks = octree_leaves(np.random.default_rng(5))
    values = COLUMNS[column_index(key)].values(blocks)
    sign = -1 if descending else 1
    expected = sorted(range(len(blocks)), key=lambda row: (sign * values[row], row))
    assert ordered_rows(blocks, key, descending, BlockFilter()).tolist() == expected


def test_a_hundred_thousand_rows_sort_and_filter() -> None:
    rng = np.random.default_rng(0)
    n = 100_000
    origin = rng.integers(0, 1 << 15, (n, 3)) * 64
    blocks = BlockTable.make(origin, 64, rng.integers(1, 1000, n), rng.random(n) * 1000)
    rows = ordered_rows(blocks, "bits", True, BlockFilter("points", 500, None))
    assert (blocks.points[rows] >= 500).all()
    assert len(rows) == (blocks.points >= 500).sum()
    assert (np.diff(blocks.bits[rows]) <= 0).all()


def test_filter_bounds_are_included() -> None:
    blocks = BlockTable.make(np.zeros((4, 3)), [4, 8, 16, 32], [1, 2, 3, 4], [1.0, 2.0, 3.0, 4.0])
    assert BlockFilter("size", 8, 16).mask(blocks).tolist() == [False, True, True, False]
    assert not BlockFilter("size").active
    assert BlockFilter("size").mask(blocks).all()


def test_a_block_is_found_by_corner_and_size() -> None:
    blocks = BlockTable.make([[0, 0, 0], [0, 0, 0], [64, 0, 0]], [32, 16, 16], [1, 1, 1], [1.0, 1.0, 1.0])
    assert find_row(blocks, [0, 0, 0], 16) == 1
    assert find_row(blocks, [0, 0, 1], 16) is None


def test_a_ray_meets_the_nearest_kept_block() -> None:
    blocks = BlockTable.make([[0, 0, 0], [0, 0, 32], [0, 0, 64]], 16, 1, 1.0)
    eye, ray = (8, 8, 200), (0, 0, -1)
    everything = np.ones(3, bool)
    assert hit_by_ray(blocks, eye, ray, everything) == 2
    assert hit_by_ray(blocks, eye, ray, np.array([True, True, False])) == 1
    assert hit_by_ray(blocks, (40, 8, 200), ray, everything) is None
    assert hit_by_ray(blocks, (8, 8, 40), (0, 0, 1), everything) == 1  # from inside it
    assert hit_by_ray(blocks, (8, 8, -5), (0, 0, -1), everything) is None  # all behind
