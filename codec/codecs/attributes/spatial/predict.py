"""Predicts one channel of one point: four predictors, their mean by trust, and how far off each may be.

docs/attribute-coding.md, "Prediction".
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from octavox.codec.arrays import Int32Array
from octavox.codec.coding.kernels.jit import Int, inlined
from octavox.codec.coding.kernels.simd import LANES, add_products, splat, store_words, zero

from .model import (
    ERRORS,
    FIELDS,
    MISS,
    OPINIONS,
    PREDICTORS,
    REST,
    SCALES,
    SIGNED_MISS,
    SURPRISES,
    VALUE,
    Model,
)
from .neighbours import NEIGHBOURS, WEIGHT_BITS
from .regression import INPUT_LIMIT, end_period, observe, predicted
from .tables import (
    SCALE_STEPS,
    SIMILAR,
    SIMILARITY,
    STEPS,
    TRUST,
    fine_level,
    level_of,
    quotient,
)

MISS_LIMIT = 65535
OWN_INPUTS, MISS_INPUTS = 6, 5
MEAN_INPUT = OWN_INPUTS + MISS_INPUTS
CHANNEL_INPUT = MEAN_INPUT + 1
# With a frame before, its inputs take the place of three misses and of what is free.
SMOOTH_INPUT, KNOWN_INPUT, EARLIER_INPUT, EARLIEST_INPUT = 8, 9, 10, LANES - 1
MOST_EARLIER = 3  # earlier channels that are looked at
WIDEST = 12
_SLOPE_ONE = 1 << 32
_SMALLEST_SCALE = 64


class Around(NamedTuple):
    """The neighbours of the point that is coded: where they are in `Neighbours`, and how many."""

    row: Int32Array
    weight: Int32Array
    at: Int
    size: Int


class Prediction(NamedTuple):
    """base: mean of the neighbours. best: the prediction, both in units of the channel's fraction.

    centre: value nearest to it. expected: miss that is expected. width: log2 of the buckets. surprise, signs:
    what the earlier channels' misses say, 0 to 7 and 0 to 48.
    """

    base: Int
    best: Int
    centre: Int
    expected: Int
    width: Int
    surprise: Int
    signs: Int


@inlined
def clipped(value: Int, limit: Int) -> Int:
    """Within +-limit."""
    limited: Int = min(max(value, -limit), limit)
    return limited


@inlined
def average(m: Model, around: Around) -> None:
    """Weighted means of the neighbours' records."""
    for part in range(0, m.width, LANES):
        total = zero()
        for k in range(around.size):
            row, weight = np.int64(around.row[around.at + k]), np.int64(around.weight[around.at + k])
            total = add_products(total, splat(weight), m.records, row * m.width + part)
        store_words(m.work.means, part, total)
    for k in range(m.width):
        m.work.means[k] >>= WEIGHT_BITS
    if around.size == 0:
        for c in range(m.channels.size):
            one = np.int64(1) << m.channels.fraction[c]
            m.work.means[c * FIELDS] = (m.channels.top[c] >> 1) << m.channels.fraction[c]
            for k in range(PREDICTORS + 1):
                m.work.means[c * FIELDS + ERRORS + k] = 4 * one
            m.work.means[c * FIELDS + SIGNED_MISS] = 0


@inlined
def _fill_inputs(m: Model, around: Around, c: Int, base: Int) -> None:
    """The regression's inputs, and the neighbours' deviations from the base."""
    work, shift, field = m.work, m.channels.shift[c], c * FIELDS
    for k in range(LANES):
        work.inputs[k] = 0
    for k in range(around.size):
        at = np.int64(around.row[around.at + k]) * m.width + field
        deviation = clipped((m.records[at + VALUE] - base) >> shift, INPUT_LIMIT)
        work.deviations[c * NEIGHBOURS + k] = deviation
        if k < OWN_INPUTS:
            work.inputs[k] = deviation
        if k < MISS_INPUTS:
            work.inputs[OWN_INPUTS + k] = clipped(np.int64(m.records[at + SIGNED_MISS]) >> shift, INPUT_LIMIT)
    work.inputs[MEAN_INPUT] = clipped(np.int64(work.means[field + SIGNED_MISS]) >> shift, INPUT_LIMIT)
    for p in range(max(c - MOST_EARLIER, 0), c):
        work.inputs[CHANNEL_INPUT + c - 1 - p] = work.own[p]


@inlined
def _apart(known: Int32Array, around: Around, i: Int, c: Int, count: Int) -> Int:
    """How much what is known of point i differs from its mean at the neighbours."""
    mean = np.int64(0)
    for k in range(around.size):
        row, weight = np.int64(around.row[around.at + k]), np.int64(around.weight[around.at + k])
        mean += weight * known[row * count + c]
    if around.size == 0:
        return np.int64(0)
    return np.int64(known[i * count + c]) - (mean >> WEIGHT_BITS)


@inlined
def _fill_known(m: Model, around: Around, i: Int, c: Int) -> None:
    """The regression's inputs from the frame before."""
    work, shift, count = m.work, m.channels.shift[c], m.channels.size
    work.apart[c] = clipped(_apart(m.known.near, around, i, c, count) >> shift, INPUT_LIMIT)
    smooth = _apart(m.known.smooth, around, i, c, count)
    work.inputs[SMOOTH_INPUT] = clipped(smooth >> shift, INPUT_LIMIT)
    work.inputs[KNOWN_INPUT] = work.apart[c]
    work.inputs[EARLIER_INPUT] = work.apart[c - 1] if c > 0 else np.int64(0)
    work.inputs[EARLIEST_INPUT] = work.apart[c - 2] if c > 1 else np.int64(0)
    if c == 0:
        for axis in range(3):
            slope = np.int64(m.known.slopes[3 * i + axis]) >> shift
            work.inputs[CHANNEL_INPUT + axis] = clipped(slope, INPUT_LIMIT)


@inlined
def _similar(m: Model, around: Around, c: Int, base: Int) -> Int:
    """Mean of the neighbours by how similar their earlier channels are; of the first channel, the nearest."""
    work, field = m.work, c * FIELDS + VALUE
    if around.size == 0:
        return base
    if c == 0:
        return np.int64(m.records[np.int64(around.row[around.at]) * m.width + field])
    total, weights = np.int64(0), np.int64(0)
    for k in range(around.size):
        different: Any = np.int64(0)
        for p in range(max(c - MOST_EARLIER, 0), c):
            different += abs(np.int64(work.deviations[p * NEIGHBOURS + k]) - work.own[p])
        weight = np.int64(around.weight[around.at + k]) * SIMILARITY[min(different, SIMILAR - 1)] + 1
        total += weight * m.records[np.int64(around.row[around.at + k]) * m.width + field]
        weights += weight
    return (total + (weights >> 1)) // weights


@inlined
def _joined(m: Model, c: Int, base: Int) -> Int:
    """The mean of the predictors, weighted by their errors at the neighbours."""
    total, weights = np.int64(0), np.int64(0)
    for k in range(PREDICTORS):
        weight = TRUST[fine_level(np.int64(m.work.means[c * FIELDS + ERRORS + k]))]
        if k == 0:
            weight >>= 2
        total += weight * (m.work.predictions[k] - base)
        weights += weight
    return base + total // weights


@inlined
def _surprise(m: Model, c: Int) -> Int:
    """How unexpected the misses of the earlier channels were, 0 to 7."""
    most: Any = np.int64(0)
    for p in range(max(c - MOST_EARLIER, 0), c):
        most = max(most, quotient(abs(m.work.miss[p]) * 4, m.work.expected[p]))
    level = np.int64(most >= 1) + np.int64(most >= 2) + np.int64(most >= 4) + np.int64(most >= 6)
    return level + np.int64(most >= 10) + np.int64(most >= 16) + np.int64(most >= 24)


@inlined
def _signs(m: Model, c: Int) -> Int:
    """Signs and sizes of the misses of the last two channels, 7 classes each."""
    code = np.int64(0)
    for p in range(max(c - 2, 0), c):
        size, expected = 4 * abs(m.work.miss[p]), m.work.expected[p]
        level = np.int64(size >= expected) + np.int64(size >= 3 * expected) + np.int64(size >= 8 * expected)
        code = 7 * code + 3 + (-level if m.work.miss[p] < 0 else level)
    return code


@inlined
def _scale(m: Model, c: Int, opinion: Int, error: Int, surprise: Int) -> None:
    """Finds the scale of an opinion, and its reciprocal."""
    level = level_of(error)
    at = 2 * ((opinion * m.channels.size + c) * SCALES + level * SURPRISES + surprise)
    m.work.scales[opinion] = at
    m.work.slopes[opinion] = quotient(_SLOPE_ONE, max((m.scales[at] * 184) >> 8, _SMALLEST_SCALE))


@inlined
def predict(m: Model, around: Around, i: Int, c: Int) -> Prediction:
    """Predicts channel c of point i, whose neighbours were averaged; fills centres and slopes."""
    work, channels, field = m.work, m.channels, c * FIELDS
    fraction = channels.fraction[c]
    highest, base = channels.top[c] << fraction, np.int64(work.means[field + VALUE])
    _fill_inputs(m, around, c, base)
    if m.known.near.size:
        _fill_known(m, around, i, c)
    work.predictions[0] = base
    work.predictions[1] = base + (predicted(m.regression, work.inputs, c, 0) << channels.shift[c])
    work.predictions[2] = base + (predicted(m.regression, work.inputs, c, 1) << channels.shift[c])
    work.predictions[3] = _similar(m, around, c, base)
    for k in range(PREDICTORS):
        work.predictions[k] = min(max(work.predictions[k], 0), highest)
    best = min(max(_joined(m, c, base), 0), highest)
    surprise = _surprise(m, c)
    work.centres[0] = best
    _scale(m, c, 0, np.int64(work.means[field + MISS]), surprise)
    for k in range(1, OPINIONS):
        which = k & 3  # 1, 2, 3 and last 0
        work.centres[k] = work.predictions[which]
        _scale(m, c, k, np.int64(work.means[field + ERRORS + which]), surprise)
    if m.known.near.size:
        moved = base + (work.apart[c] << channels.shift[c])
        work.predictions[PREDICTORS] = min(max(moved, 0), highest)
        work.centres[OPINIONS] = work.predictions[PREDICTORS]
        _scale(m, c, OPINIONS, np.int64(work.means[field + REST]), surprise)
    expected, width = m.scales[work.scales[0]] >> 8, np.int64(0)
    once = np.int64(6 * channels.bound[c] + 3)
    while (once << (fraction + width)) < expected and width < WIDEST:
        width += 1
    centre = (best + (np.int64(1) << (fraction - 1))) >> fraction
    return Prediction(base, best, centre, expected, width, surprise, _signs(m, c))


@inlined
def _observe_scale(m: Model, opinion: Int, error: Int) -> None:
    at = m.work.scales[opinion]
    seen = min(m.scales[at + 1] + 1, SCALE_STEPS)
    m.scales[at] += (((error << 8) - m.scales[at]) * STEPS[seen]) >> 16
    m.scales[at + 1] = seen


@inlined
def learn_value(m: Model, i: Int, c: Int, p: Prediction, value: Int) -> None:
    """Enters the value of channel c of point i, and learns from it."""
    work, channels = m.work, m.channels
    exact, at = value << channels.fraction[c], i * m.width + c * FIELDS
    own = clipped((exact - p.base) >> channels.shift[c], INPUT_LIMIT)
    used = LANES if m.known.near.size else CHANNEL_INPUT + min(c, MOST_EARLIER)
    observe(m.regression, work.inputs, used, c, own)
    work.own[c] = own
    work.miss[c] = exact - p.best
    work.expected[c] = p.expected + (np.int64(1) << channels.fraction[c] >> 2) + 1
    miss = clipped(exact - p.best, MISS_LIMIT)
    m.records[at + VALUE] = exact
    size: Any = abs(miss)
    m.records[at + MISS] = size
    m.records[at + SIGNED_MISS] = miss
    m.records[at + REST] = value - p.centre
    _observe_scale(m, 0, size)
    for k in range(1, OPINIONS):
        which = k & 3
        error = clipped(abs(exact - work.predictions[which]), MISS_LIMIT)
        m.records[at + ERRORS + which] = error
        _observe_scale(m, k, error)
    if m.known.near.size:  # its error takes the place of the rest, which is not looked at then
        error = clipped(abs(exact - work.predictions[PREDICTORS]), MISS_LIMIT)
        m.records[at + REST] = error
        _observe_scale(m, OPINIONS, error)


@inlined
def next_period(m: Model) -> None:
    """Ends a period of the regressions."""
    for c in range(m.channels.size):
        end_period(m.regression, c)
