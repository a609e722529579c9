"""Octree levels guessed one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from octavox.codec.arrays import Int32Array, Int64Array
from octavox.codec.cloud.morton import morton_decode
from octavox.codec.codecs.geometry.octree.levels import coords_to_raster, raster_to_morton
from octavox.codec.job import JobContext

from .network import NO_FEATURES, Features
from .selecting import children_kept, most_likely


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
    features = NO_FEATURES
    for step, count in enumerate(counts):
        key = np.sort(coords_to_raster(morton_decode(codes)))
        order = np.argsort(raster_to_morton(key))
        features, logits = net.predict(key, len(counts) - 1 - step, features, job, threads)
        codes = children_kept(key, most_likely(logits, order, count), order)
    return codes


def centres(codes: Int64Array, levels: int) -> Int64Array:
    """Morton codes of one voxel a node, `levels` below: the one after the node's centre on each axis."""
    return np.asarray((codes << 3 * levels) | (7 << 3 * (levels - 1)), np.int64)
