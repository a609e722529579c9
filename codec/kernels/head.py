"""The part of the multiscale network that the coding loop waits for: one child's logit, in exact integers.

Its hidden layer adds up what the node's features say, which `feature_sums` finds ahead of the loop, and what
the children before the child say, which the loop alone can know.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ..entropy.jit import Int, inlined
from ..entropy.logistic import STRETCH_LIMIT
from ..models.multiscale_weights import CHANNELS, HIDDEN, INNER
from .dense import Activations
from .simd import (
    activation,
    add_pairs,
    add_products,
    add_words,
    lane_sum,
    load,
    pair,
    products,
    store_activation,
    store_words,
)

Int32s = npt.NDArray[np.int32]

# `causal` has the children before in rows of five: ten of dx = -2 and -1, two of dx = 0, the child's own.
FAR_ROWS, ROWS, PATTERNS = 10, 13, 32
ROW_STRIDE = PATTERNS + 1  # rows of weights from one row of children to the next; a power of two would put
# the patterns of all rows into the same few places of a cache
PART_BITS = 32  # bits that the coding loop prepares together
_FEATURES = CHANNELS * HIDDEN  # of one octant


class Head(NamedTuple):
    """Weights of one set, by octant.

    features (8 * 32 * 64,) pairs of inputs side by side; features_bias, hidden_shift (8 * 64,); causal (8 *
    13 * 33 * 64,) sums of weights for each pattern of a row's bits; inner (64 * 32,) pairs of inputs side by
    side; inner_bias, inner_shift, logit (32,); logit_bias (8,), logit_shift (1,).
    """

    features: Activations
    features_bias: Int32s
    hidden_shift: Int32s
    causal: Int32s
    inner: Activations
    inner_bias: Int32s
    inner_shift: Int32s
    logit: Int32s
    logit_bias: Int32s
    logit_shift: Int32s


class Guide(NamedTuple):
    """The network at the visits of one call of the coding loop.

    sums (n * 64,) of their bits, as `feature_sums` gives them; words (2 * PART_BITS,) and scratch (64,):
    working memory.
    """

    head: Head
    sums: Int32s
    words: npt.NDArray[np.int64]
    scratch: Activations


def new_guide(head: Head, sums: Int32s) -> Guide:
    """A guide with working memory of its own."""
    return Guide(head, sums, np.zeros(2 * PART_BITS, np.int64), np.zeros(HIDDEN, np.int16))


@inlined
def feature_sums(head: Head, features: Activations, node: Int, octant: Int, sums: Int32s, to: Int) -> None:
    """sums[to : to + 64] = what the features of a node add to the hidden layer of a child of it."""
    bias, weight = head.features_bias, head.features
    b = octant * HIDDEN
    a0, a1, a2, a3 = load(bias, b), load(bias, b + 8), load(bias, b + 16), load(bias, b + 24)
    a4, a5, a6, a7 = load(bias, b + 32), load(bias, b + 40), load(bias, b + 48), load(bias, b + 56)
    t = octant * _FEATURES
    at = node * CHANNELS
    for k in range(at, at + CHANNELS, 2):
        f = pair(features, k)
        a0 = add_pairs(a0, f, weight, t)
        a1 = add_pairs(a1, f, weight, t + 16)
        a2 = add_pairs(a2, f, weight, t + 32)
        a3 = add_pairs(a3, f, weight, t + 48)
        a4 = add_pairs(a4, f, weight, t + 64)
        a5 = add_pairs(a5, f, weight, t + 80)
        a6 = add_pairs(a6, f, weight, t + 96)
        a7 = add_pairs(a7, f, weight, t + 112)
        t += 128
    store_words(sums, to, a0)
    store_words(sums, to + 8, a1)
    store_words(sums, to + 16, a2)
    store_words(sums, to + 24, a3)
    store_words(sums, to + 32, a4)
    store_words(sums, to + 40, a5)
    store_words(sums, to + 48, a6)
    store_words(sums, to + 56, a7)


@inlined
def child_logit(guide: Guide, bit: Int, octant: Int, before: Int, near: Int) -> Int:
    """Logit of a child, in 1/256 nat, within +-STRETCH_LIMIT. bit: its number in the call of the loop.

    before, near: bits of the children before this one in its 5^3 window. before: rows of six bits, dz = -2
    .. 2, of the ten rows of dx = -2 and -1; near: the same of the two rows of dx = 0, then dz = -2 and -1
    of the child's own row.
    """
    head, x, sums = guide.head, guide.scratch, guide.sums
    rows, shift = head.causal, head.hidden_shift
    s = bit * HIDDEN
    a0, a1, a2, a3 = load(sums, s), load(sums, s + 8), load(sums, s + 16), load(sums, s + 24)
    a4, a5, a6, a7 = load(sums, s + 32), load(sums, s + 40), load(sums, s + 48), load(sums, s + 56)
    for r in range(ROWS):
        bits = before >> (6 * r) if r < FAR_ROWS else near >> (6 * (r - FAR_ROWS))
        t = ((octant * ROWS + r) * ROW_STRIDE + (bits & (PATTERNS - 1))) * HIDDEN
        a0 = add_words(a0, rows, t)
        a1 = add_words(a1, rows, t + 8)
        a2 = add_words(a2, rows, t + 16)
        a3 = add_words(a3, rows, t + 24)
        a4 = add_words(a4, rows, t + 32)
        a5 = add_words(a5, rows, t + 40)
        a6 = add_words(a6, rows, t + 48)
        a7 = add_words(a7, rows, t + 56)
    b = octant * HIDDEN
    store_activation(x, 0, a0, load(shift, b))
    store_activation(x, 8, a1, load(shift, b + 8))
    store_activation(x, 16, a2, load(shift, b + 16))
    store_activation(x, 24, a3, load(shift, b + 24))
    store_activation(x, 32, a4, load(shift, b + 32))
    store_activation(x, 40, a5, load(shift, b + 40))
    store_activation(x, 48, a6, load(shift, b + 48))
    store_activation(x, 56, a7, load(shift, b + 56))
    return _outer_layers(head, x, octant)


@inlined
def _outer_layers(head: Head, x: Activations, octant: Int) -> Int:
    """`child_logit` from its hidden layer on."""
    bias, shift, weight, last = head.inner_bias, head.inner_shift, head.inner, head.logit
    a0, a1, a2, a3 = load(bias, 0), load(bias, 8), load(bias, 16), load(bias, 24)
    t = 0
    for k in range(0, HIDDEN, 2):
        f = pair(x, k)
        a0 = add_pairs(a0, f, weight, t)
        a1 = add_pairs(a1, f, weight, t + 16)
        a2 = add_pairs(a2, f, weight, t + 32)
        a3 = add_pairs(a3, f, weight, t + 48)
        t += 2 * INNER
    v = products(activation(a0, load(shift, 0)), last, 0)
    v = add_products(v, activation(a1, load(shift, 8)), last, 8)
    v = add_products(v, activation(a2, load(shift, 16)), last, 16)
    v = add_products(v, activation(a3, load(shift, 24)), last, 24)
    total = lane_sum(v) + head.logit_bias[octant]
    logit: Int = min(max(total >> head.logit_shift[0], -STRETCH_LIMIT), STRETCH_LIMIT)
    return logit
