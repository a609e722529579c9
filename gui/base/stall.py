"""Measures for how long the GUI thread could not handle events."""

from __future__ import annotations

import time
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer, Slot

TICK_MS = 10
SCHEDULER = Path("/proc/thread-self/schedstat")  # Linux: nanoseconds run, nanoseconds queued, slices


class StallMonitor(QObject):
    """A 10 ms timer that notes how late it is.

    gaps: milliseconds between ticks. work: milliseconds of processor time that this thread itself spent in
    each. queued: milliseconds that it was ready to run and other work had the processors (Linux alone; else
    0), so that gaps less queued are what a machine with nothing else to do would show.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self._tick)
        self._last = self._last_work = self._last_queued = 0.0
        self.gaps: list[float] = []
        self.work: list[float] = []
        self.queued: list[float] = []

    def start(self) -> None:
        self.gaps, self.work, self.queued = [], [], []
        self._last, self._last_work, self._last_queued = time.perf_counter(), time.thread_time(), _queued()
        self._timer.start()

    @property
    def held(self) -> list[float]:
        """The gaps without the waiting for a processor."""
        return [max(0.0, gap - wait) for gap, wait in zip(self.gaps, self.queued, strict=True)]

    def stop(self) -> None:
        self._timer.stop()

    @Slot()
    def _tick(self) -> None:
        now = time.perf_counter()
        self.gaps.append(1000 * (now - self._last))
        spent = time.thread_time()
        self.work.append(1000 * (spent - self._last_work))
        queued = _queued()
        self.queued.append(1000 * (queued - self._last_queued))
        self._last, self._last_work, self._last_queued = now, spent, queued


def _queued() -> float:
    """Seconds that this thread ever waited for a processor, as the scheduler counts them."""
    try:
        return int(SCHEDULER.read_text().split()[1]) / 1e9
    except (OSError, ValueError, IndexError):
        return 0.0
