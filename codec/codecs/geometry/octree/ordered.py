"""Nodes of a level in raster and in Morton order, and their children: level by level, without sorting."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from octavox.codec.arrays import BoolArray, Int32Array, Int64Array, UInt8Array
from octavox.codec.coding.kernels.jit import Int, njit

from .cursor import CURSOR_WORDS, NODE, ROW_END, X_BIT, Y_BIT, next_row, start_walk
from .levels import X_SHIFT, Y_SHIFT, morton_to_raster, raster_to_morton

CHILDREN = 8
_FEW = 1 << 10  # nodes that are sorted at once


@dataclass(frozen=True)
class LevelNodes:
    """key: (n,) sorted raster keys. order: (n,) the nodes' numbers, in Morton order."""

    key: Int64Array
    order: Int64Array


@njit
def _in_raster_order(
    key: Int64Array, children: UInt8Array, cursor: Int64Array, found: Int64Array, place: Int32Array
) -> None:
    """The keys of the children (bit k for child k) of nodes, sorted, and the place of child k at 8 i + k."""
    start_walk(cursor, key)
    n, more = 0, key.size > 0
    while more:
        x, y = cursor[X_BIT], cursor[Y_BIT]
        row = x << X_SHIFT | y << Y_SHIFT
        for i in range(cursor[NODE], cursor[ROW_END]):
            for z in range(2):
                octant = x << 2 | y << 1 | z
                if (children[i] >> octant) & 1:
                    found[n], place[CHILDREN * i + octant] = key[i] << 1 | row | z, n
                    n += 1
        more = next_row(cursor, key)


@njit
def _in_morton_order(order: Int64Array, children: UInt8Array, place: Int32Array, found: Int64Array) -> None:
    """The places of the children of nodes, in Morton order."""
    n = 0
    for i in order:
        for k in range(CHILDREN):
            if (children[i] >> k) & 1:
                found[n] = place[CHILDREN * i + k]
                n += 1


@njit
def _add_codes(order: Int64Array, code: Int64Array, children: UInt8Array, found: Int64Array) -> None:
    """The Morton codes of the children of nodes, sorted."""
    n = 0
    for i in order:
        for k in range(CHILDREN):
            if (children[i] >> k) & 1:
                found[n] = code[i] << 3 | k
                n += 1


@njit
def _add_parents(codes: Int64Array, parents: Int64Array, children: UInt8Array) -> Int:
    """How many nodes there are above sorted codes; their codes, and their children as bits, zero before."""
    n = -1
    for i in range(codes.size):
        if n < 0 or parents[n] != codes[i] >> 3:
            n += 1
            parents[n] = codes[i] >> 3
        children[n] |= np.uint8(1 << (codes[i] & 7))
    return n + 1


def as_bits(kept: BoolArray) -> UInt8Array:
    """(n, 8) -> (n,) bit k for child k."""
    return np.packbits(kept, axis=1, bitorder="little")[:, 0]


def children_of(nodes: LevelNodes, children: UInt8Array) -> LevelNodes:
    """The children (n,) of nodes, bit k for child k."""
    count = int(np.bitwise_count(children).sum())
    key, order = np.empty(count, np.int64), np.empty(count, np.int64)
    place = np.empty(CHILDREN * len(children), np.int32)
    _in_raster_order(nodes.key, children, np.zeros(CURSOR_WORDS, np.int64), key, place)
    _in_morton_order(nodes.order, children, place, order)
    return LevelNodes(key, order)


def with_order(key: Int64Array) -> LevelNodes:
    """The nodes with these sorted raster keys (n,)."""
    return LevelNodes(key, np.argsort(raster_to_morton(key)))


def nodes_of(codes: Int64Array) -> LevelNodes:
    """The nodes with these sorted Morton codes (n,)."""
    if len(codes) > _FEW:
        parents, bits = np.empty(len(codes), np.int64), np.zeros(len(codes), np.uint8)
        above = int(_add_parents(codes, parents, bits))
        if 2 * above <= len(codes):  # otherwise as many levels would be gone through
            nodes, children = nodes_of(parents[:above]), np.empty(above, np.uint8)
            children[nodes.order] = bits[:above]
            return children_of(nodes, children)
    key = morton_to_raster(codes)
    rows = np.argsort(key)
    order = np.empty(len(codes), np.int64)
    order[rows] = np.arange(len(codes))
    return LevelNodes(key[rows], order)


def children_kept(key: Int64Array, kept: BoolArray, order: Int64Array) -> Int64Array:
    """Morton codes, sorted, of the children (n, 8) that are kept of nodes. See `LevelNodes`."""
    return codes_of_children(LevelNodes(key, order), as_bits(kept))


def codes_of_children(nodes: LevelNodes, children: UInt8Array) -> Int64Array:
    """Morton codes, sorted, of the children (n,) of nodes, bit k for child k."""
    found = np.empty(int(np.bitwise_count(children).sum()), np.int64)
    _add_codes(nodes.order, raster_to_morton(nodes.key), children, found)
    return found


@njit
def mark_children(codes: Int64Array, nodes: Int64Array, marked: UInt8Array) -> None:
    """Marks sorted codes whose parents are among sorted nodes."""
    p = 0
    for i in range(codes.size):
        while p < nodes.size and nodes[p] < codes[i] >> 3:
            p += 1
        marked[i] = p < nodes.size and nodes[p] == codes[i] >> 3
