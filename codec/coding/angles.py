"""Directions and lengths in the plane, in integers, so that every machine finds the same ones.

A direction is a part of a turn in units of 2**-32. All entries of the table come from integer arithmetic of
arbitrary precision; a test checks them.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from octavox.codec.arrays import Int64Array

from .kernels.jit import Int, njit

TURN_BITS = 32
TURN = 1 << TURN_BITS
RADIAN = 683565276  # TURN / (2 pi), rounded

_STEP_BITS, _FINE_BITS = 8, 12  # of the ratio of the shorter side to the longer one
_FRACTION = 96


def _arc_tangent(numerator: int, denominator: int) -> int:
    """Arc tangent of a ratio from 0 to 1, in units of 2**-_FRACTION radian (Euler's series)."""
    square, one = numerator * numerator, denominator * denominator + numerator * numerator
    term, total, k = (numerator * denominator << _FRACTION) // one, 0, 1
    while term:
        total += term
        term = term * 2 * k * square // ((2 * k + 1) * one)
        k += 1
    return total


def _arc_tangents() -> Int64Array:
    """Entry i: arc tangent of i / 2**_STEP_BITS, as a part of a turn; the last entry ends an empty step."""
    steps = 1 << _STEP_BITS
    whole = 8 * _arc_tangent(1, 1)
    found = [(2 * (_arc_tangent(i, steps) << TURN_BITS) + whole) // (2 * whole) for i in range(steps + 1)]
    return np.array([*found, found[-1]], np.int64)


_TANGENTS = _arc_tangents()


@njit
def turn_of(x: Int, y: Int) -> Int:
    """The direction of (x, y), from 0 below TURN, against the clock from the axis of x; 0 for (0, 0).

    Both numbers are below 2**42 in magnitude.
    """
    a: Any = abs(np.int64(x))
    b: Any = abs(np.int64(y))
    most, least = max(a, b), min(a, b)
    ratio = (least << (_STEP_BITS + _FINE_BITS)) // max(most, 1)
    at, fine = ratio >> _FINE_BITS, ratio & ((1 << _FINE_BITS) - 1)
    turn: Any = np.int64(_TANGENTS[at])
    turn += ((np.int64(_TANGENTS[at + 1]) - turn) * fine) >> _FINE_BITS
    if b > a:
        turn = (TURN >> 2) - turn
    if x < 0:
        turn = (TURN >> 1) - turn
    if y < 0:
        turn = -turn
    whole: Int = turn & (TURN - 1)
    return whole


@njit
def whole_root(square: Int) -> Int:
    """The square root of a number from 0 below 2**62, rounded down."""
    root = np.int64(math.sqrt(square))
    while root * root > square:
        root -= 1
    while (root + 1) * (root + 1) <= square:
        root += 1
    return root
