"""The head of the inter network: that of the multiscale one, and what the reference has around a child."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from octavox.codec.arrays import Int16Array, Int32Array, UInt8Array, UInt64Array
from octavox.codec.codecs.geometry.multiscale.head import Head, begin_child
from octavox.codec.codecs.geometry.multiscale.network import head_of, pattern_sums
from octavox.codec.codecs.geometry.multiscale.trunk import REFERENCE_WORDS
from octavox.codec.codecs.geometry.octree.walk import PART_BITS
from octavox.codec.coding.kernels.jit import Int, inlined
from octavox.codec.coding.kernels.memory import aligned, aligned_empty
from octavox.codec.coding.kernels.simd import add_row, load, store_words
from octavox.codec.models.inter_weights import AROUND_CHILD, InterWeights
from octavox.codec.models.multiscale_weights import HIDDEN

# The 27 places around a child are nine rows of three, which are looked up two rows at a time; and once for
# each number of FULLNESS.
GROUPS, PATTERNS = 5, 64
STRIDE = PATTERNS + 1  # as `head.ROW_STRIDE`
_ROW, _PLANE = 7 | 7 << 16 | 7 << 32, (1 << 9) - 1


class InterHead(NamedTuple):
    """Weights of one set. beside: (8 * words * 5 * 65 * 64,) sums of weights for each pattern of two rows.

    words: 1 where the children are voxels, which have none in turn; else 3.
    """

    head: Head
    beside: Int16Array | Int32Array
    words: int


class InterPrior(NamedTuple):
    """The network's state for a level: that of `head.LevelPrior`, and the reference (3 n,) of its nodes.

    words: how many of the three words of a node are used.
    """

    head: Head
    features: UInt8Array
    sums: Int32Array
    scratch: UInt8Array
    beside: Int16Array | Int32Array
    reference: UInt64Array
    words: Int


def inter_head(w: InterWeights, words: int) -> InterHead:
    """The head of a set of weights. words: of the three words of a node, those that are used."""
    rows = np.zeros((8, words, GROUPS * 6, HIDDEN), np.int32)
    rows[:, :, :AROUND_CHILD] = w.beside.reshape(8, REFERENCE_WORDS, AROUND_CHILD, HIDDEN)[:, :words]
    sums, lacking = pattern_sums(rows.reshape(8, -1, 6, HIDDEN), STRIDE)
    head = head_of(w)
    head = head._replace(features_bias=aligned(head.features_bias + lacking.reshape(-1)))
    return InterHead(head, aligned(sums), words)


def new_prior(head: InterHead, features: UInt8Array, reference: UInt64Array) -> InterPrior:
    """A prior with new working memory."""
    sums, scratch = aligned_empty(PART_BITS * HIDDEN, np.int32), aligned_empty(HIDDEN, np.uint8)
    return InterPrior(head.head, features, sums, scratch, head.beside, reference, head.words)


@inlined
def window_around(word: Int, octant: Int) -> Int:
    """The 3^3 places around a child, in raster order, of its node's 4^3 (a word of `reference_around`)."""
    v = word >> (16 * (octant >> 2) + 4 * ((octant >> 1) & 1) + (octant & 1))
    rows = (v & _ROW) | ((v >> 1) & (_ROW << 3)) | ((v >> 2) & (_ROW << 6))  # of each plane side by side
    around: Int = (rows & _PLANE) | ((rows >> 7) & (_PLANE << 9)) | ((rows >> 14) & (_PLANE << 18))
    return around


@inlined
def begin_beside(prior: InterPrior, bit: Int, node: Int, octant: Int, before: Int, near: Int) -> None:
    """As `head.begin_child`, with what the reference has around the child."""
    begin_child(prior, bit, node, octant, before, near)
    sums, rows = prior.sums, prior.beside
    s = bit * HIDDEN
    a0, a1, a2, a3 = load(sums, s), load(sums, s + 16), load(sums, s + 32), load(sums, s + 48)
    for k in range(prior.words):
        around = window_around(np.int64(prior.reference[REFERENCE_WORDS * node + k]), octant)
        for group in range(GROUPS):
            bits = (around >> (6 * group)) & (PATTERNS - 1)
            w = (((octant * prior.words + k) * GROUPS + group) * STRIDE + bits) * HIDDEN
            a0 = add_row(a0, rows, w)
            a1 = add_row(a1, rows, w + 16)
            a2 = add_row(a2, rows, w + 32)
            a3 = add_row(a3, rows, w + 48)
    store_words(sums, s, a0)
    store_words(sums, s + 16, a1)
    store_words(sums, s + 32, a2)
    store_words(sums, s + 48, a3)
