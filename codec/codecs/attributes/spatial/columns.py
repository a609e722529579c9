"""Columns as the coder takes them: whole numbers from 0 on, without gaps that every value has.

docs/attribute-coding.md, "Columns".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from octavox.codec.arrays import Int32Array, Int64Array
from octavox.codec.errors import InputError

Column = npt.NDArray[Any]
CONSTANT, EVEN, PALETTE, COPY = range(4)  # kinds of columns
MODELLED_BITS = 16  # of a value; what is below is coded without a model
MAX_BITS = 24
MOST_COLOURS = 4096  # of a palette
_TYPES = ("|b1", "|i1", "|u1", "<i2", "<u2", "<i4", "<u4", "<i8", "<u8")
_PART = 1 << 20


@dataclass(frozen=True)
class ColumnForm:
    """How a column is made of whole numbers v from 0 to `top`.

    dtype: of the column. kind: CONSTANT (every value is `least`), EVEN (least + v * step), PALETTE (v counts
    the values that occur), COPY (as EVEN, with the numbers of an earlier column, `source`). least: modulo
    2**64. palette: (top + 1,) uint64 distances from `least`, the first 0.
    """

    dtype: np.dtype[Any]
    kind: int
    least: int
    top: int = 0
    step: int = 1
    source: int = 0
    palette: npt.NDArray[np.uint64] | None = None

    @property
    def raw_bits(self) -> int:
        """Bits of the numbers that are coded without a model."""
        return max(self.top.bit_length() - MODELLED_BITS, 0)

    def restored(self, numbers: Int64Array | None, rows: int) -> Column:
        """The column (rows,) from its numbers (rows,) int64."""
        least = np.array(self.least % (1 << 64), np.uint64)
        if numbers is None:
            total = np.broadcast_to(least, (rows,))
        elif self.palette is not None:
            total = least + self.palette[numbers]
        else:
            with np.errstate(over="ignore"):
                total = least + numbers.astype(np.uint64) * np.uint64(self.step)
        if self.dtype.kind == "b":
            return np.asarray(total != 0)
        return np.ascontiguousarray(total.astype(self.dtype))


def type_number(dtype: np.dtype[Any]) -> int:
    """Number of a type in a stream. Raises InputError for a type that is no integer."""
    name = dtype.newbyteorder("<").str
    if name not in _TYPES:
        raise InputError(f"columns of integers, not of {dtype}", field="attributes")
    return _TYPES.index(name)


def type_of(number: int) -> np.dtype[Any] | None:
    """Inverse of `type_number`; None for a number without a type."""
    return np.dtype(_TYPES[number]) if number < len(_TYPES) else None


def _spread(column: Column) -> tuple[int, npt.NDArray[np.uint64]]:
    """The smallest value, and how far each is above it."""
    least = int(column.min())
    wide = column.astype(np.uint64) if column.dtype.kind != "i" else column.astype(np.int64).view(np.uint64)
    return least, wide - np.array(least % (1 << 64), np.uint64)


def _step(above: npt.NDArray[np.uint64]) -> int:
    """The greatest common factor."""
    step = 0
    for first in range(0, len(above), _PART):
        step = int(np.gcd.reduce(above[first : first + _PART], initial=step))
        if step == 1:
            break
    return max(step, 1)


def _palette(above: npt.NDArray[np.uint64], top: int) -> npt.NDArray[np.uint64] | None:
    """The values that occur, if they are few."""
    sample = np.unique(above[:: max(1, len(above) // 4096)])
    if 4 * len(sample) > min(top, 4 * MOST_COLOURS) or len(above) < 4 * len(sample):
        return None
    palette = np.unique(above)
    few = len(palette) <= MOST_COLOURS and 4 * len(palette) <= top and 16 * len(palette) <= len(above)
    return palette if few else None


def form_of(column: Column, exact: bool = True) -> tuple[ColumnForm, Int64Array | None]:
    """The form of a column (N,), N >= 1, and its numbers (N,) int64; None for a constant.

    exact: all values come back; others have no palette, as its numbers are no distances. Raises InputError
    for a type that is no integer.
    """
    type_number(column.dtype)
    least, above = _spread(column)
    most = int(above.max())
    if most == 0:
        return ColumnForm(column.dtype, CONSTANT, least), None
    step = _step(above)
    top = most // step
    palette = _palette(above, top) if exact else None
    if palette is not None:
        numbers = np.searchsorted(palette, above).astype(np.int64)
        return ColumnForm(column.dtype, PALETTE, least, len(palette) - 1, palette=palette), numbers
    numbers = (above // np.uint64(step)).astype(np.int64) if step > 1 else above.astype(np.int64)
    return ColumnForm(column.dtype, EVEN, least, top, step), numbers


def coarse(column: Column, error: int) -> Column:
    """Integers (N,) that are at most `error` off, with even distances of 2 * error + 1."""
    if not error or not len(column):
        return column
    least, above = _spread(column)
    most, step = int(above.max()), 2 * error + 1
    if most + step >= 1 << 63:
        return column
    first = (-(most + 1) % step) // 2  # what the outer cells have too much, on one side
    cells = (above + np.uint64(first)) // np.uint64(step)
    total = np.array((least + error - first) % (1 << 64), np.uint64) + cells * np.uint64(step)
    return np.ascontiguousarray(total.astype(column.dtype))


def suitable(column: Column) -> bool:
    """Whether `encode_spatial` takes a column: integers whose numbers have at most 24 bits."""
    if column.ndim != 1 or column.dtype.kind not in "iub" or column.dtype.itemsize > 8:
        return False
    if not len(column) or column.dtype.itemsize <= 2:
        return True
    form, _ = form_of(column)
    return form.top < 1 << MAX_BITS


def forms_of(
    columns: Sequence[Column], errors: Sequence[int] = ()
) -> tuple[list[ColumnForm], list[Int64Array | None]]:
    """Forms and numbers of several columns; an equal one becomes a copy of the earlier.

    errors: how far what comes back of each column may be off; none: not at all.
    """
    errors = errors or [0] * len(columns)
    forms: list[ColumnForm] = []
    numbers: list[Int64Array | None] = []
    for number, column in enumerate(columns):
        form, own = form_of(column, not errors[number])
        if form.top >= 1 << MAX_BITS:
            raise InputError(
                f"a column with a range of {form.top} is too wide for this coder", field="attributes"
            )
        for k, other in enumerate(numbers):
            alike = form.kind == forms[k].kind == EVEN and form.top == forms[k].top
            alike = alike and errors[number] // form.step == errors[k] // forms[k].step
            if alike and own is not None and other is not None and np.array_equal(own, other):
                form = ColumnForm(form.dtype, COPY, form.least, form.top, form.step, k)
                break
        forms.append(form)
        numbers.append(own)
    return forms, numbers


def modelled(forms: Sequence[ColumnForm]) -> list[int]:
    """Which columns are coded at all."""
    return [k for k, form in enumerate(forms) if form.kind in (EVEN, PALETTE)]


def matrix(
    numbers: Sequence[Int64Array | None], forms: Sequence[ColumnForm], order: Sequence[int]
) -> Int32Array:
    """(N, C) int32 numbers of the columns `order`."""
    rows = len(next(n for n in numbers if n is not None))
    out = np.empty((rows, len(order)), np.int32)
    for c, k in enumerate(order):
        own = numbers[k]
        if own is not None:
            out[:, c] = own
    return out
