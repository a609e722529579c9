"""A running job: progress, cancellation, and the context that carries both to the codecs."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from .arrays import IntArray
from .blocks import BlockTable
from .errors import CancelledError

PART = 1 << 16  # rows that work on a whole cloud takes at a time: they fit the cache, and a cancel is heard


@dataclass(frozen=True)
class Progress:
    """One step of a running job, sent from the worker thread.

    stage: "read", "partition", "search", "encode", "decode", "write". done and total count voxels, sites or
    tries, so that done / total grows evenly with time. blocks: rows that became final with this step, or
    None.
    coords: (n, 3) int32 voxels decoded with this step, or None.
    """

    stage: str
    done: int
    total: int
    blocks: BlockTable | None = None
    coords: IntArray | None = None


ProgressCallback = Callable[[Progress], None]


class CancelToken:
    """Set from any thread; the job notices at its next step and raises CancelledError."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def cancel(self) -> None:
        self._event.set()

    @property
    def cancelled(self) -> bool:
        return self._event.is_set()

    def raise_if_cancelled(self) -> None:
        if self._event.is_set():
            raise CancelledError("cancelled")


@dataclass
class JobContext:
    """Progress and cancellation of one job, handed down to the codecs."""

    progress: ProgressCallback | None = None
    cancel: CancelToken | None = None

    def report(self, step: Progress) -> None:
        self.check()
        if self.progress is not None:
            self.progress(step)

    def check(self) -> None:
        if self.cancel is not None:
            self.cancel.raise_if_cancelled()

    def parts(self, rows: int, step: int = PART) -> Iterator[slice]:
        """Slices that cut arrays of so many rows into parts; looks at the cancel token before each."""
        for first in range(0, rows, step):
            self.check()
            yield slice(first, min(rows, first + step))
