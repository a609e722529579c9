"""Points of a frame matched with those of the frame before: by blocks, each of which has moved by one vector.

The blocks are those of 32^3 voxels of the frame that is coded. Its geometry is known, so an encoder looks for
the vector with which the columns differ least, and a decoder gets it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from octavox.codec.arrays import Int32Array, Int64Array
from octavox.codec.cloud.morton import CodeArray, morton_decode
from octavox.codec.coding.kernels.jit import Int, inlined, njit

BLOCK_BITS = 5
MOST = 4  # voxels that a vector moves at most along an axis
NEAR = 3  # how far from the moved point the nearest one is looked for, along an axis
_MARGIN = MOST + NEAR
_EDGE = (1 << BLOCK_BITS) + 2 * _MARGIN
_SOME_BLOCKS = 8  # of which one shows whether vectors gain anything
_PERCENT, _GAIN = 100, 5  # by how much blocks have to differ less
_SAMPLE = 256  # points of a block that the search looks at

Vectors = npt.NDArray[np.int8]


class Before(NamedTuple):
    """The frame before, by blocks. coords: (m, 3) its voxels; block: (b,) raster numbers of its blocks,
    sorted; bounds: (b + 1,) of their voxels. values: (m, C) int32 columns. rows: (m,) where they were.
    """

    coords: Int32Array
    block: Int64Array
    bounds: Int64Array
    values: Int32Array
    rows: Int64Array


class Place(NamedTuple):
    """Points start .. end - 1 of a block; every stride-th is looked at. x, y, z: corner of the grid."""

    start: Int
    end: Int
    stride: Int
    x: Int
    y: Int
    z: Int


def by_blocks(codes: CodeArray, values: Int32Array) -> Before:
    """codes: (m,) sorted Morton codes of voxels; values: (m, C)."""
    coords, bounds = morton_decode(codes), block_bounds(codes)
    corner = coords[bounds[:-1]].astype(np.int64) >> BLOCK_BITS
    number = corner[:, 0] << 42 | corner[:, 1] << 21 | corner[:, 2]
    order = np.argsort(number)
    rows = np.concatenate([np.arange(bounds[k], bounds[k + 1]) for k in order])
    ends = np.concatenate([np.zeros(1, np.int64), np.cumsum(np.diff(bounds)[order])])
    return Before(coords[rows], number[order], ends, np.ascontiguousarray(values[rows]), rows)


def block_bounds(codes: CodeArray) -> Int64Array:
    """(B + 1,) the first point of each block of sorted Morton codes (n,), and n."""
    block = codes >> (3 * BLOCK_BITS)
    new = np.flatnonzero(block[1:] != block[:-1]) + 1
    return np.concatenate([np.zeros(1, np.int64), new, np.array([len(codes)])]).astype(np.int64)


def _offsets() -> Int64Array:
    """(343,) steps in the grid to the places within NEAR, the nearest first, ties in raster order."""
    axis = np.arange(-NEAR, NEAR + 1)
    steps = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), -1).reshape(-1, 3)
    steps = steps[np.argsort((steps**2).sum(1), kind="stable")]
    return np.asarray((steps[:, 0] * _EDGE + steps[:, 1]) * _EDGE + steps[:, 2], np.int64)


@inlined
def _place(cells: Int32Array, first: Int, end: Int) -> Place:
    """The block of the points first .. end - 1."""
    return Place(
        first,
        end,
        max((end - first) // _SAMPLE, 1),
        (np.int64(cells[first, 0]) >> BLOCK_BITS << BLOCK_BITS) - _MARGIN,
        (np.int64(cells[first, 1]) >> BLOCK_BITS << BLOCK_BITS) - _MARGIN,
        (np.int64(cells[first, 2]) >> BLOCK_BITS << BLOCK_BITS) - _MARGIN,
    )


@njit
def _draw(grid: Int32Array, before: Before, place: Place) -> None:
    """Enters the rows, from 1 on, of the voxels in the grid's box; of those in one place the first."""
    for at in range(grid.size):
        grid[at] = 0
    last, coords = _EDGE - 1, before.coords
    for bx in range(max(place.x >> BLOCK_BITS, 0), ((place.x + last) >> BLOCK_BITS) + 1):
        for by in range(max(place.y >> BLOCK_BITS, 0), ((place.y + last) >> BLOCK_BITS) + 1):
            for bz in range(max(place.z >> BLOCK_BITS, 0), ((place.z + last) >> BLOCK_BITS) + 1):
                wanted = (np.int64(bx) << 42) | (np.int64(by) << 21) | np.int64(bz)
                p = np.searchsorted(before.block, wanted)
                if p == before.block.size or before.block[p] != wanted:
                    continue
                for i in range(before.bounds[p], before.bounds[p + 1]):
                    x, y, z = coords[i, 0] - place.x, coords[i, 1] - place.y, coords[i, 2] - place.z
                    if 0 <= x <= last and 0 <= y <= last and 0 <= z <= last:
                        grid[(x * _EDGE + y) * _EDGE + z] = i + 1


@njit
def _cost(
    grid: Int32Array,
    before: Before,
    cells: Int32Array,
    values: Int32Array,
    place: Place,
    v: Int64Array,
    miss: Int,
) -> tuple[Int, Int]:
    """How much a block differs if it has moved by v, and how many of its points have one there."""
    total, hits = np.int64(0), np.int64(0)
    for i in range(place.start, place.end, place.stride):
        x, y, z = cells[i, 0] - place.x, cells[i, 1] - place.y, cells[i, 2] - place.z
        row = grid[((x - v[0]) * _EDGE + y - v[1]) * _EDGE + z - v[2]]
        if row == 0:
            total += miss
            continue
        hits += 1
        for c in range(values.shape[1]):
            total += abs(np.int64(before.values[row - 1, c]) - values[i, c])
    return total, hits


@njit
def _search(
    grid: Int32Array,
    before: Before,
    cells: Int32Array,
    values: Int32Array,
    place: Place,
    best: Int64Array,
    tried: Int64Array,
) -> tuple[Int, Int]:
    """Moves `best`, the vector of the block before, to that of this block. tried: working memory.

    Returns how much the block differs at rest, and with the vector.
    """
    tried[0], tried[1], tried[2] = 0, 0, 0
    cost, hits = _cost(grid, before, cells, values, place, tried, 0)
    miss: Int = np.int64(0)
    if hits:
        miss = (3 * cost) // (2 * hits) + 1
    cost, hits = _cost(grid, before, cells, values, place, tried, miss)
    held, _ = _cost(grid, before, cells, values, place, best, miss)
    rest = cost
    if held < cost:
        cost = held
    else:
        best[0], best[1], best[2] = 0, 0, 0
    for step in (2, 1, 1, 1):
        a, b, c = best[0], best[1], best[2]
        for direction in range(27):
            tried[0] = a + step * (direction // 9 - 1)
            tried[1] = b + step * (direction // 3 % 3 - 1)
            tried[2] = c + step * (direction % 3 - 1)
            if max(abs(tried[0]), abs(tried[1]), abs(tried[2])) > MOST:
                continue
            own, _ = _cost(grid, before, cells, values, place, tried, miss)
            if own < cost:
                cost, best[0], best[1], best[2] = own, tried[0], tried[1], tried[2]
    return rest, cost


@njit
def _gains(
    grid: Int32Array,
    before: Before,
    cells: Int32Array,
    bounds: Int64Array,
    values: Int32Array,
    vector: Int64Array,
    work: Int64Array,
) -> bool:
    """Whether vectors make some of the blocks differ clearly less. vector, work: working memory."""
    rest, moving = np.int64(0), np.int64(0)
    for b in range(0, bounds.size - 1, _SOME_BLOCKS):
        place = _place(cells, bounds[b], bounds[b + 1])
        _draw(grid, before, place)
        still, moved = _search(grid, before, cells, values, place, vector, work)
        rest += still * place.stride
        moving += moved * place.stride
    return bool(_PERCENT * (rest - moving) > _GAIN * rest)


@njit
def _match(
    grid: Int32Array,
    offsets: Int64Array,
    before: Before,
    cells: Int32Array,
    bounds: Int64Array,
    values: Int32Array,
    vectors: Int64Array,
    work: Int64Array,
    rows: Int64Array,
) -> None:
    """Fills in rows (n,) of the matches, and with values (n, C) the vectors (B, 3) before that."""
    found = np.int64(0)
    for b in range(bounds.size - 1):
        first, end = bounds[b], bounds[b + 1]
        place = _place(cells, first, end)
        _draw(grid, before, place)
        own = vectors[b]
        if values.size:
            if b:
                own[0], own[1], own[2] = vectors[b - 1, 0], vectors[b - 1, 1], vectors[b - 1, 2]
            _search(grid, before, cells, values, place, own, work)
        for i in range(first, end):
            x = cells[i, 0] - own[0] - place.x
            y = cells[i, 1] - own[1] - place.y
            z = cells[i, 2] - own[2] - place.z
            at = (x * _EDGE + y) * _EDGE + z
            for k in range(offsets.size):
                if grid[at + offsets[k]]:
                    found = np.int64(grid[at + offsets[k]]) - 1
                    break
            rows[i] = found


_NO_VALUES: Int32Array = np.empty((0, 0), np.int32)


def match(
    before: Before, cells: Int32Array, codes: CodeArray, values: Int32Array | None, vectors: Vectors | None
) -> tuple[Int64Array, Vectors]:
    """The row in `before` that each point of a part goes with (n,), and the vectors (B, 3) of its blocks.

    cells: (n, 3) with sorted Morton codes (n,). An encoder gives the values (n, C) int32, a decoder the
    vectors. Where no point is near, the match of the point before is taken.
    """
    bounds = block_bounds(codes)
    moves = np.zeros((len(bounds) - 1, 3), np.int64) if vectors is None else vectors.astype(np.int64)
    given = _NO_VALUES if values is None else np.ascontiguousarray(values)
    rows, work = np.zeros(len(codes), np.int64), np.zeros(3, np.int64)
    grid = np.zeros(_EDGE**3, np.int32)
    if given.size and not _gains(grid, before, cells, bounds, given, np.zeros(3, np.int64), work):
        given = _NO_VALUES
    _match(grid, _offsets(), before, cells, bounds, given, moves, work, rows)
    return rows, moves.astype(np.int8)
