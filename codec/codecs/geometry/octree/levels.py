"""One level of the octree as arrays: its nodes in raster order, and the encoder's view.

Nodes are coded in raster order (x slowest, then y, then z), so every level is sorted by the raster key
x << 42 | y << 21 | z. Children come out of the coding loop in that order, so no level has to be sorted.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from octavox.codec.arrays import Int32Array, UInt8Array
from octavox.codec.cloud.morton import CodeArray
from octavox.codec.coding.kernels.jit import Int, inlined, njit

X_SHIFT, Y_SHIFT = 42, 21
AXIS_MASK = (1 << 21) - 1
NO_REMAINING_CODES: CodeArray = np.empty(0, np.int64)
PADDING = 8  # entries after the occupancy bytes, which are read and not used


class Nodes(NamedTuple):
    """Occupied nodes of a level, in raster order.

    key: (n,) int64 raster keys. source: (n,) int32 index of the node in Morton order (encoder; else empty).
    owner: (n,) int32 row that the code lengths of the node's bits are added to. remaining_code: (n,) int64
    place of the single voxel in a node that was coded directly, see `direct`; -1 for other nodes. Empty on
    levels without direct coding.
    """

    key: CodeArray
    source: Int32Array
    owner: Int32Array
    remaining_code: CodeArray


class Occupancy(NamedTuple):
    """The children of each node of a level, as an encoder knows them; nodes are in Morton order.

    bits: (n,) uint8, bit k = 4x + 2y + z set when child k exists. first: (n,) int32 index of the first child
    in the next level's Morton order. remaining_code: (n,) int64 place of the voxel in a node that holds a
    single one, else -1; empty on levels without direct coding.
    """

    bits: UInt8Array
    first: Int32Array
    remaining_code: CodeArray


@njit
def _count_parents(codes: CodeArray) -> Int:
    n = np.int64(codes.size > 0)
    for i in range(1, codes.size):
        n += np.int64(codes[i] >> 3 != codes[i - 1] >> 3)
    return n


@njit
def _find_parents(codes: CodeArray, parent: CodeArray, bits: UInt8Array, first: Int32Array) -> None:
    """Fills in the codes, the children and the first child of the parents of sorted codes."""
    p = -1
    for i in range(codes.size):
        above = codes[i] >> 3
        if p < 0 or parent[p] != above:
            p += 1
            parent[p], bits[p], first[p] = above, 0, i
        bits[p] |= 1 << (codes[i] & 7)


def occupancies(codes: CodeArray, depth: int, direct_from: int) -> list[Occupancy]:
    """Levels 0 .. depth - 1 of the octree over sorted, unique Morton codes (N,), coarsest first.

    direct_from: the first level that has remaining codes.
    """
    levels, voxels = [], codes
    begin = np.arange(len(codes) + 1)  # voxels before each node
    for level in reversed(range(depth)):
        n = _count_parents(codes)
        parents, bits, first = np.empty(n, np.int64), np.empty(n, np.uint8), np.empty(n, np.int32)
        _find_parents(codes, parents, bits, first)
        remaining_code = NO_REMAINING_CODES
        if level >= direct_from:
            begin = begin[np.append(first, len(codes))]
            inside = voxels[begin[:-1]] & ((1 << 3 * (depth - level)) - 1)
            remaining_code = np.where(begin[1:] - begin[:-1] == 1, inside, -1)
        levels.append(Occupancy(bits, first, remaining_code))
        codes = parents
    return levels[::-1]


def root(encoding: bool) -> Nodes:
    """Level 0: one node."""
    return Nodes(
        np.zeros(1, np.int64), np.zeros(int(encoding), np.int32), np.zeros(1, np.int32), NO_REMAINING_CODES
    )


def raster_to_coords(key: CodeArray) -> Int32Array:
    """(n,) raster keys -> (n, 3) int32 coordinates."""
    coords = np.empty((len(key), 3), np.int32)
    _to_coords(key, coords)
    return coords


@njit
def _to_coords(key: CodeArray, coords: Int32Array) -> None:
    for i in range(key.size):
        coords[i, 0], coords[i, 1] = key[i] >> X_SHIFT, (key[i] >> Y_SHIFT) & AXIS_MASK
        coords[i, 2] = key[i] & AXIS_MASK


def coords_to_raster(coords: Int32Array) -> CodeArray:
    """Inverse of `raster_to_coords`."""
    key = np.empty(len(coords), np.int64)
    _of_coords(np.ascontiguousarray(coords, np.int32), key)
    return key


@njit
def _of_coords(coords: Int32Array, key: CodeArray) -> None:
    for i in range(key.size):
        x, y = np.int64(coords[i, 0]), np.int64(coords[i, 1])
        key[i] = x << X_SHIFT | y << Y_SHIFT | coords[i, 2]


@inlined
def spread(value: Int) -> Int:
    """`morton.spread_bits` of one number."""
    v = (value | (value << 32)) & 0x001F00000000FFFF
    v = (v | (v << 16)) & 0x001F0000FF0000FF
    v = (v | (v << 8)) & 0x100F00F00F00F00F
    v = (v | (v << 4)) & 0x10C30C30C30C30C3
    return (v | (v << 2)) & 0x1249249249249249


@inlined
def gathered(code: Int) -> Int:
    """`morton.gather_bits` of one code."""
    v = code & 0x1249249249249249
    v = (v | (v >> 2)) & 0x10C30C30C30C30C3
    v = (v | (v >> 4)) & 0x100F00F00F00F00F
    v = (v | (v >> 8)) & 0x001F0000FF0000FF
    v = (v | (v >> 16)) & 0x001F00000000FFFF
    return (v | (v >> 32)) & AXIS_MASK


@njit
def _to_morton(key: CodeArray, codes: CodeArray) -> None:
    for i in range(key.size):
        x, y, z = key[i] >> X_SHIFT, (key[i] >> Y_SHIFT) & AXIS_MASK, key[i] & AXIS_MASK
        codes[i] = spread(x) << 2 | spread(y) << 1 | spread(z)


@njit
def _to_raster(codes: CodeArray, key: CodeArray) -> None:
    for i in range(codes.size):
        x, y, z = gathered(codes[i] >> 2), gathered(codes[i] >> 1), gathered(codes[i])
        key[i] = x << X_SHIFT | y << Y_SHIFT | z


def raster_to_morton(key: CodeArray) -> CodeArray:
    """(n,) raster keys -> (n,) int64 Morton codes."""
    codes = np.empty(len(key), np.int64)
    _to_morton(key, codes)
    return codes


def morton_to_raster(codes: CodeArray) -> CodeArray:
    """Inverse of `raster_to_morton`."""
    key = np.empty(len(codes), np.int64)
    _to_raster(codes, key)
    return key


def coords_to_morton(coords: Int32Array) -> CodeArray:
    """(n, 3) coordinates of cells -> (n,) Morton codes."""
    return raster_to_morton(coords_to_raster(coords))


def morton_to_coords(codes: CodeArray) -> Int32Array:
    """Inverse of `coords_to_morton`."""
    return raster_to_coords(morton_to_raster(codes))
