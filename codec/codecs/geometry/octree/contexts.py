"""What the coder knows about a child before it is coded, and which parts of it each context uses.

Children of a level are coded in raster order. In the 5^3 window around a child the 62 children before it are
known (*causal*); of the 62 after it only their nodes are known. All of this except the two voxels just before
the child in its own row is known when the row begins. It fills four 64-bit words. A context is a set of masks
on them (`templates.py`), hashed to a group of four counters; those two voxels choose one of the four. So the
groups of a whole row can be found and prefetched before its first bit is coded.
docs/octree-codec.md describes the window and lists the words.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from octavox.codec.arrays import Int32Array, Int64Array, UInt8Array
from octavox.codec.coding.kernels.counting import counter_finder
from octavox.codec.coding.kernels.jit import Int, inlined
from octavox.codec.coding.kernels.simd import eight_bytes

from .levels import AXIS_MASK, X_SHIFT, Y_SHIFT
from .templates import TEMPLATES, Template

LANE = 6  # bits of a row of causal voxels in words 0 and 2; the uppermost stays 0
NEAR_SHIFT = 42  # where word 2 has the rows dy = -2 and -1 of dx = 0
LATER_FROM = 63  # position of the first voxel of word 1

# Fields of words 2 and 3: name -> (word, shift, bits).
FIELDS = {
    "neighbours": (2, 0, 27),  # which of the parent's 3^3 neighbours exist
    "own": (2, 27, 8),  # children of the parent coded so far, without those of this row
    "parity": (2, 35, 3),  # which child: 4x + 2y + z
    "level": (2, 38, 4),  # levels below this one, at most 15
    "crowd": (2, 54, 4),  # half the number of the parent's neighbours
    "x": (3, 0, 21),  # the voxel's coordinates
    "y": (3, 21, 21),
    "z": (3, 42, 21),
}
FACTORS = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0xD6E8FEB86659FD93, 0xA0761D6478BD642F)
LAST_FACTOR = 0x94D049BB133111EB
GROUP_BITS = 2  # the two voxels before choose one of a group's four counters

_PLANE = (1 << 5 * LANE) - 1
BEFORE_MASK = sum(31 << LANE * r for r in range(10))  # dz = -2 .. 2 of ten rows
NEAR_MASK = 31 | 31 << LANE


class Window(NamedTuple):
    """The window of a pair of children that differ only in z, in rows of 6: dz = -2 .. 3 of the lower one.

    before: the ten rows of dx = -2 and -1. near: the rows dy = -2 and -1 of dx = 0.
    """

    before: Int
    near: Int


def offsets(text: str) -> list[tuple[int, ...]]:
    """The offsets that a template lists: single ones and boxes, such as "-1,-1,-1..-1,1,1 0,0,1"."""
    found: list[tuple[int, ...]] = []
    for part in text.split():
        low, _, high = part.partition("..")
        a = [int(v) for v in low.split(",")]
        b = [int(v) for v in (high or low).split(",")]
        box = np.stack(np.meshgrid(*[range(p, q + 1) for p, q in zip(a, b)], indexing="ij"), -1)
        found += [tuple(int(v) for v in row) for row in box.reshape(-1, 3)]
    return found


def window_bit(offset: tuple[int, ...]) -> tuple[int, int]:
    """(word, bit) of a window voxel other than (0, 0, -2), (0, 0, -1) and the middle."""
    row, column = 5 * (offset[0] + 2) + offset[1] + 2, offset[2] + 2
    if row < 10:
        return 0, LANE * row + column
    if row < 12:
        return 2, NEAR_SHIFT + LANE * (row - 10) + column
    return 1, 5 * row + column - LATER_FROM


def template_masks(templates: tuple[Template, ...]) -> Int64Array:
    """(len(templates), 4) int64 masks on the context words."""
    masks = np.zeros((len(templates), 4), np.int64)
    for row, template in zip(masks, templates):
        for offset in offsets(template.voxels):
            word, bit = window_bit(offset)
            row[word] |= 1 << bit
        for x, y, z in offsets(template.nodes):
            row[2] |= 1 << (9 * (x + 1) + 3 * (y + 1) + z + 1)
        for name in template.fields.split():
            word, shift, bits = FIELDS[name]
            row[word] |= ((1 << bits) - 1) << shift
    return masks


def _later_planes() -> Int32Array:
    """(4, 512) int32: which of the 25 children of a plane of the window belong to the nodes that exist.

    Row 2 yb + zb is for the child (yb, zb). Bit 3 (dy + 1) + dz + 1 of a column's number says that the node
    at (dy, dz) exists.
    """
    table = np.zeros((4, 512), np.int32)
    for half in range(4):
        for at in range(25):
            y, z = (at // 5 + (half >> 1)) >> 1, (at % 5 + (half & 1)) >> 1
            table[half] |= ((np.arange(512) >> (3 * y + z)) & 1).astype(np.int32) << at
    return table


MASKS = template_masks(TEMPLATES)
LATER_PLANES = _later_planes()
find_counters = counter_finder(MASKS.tolist(), FACTORS, LAST_FACTOR, GROUP_BITS)


@inlined
def popcount(value: Int) -> Int:
    """How many bits of a number below 2**32 are set (Warren, Hacker's Delight, section 5-1)."""
    v = np.int64(value)
    v = v - ((v >> 1) & 0x55555555)
    v = (v & 0x33333333) + ((v >> 2) & 0x33333333)
    v = (v + (v >> 4)) & 0x0F0F0F0F
    return ((v * 0x01010101) & 0xFFFFFFFF) >> 24


@inlined
def _column(occ: UInt8Array, first: Int32Array, around: Int, i: Int, row: Int) -> Int:
    """Occupancy of the nodes at dz = -1, 0, 1 of a row of neighbours of node i: three bytes."""
    there = (around >> (3 * row)) & 7
    v = np.int64(eight_bytes(occ, np.int64(first[i, row])))
    low = v & (-(there & 1) & 255)
    v >>= (there & 1) << 3
    middle = v & (-((there >> 1) & 1) & 255)
    v >>= (there & 2) << 2
    return low | (middle << 8) | ((v & (-(there >> 2) & 255)) << 16)


@inlined
def _rows(column: Int, xb: Int) -> Int:
    """The two rows of children (xb, 0) and (xb, 1) of three nodes: 6 bits each."""
    c = column >> (4 * xb)
    a, b = c & 0x030303, (c >> 2) & 0x030303
    return ((a | (a >> 6) | (a >> 12)) & 63) | (((b | (b >> 6) | (b >> 12)) & 63) << LANE)


@inlined
def _three(a: Int, b: Int, c: Int, xb: Int) -> Int:
    """Six rows of children of three columns."""
    return _rows(a, xb) | (_rows(b, xb) << (2 * LANE)) | (_rows(c, xb) << (4 * LANE))


@inlined
def window_of(occ: UInt8Array, first: Int32Array, around: Int, i: Int, xb: Int, yb: Int) -> Window:
    """What is known around the children (xb, yb, *) of node i."""
    a, b, c = (
        _column(occ, first, around, i, 0),
        _column(occ, first, around, i, 1),
        _column(occ, first, around, i, 2),
    )
    d = _column(occ, first, around, i, 3)
    if xb == 0:
        far, next_ = _three(a, b, c, 0), _three(a, b, c, 1)
    else:
        e, f = _column(occ, first, around, i, 4), _column(occ, first, around, i, 5)
        far, next_ = _three(a, b, c, 1), _three(d, e, f, 0)
    near = _rows(d, xb)
    if yb:
        near = (near >> LANE) | (_rows(_column(occ, first, around, i, 4), xb) << LANE)
    down = LANE * yb
    before = ((far >> down) & _PLANE) | (((next_ >> down) & _PLANE) << (5 * LANE))
    return Window(before, near & 0xFFF)


class NodeFacts(NamedTuple):
    """What the context words of a child say of its node.

    around: which of the 3^3 neighbours exist, as `Neighbours.mask`. own: children coded before this row.
    level: levels below the children's, at most 15. key: raster key.
    """

    around: Int
    own: Int
    level: Int
    key: Int


@inlined
def fill_words(window: Window, node: NodeFacts, octant: Int, words: Int64Array) -> None:
    """The context words of child `octant` = 4 xb + 2 yb + zb of a node."""
    around, key = node.around, node.key
    xb, zb = octant >> 2, octant & 1
    words[0] = (window.before >> zb) & BEFORE_MASK
    half = octant & 3
    here, there = (around >> 9) & 511, around >> 18
    last = np.int64(LATER_PLANES[half, there])
    next_ = last if xb else np.int64(LATER_PLANES[half, here])
    words[1] = (np.int64(LATER_PLANES[half, here]) >> 13) | (next_ << 12) | (last << 37)
    words[2] = (
        around
        | (node.own << 27)
        | (octant << 35)
        | (node.level << 38)
        | (((window.near >> zb) & NEAR_MASK) << NEAR_SHIFT)
        | ((popcount(around) >> 1) << 54)
    )
    x = ((key >> X_SHIFT) << 1) | xb
    y = (((key >> Y_SHIFT) & AXIS_MASK) << 1) | ((octant >> 1) & 1)
    z = ((key & AXIS_MASK) << 1) | zb
    words[3] = x | (y << 21) | (z << 42)
