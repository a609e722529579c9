"""Corrects a network's probability while coding, by what was learned from this cloud.

Nine contexts, parts of the 5^3 window before a voxel, select counters, which are mixed with the network's
logit (`coding.mixing`). The weights learn from each bit; at first the logit alone has weight. Integers only,
so that every machine computes the same. docs/voxeldnn-codec.md specifies it.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from octavox.codec.arrays import Int16Array, Int64Array, UInt8Array, UInt32Array
from octavox.codec.coding import mixing
from octavox.codec.coding.kernels.counting import counter_finder, counter_reader, counter_writer
from octavox.codec.coding.kernels.jit import Int, inlined, njit
from octavox.codec.coding.kernels.simd import LANES
from octavox.codec.coding.logistic import STRETCH_LIMIT, stretch_table
from octavox.codec.coding.mixing import USES_LIMIT, WEIGHT_ONE, Mixer, Prediction, WeightSets, mix, new_mixer

CAUSAL_BITS = 62  # voxels before the middle one of a 5^3 window, in raster order
TABLE_BITS = 18  # log2 of the counters of each context
COUNT_LIMIT = 1000
RATE = 7  # of the mixers, in units of 2**-18
THRESHOLD = 64  # of 65536: bits that were predicted with a smaller error move no weight
SHAPES = 1 << 13  # weight sets of a mixer that is chosen by 13 voxels
COUNTS = 1 << 10  # of one that is chosen by three counts and the network's certainty
CERTAINTIES = 16
_FACTORS = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F)  # of the hash: for the window, and for the logit


def _window() -> tuple[Int64Array, list[int]]:
    """Offsets (62, 3) of the voxels before the middle one, and their numbers, the nearest first."""
    axis = np.arange(-2, 3)
    offsets = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), -1).reshape(-1, 3)[:CAUSAL_BITS]
    return offsets, [int(i) for i in np.argsort((offsets**2).sum(1), kind="stable")]


def _context_masks() -> list[tuple[int, int]]:
    """For each of nine contexts the voxels of the window that it sees, and whether (-1) it sees the logit."""
    offsets, near = _window()
    inner = np.flatnonzero(np.abs(offsets).max(1) <= 1)
    before, same = np.flatnonzero(offsets[:, 0] == -1), np.flatnonzero(offsets[:, 0] == 0)
    chosen: list[Any] = [inner, near[:24], near[:36], near, near[:18], before, same, inner, near[:18]]
    masks = [sum(1 << int(i) for i in voxels) for voxels in chosen]
    return [(mask, -1 if k >= 7 else 0) for k, mask in enumerate(masks)]


_MASKS = _context_masks()
CONTEXTS = len(_MASKS)
_SECOND_SHELL = np.array(_window()[1][13:26], np.int64)
_STRETCH = stretch_table()
_STARTS = (0, SHAPES, 2 * SHAPES, 2 * SHAPES + COUNTS, 2 * SHAPES + 2 * COUNTS)
_find = counter_finder(_MASKS, _FACTORS, _FACTORS[0], 0)
# The counts of contexts 1 to 6, so that those of 1, 2, 3 and of 4, 5, 6 make numbers of six bits.
_read = counter_reader(CONTEXTS, (3, 2, 1, 6, 5, 4), 16)
_write = counter_writer(CONTEXTS, 15, 1 << 8)


class Refiner(NamedTuple):
    """All that adapts, and the working memory of one bit.

    mixer: its inputs are the contexts', then the logit. counters: (CONTEXTS << TABLE_BITS,) uint32, see
    `kernels.counting`. words: (2,) int64 window and logit that the contexts see. places: (LANES,) int64 of
    their counters.
    """

    mixer: Mixer
    counters: UInt32Array
    words: Int64Array
    places: Int64Array


class Refinement(NamedTuple):
    """A prediction, and what it was made from: the mixers' inputs, the counters, the sets of weights."""

    prediction: Prediction
    inputs: Any
    counters: Any
    sets: WeightSets


def new_refiner() -> Refiner:
    """One that has learned nothing."""
    weights = np.zeros((_STARTS[-1], LANES), np.int32)
    weights[:, CONTEXTS] = WEIGHT_ONE
    rates = np.full(USES_LIMIT + 1, RATE, np.int64)
    counters = np.zeros(CONTEXTS << TABLE_BITS, np.uint32)
    mixer = new_mixer(weights, CERTAINTIES, rates, 1, THRESHOLD)
    return Refiner(mixer, counters, np.zeros(2, np.int64), np.zeros(LANES, np.int64))


@inlined
def _weight_sets(window: Int, logit: Int, counts: Int) -> WeightSets:
    """The sets of weights of a bit. counts: of contexts 1 to 6, two bits each."""
    certainty: Any = min(max((logit + 2048) >> 8, 0), CERTAINTIES - 1)
    shell = np.int64(0)
    for i in range(len(_SECOND_SHELL)):
        shell |= ((window >> _SECOND_SHELL[i]) & 1) << i
    before = (
        ((window >> 31) & 7)
        | (((window >> 36) & 7) << 3)
        | (((window >> 41) & 7) << 6)
        | (((window >> 56) & 7) << 9)
        | (((window >> 61) & 1) << 12)
    )
    near, far = counts & 63, counts >> 6
    return WeightSets(
        before,
        _STARTS[1] + shell,
        _STARTS[2] + near * CERTAINTIES + certainty,
        _STARTS[3] + far * CERTAINTIES + certainty,
        certainty,
    )


@inlined
def refine(r: Refiner, window: Int, logit: Int) -> Refinement:
    """The refined prediction of a bit.

    window: bit i says that voxel i before this one is occupied. logit: the network's, in 1/256 nat.
    """
    logit = min(max(logit, -STRETCH_LIMIT), STRETCH_LIMIT)
    r.words[0] = window
    r.words[1] = min(max((logit >> 7) + 16, 0), 31) + 1  # the logit in half nats
    _find(r.words, TABLE_BITS, r.counters, r.places, 0)
    inputs, counters, counts = _read(r.counters, r.places, 0, 0, _STRETCH, logit)
    sets = _weight_sets(window, logit, counts)
    return Refinement(mix(r.mixer, inputs, sets), inputs, counters, sets)


@inlined
def learn(r: Refiner, refinement: Refinement, bit: Int) -> None:
    """Moves all that took part in the last refinement towards `bit`."""
    mixing.learn(r.mixer, refinement.inputs, refinement.sets, refinement.prediction, bit)
    _write(r.counters, r.places, 0, 0, refinement.counters, bit, COUNT_LIMIT)


@njit
def refine_known(
    r: Refiner, windows: Int64Array, logits: Int64Array, bits: UInt8Array, out: Int16Array
) -> None:
    """Stretched probabilities (n,) of known bits, one after the other."""
    for i in range(len(bits)):
        refinement = refine(r, windows[i], logits[i])
        out[i] = refinement.prediction.x
        learn(r, refinement, np.int64(bits[i]))
