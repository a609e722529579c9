"""Runs one job at a time in a worker thread and delivers its progress and its result to the GUI thread.

The worker touches neither widgets nor VTK. Its progress goes into a mailbox that a timer of the GUI thread
empties, so that a codec reporting a thousand times a second costs no more than one reporting thirty times.
"""

from __future__ import annotations

import traceback

from PySide6.QtCore import QObject, QThread, QTimer, Signal, Slot

from octavox.codec import CancelledError, CancelToken
from octavox.gui.document.job_state import JobState, Mailbox, Update

from .job import Failure, Job, Work
from .priority import NICENESS, step_back

TICK_MS = 125  # every change on screen has Qt put the whole window together again
TICK_VOXELS = 25_000  # decoded voxels that a tick shows, about: a third of its time
PATIENCE_MS = 250  # for a cancelled job to end; after that its result is dropped


class Worker(QObject):
    """Runs the work in its thread and emits one of its signals: itself, and the result or Failure."""

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


class JobRunner(QObject):
    """Runs one `Job` at a time. Its functions and these signals are called on the GUI thread."""

    started = Signal(object)  # JobState, before the job's `begin`
    updated = Signal()  # after the job's `update`
    ended = Signal()  # before the job's `show` or `rollback`
    failed = Signal(object, object)  # the Job and its Failure, after the job's `rollback`

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.state: JobState | None = None
        self._job: Job | None = None
        self._thread: QThread | None = None
        self._worker: Worker | None = None
        self._result: tuple[Worker | None, object] = (None, None)  # until the next turn of the event loop
        self._cancel = CancelToken()
        self._mailbox = Mailbox()
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self._tick)
        self._left: list[tuple[QThread, Worker]] = []  # that end, or were cancelled inside something long
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(PATIENCE_MS)
        self._patience.timeout.connect(self._leave)

    @property
    def busy(self) -> bool:
        return self._thread is not None

    @property
    def costly(self) -> bool:
        """Whether a job runs whose result the user waits for."""
        return self.busy and self._job is not None and self._job.costly

    def start(self, job: Job) -> None:
        """Begin a job. RuntimeError if another one runs.

        The thread gets NICENESS, or the job's own: 0 where the user waits and nothing is drawn meanwhile.
        """
        if self.busy:
            raise RuntimeError("a job is running")
        self._cancel, self._mailbox = CancelToken(), Mailbox()
        self._job, self.state = job, JobState(job.title)
        niceness = NICENESS if job.niceness is None else job.niceness
        thread, worker = QThread(), Worker(job.work, self._mailbox, self._cancel, niceness)
        worker.moveToThread(thread)
        thread.started.connect(worker.run)
        worker.succeeded.connect(self._succeeded)
        worker.failed.connect(self._failed)
        self._thread, self._worker = thread, worker
        self.started.emit(self.state)
        job.begin()
        priority = QThread.Priority.LowPriority if job.niceness is None else QThread.Priority.NormalPriority
        thread.start(priority)
        self._timer.start()

    def cancel(self) -> None:
        """Ask the job to stop; `failed` follows with a CancelledError once it has stopped."""
        if self.state is not None:
            self.state.cancelling = True
        self._cancel.cancel()
        if self.busy and not self._patience.isActive():
            self._patience.start()

    @Slot()
    def _leave(self) -> None:
        """The cancelled job does not react: its thread may end later. It shares nothing with later jobs."""
        thread, worker = self._thread, self._worker
        if thread is None or worker is None or not self._cancel.cancelled:
            return
        self._let_go(thread, worker)
        self._thread = None
        self._fail(Failure(CancelledError("cancelled"), ""))

    def shut(self) -> None:
        """Cancel the job and wait for the threads; neither `show` nor `rollback` is called."""
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
        if self.state is not None and self._job is not None:
            if update.stage:
                self.state.apply(update)
            self._job.update(update)
            self.updated.emit()

    @Slot(object, object)
    def _succeeded(self, worker: Worker, result: object) -> None:
        if worker is not self._worker:  # of a job that was left or shut down: this signal was still queued
            return
        update = self._mailbox.take() or Update()
        update.coords.clear()  # the result holds them all
        self._deliver(update)
        self._result = (worker, result)
        QTimer.singleShot(0, self, self._finish)  # the last progress is drawn before the result

    @Slot()
    def _finish(self) -> None:
        (worker, result), self._result = self._result, (None, None)
        job, state = self._job, self.state
        if worker is None or worker is not self._worker or job is None or state is None:  # ended in between
            return
        seconds = state.elapsed
        self._end()
        self.ended.emit()
        job.show(result, seconds)

    @Slot(object, object)
    def _failed(self, worker: Worker, failure: Failure) -> None:
        if worker is self._worker:
            self._fail(failure)

    def _fail(self, failure: Failure) -> None:
        job = self._job
        self._end()
        self.ended.emit()
        if job is not None:
            job.rollback(failure)
            self.failed.emit(job, failure)

    def _let_go(self, thread: QThread, worker: Worker) -> None:
        """The thread ends once its work does. Its priority is low: waiting for that would hold the window."""
        thread.quit()
        self._left = [left for left in self._left if left[0].isRunning()]
        self._left.append((thread, worker))

    def _end(self) -> None:
        self._timer.stop()
        self._patience.stop()
        (thread, worker), self._thread = (self._thread, self._worker), None
        if thread is not None and worker is not None:
            self._let_go(thread, worker)
        self._worker = None
        self._job = self.state = None
