"""Measures how long the GUI thread was ever kept from its events."""

from __future__ import annotations

import time

from PySide6.QtCore import QObject, Qt, QTimer, Slot

TICK_MS = 10


class StallMonitor(QObject):
    """A 10 ms timer that notes how late it is.

    gaps: milliseconds between ticks; work: milliseconds of processor time that this thread itself spent in
    each. On a machine with other work to do, the rest of a gap is waiting for a processor.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self._tick)
        self._last = self._last_work = 0.0
        self.gaps: list[float] = []
        self.work: list[float] = []

    def start(self) -> None:
        self.gaps, self.work = [], []
        self._last, self._last_work = time.perf_counter(), time.thread_time()
        self._timer.start()

    def stop(self) -> None:
        self._timer.stop()

    @staticmethod
    def worst(values: list[float], count: int = 4) -> list[float]:
        """The largest values, largest first."""
        return sorted(values, reverse=True)[:count]

    @Slot()
    def _tick(self) -> None:
        now = time.perf_counter()
        self.gaps.append(1000 * (now - self._last))
        spent = time.thread_time()
        self.work.append(1000 * (spent - self._last_work))
        self._last, self._last_work = now, spent
