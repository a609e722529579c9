"""Commands about the results of batches (docs/batch.md)."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtWidgets import QFileDialog

from octavox.codec import BatchRow, CancelToken, read_batch, write_atomically
from octavox.gui.base.action_spec import ActionSpec, not_busy
from octavox.gui.base.i18n import several, tr
from octavox.gui.document import text
from octavox.gui.document.advice import explain
from octavox.gui.document.batch_results import table_csv
from octavox.gui.jobs.job import Job, Report
from octavox.gui.widgets.batch_window import BatchWindow
from octavox.gui.widgets.result_plot import plot_file
from octavox.gui.widgets.save_dialog import ask_where

from .command_set import CommandSet
from .workbench import Workbench

PICTURES = (".svg", ".pdf", ".png")


def _read(path: str, report: Report, cancel: CancelToken) -> tuple[BatchRow, ...]:
    return read_batch(path)


class BatchCommands(CommandSet):
    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self.shown: BatchWindow | None = None  # opened last

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
        window = BatchWindow(self._bench.window.widget, path, rows)
        window.exports.connect(partial(self.export, window))
        window.show()
        self.shown = window
        count = several(len(rows), "{n} row", "{n} rows", n=text.count(len(rows)))
        self._bench.said.emit(tr("Read {rows} of {name}", rows=count, name=Path(path).name))

    def export(self, window: BatchWindow, kind: str, path: str | None = None) -> bool:
        """Save the table as it is sorted, or the plot that is shown. Whether it was saved."""
        suffixes = (".csv",) if kind == "table" else PICTURES
        what = tr("Table of the results") if kind == "table" else tr("Plot")
        if path is None:
            own = Path(window.path)
            suggestion = str(own.with_name(f"{own.stem}-{kind}{suffixes[0]}"))
            path = ask_where(window, tr("Save {kind}", kind=what), suggestion, what, suffixes)
        if path is None:
            return False
        try:
            if kind == "table":
                data = table_csv(window.columns, window.table.array.rows).encode("utf-8")
            else:
                data = plot_file(window.plot.plot, Path(path).suffix.lower(), Path(window.path).name)
            write_atomically(path, data)
        except Exception as error:
            self._bench.fail(explain(error, tr("Saving {name}", name=Path(path).name), writing=True))
            return False
        self._bench.said.emit(tr("Saved {path} ({size})", path=path, size=text.size(len(data))))
        return True

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
