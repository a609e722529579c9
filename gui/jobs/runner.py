"""Runs one job at a time in a worker thread and hands its news to the GUI thread.

The worker touches neither widgets nor VTK. Its progress goes into a mailbox that a timer of the GUI thread
empties, so that a codec reporting a thousand times a second costs no more than one reporting thirty times.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, QThread, QTimer, Signal, Slot

from octavox.codec import CancelledError, CancelToken
from octavox.gui.document.job_state import JobState, Mailbox, Update

TICK_MS = 125  # every change on screen has Qt put the whole window together again
TICK_VOXELS = 25_000  # decoded voxels that a tick shows, about: a third of its time
PATIENCE_MS = 250  # for a cancelled job; then it may end in its own time, and its result is dropped
NICENESS = 15  # of the worker and the threads that it starts, so that the window gets a processor first

Work = Callable[[Callable[[Any], None], CancelToken], Any]


@dataclass(frozen=True)
class Failure:
    """An exception of a job and its traceback as text."""

    error: BaseException
    details: str

    @property
    def cancelled(self) -> bool:
        return isinstance(self.error, CancelledError)


class Worker(QObject):
    """Lives in the worker thread; runs the work and emits exactly one of its signals, itself with it."""

    succeeded = Signal(object, object)
    failed = Signal(object, object)

    def __init__(self, work: Work, mailbox: Mailbox, cancel: CancelToken, niceness: int) -> None:
        super().__init__()
        self._work, self._mailbox, self._cancel, self._niceness = work, mailbox, cancel, niceness

    @Slot()
    def run(self) -> None:
        step_back(self._niceness)
        try:
            result = self._work(self._mailbox.put, self._cancel)
            self._cancel.raise_if_cancelled()
        except Exception as error:  # whatever it is, the window shows it instead of dying
            self.failed.emit(self, Failure(error, traceback.format_exc()))
        else:
            self.succeeded.emit(self, result)


def step_back(niceness: int) -> None:
    """Lower this thread's priority where threads have one of their own that QThread cannot set (Linux)."""
    if sys.platform == "linux":
        thread = threading.get_native_id()
        with contextlib.suppress(OSError):
            now = os.getpriority(os.PRIO_PROCESS, thread)
            os.setpriority(os.PRIO_PROCESS, thread, min(19, now + niceness))


class JobRunner(QObject):
    """One job at a time. `finished` gets the result, `failed` a Failure; both come on the GUI thread."""

    started = Signal(object)  # JobState
    updated = Signal(object)  # Update
    finished = Signal(object)
    failed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.state: JobState | None = None
        self._thread: QThread | None = None
        self._worker: Worker | None = None
        self._result: tuple[Worker | None, object] = (None, None)  # until the next turn of the event loop
        self._cancel = CancelToken()
        self._mailbox = Mailbox()
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self._tick)
        self._left: list[tuple[QThread, Worker]] = []  # cancelled, and still inside something long
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(PATIENCE_MS)
        self._patience.timeout.connect(self._leave)

    @property
    def busy(self) -> bool:
        return self._thread is not None

    def start(self, title: str, work: Work, niceness: int | None = None) -> None:
        """Begin; RuntimeError if a job runs already. niceness: NICENESS by default, 0 for what the user waits
        for with nothing to draw meanwhile."""
        if self.busy:
            raise RuntimeError("a job is running")
        self._cancel, self._mailbox = CancelToken(), Mailbox()
        self.state = JobState(title)
        thread, worker = (
            QThread(),
            Worker(work, self._mailbox, self._cancel, NICENESS if niceness is None else niceness),
        )
        worker.moveToThread(thread)
        thread.started.connect(worker.run)
        worker.succeeded.connect(self._succeeded)
        worker.failed.connect(self._failed)
        self._thread, self._worker = thread, worker
        thread.start(QThread.Priority.LowPriority if niceness is None else QThread.Priority.NormalPriority)
        self._timer.start()
        self.started.emit(self.state)

    def cancel(self) -> None:
        """Ask the job to stop; `failed` follows with a CancelledError when it has."""
        if self.state is not None:
            self.state.cancelling = True
        self._cancel.cancel()
        if self.busy and not self._patience.isActive():
            self._patience.start()

    @Slot()
    def _leave(self) -> None:
        """The cancelled job does not look up: let it end alone. It shares nothing with later ones."""
        thread, worker = self._thread, self._worker
        if thread is None or worker is None or not self._cancel.cancelled:
            return
        thread.quit()
        self._left = [left for left in self._left if left[0].isRunning()]
        self._left.append((thread, worker))
        self._thread = None
        self._end()
        self.failed.emit(Failure(CancelledError("cancelled"), ""))

    def shut(self) -> None:
        """Cancel, wait for the threads and drop what they had to say."""
        self._timer.stop()
        if self._worker is not None:
            self._cancel.cancel()
            self._end()
        for thread, _ in self._left:
            thread.wait()
        self._left.clear()

    @Slot()
    def _tick(self) -> None:
        self._deliver(self._mailbox.take(TICK_VOXELS) or Update())

    def _deliver(self, update: Update) -> None:
        if self.state is not None:
            if update.stage:
                self.state.apply(update)
            self.updated.emit(update)

    @Slot(object, object)
    def _succeeded(self, worker: Worker, result: object) -> None:
        if worker is not self._worker:  # left, or shut: what it says was under way
            return
        update = self._mailbox.take() or Update()
        update.coords.clear()  # the result holds them all
        self._deliver(update)
        self._result = (worker, result)
        QTimer.singleShot(0, self, self._finish)  # the last news are drawn before the result is

    @Slot()
    def _finish(self) -> None:
        (worker, result), self._result = self._result, (None, None)
        if worker is None or worker is not self._worker:  # ended in between
            return
        self._end()
        self.finished.emit(result)

    @Slot(object, object)
    def _failed(self, worker: Worker, failure: Failure) -> None:
        if worker is not self._worker:
            return
        self._end()
        self.failed.emit(failure)

    def _end(self) -> None:
        self._timer.stop()
        self._patience.stop()
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.quit()
            thread.wait()
            thread.deleteLater()
        self._worker = None
        self.state = None
