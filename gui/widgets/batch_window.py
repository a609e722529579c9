"""The results of a batch: a table that can be sorted, beside a plot of its rows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

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

from octavox.codec import BatchRow
from octavox.gui.base.i18n import several, tr
from octavox.gui.document import text
from octavox.gui.document.batch_results import columns_of, rate_and_distortion, rate_and_time

from .array_table import ArrayColumn, ArrayTable
from .facts import label
from .result_plot import ResultPlotView

WIDEST = 36  # characters of a column at first


class BatchWindow(QDialog):
    """`exports`: what the user wants to save, "table" or "plot"."""

    exports = Signal(str)

    def __init__(self, parent: QWidget, path: str, rows: Sequence[BatchRow]) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(False)
        self.setWindowTitle(tr("Results of a batch: {name}", name=Path(path).name))
        self.setSizeGripEnabled(True)
        self.resize(1180, 560)
        self.path, self.columns = path, columns_of(rows)
        self.plots = {"time": rate_and_time(rows), "distortion": rate_and_distortion(rows)}
        self.table = ArrayTable(tr("Table of the results"))
        self.plot = ResultPlotView()
        self.kind = QComboBox()
        self.kind.setAccessibleName(tr("What the plot shows"))
        self.kind.addItem(tr("Rate and time"), "time")
        self.kind.addItem(tr("Rate and distortion"), "distortion")
        self._show_table(rows)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setChildrenCollapsible(False)
        split.addWidget(self.table)
        split.addWidget(self._right())
        split.setStretchFactor(0, 1)
        split.setStretchFactor(1, 0)
        split.setSizes([2 * self.width() // 3, self.width() // 3])
        column = QVBoxLayout(self)
        column.addWidget(split, 1)
        column.addLayout(self._buttons(rows))
        self.kind.currentIndexChanged.connect(self._show_plot)
        self.table.chosen.connect(self.plot.select)
        self.plot.chosen.connect(self._select)
        lossy = any(row.d1_psnr_db is not None for row in rows)
        self.kind.setCurrentIndex(1 if lossy else 0)
        self._show_plot()

    def _show_table(self, rows: Sequence[BatchRow]) -> None:
        shown = []
        for column in self.columns:
            longest = max((len(words) for words in column.words), default=0)
            width = min(max(longest, 6), WIDEST)
            shown.append(
                ArrayColumn(
                    column.title, column.tip, column.values, width=width, words=column.words, left=column.left
                )
            )
        self.table.show_columns(shown, 0, descending=False)

    def _right(self) -> QWidget:
        side = QWidget()
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.kind)
        column.addWidget(self.plot, 1)
        return side

    def _buttons(self, rows: Sequence[BatchRow]) -> QHBoxLayout:
        failed = sum(row.state == "failed" for row in rows)
        words = several(len(rows), "{n} row", "{n} rows", n=text.count(len(rows)))
        if failed:
            words += ", " + tr("{n} failed", n=text.count(failed))
        line = QHBoxLayout()
        count = label("", "muted")
        count.setText(words)
        line.addWidget(count, 1)
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
        self.plot.show_plot(self.plots[self.kind.currentData()])

    @Slot(int)
    def _select(self, row: int) -> None:
        """Show a row of the results in the table."""
        place = self.table.array.rows.tolist().index(row)
        index = self.table.array.index(place, 0)
        flags = QItemSelectionModel.SelectionFlag
        self.table.selectionModel().setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)
        self.table.scrollTo(index)
