"""The network's predictor for the coding loop; its trunk runs ahead of the loop in a thread."""

from __future__ import annotations

from collections.abc import Callable
from threading import Condition, Thread
from typing import Any, Protocol

from octavox.codec.arrays import UInt8Array, UInt64Array
from octavox.codec.codecs.geometry.octree.learning import Learning
from octavox.codec.codecs.geometry.octree.levels import Nodes
from octavox.codec.codecs.geometry.octree.mixing import Mixing, new_mixing
from octavox.codec.codecs.geometry.octree.neighbours import NeighbourSearch
from octavox.codec.codecs.geometry.octree.walk import PART_BITS, make_walk
from octavox.codec.models.multiscale_weights import weight_set

from .head import Head, begin_child, child_logit, new_level_prior

walk_with_head = make_walk("head", begin_child, child_logit)
SMALL = 1 << 9  # levels of fewer nodes are not worth a thread


class Source(Protocol):
    """Computes the features (n * 32,) uint8 of a level's nodes, part by part.

    The features and the neighbours of the first `done` nodes are final.
    """

    features: UInt8Array
    reference: UInt64Array  # (3 n,) see `trunk.reference_around`; empty without one

    @property
    def done(self) -> int:
        """The number of nodes that are final."""

    def advance(self) -> None:
        """Computes the next part, if there is one."""


# Begins a level. Arguments: levels below its children, its nodes, the search for their neighbours.
Trunk = Callable[[int, Nodes, NeighbourSearch], Source]


class HeadPredictor:
    """See octree.predictor.Predictor.

    trunk: called level by level, coarse to fine. heads: by set of weights. threaded: a thread of its own
    works on the nodes after those that are being coded.
    """

    def __init__(self, trunk: Trunk, heads: list[Head], threaded: bool) -> None:
        self.walk = walk_with_head
        self._trunk, self._heads, self._threaded = trunk, heads, threaded
        self._source: Source | None = None
        self._worker: _Worker | None = None
        self._in_thread = False  # whether the worker computes this level

    @property
    def prediction(self) -> bytes:
        """See Predictor: nothing."""
        return b""

    def level(self, below: int, nodes: Nodes, neighbours: NeighbourSearch) -> Any:
        """See Predictor."""
        self._source = self._trunk(below, nodes, neighbours)
        self._in_thread = self._threaded and len(nodes.key) > SMALL
        if self._in_thread:
            self._worker = self._worker or _Worker()
            self._worker.begin(self._source, len(nodes.key))
        return self._prior(weight_set(below), self._source)

    def mixing(self, table_bits: int, learning: Learning) -> Mixing:
        """See Predictor."""
        return new_mixing(table_bits, PART_BITS, True, learning)

    def _prior(self, index: int, source: Source) -> Any:
        """What the loop gets of a level. index: of the set of weights."""
        return new_level_prior(self._heads[index], source.features)

    def ensure(self, nodes: int) -> None:
        """See Predictor."""
        assert self._source is not None, "no level has begun"
        if self._in_thread and self._worker:
            self._worker.wait(nodes)
        while self._source.done < nodes:
            self._source.advance()

    def close(self) -> None:
        """See Predictor."""
        if self._worker:
            self._worker.stop()
            self._worker = None


class _Worker:
    """A thread that works through one level after the other.

    Meanwhile the coding loop enters remaining codes of nodes, which both threads read without a lock. That is
    safe: an entry changes once, from -1 to its value, and the results for such a node are never used.
    """

    def __init__(self) -> None:
        self._news = Condition()
        self._source: Source | None = None
        self._nodes = self._done = 0  # of the level
        self._stopped = False
        self._fault: BaseException | None = None
        self._thread = Thread(target=self._work, name="octavox-trunk", daemon=True)
        self._thread.start()

    def begin(self, source: Source, nodes: int) -> None:
        """Begins this level."""
        with self._news:
            self._source, self._nodes, self._done, self._fault = source, nodes, 0, None
            self._news.notify_all()

    def _work(self) -> None:
        while (source := self._next()) is not None:
            fault: BaseException | None = None
            try:
                source.advance()
            except BaseException as found:
                fault = found
            with self._news:
                if source is self._source:
                    self._done, self._fault = source.done, fault
                    self._news.notify_all()

    def _next(self) -> Source | None:
        """Waits for a level with work left, and returns it; None after `stop`."""
        with self._news:
            self._news.wait_for(lambda: self._stopped or (self._fault is None and self._done < self._nodes))
            return None if self._stopped else self._source

    def wait(self, nodes: int) -> None:
        """Waits until so many nodes are done. Raises what went wrong."""
        with self._news:
            self._news.wait_for(lambda: self._fault is not None or self._done >= nodes)
        if self._fault is not None:
            raise self._fault

    def stop(self) -> None:
        """Ends the thread after the part that it computes."""
        with self._news:
            self._stopped = True
            self._news.notify_all()
        self._thread.join()
