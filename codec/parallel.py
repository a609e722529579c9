"""Parts of one job in parallel threads, with one progress and one cancellation for all of them."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Lock
from typing import TypeVar

from .arrays import IntArray
from .blocks import BlockTable
from .errors import CancelledError
from .job import JobContext, Progress

T = TypeVar("T")


class _StoppedError(CancelledError):
    """Ends a part because another one failed; never leaves the job."""


class SharedJob:
    """Adds up what the parts of a job have done. Safe to call from several threads."""

    def __init__(self, job: JobContext, stage: str, total: int) -> None:
        self._job, self._stage, self._total = job, stage, total
        self._lock, self._done = Lock(), 0
        self._stopped = Event()

    def advance(self, points: int, blocks: BlockTable | None = None, coords: IntArray | None = None) -> None:
        """Reports `points` more voxels as done. Raises CancelledError."""
        self.check()
        with self._lock:
            self._done += points
            self._job.report(Progress(self._stage, self._done, self._total, blocks, coords))

    def check(self) -> None:
        """Raises CancelledError if the job was cancelled, or if another part of it failed."""
        if self._stopped.is_set():
            raise _StoppedError("another part failed")
        self._job.check()

    def stop(self) -> None:
        self._stopped.set()


def thread_count(threads: int | None) -> int:
    """Threads of a job: `threads`, or one for each core that this process may use."""
    if threads is not None:
        return threads
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def map_parallel(shared: SharedJob, count: int, threads: int | None, work: Callable[[int], T]) -> list[T]:
    """[work(0), ..., work(count - 1)], in `threads` threads in all (None: one for each core).

    The first failure, in their order, is raised, and ends the others.
    """
    workers = max(1, min(thread_count(threads), count))

    def guarded(index: int) -> T:
        shared.check()  # before a part takes memory, which its exception would keep
        try:
            return work(index)
        except BaseException:
            shared.stop()
            raise

    if workers == 1:
        return [guarded(k) for k in range(count)]
    with ThreadPoolExecutor(workers, "octavox-part") as pool:
        futures = [pool.submit(guarded, k) for k in range(count)]
    faults = (f.exception() for f in futures)
    for fault in sorted((e for e in faults if e is not None), key=lambda e: isinstance(e, _StoppedError)):
        raise fault
    return [f.result() for f in futures]
