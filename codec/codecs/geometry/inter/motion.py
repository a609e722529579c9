"""Block motion from one frame to the next: the encoder's search, and the frame before moved by its vectors.

The blocks are those of the *reference*, the frame before, so a decoder knows them. Each has one vector of
whole voxels. What an encoder chooses needs not be optimal: a decoder only moves the blocks.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from octavox.codec.arrays import Int32Array, Int64Array, UInt8Array
from octavox.codec.cloud.morton import CodeArray
from octavox.codec.codecs.geometry.octree.levels import coords_to_morton, morton_to_coords
from octavox.codec.coding.kernels.jit import Int, njit

BLOCK_BITS = 5  # log2 of the edge of a block
REACH = 16  # voxels that a vector moves at most from where its search begins
LARGEST = 127  # of a component of a vector
_EDGE = (1 << BLOCK_BITS) + 2 * REACH
_SAMPLE = 256  # voxels of a block that the search looks at
_ROUGHLY = 4  # of these, one shows whether a vector may be better
_WORTH = (
    150  # by how much a score has to exceed that of the vector of the block before: its bits pay from here on
)
_STRETCHES, _STRETCH = 4, 64  # parts of the blocks, at most so many, of at least so many blocks: for threads
_SOME_BLOCKS = 8  # of which one shows whether vectors gain anything
_GAIN = 0.01  # of the score at rest, that they have to
_NOTHING: Int = np.int64(0)
_COARSER = 2  # octree levels that the first search leaves out

Vectors = npt.NDArray[np.int16]
_Runner = Callable[..., Any]  # `map`, or that of a pool of threads


@njit
def _fill(grid: UInt8Array, coords: Int32Array, start: Int, end: Int, x0: Int, y0: Int, z0: Int) -> None:
    """Enters voxels start .. end - 1 into a grid with this corner: 2 where one is, 1 beside it."""
    last = _EDGE - 1
    for i in range(start, end):
        x, y, z = coords[i, 0] - x0, coords[i, 1] - y0, coords[i, 2] - z0
        if x < 0 or y < 0 or z < 0 or x > last or y > last or z > last:
            continue
        at = (x * _EDGE + y) * _EDGE + z
        grid[at] = 2
        if 0 < x < last and 0 < y < last and 0 < z < last:
            for step in (1, _EDGE, _EDGE * _EDGE):
                grid[at - step] |= 1
                grid[at + step] |= 1


class Block(NamedTuple):
    """A block of the reference: its voxels coords[start:end], of which the search looks at every stride-th.

    corner: (3,) int64 of the grid, if the vector is zero.
    """

    coords: Int32Array
    start: Int
    end: Int
    stride: Int
    corner: Int64Array


@njit
def _score(grid: UInt8Array, block: Block, x: Int, y: Int, z: Int, share: Int) -> Int:
    """How well a block lies on the grid if it moves by (x, y, z): up to 2 for each voxel.

    share: of so many voxels, one is looked at.
    """
    total, coords = np.int64(0), block.coords
    x, y, z = x - block.corner[0], y - block.corner[1], z - block.corner[2]
    for i in range(block.start, block.end, block.stride * share):
        at = ((coords[i, 0] + x) * _EDGE + coords[i, 1] + y) * _EDGE + coords[i, 2] + z
        total += min(grid[at], 2)
    return total


@njit
def _refine(grid: UInt8Array, block: Block, begin: Int64Array, best: Int64Array, score: Int) -> Int:
    """Moves `best` to the best vector near it, at most REACH from `begin`, and returns its score."""
    many = block.end - block.start >= _SAMPLE // 2 * block.stride
    for size in (2, 1):
        for _ in range(4):
            a, b, c, found = best[0], best[1], best[2], score
            for direction in range(27):
                x = a + size * (direction // 9 - 1)
                y = b + size * (direction // 3 % 3 - 1)
                z = c + size * (direction % 3 - 1)
                if max(abs(x - begin[0]), abs(y - begin[1]), abs(z - begin[2])) > REACH:
                    continue
                if many and _ROUGHLY * _score(grid, block, x, y, z, _ROUGHLY) < score - (score >> 3):
                    continue
                own = _score(grid, block, x, y, z, 1)
                if own > score:
                    score, best[0], best[1], best[2] = own, x, y, z
            if score == found:
                break
    return score


class Frame(NamedTuple):
    """The current frame: its voxels by blocks. block: (m,) sorted raster numbers; first, end: of voxels."""

    coords: Int32Array
    block: Int64Array
    first: Int64Array
    end: Int64Array


@njit
def _draw(grid: UInt8Array, frame: Frame, x0: Int, y0: Int, z0: Int) -> None:
    """Enters the frame's voxels near a grid with this corner."""
    for at in range(grid.size):
        grid[at] = 0
    last = _EDGE - 1
    for bx in range(max(x0 >> BLOCK_BITS, 0), ((x0 + last) >> BLOCK_BITS) + 1):
        for by in range(max(y0 >> BLOCK_BITS, 0), ((y0 + last) >> BLOCK_BITS) + 1):
            for bz in range(max(z0 >> BLOCK_BITS, 0), ((z0 + last) >> BLOCK_BITS) + 1):
                wanted = (np.int64(bx) << 42) | (np.int64(by) << 21) | np.int64(bz)
                p = np.searchsorted(frame.block, wanted)
                if p < frame.block.size and frame.block[p] == wanted:
                    _fill(grid, frame.coords, frame.first[p], frame.end[p], x0, y0, z0)


@njit
def _search(
    grid: UInt8Array,
    reference: Int32Array,
    bounds: Int64Array,
    frame: Frame,
    begin: Int64Array,
    vectors: Int64Array,
    corner: Int64Array,
    stretch: tuple[int, int, int],
) -> tuple[Int, Int]:
    """Fills in vectors (blocks, 3) of the reference's blocks. begin: (blocks, 3) where the search begins.

    stretch: the first block, the one after the last, and of how many one is searched. Returns the scores at
    rest and with the vectors, summed.
    """
    rest, moving = _NOTHING, _NOTHING
    start_block, end_block, every = stretch
    for b in range(start_block, end_block, every):
        first, end = bounds[b], bounds[b + 1]
        own, best = begin[b], vectors[b]
        for axis in range(3):
            start = np.int64(reference[first, axis]) >> BLOCK_BITS << BLOCK_BITS
            corner[axis] = start - REACH + own[axis]
        _draw(grid, frame, corner[0], corner[1], corner[2])
        block = Block(reference, first, end, max((end - first) // _SAMPLE, 1), corner)
        best[0], best[1], best[2] = own[0], own[1], own[2]
        score, still = _score(grid, block, own[0], own[1], own[2], 1), _NOTHING
        if max(abs(own[0]), abs(own[1]), abs(own[2])) <= REACH:
            still = _score(grid, block, 0, 0, 0, 1)
            if still >= score:
                score, best[0], best[1], best[2] = still, 0, 0, 0
        held: Int = np.int64(-1)
        if b > start_block:
            x, y, z = vectors[b - every, 0], vectors[b - every, 1], vectors[b - every, 2]
            if max(abs(x - own[0]), abs(y - own[1]), abs(z - own[2])) <= REACH:
                held = _score(grid, block, x, y, z, 1)
                if held >= score:
                    score, best[0], best[1], best[2] = held, x, y, z
        score = _refine(grid, block, own, best, score)
        if held >= 0 and (score - held) * block.stride < _WORTH:
            score, best[0], best[1], best[2] = held, x, y, z
        rest += still * block.stride
        moving += score * block.stride
    return rest, moving


def block_bounds(codes: CodeArray) -> Int64Array:
    """(blocks + 1,) the first voxel of each block of sorted Morton codes (n,), and n."""
    block = codes >> (3 * BLOCK_BITS)
    new = np.flatnonzero(block[1:] != block[:-1]) + 1
    return np.concatenate([np.zeros(1, np.int64), new, np.array([len(codes)])]).astype(np.int64)


class _Search:
    """Finds the vectors of the blocks of a reference (n,). current: (m,). Both are sorted Morton codes."""

    def __init__(self, reference: CodeArray, current: CodeArray) -> None:
        self._coords, self._bounds = morton_to_coords(reference), block_bounds(reference)
        now, bounds = morton_to_coords(current), block_bounds(current)
        corner = now[bounds[:-1]].astype(np.int64) >> BLOCK_BITS
        number = corner[:, 0] << 42 | corner[:, 1] << 21 | corner[:, 2]
        order = np.argsort(number)  # so that blocks can be found
        self._frame = Frame(now, number[order], bounds[:-1][order], bounds[1:][order])

    def vectors(self, run: _Runner, begin: Int64Array | None = None) -> Int64Array:
        """(blocks, 3) vectors. begin: (blocks, 3) where the search begins."""
        return self._searched(run, begin, 1)[0]

    def worth(self, run: _Runner, begin: Int64Array) -> bool:
        """Whether vectors bring more of the voxels of some blocks onto those of the frame."""
        _, rest, moving = self._searched(run, begin, _SOME_BLOCKS)
        return moving - rest > _GAIN * rest

    def _searched(self, run: _Runner, begin: Int64Array | None, every: int) -> tuple[Int64Array, int, int]:
        blocks = len(self._bounds) - 1
        vectors = np.zeros((blocks, 3), np.int64)
        start = np.zeros_like(vectors) if begin is None else begin

        def part(stretch: tuple[int, int, int]) -> tuple[Int, Int]:
            grid, corner = np.zeros(_EDGE**3, np.uint8), np.zeros(3, np.int64)
            return _search(grid, self._coords, self._bounds, self._frame, start, vectors, corner, stretch)

        parts = min(max(blocks // _STRETCH, 1), _STRETCHES)
        ends = np.linspace(0, -(-blocks // every), parts + 1).astype(int) * every
        stretches = [(int(a), min(int(b), blocks), every) for a, b in itertools.pairwise(ends)]
        scores = np.array(list(run(part, stretches)), np.int64).sum(0)
        return vectors, int(scores[0]), int(scores[1])


def _without_repeats(codes: CodeArray) -> CodeArray:
    """Sorted codes (n,), each once."""
    return np.asarray(codes[np.diff(codes, prepend=-1) != 0], np.int64)


def find_motion(reference: CodeArray, current: CodeArray, threads: int = 1) -> Vectors:
    """(blocks, 3) int16 vectors of the reference's blocks, in Morton order; 0 if they gain next to nothing.

    reference, current: (n,) sorted Morton codes of two frames' voxels. The vectors do not depend on the
    number of threads.
    """
    if threads < 2:
        return _found(reference, current, map)
    with ThreadPoolExecutor(threads, "octavox-motion") as pool:
        return _found(reference, current, pool.map)


def _found(reference: CodeArray, current: CodeArray, run: _Runner) -> Vectors:
    low, now = (_without_repeats(codes >> 3 * _COARSER) for codes in (reference, current))
    coarse, fine = run(_Search, (low, reference), (now, current))
    bounds = block_bounds(reference)
    wide = coarse.vectors(run) << _COARSER
    numbers = low[block_bounds(low)[:-1]] >> (3 * BLOCK_BITS)
    own = np.searchsorted(numbers, reference[bounds[:-1]] >> (3 * (BLOCK_BITS + _COARSER)))
    begin = np.clip(wide[own], -LARGEST + REACH, LARGEST - REACH)
    vectors = fine.vectors(run, begin) if fine.worth(run, begin) else np.zeros_like(begin)
    return np.asarray(vectors, np.int16)


def moved(reference: CodeArray, vectors: Vectors, depth: int) -> tuple[CodeArray, Int64Array]:
    """The reference (n,) moved by its blocks' vectors: (m,) sorted Morton codes, and where they were (m,).

    What leaves the cube is gone. Of voxels that meet, the first is kept.
    """
    steps = np.repeat(vectors.astype(np.int32), np.diff(block_bounds(reference)), axis=0)
    coords = morton_to_coords(reference) + steps
    rows = np.arange(len(coords))
    if len(coords) and (coords.min() < 0 or coords.max() >= 1 << depth):
        rows = np.flatnonzero(((coords >= 0) & (coords < 1 << depth)).all(1))
        coords = coords[rows]
    codes = coords_to_morton(coords)
    order = np.argsort(codes, kind="stable")
    codes = codes[order]
    first = np.diff(codes, prepend=-1) != 0
    return codes[first], rows[order[first]]
