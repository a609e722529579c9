"""Running least squares in integers: predicts a channel from its neighbourhood, and follows the cloud.

Two sets of weights for each channel solve the same normal equations with longer and shorter memory. Sums are
gathered over 32 points; then each set takes one step of Gauss-Seidel from the weights before.
docs/attribute-coding.md, "Regression".
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from octavox.codec.arrays import Int32Array, Int64Array
from octavox.codec.coding.kernels.jit import Int, inlined
from octavox.codec.coding.kernels.lanes import add_scaled
from octavox.codec.coding.kernels.memory import aligned_empty
from octavox.codec.coding.kernels.simd import LANES, lane_sum, load, products

PERIOD = 32  # points between two steps
MEMORIES = (8, 4)  # log2 of the memory of each set, in periods
SETS = len(MEMORIES)
WEIGHT_SHIFT = 12  # a weight of 1 in a prediction
INPUT_LIMIT = 2047
_FINE = 4  # more bits of a weight that is being solved for
_SUM_BITS = 3  # bits after the point of the sums
_RIDGE = 1 << 10
_LIMIT = 4 << (WEIGHT_SHIFT + _FINE)
_SQUARE = LANES * LANES
_MEMORY = np.array(MEMORIES, np.int64)


class Regression(NamedTuple):
    """Of C channels.

    recent, recent_target: (C * 256,) and (C * 16,) int32 sums of products over this period. sums, targets:
    (C * 2 * 256,) and (C * 2 * 16,) int64 of the past. fine: (C * 2 * 16,) int64 weights in units of 2**-16;
    weights: the same as int32 in units of 2**-12.
    """

    recent: Int32Array
    recent_target: Int32Array
    sums: Int64Array
    targets: Int64Array
    fine: Int64Array
    weights: Int32Array


def new_regression(channels: int) -> Regression:
    """One that has seen nothing."""
    arrays = [
        aligned_empty(channels * _SQUARE, np.int32),
        aligned_empty(channels * LANES, np.int32),
        aligned_empty(channels * SETS * _SQUARE, np.int64),
        aligned_empty(channels * SETS * LANES, np.int64),
        aligned_empty(channels * SETS * LANES, np.int64),
        aligned_empty(channels * SETS * LANES, np.int32),
    ]
    for array in arrays:
        array[:] = 0
    return Regression(*arrays)


@inlined
def predicted(r: Regression, inputs: Int32Array, channel: Int, which: Int) -> Int:
    """What set `which` predicts for (16,) inputs within +-INPUT_LIMIT, in their units."""
    at = (channel * SETS + which) * LANES
    total: Int = lane_sum(products(load(inputs, 0), r.weights, at))
    return total >> WEIGHT_SHIFT


@inlined
def observe(r: Regression, inputs: Int32Array, used: Int, channel: Int, target: Int) -> None:
    """Adds a point to the period's sums. used: inputs from there on are 0. target: within +-INPUT_LIMIT."""
    row = load(inputs, 0)
    for k in range(used):
        add_scaled(r.recent, channel * _SQUARE + k * LANES, row, np.int64(inputs[k]))
    add_scaled(r.recent_target, channel * LANES, row, target)


@inlined
def _solve(r: Regression, a: Int, b: Int) -> None:
    """One step of Gauss-Seidel for the set with sums at a and weights at b."""
    for k in range(LANES):
        rest = r.targets[b + k] << (WEIGHT_SHIFT + _FINE)
        for j in range(LANES):
            rest -= r.sums[a + k * LANES + j] * r.fine[b + j]
        own = r.sums[a + k * LANES + k]
        weight = r.fine[b + k] + rest // (own + (own >> 8) + _RIDGE)
        weight = min(max(weight, -_LIMIT), _LIMIT)
        r.fine[b + k] = weight
        r.weights[b + k] = weight >> _FINE


@inlined
def end_period(r: Regression, channel: Int) -> None:
    """Joins the period's sums to the past, and moves both sets of weights."""
    for which in range(SETS):
        fade = _MEMORY[which]
        b = (channel * SETS + which) * LANES
        a = b * LANES
        for k in range(_SQUARE):
            past = r.sums[a + k]
            r.sums[a + k] = past + (np.int64(r.recent[channel * _SQUARE + k]) << _SUM_BITS) - (past >> fade)
        for k in range(LANES):
            past = r.targets[b + k]
            r.targets[b + k] = (
                past + (np.int64(r.recent_target[channel * LANES + k]) << _SUM_BITS) - (past >> fade)
            )
        _solve(r, a, b)
    for k in range(_SQUARE):
        r.recent[channel * _SQUARE + k] = 0
    for k in range(LANES):
        r.recent_target[channel * LANES + k] = 0
