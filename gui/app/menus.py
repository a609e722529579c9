"""Menus and tool bar, made from the action registry."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QAction, QKeySequence, QResizeEvent, QUndoStack
from PySide6.QtWidgets import QDockWidget, QMainWindow, QMenu, QToolBar, QToolButton

from octavox.gui.base.actions import ActionRegistry
from octavox.gui.base.i18n import tr
from octavox.gui.commands.registry import MENUS
from octavox.gui.document.session import Session

from .mode_menus import ModeMenus

TOOLS = ("open", "save_stream", "", "compress", "decompress", "cancel", "", "overlay")
ICONS_ONLY = ("fit", "screenshot")
MOST_LETTERS, FEW_LETTERS = 22, 14  # of a choice in force, with room and without


class Menus(QObject):
    """The menu bar. `opened`: a recent file was chosen."""

    opened = Signal(str)

    def __init__(
        self, window: QMainWindow, actions: ActionRegistry, undo_stack: QUndoStack, docks: list[QDockWidget]
    ) -> None:
        super().__init__(window)
        self._window = window
        self._menus: dict[str, QMenu] = {}
        for name in MENUS:
            self.menu(name)
        self.undo = undo_stack.createUndoAction(self, tr("Undo"))
        self.redo = undo_stack.createRedoAction(self, tr("Redo"))
        self.undo.setShortcut(QKeySequence.StandardKey.Undo)
        self.redo.setShortcuts([QKeySequence("Ctrl+Shift+Z"), QKeySequence("Ctrl+Y")])
        self.menu("Edit").aboutToShow.connect(self._say_why)
        self.menu("Edit").addActions([self.undo, self.redo])
        for spec in actions.specs.values():
            menu = self.menu(spec.menu)
            if spec.separator and not menu.isEmpty():
                menu.addSeparator()
            menu.addAction(actions[spec.key])
            if spec.key == "open_sample":
                self._recent = self.menu("File/Open recent")
        self.modes = ModeMenus(self)
        for path, group in (("View/Points by", "cloud_mode"), ("View/Blocks by", "block_mode")):
            self.menu(path).addSeparator()
            for modes in self.modes.of(group):
                self.menu(path).addMenu(modes)
        self.menu("Window").addSeparator()
        for dock in docks:
            self.menu("Window").addAction(dock.toggleViewAction())

    @Slot()
    def _say_why(self) -> None:
        """Tips of undo and redo: why one is off."""
        for action, why in ((self.undo, tr("Nothing to undo")), (self.redo, tr("Nothing to redo"))):
            action.setToolTip(action.text() if action.isEnabled() else why)
            action.setStatusTip("" if action.isEnabled() else why)

    def menu(self, path: str) -> QMenu:
        """The menu at a path of titles, made if need be."""
        if path not in self._menus:
            parent, _, name = path.rpartition("/")
            title = tr(name) if parent else f"&{tr(name)}"
            owner = self.menu(parent).addMenu(title) if parent else self._window.menuBar().addMenu(title)
            owner.setToolTipsVisible(True)
            self._menus[path] = owner
        return self._menus[path]

    def show_recent(self, paths: list[str]) -> None:
        self._recent.clear()
        for path in paths:
            action = QAction(Path(path).name, self._recent)
            action.setToolTip(path)
            action.setData(path)
            action.triggered.connect(self._open_recent)
            self._recent.addAction(action)
        self._recent.setEnabled(bool(paths))

    @Slot()
    def _open_recent(self) -> None:
        action = self.sender()
        if isinstance(action, QAction):
            self.opened.emit(str(action.data()))


class ToolBar(QToolBar):
    """Buttons for the main actions, and drop-downs for colours and point sizes."""

    def __init__(self, window: QMainWindow, actions: ActionRegistry, modes: ModeMenus) -> None:
        super().__init__(tr("Tools"), window)
        self._actions, self._modes = actions, modes
        self.setObjectName("barTools")
        self.setMovable(False)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.toggleViewAction().setVisible(False)
        window.addToolBar(self)
        for name in TOOLS:
            if name:
                self.addAction(actions[name])
            else:
                self.addSeparator()
        self._choices: list[tuple[QToolButton, str, list[str], str]] = []
        self._fitted: tuple[int, tuple[str, ...]] = (0, ())  # for which width and choices in force
        self._choice("", "block_mode", tr("What colours the blocks"))
        self.addSeparator()
        self._choice(tr("Points: "), "cloud_mode", tr("What colours the points"))
        self._choice(tr("Size: "), "point_size", tr("How large points are drawn"))
        self.addSeparator()
        self._choice(tr("Panels: "), "layout", tr("Which panels are open"))
        self.addSeparator()
        for name in ICONS_ONLY:
            self.addAction(actions[name])
        self._style(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._take_focus()

    def _choice(self, title: str, group: str, tip: str) -> None:
        """A drop-down over a group of actions; shows the one in force."""
        keys = [key for key, spec in self._actions.specs.items() if spec.group == group]
        button = QToolButton()
        menu = QMenu(button)
        menu.setToolTipsVisible(True)
        menu.addActions([self._actions[key] for key in keys])
        for more in self._modes.of(group):
            menu.addMenu(more)
        button.setMenu(menu)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        button.setProperty("menu", True)
        self.addWidget(button)
        self._choices.append((button, title, keys, group))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def refresh(self, session: Session) -> None:
        self._modes.refresh(session)
        for button, _, keys, _ in self._choices:
            button.setEnabled(any(self._actions[key].isEnabled() for key in keys))
        self._fit()

    def _chosen(self, keys: list[str], group: str) -> str:
        """The choice in force; "" where there is none."""
        found = [self._actions[key].iconText() for key in keys if self._actions[key].isChecked()]
        return found[0] if found else self._modes.checked(group)

    def _take_focus(self) -> None:
        """Tab reaches every tool; of itself Qt leaves out those of actions."""
        for action in self.actions():
            button = self.widgetForAction(action)
            if isinstance(button, QToolButton):
                button.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def _style(self, style: Qt.ToolButtonStyle) -> None:
        self.setToolButtonStyle(style)
        for name in ICONS_ONLY:
            button = self.widgetForAction(self._actions[name])
            if isinstance(button, QToolButton):
                button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)

    def _fit(self) -> None:
        """Leave words out until all tools have room: those of the buttons, which have pictures, then titles
        of the choices and letters of what is in force."""
        chosen = tuple(self._chosen(keys, group) for _, _, keys, group in self._choices)
        if self._fitted == (self.width(), chosen):
            return
        self._fitted = (self.width(), chosen)
        styles, layout = Qt.ToolButtonStyle, self.layout()
        for style, titles, letters in (
            (styles.ToolButtonTextBesideIcon, True, MOST_LETTERS),
            (styles.ToolButtonIconOnly, True, MOST_LETTERS),
            (styles.ToolButtonIconOnly, True, FEW_LETTERS),
            (styles.ToolButtonIconOnly, False, FEW_LETTERS),
        ):
            self._style(style)
            for (button, title, _, _), words in zip(self._choices, chosen, strict=True):
                short = words if len(words) <= letters else f"{words[: letters - 1].rstrip()}…"
                if words:
                    button.setText((title if titles else "") + short)
            if layout is None or layout.sizeHint().width() <= self.width():
                return
