"""The causal neighbours of points in Morton order: the nearest of those that precede a point in its slice.

Level s joins the cells of 2**s to a side. A point looks at the 3^3 cells around its own, on a level where
most cells hold one point and then on coarser ones until it finds enough points. Cells are kept by blocks of
4^3, which a hash table finds: a block has one bit for each of its cells, in Morton order.
docs/attribute-coding.md, "Neighbours".
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from octavox.codec.arrays import Int32Array, Int64Array
from octavox.codec.cloud.morton import CodeArray, morton_decode, morton_encode
from octavox.codec.coding.kernels.jit import Int, inlined, njit
from octavox.codec.coding.kernels.simd import bit_count, count_smaller

from .tables import quotient

NEIGHBOURS = 12  # the most of a point
ENOUGH = 8  # points around a point, so that no coarser level is looked at
RUN = 24  # the most points of a cell that are looked at: the last before the point
WEIGHT_BITS = 12  # the weights of a point's neighbours add up to 2**12
LEVELS = 22
_AROUND = 27
_PAIRS = 8  # blocks that the 3^3 cells around a cell lie in
_Z_BITS = 0x1249249249249249  # the bits of z in a Morton code
_FACTOR = -0x61C8864680B583EB  # 2**64 / golden ratio, as a signed number
_DOWN = 24
_AGE_BITS, _FARTHEST = 22, (1 << 40) - 1
_COUNTED = 8  # points that are ranked by one operation
_SELECTED = 64  # the most points among which the nearest are selected at once


def _pairs() -> tuple[Int64Array, Int64Array]:
    """For each of the 64 cells of a block: blocks (64 * 8,) around its own, and masks of the cells in them.

    A block has the number 9 (dx + 1) + 3 (dy + 1) + dz + 1. Unused places have the mask 0.
    """
    blocks, masks = np.zeros((64, _PAIRS), np.int64), np.zeros((64, _PAIRS), np.int64)
    offsets = np.stack(np.meshgrid(*[(-1, 0, 1)] * 3, indexing="ij"), -1).reshape(-1, 3)
    for cell, place in enumerate(morton_decode(np.arange(64))):
        around = place + offsets
        number = ((around >> 2) + 1) @ np.array([9, 3, 1])
        bit = morton_encode(around & 3, 2)
        for k, block in enumerate(np.unique(number)):
            total = sum(1 << int(b) for b in bit[number == block])
            blocks[cell, k] = block
            masks[cell, k] = np.array(total, np.uint64).view(np.int64)
    return blocks.reshape(-1), masks.reshape(-1)


_BLOCKS, _MASKS = _pairs()


class Cells(NamedTuple):
    """The occupied cells of all levels, by blocks.

    start: rows of the first points of the cells, level after level, each level closed by the number of rows.
    table: (places * 3,) int64 block code, mask of its cells, and place of the first of them in `start`, for
    each place of a hash table; the code is -1 where there is none. first, bits: (LEVELS,) the table of level
    s has 2**bits[s] places from first[s] on. levels: how many there are. lowest: where searches begin.
    """

    start: Int32Array
    table: Int64Array
    first: Int64Array
    bits: Int64Array
    levels: Int
    lowest: Int


class Search(NamedTuple):
    """What the search for neighbours works on.

    codes: (N,) Morton codes in order. coords: (N * 3,) int32. seen: (LEVELS,) block whose surroundings are
    known for each level. mask, place: (LEVELS * 27,) of the blocks around that one; mask 0 for those that
    follow it. begin, end: (27,) int64 runs of points around a point. nearest: (_SELECTED,) of
    them, the nearest first. value, rank: (_SELECTED,) the same in the order in which they are found.
    """

    codes: CodeArray
    coords: Int32Array
    cells: Cells
    seen: Int64Array
    mask: Int64Array
    place: Int64Array
    begin: Int64Array
    end: Int64Array
    nearest: Int64Array
    value: Int64Array
    rank: Int64Array


class Neighbours(NamedTuple):
    """The neighbours of a part of the points, nearest first.

    row: (n * NEIGHBOURS,) int32. weight: (n * NEIGHBOURS,) int32. sizes: (n,) int32.
    """

    row: Int32Array
    weight: Int32Array
    sizes: Int32Array


@njit
def _merge(codes: CodeArray, start: Int32Array, down: Int, merged: CodeArray, first: Int32Array) -> Int:
    """Joins neighbours with the same code >> down; returns how many are left."""
    n = np.int64(0)
    for i in range(len(codes)):
        code = codes[i] >> down
        if n == 0 or merged[n - 1] != code:
            merged[n] = code
            first[n] = start[i]
            n += 1
    return n


@inlined
def _place_of(block: Int, bits: Int) -> Int:
    """Where a block is looked for first in a table of 2**bits places."""
    return ((block * _FACTOR) >> _DOWN) & ((np.int64(1) << bits) - 1)


@njit
def _enter(codes: CodeArray, table: Int64Array, first: Int, bits: Int, begin: Int) -> None:
    """Enters the blocks of a level. codes: of its cells. begin: place of the first cell in `Cells.start`."""
    mask, i = (np.int64(1) << bits) - 1, 0
    while i < len(codes):
        block, here = codes[i] >> 6, begin + i
        cells = np.int64(0)
        while i < len(codes) and codes[i] >> 6 == block:
            cells |= np.int64(1) << (codes[i] & 63)
            i += 1
        at = _place_of(block, bits)
        while table[3 * (first + at)] >= 0:
            at = (at + 1) & mask
        place = 3 * (first + at)
        table[place] = block
        table[place + 1] = cells
        table[place + 2] = here


def _cells(codes: CodeArray) -> Cells:
    """The cells of points with these Morton codes, in order."""
    start = np.arange(len(codes), dtype=np.int32)
    starts, tables = [], []
    first, bits = np.zeros(LEVELS, np.int64), np.zeros(LEVELS, np.int64)
    own, level, begin, places, lowest, finest = codes, 0, 0, 0, 0, 0
    while True:
        merged, rows = np.empty(len(own), np.int64), np.empty(len(own), np.int32)
        n = int(_merge(own, start, 0 if level == 0 else 3, merged, rows))
        own, start = merged[:n], rows[:n]
        finest = n if level == 0 else finest
        lowest = level if 4 * n >= 3 * finest else lowest
        blocks = 1 + int(np.count_nonzero((own[1:] ^ own[:-1]) >> 6))
        bits[level] = int(2 * blocks).bit_length()
        table = np.full(3 << int(bits[level]), -1, np.int64)
        _enter(own, table, 0, int(bits[level]), begin)
        first[level] = places
        starts += [start, np.array([len(codes)], np.int32)]
        tables.append(table)
        begin, places, level = begin + n + 1, places + (1 << int(bits[level])), level + 1
        if n == 1 or level == LEVELS:
            return Cells(np.concatenate(starts), np.concatenate(tables), first, bits, level, lowest)


def new_search(codes: CodeArray, coords: Int32Array) -> Search:
    """A search among the points with these Morton codes, in order, 1 <= N <= 2**22. coords: (N, 3) int32."""
    return Search(
        codes,
        np.ascontiguousarray(coords, np.int32).reshape(-1),
        _cells(codes),
        np.full(LEVELS, -1, np.int64),
        np.zeros(LEVELS * _AROUND, np.int64),
        np.zeros(LEVELS * _AROUND, np.int64),
        np.zeros(_AROUND, np.int64),
        np.zeros(_AROUND, np.int64),
        np.zeros(_SELECTED, np.int64),
        np.zeros(_SELECTED, np.int64),
        np.zeros(_SELECTED, np.int64),
    )


@inlined
def _step(code: Int, axis: Int, by: Int) -> Int:
    """One coordinate of a Morton code moved by -1, 0 or 1, in its place; -1 below the cube.

    Above the cube it becomes 0, a block that is empty or has been found to precede the point anyway.
    """
    mask = np.int64(_Z_BITS) << axis
    own, one = code & mask, np.int64(1) << axis
    if by == 0:
        return own
    if by > 0:
        moved: Int = ((own | ~mask) + one) & mask
        return moved if moved else np.int64(-1)
    return (own - one) & mask if own else np.int64(-1)


@njit
def _surroundings(search: Search, level: Int, block: Int) -> None:
    """Finds the blocks around a block of a level, as far as they do not follow it."""
    cells, at = search.cells, level * _AROUND
    first, bits = cells.first[level], cells.bits[level]
    mask = (np.int64(1) << bits) - 1
    for dx in range(-1, 2):
        x = _step(block, 2, dx)
        for dy in range(-1, 2):
            y = _step(block, 1, dy)
            for dz in range(-1, 2):
                wanted = x | y | _step(block, 0, dz)
                search.mask[at] = 0
                if 0 <= wanted <= block:
                    place = _place_of(wanted, bits)
                    while cells.table[3 * (first + place)] >= 0:
                        if cells.table[3 * (first + place)] == wanted:
                            search.mask[at] = cells.table[3 * (first + place) + 1]
                            search.place[at] = cells.table[3 * (first + place) + 2]
                            break
                        place = (place + 1) & mask
                at += 1
    search.seen[level] = block


@inlined
def _runs(search: Search, level: Int, i: Int) -> tuple[Int, Int]:
    """Puts the runs of points before point i in the 3^3 cells around it into search.begin and search.end.

    Returns how many runs and how many points there are.
    """
    cells, code = search.cells, search.codes[i] >> (3 * level)
    if search.seen[level] != code >> 6:
        _surroundings(search, level, code >> 6)
    runs, points = np.int64(0), np.int64(0)
    own = (code & 63) * _PAIRS
    for k in range(own, own + _PAIRS):
        block = level * _AROUND + _BLOCKS[k]
        there = search.mask[block]
        wanted = there & _MASKS[k]
        while wanted:
            lowest = wanted & -wanted
            wanted ^= lowest
            place = search.place[block] + bit_count(there & (lowest - 1))
            end = min(np.int64(cells.start[place + 1]), i)
            begin = max(np.int64(cells.start[place]), end - RUN)
            if begin < end:
                search.begin[runs] = begin
                search.end[runs] = end
                runs += 1
                points += end - begin
    return runs, points


@inlined
def _select(search: Search, count: Int) -> Int:
    """Puts search.value[:count], which differ, in order into search.nearest; returns how many count.

    A value's rank is how many are smaller: no branch depends on the values, and vectors compare them.
    """
    for j in range(0, count, _COUNTED):
        count_smaller(search.value, count, j, search.rank)
    for j in range(count):
        search.nearest[search.rank[j]] = search.value[j]
    n: Int = min(count, NEIGHBOURS)
    return n


@inlined
def _nearest(search: Search, runs: Int, i: Int) -> Int:
    """Puts the nearest points of the runs into search.nearest, as distance and age; returns how many."""
    coords, value = search.coords, search.value
    n: Int = np.int64(0)
    x, y, z = np.int64(coords[3 * i]), np.int64(coords[3 * i + 1]), np.int64(coords[3 * i + 2])
    for k in range(runs):
        begin, end = search.begin[k], search.end[k]
        if n + end - begin > _SELECTED:
            n = _select(search, n)
            for j in range(n):
                value[j] = search.nearest[j]
        for j in range(begin, end):
            a, b, c = coords[3 * j] - x, coords[3 * j + 1] - y, coords[3 * j + 2] - z
            value[n] = (min(a * a + b * b + c * c, _FARTHEST) << _AGE_BITS) | (i - j)
            n += 1
    return _select(search, n)


@inlined
def _weigh(search: Search, found: Neighbours, at: Int, n: Int, i: Int) -> None:
    """Enters the n nearest points with their weights, from place `at` on."""
    closest, total = 2 * (search.nearest[0] >> _AGE_BITS) + 1, np.int64(0)
    for k in range(n):
        value = search.nearest[k]
        found.row[at + k] = i - (value & ((1 << _AGE_BITS) - 1))
        weight = quotient(closest << WEIGHT_BITS, 2 * (value >> _AGE_BITS) + 1)
        found.weight[at + k] = weight
        total += weight
    left = np.int64(1 << WEIGHT_BITS)
    for k in range(n):
        weight = quotient(np.int64(found.weight[at + k]) << WEIGHT_BITS, total)
        found.weight[at + k] = weight
        left -= weight
    if n:
        found.weight[at] += left


@njit
def find_neighbours(search: Search, found: Neighbours, begin: Int, end: Int) -> None:
    """The neighbours of points begin .. end - 1."""
    for i in range(begin, end):
        level = np.int64(search.cells.lowest)
        runs, points = _runs(search, level, i)
        while points < min(ENOUGH, i) and level + 1 < search.cells.levels:
            level += 1
            runs, points = _runs(search, level, i)
        n = _nearest(search, runs, i)
        _weigh(search, found, (i - begin) * NEIGHBOURS, n, i)
        found.sizes[i - begin] = n
