"""The blocks table: 100,000 rows sort and filter at once, because both work on whole numpy columns."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import (
    QAbstractTableModel,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QFont, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from octavox.codec import BlockTable
from octavox.gui.base.i18n import several, tr
from octavox.gui.base.theme import number_font
from octavox.gui.document import text
from octavox.gui.document.blocks import COLUMNS, BlockFilter, columns_of, ordered_rows

from .column_memory import KEY
from .facts import label

Index = QModelIndex | QPersistentModelIndex


class BlocksModel(QAbstractTableModel):
    """Rows of a BlockTable in a chosen order. `rows[i]` is the block shown in table row i."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks = BlockTable.empty()
        self.rows = np.empty(0, np.int64)
        self._place = np.empty(0, np.int64)
        self.columns = COLUMNS
        self._values: list[np.ndarray[Any, Any]] = []
        self._sort, self._descending = "id", False
        self.filter = BlockFilter()
        self._font = QFont()

    def set_font(self, font: QFont) -> None:
        self._font = font

    def set_content(self, blocks: BlockTable, keep: BlockFilter) -> None:
        """Show other blocks or another part of them; a table that only grew keeps its place."""
        columns, old = columns_of(blocks), len(self.rows)
        same = [column.key for column in columns] == [column.key for column in self.columns]
        if self._sort not in [column.key for column in columns]:
            self._sort = "id"
        rows = ordered_rows(blocks, self._sort, self._descending, keep)
        grew = same and len(rows) > old and np.array_equal(rows[:old], self.rows)
        if grew:
            self.beginInsertRows(QModelIndex(), old, len(rows) - 1)
        else:
            self.beginResetModel()
        self.blocks, self.filter, self.columns = blocks, keep, columns
        self._values = [column.values(blocks) for column in columns]
        self._take(rows)
        if grew:
            self.endInsertRows()
        else:
            self.endResetModel()

    def _take(self, rows: np.ndarray[Any, Any]) -> None:
        self.rows = rows
        self._place = np.full(len(self.blocks), -1, np.int64)
        self._place[rows] = np.arange(len(rows))

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        known = 0 <= column < len(self.columns)
        self._sort = self.columns[column].key if known else "id"
        self._descending = known and order == Qt.SortOrder.DescendingOrder
        self.beginResetModel()
        self._take(ordered_rows(self.blocks, self._sort, self._descending, self.filter))
        self.endResetModel()

    def place_of(self, row: int) -> int | None:
        """Table row of a block, or None where the filter hides it."""
        if not 0 <= row < len(self._place) or self._place[row] < 0:
            return None
        return int(self._place[row])

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.DisplayRole:
            value = self._values[index.column()][self.rows[index.row()]]
            return self.columns[index.column()].show(value.item())
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
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
            return self.columns[section].key
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return None


FIELD_PIXELS = 48  # of a bound of the filter, at least


class BlocksPanel(QWidget):
    """Table and filter. Reports what the user picks; `show_blocks` sets what is selected."""

    selected = Signal(object)  # block row, or None
    activated = Signal(int)
    filtered = Signal(object)  # BlockFilter

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("dockBody")
        self.model = BlocksModel()
        self.table = QTableView()
        self.table.setTabKeyNavigation(False)  # Tab leaves it; arrows walk its rows
        self._telling = False
        self._selected: int | None = None
        self._set_up_table()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._filter_row())
        column.addWidget(self.table, 1)

    def _set_up_table(self) -> None:
        table = self.table
        self.model.set_font(number_font())
        table.setModel(self.model)
        table.setAccessibleName(tr("Table of the blocks"))
        table.setSortingEnabled(True)
        table.sortByColumn(0, Qt.SortOrder.AscendingOrder)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setAlternatingRowColors(True)
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setCornerButtonEnabled(False)
        table.verticalHeader().setVisible(False)
        table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        table.verticalHeader().setDefaultSectionSize(table.fontMetrics().height() + 8)
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setStretchLastSection(False)
        self._size_columns(0)
        table.selectionModel().selectionChanged.connect(self._selection_changed)
        table.doubleClicked.connect(self._double_clicked)
        self.model.modelReset.connect(self._reset)  # after the view's own: it forgets the selection

    def _size_columns(self, first: int) -> None:
        """Give the columns from `first` on their widths."""
        digit = self.table.fontMetrics().averageCharWidth() + 1
        for k, spec in enumerate(self.model.columns[first:], first):
            self.table.setColumnWidth(k, digit * max(spec.width, len(tr(spec.title)) + 3) + 14)

    def _filter_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(12, 6, 12, 6)
        row.setSpacing(6)
        self.column = QComboBox()
        self._offer_columns("bpov")
        self.column.setAccessibleName(tr("Column of the filter"))
        self.low, self.high = QLineEdit(), QLineEdit()
        self.low.setAccessibleName(tr("Least value"))
        self.high.setAccessibleName(tr("Largest value"))
        for edit, hint in ((self.low, "from"), (self.high, "to")):
            edit.setPlaceholderText(tr(hint))
            edit.setMinimumWidth(FIELD_PIXELS)
            edit.setMaximumWidth(84)
            edit.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
            edit.setClearButtonEnabled(False)
            edit.editingFinished.connect(self._filter_edited)
        self.column.activated.connect(self._filter_edited)
        self.clear = QPushButton(tr("Clear"))
        self.clear.setToolTip(tr("Show all blocks again"))
        self.clear.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.clear.clicked.connect(self._clear_filter)
        self.count = QLabel()
        self.count.setSizePolicy(
            QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Preferred
        )  # the fields shrink instead
        self.count.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.count.setProperty("role", "muted")
        keep, to = label("Only", "muted"), label("to", "muted")
        self._filter, self._spare = row, (self.count, keep, to)  # hidden one by one in a narrow panel
        for widget in (keep, self.column, self.low, to, self.high, self.clear):
            row.addWidget(widget)
        row.addWidget(self.count, 1)
        return row

    def _make_room(self) -> None:
        """Hide words of the filter that would leave its fields too little room."""
        margins, shown = self._filter.contentsMargins(), [*self._spare]
        widths: dict[QWidget, int] = dict.fromkeys((self.low, self.high), FIELD_PIXELS)
        widths |= {widget: widget.sizeHint().width() for widget in (self.column, self.clear, *self._spare)}
        room = self.width() - margins.left() - margins.right()
        while shown and sum(widths.values()) + (len(widths) - 1) * self._filter.spacing() > room:
            widths.pop(shown.pop(0))
        for widget in self._spare:
            widget.setVisible(widget in shown)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._make_room()

    def show_blocks(self, blocks: BlockTable, keep: BlockFilter, selected: int | None) -> None:
        if blocks is self.model.blocks and keep == self.model.filter:
            self.show_selected(selected)
            return
        self._telling = True
        before = self.model.columns
        self.model.set_content(blocks, keep)
        if self.model.columns is not before and len(self.model.columns) != self.column.count():
            self._offer_columns(keep.column)
            self._size_columns(len(COLUMNS))
        self._telling = False
        shown, total = len(self.model.rows), len(blocks)
        words = several(total, "{n} block", "{n} blocks", n=text.count(total))
        if shown != total:
            words = tr("{m} of {n} blocks", m=text.count(shown), n=text.count(total))
        self.count.setText(words if total else tr("no blocks yet"))
        self._make_room()
        self.clear.setEnabled(keep.active)
        self._show_filter(keep)
        self.show_selected(selected)

    def _offer_columns(self, chosen: str) -> None:
        """All columns, for the filter."""
        self.column.clear()
        for spec in self.model.columns:
            self.column.addItem(tr(spec.title), spec.key)
        self.column.setCurrentIndex(max(self.column.findData(chosen), 0))

    def _show_filter(self, keep: BlockFilter) -> None:
        self.column.setCurrentIndex(max(self.column.findData(keep.column), 0))
        for edit, value in ((self.low, keep.low), (self.high, keep.high)):
            if not edit.hasFocus():
                edit.setText(_shown(value))
                edit.setCursorPosition(0)  # show the first digits

    def show_selected(self, row: int | None) -> None:
        self._selected = row
        place = None if row is None else self.model.place_of(row)
        selection = self.table.selectionModel()
        telling, self._telling = self._telling, True
        if place is None:
            selection.clear()
        else:
            index = self.model.index(place, 0)
            flags = QItemSelectionModel.SelectionFlag
            selection.setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)
            self.table.scrollTo(index)
        self._telling = telling

    @Slot(QItemSelection, QItemSelection)
    def _selection_changed(self, now: QItemSelection, before: QItemSelection) -> None:
        if self._telling:
            return
        rows = self.table.selectionModel().selectedRows()
        self._selected = int(self.model.rows[rows[0].row()]) if rows else None
        self.selected.emit(self._selected)

    @Slot()
    def _reset(self) -> None:
        telling, self._telling = self._telling, True
        self.show_selected(self._selected)
        self._telling = telling

    @Slot(QModelIndex)
    def _double_clicked(self, index: QModelIndex) -> None:
        self.activated.emit(int(self.model.rows[index.row()]))

    @Slot()
    def _filter_edited(self) -> None:
        keep = self.model.filter
        low, high = (
            bound if edit.text() == _shown(bound) else text.parsed(edit.text())
            for edit, bound in ((self.low, keep.low), (self.high, keep.high))
        )
        if low is not None and high is not None and low > high:
            low, high = high, low
        self.filtered.emit(BlockFilter(self.column.currentData(), low, high))

    @Slot()
    def _clear_filter(self) -> None:
        self.low.clear()  # also the field that has the focus
        self.high.clear()
        self.filtered.emit(BlockFilter(self.column.currentData()))


def _shown(bound: float | None) -> str:
    """A bound in the filter's field, rounded because the field is narrow."""
    return "" if bound is None else text.figures(f"{bound:.4g}")
