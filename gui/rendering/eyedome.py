"""Eye-dome lighting over a finished picture, computed strip by strip so that the window reacts meanwhile."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtGui import QImage

from octavox.gui.document.eyedome import REACH, shadows

STRIP_ROWS = 96  # some milliseconds each


class EyeDome(QObject):
    """`ready`: a QImage of black with the darkness as alpha, or None when it no longer fits the picture."""

    ready = Signal(object)

    def __init__(self, depth: Callable[[], npt.NDArray[np.float32]], parent: QObject) -> None:
        super().__init__(parent)
        self.enabled = False
        self.span = 1.0  # depth of the scene, voxels
        self._source = depth
        self._depth: npt.NDArray[np.float32] | None = None
        self._captured: npt.NDArray[np.float32] | None = None
        self._dark: npt.NDArray[np.uint8] = np.empty((0, 0), np.uint8)
        self._row = 0
        self._shown = False
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._strip)

    def capture(self) -> None:
        """All points are drawn, and no outlines yet: keep their depth."""
        self._captured = self._source()

    def start(self) -> None:
        """A picture is complete: compute its lighting."""
        if self.enabled:
            self._depth, self._row = None, 0
            self._timer.start()

    def stop(self) -> None:
        """The picture changes: remove the lighting."""
        self._timer.stop()
        self._captured = None
        if self._shown:
            self._shown = False
            self.ready.emit(None)

    def shadows(self) -> QImage:
        """The lighting computed at once, for a screenshot."""
        self._depth = self._source() if self._captured is None else self._captured
        self._dark = shadows(self._depth, self.span)
        return self._image()

    @Slot()
    def _strip(self) -> None:
        if self._depth is None:
            self._depth = self._source() if self._captured is None else self._captured
            self._dark = np.zeros(self._depth.shape, np.uint8)
            return
        first, last = self._row, min(self._row + STRIP_ROWS, len(self._depth))
        above, below = max(0, first - REACH), min(len(self._depth), last + REACH)
        part = shadows(self._depth[above:below], self.span)
        self._dark[first:last] = part[first - above : last - above]
        self._row = last
        if last == len(self._depth):
            self._timer.stop()
            self._shown = True
            self.ready.emit(self._image())

    def _image(self) -> QImage:
        height, width = self._dark.shape
        image = QImage(
            np.ascontiguousarray(self._dark).data, width, height, width, QImage.Format.Format_Alpha8
        )
        return image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)
