"""What the coder knows about a child voxel before it is coded, and which parts of it each context looks at.

Voxels of a level are coded in raster order. In the 5^3 window around a voxel the 62 voxels before it are
known (*causal*); of the 62 after it only the parent's occupancy is known. These bits, and a few fields, fill
four 64-bit words; a context is a set of masks on them (`TEMPLATES`), hashed to a table index.
docs/octree-codec.md draws the window and lists the words.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ..entropy.jit import Int, njit
from .levels import Bytes, Ints

Words = npt.NDArray[np.int64]

WINDOW = 5
CAUSAL_BITS = 62
ROWS = 25  # rows (dx, dy) of the window; 12 is the voxel's own

# Fields of word 2: name -> (shift, bits).
FIELDS = {
    "neighbours": (0, 27),  # which of the parent's 3^3 neighbours exist
    "own": (27, 8),  # children of the parent coded so far
    "parity": (35, 3),  # which child: 4x + 2y + z
    "level": (38, 4),  # levels below this one, at most 15
    "plane1": (42, 3),  # occupied voxels of the window at dx = -1, in 8 classes
    "plane2": (45, 3),  # the same at dx = -2
    "near": (48, 3),  # the same at dx = 0
    "crowd": (51, 4),  # half the number of the parent's neighbours
    "siblings": (55, 4),  # children of the parent coded so far and occupied
}
AXES = {"x": (0, 21), "y": (21, 21), "z": (42, 21)}  # word 3: the voxel's coordinates

# Classes of a count of up to 25 voxels.
_CLASSES = np.repeat(np.arange(8, dtype=np.int64), [1, 2, 2, 2, 3, 4, 5, 7])


class Template(NamedTuple):
    """A context: offsets of window voxels "dx,dy,dz", single ones or "A..B" boxes, and names of fields."""

    voxels: str
    fields: str


def _offsets(text: str) -> list[tuple[int, ...]]:
    """The window offsets of a template, e.g. "-1,-1,-1..-1,1,1 0,0,-1"."""
    found: list[tuple[int, ...]] = []
    for part in text.split():
        low, _, high = part.partition("..")
        a = [int(v) for v in low.split(",")]
        b = [int(v) for v in (high or low).split(",")]
        box = np.stack(np.meshgrid(*[range(p, q + 1) for p, q in zip(a, b)], indexing="ij"), -1)
        found += [tuple(int(v) for v in row) for row in box.reshape(-1, 3)]
    return found


def window_bit(offset: tuple[int, ...]) -> tuple[int, int]:
    """(word, bit) of a window voxel."""
    at = 25 * (offset[0] + 2) + 5 * (offset[1] + 2) + offset[2] + 2
    return (0, at) if at < CAUSAL_BITS else (1, at - CAUSAL_BITS - 1)


def template_masks(templates: tuple[Template, ...]) -> Words:
    """(len(templates), 4) int64 masks on the context words."""
    masks = np.zeros((len(templates), 4), np.int64)
    for row, template in zip(masks, templates):
        for offset in _offsets(template.voxels):
            word, bit = window_bit(offset)
            row[word] |= 1 << bit
        for name in template.fields.split():
            word, (shift, bits) = (2, FIELDS[name]) if name in FIELDS else (3, AXES[name])
            row[word] |= ((1 << bits) - 1) << shift
    return masks


@njit
def popcount(value: Int) -> Int:
    """Bits set in a number below 2**32 (Warren, Hacker's Delight, section 5-1)."""
    v = np.int64(value)
    v = v - ((v >> 1) & 0x55555555)
    v = (v & 0x33333333) + ((v >> 2) & 0x33333333)
    v = (v + (v >> 4)) & 0x0F0F0F0F
    return ((v * 0x01010101) & 0xFFFFFFFF) >> 24


@njit
def fill_rows(occ: Bytes, first: Ints, mask: Ints, i: Int, xb: Int, yb: Int, rows: Words) -> None:
    """Rows of the window around the children (xb, yb, *) of node i: 6 bits each, z from 2Z - 2 to 2Z + 3.

    rows[0..12]: known occupancy of the rows up to the voxel's own. rows[13..25]: occupancy of the parents,
    from the voxel's own row on.
    """
    around = np.int64(mask[i])
    for r in range(13):
        wx, wy = r // 5 + xb, r % 5 + yb
        row = 3 * (wx >> 1) + (wy >> 1)
        there = (around >> (3 * row)) & 7
        at = np.int64(first[i, row])
        shift = 4 * (wx & 1) + 2 * (wy & 1)
        low = np.int64(occ[at]) * (there & 1)
        at += there & 1
        middle = np.int64(occ[at]) * ((there >> 1) & 1)
        at += (there >> 1) & 1
        high = np.int64(occ[at]) * (there >> 2)
        rows[r] = ((low >> shift) & 3) | (((middle >> shift) & 3) << 2) | (((high >> shift) & 3) << 4)
    for r in range(12, 25):
        wx, wy = r // 5 + xb, r % 5 + yb
        there = (around >> (3 * (3 * (wx >> 1) + (wy >> 1)))) & 7
        spread = (there & 1) | ((there & 2) << 1) | ((there & 4) << 2)
        rows[r + 1] = spread | (spread << 1)


@njit
def fill_words(
    rows: Words, zb: Int, around: Int, own: Int, parity: Int, level: Int, key: Int, words: Words
) -> None:
    """The context words of child `parity` = 4 xb + 2 yb + zb of the node with raster key `key`."""
    causal = ((rows[12] >> zb) & 3) << 60
    later = (rows[13] >> (3 + zb)) & 3
    for r in range(12):
        causal |= ((rows[r] >> zb) & 31) << (5 * r)
        later |= ((rows[r + 14] >> zb) & 31) << (5 * r + 2)
    words[0] = causal
    words[1] = later
    plane2 = _CLASSES[popcount(causal & 0x1FFFFFF)]
    plane1 = _CLASSES[popcount((causal >> 25) & 0x1FFFFFF)]
    near = _CLASSES[popcount(causal >> 50)]
    words[2] = (
        around
        | (own << 27)
        | (parity << 35)
        | (level << 38)
        | (plane1 << 42)
        | (plane2 << 45)
        | (near << 48)
        | ((popcount(around) >> 1) << 51)
        | (popcount(own) << 55)
    )
    x = ((key >> 42) << 1) | (parity >> 2)
    y = (((key >> 21) & 0x1FFFFF) << 1) | ((parity >> 1) & 1)
    z = ((key & 0x1FFFFF) << 1) | zb
    words[3] = x | (y << 21) | (z << 42)


_NEAR = "-1,0,0 0,-1,0 0,0,-1"
_NEXT = "1,0,0 0,1,0 0,0,1"
_BEFORE = "-1,-1,-1..-1,1,1 0,-1,-1..0,-1,1 0,0,-1"

TEMPLATES = (
    Template(f"{_NEAR} {_NEXT}", "parity level"),
    Template(_BEFORE, "parity"),
    Template(f"{_BEFORE} 1,0,0..1,1,1 0,1,0..0,1,1 0,0,1", "parity"),
    Template("", "neighbours own parity"),
    Template("-2,-1,-1..-1,1,1", "own parity"),
    Template(f"{_BEFORE} 0,-2,-2..0,-1,2 0,0,-2", "parity"),
    Template("-1,-2,-2..-1,2,2 0,-2,-2..0,-1,2 0,0,-2..0,0,-1", "parity"),
    Template(f"{_NEAR} {_NEXT} -2,0,0 0,-2,0 0,0,-2 2,0,0 0,2,0 0,0,2", "parity"),
    Template(
        "0,0,-1 0,-1,0 0,1,1 -1,0,0 1,1,0 1,-1,1 -1,1,0 2,0,1 1,0,-2 -1,0,1 0,-1,1 -1,1,-1 0,-1,-1 2,2,2"
        " -1,-1,0 1,1,-1 -1,1,1 1,-1,-1",
        "",
    ),
    Template("", "y z level parity"),
    Template("", "own crowd level parity"),
)
MASKS = template_masks(TEMPLATES)
