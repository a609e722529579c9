"""Menus, tool bar and the two small help boxes, all made from the action registry."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QAction, QKeySequence, QUndoStack
from PySide6.QtWidgets import QDockWidget, QMainWindow, QMenu, QMessageBox, QToolBar, QToolButton, QWidget

import codec

from .action_specs import ActionSpec
from .actions import Actions
from .model.modes import BLOCK_MODES, CLOUD_MODES

MENUS = ("File", "Edit", "View", "Codec", "Window", "Help")
TOOLS = ("open", "save_stream", "", "compress", "decompress", "cancel", "", "overlay")
SHORT_NAMES = {"open": "Open", "save_stream": "Save", "overlay": "Blocks"}
ICONS_ONLY = ("fit", "screenshot")
MOUSE = (
    "Drag: orbit. Shift or middle drag: pan. Wheel or right drag: zoom. "
    "Click: pick a block. Double-click: turn about that point."
)


class Menus(QObject):
    """The menu bar. `opened`: a recent file was chosen."""

    opened = Signal(str)

    def __init__(
        self, window: QMainWindow, actions: Actions, undo_stack: QUndoStack, docks: list[QDockWidget]
    ) -> None:
        super().__init__(window)
        self._window = window
        self._menus: dict[str, QMenu] = {}
        for name in MENUS:
            self.menu(name)
        self.undo = undo_stack.createUndoAction(self, "Undo")
        self.redo = undo_stack.createRedoAction(self, "Redo")
        self.undo.setShortcut(QKeySequence.StandardKey.Undo)
        self.redo.setShortcuts([QKeySequence("Ctrl+Shift+Z"), QKeySequence("Ctrl+Y")])
        self.menu("Edit").addActions([self.undo, self.redo])
        for spec in actions.specs.values():
            menu = self.menu(spec.menu)
            if spec.separator and not menu.isEmpty():
                menu.addSeparator()
            menu.addAction(actions[spec.key])
            if spec.key == "open_sample":
                self._recent = self.menu("File/Open recent")
        self.menu("Window").addSeparator()
        for dock in docks:
            self.menu("Window").addAction(dock.toggleViewAction())

    def menu(self, path: str) -> QMenu:
        """The menu at a path of titles, made if need be."""
        if path not in self._menus:
            parent, _, name = path.rpartition("/")
            owner = self.menu(parent).addMenu(name) if parent else self._window.menuBar().addMenu(f"&{name}")
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
    """Buttons for the main actions and drop-downs for what colours and sizes things."""

    def __init__(self, window: QMainWindow, actions: Actions) -> None:
        super().__init__("Tools", window)
        self._actions = actions
        self.setObjectName("barTools")
        self.setMovable(False)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.toggleViewAction().setVisible(False)
        window.addToolBar(self)
        for name in TOOLS:
            if name:
                actions[name].setIconText(SHORT_NAMES.get(name, actions[name].text()))
                self.addAction(actions[name])
            else:
                self.addSeparator()
        modes = [f"cloud_{mode.key}" for mode in CLOUD_MODES] + ["cloud_block"]
        sizes = [key for key in actions.specs if key.startswith("point_size_")]
        self._choices: list[tuple[QToolButton, str, list[str]]] = []
        self._choice("", [f"blocks_{mode.key}" for mode in BLOCK_MODES], "What colours the blocks")
        self.addSeparator()
        self._choice("Points: ", modes, "What colours the points")
        self._choice("Size: ", sizes, "How large points are drawn")
        self.addSeparator()
        for name in ICONS_ONLY:
            self.addAction(actions[name])
            button = self.widgetForAction(actions[name])
            if isinstance(button, QToolButton):
                button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)

    def _choice(self, title: str, keys: list[str], tip: str) -> None:
        """A drop-down over a group of actions; shows the one in force."""
        button = QToolButton()
        menu = QMenu(button)
        menu.setToolTipsVisible(True)
        menu.addActions([self._actions[key] for key in keys])
        button.setMenu(menu)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setToolTip(tip)
        button.setProperty("menu", True)
        self.addWidget(button)
        self._choices.append((button, title, keys))

    def refresh(self) -> None:
        for button, title, keys in self._choices:
            chosen = [self._actions[key].text() for key in keys if self._actions[key].isChecked()]
            if chosen:
                button.setText(title + chosen[0])
            button.setEnabled(any(self._actions[key].isEnabled() for key in keys))


def show_about(parent: QWidget) -> None:
    """Version and purpose, in a box that blocks nothing."""
    box = QMessageBox(parent)
    box.setWindowTitle("About Octavox")
    box.setText(f"Octavox {codec.__version__}")
    box.setInformativeText("Shows and losslessly compresses voxelized 3D point clouds.")
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setModal(False)
    box.show()


def show_keys(parent: QWidget, specs: list[ActionSpec]) -> None:
    """All keys and what the mouse does, in a box that blocks nothing."""
    rows = [
        f"<tr><td><b>{spec.shortcut}</b>&nbsp;&nbsp;</td><td>{spec.text.rstrip('…')}</td></tr>"
        for spec in specs
        if spec.shortcut
    ]
    box = QMessageBox(parent)
    box.setWindowTitle("Keys and mouse")
    box.setText(f"<p>{MOUSE}</p><table>{''.join(rows)}</table>")
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setModal(False)
    box.show()
