"""The network along the levels of one slice, for the coding loop: ahead of it, in a thread."""

from __future__ import annotations

from collections.abc import Callable
from threading import Condition, Thread
from typing import Protocol

from octavox.codec.arrays import UInt8Array
from octavox.codec.codecs.geometry.octree.levels import Nodes
from octavox.codec.codecs.geometry.octree.neighbours import NeighbourSearch
from octavox.codec.codecs.geometry.octree.walk import make_walk
from octavox.codec.models.multiscale_weights import weight_set

from .head import Head, LevelPrior, begin_child, child_logit, new_level_prior

walk_with_head = make_walk("head", begin_child, child_logit)
SMALL = 1 << 9  # levels of fewer nodes are not worth a thread


class Source(Protocol):
    """The features (n * 32,) uint8 of a level's nodes.

    Those of the first `done`, and the neighbours of these nodes, are final.
    """

    features: UInt8Array

    @property
    def done(self) -> int:
        """How many."""

    def advance(self) -> None:
        """Works on some more, if any are left."""


# Where the features of a level come from: levels below its children, its nodes and the search for neighbours.
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
        self._elsewhere = False  # whether the worker has the level

    def level(self, below: int, nodes: Nodes, neighbours: NeighbourSearch) -> LevelPrior:
        """See Predictor."""
        self._source = self._trunk(below, nodes, neighbours)
        self._elsewhere = self._threaded and len(nodes.key) > SMALL
        if self._elsewhere:
            self._worker = self._worker or _Worker()
            self._worker.begin(self._source, len(nodes.key))
        return new_level_prior(self._heads[weight_set(below)], self._source.features)

    def ensure(self, nodes: int) -> None:
        """See Predictor."""
        assert self._source is not None, "no level has begun"
        if self._elsewhere and self._worker:
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

    Meanwhile the coder enters tails of nodes, which both read without a lock: an entry goes from -1 to its
    tail once, and whether the thread then still works on that node or not, nobody asks for what it finds.
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
        """Goes on with this level."""
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
        """What is left to work on, as soon as there is some; None at the end."""
        with self._news:
            self._news.wait_for(lambda: self._stopped or (self._fault is None and self._done < self._nodes))
            return None if self._stopped else self._source

    def wait(self, nodes: int) -> None:
        """Until so many nodes are done. Raises what went wrong."""
        with self._news:
            self._news.wait_for(lambda: self._fault is not None or self._done >= nodes)
        if self._fault is not None:
            raise self._fault

    def stop(self) -> None:
        """Ends the thread after the part that it is at."""
        with self._news:
            self._stopped = True
            self._news.notify_all()
        self._thread.join()
