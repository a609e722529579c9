"""The densifying network compiled for CPUs, in exact integers: the same as `models.densifier_integer`."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from octavox.codec.arrays import Int16Array, Int32Array, Int64Array, UInt8Array
from octavox.codec.codecs.geometry.multiscale.trunk import Trunk, TrunkLevel, trunk_of
from octavox.codec.coding.kernels.dense import add_inputs
from octavox.codec.coding.kernels.jit import Int, njit
from octavox.codec.coding.kernels.memory import aligned
from octavox.codec.coding.kernels.simd import add, add_row, load, lowest_bit, store_activation, zero
from octavox.codec.job import JobContext
from octavox.codec.models.densifier_weights import DensifierFile, weight_set
from octavox.codec.models.upsampler_weights import CHILDREN
from octavox.codec.models.weight_sets import CHANNELS, TAPS
from octavox.codec.parallel import SharedJob

from .network import Features, all_logits, head_of, level_of, prepare, stages_of

Case = tuple[bool, int]  # whether the input is damaged; class of ratios (`densifier_weights.ratio_class`)
_ONE = np.uint64(1)


class Densifier(Protocol):
    """A network on a device. See `CompiledDensifier.predict`."""

    identity: bytes

    def predict(
        self,
        nodes: tuple[Int64Array, UInt8Array],
        case: Case,
        coarser: Features,
        job: JobContext,
        threads: int | None = None,
    ) -> tuple[Features, Int32Array]:
        """Features of a level's nodes, and logits (n, 8) int32 of their children."""


@njit
def _first_layer(
    w: Trunk, seen: Int16Array, level: TrunkLevel, given: UInt8Array, start: Int, end: Int
) -> None:
    """Features of nodes start .. end - 1, from their surroundings, the children given, and their parents'."""
    rows, seed, bias, shift = w.around, w.seed, w.around_bias, w.around_shift
    first, mask, around = level.neighbours.first, level.neighbours.mask, level.around
    coarser, x = level.coarser, level.features
    b = level.level_class * CHANNELS
    for i in range(start, end):
        a0, a1, b0, b1 = load(bias, b), load(bias, b + 16), zero(), zero()
        for half in range(2):
            word = around[2 * i + half]
            while word:
                r = (64 * half + lowest_bit(word)) * CHANNELS
                word &= word - _ONE
                a0 = add_row(a0, rows, r)
                a1 = add_row(a1, rows, r + 16)
        for tap in range(TAPS):
            row = tap // 3
            there = (np.int64(mask[i]) >> (3 * row)) & 7
            z = tap - 3 * row
            if (there >> z) & 1:
                at = np.int64(first[i, row])
                for before in range(z):
                    at += (there >> before) & 1
                children = np.uint64(given[at])
                while children:
                    r = (CHILDREN * tap + lowest_bit(children)) * CHANNELS
                    children &= children - _ONE
                    b0 = add_row(b0, seen, r)
                    b1 = add_row(b1, seen, r + 16)
        if coarser.size:
            s = np.int64(level.octant[i]) * CHANNELS * CHANNELS
            at = np.int64(level.parent[i]) * CHANNELS
            a0, a1, b0, b1 = add_inputs((a0, a1, b0, b1), coarser, at, CHANNELS, seed, s)
        store_activation(x, i * CHANNELS, add(a0, b0), load(shift, 0))
        store_activation(x, i * CHANNELS + 16, add(a1, b1), load(shift, 16))


class CompiledDensifier:
    """The network on the CPU."""

    def __init__(self, weights: DensifierFile) -> None:
        self.identity = weights.identity
        self._trunks = [trunk_of(w) for w in weights.sets]
        self._heads = [head_of(w) for w in weights.sets]
        self._seen = [aligned(w.seen) for w in weights.sets]

    def predict(
        self,
        nodes: tuple[Int64Array, UInt8Array],
        case: Case,
        coarser: Features,
        job: JobContext,
        threads: int | None = None,
    ) -> tuple[Features, Int32Array]:
        """Features of a level's nodes and logits (n, 8) int32 of their children, in 1/256 nat.

        nodes: (n,) sorted raster keys, and (n,) which of their children the input has, bit k for child k.
        coarser: as this returned it for the first level, for the second; else NO_FEATURES. Raises
        CancelledError.
        """
        (key, given), (damaged, ratio) = nodes, case
        index = weight_set(damaged, second=len(coarser[1]) > 0)
        trunk, seen = self._trunks[index], self._seen[index]
        level = level_of(key, ratio, coarser)

        def begin(start: int, end: int) -> None:
            prepare(level, coarser[0], key, start, end)
            _first_layer(trunk, seen, level, given, start, end)

        shared = SharedJob(job, "guess", len(key) * stages_of(trunk))
        return (key, level.features), all_logits(trunk, self._heads[index], level, begin, shared, threads)
