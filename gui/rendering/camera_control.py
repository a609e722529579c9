"""Moves the session's camera: by the mouse over a view, and so that a box or a cloud fills a view."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, QTimer, Slot

from octavox.gui.document.camera import Camera, box_corners
from octavox.gui.document.display import CloudDisplay
from octavox.gui.document.linked import camera_of, carried
from octavox.gui.document.session import Session

from .layers import box_edges
from .pane import Pane
from .side import Side

FIT_BLOCKS = 1_000
FIT_POINTS = 20_000  # a random sample that represents the cloud's outline


class CameraControl(QObject):
    """fit: fits a box again, or the whole cloud, after the views changed their size."""

    def __init__(self, session: Session, fit: Callable[..., None], parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._fit = session, fit
        self._sides: list[Side] = []
        self._fitted: tuple[Camera, npt.ArrayLike | None, npt.ArrayLike | None] | None = None
        self._refit = QTimer(self)  # after the layout that makes room for a second view
        self._refit.setSingleShot(True)
        self._refit.setInterval(0)
        self._refit.timeout.connect(self._fit_again)

    def follow(self, side: Side) -> None:
        """Move the camera by the mouse over a view."""
        pane = side.pane
        self._sides.append(side)
        pane.orbited.connect(self._orbit)
        pane.panned.connect(self._pan)
        pane.zoomed.connect(self._zoom)
        pane.faced.connect(self._face)
        pane.centred.connect(self._centre)

    def fit(
        self, display: CloudDisplay, pane: Pane, low: npt.ArrayLike | None, high: npt.ArrayLike | None
    ) -> None:
        """Have a box in voxels fill a view, or the whole cloud with its outlines where there is none."""
        if not len(display):
            return
        if low is None or high is None:
            voxels = np.concatenate([display.points.positions[:FIT_POINTS], self._outlines()])
        else:
            voxels = box_corners(low, high).astype(np.float32)
        places, aspect = self._session.proportions.to_view(voxels), pane.width() / max(1, pane.height())
        self._session.set_camera(self._session.camera.fit(places, aspect))
        self._fitted = (self._session.camera, low, high)

    def _outlines(self) -> npt.NDArray[np.float32]:
        """Corners (n, 3) of outlined blocks, of some where there are many."""
        session = self._session
        rows = np.flatnonzero(session.outlined_blocks) if session.view.overlay else np.empty(0, np.int64)
        rows = rows[:: 1 + len(rows) // FIT_BLOCKS]
        return box_edges(session.blocks.origin[rows], session.blocks.size[rows])

    def fit_again_soon(self) -> None:
        """The views are about to become narrower."""
        self._refit.start()

    @Slot()
    def _fit_again(self) -> None:
        """Fit what was fitted last, unless the camera was moved since."""
        if self._fitted is not None and self._fitted[0] == self._session.camera:
            self._fit(*self._fitted[1:])

    def _move(self, change: Callable[[Camera, Pane], Camera]) -> None:
        """Move the camera of the view that reports, and with it those of all views where they are linked."""
        session, pane = self._session, self.sender()
        side = next((side for side in self._sides if side.pane is pane), None)
        if side is None:
            return
        shown = session.preview or session.reference
        camera = change(camera_of(session, side.letter, side.entry), side.pane)
        if not session.view.linked:
            session.set_own_camera(side.letter, camera)
        elif side.entry is None or shown is None:
            session.set_camera(camera)
        else:
            session.set_camera(carried(camera, side.entry.display, shown.display))

    @Slot(float, float)
    def _orbit(self, dx: float, dy: float) -> None:
        self._move(lambda camera, pane: camera.orbit(dx, dy))

    @Slot(float, float)
    def _pan(self, dx: float, dy: float) -> None:
        self._move(lambda camera, pane: camera.pan(dx, dy, pane.height()))

    @Slot(float)
    def _zoom(self, steps: float) -> None:
        self._move(lambda camera, pane: camera.zoom(steps))

    @Slot(int, int)
    def _face(self, axis: int, end: int) -> None:
        self._move(lambda camera, pane: camera.facing(axis, end))

    @Slot(float, float)
    def _centre(self, x: float, y: float) -> None:
        pane = self.sender()
        position = pane.position_at(x, y) if isinstance(pane, Pane) else None
        if position is not None:
            self._move(lambda camera, pane: camera.centred(position))

    def shut(self) -> None:
        self._refit.stop()
