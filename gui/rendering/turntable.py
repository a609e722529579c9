"""A turntable video of the views: one picture in each turn of the event loop, so that the window reacts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtGui import QImage

from octavox.codec import CancelledError
from octavox.gui.document.session import Session
from octavox.gui.jobs.video_file import Pixels, VideoFile

FRAMES = 90


class Turntable(QObject):
    """Turns the camera once around. `ended`: the exception that stopped it, or None for a complete file.

    ready: whether the picture of the camera in force is complete; picture: that picture; settle: the camera
    rests, so that its picture is completed now.
    """

    stepped = Signal(int, int)  # frames done, of
    ended = Signal(object)

    def __init__(
        self,
        session: Session,
        path: str,
        ready: Callable[[], bool],
        picture: Callable[[], QImage],
        settle: Callable[[], None],
        frames: int = FRAMES,
    ) -> None:
        """Raises InputError for an ending that names no format."""
        super().__init__()
        self._session, self._file = session, VideoFile(path)
        self._ready, self._picture, self._settle, self._frames = ready, picture, settle, frames
        self._first = session.camera
        self._done, self._taken = 0, False
        self._timer = QTimer(self)
        self._timer.setInterval(10)
        self._timer.timeout.connect(self._tick)

    @property
    def running(self) -> bool:
        return self._timer.isActive()

    def start(self) -> None:
        self._timer.start()

    def stop(self, error: BaseException | None = None) -> None:
        """Stop; no file appears."""
        if self.running:
            self._timer.stop()
            self._file.stop()
            self._session.set_camera(self._first)
            self.ended.emit(error or CancelledError("the video was stopped"))

    @Slot()
    def _tick(self) -> None:
        try:
            if self._done == self._frames:
                if self._file.closed:
                    self._timer.stop()
                    self._session.set_camera(self._first)
                    self.ended.emit(None)
            elif self._taken:  # the next picture is begun in another turn
                self._taken = False
                self._step()
            elif self._file.ready and self._ready():
                self._file.add(_pixels(self._picture()))
                self._taken = True
        except Exception as error:
            self.stop(error)

    def _step(self) -> None:
        self._done += 1
        self.stepped.emit(self._done, self._frames)
        if self._done == self._frames:
            self._file.close()
            return
        turn = 360.0 * self._done / self._frames
        azimuth = (self._first.azimuth + turn + 180.0) % 360.0 - 180.0
        self._session.set_camera(replace(self._first, azimuth=azimuth))
        self._settle()


def _pixels(image: QImage) -> Pixels:
    rgb = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(rgb.constBits(), np.uint8).reshape(rgb.height(), rgb.bytesPerLine())
    return rows[:, : 3 * rgb.width()].reshape(rgb.height(), rgb.width(), 3).copy()
