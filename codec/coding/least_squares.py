"""Recursive least squares in integers: predictors whose weights follow the data, alike on every machine.

Sums of products are kept for blocks of rows. After each block they join two running sums, of which one
forgets slowly and one quickly, and one sweep of the Gauss-Seidel method moves the weights of each (Golub and
Van Loan, "Matrix Computations", section 11.2).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from octavox.codec.arrays import Int32Array, Int64Array

from .kernels.jit import Int, inlined
from .kernels.memory import aligned

MOST_FEATURES = 24
FEATURE_LIMIT = 4095
BLOCK = 16  # rows
WEIGHT_BITS = 16
_GROWTH, _WEIGHT_LIMIT, _LEAST = 3, 32 << WEIGHT_BITS, 1 << 9
_SLOW, _FAST = 7, 4  # log2 of the blocks that the sums remember
_N = MOST_FEATURES


class LeastSquares(NamedTuple):
    """features: (24,) int32 of a row, within +-4095.

    block, cross: sums of a block, (24 * 24,) and (24,) int32.
    sums, crosses, weights: (2 * 24 * 24,), (2 * 24,), (2 * 24,) int64; weights in units of 2**-16.
    """

    features: Int32Array
    block: Int32Array
    cross: Int32Array
    sums: Int64Array
    crosses: Int64Array
    weights: Int64Array


def new_least_squares() -> LeastSquares:
    """Weights of 0."""
    return LeastSquares(
        aligned(np.zeros(_N, np.int32)),
        aligned(np.zeros(_N * _N, np.int32)),
        np.zeros(_N, np.int32),
        np.zeros(2 * _N * _N, np.int64),
        np.zeros(2 * _N, np.int64),
        np.zeros(2 * _N, np.int64),
    )


@inlined
def predicted(q: LeastSquares, memory: Int, count: Int) -> Int:
    """The prediction of one of the two, from the first `count` features."""
    total: Int = np.int64(0)
    for k in range(count):
        total += np.int64(q.features[k]) * q.weights[memory * _N + k]
    return total >> WEIGHT_BITS


@inlined
def add_row_of(q: LeastSquares, count: Int, target: Int) -> None:
    """Adds the features of a row and what they should have given, within +-4095."""
    for r in range(count):
        x = q.features[r]
        for s in range(count):
            q.block[r * _N + s] = np.int32(q.block[r * _N + s] + x * q.features[s])
        q.cross[r] = np.int32(q.cross[r] + x * np.int32(target))


@inlined
def _join(q: LeastSquares, memory: Int, count: Int) -> None:
    """Adds a block to a running sum, which forgets."""
    fade, base = (_SLOW if memory == 0 else _FAST), memory * _N * _N
    for r in range(count):
        for s in range(count):
            at = base + r * _N + s
            q.sums[at] += (np.int64(q.block[r * _N + s]) << _GROWTH) - (q.sums[at] >> fade)
        at = memory * _N + r
        q.crosses[at] += (np.int64(q.cross[r]) << _GROWTH) - (q.crosses[at] >> fade)


@inlined
def _sweep(q: LeastSquares, memory: Int, count: Int) -> None:
    """Moves each weight to where the others want it."""
    base, first = memory * _N * _N, memory * _N
    for r in range(count):
        row = base + r * _N
        rest: Int = q.crosses[first + r] << 8
        for s in range(count):
            rest -= (q.sums[row + s] * q.weights[first + s]) >> 8
        own = q.sums[row + r]
        weight: Int = q.weights[first + r] + rest // ((own + (own >> 8) + _LEAST) >> 8)
        q.weights[first + r] = min(max(weight, -_WEIGHT_LIMIT), _WEIGHT_LIMIT)


@inlined
def end_block(q: LeastSquares, count: Int) -> None:
    """To be called after every BLOCK rows."""
    for memory in range(2):
        _join(q, memory, count)
        _sweep(q, memory, count)
    for r in range(count):
        for s in range(count):
            q.block[r * _N + s] = 0
        q.cross[r] = 0
