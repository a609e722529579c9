"""A network's probability, corrected while coding by what this very cloud has shown.

Four counting models, selected by ever larger parts of the 5^3 window before a voxel, are mixed with the network's logit in
the logistic domain, with weights that learn from each bit (Mahoney 2005). At first the network is believed alone.
Integers only, so that every machine computes the same.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from .jit import Int, inlined, njit
from .logistic import STRETCH_LIMIT, STRETCH_OFFSET, squash_table, stretch_table

CAUSAL_BITS = 62  # voxels before the middle one of a 5^3 window, in raster order
CONTEXTS = 4
INPUTS = CONTEXTS + 1  # the network's logit comes first
TABLE_BITS = 18  # log2 of the slots of each context
_NEAREST = (13, 24, 36, CAUSAL_BITS)  # voxels that each context sees; 13: those of the 3^3 window
COUNT_LIMIT = 250
ONE = 1 << 16  # a weight of 1
WEIGHT_LIMIT = 16 * ONE
RATE, RATE_SHIFT = 5, 19  # weight += input * error * RATE >> RATE_SHIFT
SHAPES, SEEN = 1 << 13, 128  # weight sets: by the 3^3 window; by counts and the network's certainty
_UNSEEN = 1 << 31  # a slot is kept xored with its first value, so that fresh memory is all zero
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)

Words = npt.NDArray[np.int64]


def _masks() -> npt.NDArray[np.uint64]:
    """(CONTEXTS,) the nearest voxels of the window by Euclidean distance, those of 3^3 in the first."""
    axis = np.arange(-2, 3)
    offsets = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), -1).reshape(-1, 3)[:CAUSAL_BITS]
    far = (offsets**2).sum(1)
    near = np.argsort(far, kind="stable")
    inner = np.flatnonzero(np.abs(offsets).max(1) <= 1)
    chosen = [inner, *(near[:n] for n in _NEAREST[1:])]
    return np.array([sum(1 << int(i) for i in voxels) for voxels in chosen], np.uint64)


_MASKS = _masks()
_STEPS = np.array([131072 // (2 * n + 3) for n in range(COUNT_LIMIT + 1)], np.int64)  # 1 / (n + 1.5)
_SQUASH, _STRETCH = squash_table(), stretch_table()


class Refiner(NamedTuple):
    """All that adapts, and the working memory of one bit.

    slots: (CONTEXTS << TABLE_BITS,) uint32: probability of a 1 (22 bits), count (10 bits). weights: (SHAPES + SEEN,
    INPUTS) int32. places (CONTEXTS,), inputs (INPUTS,), chosen (2,): int64, of the current bit.
    """

    slots: npt.NDArray[np.uint32]
    weights: npt.NDArray[np.int32]
    places: Words
    inputs: Words
    chosen: Words


def new_refiner() -> Refiner:
    """One that has seen nothing."""
    weights = np.zeros((SHAPES + SEEN, INPUTS), np.int32)
    weights[:, 0] = ONE
    words = [np.zeros(n, np.int64) for n in (CONTEXTS, INPUTS, 2)]
    return Refiner(np.zeros(CONTEXTS << TABLE_BITS, np.uint32), weights, *words)


@inlined
def refine(r: Refiner, window: Int, logit: Int) -> Int:
    """Stretched probability of a 1, within +-STRETCH_LIMIT; remembers what `learn` needs.

    window: bit i says that voxel i before this one is occupied. logit: the network's, in 1/256 nat.
    """
    logit = min(max(logit, -STRETCH_LIMIT), STRETCH_LIMIT)
    r.inputs[0] = logit
    seen = 0
    for k in range(CONTEXTS):
        h = (np.uint64(window) & _MASKS[k]) * _GOLDEN
        h = (h ^ (h >> np.uint64(32))) * _GOLDEN
        at = np.int64(h >> np.uint64(64 - TABLE_BITS)) + (k << TABLE_BITS)
        slot = np.int64(r.slots[at]) ^ _UNSEEN
        r.places[k] = at
        r.inputs[1 + k] = _STRETCH[slot >> 16]
        if k == 1 or k == 2:
            seen = 4 * seen + min(slot & 1023, 3)
    r.chosen[0] = (
        ((window >> 31) & 7)
        | (((window >> 36) & 7) << 3)
        | (((window >> 41) & 7) << 6)
        | (((window >> 56) & 7) << 9)
        | (((window >> 61) & 1) << 12)
    )
    certain = min(max((logit + 4 * 384) // 384, 0), 7)
    r.chosen[1] = SHAPES + 8 * seen + certain
    total: Any = np.int64(0)
    for j in range(INPUTS):
        total += r.inputs[j] * (np.int64(r.weights[r.chosen[0], j]) + np.int64(r.weights[r.chosen[1], j]))
    mixed: Int = min(max(total >> 17, -STRETCH_LIMIT), STRETCH_LIMIT)
    return mixed


@inlined
def learn(r: Refiner, stretched: Int, bit: Int) -> None:
    """Moves all that took part in `stretched`, the last prediction, towards `bit`."""
    error = ((bit << 16) - (np.int64(_SQUASH[stretched + STRETCH_OFFSET]) >> 8)) * RATE
    for j in range(INPUTS):
        step = (r.inputs[j] * error + (1 << (RATE_SHIFT - 1))) >> RATE_SHIFT
        for s in range(2):
            weight: Any = np.int64(r.weights[r.chosen[s], j]) + step
            r.weights[r.chosen[s], j] = min(max(weight, -WEIGHT_LIMIT), WEIGHT_LIMIT)
    for k in range(CONTEXTS):
        slot = np.int64(r.slots[r.places[k]]) ^ _UNSEEN
        count = slot & 1023
        probability: Any = slot >> 10
        probability += (((bit << 22) - probability) * _STEPS[count]) >> 16
        probability = min(max(probability, 1 << 8), (1 << 22) - (1 << 8))
        if count < COUNT_LIMIT:
            count += 1
        r.slots[r.places[k]] = np.uint32(((probability << 10) | count) ^ _UNSEEN)


@njit
def refine_known(
    r: Refiner, windows: Words, logits: Words, bits: npt.NDArray[np.uint8], out: npt.NDArray[np.int16]
) -> None:
    """Stretched probabilities (n,) of known bits, one after the other."""
    for i in range(len(bits)):
        x = refine(r, windows[i], logits[i])
        out[i] = x
        learn(r, x, np.int64(bits[i]))
