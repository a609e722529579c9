"""Tables of the logistic distribution: logarithms of its tails and of what an interval has, in integers.

With s(x) = ln(1 + exp(x)), the logarithm of the tail of a logistic distribution beyond z is -s(z). All
entries come from integer arithmetic of arbitrary precision, as those of `logistic`.
"""

from __future__ import annotations

from bisect import bisect_right
from functools import lru_cache

import numpy as np

from octavox.codec.arrays import Int32Array

from .logistic import STRETCH_BITS, exponentials

SOFTPLUS_LIMIT = 4095  # beyond it s(x) is x, and below its negative 0
EXPM1_LIMIT = 8191  # beyond it ln(exp(x) - 1) is x
_FRACTION = 192
_ONE = 1 << _FRACTION


@lru_cache(maxsize=1)
def _halves() -> list[int]:
    """exp((k + 1/2) / 256) for k = 0, 1, ..., in units of 2**-192: where a rounded logarithm steps up."""
    return exponentials(STRETCH_BITS + 1, 2 * (EXPM1_LIMIT + 2049))[1::2]


def _log(value: int) -> int:
    """256 ln(value), rounded, for a value of at least 1 in units of 2**-192."""
    return bisect_right(_halves(), value)


@lru_cache(maxsize=1)
def softplus_table() -> Int32Array:
    """(2 * 4096,) int32: entry x + 4096 is 256 ln(1 + exp(x / 256)), rounded."""
    powers = exponentials(STRETCH_BITS, SOFTPLUS_LIMIT + 2)
    upper = [_log(_ONE + e) for e in powers[: SOFTPLUS_LIMIT + 1]]
    lower = [_log(_ONE + (1 << 2 * _FRACTION) // e) for e in powers[:0:-1]]
    return _frozen(np.array(lower + upper, np.int32))


@lru_cache(maxsize=1)
def log_expm1_table() -> Int32Array:
    """(8192,) int32: entry x is 256 ln(exp(x / 256) - 1), rounded; entry 0 is that of x = 1/2, about."""
    powers = exponentials(STRETCH_BITS, EXPM1_LIMIT + 1)
    raised = powers[2048]  # exp(8), so that every logarithm is positive
    found = [_log((e - _ONE) * raised >> _FRACTION) - 2048 for e in powers[1:]]
    return _frozen(np.array([found[0] - 177, *found], np.int32))


def _frozen(table: Int32Array) -> Int32Array:
    table.setflags(write=False)
    return table
