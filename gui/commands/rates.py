"""Rates of the open cloud under several codecs and depths, each shown as soon as it is there."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import shiboken6
from PySide6.QtWidgets import QDialog

from octavox.gui.base.action_spec import ActionSpec, can_compress
from octavox.gui.base.i18n import several, tr
from octavox.gui.document import text
from octavox.gui.document.items import CloudItem
from octavox.gui.document.job_state import Update
from octavox.gui.document.rates import Rate, depths_of, expected_seconds, rate_results
from octavox.gui.jobs import rates
from octavox.gui.jobs.job import Job
from octavox.gui.widgets.rates_choice import RatesChoice
from octavox.gui.widgets.result_window import ResultWindow

from .command_set import CommandSet
from .results import export, show_results
from .workbench import Workbench


class RateCommands(CommandSet):
    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self.shown: ResultWindow | None = None  # opened last

    def ask(self) -> None:
        """Ask for codecs and depths, then compute."""
        session = self._session
        if session.original is None:
            return
        display, codecs = session.original.display, self._bench.known_codecs
        depths = depths_of(display)
        seconds = {
            (name, depth): expected_seconds(display, session.options, name, depth, session.rates)
            for name in codecs
            for depth in depths
        }
        dialog = RatesChoice(self._bench.window.widget, seconds, codecs, depths)
        if dialog.exec() == QDialog.DialogCode.Accepted:
            self.compute(dialog.chosen)

    def compute(self, choices: Sequence[tuple[str, int]]) -> bool:
        """Code the voxels of view A for each codec and depth. Whether it has begun."""
        original, options = self._session.original, self._session.options
        if original is None:
            return False
        points = len(original.source.positions) if original.source is not None else len(original.display)
        return self._bench.start(
            Job(
                title="Rates",
                doing=tr("Computing rates of {name}", name=original.label),
                work=partial(rates.compute_rates, original.display, points, choices, options),
                show=self._show,
                begin=partial(self._begin, original),
                update=self._update,
                keeps=True,
                costly=True,
            )
        )

    def _begin(self, original: CloudItem) -> None:
        name = original.label
        path = Path(original.path or name)
        make = partial(rate_results, name, str(path.with_name(f"{path.stem}-rates")))
        self.shown = show_results(self._bench, make)

    def _update(self, update: Update) -> None:
        found = [result for result in update.results if isinstance(result, Rate)]
        if found and self.shown is not None and shiboken6.isValid(self.shown):  # else the user closed it
            self.shown.add(found)

    def export(self, kind: str, path: str | None = None) -> bool:
        """See `results.export`."""
        return self.shown is not None and export(self._bench, self.shown, kind, path)

    def _show(self, found: list[Rate], seconds: float) -> None:
        n, time = len(found), text.duration(seconds)
        self._bench.said.emit(
            several(n, "Computed {n} rate in {time}", "Computed {n} rates in {time}", n=n, time=time)
        )

    @classmethod
    def actions(cls) -> list[ActionSpec]:
        return [
            ActionSpec(
                "rates",
                "Rates by codec and depth…",
                "Analyse",
                cls.ask,
                "Compress this cloud with several codecs at several depths, and plot rate, depth and time",
                "Ctrl+Shift+R",
                can_compress,
                short="Rates…",
            )
        ]
