"""The network along the levels of one slice, for the coding loop: the trunk ahead of it, in a thread."""

from __future__ import annotations

from threading import Condition, Thread
from typing import TYPE_CHECKING

import numpy as np

from ..kernels.head import Guide, new_guide
from ..models.multiscale_weights import weight_set
from ..octree.levels import Neighbours
from .trunk import PART_NODES, Keys, TrunkRun

if TYPE_CHECKING:
    from .network import CompiledMultiscale

SMALL = 4 * PART_NODES  # levels of fewer nodes are not worth a thread


class CompiledForesight:
    """See octree.slice_coder.Foresight. ahead: a thread works on the nodes after those being coded."""

    def __init__(self, net: CompiledMultiscale, ahead: bool) -> None:
        self._net, self._ahead = net, ahead
        self._coarser = (np.empty(0, np.int64), np.empty(0, np.int16))
        self._run: TrunkRun | None = None
        self._worker: _Worker | None = None

    def level(self, below: int, key: Keys, near: Neighbours) -> Guide:
        """See Foresight."""
        self.close()
        index = weight_set(below)
        run = TrunkRun(self._net.trunks[index], below, key, near, self._coarser)
        self._run = run
        if self._ahead and len(key) > SMALL:
            self._worker = _Worker(run)
        self._coarser = (key, run.features)
        return new_guide(self._net.heads[index], run.features)

    def wait(self, nodes: int) -> None:
        """See Foresight."""
        if self._worker:
            self._worker.wait(nodes)
        while self._run and self._run.done < nodes:
            self._run.advance()

    def close(self) -> None:
        """See Foresight."""
        if self._worker:
            self._worker.stop()
            self._worker = None


class _Worker:
    """A thread that takes a run to its end."""

    def __init__(self, run: TrunkRun) -> None:
        self._run, self._news = run, Condition()
        self._stopped = False
        self._fault: BaseException | None = None
        self._thread = Thread(target=self._work, name="octavox-trunk", daemon=True)
        self._thread.start()

    def _work(self) -> None:
        try:
            while not self._stopped and self._run.left:
                self._run.advance()
                with self._news:
                    self._news.notify_all()
        except BaseException as fault:
            self._fault = fault
            with self._news:
                self._news.notify_all()

    def wait(self, nodes: int) -> None:
        """Until the features of that many nodes are final."""
        with self._news:
            self._news.wait_for(lambda: self._fault is not None or self._run.done >= nodes)
        if self._fault is not None:
            raise self._fault

    def stop(self) -> None:
        """Ends the thread after the part that it is at."""
        self._stopped = True
        self._thread.join()
