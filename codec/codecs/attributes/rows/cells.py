"""The last value in the same cell: a table by what earlier fields have in the row, but for lower bits."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from octavox.codec.arrays import Int64Array
from octavox.codec.coding.kernels.jit import Int, inlined

from .layout import CELL_AXES, CELLS, MOST_CELLS, Part

MOST_TABLE_BITS = 18
_FACTOR = 0x9E3779B97F4A7C15 - (1 << 64)
_TAG, _VALUE, _ERROR, _WORDS = 0, 1, 2, 4


class Cells(NamedTuple):
    """tables: (MOST_CELLS << table_bits) * 4 int64: tag, value and error of each place.

    The rest are (2,) int64. place: in `tables`; -1 without a table. tag: of the row. hit: if it was seen.
    value, error: what the table says, or the other table, or what was given.
    """

    tables: Int64Array
    table_bits: Int
    place: Int64Array
    tag: Int64Array
    hit: Int64Array
    value: Int64Array
    error: Int64Array


def new_cells(used: bool, rows: int) -> Cells:
    """Tables that have seen nothing."""
    bits = min(max(rows.bit_length(), 10), MOST_TABLE_BITS) if used else 0
    small = [np.zeros(MOST_CELLS, np.int64) for _ in range(5)]
    return Cells(np.zeros((MOST_CELLS << bits) * _WORDS, np.int64), bits, *small)


@inlined
def look_up(cells: Cells, part: Part, f: Int, i: Int, default: Int, far: Int) -> None:
    """Finds what the tables say of row i of field f. far: the error of what was never seen."""
    for t in range(MOST_CELLS):
        first = CELLS + 2 * CELL_AXES * t
        cells.place[t], cells.hit[t], cells.value[t], cells.error[t] = -1, 0, default, far
        if part.fields[f, first] < 0:
            continue
        h: Int = np.int64(t + 1)
        for axis in range(CELL_AXES):
            g = part.fields[f, first + 2 * axis]
            if g >= 0:
                h = (h ^ (part.values[g, i] >> part.fields[f, first + 2 * axis + 1])) * np.int64(_FACTOR)
                h ^= (h >> 29) & 0x7FFFFFFFF
        place = (h >> (64 - cells.table_bits)) & ((np.int64(1) << cells.table_bits) - 1)
        at = ((np.int64(t) << cells.table_bits) + place) * _WORDS
        cells.place[t], cells.tag[t] = at, (h & 0xFFFFFFFF) | 1
        if cells.tables[at + _TAG] == cells.tag[t]:
            cells.hit[t] = 1
            cells.value[t], cells.error[t] = cells.tables[at + _VALUE], cells.tables[at + _ERROR]
    if cells.hit[0] != cells.hit[1]:
        seen = 0 if cells.hit[0] else 1
        cells.value[1 - seen] = cells.value[seen]


@inlined
def enter(cells: Cells, table: Int, value: Int, error: Int) -> None:
    """Enters the value of the row that was looked up."""
    at = cells.place[table]
    if at >= 0:
        cells.tables[at + _TAG] = cells.tag[table]
        cells.tables[at + _VALUE], cells.tables[at + _ERROR] = value, error
