"""Gives opened clouds their shading once they are on the screen, in a thread of its own."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, QTimer, Slot

from octavox.gui.document.session import CloudEntry, Session
from octavox.gui.jobs import work
from octavox.gui.jobs.runner import Failure, JobRunner


class Shader(QObject):
    """Works beside the jobs: nothing waits for it, and its end is the session's topic "shaded"."""

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._runner = JobRunner(self)
        self._runner.finished.connect(self._finished)
        self._runner.failed.connect(self._failed)
        self._soon = QTimer(self)  # after the cloud was drawn for the first time
        self._soon.setSingleShot(True)
        self._soon.setInterval(0)
        self._soon.timeout.connect(self._next)
        session.changed.connect(self._session_changed)

    @property
    def busy(self) -> bool:
        """Whether a cloud that is open has not got its shading yet."""
        return self._runner.busy or bool(self._due())

    def _due(self) -> list[CloudEntry]:
        entries = (self._session.original, self._session.decoded)
        return [entry for entry in entries if entry is not None and not entry.display.shaded.is_set()]

    def _session_changed(self, topic: str) -> None:
        if topic in ("original", "decoded"):
            if self._runner.busy and not self._due():  # its cloud was closed
                self._runner.cancel()
            self._soon.start()

    @Slot()
    def _next(self) -> None:
        due = self._due()
        if due and not self._runner.busy:
            self._runner.start("Shading", partial(work.shade_cloud, due[0].display))

    @Slot(object)
    def _finished(self, done: work.Shaded) -> None:
        entries = (self._session.original, self._session.decoded)
        if any(entry is not None and entry.display.shaded is done.display.shaded for entry in entries):
            self._session.changed.emit("shaded")
        self._soon.start()

    @Slot(object)
    def _failed(self, failure: Failure) -> None:
        """Cancelled since its cloud was closed; or out of memory, and then the cloud stays flat."""
        if not failure.cancelled:
            for entry in self._due():
                entry.display.shaded.set()
        self._soon.start()

    def shut(self) -> None:
        self._soon.stop()
        self._runner.shut()
