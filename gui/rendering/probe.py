"""Shows what the point under the cursor holds, in its view and at the same voxel of the other view."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPointF, QTimer, Slot

from octavox.gui.document.events import CameraChanged, CloudsChanged, ViewChanged
from octavox.gui.document.items import CloudItem
from octavox.gui.document.overlap import on_one_grid
from octavox.gui.document.probe import probe_lines
from octavox.gui.document.session import Session

from .side import Side

REST_MS = 60  # of the cursor, before the point under it is looked for


class Probe(QObject):
    """Follows the cursor over all views."""

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._sides: list[Side] = []
        self._at: tuple[Side, float, float] | None = None  # the view and the place of the cursor
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(REST_MS)
        self._soon.timeout.connect(self._look)
        session.events.subscribe(self._changed, CameraChanged, CloudsChanged, ViewChanged)

    def follow(self, side: Side) -> None:
        """Show points of a view, too."""
        self._sides.append(side)
        side.pane.hovered.connect(self._moved)
        side.pane.left.connect(self.hide)

    def _changed(self, event: object) -> None:
        self.hide()

    @Slot(float, float)
    def _moved(self, x: float, y: float) -> None:
        side = next(side for side in self._sides if side.pane is self.sender())
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
            there = voxel is not None and other.entry is not None and _one_grid(side, other)
            row = other.entry.display.row_of(voxel) if there and voxel and other.entry else None
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
        found: list[int] = entry.display.nearest_voxel(entry.display.proportions.to_voxels(place)).tolist()
        return found

    def shut(self) -> None:
        self._soon.stop()


def _one_grid(a: Side, b: Side) -> bool:
    """Whether equal coordinates are the same place in both views."""
    return (
        a.entry is not None
        and b.entry is not None
        and on_one_grid(a.entry.display.cloud, b.entry.display.cloud)
    )
