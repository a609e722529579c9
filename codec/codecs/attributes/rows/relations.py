"""Which earlier fields a field is coded from: chosen on a sample, by about how many bits they save."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from octavox.codec.arrays import Float64Array, Int64Array

from ..interface import Array
from .layout import (
    CELL_AXES,
    CELLS,
    CLASS_VALUES,
    CLASSES,
    FRACTION,
    GIVEN,
    MASK,
    MODE,
    MOST_CELLS,
    MOST_CLASSES,
    MOST_RELATED,
    NUMBERS,
    RATIO,
    RELATED,
    SHIFT,
    SIZE,
    SYMBOLS,
    TIME,
)
from .plan import MOST_FRACTION, MOST_SHIFT, Plan
from .transforms import MOST_SIZE

SAMPLE, CELLS_OF_SAMPLE = 1 << 16, 1 << 20  # rows at most, and rows times fields
_LEAST = 16
_TYPICAL = 96.0  # what differences are in units of features
_MOST_SYMBOLS = 64
_MOST_EARLIER = 8  # numbers that cells are tried with
_SHIFTS = (0, 2, 4)
_COARSEST = 24
_FALLS = 0.05  # of the differences of a time
Axes = tuple[tuple[int, int], ...]


@dataclass
class Sample:
    """Some rows that follow each other. plan: gets what is found."""

    plan: Plan
    values: list[Int64Array]
    differences: dict[int, Int64Array] = field(default_factory=dict)

    def __post_init__(self) -> None:
        rows = len(self.values[0]) if self.values else 0
        size = min(SAMPLE, max(CELLS_OF_SAMPLE // max(len(self.values), 1), 1 << 12), rows)
        begin = (rows - size) // 2
        self.values = [values[begin : begin + size] for values in self.values]

    def coded(self, number: int) -> Int64Array:
        """The rows of a field that its mask leaves."""
        mask = int(self.plan.fields[number][MASK])
        if mask < 0:
            return np.arange(len(self.values[number]))
        return np.flatnonzero(self.values[mask] == 0)

    def steps(self, number: int) -> Int64Array:
        """(n,) the differences of a field from the row before."""
        if number not in self.differences:
            values = self.values[number]
            self.differences[number] = np.diff(values, prepend=values[:1])
        return self.differences[number]

    def fields(self, before: int, *modes: int) -> list[int]:
        """Earlier fields of these modes."""
        return [k for k in range(before) if int(self.plan.fields[k][MODE]) in modes]


def relate(sample: Sample, number: int) -> None:
    """Completes the numbers of a field."""
    row = sample.plan.fields[number]
    if row[MODE] == GIVEN:
        return
    rows = sample.coded(number)
    if row[MODE] == NUMBERS:
        _set_unit(sample, number, rows)
    if len(rows) < _LEAST:
        return
    if row[MODE] == SYMBOLS:
        _relate_symbols(sample, number, rows)
    else:
        _relate_numbers(sample, number, rows)
    _choose_cells(sample, number, rows)


def _set_unit(sample: Sample, number: int, rows: Int64Array) -> None:
    """Sets the unit of features, so that differences, or the errors of a ratio, are about 96 of them."""
    row = sample.plan.fields[number]
    steps = np.abs(sample.steps(number)[rows]).astype(np.float64)
    typical = 1.0
    if len(steps):
        typical = max(float(np.minimum(steps, 16 * np.median(steps) + 1).mean()), 0.01)
    if row[RATIO] >= 0:
        typical = 1.0
    places = int(np.floor(np.log2(_TYPICAL / typical)))
    row[FRACTION] = min(max(places, 0), MOST_FRACTION)
    row[SHIFT] = min(max(-places, 0), MOST_SHIFT)
    while row[FRACTION] and (int(row[SIZE]) << int(row[FRACTION])) > MOST_SIZE:
        row[FRACTION] -= 1


def rises(steps: Int64Array) -> bool:
    """Whether differences are those of a time: often above 0, hardly ever below."""
    above, below = np.count_nonzero(steps > 0), np.count_nonzero(steps < 0)
    return bool(above > 0.1 * len(steps) and below <= _FALLS * above)


def _entropy(values: Int64Array) -> float:
    _, counts = np.unique(values, return_counts=True)
    share = counts / max(counts.sum(), 1)
    return float(-(share * np.log2(share)).sum())


def _relate_symbols(sample: Sample, number: int, rows: Int64Array) -> None:
    """The fields that say most of the symbols, beside the symbol before."""
    own = sample.values[number]
    last = own[np.maximum(rows - 1, 0)]
    size = int(sample.plan.fields[number][SIZE])
    alone = _entropy(own[rows] + size * last) - _entropy(last)
    found = []
    for k in sample.fields(number, SYMBOLS, NUMBERS):
        if sample.plan.fields[k][SIZE] > _MOST_SYMBOLS:
            continue
        known = sample.values[k][rows] * size + last
        left = _entropy(own[rows] + size * known) - _entropy(known)
        if left < alone - 0.001:
            found.append((left, k))
    for place, (_, k) in enumerate(sorted(found)[:MOST_RELATED]):
        sample.plan.fields[number][RELATED + place] = k


def _bits(errors: Array) -> Float64Array:
    return np.asarray(np.log2(np.abs(errors).astype(np.float64) + 0.5))


def _relate_numbers(sample: Sample, number: int, rows: Int64Array) -> None:
    """Fields whose differences go with its own, fields whose symbols say how large they are, and times."""
    row, own = sample.plan.fields[number], sample.steps(number)[rows]
    if row[RATIO] >= 0:
        return
    found = []
    mine = _clipped(own)
    for k in sample.fields(number, NUMBERS):
        other = _clipped(sample.steps(k)[rows])
        norm = np.sqrt((mine * mine).sum() * (other * other).sum()) + 1e-9
        found.append((-abs(float((mine * other).sum())) / norm, -k))
        if not sample.plan.width and rises(sample.steps(k)[rows]):
            row[TIME] = k
    near = [(r, k) for r, k in sorted(found) if r < -0.1]
    for place, (_, k) in enumerate(near[:MOST_RELATED]):
        row[RELATED + place] = -k
    alone, values = float(_bits(own).mean()), sample.values[number][rows]
    classes = []
    for k in sample.fields(number, SYMBOLS):
        symbols = np.minimum(sample.values[k][rows], CLASS_VALUES - 1)
        left = 0.0
        for c in np.unique(symbols):
            alike = symbols == c
            by_step = _bits(own[alike] - np.median(own[alike])).sum()
            by_value = _bits(np.diff(values[alike])).sum()
            left += float(min(by_step, by_value))
        if left / len(rows) < alone - 0.01:
            classes.append((left, k))
    for place, (_, k) in enumerate(sorted(classes)[:MOST_CLASSES]):
        row[CLASSES + place] = k


def _clipped(steps: Int64Array) -> Float64Array:
    limit = 8 * float(np.median(np.abs(steps))) + 1
    return np.clip(steps.astype(np.float64), -limit, limit)


def _candidates(sample: Sample, number: int) -> Iterator[Axes]:
    """Cells that are tried: one earlier number, the column or row with one, and the first two or three."""
    numbers = sample.fields(number, NUMBERS)
    for given in sample.fields(number, GIVEN):
        for k in numbers[:_MOST_EARLIER]:
            yield (given, 0), (k, 0)
    for k in numbers[-_MOST_EARLIER:]:
        for shift in _SHIFTS:
            yield ((k, shift),)
    places = [k for k in numbers[:4] if not rises(sample.steps(k))][:CELL_AXES]
    if len(places) >= 2:
        sizes = [int(np.ptp(sample.values[k])).bit_length() for k in places]
        for shift in range(min(max(sizes), _COARSEST)):
            yield tuple((k, shift) for k in places)
            if len(places) > 2:
                yield tuple((k, shift) for k in places[:2])


def _choose_cells(sample: Sample, number: int, rows: Int64Array) -> None:
    """The cells in which the last value is nearest, and others unlike them."""
    row, own = sample.plan.fields[number], sample.values[number]
    last = own[np.maximum(rows - 1, 0)]
    symbols = row[MODE] == SYMBOLS

    def cost(guess: Int64Array) -> float:
        if symbols:
            return float((own[rows] != guess).mean())
        return float(_bits(own[rows] - guess).mean())

    guesses = ((_last_in_cell(sample, axes, own, rows, last), axes) for axes in _candidates(sample, number))
    found = sorted((cost(guess), axes) for guess, axes in guesses)
    if not found or found[0][0] > cost(last) - (0.001 if symbols else 0.05):
        return
    chosen = [found[0][1]]
    chosen += [axes for _, axes in found[1:12] if _unlike(axes, chosen[0])][: MOST_CELLS - 1]
    for table, axes in enumerate(chosen):
        for place, (k, shift) in enumerate(axes):
            at = CELLS + 2 * (CELL_AXES * table + place)
            row[at], row[at + 1] = k, shift


def _unlike(axes: Axes, other: Axes) -> bool:
    return axes[0][0] != other[0][0] or abs(axes[0][1] - other[0][1]) >= 2 or len(axes) != len(other)


def _last_in_cell(
    sample: Sample, axes: Axes, own: Int64Array, rows: Int64Array, default: Int64Array
) -> Int64Array:
    """(n,) the value of the last row in the same cell."""
    key = np.zeros(len(rows), np.uint64)
    for k, shift in axes:
        key = (key ^ (sample.values[k][rows] >> shift).view(np.uint64)) * np.uint64(0x9E3779B97F4A7C15)
    order = np.argsort(key, kind="stable")
    same = np.concatenate([[False], key[order][1:] == key[order][:-1]])
    guess = default.copy()
    guess[order[same]] = own[rows][order[np.flatnonzero(same) - 1]]
    return guess
