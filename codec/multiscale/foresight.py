"""The network along the levels of one slice, for the coding loop: ahead of it, in a thread."""

from __future__ import annotations

from collections.abc import Callable
from threading import Condition, Thread

from ..kernels.head import Guide, Head
from ..models.multiscale_weights import weight_set
from ..octree.levels import Neighbours, Nodes
from .sums import LevelSums, Room, Source

SMALL = 1 << 12  # levels of fewer nodes are not worth a thread

# Where the features of a level come from: levels below its children, its nodes and their neighbours.
Trunk = Callable[[int, Nodes, Neighbours], Source]


class HeadForesight:
    """See octree.slice_coder.Foresight.

    trunk: called level by level, coarse to fine. heads: by set of weights. ahead: a thread works on the part
    after the one being coded.
    """

    def __init__(self, trunk: Trunk, heads: list[Head], ahead: bool) -> None:
        self._trunk, self._heads, self._ahead = trunk, heads, ahead
        self._room = Room()
        self._sums: LevelSums | None = None
        self._worker: _Worker | None = None

    def level(self, below: int, nodes: Nodes, near: Neighbours) -> None:
        """See Foresight."""
        self.close()
        source = self._trunk(below, nodes, near)
        self._sums = LevelSums(self._heads[weight_set(below)], nodes, source, self._room)
        if self._ahead and len(nodes.key) > SMALL:
            self._worker = _Worker(self._sums)

    def next(self, visits: int) -> Guide:
        """See Foresight."""
        if self._worker:
            return self._worker.next(visits)
        assert self._sums is not None, "no level has begun"
        return self._sums.part(visits)

    def close(self) -> None:
        """See Foresight."""
        if self._worker:
            self._worker.stop()
            self._worker = None


class _Worker:
    """A thread that makes the parts of a level, each while the one before it is in use.

    Meanwhile the coder enters tails of nodes, which both read without a lock: an entry goes from -1 to its
    tail once, and whether the thread then still works on that node or not, nobody asks for what it finds.
    """

    def __init__(self, sums: LevelSums) -> None:
        self._sums, self._news = sums, Condition()
        self._made: list[Guide] = []
        self._asked = self._step = 0
        self._stopped = False
        self._fault: BaseException | None = None
        self._thread = Thread(target=self._work, name="octavox-trunk", daemon=True)
        self._thread.start()

    def _work(self) -> None:
        try:
            while self._may_go_on():
                guide = self._sums.part(min(self._step, self._sums.left))
                with self._news:
                    self._made.append(guide)
                    self._news.notify_all()
        except BaseException as fault:
            with self._news:
                self._fault = fault
                self._news.notify_all()

    def _may_go_on(self) -> bool:
        """Waits until there is a part to make and room for it; False at the end."""
        with self._news:
            self._news.wait_for(lambda: self._stopped or (len(self._made) <= self._asked and self._step))
        return not self._stopped and self._sums.left > 0

    def next(self, visits: int) -> Guide:
        """All parts but the last are as large as the first."""
        with self._news:
            self._step = self._step or visits
            self._asked += 1
            self._news.notify_all()
            self._news.wait_for(lambda: self._fault is not None or len(self._made) >= self._asked)
        if self._fault is not None:
            raise self._fault
        return self._made[self._asked - 1]

    def stop(self) -> None:
        """Ends the thread after the part that it is at."""
        with self._news:
            self._stopped = True
            self._news.notify_all()
        self._thread.join()
