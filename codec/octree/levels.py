"""One level of the octree as arrays: its nodes in raster order, their neighbours, and the encoder's view.

Nodes are coded in raster order (x slowest, then y, then z), so every level is kept sorted by the raster key
x << 42 | y << 21 | z. Children come out of the coding loop in that order, so that nothing is ever sorted.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ..entropy.jit import njit
from ..order import CodeArray, morton_encode
from ..types import IntArray

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int32]

X_SHIFT, Y_SHIFT = 42, 21
AXIS_MASK = (1 << 21) - 1
_NO_KEY = 3 << 61  # after every node and its neighbours; no difference to one overflows
_PART = 1 << 14  # keys that are converted at once: fresh memory costs more than the work
NO_TAIL: CodeArray = np.empty(0, np.int64)
PADDING = 8  # unused entries after the occupancy bytes, read and not looked at


class Nodes(NamedTuple):
    """Occupied nodes of a level, in raster order.

    key: (n,) int64 raster keys. source: (n,) int32 index of the node in Morton order (encoder; else empty).
    owner: (n,) int32 row that the code lengths of the node's bits are added to.
    tail: (n,) int64 where the single voxel of a node that was coded directly lies in it, see `direct`; -1 for
    other nodes. Empty on levels where no node is.
    """

    key: CodeArray
    source: Ints
    owner: Ints
    tail: CodeArray


class Neighbours(NamedTuple):
    """The 3^3 neighbourhood of each node: row r = 3 * (dx + 1) + dy + 1 holds the neighbours of dz -1, 0, 1.

    first: (n, 9) int32 index of a row's first existing neighbour; the others follow it. mask: (n,) int32 bit
    3 * r + dz + 1 says that a neighbour exists.
    """

    first: Ints
    mask: Ints


class Occupancy(NamedTuple):
    """A level seen by the encoder, in Morton order: what the children of each node are.

    bits: (n,) uint8, bit k = 4x + 2y + z set when child k exists. first: (n,) int32 index of the first child
    in the next level's Morton order. tail: (n,) int64 where the node's voxel lies in it, -1 if it has
    several; empty on levels without direct coding.
    """

    bits: Bytes
    first: Ints
    tail: CodeArray


@njit
def _find_neighbours(key: CodeArray, first: Ints, mask: Ints) -> None:
    """key: (n + 3,), the last three larger than any that is looked for."""
    n = mask.size
    for row in range(9):
        step = np.int64(row // 3 - 1) * (1 << X_SHIFT) + np.int64(row % 3 - 1) * (1 << Y_SHIFT) - 1
        p = 0
        for i in range(n):
            wanted = key[i] + step  # the keys of the row's three places are wanted, wanted + 1, wanted + 2
            while key[p] < wanted:
                p += 1
            first[i, row] = p
            found = np.int64(0)  # without branches: which of them exist follows no pattern
            for q in range(3):
                place = key[p + q] - wanted
                found |= np.int64(place < 3) << (place & 3)
            mask[i] |= found << (3 * row)


def find_neighbours(key: CodeArray) -> Neighbours:
    """The neighbours of the nodes with these raster keys, in time linear in their number.

    Keys of nodes lie below 2**20 in each axis, so a step out of range borrows into keys that do not occur.
    """
    first = np.empty((key.size, 9), np.int32)
    mask = np.zeros(key.size, np.int32)
    _find_neighbours(np.append(key, [_NO_KEY] * 3), first, mask)
    return Neighbours(first, mask)


def occupancies(codes: CodeArray, depth: int, direct_from: int) -> list[Occupancy]:
    """Levels 0 .. depth - 1 of the octree over sorted, unique Morton codes (N,), coarsest first.

    direct_from: the first level that has tails.
    """
    levels, voxels = [], codes
    begin = np.arange(len(codes) + 1)  # voxels before each node
    for level in reversed(range(depth)):
        parents = codes >> 3
        first = np.flatnonzero(np.append(True, parents[1:] != parents[:-1]))
        child = np.left_shift(1, codes & 7).astype(np.uint8)
        tail = NO_TAIL
        if level >= direct_from:
            begin = begin[np.append(first, len(codes))]
            inside = voxels[begin[:-1]] & ((1 << 3 * (depth - level)) - 1)
            tail = np.where(begin[1:] - begin[:-1] == 1, inside, -1)
        levels.append(Occupancy(np.bitwise_or.reduceat(child, first), first.astype(np.int32), tail))
        codes = parents[first]
    return levels[::-1]


def root(encoding: bool) -> Nodes:
    """Level 0: one node."""
    return Nodes(np.zeros(1, np.int64), np.zeros(int(encoding), np.int32), np.zeros(1, np.int32), NO_TAIL)


def raster_to_coords(key: CodeArray) -> IntArray:
    """(n,) raster keys -> (n, 3) int32 coordinates."""
    return np.stack([key >> X_SHIFT, (key >> Y_SHIFT) & AXIS_MASK, key & AXIS_MASK], 1).astype(np.int32)


def coords_to_raster(coords: IntArray) -> CodeArray:
    """Inverse of `raster_to_coords`."""
    x, y, z = coords.astype(np.int64).T
    return np.asarray(x << X_SHIFT | y << Y_SHIFT | z, np.int64)


def raster_to_morton(key: CodeArray) -> CodeArray:
    """(n,) raster keys -> (n,) Morton codes."""
    codes = np.empty(len(key), np.int64)
    for first in range(0, len(key), _PART):
        codes[first : first + _PART] = morton_encode(raster_to_coords(key[first : first + _PART]))
    return codes
