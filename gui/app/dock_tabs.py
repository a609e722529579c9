"""The tabs of panels that share a place: whole names, and none that an earlier layout has left behind.

Qt keeps the tab bars of earlier layouts in sight: splitting a place that has tabs, and each restored layout,
leaves one behind (seen in Qt 6.11).
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, QSignalBlocker, Qt, QTimer, Slot
from PySide6.QtWidgets import QDockWidget, QMainWindow, QTabBar

from octavox.gui.base.i18n import tr

PROBE = "\u2063"  # an invisible letter


class DockTabs(QObject):
    """Keeps the tab bars of a window in order after each change of its layout."""

    def __init__(self, window: QMainWindow, docks: Sequence[QDockWidget]) -> None:
        super().__init__(window)
        self._window, self._docks = window, docks
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.settle)
        for dock in docks:
            dock.dockLocationChanged.connect(self.schedule)
            dock.topLevelChanged.connect(self.schedule)
            dock.visibilityChanged.connect(self.schedule)

    @Slot()
    def schedule(self) -> None:
        """Settle once the changes under way are over."""
        self._timer.start(0)

    def _bars(self) -> list[QTabBar]:
        return self._window.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly)

    def _used(self) -> list[QTabBar]:
        """The tab bars in use: Qt writes a panel's new title on them alone."""
        docks = [dock for dock in self._docks if self._window.tabifiedDockWidgets(dock)]
        blocked = [QSignalBlocker(dock) for dock in docks]
        for dock in docks:
            dock.setWindowTitle(dock.windowTitle() + PROBE)
        found = [bar for bar in self._bars() if any(PROBE in bar.tabText(k) for k in range(bar.count()))]
        for dock in docks:
            dock.setWindowTitle(dock.windowTitle().removesuffix(PROBE))
        for blocker in blocked:
            blocker.unblock()
        return found

    @Slot()
    def settle(self) -> None:
        """Hide the bars that no panel uses; the names on the others are whole and scroll where need be."""
        used = self._used()
        for bar in self._bars():
            bar.setVisible(bar in used)  # Qt may take one that was hidden here into use again
            if bar not in used:
                continue
            bar.setElideMode(Qt.TextElideMode.ElideNone)
            bar.setUsesScrollButtons(True)
            bar.setAccessibleName(tr("Panels that share this place"))
            bar.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            for k in range(bar.count()):
                bar.setTabToolTip(k, bar.tabText(k))
