"""Lattices: the steps on which stored coordinates lie exactly, and the integers that stand for them.

Most coordinates are whole multiples of a step: integers, decimals with so many digits after the point, binary
fractions, or what a voxelizer left. On such a lattice a coordinate is an integer, and comes back to the last
bit. Integers are exact; the value of a decimal is the quotient of two exact doubles, which IEEE 754 rounds
correctly; both directions use the same arithmetic, and an encoder checks every value that it gives away.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from octavox.codec.arrays import FloatArray
from octavox.codec.job import JobContext

Array = npt.NDArray[Any]
Int64Array = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

INTEGER, DECIMAL, BINARY, REGULAR, FRACTION = range(5)  # kinds, as streams have them
MOST_DIGITS = 15  # after the point that are looked for
MOST_BINARY = 1074  # no double has more binary places
EXACT = 1 << 53  # integers below are exact as doubles
_SAMPLE = 4096


@dataclass(frozen=True)
class Lattice:
    """The values of one axis: m = base + step * c for the cell c >= 0, and then by kind

    INTEGER: m. DECIMAL: m / 10**places. BINARY: m / 2**places. FRACTION: m / places. REGULAR: origin +
    scale * c, rounded twice as doubles; base and step mean nothing.
    The value is then rounded to the type of the file.
    """

    kind: int
    base: int = 0
    step: int = 1
    places: int = 0
    origin: float = 0.0
    scale: float = 1.0

    @property
    def spacing(self) -> float:
        """Distance of neighbouring values."""
        if self.kind == REGULAR:
            return self.scale
        return float(self._divided(float(self.step)))

    @property
    def first(self) -> float:
        """Value of cell 0."""
        return self.origin if self.kind == REGULAR else float(self._divided(float(self.base)))

    def _divided(self, number: Any) -> Any:
        if self.kind == DECIMAL:
            return number / 10.0**self.places
        if self.kind == BINARY:
            return np.ldexp(number, -self.places)
        return number / float(self.places) if self.kind == FRACTION else number

    def values(self, cells: Array, dtype: np.dtype[Any]) -> Array:
        """(n,) values of cells (n,), of any integer type, with the type of the file."""
        if self.kind == REGULAR:
            exact: Array = self.origin + self.scale * cells.astype(np.float64)
        else:
            numbers = self.base + self.step * cells.astype(np.int64)
            if self.kind == INTEGER and dtype.kind in "iu":
                return numbers.astype(dtype)
            exact = np.asarray(self._divided(numbers.astype(np.float64)))
        with np.errstate(over="ignore", invalid="ignore"):
            return exact.astype(dtype) if dtype.kind == "f" else np.rint(exact).astype(dtype)

    def fits(self, depth: int) -> bool:
        """Whether the whole numbers of all cells below 2**depth have 64 bits."""
        return self.kind == REGULAR or abs(self.base) + (self.step << depth) < 1 << 63

    def shifted(self, cells: int) -> Lattice:
        """The lattice that begins so many cells later."""
        if self.kind == REGULAR:
            return Lattice(REGULAR, origin=self.origin + self.scale * cells, scale=self.scale)
        return Lattice(self.kind, self.base + self.step * cells, self.step, self.places)


def same_bits(a: Array, b: Array) -> npt.NDArray[np.bool_]:
    """(n,) whether values are the same to the last bit; arrays of one type."""
    if a.dtype.kind != "f":
        return np.asarray(a == b)
    bits = np.dtype(f"u{a.dtype.itemsize}")
    return np.asarray(np.ascontiguousarray(a).view(bits) == np.ascontiguousarray(b).view(bits))


def integers_on(values: Array, kind: int, places: int) -> FloatArray:
    """(n,) doubles: the whole numbers m nearest to float values; inf and nan where there are none."""
    with np.errstate(over="ignore", invalid="ignore"):
        wide = values.astype(np.float64)
        if kind == INTEGER:
            return np.asarray(np.rint(wide), np.float64)
        if kind == BINARY:
            scaled = np.ldexp(wide, places)
        else:
            scaled = wide * (10.0**places if kind == DECIMAL else places)
        return np.asarray(np.rint(scaled), np.float64)


def whole_on(values: Array, kind: int, places: int) -> tuple[Int64Array, BoolArray]:
    """(n,) the whole number m of each float value, 0 where there is none, and (n,) which come back by it."""
    numbers = integers_on(values, kind, places)
    with np.errstate(invalid="ignore"):
        fits = np.abs(numbers) < EXACT
    if not fits.all():
        numbers = np.where(fits, numbers, 0.0)
    whole = numbers.astype(np.int64)
    return whole, np.asarray(
        fits & same_bits(Lattice(kind, places=places).values(whole, values.dtype), values)
    )


def on_lattice(values: Array, kind: int, places: int) -> BoolArray:
    """(n,) which float values a lattice of this kind gives back to the last bit."""
    return whole_on(values, kind, places)[1]


def sample_places(count: int) -> Int64Array:
    """Places of a sample of `count` values, all over them, at no fixed distance from each other."""
    if count <= _SAMPLE:
        return np.arange(count)
    turns = np.arange(_SAMPLE, dtype=np.uint64) * np.uint64(2654435761) % np.uint64(1 << 32)  # Knuth's
    return (turns.astype(np.float64) / (1 << 32) * count).astype(np.int64)


def candidates(values: Array) -> list[tuple[int, int]]:
    """(kind, places) of the lattices on which nearly all of a sample of floats (n,) lie, coarsest first.

    A value off the lattice is no reason to refuse it: a mark for "nothing measured", an outlier.
    """
    if not len(values):
        return []
    some = values[sample_places(len(values))]
    some = some[np.isfinite(some)]
    enough = 0.98 * len(some)
    if np.count_nonzero(on_lattice(some, INTEGER, 0)) >= enough:
        return [(INTEGER, 0)]
    found: list[tuple[float, int, int]] = []
    for digits in range(1, MOST_DIGITS + 1):
        if np.count_nonzero(on_lattice(some, DECIMAL, digits)) >= enough:
            found.append((10.0**-digits, DECIMAL, digits))
            break
    places = _binary_places(some)
    if places is not None and np.count_nonzero(on_lattice(some, BINARY, places)) >= enough:
        found.append((math.ldexp(1.0, -places), BINARY, places))
    return [(kind, number) for _, kind, number in sorted(found, reverse=True)]


def _binary_places(values: Array) -> int | None:
    """Binary places after the point that 98 % of the values need, at least 0."""
    if not len(values):
        return None
    mantissa, exponent = np.frexp(values.astype(np.float64))
    whole = np.abs(np.ldexp(mantissa, 53)).astype(np.int64)
    low = whole & -whole
    zeros = np.where(whole > 0, np.log2(np.maximum(low, 1)).astype(np.int64), 0)
    need = np.where(whole > 0, 53 - zeros - exponent, 0)
    places = int(np.quantile(need, 0.98, method="higher"))
    return max(places, 0) if places <= MOST_BINARY else None


def whole_numbers(values: Array, kind: int, places: int, job: JobContext) -> tuple[Int64Array, BoolArray]:
    """(n,) the m of each value, and (n,) which values they give back to the last bit."""
    numbers, fits = np.zeros(len(values), np.int64), np.zeros(len(values), bool)
    for part in job.parts(len(values)):
        numbers[part], fits[part] = whole_on(values[part], kind, places)
    return numbers, fits


def common_step(numbers: Int64Array) -> int:
    """The largest step of which all differences of the numbers (n,) are multiples; 1 where all are equal."""
    if not len(numbers):
        return 1
    low = int(numbers.min())
    few = numbers[sample_places(len(numbers))]
    if len(few) < len(numbers) and common_step(few) == 1:
        return 1
    step = int(np.gcd.reduce(numbers.astype(np.uint64) - np.uint64(low % (1 << 64)))) if len(numbers) else 0
    return step or 1
