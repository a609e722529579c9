"""Octree levels guessed one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from octavox.codec.arrays import BoolArray, Int32Array, Int64Array
from octavox.codec.codecs.geometry.octree.ordered import (
    LevelNodes,
    as_bits,
    children_of,
    codes_of_children,
    nodes_of,
)
from octavox.codec.job import JobContext

from .network import NO_FEATURES, Features
from .selecting import expected_count, most_likely


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


@dataclass(frozen=True)
class Kept:
    """The children (n, 8) that are kept of the nodes of a level."""

    nodes: LevelNodes
    children: BoolArray

    @property
    def codes(self) -> Int64Array:
        """Their Morton codes, sorted."""
        return codes_of_children(self.nodes, as_bits(self.children))

    def as_nodes(self) -> LevelNodes:
        """They as nodes."""
        return children_of(self.nodes, as_bits(self.children))


@dataclass(frozen=True)
class Answers:
    """What the network says of the nodes above the finest level that is guessed. logits: (n, 8) int32."""

    nodes: LevelNodes
    logits: Int32Array

    def kept(self, count: int) -> Kept:
        """The likeliest `count` children; at least one a node."""
        return Kept(self.nodes, most_likely(self.logits, self.nodes.order, count))


def answers(
    net: Upsampler, codes: Int64Array, counts: Sequence[int], job: JobContext, threads: int | None = None
) -> Answers:
    """What the network says of the nodes len(counts) levels below those with these sorted Morton codes.

    counts: how many children are kept on each level above, coarse to fine. Raises CancelledError.
    """
    found, features = _asked(net, nodes_of(codes), len(counts), NO_FEATURES, job, threads)
    for done, count in enumerate(counts, 1):
        nodes = found.kept(count).as_nodes()
        found, features = _asked(net, nodes, len(counts) - done, features, job, threads)
    return found


def _asked(
    net: Upsampler, nodes: LevelNodes, below: int, coarser: Features, job: JobContext, threads: int | None
) -> tuple[Answers, Features]:
    """The answers for nodes, and their features."""
    features, logits = net.predict(nodes.key, below, coarser, job, threads)
    return Answers(nodes, logits), features


def expected(
    net: Upsampler,
    codes: Int64Array,
    levels: int,
    spare: float,
    job: JobContext,
    threads: int | None = None,
) -> Int64Array:
    """Morton codes, sorted, of as many voxels as there may have been `levels` below nodes (n,), at least 1.

    On the first level these are as many as the network expects; a surface grows by the same factor on each
    further one. On levels before the finest, `spare` times as many are kept. Raises CancelledError.
    """
    found, features = _asked(net, nodes_of(codes), levels - 1, NO_FEATURES, job, threads)
    first = max(expected_count(found.logits), len(codes))
    count = float(first)
    for below in range(levels - 2, -1, -1):
        nodes = found.kept(int(spare * count)).as_nodes()
        found, features = _asked(net, nodes, below, features, job, threads)
        count *= first / len(codes)
    return found.kept(int(count)).codes


def centres(codes: Int64Array, levels: int) -> Int64Array:
    """Morton codes of one voxel a node, `levels` below: the one after the node's centre on each axis."""
    return np.asarray((codes << 3 * levels) | (7 << 3 * (levels - 1)), np.int64)
