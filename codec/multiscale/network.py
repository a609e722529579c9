"""The multiscale network compiled for CPUs, in exact integers: the same as `models.multiscale_integer`.

The trunk runs over a whole level before any of its children is coded. The head runs for one child at a time inside
the coding loop, as it sees the children coded just before.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ..entropy.jit import Int, inlined, njit
from ..kernels.dense import Activations, Dense, dense32, pack
from ..kernels.simd import add_pairs, add_row, load, lowest_bit, pair, store_activation, store_sum
from ..models.multiscale_weights import CAUSAL, CHANNELS, HIDDEN, INNER, TAPS, WINDOW, LevelWeights
from ..octree.levels import Ints, Neighbours

Int32s = npt.NDArray[np.int32]
Words = npt.NDArray[np.uint64]

_ONE = np.uint64(1)
LOGIT_LIMIT = 3071  # as stretched probabilities are limited
_TAP = CHANNELS * CHANNELS  # weights of one tap, or of one octant's seed
_FEATURES = CHANNELS * HIDDEN  # of one octant
_CAUSAL = CAUSAL * HIDDEN


class Trunk(NamedTuple):
    """Weights in the order in which the loops read them; int16, pairs of inputs side by side.

    around (125 * 32,), around_bias (8 * 32,), around_shift (32,), seed (8 * 32 * 32,), conv (4 * 27 * 32 * 32,),
    conv_bias, conv_shift (4 * 32,).
    """

    around: Activations
    around_bias: Int32s
    around_shift: Int32s
    seed: Activations
    conv: Activations
    conv_bias: Int32s
    conv_shift: Int32s


class Head(NamedTuple):
    """features (8 * 32 * 64,), features_bias, hidden_shift (8 * 64,), causal (8 * 62 * 64,).

    inner: as `pack` says. logit (32,), logit_bias (8,), logit_shift (1,).
    """

    features: Activations
    features_bias: Int32s
    hidden_shift: Int32s
    causal: Activations
    inner: Dense
    logit: Activations
    logit_bias: Int32s
    logit_shift: Int32s


def _paired(weight: npt.NDArray[np.int8]) -> Activations:
    """(..., inputs, outputs) -> flat int16, for each matrix (inputs / 2, outputs, 2)."""
    *many, inputs, outputs = weight.shape
    pairs = weight.astype(np.int16).reshape(*many, inputs // 2, 2, outputs)
    return np.ascontiguousarray(np.swapaxes(pairs, -1, -2)).reshape(-1)


def trunk_of(w: LevelWeights) -> Trunk:
    return Trunk(
        w.around.reshape(-1),
        w.around_bias.reshape(-1),
        w.around_shift.astype(np.int32),
        _paired(w.seed),
        _paired(w.conv),
        w.conv_bias.reshape(-1),
        w.conv_shift.astype(np.int32).reshape(-1),
    )


def head_of(w: LevelWeights) -> Head:
    rounding = (1 << w.inner_shift.astype(np.int32)) >> 1  # which `pack` adds, and the bias holds
    return Head(
        _paired(w.features),
        w.features_bias.reshape(-1),
        w.hidden_shift.astype(np.int32).reshape(-1),
        w.causal.reshape(-1),
        pack(w.inner, w.inner_bias - rounding, w.inner_shift),
        w.logit.astype(np.int16).reshape(-1),
        w.logit_bias.reshape(-1),
        w.logit_shift.astype(np.int32),
    )


@njit
def nodes_around(key: npt.NDArray[np.int64], around: Words) -> None:
    """around (2 n,): the 5^3 nodes about each of the nodes with these sorted raster keys, bit 25 dx + 5 dy + dz + 62.

    One pass over the keys for each of the 25 rows, as in `find_neighbours`.
    """
    n = key.size
    around[:] = 0
    for row in range(WINDOW // 5):
        step = np.int64(row // 5 - 2) * (1 << 42) + np.int64(row % 5 - 2) * (1 << 21)
        first = 5 * row
        p = 0
        for i in range(n):
            wanted = key[i] + step - 2
            while p < n and key[p] < wanted:
                p += 1
            q = p
            while q < n and key[q] <= wanted + 4:
                bit = first + (key[q] - wanted)
                around[2 * i + (bit >> 6)] |= _ONE << np.uint64(bit & 63)
                q += 1


@njit
def first_layer(
    w: Trunk,
    level_class: Int,
    around: Words,
    parent: Ints,
    octant: npt.NDArray[np.uint8],
    coarser: Activations,
    x: Activations,
    start: Int,
    end: Int,
) -> None:
    """x[32 i ..] = features of node i from its surroundings and its parent's features; coarser empty: no parent."""
    rows, seed, bias, shift = w.around, w.seed, w.around_bias, w.around_shift
    b = level_class * CHANNELS
    for i in range(start, end):
        a0, a1, a2, a3 = load(bias, b), load(bias, b + 8), load(bias, b + 16), load(bias, b + 24)
        for half in range(2):
            word = around[2 * i + half]
            while word:
                r = (64 * half + lowest_bit(word)) * CHANNELS
                word &= word - _ONE
                a0 = add_row(a0, rows, r)
                a1 = add_row(a1, rows, r + 8)
                a2 = add_row(a2, rows, r + 16)
                a3 = add_row(a3, rows, r + 24)
        if coarser.size:
            s = np.int64(octant[i]) * _TAP
            at = np.int64(parent[i]) * CHANNELS
            for k in range(at, at + CHANNELS, 2):
                f = pair(coarser, k)
                a0 = add_pairs(a0, f, seed, s)
                a1 = add_pairs(a1, f, seed, s + 16)
                a2 = add_pairs(a2, f, seed, s + 32)
                a3 = add_pairs(a3, f, seed, s + 48)
                s += 64
        store_activation(x, i * CHANNELS, a0, load(shift, 0))
        store_activation(x, i * CHANNELS + 8, a1, load(shift, 8))
        store_activation(x, i * CHANNELS + 16, a2, load(shift, 16))
        store_activation(x, i * CHANNELS + 24, a3, load(shift, 24))


@njit
def convolve(
    w: Trunk, index: Int, near: Neighbours, x: Activations, out: Activations, start: Int, end: Int
) -> None:
    """Convolution `index` of x into out, over occupied nodes; one of odd number adds to what `out` holds."""
    weight, bias, shift, first, mask = w.conv, w.conv_bias, w.conv_shift, near.first, near.mask
    b = index * CHANNELS
    s0, s1, s2, s3 = load(shift, b), load(shift, b + 8), load(shift, b + 16), load(shift, b + 24)
    for i in range(start, end):
        a0, a1, a2, a3 = load(bias, b), load(bias, b + 8), load(bias, b + 16), load(bias, b + 24)
        for row in range(9):
            there = (np.int64(mask[i]) >> (3 * row)) & 7
            at = np.int64(first[i, row]) * CHANNELS
            for z in range(3):
                if (there >> z) & 1:
                    t = (index * TAPS + 3 * row + z) * _TAP
                    for k in range(at, at + CHANNELS, 2):
                        f = pair(x, k)
                        a0 = add_pairs(a0, f, weight, t)
                        a1 = add_pairs(a1, f, weight, t + 16)
                        a2 = add_pairs(a2, f, weight, t + 32)
                        a3 = add_pairs(a3, f, weight, t + 48)
                        t += 64
                    at += CHANNELS
        o = i * CHANNELS
        if index & 1:
            store_sum(out, o, a0, s0)
            store_sum(out, o + 8, a1, s1)
            store_sum(out, o + 16, a2, s2)
            store_sum(out, o + 24, a3, s3)
        else:
            store_activation(out, o, a0, s0)
            store_activation(out, o + 8, a1, s1)
            store_activation(out, o + 16, a2, s2)
            store_activation(out, o + 24, a3, s3)


@inlined
def child_logit(
    head: Head, x: Activations, node: Int, octant: Int, causal: Int, scratch: Activations
) -> Int:
    """Logit of child `octant` of a node, in 1/256 nat, within +-LOGIT_LIMIT.

    causal: bit i says that voxel i before the child in its 5^3 window is occupied. scratch: (96,).
    """
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
    word = np.uint64(causal)
    first = octant * _CAUSAL
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
    total = np.int32(head.logit_bias[octant])
    for c in range(INNER):
        total += np.int32(scratch[HIDDEN + c]) * np.int32(head.logit[c])
    logit: Int = min(max(np.int64(total) >> head.logit_shift[0], -LOGIT_LIMIT), LOGIT_LIMIT)
    return logit
