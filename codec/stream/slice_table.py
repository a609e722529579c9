"""The slice table of a stream: how many voxels each slice has, and in which box they lie.

A reader that wants a region finds the slices that can hold some of it without decoding any. A reader of a
damaged file learns from it what is lost. docs/format.md has the bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from octavox.codec.arrays import BoolArray, Int32Array, Int64Array

from .bytes import ByteReader, varint

NAME = "table"
_BOX_BITS = 7  # of a corner, so that it takes a byte


@dataclass(frozen=True)
class SliceTable:
    """points: (S,) occupied voxels of each slice. low, high: (S, 3) first and last cell of the box in which
    they lie, rounded outwards.
    """

    points: Int64Array
    low: Int64Array
    high: Int64Array

    def __len__(self) -> int:
        return len(self.points)


def table_of(cells: Int32Array, numbers: Int32Array | None, points: Sequence[int], depth: int) -> SliceTable:
    """The table of slices with so many `points` each, of voxels (N, 3), whose slices are `numbers` (N,).

    numbers: None where the slices are runs of the voxels.
    """
    low, high = np.zeros((len(points), 3), np.int64), np.zeros((len(points), 3), np.int64)
    for k, rows in enumerate(rows_of_slices(range(len(points)), points, numbers)):
        if len(cells[rows]):
            low[k], high[k] = cells[rows].min(axis=0), cells[rows].max(axis=0)
    shift = _shift(depth)
    return SliceTable(np.array(points, np.int64), (low >> shift) << shift, _ends(high >> shift, shift))


def rows_of_slices(
    chosen: Sequence[int], points: Sequence[int], numbers: Int32Array | None
) -> list[slice | BoolArray]:
    """Where the voxels of the chosen slices lie among the decoded ones. points: of each chosen slice."""
    if numbers is not None:
        return [numbers == k for k in chosen]
    ends = np.cumsum([0, *points]).tolist()
    return [slice(a, b) for a, b in zip(ends, ends[1:])]


def _ends(coarse: Int64Array, shift: int) -> Int64Array:
    """The last cells of coarse cells."""
    return ((coarse + 1) << shift) - 1


def _shift(depth: int) -> int:
    return max(depth - _BOX_BITS, 0)


def pack_table(table: SliceTable, depth: int) -> bytes:
    """The payload of the chunk."""
    shift = _shift(depth)
    parts = [bytes([shift]), varint(len(table))]
    for points, low, high in zip(
        table.points.tolist(), (table.low >> shift).tolist(), (table.high >> shift).tolist(), strict=True
    ):
        parts.append(varint(points))
        parts += [varint(a) + varint(b - a) for a, b in zip(low, high, strict=True)]
    return b"".join(parts)


def parse_table(payload: bytes, first_byte: int, depth: int, points: int) -> SliceTable:
    """Inverse of `pack_table`. points: of the whole cloud. Raises CorruptStreamError."""
    reader = ByteReader(payload, first_byte=first_byte)
    shift = reader.u8(NAME)
    if shift >= depth:
        raise reader.fault(f"boxes of {shift} bits at depth {depth}", NAME, 0)
    count = reader.varint(NAME, len(payload) // 7)
    rows = np.zeros((count, 7), np.int64)
    top = (1 << (depth - shift)) - 1
    for k in range(count):
        rows[k, 0] = reader.varint(NAME, points)
        for axis in range(3):
            rows[k, 1 + axis] = low = reader.varint(NAME, top)
            rows[k, 4 + axis] = low + reader.varint(NAME, top - low)
    reader.done(NAME)
    if int(rows[:, 0].sum()) != points:
        raise reader.fault(f"its slices do not hold {points:,} voxels", NAME, 0)
    return SliceTable(rows[:, 0], rows[:, 1:4] << shift, _ends(rows[:, 4:], shift))
