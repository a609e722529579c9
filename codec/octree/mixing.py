"""The probability of a bit: counting models selected by the contexts, mixed in the logistic domain.

As in PAQ and lpaq (Mahoney 2005), in integers only, so that every machine computes the same bits:
each context's model gives a stretched probability; several mixers, each with weights chosen by a small
context of its own, add them up; a last mixer joins those. All weights learn online from the coding error.

The inputs of a mixer are a row of 16 integers: the contexts' come first, the others are 0 and left to callers
that know more.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ..entropy.jit import Int, inlined
from ..entropy.logistic import STRETCH_LIMIT, STRETCH_OFFSET, squash_table, stretch_table
from ..kernels.lanes import LANES, dot, move, prefetch
from .contexts import MASKS, NEAR_SHIFT, Words, group_numbers
from .learning import USES_LIMIT, USUAL, Learning
from .slots import take_slots

INPUTS = len(MASKS)
MIXERS = 4
SELECTOR_SIZES = (1 << 13, 1 << 10, 1 << 11, 256)
SELECTOR_STARTS = tuple(int(v) for v in np.cumsum((0, *SELECTOR_SIZES)))
COUNT_LIMIT = 255
WEIGHT_LIMIT = 1 << 19  # 8.0
INITIAL_WEIGHT = 65536 * 2 // INPUTS
LAST_SHIFT = 18
CONFIDENT = (4, 5, 6, 10)  # contexts whose counts select the fourth mixer's weights
ROW_SLOTS = 4  # slots of a group
_UNSEEN = 0x80000000  # a slot is kept xored with its first value, so that fresh memory is all zero

# Step of a model that has seen n bits, in units of 2**-16: 1 / (n + 1.3).
_STEPS = np.array([655360 // (10 * n + 13) for n in range(COUNT_LIMIT + 1)], np.int64)
_STARTS = np.array(SELECTOR_STARTS[:MIXERS], np.int64)
_SQUASH = squash_table()
_STRETCH = np.ascontiguousarray(stretch_table()[8::16])  # by the upper 12 bits of a probability


class Mixing(NamedTuple):
    """All that adapts, and the working memory of the bits of a part of a row.

    rates, pace: how fast; see `Learning`.
    slots: (INPUTS << table_bits,) uint32 counting models: probability of a 1 (22 bits), count (10 bits).
    weights: (sets * LANES,) int32 in units of 2**-16. uses: (sets,) int32 how often a set learned.
    last: (8, MIXERS) int32 weights of the last mixer, by child.
    words: (4,) int64 context words, see `contexts`. groups: (bits, LANES) and sets: (bits, MIXERS) int64,
    where each bit will look: see `prepare`.
    inputs (LANES,): int32, stretched probabilities of the current bit. places, counts (INPUTS,), chosen,
    outputs (MIXERS,): int64, of the current bit.
    """

    rates: Words
    pace: Words
    slots: npt.NDArray[np.uint32]
    weights: npt.NDArray[np.int32]
    uses: npt.NDArray[np.int32]
    last: npt.NDArray[np.int32]
    words: Words
    groups: Words
    sets: Words
    inputs: npt.NDArray[np.int32]
    places: Words
    counts: Words
    chosen: Words
    outputs: Words


def new_mixing(table_bits: int, bits: int, guided: bool = False, learning: Learning = USUAL) -> Mixing:
    """Fresh models with 2**table_bits slots a context, and working memory for `bits` bits at a time.

    guided: a network gives the input after the contexts', and is believed alone at first.
    """
    sets = SELECTOR_STARTS[MIXERS]
    weights = _aligned(sets * LANES)
    if guided:
        weights.reshape(sets, LANES)[:, INPUTS] = 65536
    else:
        weights.reshape(sets, LANES)[:, :INPUTS] = INITIAL_WEIGHT
    return Mixing(
        learning.rates(),
        learning.pace(),
        take_slots(INPUTS << table_bits),
        weights,
        np.zeros(sets, np.int32),
        np.full((8, MIXERS), 65536 // MIXERS, np.int32),
        np.zeros(4, np.int64),
        np.zeros(bits * LANES, np.int64),
        np.zeros(bits * MIXERS, np.int64),
        np.zeros(LANES, np.int32),
        np.zeros(INPUTS, np.int64),
        np.zeros(INPUTS, np.int64),
        np.zeros(MIXERS, np.int64),
        np.zeros(MIXERS, np.int64),
    )


def _aligned(size: int) -> npt.NDArray[np.int32]:
    """Zeros that begin on a cache line."""
    memory = np.zeros(size + LANES, np.int32)
    skip = -memory.ctypes.data // memory.itemsize % LANES
    return memory[skip : skip + size]


@inlined
def prepare(m: Mixing, t: Int, table_bits: Int) -> None:
    """Finds what bit t of the part, of which `m.words` tell, will look at, and asks the memory for it.

    What its row decides is left to `gather`.
    """
    words = m.words
    group_numbers(words, 66 - table_bits, m.groups, t * LANES)
    for k in range(INPUTS):
        at = (m.groups[t * LANES + k] * ROW_SLOTS) + (np.int64(k) << table_bits)
        m.groups[t * LANES + k] = at
        prefetch(m.slots, at)
    w, v, near = words[0], words[1], words[2] >> NEAR_SHIFT
    m.sets[t * MIXERS] = (
        (((w >> 37) & 7) << 1) | (((w >> 43) & 7) << 4) | (((w >> 49) & 7) << 7) | (((near >> 7) & 7) << 10)
    )
    m.sets[t * MIXERS + 1] = _STARTS[1] + (
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
    m.sets[t * MIXERS + 2] = _STARTS[2] + (((words[2] >> 27) & 127) << 4 | ((words[2] >> 35) & 7) << 1)
    prefetch(m.weights, m.sets[t * MIXERS] * LANES)
    prefetch(m.weights, m.sets[t * MIXERS] * LANES + LANES)


@inlined
def gather(m: Mixing, t: Int, row: Int) -> None:
    """Looks up the models of bit t. row: the voxel before it in its row << 1 | the one before that."""
    seen = np.int64(0)
    for k in range(INPUTS):
        at = m.groups[t * LANES + k] + row
        slot = np.int64(m.slots[at]) ^ _UNSEEN
        m.places[k] = at
        m.counts[k] = slot & 1023
        m.inputs[k] = _STRETCH[slot >> 20]
    for j in range(4):
        seen |= min(m.counts[CONFIDENT[j]], 3) << (2 * j)
    before = row >> 1
    m.chosen[0] = m.sets[t * MIXERS] | before
    m.chosen[1] = m.sets[t * MIXERS + 1] | before
    m.chosen[2] = m.sets[t * MIXERS + 2] | before
    m.chosen[3] = _STARTS[3] + seen


@inlined
def predict(m: Mixing, parity: Int) -> Int:
    """Stretched probability of a 1, within +-STRETCH_LIMIT, from `m.inputs`."""
    total: Any = np.int64(0)
    for j in range(MIXERS):
        mixed: Any = dot(m.inputs, 0, m.weights, m.chosen[j] * LANES, 4) >> 12
        mixed = min(max(mixed, -STRETCH_LIMIT), STRETCH_LIMIT)
        m.outputs[j] = mixed
        total += mixed * np.int64(m.last[parity, j])
    result: Int = min(max(total >> 16, -STRETCH_LIMIT), STRETCH_LIMIT)
    return result


@inlined
def learn(m: Mixing, parity: Int, stretched: Int, bit: Int) -> None:
    """Moves every model and weight that took part in `stretched`, the last prediction, towards `bit`."""
    error = (bit << 16) - (np.int64(_SQUASH[stretched + STRETCH_OFFSET]) >> 8)
    last_rate, sure, count_limit = m.pace[0], m.pace[1], m.pace[2]
    if abs(error) >= sure:
        half = 1 << (LAST_SHIFT - 1)
        for j in range(MIXERS):
            weight: Any = np.int64(m.last[parity, j])
            weight += (m.outputs[j] * error * last_rate + half) >> LAST_SHIFT
            m.last[parity, j] = min(max(weight, -WEIGHT_LIMIT), WEIGHT_LIMIT)
            row = m.chosen[j]
            uses: Any = np.int64(m.uses[row])
            m.uses[row] = min(uses + 1, USES_LIMIT)
            own = (bit << 16) - (np.int64(_SQUASH[m.outputs[j] + STRETCH_OFFSET]) >> 8)
            move(m.weights, row * LANES, m.inputs, 0, (own * m.rates[uses]) >> 5, 13, WEIGHT_LIMIT)
    for k in range(INPUTS):
        slot = np.int64(m.slots[m.places[k]]) ^ _UNSEEN
        count = slot & 1023
        probability: Any = slot >> 10
        probability += (((bit << 22) - probability) * _STEPS[count]) >> 16
        probability = min(probability, (1 << 22) - 1)
        if count < count_limit:
            count += 1
        m.slots[m.places[k]] = np.uint32(((probability << 10) | count) ^ _UNSEEN)
