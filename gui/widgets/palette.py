"""The command palette: finds actions by a few letters; a disabled action shows the reason."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtGui import QAction, QFocusEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QFrame, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from octavox.gui.base.actions import ActionRegistry
from octavox.gui.base.i18n import tr
from octavox.gui.document.search import ranked

WIDTH, ROWS = 560, 12
ROLE = Qt.ItemDataRole.UserRole


class Query(QLineEdit):
    """Reports the keys that move in the list or close it."""

    stepped = Signal(int)
    entered = Signal()
    left = Signal()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
            if event.key() == Qt.Key.Key_Escape:  # closes the palette instead of cancelling a job
                event.accept()
                return True
            return super().event(event)
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self.stepped.emit(1 if key == Qt.Key.Key_Down else -1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered.emit()
        elif key == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.left.emit()


class Entry(NamedTuple):
    """An action that can be found. menu: the titles that lead to it."""

    key: str
    action: QAction
    menu: tuple[str, ...]


class Palette(QFrame):
    """Lies over the window's upper middle; Escape or a click elsewhere closes it."""

    def __init__(self, window: QWidget, actions: ActionRegistry, others: Iterable[Entry] = ()) -> None:
        """others: actions that the registry does not hold, as undo and the panels."""
        super().__init__(window)
        self.setObjectName("palette")
        self._window = window
        own = (
            Entry(key, actions[key], tuple(tr(part) for part in spec.menu.split("/")))
            for key, spec in actions.specs.items()
            if key != "palette"
        )
        self._entries = {entry.key: entry for entry in (*own, *others)}
        self.edit, self.list = Query(), QListWidget()
        self.edit.setPlaceholderText(tr("Type a few letters of an action"))
        self.edit.setAccessibleName(tr("Find an action"))
        self.list.setAccessibleName(tr("Actions found"))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.edit.textChanged.connect(self._search)
        self.edit.stepped.connect(self._step)
        self.edit.entered.connect(self._enter)
        self.edit.left.connect(self.hide)
        self.list.itemClicked.connect(self._run)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 10, 10, 10)
        column.setSpacing(8)
        column.addWidget(self.edit)
        column.addWidget(self.list)
        self.hide()

    def open(self) -> None:
        """Show all actions and take the keyboard focus."""
        window = self._window
        row = self.list.fontMetrics().height() + 10
        self.resize(min(WIDTH, window.width() - 40), 70 + ROWS * row)
        self.move((window.width() - self.width()) // 2, 60)
        self.edit.clear()
        self._search("")
        self.show()
        self.raise_()
        self.edit.setFocus()

    @Slot(str)
    def _search(self, query: str) -> None:
        self.list.clear()
        entries = list(self._entries.values())
        for place in ranked(query, [f"{entry.action.text()}  {entry.menu[-1]}" for entry in entries]):
            key, action, menu = entries[place]
            keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
            name = action.text().rstrip("…").strip()
            words = f"{name}   {' › '.join(menu)}" + (f"   {keys}" if keys else "")
            if not action.isEnabled():
                words += f"   ({action.statusTip()})"
            item = QListWidgetItem(words)
            item.setData(ROLE, key)
            item.setToolTip(action.toolTip())
            if not action.isEnabled():
                item.setForeground(self.palette().placeholderText())
            self.list.addItem(item)
        if not self.list.count():
            nothing = QListWidgetItem(tr("No action matches"), self.list)
            nothing.setFlags(Qt.ItemFlag.NoItemFlags)
        self.list.setCurrentRow(0)
        rows = min(ROWS, max(1, self.list.count()))
        self.resize(self.width(), 74 + rows * (self.list.sizeHintForRow(0) if self.list.count() else 20))

    def found(self) -> list[str]:
        """Keys of the actions in the list."""
        found = (self.list.item(row).data(ROLE) for row in range(self.list.count()))
        return [str(key) for key in found if key is not None]

    def _run(self, item: QListWidgetItem | None) -> None:
        if item is None or item.data(ROLE) is None:
            return
        action = self._entries[str(item.data(ROLE))].action
        if action.isEnabled():  # a disabled one stays in the list, with its reason
            self.hide()
            action.trigger()

    @Slot(int)
    def _step(self, by: int) -> None:
        if self.list.count():
            self.list.setCurrentRow((self.list.currentRow() + by) % self.list.count())

    @Slot()
    def _enter(self) -> None:
        self._run(self.list.currentItem())
