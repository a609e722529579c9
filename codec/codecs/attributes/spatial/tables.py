"""Tables of the coder, from integer arithmetic alone, so that every machine has the same.

docs/attribute-coding.md, "Tables".
"""

from __future__ import annotations

from bisect import bisect_left
from typing import Any

import numpy as np

from octavox.codec.arrays import Int16Array, Int64Array
from octavox.codec.coding.kernels.jit import Int, inlined
from octavox.codec.coding.kernels.simd import bit_length
from octavox.codec.coding.logistic import STRETCH_BITS

LOG_SIZE = 2048  # entries of the logarithms; beyond 8 nats both are 0
_FRACTION = 192
LEVEL_LIMIT = 40  # largest value of `level_of` that is told apart
FINE_LEVELS = 80
SIMILAR = 1024
SCALE_STEPS = 255  # the most that a running mean counts


def _exponentials(count: int) -> list[int]:
    """exp(k / 512) for k = 0 .. count - 1, in units of 2**-192, rounded down (Taylor series)."""
    term, base, k = 1 << _FRACTION, 0, 0
    while term:
        base += term
        k += 1
        term = (term >> (STRETCH_BITS + 1)) // k
    values = [1 << _FRACTION]
    for _ in range(count - 1):
        values.append(values[-1] * base >> _FRACTION)
    return values


def logarithms() -> tuple[Int16Array, Int16Array]:
    """(LOG_SIZE,) int16: 256 ln(1 + e^(-x / 256)), and -256 ln(1 - e^(-x / 256)), rounded, x = 0, 1, ...

    The second one has at x = 0 its value at x = 1 plus 256 ln 2, in place of infinity.
    """
    one = 1 << _FRACTION
    values = _exponentials(2 * LOG_SIZE)
    halves = values[1::2]  # exp((y + 1/2) / 256): bounds between rounded logarithms
    plus = [bisect_left(halves, one + (one << _FRACTION) // e) for e in values[0::2]]
    minus = [0]
    minus += [
        bisect_left(halves, (one << _FRACTION) // (one - (one << _FRACTION) // e)) for e in values[2::2]
    ]
    minus[0] = minus[1] + 177
    return np.array(plus, np.int16), np.array(minus, np.int16)


def _trust() -> Int64Array:
    """(FINE_LEVELS,) int64 weight of a predictor by `fine_level` of its errors nearby: their inverse cube."""
    table = []
    for level in range(FINE_LEVELS):
        error = level if level < 8 else (4 + (level & 3)) << ((level >> 2) - 1)
        table.append((1 << 40) // ((error + 2) ** 3) + 1)
    return np.array(table, np.int64)


def _similarity() -> Int64Array:
    """(SIMILAR,) int64 weight of a neighbour by how much its earlier channels differ from the point's."""
    return np.array([(1 << 16) * 16 // (16 + ((d * d) >> 4) + 4 * d) for d in range(SIMILAR)], np.int64)


_PLUS, _MINUS = logarithms()
TRUST, SIMILARITY = _trust(), _similarity()
STEPS = np.array([65536 // (n + 3) for n in range(SCALE_STEPS + 1)], np.int64)


@inlined
def softplus(x: Int) -> Int:
    """256 ln(1 + e^(x / 256))."""
    size: Any = abs(x)
    place: Int = min(size, LOG_SIZE - 1)
    return np.int64(_PLUS[place]) + max(x, 0)


@inlined
def log_growth(x: Int) -> Int:
    """256 ln(e^(x / 256) - 1), x >= 0."""
    return x - np.int64(_MINUS[min(x, LOG_SIZE - 1)])


@inlined
def level_of(value: Int) -> Int:
    """A number >= 0 on a scale of two levels an octave, at most LEVEL_LIMIT."""
    if value < 2:
        return np.int64(value)
    high = bit_length(value) - 1
    level: Int = min(2 * high + ((value >> (high - 1)) & 1), LEVEL_LIMIT)
    return level


@inlined
def fine_level(value: Int) -> Int:
    """A number >= 0 on a scale of four levels an octave; below 8 itself."""
    if value < 8:
        return np.int64(value)
    high = bit_length(value) - 1
    level: Int = min(4 * (high - 1) + ((value >> (high - 2)) & 3), FINE_LEVELS - 1)
    return level


@inlined
def quotient(a: Int, b: Int) -> Int:
    """a // b of a >= 0 and b > 0 with a + b < 2**53, by a division of doubles, which is quicker.

    The quotient is exact: one that is no integer lies at least 1 / b below the next integer, which is more
    than rounding moves it.
    """
    return np.int64(np.float64(a) / np.float64(b))
