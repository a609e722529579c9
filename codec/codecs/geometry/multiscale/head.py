"""The part of the multiscale network that runs in the coding loop: the logit of a child, in exact integers.

Its hidden layer is a sum over the node's features and over the children before the child. All of these except
the child's own row are known when that row begins; `begin_child` adds them up for all children of a row
first.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np

from octavox.codec.arrays import Int16Array, Int32Array, UInt8Array
from octavox.codec.codecs.geometry.octree.walk import PART_BITS
from octavox.codec.coding.kernels.dense import Weights, add_inputs
from octavox.codec.coding.kernels.jit import Int, inlined
from octavox.codec.coding.kernels.memory import aligned_empty
from octavox.codec.coding.kernels.simd import (
    activation,
    add,
    add_products,
    add_quads,
    add_row,
    lane_sum,
    load,
    products,
    quad,
    store_activation,
    store_words,
    zero,
)
from octavox.codec.coding.logistic import STRETCH_LIMIT
from octavox.codec.models.multiscale_weights import HIDDEN
from octavox.codec.models.weight_sets import CHANNELS

# `causal` has the children before in rows of five: ten of dx = -2 and -1, two of dx = 0, the child's own.
FAR_ROWS, ROWS, PATTERNS = 10, 13, 32
# Rows of weights from one row of children to the next. A power of two would put the patterns of all rows into
# the same few places of a cache.
ROW_STRIDE = PATTERNS + 1
_FEATURES = CHANNELS * HIDDEN  # of one octant


class Head(NamedTuple):
    """Weights of one set, by octant.

    features (8 * 32 * 64,) quads of inputs side by side; features_bias, hidden_shift (8 * 64,); causal (8 *
    13 * 33 * 64,) sums of weights for each pattern of a row's bits, see `multiscale.network.row_sums`; inner
    (64 * 32,) quads of inputs side by side; inner_bias, inner_shift, logit (32,); logit_bias (8,);
    logit_shift (1,).
    """

    features: Weights
    features_bias: Int32Array
    hidden_shift: Int32Array
    causal: Int16Array | Int32Array
    inner: Weights
    inner_bias: Int32Array
    inner_shift: Int32Array
    logit: Int32Array
    logit_bias: Int32Array
    logit_shift: Int32Array


class LevelPrior(NamedTuple):
    """The network's state for a level. features (n * 32,) uint8 of its nodes, as far as they are computed.

    sums (PART_BITS * 64,) and scratch (64,): working memory.
    """

    head: Head
    features: UInt8Array
    sums: Int32Array
    scratch: UInt8Array


class WithHead(Protocol):
    """A prior with these arrays of `LevelPrior`."""

    @property
    def head(self) -> Head: ...

    @property
    def features(self) -> UInt8Array: ...

    @property
    def sums(self) -> Int32Array: ...


def new_level_prior(head: Head, features: UInt8Array) -> LevelPrior:
    """A prior with new working memory."""
    return LevelPrior(
        head, features, aligned_empty(PART_BITS * HIDDEN, np.int32), aligned_empty(HIDDEN, np.uint8)
    )


@inlined
def begin_child(prior: WithHead, bit: Int, node: Int, octant: Int, before: Int, near: Int) -> None:
    """Adds up what is known of a child before its row is coded. See `octree.walk.begin_child`.

    That is the features of its node, and the children before it except those of its own row. before, near:
    rows of six bits, dz = -2 .. 2: the ten rows of dx = -2 and -1, and the two of dx = 0.
    """
    head, sums, features = prior.head, prior.sums, prior.features
    bias, weight, rows = head.features_bias, head.features, head.causal
    b = octant * HIDDEN
    a0, a1, a2, a3 = load(bias, b), load(bias, b + 16), load(bias, b + 32), load(bias, b + 48)
    w, at = octant * _FEATURES, node * CHANNELS
    for k in range(at, at + CHANNELS, 4):
        f = quad(features, k)
        a0 = add_quads(a0, f, weight, w)
        a1 = add_quads(a1, f, weight, w + 64)
        a2 = add_quads(a2, f, weight, w + 128)
        a3 = add_quads(a3, f, weight, w + 192)
        w += 256
    for r in range(ROWS - 1):
        bits = before >> (6 * r) if r < FAR_ROWS else near >> (6 * (r - FAR_ROWS))
        w = ((octant * ROWS + r) * ROW_STRIDE + (bits & (PATTERNS - 1))) * HIDDEN
        a0 = add_row(a0, rows, w)
        a1 = add_row(a1, rows, w + 16)
        a2 = add_row(a2, rows, w + 32)
        a3 = add_row(a3, rows, w + 48)
    s = bit * HIDDEN
    store_words(sums, s, a0)
    store_words(sums, s + 16, a1)
    store_words(sums, s + 32, a2)
    store_words(sums, s + 48, a3)


@inlined
def child_logit(prior: LevelPrior, bit: Int, octant: Int, row: Int) -> Int:
    """Logit of a child, in 1/256 nat, within +-STRETCH_LIMIT, after its `begin_child`.

    row: the two children before it in its row, dz = -2 in the lowest bit.
    """
    head, x, sums = prior.head, prior.scratch, prior.sums
    rows, shift = head.causal, head.hidden_shift
    s, b = bit * HIDDEN, octant * HIDDEN
    t = ((octant * ROWS + ROWS - 1) * ROW_STRIDE + row) * HIDDEN
    store_activation(x, 0, add_row(load(sums, s), rows, t), load(shift, b))
    store_activation(x, 16, add_row(load(sums, s + 16), rows, t + 16), load(shift, b + 16))
    store_activation(x, 32, add_row(load(sums, s + 32), rows, t + 32), load(shift, b + 32))
    store_activation(x, 48, add_row(load(sums, s + 48), rows, t + 48), load(shift, b + 48))
    return _outer_layers(head, x, octant)


@inlined
def _outer_layers(head: Head, x: UInt8Array, octant: Int) -> Int:
    """`child_logit` from its hidden layer on."""
    bias, shift, weight, last = head.inner_bias, head.inner_shift, head.inner, head.logit
    sums = load(bias, 0), load(bias, 16), zero(), zero()
    a0, a1, b0, b1 = add_inputs(sums, x, 0, HIDDEN, weight, 0)
    v = products(activation(add(a0, b0), load(shift, 0)), last, 0)
    v = add_products(v, activation(add(a1, b1), load(shift, 16)), last, 16)
    total = lane_sum(v) + head.logit_bias[octant]
    logit: Int = min(max(total >> head.logit_shift[0], -STRETCH_LIMIT), STRETCH_LIMIT)
    return logit
