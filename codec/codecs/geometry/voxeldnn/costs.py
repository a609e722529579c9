"""Code lengths as integers, so that decisions and probabilities made from them are equal on every machine."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import isqrt

import numpy as np

from octavox.codec.arrays import Int16Array, Int64Array, UInt8Array
from octavox.codec.coding.logistic import STRETCH_OFFSET, logit_to_p1, squash_table
from octavox.codec.coding.range_coder import PROB_BITS, PROB_ONE
from octavox.codec.models.sites import background_rows

COST_BITS = 40  # code lengths are in units of 2**-40 bit
_POINT = 64
_POWER_BITS = 62


def log2_ratio(one: int, value: int) -> int:
    """log2(one / value) in units of 2**-COST_BITS, for 0 < value <= one; by repeated squaring."""
    x = (one << _POINT) // value
    whole = x.bit_length() - 1 - _POINT
    x >>= whole
    out = whole
    for _ in range(COST_BITS):
        x = x * x >> _POINT
        out <<= 1
        if x >> (_POINT + 1):
            out |= 1
            x >>= 1
    return out


@cache
def _root_factors() -> tuple[int, ...]:
    """2**-(2**-k) for k = 1 .. COST_BITS, with _POWER_BITS fraction bits."""
    wide, factors = 1 << (2 * _POWER_BITS - 1), []
    for _ in range(COST_BITS):
        wide = isqrt(wide << (2 * _POWER_BITS))
        factors.append(wide >> _POWER_BITS)
    return tuple(factors)


def some_probability(cost: int) -> int:
    """1 - 2**-cost, with _POWER_BITS fraction bits; cost >= 0 in units of 2**-COST_BITS bit.

    If cost is the sum of the code lengths of zeros, this is the probability that not all of them are zeros.
    """
    whole, fraction = cost >> COST_BITS, cost & ((1 << COST_BITS) - 1)
    if whole >= _POWER_BITS:
        return 1 << _POWER_BITS
    none = 1 << _POWER_BITS
    for k, factor in enumerate(_root_factors(), 1):
        if fraction >> (COST_BITS - k) & 1:
            none = none * factor >> _POWER_BITS
    return (1 << _POWER_BITS) - (none >> whole)


def some_p1(cost: int) -> int:
    """The same as a coder probability, within 1 .. 2**24 - 1."""
    return min(max(some_probability(cost) >> (_POWER_BITS - PROB_BITS), 1), PROB_ONE - 1)


def some_p1_given(part: int, whole: int) -> int:
    """Probability that one lies in a part (summed cost `part`), given that one lies in the whole."""
    above = max(some_probability(whole), 1)
    return min(max((some_probability(part) << PROB_BITS) // above, 1), PROB_ONE - 1)


@cache
def zero_cost(logit_index: int) -> int:
    """Code length of a 0 at a network logit index."""
    return log2_ratio(PROB_ONE, PROB_ONE - int(logit_to_p1()[logit_index]))


@cache
def cost_tables() -> tuple[Int64Array, Int64Array]:
    """(4096,) int64 code lengths of a 0 and of a 1 at each logit index, in units of 2**-COST_BITS bit."""
    p1 = logit_to_p1().tolist()
    zeros = np.array([log2_ratio(PROB_ONE, PROB_ONE - p) for p in p1], np.int64)
    ones = np.array([log2_ratio(PROB_ONE, p) for p in p1], np.int64)
    return zeros, ones


@cache
def _stretched_costs() -> Int64Array:
    """(2, 2 * STRETCH_OFFSET) int64 code lengths of a 0 and of a 1 at each stretched probability."""
    p1 = squash_table().tolist()
    zeros = [log2_ratio(PROB_ONE, PROB_ONE - p) for p in p1]
    return np.array([zeros, [log2_ratio(PROB_ONE, p) for p in p1]], np.int64)


def logit_costs(logit: Int16Array, bit: UInt8Array) -> Int64Array:
    """(n,) code lengths of bits at the network's own probabilities (table indices), in 2**-COST_BITS bit."""
    zeros, ones = cost_tables()
    return np.where(bit == 1, ones[logit], zeros[logit])


def stretched_costs(stretched: Int16Array, bit: UInt8Array) -> Int64Array:
    """(n,) code lengths of bits as they are coded, in units of 2**-COST_BITS bit."""
    return np.asarray(_stretched_costs()[bit, stretched.astype(np.int64) + STRETCH_OFFSET], np.int64)


@dataclass(frozen=True)
class BackgroundCosts:
    """Code lengths of voxels without context, by background row (row 0, the padding, costs nothing)."""

    zero: Int64Array
    one: Int64Array

    @staticmethod
    def of(logits: Int16Array) -> BackgroundCosts:
        """From the logit index of each background site (rows - 1,)."""
        zero = [zero_cost(int(i)) for i in logits]
        one = cost_tables()[1][logits]
        return BackgroundCosts(np.array([0, *zero], np.int64), np.concatenate([np.zeros(1, np.int64), one]))

    def empty_block(self, size: int) -> int:
        """Code length of an empty block of edge `size`."""
        return int(self.zero[background_rows(size)].sum())


def block_costs(
    sizes: Int64Array,
    background: BackgroundCosts,
    site: tuple[Int64Array, Int64Array, Int64Array],
    escape: tuple[Int64Array, Int64Array],
) -> Int64Array:
    """(B,) int64 code length of each block, in units of 2**-40 bit.

    site: (block, background row, code length) of the active sites; escape: (block, background row) of
    the occupied voxels without context.
    """
    block, row, length = site
    cost = np.array([background.empty_block(int(s)) for s in sizes], np.int64)
    np.add.at(cost, block, length - background.zero[row])
    np.add.at(cost, escape[0], background.one[escape[1]] - background.zero[escape[1]])
    return cost
