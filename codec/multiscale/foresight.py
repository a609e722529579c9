"""The network along the levels of one slice, for the coding loop: ahead of it, in a thread."""

from __future__ import annotations

from collections.abc import Callable
from threading import Condition, Thread
from typing import Protocol

from ..kernels.dense import Activations
from ..kernels.head import Guide, Head, new_guide
from ..models.multiscale_weights import weight_set
from ..octree.levels import Neighbours, Nodes

SMALL = 1 << 9  # levels of fewer nodes are not worth a thread


class Source(Protocol):
    """The features (n * 32,) uint8 of a level's nodes; those of the first `done` are final."""

    features: Activations

    @property
    def done(self) -> int:
        """How many."""

    def advance(self) -> None:
        """Works on some more, if any are left."""


# Where the features of a level come from: levels below its children, its nodes and their neighbours.
Trunk = Callable[[int, Nodes, Neighbours], Source]


class HeadForesight:
    """See octree.slice_coder.Foresight.

    trunk: called level by level, coarse to fine. heads: by set of weights. ahead: a thread works on the nodes
    after those being coded.
    """

    def __init__(self, trunk: Trunk, heads: list[Head], ahead: bool) -> None:
        self._trunk, self._heads, self._ahead = trunk, heads, ahead
        self._source: Source | None = None
        self._worker: _Worker | None = None

    def level(self, below: int, nodes: Nodes, near: Neighbours) -> Guide:
        """See Foresight."""
        self.close()
        self._source = self._trunk(below, nodes, near)
        if self._ahead and len(nodes.key) > SMALL:
            self._worker = _Worker(self._source, len(nodes.key))
        return new_guide(self._heads[weight_set(below)], self._source.features)

    def ensure(self, nodes: int) -> None:
        """See Foresight."""
        assert self._source is not None, "no level has begun"
        if self._worker:
            self._worker.wait(nodes)
        while self._source.done < nodes:
            self._source.advance()

    def close(self) -> None:
        """See Foresight."""
        if self._worker:
            self._worker.stop()
            self._worker = None


class _Worker:
    """A thread that works through a level.

    Meanwhile the coder enters tails of nodes, which both read without a lock: an entry goes from -1 to its
    tail once, and whether the thread then still works on that node or not, nobody asks for what it finds.
    """

    def __init__(self, source: Source, nodes: int) -> None:
        self._source, self._nodes, self._news = source, nodes, Condition()
        self._done = 0
        self._stopped = False
        self._fault: BaseException | None = None
        self._thread = Thread(target=self._work, name="octavox-trunk", daemon=True)
        self._thread.start()

    def _work(self) -> None:
        try:
            while self._done < self._nodes and not self._stopped:
                self._source.advance()
                self._tell(None)
        except BaseException as fault:
            self._tell(fault)

    def _tell(self, fault: BaseException | None) -> None:
        with self._news:
            self._done, self._fault = self._source.done, fault
            self._news.notify_all()

    def wait(self, nodes: int) -> None:
        """Until so many nodes are done. Raises what went wrong."""
        with self._news:
            self._news.wait_for(lambda: self._fault is not None or self._done >= nodes)
        if self._fault is not None:
            raise self._fault

    def stop(self) -> None:
        """Ends the thread after the part that it is at."""
        self._stopped = True
        self._thread.join()
