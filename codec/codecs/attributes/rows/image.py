"""Organized clouds: the width of the image that rows form, and columns that are a ratio of another one."""

from __future__ import annotations

import numpy as np

from octavox.codec.arrays import Float64Array, Int64Array
from octavox.codec.cloud.rough import keys_of_numbers

from ..interface import Array, Layout
from ..packing import stored

_LEAST_ROWS = 1 << 10
_MOST_WIDTH = 1 << 14
_LEAST_WIDTH = 16
_SAMPLE = 1 << 17
_MUCH, _SHARP = 0.15, 2.5  # least correlation with the line before, and how many times the mean it must be


def image_width(columns: list[Array], layout: Layout) -> int:
    """The number of rows after which columns repeat best, as lines of an image do; 0 where they do not.

    Each column votes by its autocorrelation, which a Fourier transform gives for all widths at once.
    """
    rows = layout.rows
    if rows < _LEAST_ROWS:
        return 0
    begin = (rows - min(rows, _SAMPLE)) // 2
    score: Float64Array = np.zeros(0)
    votes = 0
    for column in columns:
        signal = _signal(stored(column)[begin : begin + _SAMPLE])
        if signal is None:
            continue
        found = _autocorrelation(signal)
        score = found if not votes else score + found
        votes += 1
    if not votes:
        return 0
    most = min(_MOST_WIDTH, len(score) // 4)
    return _peak(score[:most] / votes)


def _signal(values: Array) -> Float64Array | None:
    """(n,) differences of a column, of which large ones are limited, and NaN count 0; None where constant."""
    numbers = values.astype(np.float64)
    numbers = np.where(np.isfinite(numbers), numbers, np.nan)
    steps = np.diff(numbers)
    known = np.abs(steps[np.isfinite(steps)])
    if not known.any():
        return None
    limit = 4 * float(known.mean())
    return np.asarray(np.nan_to_num(np.clip(steps, -limit, limit), nan=0.0))


def _autocorrelation(signal: Float64Array) -> Float64Array:
    """(n // 2,) from 1 at 0 on."""
    size = 1 << (2 * len(signal)).bit_length()
    power = np.abs(np.fft.rfft(signal - signal.mean(), size)) ** 2
    found = np.fft.irfft(power, size)[: len(signal) // 2]
    return np.asarray(found / max(found[0], 1e-300))


def _peak(score: Float64Array) -> int:
    """The first of the highest peaks."""
    if len(score) <= _LEAST_WIDTH:
        return 0
    tail = score[_LEAST_WIDTH:]
    best = float(tail.max())
    if best < _MUCH or best < _SHARP * float(np.abs(tail).mean()):
        return 0
    return int(np.flatnonzero(tail >= 0.8 * best)[0]) + _LEAST_WIDTH


def _keys(places: Int64Array, width: int, key: int) -> Int64Array:
    return places % width if key == 0 else places // width


def ratio_error(column: Array, base: Array, width: int, key: int, layout: Layout) -> float:
    """About how far a column is from the last ratio to another one, in places of its type; inf for far."""
    part = layout.parts[len(layout.parts) // 2]
    x, z = column[part], base[part]
    good = np.flatnonzero(np.isfinite(x) & np.isfinite(z) & (z != 0))
    if len(good) < 4 * _LEAST_WIDTH:
        return float("inf")
    order = good[np.argsort(_keys(good, width, key), kind="stable")]
    keys = _keys(order, width, key)
    with np.errstate(all="ignore"):
        ratio = x[order].astype(np.float64) / z[order].astype(np.float64)
        guess = (z[order][1:].astype(np.float64) * ratio[:-1]).astype(column.dtype)
    same = (keys[1:] == keys[:-1]) & np.isfinite(guess)
    if not same.any():
        return float("inf")
    apart = np.abs((keys_of_numbers(guess[same]) - keys_of_numbers(x[order][1:][same])).view(np.int64))
    middle = float(np.median(apart))
    return float(np.minimum(apart, 16 * middle + 1).mean())
