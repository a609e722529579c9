"""The slice table of a stream: how many voxels each slice has, and in which box they lie.

A reader that wants a region finds the slices that can hold some of it without decoding any. A reader of a
damaged file learns from it what is lost. docs/format.md has the bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from octavox.codec.arrays import BoolArray, Int32Array, Int64Array
from octavox.codec.coding.bytes import ByteReader, varint

NAME = "table"
MOST_BOXES = 8  # of a slice
_BOX_BITS = 7  # of a corner, so that it takes a byte
_MANY = 1 << 15
_COMPACT = 0.75  # two boxes have to be this much smaller than one


@dataclass(frozen=True)
class SliceTable:
    """points: (S,) occupied voxels of each slice. boxes: of each slice one or more boxes in which they lie,
    (m, 2, 3): first and last cells, rounded outwards.
    """

    points: Int64Array
    boxes: tuple[Int64Array, ...]

    def __len__(self) -> int:
        return len(self.points)

    def around(self, number: int) -> Int64Array:
        """(2, 3) the first and last cell of one box around a slice."""
        own = self.boxes[number]
        return np.stack([own[:, 0].min(axis=0), own[:, 1].max(axis=0)])


def table_of(cells: Int32Array, numbers: Int32Array | None, points: Sequence[int], depth: int) -> SliceTable:
    """The table of slices with so many `points` each, of voxels (N, 3), whose slices are `numbers` (N,).

    numbers: None where the slices are runs of the voxels.
    """
    shift, boxes = _shift(depth), []
    for rows in rows_of_slices(range(len(points)), points, numbers):
        boxes.append(_cells(_boxes_of(_coarse(cells[rows], shift)), shift))
    return SliceTable(np.array(points, np.int64), tuple(boxes))


def _coarse(cells: Int32Array, shift: int) -> Int32Array:
    """(u, 3) the coarse cells in which cells (n, 3) lie; of many cells, each once."""
    if len(cells) < _MANY:
        return np.asarray(cells >> shift, np.int32)
    bits = _BOX_BITS
    there = np.zeros(1 << 3 * bits, bool)
    x, y, z = (cells[:, axis] >> shift for axis in range(3))
    there[(x << 2 * bits) | (y << bits) | z] = True
    keys = np.flatnonzero(there).astype(np.int32)
    mask = (1 << bits) - 1
    return np.stack([keys >> 2 * bits, (keys >> bits) & mask, keys & mask], axis=1)


def _boxes_of(cells: Int32Array) -> Int64Array:
    """(m, 2, 3) one box around cells (n, 3), or two where they leave much of it free.

    A run in Morton order goes through octants of a cube, one after the other: the cut is between two of them.
    """
    if not len(cells):
        return np.zeros((1, 2, 3), np.int64)
    whole = np.stack([cells.min(axis=0), cells.max(axis=0)]).astype(np.int64)
    differ = int(np.bitwise_or.reduce(cells ^ cells[0], axis=None))
    if not differ:
        return whole[None]
    bits = (cells >> (differ.bit_length() - 1)) & 1
    octant = bits[:, 0] << 2 | bits[:, 1] << 1 | bits[:, 2]
    there = [own for k in range(8) if len(own := cells[octant == k])]
    each = np.array([[own.min(axis=0), own.max(axis=0)] for own in there], np.int64)
    best, size = whole[None], _COMPACT * _volume(whole)
    for cut in range(1, len(each)):
        pair = np.stack([_union(each[:cut]), _union(each[cut:])])
        if (both := _volume(pair[0]) + _volume(pair[1])) < size:
            best, size = pair, both
    return best


def _union(boxes: Int64Array) -> Int64Array:
    """(2, 3) the box around boxes (m, 2, 3)."""
    return np.stack([boxes[:, 0].min(axis=0), boxes[:, 1].max(axis=0)])


def _volume(box: Int64Array) -> float:
    return float(np.prod(box[1] - box[0] + 1.0))


def rows_of_slices(
    chosen: Sequence[int], points: Sequence[int], numbers: Int32Array | None
) -> list[slice | BoolArray]:
    """Where the voxels of the chosen slices lie among the decoded ones. points: of each chosen slice."""
    if numbers is not None:
        return [numbers == k for k in chosen]
    ends = np.cumsum([0, *points]).tolist()
    return [slice(a, b) for a, b in zip(ends, ends[1:])]


def _cells(boxes: Int64Array, shift: int) -> Int64Array:
    """Boxes (m, 2, 3) of coarse cells in cells."""
    found = boxes << shift
    found[:, 1] += (1 << shift) - 1
    return found


def _shift(depth: int) -> int:
    return max(depth - _BOX_BITS, 0)


def pack_table(table: SliceTable, depth: int) -> bytes:
    """The payload of the chunk."""
    shift = _shift(depth)
    parts = [bytes([shift]), varint(len(table))]
    for points, boxes in zip(table.points.tolist(), table.boxes, strict=True):
        parts += [varint(points), varint(len(boxes))]
        for low, high in (boxes >> shift).tolist():
            parts += [varint(a) + varint(b - a) for a, b in zip(low, high, strict=True)]
    return b"".join(parts)


def parse_table(payload: bytes, first_byte: int, depth: int, points: int) -> SliceTable:
    """Inverse of `pack_table`. points: of the whole cloud. Raises CorruptStreamError."""
    reader = ByteReader(payload, first_byte=first_byte)
    shift = reader.u8(NAME)
    if shift >= depth:
        raise reader.fault(f"boxes of {shift} bits at depth {depth}", NAME, 0)
    held, boxes = [], []
    for _ in range(reader.varint(NAME, len(payload) // 8)):
        held.append(reader.varint(NAME, points))
        count = reader.varint(NAME, MOST_BOXES, 1)
        own = [_parse_box(reader, (1 << (depth - shift)) - 1) for _ in range(count)]
        boxes.append(_cells(np.array(own, np.int64), shift))
    reader.done(NAME)
    if sum(held) != points:
        raise reader.fault(f"its slices do not hold {points:,} voxels", NAME, 0)
    return SliceTable(np.array(held, np.int64), tuple(boxes))


def _parse_box(reader: ByteReader, top: int) -> tuple[list[int], list[int]]:
    """First and last coarse cell, at most `top`."""
    low, high = [], []
    for _ in range(3):
        low.append(reader.varint(NAME, top))
        high.append(low[-1] + reader.varint(NAME, top - low[-1]))
    return low, high
