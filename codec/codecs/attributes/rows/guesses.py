"""Guesses of a number: what several predictors say, how wrong each was of late, and what all of them make."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from octavox.codec.arrays import Float32Array, Float64Array, Int32Array, Int64Array
from octavox.codec.coding.kernels.jit import Int, inlined

from .layout import FLOAT32, RATIO, RATIO_KEY, RATIO_KIND, RATIO_LOW, RATIO_STEP, SIZE, TIME, Part
from .masks import before

RECENT, RECENT_BITS = 16, 4  # rows that running errors remember
TIMES = 8
MOST_RATIOS = 16  # that a mean remembers
_LARGEST = np.int64(1) << 30
_LONGEST = 8  # times the last interval: no step is continued further


class Ratios(NamedTuple):
    """The ratio of a column to another one, by the column or the row of an organized cloud.

    means: (keys,) float64. counts: (keys,) int64. floats, words: (1,) float32 and int32 of the same memory;
    doubles, longs: float64 and int64.
    """

    means: Float64Array
    counts: Int64Array
    floats: Float32Array
    words: Int32Array
    doubles: Float64Array
    longs: Int64Array


def new_ratios(keys: int) -> Ratios:
    """Ratios of which none is known."""
    floats, doubles = np.zeros(1, np.float32), np.zeros(1, np.float64)
    return Ratios(
        np.zeros(keys, np.float64),
        np.zeros(keys, np.int64),
        floats,
        floats.view(np.int32),
        doubles,
        doubles.view(np.int64),
    )


@inlined
def _key_of(ratios: Ratios, kind: Int, value: float) -> Int:
    """The place of a number among those of its type."""
    if kind == FLOAT32:
        ratios.floats[0] = np.float32(value)
        word: Int = np.int64(ratios.words[0])
        return word + 0x80000000 if word >= 0 else (-1 - word)
    ratios.doubles[0] = value
    key: Int = ratios.longs[0]
    return key if key >= 0 else key ^ np.int64(0x7FFFFFFFFFFFFFFF)


@inlined
def _number_of(ratios: Ratios, kind: Int, key: Int) -> float:
    """Inverse of `_key_of`."""
    if kind == FLOAT32:
        ratios.words[0] = np.int32(key - 0x80000000 if key >= 0x80000000 else -1 - key)
        return np.float64(ratios.floats[0])
    ratios.longs[0] = key if key >= 0 else key ^ np.int64(0x7FFFFFFFFFFFFFFF)
    return float(ratios.doubles[0])


@inlined
def by_ratio(part: Part, ratios: Ratios, f: Int, i: Int, default: Int) -> Int:
    """The value that the mean ratio gives."""
    field = part.fields[f]
    key = part.values[field[RATIO_KEY], i]
    number = part.reals[field[RATIO], i] * ratios.means[key]
    if ratios.counts[key] == 0 or not np.isfinite(number):
        return default
    found: Int = (_key_of(ratios, field[RATIO_KIND], number) - field[RATIO_LOW]) // field[RATIO_STEP]
    found = min(max(found, 0), field[SIZE] - 1)
    return found


@inlined
def learn_ratio(part: Part, ratios: Ratios, f: Int, i: Int) -> None:
    """Moves the mean ratio to that of a row."""
    field = part.fields[f]
    base = part.reals[field[RATIO], i]
    number = _number_of(ratios, field[RATIO_KIND], field[RATIO_LOW] + part.values[f, i] * field[RATIO_STEP])
    if base == 0.0 or not np.isfinite(base) or not np.isfinite(number):
        return
    ratio = number / base
    if not np.isfinite(ratio):
        return
    key = part.values[field[RATIO_KEY], i]
    ratios.counts[key] = min(ratios.counts[key] + 1, MOST_RATIOS)
    change = (ratio - ratios.means[key]) / np.float64(ratios.counts[key])
    ratios.means[key] += change


class Times(NamedTuple):
    """The last TIMES different times, and the values at them. number: (1,) int64, how many there were."""

    times: Int64Array
    values: Int64Array
    number: Int64Array


def new_times() -> Times:
    """No times yet."""
    return Times(np.zeros(TIMES, np.int64), np.zeros(TIMES, np.int64), np.zeros(1, np.int64))


@inlined
def by_time(part: Part, times: Times, f: Int, i: Int, steps: Int) -> Int:
    """How far a value goes from the one before it, at the speed of the last `steps` steps in time."""
    n = times.number[0]
    if n <= steps:
        return 0
    new, old = (n - 1) & (TIMES - 1), (n - 1 - steps) & (TIMES - 1)
    length = times.times[new] - times.times[old]
    if length <= 0:
        return 0
    ahead: Int = part.values[part.fields[f, TIME], i] - times.times[new]
    ahead = min(min(max(ahead, 0), length * _LONGEST), _LARGEST)
    moved: Int = min(max(times.values[new] - times.values[old], -_LARGEST), _LARGEST)
    moved = moved * ahead // length + times.values[new] - before(part.values, f, i, 1)
    return moved


@inlined
def learn_time(part: Part, times: Times, f: Int, i: Int) -> None:
    """Enters a row, unless its time is that of the row before."""
    n, time = times.number[0], part.values[part.fields[f, TIME], i]
    if n and times.times[(n - 1) & (TIMES - 1)] == time:
        return
    times.times[n & (TIMES - 1)], times.values[n & (TIMES - 1)] = time, part.values[f, i]
    times.number[0] = n + 1


@inlined
def blended(guesses: Int64Array, errors: Int64Array, base: Int, shift: Int) -> Int:
    """One guess of all: each counts by the third power of its error's inverse; the first a fourth of that."""
    least: Int = errors[0]
    for m in range(1, len(guesses)):
        least = min(least, errors[m])
    total: Int = np.int64(0)
    moved: Int = np.int64(0)
    for m in range(len(guesses)):
        q: Int = ((least + 2) << 10) // (errors[m] + 2)
        weight: Int = (q * q * q) >> (16 if m == 0 else 14)
        total += weight
        step: Int = (guesses[m] - base) >> shift
        moved += weight * min(max(step, -(np.int64(1) << 40)), np.int64(1) << 40)
    return base + ((moved // max(total, 1)) << shift)
