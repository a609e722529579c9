"""The scene tree: what is open and whether it is shown."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHeaderView, QTreeWidget, QTreeWidgetItem

from octavox.gui.base.i18n import tr
from octavox.gui.base.theme import number_font
from octavox.gui.document import text
from octavox.gui.document.items import VIEWS
from octavox.gui.document.session import Session


class SceneTree(QTreeWidget):
    """Check boxes for the clouds and their blocks. `toggled`: name of a ViewState field, new value."""

    toggled = Signal(str, bool)
    size_toggled = Signal(int)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._telling = False
        self._content: tuple[object, ...] = ()
        self.setHeaderHidden(True)
        self.setAccessibleName(tr("Scene"))
        self.setColumnCount(2)
        self.setRootIsDecorated(False)
        self.setIndentation(16)
        self.setItemsExpandable(False)
        self.header().setStretchLastSection(False)
        self.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self.itemChanged.connect(self._item_changed)
        self.refresh()

    def refresh(self) -> None:
        s, view = self._session, self._session.view
        shown = [(view, s.items.shown_in(view)) for view in VIEWS]
        entries = [(item.label, len(item.display)) if item else None for _, item in shown]
        sizes = () if s.blocks_live else tuple(zip(*np.unique(s.blocks.size, return_counts=True)))
        content = (*entries, len(s.blocks), sizes, view.show_a, view.show_b, view.overlay, view.hidden_sizes)
        if content == self._content:
            return
        self._content = content
        self._telling = True
        self.clear()
        roots = []
        for name, item in shown:
            if item is not None:
                field = f"show_{name.lower()}"
                title, count = f"{name}  {item.label}", len(item.display)
                roots.append(self._item(None, title, count, field, getattr(view, field)))
        if len(s.blocks) and roots:
            blocks = self._item(roots[0], tr("blocks"), len(s.blocks), "overlay", view.overlay)
            for size, number in reversed(sizes if len(sizes) > 1 else ()):
                self._item(blocks, f"{size}³", int(number), int(size), size not in view.hidden_sizes)
        if not roots:
            empty = QTreeWidgetItem(self, [tr("Nothing is open")])
            empty.setDisabled(True)
        self.expandAll()
        self._telling = False

    def _item(
        self, parent: QTreeWidgetItem | None, name: str, count: int, field: str | int, on: bool
    ) -> QTreeWidgetItem:
        item = QTreeWidgetItem([name, text.count(count)])
        item.setData(0, Qt.ItemDataRole.UserRole, field)
        item.setToolTip(0, name)
        item.setFont(1, number_font())
        item.setTextAlignment(1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        item.setCheckState(0, Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)
        if parent is None:
            self.addTopLevelItem(item)
        else:
            parent.addChild(item)
        return item

    @Slot(QTreeWidgetItem, int)
    def _item_changed(self, item: QTreeWidgetItem, column: int) -> None:
        field = item.data(0, Qt.ItemDataRole.UserRole)
        if not self._telling and isinstance(field, int):
            self.size_toggled.emit(field)
        elif not self._telling and field:
            self.toggled.emit(field, item.checkState(0) == Qt.CheckState.Checked)
