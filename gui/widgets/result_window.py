"""Results of codings: a table that can be sorted, beside a plot of its rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QEvent, QItemSelectionModel, Qt, Signal, Slot
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
Make = Callable[[Sequence[Any]], Results]  # makes results of rows, in the language in force


class ResultWindow(QDialog):
    """`exports`: what the user wants to save, "table" or "plot". make: see `Make`."""

    exports = Signal(str)

    def __init__(self, parent: QWidget, make: Make, rows: Sequence[Any] = ()) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(False)
        self.setSizeGripEnabled(True)
        self.resize(1000, 560)
        self._make = make
        self.results = make(rows)
        self.table = ArrayTable("")
        self.plot = ResultPlotView()
        self.kind = QComboBox()
        for plot in self.results.plots:
            self.kind.addItem("", plot.key)
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
        self._name()

    def add(self, rows: Sequence[Any]) -> None:
        """More rows came."""
        self.results = self._make((*self.results.rows, *rows))
        self._show()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self.results = self._make(self.results.rows)
            self._name()

    def _name(self) -> None:
        """Say all in the language in force."""
        self.setWindowTitle(self.results.title)
        self.table.setAccessibleName(tr("Table of the results"))
        self.plot.setAccessibleName(tr("Plot of the results"))
        self.kind.setAccessibleName(tr("What the plot shows"))
        for place, plot in enumerate(self.results.plots):
            self.kind.setItemText(place, plot.title)
        words = tr("Export table…"), tr("Export plot…"), tr("Close")
        for button, text_ in zip(self._tools, words, strict=True):
            button.setText(text_)
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
        self._tools = [QPushButton() for _ in range(3)]
        table, plot, close = self._tools
        for button, kind in ((table, "table"), (plot, "plot")):
            button.setAutoDefault(False)
            button.clicked.connect(lambda _=False, kind=kind: self.exports.emit(kind))
        close.setDefault(True)
        close.clicked.connect(self.close)
        for button in self._tools:
            line.addWidget(button)
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
