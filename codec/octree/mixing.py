"""The probability of a bit: counting models selected by the contexts, mixed in the logistic domain.

As in PAQ and lpaq (Mahoney 2005), in integers only, so that every machine computes the same bits:
each context's model gives a stretched probability; several mixers, each with weights chosen by a small
context of its own, add them up; a last mixer joins those. All weights learn online from the coding error.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ..entropy.jit import Int, njit
from ..entropy.logistic import STRETCH_LIMIT, STRETCH_OFFSET, squash_table, stretch_table
from .contexts import MASKS, Words

INPUTS = len(MASKS)
MIXERS = 4
SELECTOR_SIZES = (64, 1 << 13, 1 << 10, 256)
SELECTOR_STARTS = tuple(int(v) for v in np.cumsum((0, *SELECTOR_SIZES)))
COUNT_LIMIT = 255
WEIGHT_LIMIT = 1 << 20  # 16.0
INITIAL_WEIGHT = 65536 * 2 // INPUTS
RATE, EXTRA_RATE = 10, 100  # learning rate of a weight set: RATE, and EXTRA_RATE more when it is new
LAST_RATE = 2
RATE_SHIFT = 18
CONFIDENT = (2, 3, 5, 6)  # contexts whose counts select the fourth mixer's weights
_UNSEEN = 0x80000000  # a slot is kept xored with its first value, so that fresh memory is all zero

# Step of a model that has seen n bits, in units of 2**-16: 1 / (n + 1.3).
_STEPS = np.array([655360 // (10 * n + 13) for n in range(COUNT_LIMIT + 1)], np.int64)
_MASKS = MASKS
_STARTS = np.array(SELECTOR_STARTS[:MIXERS], np.int64)
_SQUASH = squash_table()
_STRETCH = stretch_table()


class Mixing(NamedTuple):
    """All that adapts, and the working memory of one bit.

    slots: (INPUTS << table_bits,) uint32 counting models: probability of a 1 (22 bits), count (10 bits).
    weights: (sets, INPUTS) int32 in units of 2**-16. uses: (sets,) int32 how often a set was used.
    last: (8, MIXERS) int32 weights of the last mixer, by child.
    places, inputs, counts (INPUTS,), chosen, outputs (MIXERS,): int64, of the current bit.
    """

    slots: npt.NDArray[np.uint32]
    weights: npt.NDArray[np.int32]
    uses: npt.NDArray[np.int32]
    last: npt.NDArray[np.int32]
    places: Words
    inputs: Words
    counts: Words
    chosen: Words
    outputs: Words


def new_mixing(table_bits: int) -> Mixing:
    """Fresh models with 2**table_bits slots a context."""
    sets = SELECTOR_STARTS[MIXERS]
    return Mixing(
        np.zeros(INPUTS << table_bits, np.uint32),
        np.full((sets, INPUTS), INITIAL_WEIGHT, np.int32),
        np.zeros(sets, np.int32),
        np.full((8, MIXERS), 65536 // MIXERS, np.int32),
        np.zeros(INPUTS, np.int64),
        np.zeros(INPUTS, np.int64),
        np.zeros(INPUTS, np.int64),
        np.zeros(MIXERS, np.int64),
        np.zeros(MIXERS, np.int64),
    )


@njit
def _slot(words: Words, k: Int, shift: np.uint64) -> Int:
    """Hash of the words under template k's masks: four rounds of multiply and xor-shift."""
    h = np.uint64(words[0] & _MASKS[k, 0]) * np.uint64(0x9E3779B97F4A7C15)
    h = (h ^ (h >> np.uint64(31))) + np.uint64(words[1] & _MASKS[k, 1])
    h = h * np.uint64(0xC2B2AE3D27D4EB4F)
    h = (h ^ (h >> np.uint64(29))) + np.uint64(words[2] & _MASKS[k, 2])
    h = h * np.uint64(0xBF58476D1CE4E5B9)
    h = (h ^ (h >> np.uint64(32))) + np.uint64(words[3] & _MASKS[k, 3])
    h = h * np.uint64(0x94D049BB133111EB)
    return np.int64(((h ^ (h >> np.uint64(30))) * np.uint64(0x9E3779B97F4A7C15)) >> shift)


@njit
def _select(m: Mixing, words: Words, parity: Int) -> None:
    """Which weight set each mixer uses."""
    w, v = words[0], words[1]
    faces = ((w >> 37) & 1) | (((w >> 57) & 1) << 1) | (((w >> 61) & 1) << 2)
    m.chosen[0] = parity * 8 + faces
    m.chosen[1] = _STARTS[1] + (
        ((w >> 31) & 7)
        | (((w >> 36) & 7) << 3)
        | (((w >> 41) & 7) << 6)
        | (((w >> 56) & 7) << 9)
        | (((w >> 61) & 1) << 12)
    )
    m.chosen[2] = _STARTS[2] + (
        ((w >> 61) & 1)
        | (((w >> 57) & 1) << 1)
        | (((v >> 5) & 1) << 2)
        | (((w >> 37) & 1) << 3)
        | (((v >> 29) & 1) << 4)
        | (((v >> 20) & 1) << 5)
        | (((w >> 42) & 1) << 6)
        | (((v >> 50) & 1) << 7)
        | (((v >> 22) & 1) << 8)
        | (((w >> 38) & 1) << 9)
    )
    seen = 0
    for j in range(4):
        seen |= min(m.counts[CONFIDENT[j]], 3) << (2 * j)
    m.chosen[3] = _STARTS[3] + seen


@njit
def predict(m: Mixing, words: Words, parity: Int, table_bits: Int) -> Int:
    """Stretched probability of a 1, within +-STRETCH_LIMIT; remembers what `learn` needs."""
    shift = np.uint64(64 - table_bits)
    for k in range(INPUTS):
        at = _slot(words, k, shift) + (k << table_bits)
        slot = np.int64(m.slots[at]) ^ _UNSEEN
        m.places[k] = at
        m.counts[k] = slot & 1023
        m.inputs[k] = _STRETCH[slot >> 16]
    _select(m, words, parity)
    total: Any = np.int64(0)
    for j in range(MIXERS):
        row = m.chosen[j]
        dot: Any = np.int64(0)
        for k in range(INPUTS):
            dot += m.inputs[k] * np.int64(m.weights[row, k])
        dot = min(max(dot >> 16, -STRETCH_LIMIT), STRETCH_LIMIT)
        m.outputs[j] = dot
        total += dot * np.int64(m.last[parity, j])
    mixed: Int = min(max(total >> 16, -STRETCH_LIMIT), STRETCH_LIMIT)
    return mixed


@njit
def learn(m: Mixing, parity: Int, stretched: Int, bit: Int) -> None:
    """Moves every model and weight that took part in `stretched`, the last prediction, towards `bit`."""
    half = 1 << (RATE_SHIFT - 1)
    error = ((bit << 16) - (np.int64(_SQUASH[stretched + STRETCH_OFFSET]) >> 8)) * LAST_RATE
    for j in range(MIXERS):
        weight: Any = np.int64(m.last[parity, j]) + ((m.outputs[j] * error + half) >> RATE_SHIFT)
        m.last[parity, j] = min(max(weight, -WEIGHT_LIMIT), WEIGHT_LIMIT)
        row = m.chosen[j]
        uses: Any = np.int64(m.uses[row])
        rate = RATE + EXTRA_RATE * 16 // (16 + uses)
        m.uses[row] = min(uses + 1, 1 << 20)
        step = ((bit << 16) - (np.int64(_SQUASH[m.outputs[j] + STRETCH_OFFSET]) >> 8)) * rate
        for k in range(INPUTS):
            weight = np.int64(m.weights[row, k]) + ((m.inputs[k] * step + half) >> RATE_SHIFT)
            m.weights[row, k] = min(max(weight, -WEIGHT_LIMIT), WEIGHT_LIMIT)
    for k in range(INPUTS):
        slot = np.int64(m.slots[m.places[k]]) ^ _UNSEEN
        count = slot & 1023
        probability: Any = slot >> 10
        probability += (((bit << 22) - probability) * _STEPS[count]) >> 16
        probability = min(probability, (1 << 22) - 1)
        if count < COUNT_LIMIT:
            count += 1
        m.slots[m.places[k]] = np.uint32(((probability << 10) | count) ^ _UNSEEN)
