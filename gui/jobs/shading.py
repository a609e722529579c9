"""Computes the shading of opened clouds once they are on the screen, in a thread beside the jobs."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, QTimer, Slot

from octavox.gui.document.events import CloudsChanged, Event, ShadingDone, TimelineChanged
from octavox.gui.document.items import CloudItem
from octavox.gui.document.session import Session

from . import work
from .job import Failure, Job
from .runner import JobRunner


class Shading(QObject):
    """Nothing waits for it; `ShadingDone` is published after each cloud."""

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._runner = JobRunner(self)
        self._soon = QTimer(self)  # after the cloud was drawn for the first time
        self._soon.setSingleShot(True)
        self._soon.setInterval(0)
        self._soon.timeout.connect(self._next)
        session.events.subscribe(self._clouds_changed, CloudsChanged, TimelineChanged)

    @property
    def busy(self) -> bool:
        """Whether a cloud that is open has no shading yet."""
        return self._runner.busy or bool(self._due())

    def _due(self) -> list[CloudItem]:
        timeline = self._session.timeline
        if timeline is not None and timeline.playing:  # the frame is gone soon
            return []
        return [item for item in self._session.items.clouds if not item.display.shaded.is_set()]

    def _clouds_changed(self, event: Event) -> None:
        if self._runner.busy and not self._due():  # its cloud was closed
            self._runner.cancel()
        self._soon.start()

    @Slot()
    def _next(self) -> None:
        due = self._due()
        if due and not self._runner.busy:
            work_ = partial(work.shade_cloud, due[0].display)
            self._runner.start(Job("Shading", "", work_, self._show, rollback=self._give_up))

    def _show(self, done: work.Shaded, seconds: float) -> None:
        if any(item.display.shaded is done.display.shaded for item in self._session.items.clouds):
            self._session.publish(ShadingDone())
        self._soon.start()

    def _give_up(self, failure: Failure) -> None:
        """Cancelled since its cloud was closed; or out of memory, and then the cloud stays flat."""
        if not failure.cancelled:
            for item in self._due():
                item.display.shaded.set()
        self._soon.start()

    def shut(self) -> None:
        self._soon.stop()
        self._runner.shut()
