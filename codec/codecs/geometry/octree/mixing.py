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

from octavox.codec.coding.counters import take_slots
from octavox.codec.coding.jit import Int, inlined
from octavox.codec.coding.kernels.lanes import four_dots, move
from octavox.codec.coding.kernels.memory import aligned
from octavox.codec.coding.kernels.simd import LANES
from octavox.codec.coding.kernels.tables import prefetch, slot_reader, slot_writer
from octavox.codec.coding.logistic import STRETCH_LIMIT, STRETCH_OFFSET, squash_table, stretch_table

from .contexts import MASKS, NEAR_SHIFT, Words, find_slots
from .learning import USES_LIMIT, USUAL, Learning

INPUTS = len(MASKS)
MIXERS = 4
SELECTOR_SIZES = (1 << 13, 1 << 10, 1 << 11, 256)
SELECTOR_STARTS = tuple(int(v) for v in np.cumsum((0, *SELECTOR_SIZES)))
WEIGHT_LIMIT = 1 << 19  # 8.0
INITIAL_WEIGHT = 65536 * 2 // INPUTS
LAST_SHIFT = 18
CONFIDENT = (4, 5, 6, 10)  # contexts whose counts select the fourth mixer's weights

_STARTS = np.array(SELECTOR_STARTS[:MIXERS], np.int64)
_SQUASH = squash_table()
_STRETCH = np.ascontiguousarray(stretch_table()[8::16])  # by the upper 12 bits of a probability
_read, _write = slot_reader(INPUTS, CONFIDENT), slot_writer(INPUTS)


class Mixing(NamedTuple):
    """All that adapts, and the working memory of the bits of a part of a row.

    rates, pace: how fast; see `Learning`.
    slots: (INPUTS << table_bits,) uint32 counting models: probability of a 1 (22 bits), count (10 bits).
    weights: (sets * LANES,) int32 in units of 2**-16. uses: (sets,) int32 how often a set learned.
    last: (8, MIXERS) int32 weights of the last mixer, by child.
    words: (4,) int64 context words, see `contexts`. groups: (bits, LANES) and sets: (bits, MIXERS) int64,
    where each bit will look: see `prepare`.
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


def new_mixing(table_bits: int, bits: int, guided: bool = False, learning: Learning = USUAL) -> Mixing:
    """Fresh models with 2**table_bits slots a context, and working memory for `bits` bits at a time.

    guided: a network gives the input after the contexts', and is believed alone at first.
    """
    sets = SELECTOR_STARTS[MIXERS]
    weights = aligned(np.zeros(sets * LANES, np.int32))
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
        np.full(8 * MIXERS, 65536 // MIXERS, np.int32),
        np.zeros(4, np.int64),
        np.zeros(bits * LANES, np.int64),
        np.zeros(bits * MIXERS, np.int64),
    )


@inlined
def prepare(m: Mixing, t: Int, table_bits: Int) -> None:
    """Finds what bit t of the part, of which `m.words` tell, will look at, and asks the memory for it.

    What its row decides is left to `gather`.
    """
    find_slots(m.words, table_bits, m.slots, m.groups, t * LANES)
    w, v, u = m.words[0], m.words[1], m.words[2]
    near = u >> NEAR_SHIFT
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
    m.sets[t * MIXERS + 2] = _STARTS[2] + (((u >> 27) & 127) << 4 | ((u >> 35) & 7) << 1)
    prefetch(m.weights, m.sets[t * MIXERS] * LANES)
    prefetch(m.weights, m.sets[t * MIXERS] * LANES + LANES)


class Look(NamedTuple):
    """What is seen before a bit: the inputs, the contexts' slots, and where the mixers' weights begin."""

    x: Any
    slots: Any
    a: Int
    b: Int
    c: Int
    d: Int


class Forecast(NamedTuple):
    """Stretched probability of a 1, and what each mixer said, within +-STRETCH_LIMIT."""

    x: Int
    a: Int
    b: Int
    c: Int
    d: Int


@inlined
def gather(m: Mixing, t: Int, row: Int, more: Int) -> Look:
    """Looks up the models of bit t.

    row: the voxel before it in its row << 1 | the one before that. more: the input after the contexts'.
    """
    x, slots, sure = _read(m.slots, m.groups, t * LANES, row, _STRETCH, more)
    before, at = row >> 1, t * MIXERS
    return Look(
        x,
        slots,
        (m.sets[at] | before) * LANES,
        (m.sets[at + 1] | before) * LANES,
        (m.sets[at + 2] | before) * LANES,
        (_STARTS[3] + sure) * LANES,
    )


@inlined
def _held(mixed: Int) -> Int:
    """Within +-STRETCH_LIMIT."""
    held: Int = min(max(mixed, -STRETCH_LIMIT), STRETCH_LIMIT)
    return held


@inlined
def predict(m: Mixing, look: Look, parity: Int) -> Forecast:
    """The forecast for child `parity`."""
    sums = four_dots(look.x, m.weights, look.a, look.b, look.c, look.d)
    a, b, c, d = _held(sums[0] >> 12), _held(sums[1] >> 12), _held(sums[2] >> 12), _held(sums[3] >> 12)
    w = parity * MIXERS
    total: Any = a * np.int64(m.last[w]) + b * np.int64(m.last[w + 1])
    total += c * np.int64(m.last[w + 2]) + d * np.int64(m.last[w + 3])
    return Forecast(_held(total >> 16), a, b, c, d)


@inlined
def _learn_mixer(m: Mixing, x: Any, at: Int, said: Int, w: Int, error: Int, bit: Int) -> None:
    """Moves a mixer's weights, at m.weights[at ..], and its weight in the last mixer, w."""
    last_rate = m.pace[0]
    half = 1 << (LAST_SHIFT - 1)
    weight: Int = np.int64(m.last[w]) + ((said * error * last_rate + half) >> LAST_SHIFT)
    m.last[w] = np.int32(min(max(weight, -WEIGHT_LIMIT), WEIGHT_LIMIT))
    uses: Any = np.int64(m.uses[at // LANES])
    m.uses[at // LANES] = min(uses + 1, USES_LIMIT)
    own = (bit << 16) - (np.int64(_SQUASH[said + STRETCH_OFFSET]) >> 8)
    move(m.weights, at, x, (own * m.rates[uses]) >> 5, 13, WEIGHT_LIMIT)


@inlined
def learn(m: Mixing, t: Int, row: Int, look: Look, said: Forecast, parity: Int, bit: Int) -> None:
    """Moves every model and weight that took part in a forecast towards `bit`."""
    error = (bit << 16) - (np.int64(_SQUASH[said.x + STRETCH_OFFSET]) >> 8)
    if abs(error) >= m.pace[1]:
        w = parity * MIXERS
        _learn_mixer(m, look.x, look.a, said.a, w, error, bit)
        _learn_mixer(m, look.x, look.b, said.b, w + 1, error, bit)
        _learn_mixer(m, look.x, look.c, said.c, w + 2, error, bit)
        _learn_mixer(m, look.x, look.d, said.d, w + 3, error, bit)
    _write(m.slots, m.groups, t * LANES, row, look.slots, bit, m.pace[2])
