"""The trunk of the multiscale network compiled for CPUs, in exact integers.

It can be computed a part of the nodes at a time: see `TrunkRun`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Protocol

import numpy as np

from octavox.codec.arrays import Int8Array, Int16Array, Int32Array, Int64Array, UInt8Array, UInt64Array
from octavox.codec.codecs.geometry.octree.levels import AXIS_MASK, X_SHIFT, Y_SHIFT, Nodes
from octavox.codec.codecs.geometry.octree.neighbours import Neighbours, NeighbourSearch
from octavox.codec.coding.kernels.dense import Weights, add_inputs, quads
from octavox.codec.coding.kernels.jit import Int, njit
from octavox.codec.coding.kernels.memory import aligned, aligned_empty
from octavox.codec.coding.kernels.simd import (
    add,
    add_row,
    load,
    lowest_bit,
    store_activation,
    store_sum,
    zero,
)
from octavox.codec.coding.kernels.sorted_keys import first_from, places_from
from octavox.codec.models.inter_weights import FULLNESS
from octavox.codec.models.multiscale_weights import level_class, weight_set
from octavox.codec.models.weight_sets import CHANNELS, TAPS

FIRST_NODES, PART_NODES = 384, 1024  # nodes of a part: half a millisecond; fewer at first, as the loop waits
REFERENCE_WORDS = len(FULLNESS)
_ONE = np.uint64(1)
_TAP = CHANNELS * CHANNELS  # weights of one tap, or of one octant's seed


class Trunk(NamedTuple):
    """Weights in the order in which the loops read them; seed and conv in quads of inputs.

    Of C convolutions: around (125 * 32,) int16, around_bias (levels * 32,), around_shift (32,), seed (8 *
    32 * 32,), conv (C * 27 * 32 * 32,), conv_bias, conv_shift (C * 32,). reference (192 * 32,)
    of the inter network; empty in others.
    """

    around: Int16Array
    around_bias: Int32Array
    around_shift: Int32Array
    seed: Weights
    conv: Weights
    conv_bias: Int32Array
    conv_shift: Int32Array
    reference: Int16Array


class TrunkWeights(Protocol):
    """The weights that a trunk is made of, in the shapes of `LevelWeights`."""

    @property
    def around(self) -> Int16Array: ...
    @property
    def around_bias(self) -> Int32Array: ...
    @property
    def seed(self) -> Int8Array: ...
    @property
    def around_shift(self) -> UInt8Array: ...
    @property
    def conv(self) -> Int8Array: ...
    @property
    def conv_bias(self) -> Int32Array: ...
    @property
    def conv_shift(self) -> UInt8Array: ...


_NO_ROWS: Int16Array = np.empty(0, np.int16)
_NO_WORDS: UInt64Array = np.empty(0, np.uint64)


def trunk_of(w: TrunkWeights, reference: Int16Array = _NO_ROWS) -> Trunk:
    """The trunk of a set of weights. reference: (192, 32) of the inter network."""
    return Trunk(
        aligned(w.around),
        aligned(w.around_bias),
        aligned(w.around_shift.astype(np.int32)),
        quads(w.seed),
        quads(w.conv),
        aligned(w.conv_bias),
        aligned(w.conv_shift.astype(np.int32)),
        aligned(reference),
    )


@njit
def nodes_around(
    key: Int64Array, remaining_code: Int64Array, around: UInt64Array, start: Int, end: Int
) -> None:
    """Fills around (2 n,), zero before, for nodes start .. end - 1: the 5^3 nodes about each.

    key: (n,) sorted raster keys. remaining_code: see `Nodes`; nodes that were coded directly are skipped.
    Bit 25 dx + 5 dy + dz + 62 of a node's two words is the node at that offset. The keys are passed once
    for each of the 25 rows, five of them at a time.
    """
    y = np.int64(1) << Y_SHIFT
    for plane in range(5):
        step, low = np.int64(plane - 2) * (1 << X_SHIFT) - 2, 25 * plane
        first = key[start] + step
        a, b = np.searchsorted(key, first - 2 * y), np.searchsorted(key, first - y)
        c = np.searchsorted(key, first)
        d, e = np.searchsorted(key, first + y), np.searchsorted(key, first + 2 * y)
        for i in range(start, end):
            if remaining_code.size and remaining_code[i] >= 0:
                continue
            w = key[i] + step
            a, b = first_from(key, a, w - 2 * y), first_from(key, b, w - y)
            c = first_from(key, c, w)
            d, e = first_from(key, d, w + y), first_from(key, e, w + 2 * y)
            found = places_from(key, a, w - 2 * y, 5) | places_from(key, b, w - y, 5) << 5
            found |= places_from(key, c, w, 5) << 10
            found |= places_from(key, d, w + y, 5) << 15 | places_from(key, e, w + 2 * y, 5) << 20
            if low < 64:
                around[2 * i] |= np.uint64(found) << np.uint64(low)
            if low > 64:
                around[2 * i + 1] |= np.uint64(found) << np.uint64(low - 64)
            elif low > 39:
                around[2 * i + 1] |= np.uint64(found) >> np.uint64(64 - low)


class Before(NamedTuple):
    """The reference's nodes on a level. key: (m,) sorted raster keys.

    full: (m,) uint8 how many of the numbers FULLNESS, but for the first, its children reach; empty where none
    of them has children.
    """

    key: Int64Array
    full: UInt8Array


@njit
def reference_around(
    key: Int64Array, remaining_code: Int64Array, before: Before, words: UInt64Array, start: Int, end: Int
) -> None:
    """Fills words (3 n,), zero before, for nodes start .. end - 1: the reference's 4^3 children about each.

    Bit 16 (dx + 1) + 4 (dy + 1) + dz + 1 of a node's first word is the child at that offset from the node's
    first; of the others, whether it is as full as that.
    """
    there, full = before.key, before.full
    for row in range(16):
        step = np.int64(row // 4 - 1) * (1 << X_SHIFT) + np.int64(row % 4 - 1) * (1 << Y_SHIFT) - 1
        p = np.searchsorted(there, (key[start] << 1) + step)
        for i in range(start, end):
            if remaining_code.size and remaining_code[i] >= 0:
                continue
            wanted = (key[i] << 1) + step
            p = first_from(there, p, wanted)
            found = places_from(there, p, wanted, 4)
            words[REFERENCE_WORDS * i] |= np.uint64(found) << np.uint64(4 * row)
            if found and full.size:
                q = p
                while q < there.size and there[q] <= wanted + 3:
                    bit = _ONE << np.uint64(4 * row + (there[q] - wanted))
                    for k in range(1, full[q] + 1):
                        words[REFERENCE_WORDS * i + k] |= bit
                    q += 1


class TrunkLevel(NamedTuple):
    """A level of n nodes on its way through the trunk.

    level_class: see `models.multiscale_weights`. remaining_code: (n,) as in `Nodes`. around: (2 n,) uint64,
    see `nodes_around`. parent (n,) int32, octant (n,) uint8: see `find_parents`. coarser: features of the
    coarser level, empty for the root. features, hidden: (n * 32,) uint8. reference: (3 n,) uint64, see
    `reference_around`; empty without one.
    """

    level_class: Int
    remaining_code: Int64Array
    neighbours: Neighbours
    around: UInt64Array
    parent: Int32Array
    octant: UInt8Array
    coarser: UInt8Array
    features: UInt8Array
    hidden: UInt8Array
    reference: UInt64Array


@njit
def first_layer(w: Trunk, level: TrunkLevel, start: Int, end: Int) -> None:
    """Features of nodes start .. end - 1, from their surroundings and (except at the root) their parents'."""
    rows, seed, bias, shift = w.around, w.seed, w.around_bias, w.around_shift
    remaining_code, around, parent, octant = level.remaining_code, level.around, level.parent, level.octant
    coarser, x = level.coarser, level.features
    b = level.level_class * CHANNELS
    for i in range(start, end):
        if remaining_code.size and remaining_code[i] >= 0:
            continue
        a0, a1, b0, b1 = load(bias, b), load(bias, b + 16), zero(), zero()
        for half in range(2):
            word = around[2 * i + half]
            while word:
                r = (64 * half + lowest_bit(word)) * CHANNELS
                word &= word - _ONE
                a0 = add_row(a0, rows, r)
                a1 = add_row(a1, rows, r + 16)
        if level.reference.size:
            for k in range(REFERENCE_WORDS):
                word = level.reference[REFERENCE_WORDS * i + k]
                while word:
                    r = (64 * k + lowest_bit(word)) * CHANNELS
                    word &= word - _ONE
                    b0 = add_row(b0, w.reference, r)
                    b1 = add_row(b1, w.reference, r + 16)
        if coarser.size:
            s = np.int64(octant[i]) * _TAP
            at = np.int64(parent[i]) * CHANNELS
            a0, a1, b0, b1 = add_inputs((a0, a1, b0, b1), coarser, at, CHANNELS, seed, s)
        store_activation(x, i * CHANNELS, add(a0, b0), load(shift, 0))
        store_activation(x, i * CHANNELS + 16, add(a1, b1), load(shift, 16))


@njit
def convolve(w: Trunk, level: TrunkLevel, index: Int, start: Int, end: Int) -> None:
    """Convolution `index` of nodes start .. end - 1, over occupied nodes.

    One with an even number makes `hidden` of `features`; one with an odd number makes a change of `features`
    of `hidden`.
    """
    weight, bias, shift, remaining_code = w.conv, w.conv_bias, w.conv_shift, level.remaining_code
    first, mask = level.neighbours.first, level.neighbours.mask
    x, out = level.features, level.hidden
    if index & 1:
        x, out = level.hidden, level.features
    b = index * CHANNELS
    s0, s1 = load(shift, b), load(shift, b + 16)
    for i in range(start, end):
        if remaining_code.size and remaining_code[i] >= 0:
            continue
        a0, a1, b0, b1 = load(bias, b), load(bias, b + 16), zero(), zero()
        for row in range(9):
            there = (np.int64(mask[i]) >> (3 * row)) & 7
            at = np.int64(first[i, row]) * CHANNELS
            for z in range(3):
                if (there >> z) & 1:
                    t = (index * TAPS + 3 * row + z) * _TAP
                    a0, a1, b0, b1 = add_inputs((a0, a1, b0, b1), x, at, CHANNELS, weight, t)
                    at += CHANNELS
        a0, a1 = add(a0, b0), add(a1, b1)
        o = i * CHANNELS
        if index & 1:
            store_sum(out, o, a0, s0)
            store_sum(out, o + 16, a1, s1)
        else:
            store_activation(out, o, a0, s0)
            store_activation(out, o + 16, a1, s1)


@njit
def find_parents(
    key: Int64Array, coarser: Int64Array, parent: Int32Array, octant: UInt8Array, start: Int, end: Int
) -> None:
    """Fills in the parent (index in the coarser level) and the octant of nodes start .. end - 1.

    The root's parent is 0. Consecutive nodes mostly have the same parent, or the next one.
    """
    p = np.int64(0)
    for i in range(start, end):
        x, y, z = key[i] >> X_SHIFT, (key[i] >> Y_SHIFT) & AXIS_MASK, key[i] & AXIS_MASK
        above = ((x >> 1) << X_SHIFT) | ((y >> 1) << Y_SHIFT) | (z >> 1)
        if p + 1 < coarser.size and coarser[p + 1] == above:
            p += 1
        elif p < coarser.size and coarser[p] != above:
            p = np.searchsorted(coarser, above)
        parent[i], octant[i] = p, ((x & 1) << 2) | ((y & 1) << 1) | (z & 1)


@njit
def _find_reach(near: Neighbours, reach: Int32Array, start: Int, to: Int) -> None:
    """Fills in reach[i], one more than the last neighbour of the nodes up to i, of nodes start .. to - 1."""
    end = reach[start - 1] if start else np.int32(0)
    for i in range(start, to):
        row = 8
        while (near.mask[i] >> (3 * row)) & 7 == 0:
            row -= 1  # a node is its own neighbour
        there = (near.mask[i] >> (3 * row)) & 7
        end = max(end, near.first[i, row] + (there & 1) + ((there >> 1) & 1) + (there >> 2))
        reach[i] = end


class TrunkRun:
    """The trunk over one level, a part of its nodes at a time. start: which bias it starts from.

    Each stage stays so far behind the one before it that all neighbours of its nodes are done there. So a
    residual block overwrites only what is no longer needed. Nodes that were coded directly are skipped: they
    have no neighbours, and nothing uses their features.
    """

    def __init__(
        self,
        trunk: Trunk,
        start: int,
        nodes: Nodes,
        neighbours: NeighbourSearch,
        coarser: tuple[Int64Array, UInt8Array],
        before: Before | None = None,
    ) -> None:
        """coarser: keys and features of the coarser level. before: see `reference_around`."""
        self.features = aligned_empty(len(nodes.key) * CHANNELS, np.uint8)
        self._trunk, self._class, self._nodes, self._search = trunk, start, nodes, neighbours
        self._coarser_key, self._coarser = coarser
        self._before = before
        self.reference = (
            _NO_WORDS if before is None else np.zeros(REFERENCE_WORDS * len(nodes.key), np.uint64)
        )
        self._stages = 1 + len(trunk.conv_shift) // CHANNELS
        self._done = [0] * self._stages  # nodes that each stage has computed

    @property
    def done(self) -> int:
        """Nodes, from the first on, whose features are final."""
        return self._done[-1]

    def _begin(self, start: int, end: int) -> None:
        """Prepares these nodes. It is done here and not earlier, as this may run in another thread."""
        n, key = len(self._nodes.key), self._nodes.key
        if start == 0:
            self._reach = np.empty(n, np.int32)
            self._level = TrunkLevel(
                self._class,
                self._nodes.remaining_code,
                self._search.found,
                np.zeros(2 * n, np.uint64),
                np.empty(n, np.int32),
                np.empty(n, np.uint8),
                self._coarser,
                self.features,
                aligned_empty(n * CHANNELS, np.uint8),
                self.reference,
            )
        self._search.until(end)
        find_parents(key, self._coarser_key, self._level.parent, self._level.octant, start, end)
        _find_reach(self._search.found, self._reach, start, end)

    def advance(self) -> None:
        """Computes the next FIRST_NODES to PART_NODES nodes, or all that are left."""
        n, known = len(self._nodes.key), self._done[0]
        end = min(known + min(PART_NODES, max(FIRST_NODES, known)), n)
        if known < end:
            self._begin(known, end)
            known = end
        for stage in range(self._stages):
            if stage and end < n:
                end = int(np.searchsorted(self._reach[:known], end, side="right"))
            start = self._done[stage]
            if start < end:
                self._stage(stage, start, end)
                self._done[stage] = end

    def _stage(self, stage: int, start: int, end: int) -> None:
        level = self._level
        if stage == 0:
            key, remaining_code = self._nodes.key, level.remaining_code
            nodes_around(key, remaining_code, level.around, start, end)
            if self._before is not None:
                reference_around(key, remaining_code, self._before, self.reference, start, end)
            first_layer(self._trunk, level, start, end)
        else:
            convolve(self._trunk, level, stage - 1, start, end)


class TrunkRuns:
    """The trunk from level to level, coarse to fine.

    trunks: by set of weights. before: the reference's nodes, so many levels above its voxels.
    """

    def __init__(self, trunks: list[Trunk], before: Callable[[int], Before] | None = None) -> None:
        self._trunks, self._before = trunks, before
        self._coarser = (np.empty(0, np.int64), np.empty(0, np.uint8))

    def __call__(self, below: int, nodes: Nodes, neighbours: NeighbourSearch) -> TrunkRun:
        """The run over the next level. below: levels below the children's."""
        trunk, start = self._trunks[weight_set(below)], level_class(below)
        before = None if self._before is None else self._before(below)
        run = TrunkRun(trunk, start, nodes, neighbours, self._coarser, before)
        self._coarser = (nodes.key, run.features)
        return run
