"""Columns of tables that come as text, block by block."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from octavox.codec.cloud.columns import Array

from .numbers import Numbers

_FIRST, _MOST = 1 << 12, 5 << 20  # values of a piece; the system gets large pieces back when they are freed


class _Stored:
    """The values of a column in a few large pieces: many small ones would leave holes in the memory."""

    def __init__(self) -> None:
        self._pieces: list[Array] = []
        self._filled = 0  # of the last piece

    def add(self, values: Array) -> None:
        """Copies values to the end."""
        at = 0
        while at < len(values):
            if not self._pieces or self._filled == len(self._pieces[-1]):
                size = min(max(2 * len(self._pieces[-1]) if self._pieces else 0, len(values), _FIRST), _MOST)
                self._pieces.append(np.empty(size, values.dtype))
                self._filled = 0
            piece = self._pieces[-1]
            count = min(len(piece) - self._filled, len(values) - at)
            piece[self._filled : self._filled + count] = values[at : at + count]
            self._filled += count
            at += count

    @property
    def least(self) -> float:
        """The smallest value, 0 where there is none."""
        found = [float(p.min()) for p in self._pieces[:-1]]
        return min([*found, *(float(p[: self._filled].min()) for p in self._pieces[-1:])], default=0.0)

    def taken(self) -> Iterator[Array]:
        """The pieces in their order; each is freed before the next one."""
        while self._pieces:
            piece = self._pieces.pop(0)
            yield piece if self._pieces else piece[: self._filled]


class ColumnBuilder:
    """One column of a table that comes block by block.

    dtype: the type that the file declares, or None: int64 (or uint64) where all numbers are integers, else
    float64. A declared float whose texts have digits that it cannot hold becomes a double.
    """

    def __init__(self, dtype: np.dtype[Any] | None) -> None:
        self._dtype = dtype
        self._stored = _Stored()
        self._integer, self.fits = True, True  # fits: the declared type holds every digit
        self._whole: list[tuple[int, int]] = []
        self._rows = 0

    def __len__(self) -> int:
        return self._rows

    def add(self, numbers: Numbers) -> None:
        """Takes numbers. Raises NumberFault where the type cannot hold one."""
        if self._dtype is not None and self._dtype.kind in "iu":
            self._stored.add(_as_integers(numbers, self._dtype))
        else:
            self._stored.add(numbers.values)
            self._integer = self._integer and bool(numbers.integer.all())
            self._whole += [(self._rows + k, n) for k, n in numbers.whole.items()]
            if self._dtype is not None and self.fits:
                self.fits = _float_holds(numbers, self._dtype)
        self._rows += len(numbers)

    def finish(self) -> Array:
        """(N,) the column. The builder is empty afterwards."""
        kept = self._dtype is not None and (self._dtype.kind in "iu" or self.fits)
        wanted = self._dtype if kept else np.dtype(np.float64)
        if self._dtype is None and self._integer and self._rows:
            numbers = [n for _, n in self._whole]
            least, most = min(numbers, default=0), max(numbers, default=0)
            if least >= -(1 << 63) and most < 1 << 63:
                wanted = np.dtype(np.int64)
            elif most < 1 << 64 and min(least, self._stored.least) >= 0:
                wanted = np.dtype(np.uint64)
        column = np.empty(self._rows, wanted)
        at = 0
        with np.errstate(all="ignore"):
            for part in self._stored.taken():
                column[at : at + len(part)] = part
                at += len(part)
        if column.dtype.kind in "iu":
            for row, number in self._whole:
                column[row] = number
        return column


def _as_integers(numbers: Numbers, dtype: np.dtype[Any]) -> Array:
    values, limits = numbers.values, np.iinfo(dtype)
    with np.errstate(invalid="ignore"):
        sound = np.isfinite(values) & (values == np.rint(values))
    if not sound.all():
        raise numbers.fault(int(np.argmin(sound)), "not an integer")
    wide = np.flatnonzero(np.abs(values) >= 2.0**53).tolist()
    exact = {k: numbers.whole.get(k, int(values[k])) for k in wide}
    beyond = [k for k, n in exact.items() if not limits.min <= n <= limits.max]
    outside = (values < limits.min) | (values > limits.max)
    outside[wide] = False
    outside[beyond] = True
    if outside.any():
        raise numbers.fault(int(np.argmax(outside)), f"outside {limits.min} to {limits.max}")
    if not wide:
        return values.astype(dtype)
    inside = values.copy()
    inside[wide] = 0
    out = inside.astype(dtype)
    for k, n in exact.items():
        out[k] = n
    return out


def _float_holds(numbers: Numbers, dtype: np.dtype[Any]) -> bool:
    """Whether a float of this type is what the texts say, up to half of their last digit."""
    if dtype.itemsize >= 8:
        return True
    values = numbers.values
    with np.errstate(over="ignore", invalid="ignore"):
        away = np.abs(values.astype(dtype).astype(np.float64) - values)
        # A text is half of its last digit away at most; the rounding of this very sum is forgiven.
        beyond = away > 0.5000001 * np.power(10.0, -numbers.places.astype(np.float64))
    return not bool((beyond & (away > 0)).any())


def agree_on_type(builders: Sequence[ColumnBuilder]) -> None:
    """Makes all columns doubles if the digits of one need a double: for coordinates, which have one type."""
    fits = all(builder.fits for builder in builders)
    for builder in builders:
        builder.fits = fits
