"""Logistic tables in integers: stretch, squash and the table for network logits.

squash(x) = 1 / (1 + exp(-x)) and stretch is its inverse (Mahoney 2005, "Adaptive Weighing of Context Models
for Lossless Data Compression"). All entries come from integer arithmetic of arbitrary precision, so they are
the same on every machine; a test checks their SHA-256. Compiled loops index them directly.
"""

from __future__ import annotations

from bisect import bisect_right
from functools import lru_cache
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from octavox.codec.arrays import Int16Array, UInt32Array

from .range_coder import PROB_BITS

STRETCH_BITS = 8  # stretch counts in 1/256 nat
STRETCH_LIMIT = 3071  # 12 nats: probabilities down to 6e-6
STRETCH_OFFSET = STRETCH_LIMIT + 1  # squash table index of 0
LOGIT_BITS = 7  # network logits count in 1/128 nat
LOGIT_OFFSET = 2048  # logit table index of 0
LOGIT_P1_MIN = 16  # in units of 2**-24

_FRACTION = 192  # bits after the point: rounding errors stay far below any table's last digit


def exponentials(step_bits: int, count: int) -> list[int]:
    """exp(k / 2**step_bits) for k = 0 .. count - 1, in units of 2**-_FRACTION, rounded down."""
    term, base, k = 1 << _FRACTION, 0, 0
    while term:  # Taylor series of exp(2**-step_bits)
        base += term
        k += 1
        term = (term >> step_bits) // k
    values = [1 << _FRACTION]
    for _ in range(count - 1):
        values.append(values[-1] * base >> _FRACTION)
    return values


def _squash(exponential: int, bits: int) -> int:
    """round(2**bits * e / (1 + e)) for e in units of 2**-_FRACTION."""
    total = exponential + (1 << _FRACTION)
    return ((exponential << (bits + 1)) + total) // (2 * total)


@lru_cache(maxsize=1)
def squash_table() -> UInt32Array:
    """(2 * STRETCH_OFFSET,) uint32: entry x + STRETCH_OFFSET is squash(x / 256) in units of 2**-24."""
    one = 1 << PROB_BITS
    upper = [_squash(e, PROB_BITS) for e in exponentials(STRETCH_BITS, STRETCH_OFFSET + 1)]
    lower = [one - p for p in upper[:0:-1]]
    return _frozen(np.array(lower + upper[:-1], np.uint32))


@lru_cache(maxsize=1)
def stretch_table() -> Int16Array:
    """(65536,) int16: entry p is 256 * ln(p / (65536 - p)), rounded, within +-STRETCH_LIMIT.

    p is a probability in units of 2**-16; p = 0 is taken as 1.
    """
    # p / (65536 - p) > exp((x + 1/2) / 256)  <=>  stretch(p) > x; odd steps of 1/512 are the bounds.
    halves = exponentials(STRETCH_BITS + 1, 2 * STRETCH_LIMIT + 2)[1::2]
    bounds = [(e << 16) // (e + (1 << _FRACTION)) for e in halves]
    upper = [min(bisect_right(bounds, p - 1), STRETCH_LIMIT) for p in range(32768, 65536)]
    lower = [-v for v in upper[:0:-1]]
    return _frozen(np.array([lower[0], *lower, *upper], np.int16))


@lru_cache(maxsize=1)
def logit_to_p1() -> UInt32Array:
    """(4096,) uint32: entry q + 2048 is squash(q / 128) in units of 2**-24, within [16, 2**24 - 16].

    q in [-2048, 2047] is a network's integer logit, in 1/128 nat.
    """
    one = 1 << PROB_BITS
    upper = [_squash(e, PROB_BITS) for e in exponentials(LOGIT_BITS, LOGIT_OFFSET + 1)]
    table = [one - p for p in upper[:0:-1]] + upper[:-1]
    return _frozen(np.array([min(max(p, LOGIT_P1_MIN), one - LOGIT_P1_MIN) for p in table], np.uint32))


T = TypeVar("T", bound=np.generic)


def _frozen(table: npt.NDArray[T]) -> npt.NDArray[T]:
    table.setflags(write=False)
    return table
