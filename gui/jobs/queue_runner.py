"""Works through the queue of files: the next one starts when no other job runs."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Slot

from octavox.gui.base.i18n import told, tr
from octavox.gui.document import text
from octavox.gui.document.events import Event, JobChanged, QueueChanged
from octavox.gui.document.queue import CANCELLED, DONE, FAILED, RUNNING, QueueEntry
from octavox.gui.document.reading import missing
from octavox.gui.document.session import Session

from . import work
from .job import Failure, Job


class QueueRunner(QObject):
    """Makes a job of each waiting entry of `session.queue`.

    start: runs a job, or returns False while another one runs. say: takes one line for the user.
    """

    def __init__(
        self, session: Session, start: Callable[[Job], bool], say: Callable[[str], None], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._session, self._start, self._say = session, start, say
        self._soon = QTimer(self)  # after all that follows the end of the last job
        self._soon.setSingleShot(True)
        self._soon.setInterval(0)
        self._soon.timeout.connect(self._next)
        session.events.subscribe(self._look, QueueChanged, JobChanged)

    def _look(self, event: Event) -> None:
        if self._session.job is None:
            self._soon.start()

    @Slot()
    def _next(self) -> None:
        entry = self._session.queue.next
        if entry is not None and self._session.job is None:
            self._start(self._job(entry))

    def _job(self, entry: QueueEntry) -> Job:
        name = Path(entry.path).name

        def begin() -> None:
            self._mark(entry, RUNNING)

        def show(done: work.FileCompressed, seconds: float) -> None:
            size = text.size(done.bytes)
            words = f"{size}, {text.rate(done.bpov)}, {text.duration(seconds)}"
            self._mark(entry, DONE, "; ".join(filter(None, (words, done.lost))))
            self._say(tr("Saved {path} ({size})", path=done.target, size=size))

        def rollback(failure: Failure) -> None:
            if failure.cancelled:
                self._mark(entry, CANCELLED)
            elif missing(failure.error, entry.read):
                self._mark(entry, FAILED, told("open it first: the window then asks which points it holds"))
                self._say(f"{name}: {entry.words}")
            else:
                self._mark(entry, FAILED, str(failure.error))

        return Job(
            title=told("Queue: {name}", name=name),
            doing=tr("Compressing {name}", name=name),
            work=partial(work.compress_file, entry.path, entry.target, entry.read, entry.options, entry.kept),
            show=show,
            begin=begin,
            rollback=rollback,
            asks=lambda failure: bool(missing(failure.error, entry.read)),
            costly=True,
        )

    def _mark(self, entry: QueueEntry, state: str, words: str = "") -> None:
        entry.state, entry.words = state, words
        self._session.publish(QueueChanged())

    def shut(self) -> None:
        self._soon.stop()
