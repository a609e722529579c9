"""The scene: all open items, what came of each, and whether it is shown."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from PySide6.QtCore import QAbstractItemModel, QEvent, QModelIndex, QPoint, Qt, Signal, Slot
from PySide6.QtGui import QColor, QIcon, QKeyEvent, QPixmap
from PySide6.QtWidgets import (
    QHeaderView,
    QLineEdit,
    QMenu,
    QStyledItemDelegate,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from octavox.gui.base.i18n import tr
from octavox.gui.base.theme import number_font
from octavox.gui.document import scene, text
from octavox.gui.document.items import VIEWS, CloudItem, Item, SequenceItem, StreamItem
from octavox.gui.document.session import Session

from .trees import take_all

Role = Qt.ItemDataRole
INK = 10  # edge in pixels of the square that shows a cloud's colour


class _Names(QStyledItemDelegate):
    """Edits the name of an item, without the letter of its view."""

    def __init__(self, tree: SceneTree) -> None:
        super().__init__(tree)
        self._tree = tree

    def setEditorData(self, editor: QWidget, index: QModelIndex) -> None:  # type: ignore[override]
        item = self._tree.item_at(self._tree.itemFromIndex(index))
        if isinstance(editor, QLineEdit) and item is not None:
            editor.setText(scene.title_of(item))

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: QModelIndex) -> None:  # type: ignore[override]
        item = self._tree.item_at(self._tree.itemFromIndex(index))
        if isinstance(editor, QLineEdit) and item is not None:
            self._tree.renamed.emit(item, editor.text())


class SceneTree(QTreeWidget):
    """Open items, with check boxes for clouds and blocks. `toggled`: name of a ViewState field, new value.

    `shown`: a cloud, and whether it is to be shown. `chosen`: a view and a cloud for it. `used`: an item
    to work with. `moved`: an item, and by how many places. `inked`: a cloud whose colour is to be chosen.
    """

    toggled = Signal(str, bool)
    size_toggled = Signal(int)
    shown = Signal(object, bool)
    chosen = Signal(str, object)
    used = Signal(object)
    closed = Signal(object)
    renamed = Signal(object, str)
    moved = Signal(object, int)
    inked = Signal(object)

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
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setItemsExpandable(False)
        self.setItemDelegateForColumn(0, _Names(self))
        self.setEditTriggers(self.EditTrigger.NoEditTriggers)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._menu_at)
        self.header().setStretchLastSection(False)
        self.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self.itemChanged.connect(self._item_changed)
        self.itemDoubleClicked.connect(self._double_clicked)
        self.refresh()

    # -- what it shows -------------------------------------------------------------------------------

    def refresh(self) -> None:
        s, view = self._session, self._session.view
        rows = [(row.item, row.depth, self._words(row.item)) for row in scene.rows(s)]
        sizes = () if s.blocks_live else tuple(zip(*np.unique(s.blocks.size, return_counts=True)))
        shows = tuple(getattr(view, f"show_{letter.lower()}") for letter in VIEWS)
        inks = [row[0].ink for row in rows if isinstance(row[0], CloudItem)]
        content = (rows, len(s.blocks), sizes, shows, view.overlay, view.hidden_sizes, s.stream, inks)
        if content == self._content:
            return
        chosen, self._content = self.item_at(self.currentItem()), content
        self._telling = True
        take_all(self)  # one of its check boxes may have been set
        above: list[QTreeWidgetItem] = []
        for item, depth, (name, value, tip) in rows:
            node = self._item(above[depth - 1] if depth else None, name, value)
            node.setData(0, Role.UserRole + 1, item)
            node.setToolTip(0, tip)
            above[depth:] = [node]
            self._dress(node, item)
            if item is chosen:
                self.setCurrentItem(node)
            if item is (s.stream or s.reference):
                self._add_blocks(node, sizes)
        if not rows:
            empty = QTreeWidgetItem(self, [tr("Nothing is open")])
            empty.setDisabled(True)
        self.expandAll()
        self._telling = False

    def _words(self, item: Item) -> tuple[str, str, str]:
        """Name, number or size, and tip of an item."""
        if isinstance(item, CloudItem):
            letter = self._session.items.view_of(item)
            name = f"{letter}  {item.label}" if letter else item.label
            count = len(item.display) if item.on_disk is None else item.on_disk.points
            return name, text.count(count), item.path or item.label
        if isinstance(item, StreamItem):
            mark = "" if item.saved else " •"
            size, time = text.size(len(item.data)), item.seconds
            name = item.title if time is None else f"{item.title}, {text.duration(time)}"
            where = item.path or item.frame_of or tr("not saved yet")
            return f"{name}{mark}", size, "\n".join([item.settings or item.codec, f"{name}, {size}", where])
        return item.label, text.count(len(item.timeline)), tr("A sequence; a double click shows it")

    def _dress(self, node: QTreeWidgetItem, item: Item) -> None:
        node.setFlags(node.flags() | Qt.ItemFlag.ItemIsEditable)
        font = node.font(0)
        timeline = self._session.timeline
        font.setBold(
            item is self._session.stream or (isinstance(item, SequenceItem) and item.timeline is timeline)
        )
        node.setFont(0, font)
        if not isinstance(item, CloudItem):
            return
        view = self._session.items.view_of(item)
        on = view is not None and getattr(self._session.view, f"show_{view.lower()}")
        node.setCheckState(0, Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)
        if item.ink is not None:
            square = QPixmap(INK, INK)
            square.fill(QColor(*item.ink))
            node.setIcon(0, QIcon(square))

    def _add_blocks(self, above: QTreeWidgetItem, sizes: tuple[tuple[int, int], ...]) -> None:
        count, view = len(self._session.blocks), self._session.view
        if not count:
            return
        blocks = self._switch(above, tr("blocks"), count, "overlay", view.overlay)
        for size, number in reversed(sizes if len(sizes) > 1 else ()):
            self._switch(blocks, f"{size}³", int(number), int(size), size not in view.hidden_sizes)

    def _switch(
        self, above: QTreeWidgetItem, name: str, count: int, field: str | int, on: bool
    ) -> QTreeWidgetItem:
        node = self._item(above, name, text.count(count))
        node.setData(0, Role.UserRole, field)
        node.setToolTip(0, name)
        node.setCheckState(0, Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)
        return node

    def _item(self, above: QTreeWidgetItem | None, name: str, value: str) -> QTreeWidgetItem:
        node = QTreeWidgetItem([name, value])
        node.setFont(1, number_font())
        node.setTextAlignment(1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if above is None:
            self.addTopLevelItem(node)
        else:
            above.addChild(node)
        return node

    # -- what the user does --------------------------------------------------------------------------

    def item_at(self, node: QTreeWidgetItem | None) -> Item | None:
        """The open item of a line; None for blocks."""
        found = None if node is None else node.data(0, Role.UserRole + 1)
        return found if isinstance(found, (CloudItem, StreamItem, SequenceItem)) else None

    @Slot(QTreeWidgetItem, int)
    def _item_changed(self, node: QTreeWidgetItem, column: int) -> None:
        field, on = node.data(0, Role.UserRole), node.checkState(0) == Qt.CheckState.Checked
        item = self.item_at(node)
        if self._telling or column:
            return
        if isinstance(item, CloudItem):
            self._content = ()  # what cannot be done is shown as it was
            self.shown.emit(item, on)
        elif isinstance(field, int):
            self.size_toggled.emit(field)
        elif field:
            self.toggled.emit(field, on)

    @Slot(QTreeWidgetItem, int)
    def _double_clicked(self, node: QTreeWidgetItem, column: int) -> None:
        item = self.item_at(node)
        if item is not None:
            self.used.emit(item)

    def _deeds(self, item: Item) -> list[tuple[str, Qt.Key, Callable[[], object]]]:
        """What can be done with an item: words, key, and how."""
        keys = Qt.Key
        deeds: list[tuple[str, Qt.Key, Callable[[], object]]] = []
        if isinstance(item, CloudItem):
            for view in VIEWS:
                words = tr("Show as {view}", view=view)
                deeds.append((words, getattr(keys, f"Key_{view}"), partial(self.chosen.emit, view, item)))
            deeds.append((tr("Colour…"), keys.Key_I, partial(self.inked.emit, item)))
        else:
            deeds.append((tr("Show"), keys.Key_Return, partial(self.used.emit, item)))
        return [
            *deeds,
            (tr("Rename"), keys.Key_F2, self._edit_name),
            (tr("Move up"), keys.Key_PageUp, partial(self.moved.emit, item, -1)),
            (tr("Move down"), keys.Key_PageDown, partial(self.moved.emit, item, 1)),
            (tr("Remove"), keys.Key_Delete, partial(self.closed.emit, item)),
        ]

    def _edit_name(self) -> None:
        node = self.currentItem()
        if node is not None:
            self.editItem(node, 0)

    def menu_of(self, item: Item) -> QMenu:
        """What can be done with an item, with the keys for it."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for words, key, deed in self._deeds(item):
            action = menu.addAction(words, deed)
            action.setShortcut(key)
            action.setShortcutVisibleInContextMenu(True)
        return menu

    @Slot(QPoint)
    def _menu_at(self, place: QPoint) -> None:
        node = self.itemAt(place)
        item = self.item_at(node)
        if item is not None and node is not None:
            self.setCurrentItem(node)
            self.menu_of(item).popup(self.viewport().mapToGlobal(place))

    def event(self, event: QEvent) -> bool:
        """Keys that mean something here do not run the window's actions."""
        override = event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent)
        if override and isinstance(event, QKeyEvent) and self._deed_of(event) is not None:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        deed = self._deed_of(event)
        if deed is None:
            super().keyPressEvent(event)
        else:
            deed()

    def _deed_of(self, event: QKeyEvent) -> Callable[[], object] | None:
        item = self.item_at(self.currentItem())
        plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
        if item is None or not plain:
            return None
        return next((deed for _, key, deed in self._deeds(item) if key == event.key()), None)
