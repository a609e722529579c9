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

from codec import CancelledError, CancelToken

from .model.jobstate import JobState, Mailbox, Update

TICK_MS = 125  # every change on screen has Qt put the whole window together again
TICK_VOXELS = 25_000  # decoded voxels that a tick shows, about: a third of its time
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
    """Lives in the worker thread; runs the work and emits exactly one of its signals."""

    succeeded = Signal(object)
    failed = Signal(object)

    def __init__(self, work: Work, mailbox: Mailbox, cancel: CancelToken) -> None:
        super().__init__()
        self._work, self._mailbox, self._cancel = work, mailbox, cancel

    @Slot()
    def run(self) -> None:
        step_back()
        try:
            result = self._work(self._mailbox.put, self._cancel)
            self._cancel.raise_if_cancelled()
        except Exception as error:  # whatever it is, the window shows it instead of dying
            self.failed.emit(Failure(error, traceback.format_exc()))
        else:
            self.succeeded.emit(result)


def step_back() -> None:
    """Lower this thread's priority where threads have one of their own that QThread cannot set (Linux)."""
    if sys.platform == "linux":
        thread = threading.get_native_id()
        with contextlib.suppress(OSError):
            now = os.getpriority(os.PRIO_PROCESS, thread)
            os.setpriority(os.PRIO_PROCESS, thread, min(19, now + NICENESS))


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
        self._result: object = None
        self._cancel = CancelToken()
        self._mailbox = Mailbox()
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self._tick)

    @property
    def busy(self) -> bool:
        return self._thread is not None

    def start(self, title: str, work: Work) -> None:
        """Begin; RuntimeError if a job runs already."""
        if self.busy:
            raise RuntimeError("a job is running")
        self._cancel, self._mailbox = CancelToken(), Mailbox()
        self.state = JobState(title)
        thread, worker = QThread(), Worker(work, self._mailbox, self._cancel)
        worker.moveToThread(thread)
        thread.started.connect(worker.run)
        worker.succeeded.connect(self._succeeded)
        worker.failed.connect(self._failed)
        self._thread, self._worker = thread, worker
        thread.start(QThread.Priority.LowPriority)
        self._timer.start()
        self.started.emit(self.state)

    def cancel(self) -> None:
        """Ask the job to stop; `failed` follows with a CancelledError when it has."""
        if self.state is not None:
            self.state.cancelling = True
        self._cancel.cancel()

    def shut(self) -> None:
        """Cancel, wait for the thread and drop what it had to say."""
        self._timer.stop()
        if self._thread is None or self._worker is None:
            return
        self._cancel.cancel()
        self._worker.succeeded.disconnect(self._succeeded)
        self._worker.failed.disconnect(self._failed)
        self._end()

    @Slot()
    def _tick(self) -> None:
        self._deliver(self._mailbox.take(TICK_VOXELS) or Update())

    def _deliver(self, update: Update) -> None:
        if self.state is not None:
            if update.stage:
                self.state.apply(update)
            self.updated.emit(update)

    @Slot(object)
    def _succeeded(self, result: object) -> None:
        update = self._mailbox.take() or Update()
        update.coords.clear()  # the result holds them all
        self._deliver(update)
        self._result = result
        QTimer.singleShot(0, self, self._finish)  # the last news are drawn before the result is

    @Slot()
    def _finish(self) -> None:
        if self._thread is None:  # shut in between
            return
        result, self._result = self._result, None
        self._end()
        self.finished.emit(result)

    @Slot(object)
    def _failed(self, failure: Failure) -> None:
        self._end()
        self.failed.emit(failure)

    def _end(self) -> None:
        self._timer.stop()
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.quit()
            thread.wait()
            thread.deleteLater()
        self._worker = None
        self.state = None
