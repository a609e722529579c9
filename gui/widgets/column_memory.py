"""Tables keep the columns as the user arranged them: width, order, and by which they are sorted."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Slot
from PySide6.QtWidgets import QHeaderView, QTableView, QTreeView, QWidget

from octavox.gui.base.i18n import tr
from octavox.gui.base.settings import Columns, Settings

KEY = Qt.ItemDataRole.UserRole  # of a header: the name of its column in every language
DONE = (QEvent.Type.MouseButtonRelease, QEvent.Type.MouseButtonDblClick)


class ColumnMemory(QObject):
    """Of one table. The columns that a table has may change; those that it has not are remembered, too."""

    def __init__(self, view: QTableView | QTreeView, name: str, settings: Settings) -> None:
        super().__init__(view)
        self._view, self._name, self._settings = view, name, settings
        self._header: QHeaderView = view.horizontalHeader() if isinstance(view, QTableView) else view.header()
        self._header.setSectionsMovable(True)
        self._header.setAccessibleName(tr("Columns"))
        self._header.viewport().installEventFilter(self)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.apply)
        self._header.sectionCountChanged.connect(self._schedule)
        view.model().modelReset.connect(self._schedule)
        view.model().rowsInserted.connect(self._schedule)
        self._schedule()

    @Slot()
    def _schedule(self) -> None:
        """Apply once the table has sized its columns itself."""
        self._timer.start(0)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """After the mouse was used on the header, keep what it changed."""
        if event.type() in DONE:
            QTimer.singleShot(0, self, self.record)
        return False

    def _names(self) -> list[str]:
        """Of the columns, by their places in the model."""
        model, across = self._view.model(), Qt.Orientation.Horizontal
        names = []
        for column in range(self._header.count()):
            key = model.headerData(column, across, KEY)
            names.append(str(key or model.headerData(column, across) or column))
        return names

    @Slot()
    def record(self) -> None:
        names, header = self._names(), self._header
        kept = self._settings.columns(self._name)
        shown = [names[header.logicalIndex(place)] for place in range(len(names))]
        order = [*shown, *(name for name in kept.order if name not in shown)]
        widths = {**kept.widths, **{name: header.sectionSize(k) for k, name in enumerate(names)}}
        column = header.sortIndicatorSection()
        sort = names[column] if self._view.isSortingEnabled() and 0 <= column < len(names) else ""
        down = header.sortIndicatorOrder() == Qt.SortOrder.DescendingOrder
        self._settings.set_columns(self._name, Columns(order, widths, sort, down))

    @Slot()
    def apply(self) -> None:
        kept, names, header = self._settings.columns(self._name), self._names(), self._header
        for column, name in enumerate(names):
            width = kept.widths.get(name)
            if width and width != header.sectionSize(column):
                header.resizeSection(column, width)
        for place, name in enumerate(name for name in kept.order if name in names):
            at = header.visualIndex(names.index(name))
            if at != place:
                header.moveSection(at, place)
        if self._view.isSortingEnabled() and kept.sort in names:
            order = Qt.SortOrder.DescendingOrder if kept.descending else Qt.SortOrder.AscendingOrder
            column = names.index(kept.sort)
            if (column, order) != (header.sortIndicatorSection(), header.sortIndicatorOrder()):
                self._view.sortByColumn(column, order)


def remember_columns(panels: Mapping[str, QWidget], settings: Settings) -> None:
    """Have every table of the panels remember its columns."""
    for name, panel in panels.items():
        tables = [view for view in panel.findChildren(QTableView) if not view.horizontalHeader().isHidden()]
        trees = [view for view in panel.findChildren(QTreeView) if not view.header().isHidden()]
        every: list[QTableView | QTreeView] = [*tables, *trees]
        for view in every:
            ColumnMemory(view, name, settings)
