"""A network's probability, corrected while coding by what this very cloud has shown.

Nine counting models, selected by parts of the 5^3 window before a voxel, are mixed with the network's logit
in the logistic domain by four mixers and a last one, whose weights learn from each bit (Mahoney 2005, as in
codec "octree"). At first the network is believed alone. Integers only, so that every machine computes the
same.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from octavox.codec.coding.jit import Int, inlined, njit
from octavox.codec.coding.kernels.lanes import dot, move
from octavox.codec.coding.kernels.simd import LANES, load
from octavox.codec.coding.kernels.tables import UNSEEN
from octavox.codec.coding.logistic import STRETCH_LIMIT, STRETCH_OFFSET, squash_table, stretch_table

CAUSAL_BITS = 62  # voxels before the middle one of a 5^3 window, in raster order
TABLE_BITS = 18  # log2 of the slots of each context
COUNT_LIMIT = 1000
ONE = 1 << 16  # a weight of 1
WEIGHT_LIMIT = 8 * ONE
RATE, LAST_SHIFT = 7, 19  # learning rates of the mixers, in units of 2**-18, and of the last one, 2**-19
SURE = 64  # of 65536: bits foreseen so well teach the weights nothing
MIXERS = 4
SHAPES = 1 << 13  # weight sets of a mixer that is chosen by 13 voxels
COUNTS = 1 << 10  # of one that is chosen by three counts and the network's certainty
CERTAINTIES = 16
_GOLDEN, _SECOND = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F)

Words = npt.NDArray[np.int64]


def _window() -> tuple[Words, list[int]]:
    """Offsets (62, 3) of the voxels before the middle one, and their numbers, the nearest first."""
    axis = np.arange(-2, 3)
    offsets = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), -1).reshape(-1, 3)[:CAUSAL_BITS]
    return offsets, [int(i) for i in np.argsort((offsets**2).sum(1), kind="stable")]


def _context_masks() -> npt.NDArray[np.uint64]:
    """(9,) the voxels that each context sees."""
    offsets, near = _window()
    inner = np.flatnonzero(np.abs(offsets).max(1) <= 1)
    before, same = np.flatnonzero(offsets[:, 0] == -1), np.flatnonzero(offsets[:, 0] == 0)
    chosen: list[Any] = [inner, near[:24], near[:36], near, near[:18], before, same, inner, near[:18]]
    return np.array([sum(1 << int(i) for i in voxels) for voxels in chosen], np.uint64)


_MASKS = _context_masks()
CONTEXTS = len(_MASKS)
WITH_LOGIT = 7  # the contexts from this one on see the network's logit, too
_SECOND_SHELL = np.array(_window()[1][13:26], np.int64)
_STEPS = np.array([131072 // (2 * n + 3) for n in range(COUNT_LIMIT + 1)], np.int64)  # 1 / (n + 1.5)
_SQUASH, _STRETCH = squash_table(), stretch_table()
_STARTS = (0, SHAPES, 2 * SHAPES, 2 * SHAPES + COUNTS, 2 * SHAPES + 2 * COUNTS)


class Refiner(NamedTuple):
    """All that adapts, and the working memory of one bit.

    slots: (CONTEXTS << TABLE_BITS,) uint32: probability of a 1 (22 bits), count (10 bits). weights: (sets *
    LANES,) int32; last: (CERTAINTIES * MIXERS,) int64 of the last mixer. inputs (LANES,) int32: the logit,
    then the contexts'. places, counts (CONTEXTS,), chosen (MIXERS + 1,), outputs (MIXERS,): int64, of the
    current bit.
    """

    slots: npt.NDArray[np.uint32]
    weights: npt.NDArray[np.int32]
    last: Words
    inputs: npt.NDArray[np.int32]
    places: Words
    counts: Words
    chosen: Words
    outputs: Words


def new_refiner() -> Refiner:
    """One that has seen nothing."""
    weights = np.zeros((_STARTS[-1], LANES), np.int32)
    weights[:, 0] = ONE
    words = [np.zeros(n, np.int64) for n in (CONTEXTS, CONTEXTS, MIXERS + 1, MIXERS)]
    slots = np.zeros(CONTEXTS << TABLE_BITS, np.uint32)
    last = np.full(CERTAINTIES * MIXERS, ONE // MIXERS, np.int64)
    return Refiner(slots, weights.reshape(-1), last, np.zeros(LANES, np.int32), *words)


@inlined
def _look_up(r: Refiner, window: Int, logit: Int) -> None:
    """The models of the current bit."""
    half_nats: Any = min(max((logit >> 7) + 16, 0), 31)
    for k in range(CONTEXTS):
        h = (np.uint64(window) & _MASKS[k]) * _GOLDEN
        if k >= WITH_LOGIT:
            h += np.uint64(half_nats + 1) * _SECOND
        h = (h ^ (h >> np.uint64(32))) * _GOLDEN
        at = np.int64(h >> np.uint64(64 - TABLE_BITS)) + (k << TABLE_BITS)
        slot = np.int64(r.slots[at]) ^ UNSEEN
        r.places[k] = at
        seen: Any = min(slot & 1023, 3)
        r.counts[k] = seen
        r.inputs[1 + k] = _STRETCH[slot >> 16]


@inlined
def _choose(r: Refiner, window: Int, logit: Int) -> None:
    """The weights of the current bit."""
    certainty: Any = (logit + 2048) >> 8
    certainty = min(max(certainty, 0), CERTAINTIES - 1)
    shell = np.int64(0)
    for i in range(len(_SECOND_SHELL)):
        shell |= ((window >> _SECOND_SHELL[i]) & 1) << i
    r.chosen[0] = (
        ((window >> 31) & 7)
        | (((window >> 36) & 7) << 3)
        | (((window >> 41) & 7) << 6)
        | (((window >> 56) & 7) << 9)
        | (((window >> 61) & 1) << 12)
    )
    r.chosen[1] = SHAPES + shell
    near = (r.counts[1] << 4) | (r.counts[2] << 2) | r.counts[3]
    other = (r.counts[4] << 4) | (r.counts[5] << 2) | r.counts[6]
    r.chosen[2] = 2 * SHAPES + near * CERTAINTIES + certainty
    r.chosen[3] = 2 * SHAPES + COUNTS + other * CERTAINTIES + certainty
    r.chosen[MIXERS] = certainty


@inlined
def refine(r: Refiner, window: Int, logit: Int) -> Int:
    """Stretched probability of a 1, within +-STRETCH_LIMIT; remembers what `learn` needs.

    window: bit i says that voxel i before this one is occupied. logit: the network's, in 1/256 nat.
    """
    logit = min(max(logit, -STRETCH_LIMIT), STRETCH_LIMIT)
    r.inputs[0] = logit
    _look_up(r, window, logit)
    _choose(r, window, logit)
    total: Any = np.int64(0)
    for j in range(MIXERS):
        mixed: Any = dot(load(r.inputs, 0), r.weights, r.chosen[j] * LANES, 4) >> 12
        mixed = min(max(mixed, -STRETCH_LIMIT), STRETCH_LIMIT)
        r.outputs[j] = mixed
        total += mixed * r.last[r.chosen[MIXERS] * MIXERS + j]
    result: Int = min(max(total >> 16, -STRETCH_LIMIT), STRETCH_LIMIT)
    return result


@inlined
def learn(r: Refiner, stretched: Int, bit: Int) -> None:
    """Moves all that took part in `stretched`, the last prediction, towards `bit`."""
    error = (bit << 16) - (np.int64(_SQUASH[stretched + STRETCH_OFFSET]) >> 8)
    if abs(error) >= SURE:
        for j in range(MIXERS):
            at = r.chosen[MIXERS] * MIXERS + j
            weight: Any = r.last[at] + ((r.outputs[j] * error + (1 << (LAST_SHIFT - 1))) >> LAST_SHIFT)
            r.last[at] = min(max(weight, -WEIGHT_LIMIT), WEIGHT_LIMIT)
            own = (bit << 16) - (np.int64(_SQUASH[r.outputs[j] + STRETCH_OFFSET]) >> 8)
            move(r.weights, r.chosen[j] * LANES, load(r.inputs, 0), (own * RATE) >> 5, 13, WEIGHT_LIMIT)
    for k in range(CONTEXTS):
        slot = np.int64(r.slots[r.places[k]]) ^ UNSEEN
        count = slot & 1023
        probability: Any = slot >> 10
        probability += (((bit << 22) - probability) * _STEPS[count]) >> 16
        probability = min(max(probability, 1 << 8), (1 << 22) - (1 << 8))
        if count < COUNT_LIMIT:
            count += 1
        r.slots[r.places[k]] = np.uint32(((probability << 10) | count) ^ UNSEEN)


@njit
def refine_known(
    r: Refiner, windows: Words, logits: Words, bits: npt.NDArray[np.uint8], out: npt.NDArray[np.int16]
) -> None:
    """Stretched probabilities (n,) of known bits, one after the other."""
    for i in range(len(bits)):
        x = refine(r, windows[i], logits[i])
        out[i] = x
        learn(r, x, np.int64(bits[i]))
