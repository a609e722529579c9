"""A sortable table over numpy columns: a row is text only when it is on the screen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal, Slot
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from octavox.gui.base.i18n import tr
from octavox.gui.base.theme import number_font

from .column_memory import KEY

Index = QModelIndex | QPersistentModelIndex
RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
CENTRE = int(Qt.AlignmentFlag.AlignCenter)


@dataclass(frozen=True)
class ArrayColumn:
    """values: (N,) to sort by; show: one of them as text. words: the texts of all rows, where these do not
    follow from the values. left: they stand on the left."""

    title: str
    tip: str
    values: npt.NDArray[Any]
    show: Callable[[Any], str] = str
    width: int = 8  # characters
    words: Sequence[str] | None = None
    left: bool = False


class ArrayModel(QAbstractTableModel):
    """Columns of equal length in a chosen order; `rows[i]` is the place in the columns of table row i."""

    def __init__(self) -> None:
        super().__init__()
        self.columns: Sequence[ArrayColumn] = ()
        self.rows = np.empty(0, np.int64)
        self._font = number_font()
        self._order = (-1, Qt.SortOrder.AscendingOrder)

    def show(self, columns: Sequence[ArrayColumn]) -> None:
        self.beginResetModel()
        self.columns = columns
        self._sort()
        self.endResetModel()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        self.beginResetModel()
        self._order = (column, order)
        self._sort()
        self.endResetModel()

    def _sort(self) -> None:
        column, order = self._order
        count = len(self.columns[0].values) if self.columns else 0
        if not 0 <= column < len(self.columns):
            self.rows = np.arange(count)
            return
        values = self.columns[column].values
        if order == Qt.SortOrder.DescendingOrder:  # values that are not numbers stay last
            self.rows = np.argsort(-np.asarray(values, np.float64), kind="stable")
        else:
            self.rows = np.argsort(values, kind="stable")

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.DisplayRole:
            return self._words(self.columns[index.column()], int(self.rows[index.row()]))
        if role == Qt.ItemDataRole.ToolTipRole and self.columns[index.column()].left:
            return self._words(self.columns[index.column()], int(self.rows[index.row()])) or None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return LEFT if self.columns[index.column()].left else RIGHT
        if role == Qt.ItemDataRole.FontRole:
            return self._font
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal or section >= len(self.columns):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return tr(self.columns[section].title)
        if role == Qt.ItemDataRole.ToolTipRole:
            return tr(self.columns[section].tip)
        if role == KEY:
            return self.columns[section].title
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return CENTRE if self.columns[section].left else RIGHT  # the mark of the order stands left
        return None

    @staticmethod
    def _words(column: ArrayColumn, row: int) -> str:
        return column.words[row] if column.words is not None else column.show(column.values[row].item())


class ArrayTable(QTableView):
    """`chosen`: place in the columns of the row that the user picked."""

    chosen = Signal(int)

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.array = ArrayModel()
        self.setModel(self.array)
        self._telling = False
        self._sized = False
        self.setTabKeyNavigation(False)  # Tab leaves it; arrows walk its rows
        self.setSortingEnabled(True)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.verticalHeader().setVisible(False)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 8)
        self.horizontalHeader().setHighlightSections(False)
        self.selectionModel().currentRowChanged.connect(self._changed)

    def show_columns(self, columns: Sequence[ArrayColumn], sort: int, descending: bool) -> None:
        """Show new content. sort: the column to sort by at first; later the user's choice stays."""
        self._telling = True
        if not self._sized and columns:
            self._sized = True
            order = Qt.SortOrder.DescendingOrder if descending else Qt.SortOrder.AscendingOrder
            self.array.show(columns)
            self.sortByColumn(sort, order)
            digit = self.fontMetrics().averageCharWidth() + 1
            for k, column in enumerate(columns):
                self.setColumnWidth(k, digit * max(column.width, len(tr(column.title)) + 3) + 14)
        else:
            self.array.show(columns)
        self._telling = False

    @Slot(QModelIndex, QModelIndex)
    def _changed(self, now: QModelIndex, before: QModelIndex) -> None:
        if not self._telling and now.isValid():
            self.chosen.emit(int(self.array.rows[now.row()]))
