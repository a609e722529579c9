"""Commands about the results of batches (docs/batch.md)."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtWidgets import QFileDialog

from octavox.codec import BatchRow, CancelToken, read_batch
from octavox.gui.base.action_spec import ActionSpec, not_busy
from octavox.gui.base.i18n import several, tr
from octavox.gui.document import text
from octavox.gui.document.batch_results import batch_results
from octavox.gui.jobs.job import Job, Report
from octavox.gui.widgets.result_window import ResultWindow

from .command_set import CommandSet
from .results import export, show_results
from .workbench import Workbench


def _read(path: str, report: Report, cancel: CancelToken) -> tuple[BatchRow, ...]:
    return read_batch(path)


class BatchCommands(CommandSet):
    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self.shown: ResultWindow | None = None  # opened last

    def open_dialog(self) -> None:
        title, kind = tr("Open results of a batch"), tr("Results of a batch")
        suffixes = "*.sqlite *.csv *.parquet"
        folder = self._bench.settings.folder
        path, _ = QFileDialog.getOpenFileName(
            self._bench.window.widget, title, folder, f"{kind} ({suffixes})"
        )
        if path:
            self.open(path)

    def open(self, path: str) -> bool:
        """Show the table of a batch in a window of its own. Whether reading it has begun."""
        return self._bench.start(
            Job(
                title="Results of a batch",
                doing=tr("Reading {name}", name=Path(path).name),
                work=partial(_read, path),
                show=partial(self._show, path),
            )
        )

    def _show(self, path: str, rows: tuple[BatchRow, ...], seconds: float) -> None:
        self.shown = show_results(self._bench, partial(batch_results, path), rows)
        count = several(len(rows), "{n} row", "{n} rows", n=text.count(len(rows)))
        self._bench.said.emit(tr("Read {rows} of {name}", rows=count, name=Path(path).name))

    def export(self, window: ResultWindow, kind: str, path: str | None = None) -> bool:
        """See `results.export`."""
        return export(self._bench, window, kind, path)

    @classmethod
    def actions(cls) -> list[ActionSpec]:
        return [
            ActionSpec(
                "batch_results",
                "Results of a batch…",
                "Analyse",
                cls.open_dialog,
                "Open the table of octavox batch: sort it, plot rate, time and distortion, export both",
                enabled=not_busy,
                separator=True,
                order=40,
            )
        ]
