"""Windows with results of codings, and what is saved of them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from octavox.codec import write_atomically
from octavox.gui.base.i18n import tr
from octavox.gui.document.results import table_csv
from octavox.gui.widgets.result_plot import plot_file
from octavox.gui.widgets.result_window import Make, ResultWindow
from octavox.gui.widgets.save_dialog import ask_where

from .saving import fail_saving, say_saved
from .workbench import Workbench

PICTURES = (".svg", ".pdf", ".png")


def show_results(bench: Workbench, make: Make, rows: Sequence[Any] = ()) -> ResultWindow:
    """Open a window of its own for results, which `make` makes of rows."""
    window = ResultWindow(bench.window.widget, make, rows)
    window.exports.connect(partial(export, bench, window))
    window.show()
    return window


def export(bench: Workbench, window: ResultWindow, kind: str, path: str | None = None) -> bool:
    """Save the table as it is sorted, or the plot that is shown. Whether it was saved."""
    suffixes = (".csv",) if kind == "table" else PICTURES
    what = tr("Table of the results") if kind == "table" else tr("Plot")
    results = window.results
    if path is None:
        own = Path(results.path)
        suggestion = str(own.with_name(f"{own.stem}-{kind}{suffixes[0]}"))
        path = ask_where(window, tr("Save {kind}", kind=what), suggestion, what, suffixes)
    if path is None:
        return False
    try:
        if kind == "table":
            data = table_csv(results.columns, window.table.array.rows).encode("utf-8")
        else:
            data = plot_file(window.plot.plot, Path(path).suffix.lower(), results.name)
        write_atomically(path, data)
    except Exception as error:
        fail_saving(bench, path, error)
        return False
    say_saved(bench, path)
    return True
