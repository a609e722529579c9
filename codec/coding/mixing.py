"""Logistic mixing: joins several predictions of a bit by weights that learn while the bits are coded.

As in PAQ and lpaq (Mahoney 2005, "Adaptive Weighing of Context Models for Lossless Data Compression"), in
integers only, so that every machine computes the same bits. The inputs of a bit are a row of sixteen
stretched probabilities; unused ones are 0. Each of four mixers adds them up with a set of weights that the
caller chooses, by a context of that mixer's own; a final mixer joins the four sums. After the bit, every
weight that was used moves along the gradient of the code length.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from octavox.codec.arrays import Int32Array, Int64Array

from .kernels.jit import Int, inlined
from .kernels.lanes import four_dots, move
from .kernels.memory import aligned
from .kernels.simd import LANES
from .logistic import STRETCH_LIMIT, STRETCH_OFFSET, squash_table

MIXERS = 4
WEIGHT_ONE = 1 << 16
WEIGHT_LIMIT = 8 * WEIGHT_ONE
USES_LIMIT = 1023
_FINAL_SHIFT = 19
_FINAL_HALF = 1 << (_FINAL_SHIFT - 1)
_SQUASH = squash_table()


class Mixer(NamedTuple):
    """Weights, and how fast they learn.

    weights: (sets * LANES,) int32 of the four mixers, in units of 2**-16; they may share sets. uses: (sets,)
    int32 how often a set has learned, at most USES_LIMIT. final: (final sets * MIXERS,) int32 of the final
    mixer. rates: (USES_LIMIT + 1,) int64 rate of a set, in units of 2**-18, by how often it has learned.
    final_rate: in units of 2**-19. threshold: of 65536; bits that were predicted with a smaller error move no
    weight.
    """

    weights: Int32Array
    uses: Int32Array
    final: Int32Array
    rates: Int64Array
    final_rate: Int
    threshold: Int


class WeightSets(NamedTuple):
    """The sets of weights that a bit is mixed with: the number of each mixer's, and of the final one's."""

    a: Int
    b: Int
    c: Int
    d: Int
    final: Int


class Prediction(NamedTuple):
    """Stretched probability of a 1, and the outputs of the four mixers, all within +-STRETCH_LIMIT."""

    x: Int
    a: Int
    b: Int
    c: Int
    d: Int


def new_mixer(
    first: Int32Array, final_sets: int, rates: Int64Array, final_rate: int, threshold: int
) -> Mixer:
    """A mixer that has learned nothing. first: (sets, LANES) int32 weights to begin with.

    The final mixer begins with the mean. Others: as in `Mixer`. An input times 65536 times a rate, shifted
    down by 5 bits, must stay below 2**31: rates up to 318 do.
    """
    return Mixer(
        aligned(first),
        np.zeros(len(first), np.int32),
        np.full(final_sets * MIXERS, WEIGHT_ONE // MIXERS, np.int32),
        rates,
        final_rate,
        threshold,
    )


@inlined
def _limited(mixed: Int) -> Int:
    """Within +-STRETCH_LIMIT."""
    limited: Int = min(max(mixed, -STRETCH_LIMIT), STRETCH_LIMIT)
    return limited


@inlined
def mix(mixer: Mixer, inputs: Any, sets: WeightSets) -> Prediction:
    """The prediction for a bit. inputs: a vector of LANES stretched probabilities."""
    a, b, c, d = sets.a * LANES, sets.b * LANES, sets.c * LANES, sets.d * LANES
    sums = four_dots(inputs, mixer.weights, a, b, c, d)
    a, b, c, d = (
        _limited(sums[0] >> 12),
        _limited(sums[1] >> 12),
        _limited(sums[2] >> 12),
        _limited(sums[3] >> 12),
    )
    w = sets.final * MIXERS
    total: Any = a * np.int64(mixer.final[w]) + b * np.int64(mixer.final[w + 1])
    total += c * np.int64(mixer.final[w + 2]) + d * np.int64(mixer.final[w + 3])
    return Prediction(_limited(total >> 16), a, b, c, d)


@inlined
def _learn_one(mixer: Mixer, inputs: Any, number: Int, output: Int, w: Int, error: Int, bit: Int) -> None:
    """Moves set `number` of a mixer, and the mixer's weight in the final one, mixer.final[w]."""
    weight: Int = np.int64(mixer.final[w]) + (
        (output * error * mixer.final_rate + _FINAL_HALF) >> _FINAL_SHIFT
    )
    mixer.final[w] = np.int32(min(max(weight, -WEIGHT_LIMIT), WEIGHT_LIMIT))
    uses: Any = np.int64(mixer.uses[number])
    mixer.uses[number] = min(uses + 1, USES_LIMIT)
    own = (bit << 16) - (np.int64(_SQUASH[output + STRETCH_OFFSET]) >> 8)
    move(mixer.weights, number * LANES, inputs, (own * mixer.rates[uses]) >> 5, 13, WEIGHT_LIMIT)


@inlined
def learn(mixer: Mixer, inputs: Any, sets: WeightSets, prediction: Prediction, bit: Int) -> None:
    """Moves every weight that took part in a prediction, from the values before, towards `bit`."""
    error = (bit << 16) - (np.int64(_SQUASH[prediction.x + STRETCH_OFFSET]) >> 8)
    if abs(error) >= mixer.threshold:
        w = sets.final * MIXERS
        _learn_one(mixer, inputs, sets.a, prediction.a, w, error, bit)
        _learn_one(mixer, inputs, sets.b, prediction.b, w + 1, error, bit)
        _learn_one(mixer, inputs, sets.c, prediction.c, w + 2, error, bit)
        _learn_one(mixer, inputs, sets.d, prediction.d, w + 3, error, bit)
