"""The slices of one job in threads of their own."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event, Lock
from typing import TypeVar

from ..errors import CancelledError
from ..order import CodeArray
from ..types import BlockTable, JobContext, Progress
from .axes import blocks_back, turned_back
from .levels import raster_to_coords
from .slice_coder import Report

T = TypeVar("T")


class Crew:
    """Runs the slices, several at a time, and joins their reports.

    axes: the order that they are coded in; reports tell of the cloud's own.
    """

    def __init__(
        self, stage: str, points: list[int], threads: int | None, job: JobContext, axes: int = 0
    ) -> None:
        self.axes = axes
        self.stage, self.points, self.job = stage, points, job
        given = threads or os.cpu_count() or 1
        self.threads = max(1, min(given, len(points)))
        self.idle = given >= 2 * self.threads  # a thread is left to help each slice
        self.done = [0.0] * len(points)
        self.total = sum(points)
        self.reported = 0
        self.failed = Event()
        self.lock = Lock()

    def run(self, work: Callable[[int, Report], tuple[T, BlockTable]]) -> list[tuple[T, BlockTable]]:
        """work(k, report) for every slice k; the first error stops the others."""

        def one(k: int) -> tuple[T, BlockTable]:
            try:
                result = work(k, lambda *news: self._report(k, *news))
                self._report(k, 1.0, None, None)
                return result
            except BaseException:
                self.failed.set()
                raise

        if self.threads == 1:
            return [one(k) for k in range(len(self.points))]
        with ThreadPoolExecutor(self.threads) as pool:
            futures = [pool.submit(one, k) for k in range(len(self.points))]
        return [f.result() for f in sorted(futures, key=_stopped)] and [f.result() for f in futures]

    def _report(self, k: int, fraction: float, keys: CodeArray | None, blocks: BlockTable | None) -> None:
        if self.failed.is_set():
            raise _StoppedError("another slice failed")
        self.job.check()
        show = keys is not None and len(keys) > 0 and self.stage == "decode" and self.job.progress is not None
        coords = turned_back(raster_to_coords(keys), self.axes) if show and keys is not None else None
        blocks = blocks_back(blocks, self.axes) if blocks is not None else None
        with self.lock:
            self.done[k] = max(self.done[k], fraction * self.points[k])
            self.reported = max(self.reported, int(sum(self.done)))
            self.job.report(Progress(self.stage, min(self.reported, self.total), self.total, blocks, coords))


class _StoppedError(CancelledError):
    """Ends a slice because another one failed; never leaves the codec."""


def _stopped(future: Future[T]) -> bool:
    """Sorts the futures that failed for a reason of their own first."""
    return isinstance(future.exception(), _StoppedError)
