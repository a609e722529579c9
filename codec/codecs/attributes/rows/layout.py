"""What the coding loops are given: the fields of a part, and the numbers that say how each is coded.

A field is a column of integers from 0 to `size` - 1, made of a column of the cloud (`numbers`). The fields of
a part are coded one after the other, each from what is known: all rows of earlier fields, and the rows before
of its own.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from octavox.codec.arrays import Float64Array, Int16Array, Int64Array

SYMBOLS, NUMBERS, STORED, GIVEN = range(4)  # how a field is coded; GIVEN: not at all

# Numbers of a field, by their place.
MODE, SIZE, MASK, FRACTION, SHIFT = range(5)
RELATED, MOST_RELATED = 5, 3
CLASSES, MOST_CLASSES = 8, 2
TIME = 10
RATIO, RATIO_KEY, RATIO_KIND, RATIO_LOW, RATIO_STEP = range(11, 16)
CELLS, CELL_AXES, MOST_CELLS = 16, 3, 2  # of each table of cells: axis, shift, axis, shift, axis, shift
STEPS = CELLS + 2 * CELL_AXES * MOST_CELLS  # where the steps of the mask begin, -1 without
NUMBERS_OF_FIELD = STEPS + 1
NONE = -1

FLOAT32, FLOAT64 = 1, 2  # kinds of ratios
CLASS_VALUES = 8
MOST_SYMBOLS = 256


class Part(NamedTuple):
    """The fields of a part.

    values: (fields, rows) int64. scores: (fields, rows) int16 how far each number was from its guess, in 1/64
    of what was expected. fields: (fields, NUMBERS_OF_FIELD) int64. reals: (fields, rows or 0) float64, the
    columns as numbers where a ratio needs them. steps: int64, of the symbols of masks. width: of an organized
    cloud, or 0.
    """

    values: Int64Array
    scores: Int16Array
    fields: Int64Array
    reals: Float64Array
    steps: Int64Array
    width: int


def new_field(mode: int, size: int, mask: int = NONE) -> Int64Array:
    """The numbers of a field that knows of no others."""
    field = np.full(NUMBERS_OF_FIELD, NONE, np.int64)
    field[[MODE, SIZE, MASK, FRACTION, SHIFT]] = mode, size, mask, 0, 0
    field[[RATIO_KIND, RATIO_LOW, RATIO_STEP]] = 0, 0, 1
    for table in range(MOST_CELLS):
        for axis in range(CELL_AXES):
            field[CELLS + 2 * (CELL_AXES * table + axis) + 1] = 0
    return field


def has_cells(field: Int64Array, table: int) -> bool:
    """Whether a table of cells is used."""
    return bool(field[CELLS + 2 * CELL_AXES * table] >= 0)
