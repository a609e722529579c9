"""Results of codings: a table that can be sorted, beside a plot of its rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QItemSelectionModel, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QHBoxLayout,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from octavox.gui.base.i18n import several, tr
from octavox.gui.document import text
from octavox.gui.document.results import Results

from .array_table import ArrayColumn, ArrayTable
from .facts import label
from .result_plot import ResultPlotView

WIDEST = 36  # characters of a column at first


class ResultWindow(QDialog):
    """`exports`: what the user wants to save, "table" or "plot"."""

    exports = Signal(str)

    def __init__(self, parent: QWidget, results: Results) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(False)
        self.setWindowTitle(results.title)
        self.setSizeGripEnabled(True)
        self.resize(1000, 560)
        self.results = results
        self.table = ArrayTable(tr("Table of the results"))
        self.plot = ResultPlotView()
        self.kind = QComboBox()
        self.kind.setAccessibleName(tr("What the plot shows"))
        for plot in results.plots:
            self.kind.addItem(plot.title, plot.key)
        self.words = label("", "muted")
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setChildrenCollapsible(False)
        split.addWidget(self.table)
        split.addWidget(self._right())
        split.setStretchFactor(0, 1)
        split.setStretchFactor(1, 0)
        split.setSizes([3 * self.width() // 5, 2 * self.width() // 5])
        column = QVBoxLayout(self)
        column.addWidget(split, 1)
        column.addLayout(self._buttons())
        self.kind.currentIndexChanged.connect(self._show_plot)
        self.table.chosen.connect(self.plot.select)
        self.plot.chosen.connect(self._select)
        self._show()

    def add(self, rows: Sequence[Any]) -> None:
        """More rows came."""
        self.results = replace(self.results, rows=(*self.results.rows, *rows))
        self._show()

    def _show(self) -> None:
        shown, rows = [], self.results.rows
        for column in self.results.columns:
            longest = max((len(words) for words in column.words), default=0)
            width = min(max(longest, 6), WIDEST)
            shown.append(
                ArrayColumn(
                    column.title, column.tip, column.values, width=width, words=column.words, left=column.left
                )
            )
        if rows:
            self.table.show_columns(shown, 0, descending=False)
        words = several(len(rows), "{n} row", "{n} rows", n=text.count(len(rows)))
        self.words.setText(", ".join(filter(None, (words, self.results.note))))
        self._show_plot()

    def _right(self) -> QWidget:
        side = QWidget()
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.kind)
        column.addWidget(self.plot, 1)
        return side

    def _buttons(self) -> QHBoxLayout:
        line = QHBoxLayout()
        line.addWidget(self.words, 1)
        for kind, title in (("table", tr("Export table…")), ("plot", tr("Export plot…"))):
            button = QPushButton(title)
            button.setAutoDefault(False)
            button.clicked.connect(lambda _=False, kind=kind: self.exports.emit(kind))
            line.addWidget(button)
        close = QPushButton(tr("Close"))
        close.setDefault(True)
        close.clicked.connect(self.close)
        line.addWidget(close)
        return line

    @Slot()
    def _show_plot(self) -> None:
        kind = next(plot for plot in self.results.plots if plot.key == self.kind.currentData())
        self.plot.show_plot(kind.of(self.results.rows))

    @Slot(int)
    def _select(self, row: int) -> None:
        """Show a row of the results in the table."""
        place = self.table.array.rows.tolist().index(row)
        index = self.table.array.index(place, 0)
        flags = QItemSelectionModel.SelectionFlag
        self.table.selectionModel().setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)
        self.table.scrollTo(index)
