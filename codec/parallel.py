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

S = TypeVar("S")
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


def both(threads: int, first: Callable[[], S], second: Callable[[], T]) -> tuple[S, T]:
    """What two functions return; a thread of its own runs the second where there are two or more."""
    if threads < 2:
        return first(), second()
    with ThreadPoolExecutor(1, "octavox-second") as pool:
        other = pool.submit(second)
        return first(), other.result()


def map_parallel(shared: SharedJob, count: int, threads: int | None, work: Callable[[int], T]) -> list[T]:
    """[work(0), ..., work(count - 1)], in `threads` threads in all (None: one for each core).

    The first failure ends the others and is raised; of several at the same time, that of the lowest number.
    Of the others nothing is kept: an exception holds the memory of the part that it ended.
    """
    workers = max(1, min(thread_count(threads), count))
    found: dict[int, T] = {}
    lock, numbers = Lock(), iter(range(count))
    fault: tuple[bool, int, BaseException] | None = None  # whether another part was the cause, the number

    def run() -> None:
        nonlocal fault
        while True:
            with lock:
                number = next(numbers, None)
            if number is None:
                return
            try:
                shared.check()
                found[number] = work(number)
            except BaseException as error:
                shared.stop()
                one = isinstance(error, _StoppedError), number, error
                with lock:
                    fault = one if fault is None or one[:2] < fault[:2] else fault
                return

    if workers == 1:
        run()
    else:
        with ThreadPoolExecutor(workers, "octavox-part") as pool:
            for _ in range(workers):
                pool.submit(run)
    if fault is not None:
        raise fault[2]
    return [found[k] for k in range(count)]
