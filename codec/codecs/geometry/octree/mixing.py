"""The probability of a bit: counters that the contexts select, and a network's logit, mixed.

Each context's counter gives a stretched probability, an input of `coding.mixing`. The mixers choose their
weights by parts of the context words; docs/octree-codec.md lists them.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from octavox.codec.arrays import Int64Array, UInt32Array
from octavox.codec.coding import mixing as shared
from octavox.codec.coding.counters import take_counters
from octavox.codec.coding.kernels.counting import counter_reader, counter_writer, prefetch
from octavox.codec.coding.kernels.jit import Int, inlined
from octavox.codec.coding.kernels.simd import LANES
from octavox.codec.coding.logistic import stretch_table
from octavox.codec.coding.mixing import MIXERS, WEIGHT_ONE, Mixer, Prediction, WeightSets, mix, new_mixer

from .contexts import MASKS, NEAR_SHIFT, find_counters
from .learning import DEFAULT_LEARNING, Learning
from .state import Child

INPUTS = len(MASKS)
SELECTOR_SIZES = (1 << 13, 1 << 10, 1 << 11, 256)
SELECTOR_STARTS = tuple(int(v) for v in np.cumsum((0, *SELECTOR_SIZES)))
INITIAL_WEIGHT = 2 * WEIGHT_ONE // INPUTS
CONFIDENT = (4, 5, 6, 10)  # contexts whose counts select the fourth mixer's weights
OCTANTS = 8

_STARTS = np.array(SELECTOR_STARTS[:MIXERS], np.int64)
_STRETCH_BITS, _STEP_OFFSET = 12, 13
_STRETCH = np.ascontiguousarray(stretch_table()[8::16])  # by the upper 12 bits of a probability
_read = counter_reader(INPUTS, CONFIDENT, _STRETCH_BITS)
_write = counter_writer(INPUTS, _STEP_OFFSET)


class Mixing(NamedTuple):
    """All that adapts, and the working memory of the bits of a part of a row.

    mixer: the weights. counters: (INPUTS << table_bits,) uint32, see `kernels.counting`. most: the largest
    count of one. words: (4,) int64 context words, see `contexts`. groups: (bits * LANES,) and sets: (bits *
    MIXERS,) int64, the places that each bit will read: see `prepare`.
    """

    mixer: Mixer
    counters: UInt32Array
    table_bits: Int
    most: Int
    words: Int64Array
    groups: Int64Array
    sets: Int64Array


def new_mixing(
    table_bits: int, bits: int, with_network: bool = False, learning: Learning = DEFAULT_LEARNING
) -> Mixing:
    """New models with 2**table_bits counters a context, and working memory for `bits` bits at a time.

    with_network: a network gives the input after the contexts', and alone has weight at first.
    """
    weights = np.zeros((SELECTOR_STARTS[MIXERS], LANES), np.int32)
    if with_network:
        weights[:, INPUTS] = WEIGHT_ONE
    else:
        weights[:, :INPUTS] = INITIAL_WEIGHT
    return Mixing(
        new_mixer(weights, OCTANTS, learning.rates(), learning.final_rate, learning.threshold),
        take_counters(INPUTS << table_bits),
        table_bits,
        learning.memory,
        np.zeros(4, np.int64),
        np.zeros(bits * LANES, np.int64),
        np.zeros(bits * MIXERS, np.int64),
    )


@inlined
def choose_near(m: Mixing, bit: Int) -> None:
    """The sets of the first two mixers, by voxels beside the child; those of the first are prefetched."""
    w, v, near = m.words[0], m.words[1], m.words[2] >> NEAR_SHIFT
    m.sets[bit * MIXERS] = (
        (((w >> 37) & 7) << 1) | (((w >> 43) & 7) << 4) | (((w >> 49) & 7) << 7) | (((near >> 7) & 7) << 10)
    )
    m.sets[bit * MIXERS + 1] = _STARTS[1] + (
        (((near >> 8) & 1) << 1)
        | (((v >> 5) & 1) << 2)
        | (((w >> 44) & 1) << 3)
        | (((v >> 29) & 1) << 4)
        | (((v >> 20) & 1) << 5)
        | (((w >> 50) & 1) << 6)
        | (((v >> 50) & 1) << 7)
        | (((v >> 22) & 1) << 8)
        | (((w >> 45) & 1) << 9)
    )
    prefetch(m.mixer.weights, m.sets[bit * MIXERS] * LANES)
    prefetch(m.mixer.weights, m.sets[bit * MIXERS] * LANES + LANES)


@inlined
def prepare(m: Mixing, bit: Int) -> None:
    """Finds the counters and weights of bit number `bit` of the part, from `m.words`, and prefetches them.

    `gather` adds what depends on the bit's row.
    """
    find_counters(m.words, m.table_bits, m.counters, m.groups, bit * LANES)
    choose_near(m, bit)
    u = m.words[2]
    m.sets[bit * MIXERS + 2] = _STARTS[2] + (((u >> 27) & 127) << 4 | ((u >> 35) & 7) << 1)


@inlined
def weight_sets(m: Mixing, child: Child, counts: Int) -> WeightSets:
    """The sets of weights of a prepared bit. counts: of the contexts CONFIDENT, two bits each."""
    before, at = child.row >> 1, child.bit * MIXERS
    return WeightSets(
        m.sets[at] | before,
        m.sets[at + 1] | before,
        m.sets[at + 2] | before,
        _STARTS[3] + counts,
        child.octant,
    )


class Inputs(NamedTuple):
    """What is looked up before a bit: the mixers' inputs, the contexts' counters, the sets of weights."""

    x: Any
    counters: Any
    sets: WeightSets


@inlined
def gather(m: Mixing, child: Child, logit: Int) -> Inputs:
    """Looks up the models of a prepared bit. logit: the input after the contexts'."""
    x, counters, counts = _read(m.counters, m.groups, child.bit * LANES, child.row, _STRETCH, logit)
    return Inputs(x, counters, weight_sets(m, child, counts))


@inlined
def predict(m: Mixing, inputs: Inputs) -> Prediction:
    """The prediction for a bit."""
    return mix(m.mixer, inputs.x, inputs.sets)


@inlined
def learn(m: Mixing, child: Child, inputs: Inputs, prediction: Prediction, bit: Int) -> None:
    """Moves every counter and weight that took part in a prediction towards `bit`."""
    shared.learn(m.mixer, inputs.x, inputs.sets, prediction, bit)
    _write(m.counters, m.groups, child.bit * LANES, child.row, inputs.counters, bit, m.most)
