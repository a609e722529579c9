"""Where a running job stands: stage, share done, time left, rate so far."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from octavox.codec import BlockTable, Progress

from . import text
from .display import CloudDisplay
from .words import tr

STAGES = {
    "read": "reading",
    "voxelize": "voxelizing",
    "prepare": "preparing the view",
    "compile": "compiling for this machine, once",
    "partition": "choosing blocks",
    "search": "searching for the best settings",
    "encode": "coding",
    "decode": "decoding",
    "write": "writing",
    "verify": "comparing",
    "compare": "measuring distances",
    "surprise": "computing probabilities",
    "surprises": "computing probabilities of all blocks",
    "curve": "coding with loss",
    "rates": "coding by codec and depth",
    "ask": "computing probabilities",
    "video": "drawing pictures",
}
FRAMES, PER_FRAME = "frames", 1000  # the stage of coding one frame after the other, and its steps in a frame


@dataclass(frozen=True)
class SampleRead(Progress):
    """A step of opening a large file that brings some of its points."""

    display: CloudDisplay | None = None


@dataclass(frozen=True)
class ResultFound(Progress):
    """A step of a job with several results that brings one of them."""

    result: object = None


@dataclass
class Update:
    """What arrived since the last look: the latest step, and every block, voxel and result in between."""

    stage: str = ""
    done: int = 0
    total: int = 0
    blocks: list[BlockTable] = field(default_factory=list)
    coords: list[npt.NDArray[np.int32]] = field(default_factory=list)
    preview: CloudDisplay | None = None
    results: list[Any] = field(default_factory=list)


class Mailbox:
    """Holds progress between the worker that writes and the timer that reads; arrays only, any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._update: Update | None = None

    def put(self, step: Progress) -> None:
        with self._lock:
            update = self._update = self._update or Update()
            update.stage, update.done, update.total = step.stage, step.done, step.total
            if step.blocks is not None and len(step.blocks):
                update.blocks.append(step.blocks)
            if step.coords is not None and len(step.coords):
                update.coords.append(step.coords)
            if isinstance(step, SampleRead):
                update.preview = step.display
            if isinstance(step, ResultFound):
                update.results.append(step.result)

    def take(self, most: int | None = None) -> Update | None:
        """What came since the last call, or None; voxels beyond the first `most` wait for the next one."""
        with self._lock:
            update, self._update = self._update, None
            if update is not None and most is not None:
                counts = np.cumsum([0, *(len(part) for part in update.coords)])
                now = int(np.searchsorted(counts, most))
                if now < len(update.coords):
                    later = Update(update.stage, update.done, update.total, coords=update.coords[now:])
                    self._update, update.coords = later, update.coords[:now]
            return update


class JobState:
    """Progress of one job in words. clock: seconds, for tests. background: whether it keeps a processor busy
    beside the window, which else makes it itself."""

    def __init__(
        self, title: str, clock: Callable[[], float] = time.monotonic, background: bool = True
    ) -> None:
        self.title = title
        self.background = background
        self.stage = ""
        self.fraction: float | None = None
        self.steps = (0, 0)  # done, and of how many
        self.bits = 0.0
        self.points = 0
        self.cancelling = False
        self._clock = clock
        self.started = clock()
        self._stage_started = self.started
        self._stage_from = 0.0

    def apply(self, update: Update) -> None:
        now = self._clock()
        fraction = update.done / update.total if update.total > 0 else None
        self.steps = (update.done, update.total)
        if update.stage != self.stage:
            self.stage, self._stage_started = update.stage, now
            self._stage_from = fraction or 0.0
        self.fraction = None if fraction is None else min(1.0, max(0.0, fraction))
        for blocks in update.blocks:
            self.bits += float(blocks.bits.sum() + blocks.flag_bits.sum())
            self.points += int(blocks.points.sum())

    @property
    def elapsed(self) -> float:
        return self._clock() - self.started

    @property
    def bpov(self) -> float | None:
        """Bits per occupied voxel of the blocks that are final."""
        return self.bits / self.points if self.points else None

    @property
    def remaining(self) -> float | None:
        """Seconds left in this stage at its mean pace, or None while too little is known."""
        if self.fraction is None:
            return None
        spent, share = self._clock() - self._stage_started, self.fraction - self._stage_from
        if spent < 0.5 or share < 0.01:
            return None
        return spent * (1.0 - self.fraction) / share

    def stage_text(self) -> str:
        if self.stage == FRAMES:
            done, count = (steps // PER_FRAME for steps in self.steps)
            return tr("{n} of {all} frames are coded", n=text.count(done), all=text.count(count))
        return tr(STAGES.get(self.stage, self.stage or "starting"))

    def remaining_text(self) -> str:
        if self.cancelling:
            return tr("cancelling")
        left = self.remaining
        if left is None:
            return tr("time left: not known yet")
        return tr("{time} left", time=text.duration(left))
