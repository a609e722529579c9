"""Picks points for a measurement, and shows it in all views."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, Signal

from octavox.gui.document import text
from octavox.gui.document.events import CloudsChanged, Event, ViewChanged
from octavox.gui.document.measure import Measurement, with_point
from octavox.gui.document.session import Session

from .pane_grid import PaneGrid
from .side import Side


class Measuring(QObject):
    """`told`: the measurement in words."""

    told = Signal(str)

    def __init__(self, session: Session, grid: PaneGrid, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._grid = session, grid
        self.found: Measurement | None = None
        session.events.subscribe(self._changed, CloudsChanged, ViewChanged)

    def pick(self, side: Side, x: float, y: float) -> None:
        """The voxel that is drawn at a pixel, if there is one."""
        entry, place = side.entry, side.pane.position_at(x, y)
        if entry is None or place is None or not len(entry.display):
            return
        voxel = entry.display.nearest_voxel(self._session.proportions.to_voxels(place))
        self.found = with_point(self.found, voxel.tolist(), entry.display.cloud.transform)
        self.show()
        self.told.emit(self.found.words())

    def _changed(self, event: Event) -> None:
        if self.found is not None and (isinstance(event, CloudsChanged) or not self._session.view.measure):
            self.found = None
            self.show()

    def show(self) -> None:
        """Write the lengths and the angle beside what was measured."""
        found = self.found
        voxels = np.array(found.voxels if found else (), np.float64).reshape(-1, 3) + 0.5
        labels = found.lengths if found else []
        angle = found.angle if found else None
        corner = "" if angle is None else f"{text.fixed(angle, 1)}°"
        for side in self._grid.sides:
            side.pane.overlay.show_measure(self._session.proportions.to_view(voxels), labels, corner)
