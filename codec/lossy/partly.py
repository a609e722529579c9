"""A level that is coded in part: where the network is sure, its guess stands; the other nodes are coded."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from octavox.codec.arrays import Int32Array, Int64Array, UInt8Array
from octavox.codec.cloud.morton import morton_encode
from octavox.codec.codecs.geometry.octree.levels import raster_to_morton
from octavox.codec.codecs.upsampling.guess import Upsampler
from octavox.codec.codecs.upsampling.network import NO_FEATURES
from octavox.codec.codecs.upsampling.selecting import most_likely
from octavox.codec.coding.logistic import STRETCH_LIMIT, STRETCH_OFFSET, squash_table
from octavox.codec.errors import CorruptStreamError
from octavox.codec.job import JobContext

_OCTANTS = (1 << np.arange(8)).astype(np.uint8)


def surest_first(logits: Int32Array, order: Int64Array) -> Int64Array:
    """(n,) numbers of the nodes, those first of whose children the network expects the fewest errors.

    logits: (n, 8). order: numbers of the nodes in Morton order, in which equal ones come.
    """
    less_likely = squash_table()[STRETCH_OFFSET - np.minimum(np.abs(logits), STRETCH_LIMIT)]
    errors = less_likely.astype(np.int64).sum(axis=1)
    return order[np.argsort(errors[order], kind="stable")]


class PartlyGuessed:
    """Guesses of the slices of one level, in both directions; called as an `interface.SliceGuess`.

    numbers: of each slice, how many nodes are guessed and how many children are kept of them; an encoder
    finds them, by `share`, the share of the nodes that are guessed.
    """

    def __init__(
        self,
        net: Upsampler,
        below: int,
        job: JobContext,
        share: float = 0.0,
        numbers: Mapping[int, tuple[int, int]] | None = None,
        threads: int | None = None,
    ) -> None:
        """below: levels below the level that is coded in part. numbers: a decoder's. threads: for a slice."""
        self._net, self._below, self._job, self._share = net, below, job, share
        self._threads = threads
        self.numbers: dict[int, tuple[int, int]] = dict(numbers or {})
        self.nodes: dict[int, Int64Array] = {}  # of each slice, Morton codes of the nodes that are guessed

    def __call__(self, number: int, codes: Int64Array | None, key: Int64Array) -> UInt8Array:
        """See `interface.SliceGuess`. Raises CorruptStreamError for impossible numbers, CancelledError."""
        _, logits = self._net.predict(key, self._below, NO_FEATURES, self._job, self._threads)
        morton = raster_to_morton(key)
        order = np.argsort(morton)
        ranked = surest_first(logits, order)
        if codes is not None:
            chosen = ranked[: round(self._share * len(key))]
            children = np.empty(len(key), np.int64)
            children[order] = _runs(codes >> 3)[1]
            self.numbers[number] = len(chosen), int(children[chosen].sum())
        nodes, count = self.numbers[number]
        if nodes > len(key) or not nodes <= count <= 8 * nodes:
            field = f"guess {number}"
            raise CorruptStreamError(f"{count:,} children of {nodes:,} nodes", field=field)
        chosen = np.sort(ranked[:nodes])
        self.nodes[number] = morton[chosen]
        given = np.zeros(len(key), np.uint8)
        if nodes:
            kept = most_likely(logits[chosen], np.argsort(morton[chosen]), count)
            given[chosen] = (kept * _OCTANTS).sum(axis=1)
        return given


def guessed_of_base(coords: Int32Array, partly: PartlyGuessed) -> UInt8Array:
    """(M,) 1 for the voxels (M, 3) of a level coded in part that are guesses, else 0."""
    nodes = np.concatenate([np.empty(0, np.int64), *partly.nodes.values()])
    parents, children = _runs(morton_encode(coords) >> 3)
    return np.repeat(np.isin(parents, nodes).astype(np.uint8), children)


def _runs(numbers: Int64Array) -> tuple[Int64Array, Int64Array]:
    """The different ones of rising numbers, and how often each occurs."""
    first = np.flatnonzero(np.concatenate([[True], numbers[1:] != numbers[:-1]])) if len(numbers) else numbers
    return numbers[first], np.diff(np.append(first, len(numbers)))
