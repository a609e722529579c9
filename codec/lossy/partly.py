"""A level that is coded in part: where the network is sure, its guess stands; the other nodes are coded."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from octavox.codec.arrays import Int32Array, Int64Array, UInt8Array
from octavox.codec.codecs.geometry.octree.levels import coords_to_morton, raster_to_morton
from octavox.codec.codecs.geometry.octree.ordered import as_bits, mark_children, with_order
from octavox.codec.codecs.upsampling.guess import Upsampler
from octavox.codec.codecs.upsampling.network import NO_FEATURES
from octavox.codec.codecs.upsampling.selecting import most_likely, surest
from octavox.codec.errors import CorruptStreamError
from octavox.codec.job import JobContext


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
        order = with_order(key).order
        nodes = round(self._share * len(key)) if codes is not None else self.numbers[number][0]
        if nodes > len(key):
            raise self._impossible(number)
        sure = surest(logits, order, nodes)
        if codes is not None:
            self.numbers[number] = nodes, int(_runs(codes >> 3)[1][sure[order]].sum())
        count = self.numbers[number][1]
        if not nodes <= count <= 8 * nodes:
            raise self._impossible(number)
        chosen = order[sure[order]]
        self.nodes[number] = raster_to_morton(key[chosen])
        given = np.zeros(len(key), np.uint8)
        if nodes:
            rank = np.cumsum(sure) - 1
            kept = most_likely(logits[sure], rank[chosen], count)
            given[sure] = as_bits(kept)
        return given

    def _impossible(self, number: int) -> CorruptStreamError:
        nodes, count = self.numbers[number]
        return CorruptStreamError(f"{count:,} children of {nodes:,} nodes", field=f"guess {number}")


def guessed_of_base(coords: Int32Array, partly: PartlyGuessed) -> UInt8Array:
    """(M,) 1 for the voxels (M, 3) of a level coded in part that are guesses, else 0."""
    nodes = np.sort(np.concatenate([np.empty(0, np.int64), *partly.nodes.values()]))
    guessed = np.zeros(len(coords), np.uint8)
    mark_children(coords_to_morton(coords), nodes, guessed)
    return guessed


def _runs(numbers: Int64Array) -> tuple[Int64Array, Int64Array]:
    """The different ones of rising numbers, and how often each occurs."""
    first = np.flatnonzero(np.concatenate([[True], numbers[1:] != numbers[:-1]])) if len(numbers) else numbers
    return numbers[first], np.diff(np.append(first, len(numbers)))
