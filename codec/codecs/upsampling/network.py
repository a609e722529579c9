"""The upsampling network compiled for CPUs, in exact integers: the same as `models.upsampler_integer`.

A level is computed stage by stage; in each, the nodes are shared out to the threads.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np

from octavox.codec.arrays import Int32Array, Int64Array, UInt8Array
from octavox.codec.codecs.geometry.multiscale.trunk import (
    Trunk,
    TrunkLevel,
    convolve,
    find_parents,
    first_layer,
    nodes_around,
    trunk_of,
)
from octavox.codec.codecs.geometry.octree.levels import NO_REMAINING_CODES
from octavox.codec.codecs.geometry.octree.neighbours import find_neighbours
from octavox.codec.coding.kernels.dense import Dense, dense32, quads
from octavox.codec.coding.kernels.jit import Int, njit
from octavox.codec.coding.kernels.memory import aligned, aligned_empty
from octavox.codec.coding.kernels.simd import add, add_products, lane_sum, load_bytes, products
from octavox.codec.job import JobContext
from octavox.codec.models.upsampler_weights import (
    CHILDREN,
    HIDDEN,
    LOGIT_LIMIT,
    UpsamplerFile,
    UpsamplerWeights,
    level_class,
    weight_set,
)
from octavox.codec.models.weight_sets import CHANNELS
from octavox.codec.parallel import SharedJob, map_parallel

PART_NODES = 1 << 13  # nodes that a thread takes at once

# Raster keys and features (n * 32,) of the coarser level; empty where the nodes are no guesses.
Features = tuple[Int64Array, UInt8Array]
NO_FEATURES: Features = (np.empty(0, np.int64), np.empty(0, np.uint8))


class Head(NamedTuple):
    """hidden: a layer of 64. logit (8 * 64,), logit_bias, logit_shift (8,) int32."""

    hidden: Dense
    logit: Int32Array
    logit_bias: Int32Array
    logit_shift: Int32Array


def head_of(w: UpsamplerWeights) -> Head:
    """The head of a set of weights."""
    parts = w.hidden.reshape(CHANNELS, HIDDEN // 32, 32).transpose(1, 0, 2)
    hidden = Dense(quads(parts), aligned(w.hidden_bias), aligned(w.hidden_shift.astype(np.int32)))
    shift = w.logit_shift.astype(np.int32)
    return Head(hidden, aligned(w.logit.T.astype(np.int32)), w.logit_bias, shift)


@njit
def _logits(
    head: Head, features: UInt8Array, out: Int32Array, hidden: UInt8Array, start: Int, end: Int
) -> None:
    """Fills in out[8 * start : 8 * end], the logits of the children of these nodes. hidden: (64,) room."""
    for i in range(start, end):
        for part in range(HIDDEN // 32):
            dense32(features, i * CHANNELS, head.hidden, part, hidden, 32 * part)
        a, b = load_bytes(hidden, 0), load_bytes(hidden, 16)
        c, d = load_bytes(hidden, 32), load_bytes(hidden, 48)
        for k in range(CHILDREN):
            w = k * HIDDEN
            one = add_products(products(a, head.logit, w), b, head.logit, w + 16)
            other = add_products(products(c, head.logit, w + 32), d, head.logit, w + 48)
            value = (lane_sum(add(one, other)) + head.logit_bias[k]) >> head.logit_shift[k]
            out[CHILDREN * i + k] = min(max(value, -LOGIT_LIMIT), LOGIT_LIMIT)


class CompiledUpsampler:
    """The network on the CPU."""

    device = "cpu"

    def __init__(self, weights: UpsamplerFile) -> None:
        self.identity = weights.identity
        self._trunks = [trunk_of(w) for w in weights.sets]
        self._heads = [head_of(w) for w in weights.sets]

    def predict(
        self, key: Int64Array, below: int, coarser: Features, job: JobContext, threads: int | None = None
    ) -> tuple[Features, Int32Array]:
        """Features of a level's nodes and logits (n, 8) int32 of their children, in 1/256 nat.

        key: (n,) sorted raster keys. below: levels below the children's. coarser: as this returned it where
        the nodes were guessed, else NO_FEATURES. Raises CancelledError.
        """
        index = weight_set(below, guessed=len(coarser[1]) > 0)
        trunk, head = self._trunks[index], self._heads[index]
        level = level_of(key, level_class(below), coarser)

        def begin(start: int, end: int) -> None:
            prepare(level, coarser[0], key, start, end)
            first_layer(trunk, level, start, end)

        shared = SharedJob(JobContext(cancel=job.cancel), "guess", len(key))
        return (key, level.features), all_logits(trunk, head, level, begin, shared, threads)


def stages_of(trunk: Trunk) -> int:
    """How many times `all_logits` goes through all nodes."""
    return 2 + len(trunk.conv_shift) // CHANNELS


def all_logits(
    trunk: Trunk,
    head: Head,
    level: TrunkLevel,
    begin: Callable[[int, int], None],
    shared: SharedJob,
    threads: int | None,
) -> Int32Array:
    """Logits (n, 8) of the children of a level's nodes, whose features become final.

    begin: the first layer of nodes start .. end - 1. shared: counts each node once a stage. Raises
    CancelledError.
    """
    n = len(level.parent)
    logits = np.empty(n * CHILDREN, np.int32)
    last = stages_of(trunk) - 1

    def stage(number: int, part: int) -> None:
        start = part * PART_NODES
        end = min(start + PART_NODES, n)
        if number == 0:
            begin(start, end)
        elif number < last:
            convolve(trunk, level, number - 1, start, end)
        else:
            _logits(head, level.features, logits, aligned_empty(HIDDEN, np.uint8), start, end)
        shared.advance(end - start)

    for number in range(last + 1):
        map_parallel(shared, -(-n // PART_NODES), threads, partial(stage, number))
    return logits.reshape(-1, CHILDREN)


def level_of(key: Int64Array, start: int, coarser: Features) -> TrunkLevel:
    """Nodes with these keys (n,) before the first layer. start: which bias it starts from."""
    n = len(key)
    return TrunkLevel(
        start,
        NO_REMAINING_CODES,
        find_neighbours(key),
        np.zeros(2 * n, np.uint64),
        np.zeros(n, np.int32),
        np.zeros(n, np.uint8),
        coarser[1],
        aligned_empty(n * CHANNELS, np.uint8),
        aligned_empty(n * CHANNELS, np.uint8),
        np.empty(0, np.uint64),
    )


def prepare(level: TrunkLevel, coarser: Int64Array, key: Int64Array, start: int, end: int) -> None:
    """Finds the parents and surroundings of nodes start .. end - 1. coarser: keys of the coarser level."""
    if len(coarser):
        find_parents(key, coarser, level.parent, level.octant, start, end)
    nodes_around(key, NO_REMAINING_CODES, level.around, start, end)
