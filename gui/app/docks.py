"""The docks of the panels: their places, the layouts of the tasks, and what the user changed of each."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QByteArray, QObject, Qt, QTimer, Slot
from PySide6.QtWidgets import QDockWidget, QMainWindow

from octavox.gui.base.i18n import tr
from octavox.gui.base.settings import Settings
from octavox.gui.document.layouts import LAYOUTS, layout_of

from .dock_tabs import DockTabs
from .panels import PANELS

VERSION = 5  # of the states that are kept; another one is not restored
NARROW, NARROW_DOCK = 1150, 244  # pixels of the window, and of a panel at its side
# Narrower than all of a panel's contents, so that no panel widens the window.
LEAST_WIDTH = {"left": 180, "right": 180, "bottom": 240}
AREAS = {
    "left": Qt.DockWidgetArea.LeftDockWidgetArea,
    "right": Qt.DockWidgetArea.RightDockWidgetArea,
    "bottom": Qt.DockWidgetArea.BottomDockWidgetArea,
}
VERTICAL, HORIZONTAL = Qt.Orientation.Vertical, Qt.Orientation.Horizontal
# Pixels of docks that stand beside or above each other, for the first of these sets that is open.
SIZES = (
    ((("Scene", 140), ("Codec", 450), ("Properties", 130)), VERTICAL),
    ((("Scene", 110), ("Properties", 580)), VERTICAL),
    ((("Scene", 250), ("Inspector", 250)), HORIZONTAL),
    ((("Scene", 250),), HORIZONTAL),
    ((("Blocks", 470), ("Histogram", 290)), HORIZONTAL),
    ((("Blocks", 225),), VERTICAL),
)


class Docks(QObject):
    """`by_name`: the docks. `current`: key of the layout in force."""

    def __init__(self, window: QMainWindow, panels: dict[str, Any]) -> None:
        super().__init__(window)
        self._window = window
        self.current = LAYOUTS[0].key
        self.by_name: dict[str, QDockWidget] = {}
        self._make(panels)
        self.tabs = DockTabs(window, list(self.by_name.values()))
        self._first = QByteArray()
        self._states: dict[str, QByteArray] = {}  # of the layouts, as the user left them
        self._narrow = False
        self._last = QByteArray()  # how the panels stood when they were removed

    def _make(self, panels: dict[str, Any]) -> None:
        window = self._window
        window.setCorner(Qt.Corner.BottomLeftCorner, AREAS["left"])
        window.setCorner(Qt.Corner.BottomRightCorner, AREAS["right"])
        for spec in PANELS:
            dock = QDockWidget(tr(spec.name), window)
            dock.setObjectName(f"dock{spec.name}")
            panels[spec.name].setMinimumWidth(LEAST_WIDTH[spec.area])
            dock.setWidget(panels[spec.name])
            window.addDockWidget(AREAS[spec.area], dock)
            if spec.right_of:
                window.splitDockWidget(self.by_name[spec.right_of], dock, HORIZONTAL)
            elif spec.beside:
                window.tabifyDockWidget(self.by_name[spec.beside], dock)
            self.by_name[spec.name] = dock
        for spec in PANELS:
            if not spec.beside:
                self.by_name[spec.name].raise_()
        self._resize()

    def _resize(self) -> None:
        """Give the open docks their sizes."""
        done: set[tuple[str, Qt.Orientation]] = set()
        for sizes, direction in SIZES:
            names = [name for name, _ in sizes]
            if (names[0], direction) in done or any(self.by_name[name].isHidden() for name in names):
                continue
            done.add((names[0], direction))
            pixels = [size for _, size in sizes]
            self._window.resizeDocks([self.by_name[name] for name in names], pixels, direction)

    # -- layouts -------------------------------------------------------------------------------------

    def switch(self, key: str) -> None:
        """Show the panels of a layout, as the user left them."""
        self._states[self.current] = self._window.saveState(VERSION)
        self.current = layout_of(key).key
        state = self._states.get(self.current)
        if state is None or not self._window.restoreState(state, VERSION):
            self._arrange()
        self.tabs.settle()

    def reset(self) -> None:
        """Put the panels of the layout in force back in their places."""
        self._arrange()
        self.tabs.settle()

    def _arrange(self) -> None:
        layout = layout_of(self.current)
        self._window.restoreState(self._first, VERSION)
        if not layout.panels:
            self._leave_room()
            return
        for name, dock in self.by_name.items():
            dock.setVisible(name in layout.panels)
        for name in layout.front:
            self.by_name[name].raise_()
        self._resize()
        self._leave_room()

    def fit(self, width: int) -> None:
        """In a window that becomes narrow the panels at the sides leave more room to the views."""
        narrow, before = width < NARROW, self._narrow
        self._narrow = narrow
        if narrow and not before:
            QTimer.singleShot(0, self, self._leave_room)

    @Slot()
    def _leave_room(self) -> None:
        if self._narrow:
            docks = [self.by_name[name] for name in ("Scene", "Inspector")]
            docks = [dock for dock in docks if not dock.isHidden()]
            self._window.resizeDocks(docks, [NARROW_DOCK] * len(docks), HORIZONTAL)

    def remove(self) -> None:
        """Take the docks out of the window; their names are free for others."""
        self._last = self._window.saveState(VERSION)
        for dock in self.by_name.values():
            self._window.removeDockWidget(dock)
            dock.setObjectName("")
            dock.setParent(None)  # type: ignore[call-overload]
            dock.deleteLater()
        self.tabs.deleteLater()
        self.deleteLater()

    # -- settings ------------------------------------------------------------------------------------

    def restore(self, settings: Settings) -> None:
        """Take the window's place and the layouts of an earlier run; the present state becomes the first."""
        self._first = self._window.saveState(VERSION)
        geometry, state = settings.window()
        self._states = settings.layouts([layout.key for layout in LAYOUTS])
        if geometry is not None and state is not None:
            self._window.restoreGeometry(geometry)
            self._take(state, settings.layout)
        self.tabs.settle()

    def _take(self, state: QByteArray, current: str) -> None:
        self.current = layout_of(current).key
        if not self._window.restoreState(state, VERSION):
            self._arrange()
        self._narrow = self._window.width() < NARROW  # as wide as the user left them

    def save(self, settings: Settings) -> None:
        self._states.pop(self.current, None)
        settings.layout = self.current
        settings.save_layouts(self._states)
        settings.save_window(self._window.saveGeometry(), self._window.saveState(VERSION))

    def take_over(self, other: Docks) -> None:
        """Continue with the layouts of docks that were removed; the present state becomes the first."""
        self._first, self._states = self._window.saveState(VERSION), other._states
        self._take(other._last, other.current)
        self.tabs.settle()
