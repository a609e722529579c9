"""Octree levels guessed one after the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np

from octavox.codec.arrays import Int32Array, Int64Array
from octavox.codec.cloud.morton import morton_decode
from octavox.codec.codecs.geometry.octree.levels import coords_to_raster, raster_to_morton
from octavox.codec.job import JobContext

from .network import NO_FEATURES, Features
from .selecting import children_kept, expected_count, most_likely

SPARE = 1.15  # decision 0008 has what other numbers give


class Upsampler(Protocol):
    """A network on a device. See `network.CompiledUpsampler.predict`."""

    identity: bytes

    @property
    def device(self) -> str:
        """cpu or cuda."""

    def predict(
        self, key: Int64Array, below: int, coarser: Features, job: JobContext, threads: int | None = None
    ) -> tuple[Features, Int32Array]:
        """Features of a level's nodes, and logits (n, 8) int32 of their children."""


def guessed(
    net: Upsampler, codes: Int64Array, counts: Sequence[int], job: JobContext, threads: int | None = None
) -> Int64Array:
    """Morton codes, sorted, of the voxels len(counts) levels below the nodes with these sorted Morton codes.

    counts: how many children are kept on each level, coarse to fine; at least one a node. Raises
    CancelledError.
    """
    return _level_by_level(net, codes, len(counts), lambda step, _: counts[step], job, threads)


def expected(
    net: Upsampler, codes: Int64Array, levels: int, job: JobContext, threads: int | None = None
) -> Int64Array:
    """As `guessed`, as many as there may have been: on the first level, what the network expects of it.

    A surface grows by the same factor on each level. On levels before the finest, SPARE times as many are
    kept.
    """
    counts: list[float] = []

    def count(step: int, logits: Int32Array) -> int:
        if step == 0:
            counts.append(max(expected_count(logits), len(codes)))
        else:
            counts.append(counts[-1] * counts[0] / len(codes))
        return int(counts[-1] * (SPARE if step + 1 < levels else 1.0))

    return _level_by_level(net, codes, levels, count, job, threads)


def _level_by_level(
    net: Upsampler,
    codes: Int64Array,
    levels: int,
    count: Callable[[int, Int32Array], int],
    job: JobContext,
    threads: int | None,
) -> Int64Array:
    """count: of the children kept of a level, by its number and the logits of its nodes."""
    features = NO_FEATURES
    for step in range(levels):
        key = np.sort(coords_to_raster(morton_decode(codes)))
        order = np.argsort(raster_to_morton(key))
        features, logits = net.predict(key, levels - 1 - step, features, job, threads)
        codes = children_kept(key, most_likely(logits, order, count(step, logits)), order)
    return codes


def centres(codes: Int64Array, levels: int) -> Int64Array:
    """Morton codes of one voxel a node, `levels` below: the one after the node's centre on each axis."""
    return np.asarray((codes << 3 * levels) | (7 << 3 * (levels - 1)), np.int64)
