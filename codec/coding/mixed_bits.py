"""Bits that are mixed from counters in nine contexts, and from what a coder adds, in one step of a loop.

The counters and the mixers are those of all codecs (`kernels.counting`, `mixing`). A coder fills in where the
counters are (`groups`) and up to six stretched probabilities of its own (`given`).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from octavox.codec.arrays import Int32Array, Int64Array, UInt16Array, UInt32Array

from .adaptive import new_models
from .counters import take_counters
from .kernels.counting import counter_reader, counter_writer
from .kernels.jit import Int, inlined
from .kernels.memory import aligned
from .kernels.simd import LANES, add_row
from .logistic import STRETCH_OFFSET, squash_table, stretch_table
from .mixing import USES_LIMIT, Mixer, WeightSets, learn, mix, new_mixer
from .range_coder import BitCoder, code_bit

CONTEXTS = 9
FIRST_GIVEN = CONTEXTS + 1  # lane of the first input that a coder gives; the one before is constant
MOST_GIVEN = LANES - FIRST_GIVEN
GROUP_BITS = 5
GROUP = 1 << GROUP_BITS  # counters that lie side by side
RATE, START, FINAL_RATE, THRESHOLD = 5, 60, 4, 256  # of `mixing`
MOST_SEEN = 255
_STEP_OFFSET, _STRETCH_BITS = 13, 12
_CONSTANT = 256
_FACTOR = 0x9E3779B97F4A7C15 - (1 << 64)
_SALT = 0xC2B2AE3D27D4EB4F - (1 << 64)
_LAST = 0x94D049BB133111EB - (1 << 64)
_LOW_WORD = 0xFFFFFFFF

_STRETCH = np.ascontiguousarray(stretch_table()[8::16])
_SQUASH = squash_table()
_read = counter_reader(CONTEXTS, (), _STRETCH_BITS)
_write = counter_writer(CONTEXTS, _STEP_OFFSET)


class MixedBits(NamedTuple):
    """All that adapts.

    counters: (CONTEXTS << table_bits,) uint32. groups: (LANES,) int64, of each context the first counter of
    its group. given: (LANES,) int32, inputs from lane FIRST_GIVEN on, 0 in the others. plain: (n, 2) uint16
    models of bits that are not mixed.
    """

    mixer: Mixer
    counters: UInt32Array
    table_bits: Int
    groups: Int64Array
    given: Int32Array
    plain: UInt16Array


def new_mixed_bits(
    table_bits: int, sets: int, finals: int, weights: tuple[float, float], plain: int
) -> MixedBits:
    """Models that have seen nothing.

    sets, finals: of the mixers. weights: of each counter and of each given input at first. plain: models.
    """
    first = np.zeros((sets, LANES), np.int32)
    first[:, :CONTEXTS] = round(weights[0] * 65536)
    first[:, FIRST_GIVEN:] = round(weights[1] * 65536)
    rates = np.array([RATE + START * 16 // (16 + n) for n in range(USES_LIMIT + 1)], np.int64)
    return MixedBits(
        new_mixer(first, finals, rates, FINAL_RATE, THRESHOLD),
        take_counters(CONTEXTS << table_bits),
        table_bits,
        np.zeros(LANES, np.int64),
        aligned(np.zeros(LANES, np.int32)),
        new_models(plain),
    )


@inlined
def hashed(a: Int, b: Int) -> Int:
    """Two numbers as one, modulo 2**64, of which the upper bits are mixed best."""
    h: Int = np.int64(a) * np.int64(_FACTOR) + np.int64(b) * np.int64(_SALT)
    h ^= (h >> 32) & _LOW_WORD
    return h * np.int64(_LAST)


@inlined
def set_group(bits: MixedBits, context: Int, a: Int, b: Int) -> None:
    """Points a context to the group of two numbers."""
    h: Int = hashed(a, b) >> (64 + GROUP_BITS - bits.table_bits)
    h &= (1 << (bits.table_bits - GROUP_BITS)) - 1
    bits.groups[context] = (np.int64(context) << bits.table_bits) + (h << GROUP_BITS)


@inlined
def code_mixed(coder: BitCoder, bits: MixedBits, row: Int, sets: WeightSets, bit: Int) -> Int:
    """Codes a bit with counter `row` of each group, learns it, and returns it. A decoder ignores `bit`."""
    x, counters, _ = _read(bits.counters, bits.groups, 0, row, _STRETCH, np.int64(_CONSTANT))
    inputs = add_row(x, bits.given, 0)
    prediction = mix(bits.mixer, inputs, sets)
    found: Int = code_bit(coder, bit, np.int64(_SQUASH[prediction.x + STRETCH_OFFSET]))
    learn(bits.mixer, inputs, sets, prediction, found)
    _write(bits.counters, bits.groups, 0, row, counters, found, np.int64(MOST_SEEN))
    return found
