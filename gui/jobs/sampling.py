"""Codes a sample of the open cloud, for what compressing it lets expect, in a thread beside the jobs."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, QTimer, Slot

from octavox.gui.document.events import (
    CloudsChanged,
    Event,
    JobChanged,
    OptionsChanged,
    QualityChanged,
    ShadingDone,
)
from octavox.gui.document.quality import Samples
from octavox.gui.document.session import Session

from .job import Failure, Job
from .quality import code_sample
from .runner import JobRunner


class Sampling(QObject):
    """Nothing waits for it; `QualityChanged` is published after each sample. It rests while a job runs."""

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._runner = JobRunner(self)
        self._wanted = False
        self._refused: tuple[object, str] = (None, "")  # a cloud, and a codec that cannot code it
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(0)
        self._soon.timeout.connect(self._next)
        session.events.subscribe(self._changed, CloudsChanged, OptionsChanged, JobChanged, ShadingDone)

    @property
    def busy(self) -> bool:
        """Whether a sample that is wanted is not coded yet."""
        return self._runner.busy or self._due

    @property
    def _due(self) -> bool:
        session = self._session
        original, name = session.original, session.options.codec
        if not self._wanted or original is None or session.job is not None:
            return False
        if not original.display.shaded.is_set() or not len(original.display) or original.on_disk is not None:
            return False
        known = session.quality.of(original.codable)
        return name not in known.samples and self._refused != (original.codable, name)

    def want(self, wanted: bool) -> None:
        """Whether someone looks at what to expect."""
        self._wanted = wanted
        self._soon.start()

    def _changed(self, event: Event) -> None:
        if self._runner.busy and self._session.job is not None:
            self._runner.cancel()
        self._soon.start()

    @Slot()
    def _next(self) -> None:
        original, options = self._session.original, self._session.options
        if not self._due or self._runner.busy or original is None:
            return
        show = partial(self._show, original.codable, options.codec)
        give_up = partial(self._give_up, original.codable, options.codec)
        work = partial(code_sample, original.display.cloud, options)
        self._runner.start(Job("Sample", "", work, show, rollback=give_up))

    def _show(self, cloud: object, codec: str, found: Samples, seconds: float) -> None:
        original = self._session.original
        if original is not None and original.codable is cloud:
            self._session.quality.of(cloud).samples[codec] = found
            self._session.publish(QualityChanged())
        self._soon.start()

    def _give_up(self, cloud: object, codec: str, failure: Failure) -> None:
        """Cancelled for a job, and then it begins anew; or the codec cannot code this cloud."""
        if not failure.cancelled:
            self._refused = (cloud, codec)
        self._soon.start()

    def shut(self) -> None:
        self._soon.stop()
        self._runner.shut()
