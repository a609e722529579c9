"""Where the points of one frame are in another one: a vector for each, found in integers.

Blocks of a coarse frame are laid over the coarse other frame, in sweeps: each block tries the vectors of the
blocks around it and steps from the best one (as PatchMatch does for pictures, Barnes et al., 2009). A vector
is good where the block's voxels come to lie on voxels of the other frame, or near them, and where it is that
of the blocks around. The blocks of the next finer level begin with these vectors. At last a point's vector
lies between those of the blocks around it which are like that of its own: a limb slides along its neighbour,
and a surface does not tear.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from octavox.codec.arrays import Int32Array, Int64Array, UInt8Array
from octavox.codec.cloud.morton import CodeArray, distinct, morton_decode, morton_encode
from octavox.codec.codecs.geometry.octree.levels import AXIS_MASK
from octavox.codec.coding.kernels.jit import Int, njit
from octavox.codec.parallel import SharedJob

FRACTION = 8  # bits of a point's vector below one voxel
EDGE_BITS = 3  # log2 of the edge of a block, in voxels of its level


class Level(NamedTuple):
    """How a level is searched.

    sweeps: over all blocks. reach: from where on, in its voxels, a voxel counts as near another one.
    largest_step: of a block at once, in its voxels.
    """

    sweeps: int
    reach: int
    largest_step: int


FIRST, NEXT, LAST = Level(10, 5, 4), Level(4, 4, 2), Level(2, 3, 1)
LEAST_LEFT_OUT = 2  # levels, by the first search
FEW_CELLS = 1 << 23  # of the grid of the first search
MOST_CELLS = 1 << 29  # of the grid of a level; a finer one is not searched
ALIKE = 2 << FRACTION  # how far vectors that belong together differ, in cells of the last level
_ROUGHEST = 16  # squared difference of two blocks' vectors, beyond which it counts no more
_NEVER = np.int64(1) << 62
_OFFSETS = np.stack(np.meshgrid(*[np.arange(-1, 2)] * 3, indexing="ij"), axis=-1).reshape(27, 3)
_SMOOTH = 8 >> np.abs(_OFFSETS).sum(axis=1)  # what each of the 27 blocks counts


@njit
def _draw(grid: UInt8Array, coords: Int64Array, ball: Int64Array) -> None:
    """Enters voxels into a grid: in the cells of the ball (k, 4) around each, at least the ball's values."""
    for i in range(coords.shape[0]):
        for k in range(ball.shape[0]):
            x, y, z = coords[i, 0] + ball[k, 0], coords[i, 1] + ball[k, 1], coords[i, 2] + ball[k, 2]
            grid[x, y, z] = max(np.int64(grid[x, y, z]), ball[k, 3])


def _grid(coords: Int64Array, low: Int64Array, size: Int64Array, reach: int) -> UInt8Array:
    """How near each cell is to a voxel: reach^2 at it, less the squared distance, and 0 beyond."""
    axis = np.arange(1 - reach, reach)
    ball = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), axis=-1).reshape(-1, 3)
    value = reach * reach - (ball * ball).sum(axis=1)
    near = value > 0
    grid = np.zeros(tuple(size.tolist()), np.uint8)  # memory is taken only where something is entered
    _draw(grid, coords - low, np.column_stack([ball[near], value[near]]))
    return grid


class Search(NamedTuple):
    """Blocks of a level, and where they may lie.

    grid: as `_grid` gives it, `peak` its largest value. coords: (n, 3) voxels, in its cells; block b has
    those from bounds[b] to bounds[b + 1]. near: (blocks, 27) rows of the blocks around, -1 where none is;
    smooth: (27,) what they count. largest: step that a search begins with.
    """

    grid: UInt8Array
    peak: int
    coords: Int64Array
    bounds: Int64Array
    near: Int64Array
    smooth: Int64Array
    largest: int


@njit
def _score(s: Search, vectors: Int64Array, b: Int, x: Int, y: Int, z: Int, least: Int) -> Int:
    """How good a vector is for a block; where it is not above `least`, any number that is not, either."""
    rough = np.int64(0)
    for tap in range(27):
        m = s.near[b, tap]
        if m >= 0 and m != b:
            p, q, r = vectors[m, 0] - x, vectors[m, 1] - y, vectors[m, 2] - z
            rough += s.smooth[tap] * min(p * p + q * q + r * r, _ROUGHEST)
    end, best = s.bounds[b + 1], 4 * s.peak
    total: Int = best * (end - s.bounds[b]) - rough  # if all voxels meet one
    for i in range(s.bounds[b], end):
        u, v, w = s.coords[i, 0] + x, s.coords[i, 1] + y, s.coords[i, 2] + z
        inside = u >= 0 and v >= 0 and w >= 0
        if inside and u < s.grid.shape[0] and v < s.grid.shape[1] and w < s.grid.shape[2]:
            total += 4 * np.int64(s.grid[u, v, w])
        total -= best
        if total <= least:
            break
    return total


@njit
def _sweep(s: Search, vectors: Int64Array, backward: bool) -> None:
    """Looks for a better vector of each block (blocks, 3), in one order or the other."""
    n = vectors.shape[0]
    for k in range(n):
        b = n - 1 - k if backward else k
        x, y, z = vectors[b, 0], vectors[b, 1], vectors[b, 2]
        best = _score(s, vectors, b, x, y, z, -_NEVER)
        for tap in range(27):
            m = s.near[b, tap]
            if m >= 0 and (vectors[m, 0] != x or vectors[m, 1] != y or vectors[m, 2] != z):
                found = _score(s, vectors, b, vectors[m, 0], vectors[m, 1], vectors[m, 2], best)
                if found > best:
                    best, x, y, z = found, vectors[m, 0], vectors[m, 1], vectors[m, 2]
        step = s.largest
        while step:
            p, q, r, before = x, y, z, best
            for d in range(27):
                u, v, w = p + step * (d // 9 - 1), q + step * (d // 3 % 3 - 1), r + step * (d % 3 - 1)
                found = _score(s, vectors, b, u, v, w, best)
                if found > best:
                    best, x, y, z = found, u, v, w
            if best == before:
                step >>= 1
        vectors[b, 0], vectors[b, 1], vectors[b, 2] = x, y, z


@njit
def _corner(coords: Int32Array, i: Int, corner: Int) -> tuple[Int, Int]:
    """Of the eight blocks around a point one: its place among the 27 around the point's block; its weight.

    The weight falls off linearly along each axis, to 0 at the middles of the next blocks.
    """
    edge, tap, weight = np.int64(1) << EDGE_BITS, np.int64(0), np.int64(1)
    for axis in range(3):
        off = 2 * (np.int64(coords[i, axis]) & (edge - 1)) + 1 - edge
        if (corner >> axis) & 1:
            tap, weight = 3 * tap + (2 if off > 0 else 0), weight * abs(off)
        else:
            tap, weight = 3 * tap + 1, weight * (2 * edge - abs(off))
    return tap, weight


@njit
def _interpolate(
    coords: Int32Array, block: Int64Array, near: Int64Array, field: Int64Array, limit: Int, found: Int64Array
) -> None:
    """Fills in the vectors of points (n, 3) from those of their blocks and of the blocks around.

    limit: by how much vectors of blocks that belong together differ at most along each axis.
    """
    for i in range(coords.shape[0]):
        b = block[i]
        x, y, z, total = np.int64(0), np.int64(0), np.int64(0), np.int64(0)
        for corner in range(8):
            tap, weight = _corner(coords, i, corner)
            m = near[b, tap]
            if m < 0:
                continue
            u, v, w = field[m, 0], field[m, 1], field[m, 2]
            if max(abs(u - field[b, 0]), abs(v - field[b, 1]), abs(w - field[b, 2])) <= limit:
                x, y, z, total = x + weight * u, y + weight * v, z + weight * w, total + weight
        found[i, 0] = (2 * x + total) // (2 * total)
        found[i, 1] = (2 * y + total) // (2 * total)
        found[i, 2] = (2 * z + total) // (2 * total)


@dataclass(frozen=True)
class Frames:
    """Two frames (n,) and (m,), sorted Morton codes: whose voxels are looked for, and where."""

    reference: CodeArray
    current: CodeArray

    def seen(self, left_out: int) -> tuple[CodeArray, Int64Array, Int64Array]:
        """Of a coarser level: the reference's codes, and the coordinates of both frames."""
        own, other = (distinct(codes >> 3 * left_out) for codes in (self.reference, self.current))
        return own, morton_decode(own).astype(np.int64), morton_decode(other).astype(np.int64)


def search_levels(one: CodeArray, other: CodeArray) -> list[tuple[int, Level]]:
    """How many levels each search between two frames leaves out, and how it goes; coarse to fine."""
    ends = [morton_decode(codes).astype(np.int64) for codes in (one, other)]
    low, high = (np.stack([f(part, axis=0) for part in ends]) for f in (np.min, np.max))
    span = high.max(axis=0) - low.min(axis=0)

    def cells(left_out: int) -> int:
        return math.prod(int(s) + 2 * FIRST.reach + 2 for s in span >> left_out)

    first = next(k for k in range(LEAST_LEFT_OUT, 64) if cells(k) <= FEW_CELLS)
    finer = [k for k in range(first - 1, -1, -1) if cells(k) <= MOST_CELLS]
    return [(first, FIRST), *((k, NEXT if k else LAST) for k in finer)]


def motion_field(frames: Frames, levels: list[tuple[int, Level]], shared: SharedJob) -> Int64Array:
    """(n, 3) int64 vectors, in 2**-FRACTION voxels, from the reference's voxels to the other frame.

    levels: of `search_levels`. Counts each sweep. Raises CancelledError.
    """
    vectors = np.zeros((len(frames.reference), 3), np.int64)
    for left_out, level in levels:
        vectors = _searched(frames, vectors, left_out, level, shared)
    left_out, _ = levels[-1]
    bits = 3 * (EDGE_BITS + left_out)
    blocks = distinct(frames.reference >> bits)
    block = np.searchsorted(blocks, frames.reference >> bits)
    first = np.flatnonzero(np.diff(block, prepend=-1))
    found = np.empty_like(vectors)
    coords = morton_decode(frames.reference >> 3 * left_out)
    _interpolate(coords, block, _around(blocks), vectors[first], ALIKE << left_out, found)
    return found


def _searched(
    frames: Frames, vectors: Int64Array, left_out: int, level: Level, shared: SharedJob
) -> Int64Array:
    """The vectors (n, 3) after a search on one level; those of a block are alike."""
    codes, own, other = frames.seen(left_out)
    low = np.minimum(own.min(axis=0), other.min(axis=0)) - level.reach
    size = np.maximum(own.max(axis=0), other.max(axis=0)) + level.reach + 1 - low
    blocks = distinct(codes >> 3 * EDGE_BITS)
    whose = np.searchsorted(blocks, frames.reference >> 3 * (EDGE_BITS + left_out))
    start, bits = np.flatnonzero(np.diff(whose, prepend=-1)), left_out + FRACTION
    mean = np.add.reduceat(vectors, start) // np.bincount(whose)[:, None]
    field = (mean + (1 << bits >> 1)) >> bits
    bounds = np.append(np.searchsorted(codes >> 3 * EDGE_BITS, blocks), len(codes))
    search = Search(
        _grid(other, low, size, level.reach),
        level.reach**2,
        own - low,
        bounds,
        _around(blocks),
        _SMOOTH,
        level.largest_step,
    )
    for sweep in range(level.sweeps):
        _sweep(search, field, sweep % 2 == 1)
        shared.advance(1)
    return (field << bits)[whose]


def _around(blocks: CodeArray) -> Int64Array:
    """(n, 27) rows of the blocks around blocks with these sorted Morton codes (n,), -1 where none is."""
    place = morton_decode(blocks).astype(np.int64)[:, None] + _OFFSETS
    inside = np.asarray(((place >= 0) & (place <= AXIS_MASK)).all(axis=2))
    codes = morton_encode(np.where(inside[:, :, None], place, 0).reshape(-1, 3)).reshape(-1, 27)
    rows = np.minimum(np.searchsorted(blocks, codes), len(blocks) - 1)
    return np.where(inside & (blocks[rows] == codes), rows, -1)
