"""The multiscale network compiled for CPUs, in exact integers: the same as `models.multiscale_integer`.

The trunk runs over a whole level before any of its children is coded; the head (`kernels.head`) for one
child at a time inside the coding loop, as it sees the children coded just before.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ..entropy.jit import Int, njit
from ..kernels.dense import Activations, pack
from ..kernels.head import BEFORE, ROWS, SCRATCH, Guide, Head
from ..kernels.simd import add_pairs, add_row, load, lowest_bit, pair, store_activation, store_sum
from ..models.multiscale_weights import (
    CHANNELS,
    HIDDEN,
    LEVEL_CLASSES,
    SETS,
    TAPS,
    WINDOW,
    LevelWeights,
    MultiscaleWeights,
)
from ..octree.levels import AXIS_MASK, X_SHIFT, Y_SHIFT, Ints, Neighbours
from ..octree.walk import PART_BITS

Int32s = npt.NDArray[np.int32]
Words = npt.NDArray[np.uint64]

_ONE = np.uint64(1)
_TAP = CHANNELS * CHANNELS  # weights of one tap, or of one octant's seed


class Trunk(NamedTuple):
    """Weights in the order in which the loops read them; int16, pairs of inputs side by side.

    around (125 * 32,), around_bias (8 * 32,), around_shift (32,), seed (8 * 32 * 32,), conv (4 * 27 * 32 *
    32,), conv_bias, conv_shift (4 * 32,).
    """

    around: Activations
    around_bias: Int32s
    around_shift: Int32s
    seed: Activations
    conv: Activations
    conv_bias: Int32s
    conv_shift: Int32s


def _paired(weight: npt.NDArray[np.int8]) -> Activations:
    """(..., inputs, outputs) -> flat int16, for each matrix (inputs / 2, outputs, 2)."""
    *many, inputs, outputs = weight.shape
    pairs = weight.astype(np.int16).reshape(*many, inputs // 2, 2, outputs)
    return np.ascontiguousarray(np.swapaxes(pairs, -1, -2)).reshape(-1)


def trunk_of(w: LevelWeights) -> Trunk:
    """The trunk of a set of weights."""
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
    """The head of a set of weights."""
    causal = np.zeros((8, ROWS, HIDDEN), np.int16)
    row, column = np.divmod(np.arange(BEFORE), 5)
    causal[:, (6 * row + column)] = w.causal[:, :BEFORE]
    causal[:, ROWS - 2 :] = w.causal[:, BEFORE:]
    rounding = (1 << w.inner_shift.astype(np.int32)) >> 1  # which `pack` adds, and the bias holds
    return Head(
        _paired(w.features),
        w.features_bias.reshape(-1),
        w.hidden_shift.astype(np.int32).reshape(-1),
        causal.reshape(-1),
        pack(w.inner, w.inner_bias - rounding, w.inner_shift),
        w.logit.astype(np.int16).reshape(-1),
        w.logit_bias.reshape(-1),
        w.logit_shift.astype(np.int32),
    )


@njit
def nodes_around(key: npt.NDArray[np.int64], around: Words) -> None:
    """Fills around (2 n,): the 5^3 nodes about each of the nodes with these sorted raster keys.

    Bit 25 dx + 5 dy + dz + 62 of a node's two words is the node at that offset.

    One pass over the keys for each of the 25 rows, as in `find_neighbours`.
    """
    n = key.size
    around[:] = 0
    for row in range(WINDOW // 5):
        step = np.int64(row // 5 - 2) * (1 << X_SHIFT) + np.int64(row % 5 - 2) * (1 << Y_SHIFT)
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
    """x[32 i ..] = features of node i from its surroundings and, unless `coarser` is empty, its parent's."""
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


class CompiledMultiscale:
    """The network of a weights file, for CPUs."""

    def __init__(self, weights: MultiscaleWeights) -> None:
        self.identity = weights.identity
        self.trunks = [trunk_of(w) for w in weights.sets]
        self.heads = [head_of(w) for w in weights.sets]

    def foresight(self) -> Foresight:
        """A fresh one for a slice."""
        return Foresight(self, PART_BITS)


class Foresight:
    """The network along the levels of one slice, coarse to fine."""

    def __init__(self, net: CompiledMultiscale, bits: int) -> None:
        self._net = net
        self._key = np.empty(0, np.int64)
        self._features = np.empty(0, np.int16)
        self._words, self._scratch = np.zeros(2 * bits, np.int64), np.zeros(SCRATCH, np.int16)

    def level(self, below: int, key: npt.NDArray[np.int64], near: Neighbours) -> Guide:
        """The guide for the children of the nodes (n,) with these sorted raster keys.

        below: levels below the children's.
        """
        index = min(below, SETS - 1)
        trunk, n = self._net.trunks[index], len(key)
        around, x, h = np.zeros(2 * n, np.uint64), *np.empty((2, n * CHANNELS), np.int16)
        nodes_around(key, around)
        parent, octant = self._parents(key)
        level_class = min(max(below - (SETS - 1), 0), LEVEL_CLASSES - 1)
        first_layer(trunk, level_class, around, parent, octant, self._features, x, 0, n)
        for k in range(0, 4, 2):
            convolve(trunk, k, near, x, h, 0, n)
            convolve(trunk, k + 1, near, h, x, 0, n)
        self._key, self._features = key, x
        return Guide(self._net.heads[index], x, self._words, self._scratch)

    def _parents(self, key: npt.NDArray[np.int64]) -> tuple[Ints, npt.NDArray[np.uint8]]:
        """(index in the coarser level, which child of it) of each node."""
        x, y, z = key >> X_SHIFT, (key >> Y_SHIFT) & AXIS_MASK, key & AXIS_MASK
        above = ((x >> 1) << X_SHIFT) | ((y >> 1) << Y_SHIFT) | (z >> 1)
        octant = ((x & 1) << 2) | ((y & 1) << 1) | (z & 1)
        return np.searchsorted(self._key, above).astype(np.int32), octant.astype(np.uint8)
