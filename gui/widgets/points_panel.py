"""The panel "Points": what each point holds, what it takes once compressed, and how it is coloured."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from octavox.gui.base.i18n import tr
from octavox.gui.base.theme import number_font
from octavox.gui.document import text
from octavox.gui.document.colour_modes import is_property
from octavox.gui.document.property_colours import MAP_NAMES, PropertyScale, scale_of
from octavox.gui.document.property_list import PropertyRow, property_rows
from octavox.gui.document.scales import owner_of
from octavox.gui.document.session import Session

from .facts import label
from .trees import take_all

HEADS = ("Property", "Type", "Range", "Bytes", "Bits a point")
HINT_NONE = "The points of this cloud have no properties beside their coordinates."
HINT_CLOSED = "Open a cloud to see what its points hold."
HINT_PARTLY = "Ranges are those of the points that are shown; most points of this cloud stay on disk."
HINT_ROWS = "Choose a property to colour the points by it; the marks say what compressing stores"
MODE = Qt.ItemDataRole.UserRole
NAME = Qt.ItemDataRole.UserRole + 1
FIELD_PIXELS = 56
ONE_ROW_PIXELS = 520  # of the panel, from which on the scale takes one row
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class PointsPanel(QWidget):
    """`coloured`: the point mode that the user chose. `stored`: name of a property, and whether compressing
    is to store it. `scaled`: a point mode and its PropertyScale.
    """

    coloured = Signal(str)
    stored = Signal(str, bool)
    scaled = Signal(str, object)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.setObjectName("dockBody")
        self._session = session
        self._telling = False
        self._content: object = None
        self.table = self._make_table()
        self.words = label("", "muted")
        self.words.setWordWrap(True)
        self.words.setContentsMargins(12, 4, 12, 2)
        self.scale = QWidget()
        self._rows = QBoxLayout(QBoxLayout.Direction.TopToBottom, self.scale)
        self._rows.setContentsMargins(12, 4, 12, 6)
        self._rows.setSpacing(4)
        self._rows.addLayout(self._map_row())
        self._rows.addLayout(self._ends_row())
        self._rows.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.table, 1)
        column.addWidget(self.words)
        column.addWidget(self.scale)
        self.refresh()

    def _make_table(self) -> QTreeWidget:
        table = QTreeWidget()
        table.setAccessibleName(tr("Properties of the points"))
        table.setToolTip(tr(HINT_ROWS))
        table.setHeaderLabels([tr(head) for head in HEADS])
        table.setAlternatingRowColors(True)
        table.setUniformRowHeights(True)
        table.setIndentation(14)
        table.header().setStretchLastSection(False)
        for column in range(len(HEADS)):
            if column > 1:
                table.headerItem().setTextAlignment(column, RIGHT)
        table.itemChanged.connect(self._checked)
        table.itemSelectionChanged.connect(self._selected)
        return table

    def _map_row(self) -> QHBoxLayout:
        self.map, self.log = QComboBox(), QCheckBox(tr("Logarithmic"))
        for key, name in MAP_NAMES.items():
            self.map.addItem(tr(name), key)
        self.map.setAccessibleName(tr("Colours of the property"))
        self.map.setToolTip(tr("Colours of the property"))
        self.log.setToolTip(tr("Equal steps of colour are equal factors"))
        self.map.activated.connect(self._edited)
        self.log.clicked.connect(self._edited)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.map)
        row.addWidget(self.log)
        row.addStretch(1)
        return row

    def _ends_row(self) -> QHBoxLayout:
        self.low, self.high = QLineEdit(), QLineEdit()
        self.low.setAccessibleName(tr("Low end of the scale"))
        self.high.setAccessibleName(tr("High end of the scale"))
        self.automatic = QPushButton(tr("Auto"))
        self.automatic.setToolTip(tr("Let the scale follow from the values again"))
        self.automatic.clicked.connect(self._make_automatic)
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(label("from", "muted"))
        row.addWidget(self.low, 1)
        row.addWidget(label("to", "muted"))
        row.addWidget(self.high, 1)
        for edit in (self.low, self.high):
            edit.setMinimumWidth(FIELD_PIXELS)
            edit.setMaximumWidth(110)
            edit.editingFinished.connect(self._edited)
        row.addWidget(self.automatic)
        return row

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The scale in one row where there is room for it."""
        super().resizeEvent(event)
        directions = QBoxLayout.Direction
        self._rows.setDirection(
            directions.LeftToRight if self.width() >= ONE_ROW_PIXELS else directions.TopToBottom
        )

    # -- showing -------------------------------------------------------------------------------------

    def refresh(self) -> None:
        session = self._session
        rows = property_rows(session)
        points = 0 if session.reference is None else len(session.reference.points)
        content = (rows, points, session.job is not None)
        self._telling = True
        if content != self._content:
            self._content = content
            self._fill(rows, points)
        self._mark_coloured()
        self._show_scale()
        self._telling = False

    def _fill(self, rows: list[PropertyRow], points: int) -> None:
        take_all(self.table)  # the mark of one of its rows may have been set
        for row in rows:
            item = self._item(row, points)
            self.table.addTopLevelItem(item)
            for part in row.parts:
                item.addChild(self._item(part, points, of=row))
        self.table.expandAll()
        for column in range(len(HEADS)):
            self.table.resizeColumnToContents(column)
            if rows:  # marks of rows are not counted
                self.table.setColumnWidth(column, self.table.columnWidth(column) + (0 if column else 24))
        cloud = self._session.reference
        partly = cloud is not None and cloud.on_disk is not None
        hint = HINT_CLOSED if cloud is None else HINT_PARTLY if partly and rows else HINT_NONE
        self.words.setText(tr(hint))
        self.words.setVisible(partly or not rows)

    def _item(self, row: PropertyRow, points: int, of: PropertyRow | None = None) -> QTreeWidgetItem:
        """of: the property of which it is one of several numbers."""
        size = rate = ""
        if row.bytes is not None and of is None:
            size, rate = text.count(row.bytes), text.fixed(8 * row.bytes / max(points, 1), 3)
        elif self._session.stream is not None and of is None:
            size = tr("not stored")
        item = QTreeWidgetItem([row.name, row.type, row.range, size, rate])
        for column in range(len(HEADS)):
            item.setFont(column, number_font())
            item.setToolTip(column, item.text(column))
            if column > 1:
                item.setTextAlignment(column, RIGHT)
        item.setData(0, MODE, row.mode)
        if of is None:
            item.setData(0, NAME, row.name)
            item.setCheckState(0, Qt.CheckState.Checked if row.stored else Qt.CheckState.Unchecked)
            if row.fixed or self._session.job is not None:
                item.setFlags(item.flags() & ~Qt.ItemFlag.ItemIsUserCheckable)
                item.setToolTip(0, tr(row.fixed) or row.name)
        return item

    def _items(self) -> list[QTreeWidgetItem]:
        roots = [self.table.topLevelItem(k) for k in range(self.table.topLevelItemCount())]
        found = [item for item in roots if item is not None]
        children = (item.child(k) for item in found for k in range(item.childCount()))
        return [*found, *(child for child in children if child is not None)]

    def _mark_coloured(self) -> None:
        """Select the row of the property that colours the points."""
        mode = self._session.view.cloud_mode
        for item in self._items():
            item.setSelected(bool(item.data(0, MODE)) and item.data(0, MODE) == mode)

    def _show_scale(self) -> None:
        """The scale of the property that colours the points."""
        session, mode = self._session, self._session.view.cloud_mode
        known = session.property_values
        self.scale.setVisible(is_property(mode) and known is not None)
        if known is None:
            return
        chosen = self._chosen
        self.map.setCurrentIndex(max(self.map.findData(chosen.colours), 0))
        scale, by_class = scale_of(known, chosen), self._by_class()
        self.log.setChecked(chosen.log)
        self.log.setEnabled(not by_class and known.least_positive is not None)
        for edit, value in ((self.low, scale.low), (self.high, scale.high)):
            edit.setEnabled(not by_class)
            if not edit.hasFocus() or not edit.isModified():
                edit.setText(text.figures(f"{value:.7g}"))
                edit.setCursorPosition(0)
        self.automatic.setEnabled(chosen.low is not None or chosen.high is not None)

    @property
    def _chosen(self) -> PropertyScale:
        """What was chosen of the scale of the first view."""
        session = self._session
        return session.scale_of(session.view.cloud_mode, owner_of(session, session.reference))

    def _by_class(self) -> bool:
        colours = self._session.property_colours
        return colours is not None and colours.scale is None

    # -- what the user does --------------------------------------------------------------------------

    @Slot()
    def _selected(self) -> None:
        chosen = self.table.selectedItems()
        if not self._telling and chosen and chosen[0].data(0, MODE):
            self.coloured.emit(chosen[0].data(0, MODE))

    @Slot(QTreeWidgetItem, int)
    def _checked(self, item: QTreeWidgetItem, column: int) -> None:
        if not self._telling and column == 0 and item.data(0, NAME):
            self.stored.emit(item.data(0, NAME), item.checkState(0) == Qt.CheckState.Checked)

    @Slot()
    def _edited(self) -> None:
        if self._telling:
            return
        mode = self._session.view.cloud_mode
        before = self._chosen
        low, high = (
            text.parsed(edit.text()) if edit.isModified() else end
            for edit, end in ((self.low, before.low), (self.high, before.high))
        )
        for edit in (self.low, self.high):
            edit.setModified(False)
        if low is not None and high is not None and low > high:
            low, high = high, low
        changed = PropertyScale(self.map.currentData(), low, high, self.log.isChecked())
        if changed != before:
            self.scaled.emit(mode, changed)
        else:
            self.refresh()  # what was typed may be no number

    @Slot()
    def _make_automatic(self) -> None:
        mode = self._session.view.cloud_mode
        before = self._chosen
        for edit in (self.low, self.high):
            edit.setModified(False)
        self.scaled.emit(mode, replace(before, low=None, high=None))
