"""What views show of a running job: blocks as they arrive, and the voxels of a decoder in view B."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, QTimer, Slot

from octavox.gui.document.colour_modes import is_by_block
from octavox.gui.document.session import Session

from .drawing import Drawing
from .painting import Painting
from .pane_grid import PaneGrid
from .side import Side

LIVE_MS = 150  # least time between two redraws of arriving blocks
LIVE_SHARE = 4  # and at least this multiple of what the last one cost


class Live(QObject):
    """Redraws at a pace that leaves time for all else.

    stale: whether all is about to be drawn anew anyway. drew: called after each redraw, for the legend.
    """

    def __init__(
        self,
        session: Session,
        drawing: Drawing,
        painting: Painting,
        grid: PaneGrid,
        stale: Callable[[], bool],
        drew: Callable[[], None],
    ) -> None:
        super().__init__(grid)
        self._session, self._drawing, self._painting, self._grid = session, drawing, painting, grid
        self._stale, self._drew = stale, drew
        self._cost = 0.0
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._refresh)

    @property
    def waiting(self) -> bool:
        """Whether something arrived that is not drawn yet."""
        return self._timer.isActive()

    @property
    def _view(self) -> Side:
        """The one that a decoder fills."""
        return self._grid.side("B")

    def arrived(self) -> None:
        """Rows were appended to the session's table, or voxels to view B: show them soon."""
        if not self.waiting:
            drawing = sum(s.pane.drawn_milliseconds for s in self._grid.sides if s.box.isVisible())
            self._timer.start(max(LIVE_MS, round((self._cost + drawing) * LIVE_SHARE)))

    @Slot()
    def _refresh(self) -> None:
        if self._stale() or not (self._session.blocks_live or self._view.filling):
            return  # all is about to be drawn anew, or was when the job ended
        started = time.perf_counter()
        self._painting.refresh()
        for side in self._grid.sides:
            self._drawing.boxes(side)
            if side.entry is not None and is_by_block(self._session.view.cloud_mode):
                self._drawing.recolor(side, side.entry)
            if side.box.isVisible():
                side.pane.add_detail()
            self._drawing.header(side)
        self._drew()
        self._cost = 1000 * (time.perf_counter() - started)

    def start_filling(self) -> None:
        """Get view B ready for voxels of a running decoder."""
        side = self._view
        side.entry, side.filling, side.drawn = None, 0, None
        side.pane.apply(side.pane.points.start_filling())
        side.pane.apply(side.pane.cubes.hide())
        left = self._session.items.shown_in("A")
        if left is not None:
            display = left.display
            side.pane.set_bounds(display.middle, display.radius + 64)

    def fill(self, coords: npt.NDArray[np.int32]) -> None:
        """Voxels decoded since the last call, (n, 3)."""
        side = self._view
        side.filling += len(coords)
        side.pane.apply(side.pane.points.add(coords, self._painting.arrivals(coords)))
        self._drawing.size_points(side)
        self.arrived()

    def stop(self) -> None:
        self._timer.stop()
