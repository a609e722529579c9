"""Rate and distortion: the choice of levels, and the curve of the open cloud."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Slot

from octavox.gui.base.action_spec import ActionSpec, can_compress
from octavox.gui.base.i18n import several, tr
from octavox.gui.document import text
from octavox.gui.document.events import QualityChanged
from octavox.gui.document.items import CloudItem
from octavox.gui.document.job_state import Update
from octavox.gui.document.quality import RatePoint
from octavox.gui.jobs import quality
from octavox.gui.jobs.job import Job

from .command_set import CommandSet


class QualityCommands(CommandSet):
    @Slot(bool)
    def want_samples(self, wanted: bool) -> None:
        """Whether expectations are looked at, so that a sample of the cloud is coded."""
        self._bench.sampling.want(wanted)

    def compute_curve(self) -> None:
        """Code the open cloud with several numbers of levels left out."""
        original, options = self._session.original, self._session.options
        if original is None:
            return
        cloud = original.display.cloud
        self._bench.start(
            Job(
                title="Rate and distortion",
                doing=tr("Computing the curve of {name}", name=original.label),
                work=partial(quality.compute_curve, cloud, options, quality.CURVE),
                show=partial(self._show, original),
                update=partial(self._update, original),
                keeps=True,
            )
        )

    def _update(self, original: CloudItem, update: Update) -> None:
        self._add(original, update.results)

    def _add(self, original: CloudItem, points: list[RatePoint]) -> None:
        found = self._session.quality.of(original.codable)
        for point in points:
            found.add(point)
        if points:
            self._session.publish(QualityChanged())

    def _show(self, original: CloudItem, points: list[RatePoint], seconds: float) -> None:
        self._add(original, points)
        n, time = len(points), text.duration(seconds)
        self._bench.said.emit(
            several(n, "Computed {n} point in {time}", "Computed {n} points in {time}", n=n, time=time)
        )

    @classmethod
    def actions(cls) -> list[ActionSpec]:
        return [
            ActionSpec(
                "rd_curve",
                "Compute the curve",
                "Analyse",
                cls.compute_curve,
                "Code the voxels with 1/2 to 3 levels left out, and plot rate and distortion of each",
                "Ctrl+R",
                can_compress,
                short="Curve",
            )
        ]
