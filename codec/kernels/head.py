"""The part of the multiscale network inside the coding loop: one child's logit, in exact integers."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ..entropy.jit import Int, inlined
from ..entropy.logistic import STRETCH_LIMIT
from ..models.multiscale_weights import CHANNELS, HIDDEN, INNER
from .dense import Activations, Dense, dense32
from .simd import add_pairs, add_row, load, lowest_bit, pair, store_activation

Int32s = npt.NDArray[np.int32]

_ONE = np.uint64(1)
BEFORE, NEAR = 60, 14  # rows of `causal`: by the bits of the two words that `child_logit` takes
ROWS = BEFORE + NEAR
SCRATCH = HIDDEN + INNER
PART_BITS = 32  # bits that the coding loop prepares together
_FEATURES = CHANNELS * HIDDEN  # of one octant
_CAUSAL = ROWS * HIDDEN


class Head(NamedTuple):
    """Weights of one set, by octant.

    features (8 * 32 * 64,) pairs of inputs side by side; features_bias, hidden_shift (8 * 64,); causal (8 *
    74 * 64,); inner: as `pack` says; logit (32,), logit_bias (8,), logit_shift (1,).
    """

    features: Activations
    features_bias: Int32s
    hidden_shift: Int32s
    causal: Activations
    inner: Dense
    logit: Activations
    logit_bias: Int32s
    logit_shift: Int32s


class Guide(NamedTuple):
    """The network at one level.

    features (n * 32,) of its nodes; words (2 * PART_BITS,) and scratch (96,): working memory.
    """

    head: Head
    features: Activations
    words: npt.NDArray[np.int64]
    scratch: Activations


def new_guide(head: Head, features: Activations) -> Guide:
    """A guide with working memory of its own."""
    return Guide(head, features, np.zeros(2 * PART_BITS, np.int64), np.zeros(SCRATCH, np.int16))


@inlined
def child_logit(guide: Guide, node: Int, octant: Int, before: Int, near: Int) -> Int:
    """Logit of a child of a node, in 1/256 nat, within +-STRETCH_LIMIT.

    before, near: bits of the children before this one in its 5^3 window. before: rows of six bits, dz = -2
    .. 2, of the ten rows of dx = -2 and -1; near: the same of the two rows of dx = 0, then dz = -2 and -1
    of the child's own row.
    """
    head, x, scratch = guide.head, guide.features, guide.scratch
    bias, weight, rows, shift = head.features_bias, head.features, head.causal, head.hidden_shift
    b = octant * HIDDEN
    a0, a1, a2, a3 = load(bias, b), load(bias, b + 8), load(bias, b + 16), load(bias, b + 24)
    a4, a5, a6, a7 = load(bias, b + 32), load(bias, b + 40), load(bias, b + 48), load(bias, b + 56)
    t = octant * _FEATURES
    at = node * CHANNELS
    for k in range(at, at + CHANNELS, 2):
        f = pair(x, k)
        a0 = add_pairs(a0, f, weight, t)
        a1 = add_pairs(a1, f, weight, t + 16)
        a2 = add_pairs(a2, f, weight, t + 32)
        a3 = add_pairs(a3, f, weight, t + 48)
        a4 = add_pairs(a4, f, weight, t + 64)
        a5 = add_pairs(a5, f, weight, t + 80)
        a6 = add_pairs(a6, f, weight, t + 96)
        a7 = add_pairs(a7, f, weight, t + 112)
        t += 128
    for half in range(2):
        word = np.uint64(near if half else before)
        first = octant * _CAUSAL + half * (BEFORE * HIDDEN)
        while word:
            r = first + lowest_bit(word) * HIDDEN
            word &= word - _ONE
            a0 = add_row(a0, rows, r)
            a1 = add_row(a1, rows, r + 8)
            a2 = add_row(a2, rows, r + 16)
            a3 = add_row(a3, rows, r + 24)
            a4 = add_row(a4, rows, r + 32)
            a5 = add_row(a5, rows, r + 40)
            a6 = add_row(a6, rows, r + 48)
            a7 = add_row(a7, rows, r + 56)
    store_activation(scratch, 0, a0, load(shift, b))
    store_activation(scratch, 8, a1, load(shift, b + 8))
    store_activation(scratch, 16, a2, load(shift, b + 16))
    store_activation(scratch, 24, a3, load(shift, b + 24))
    store_activation(scratch, 32, a4, load(shift, b + 32))
    store_activation(scratch, 40, a5, load(shift, b + 40))
    store_activation(scratch, 48, a6, load(shift, b + 48))
    store_activation(scratch, 56, a7, load(shift, b + 56))
    dense32(scratch, 0, head.inner, 0, scratch, HIDDEN)
    total: Any = np.int32(head.logit_bias[octant])
    for c in range(INNER):
        total += np.int32(scratch[HIDDEN + c]) * np.int32(head.logit[c])
    logit: Int = min(max(np.int64(total) >> head.logit_shift[0], -STRETCH_LIMIT), STRETCH_LIMIT)
    return logit
