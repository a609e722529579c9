"""Actions on the queue, and its work: the next file starts when nothing else runs."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtWidgets import QFileDialog, QWidget

from octavox.gui.base import file_filters
from octavox.gui.base.i18n import tr
from octavox.gui.document import text
from octavox.gui.document.queue import CANCELLED, DONE, FAILED, RUNNING, QueueEntry
from octavox.gui.jobs import work
from octavox.gui.jobs.runner import Failure

from .workbench import Workbench


class Queueing(QObject):
    def __init__(self, workbench: Workbench, window: QWidget) -> None:
        super().__init__(workbench)
        self._workbench, self._session, self._window = workbench, workbench.session, window
        workbench.results[work.FileCompressed] = self._done
        workbench.jobs.failed.connect(self._failed)
        self._soon = QTimer(self)  # after whatever ended the last job
        self._soon.setSingleShot(True)
        self._soon.setInterval(0)
        self._soon.timeout.connect(self._next)
        self._session.changed.connect(self._session_changed)

    def queue_files_dialog(self) -> None:
        paths, _ = QFileDialog.getOpenFileNames(
            self._window,
            tr("Compress files"),
            self._workbench.settings.folder,
            file_filters.clouds(),
        )
        self.queue_files(paths)

    def queue_files(self, paths: list[str]) -> None:
        """Enter files with the options as they stand."""
        for path in paths:
            self._session.queue.add(path, self._session.options)
        self._session.changed.emit("queue")

    def queue_open(self) -> None:
        """Enter the open cloud's file with the options as they stand."""
        if self._session.original is not None and self._session.original.path:
            self.queue_files([self._session.original.path])

    @Slot(object)
    def remove(self, entry: QueueEntry) -> None:
        """Take an entry out; a running one is cancelled."""
        if entry.state == RUNNING:
            self._workbench.cancel()
        elif self._session.queue.remove(entry):
            self._session.changed.emit("queue")

    def _session_changed(self, topic: str) -> None:
        if topic in ("queue", "job") and self._session.job is None:
            self._soon.start()

    @Slot()
    def _next(self) -> None:
        entry = self._session.queue.next
        if entry is None or self._workbench.busy:
            return
        entry.state = RUNNING
        name = Path(entry.path).name
        job = partial(work.compress_file, entry.path, entry.target, entry.options)
        self._workbench.start(tr("Queue: {name}", name=name), tr("Compressing {name}", name=name), job)
        self._session.changed.emit("queue")

    def _done(self, done: work.FileCompressed, elapsed: float) -> None:
        size = text.size(done.bytes)
        self._settle(DONE, f"{size}, {text.rate(done.bpov)}, {text.duration(elapsed)}")
        self._workbench.said.emit(tr("Saved {path} ({size})", path=done.target, size=size))

    @Slot(object)
    def _failed(self, failure: Failure) -> None:
        self._settle(
            CANCELLED if failure.cancelled else FAILED, "" if failure.cancelled else str(failure.error)
        )

    def _settle(self, state: str, words: str) -> None:
        entry = self._session.queue.running
        if entry is not None:
            entry.state, entry.words = state, words
            self._session.changed.emit("queue")

    def shut(self) -> None:
        self._soon.stop()
