"""Shows what the point under the cursor holds, in its view and at the same voxel of the other view."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPointF, QTimer, Slot

from octavox.gui.document.events import CameraChanged, CloudsChanged, ViewChanged
from octavox.gui.document.items import CloudItem
from octavox.gui.document.probe import probe_lines
from octavox.gui.document.session import Session

from .side import Side

REST_MS = 60  # of the cursor, before the point under it is looked for


class Probe(QObject):
    """Follows the cursor over both views."""

    def __init__(self, session: Session, sides: tuple[Side, Side], parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._sides = session, sides
        self._at: tuple[Side, float, float] | None = None  # the view and the place of the cursor
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(REST_MS)
        self._soon.timeout.connect(self._look)
        for side in sides:
            side.pane.hovered.connect(self._moved)
            side.pane.left.connect(self.hide)
        session.events.subscribe(self._changed, CameraChanged, CloudsChanged, ViewChanged)

    def _changed(self, event: object) -> None:
        self.hide()

    @Slot(float, float)
    def _moved(self, x: float, y: float) -> None:
        side = self._sides[1] if self.sender() is self._sides[1].pane else self._sides[0]
        self._at = (side, x, y)
        if self._session.view.probe:
            self._soon.start()

    @Slot()
    def hide(self) -> None:
        self._soon.stop()
        for side in self._sides:
            side.pane.overlay.show_probe([], QPointF())

    @Slot()
    def _look(self) -> None:
        if self._at is None:
            return
        side, x, y = self._at
        if not side.pane.complete:
            self._soon.start()
            return
        voxel = self._voxel_at(side, x, y)
        for other in self._sides:
            row = None if voxel is None or other.entry is None else other.entry.display.row_of(voxel)
            lines = [] if row is None or other.entry is None else probe_lines(other.entry, row)
            other.pane.overlay.show_probe(lines, QPointF(x, y))

    def _voxel_at(self, side: Side, x: float, y: float) -> list[int] | None:
        """The drawn voxel at a pixel; None where there is none."""
        entry: CloudItem | None = side.entry
        if entry is None or not len(entry.display) or self._session.surprise_on(entry) is not None:
            return None  # a surprise draws voxels that hold no point
        place = side.pane.position_at(x, y)
        if place is None:
            return None
        found: list[int] = entry.display.nearest_voxel(self._session.proportions.to_voxels(place)).tolist()
        return found

    def shut(self) -> None:
        self._soon.stop()
