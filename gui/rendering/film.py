"""Videos of the views: one picture in each turn of the event loop, so that the window reacts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtGui import QImage

from octavox.codec import CancelledError
from octavox.gui.document.session import Session
from octavox.gui.jobs.video_file import FRAMES_PER_SECOND, Pixels, VideoFile

FRAMES = 90  # of a turn


@dataclass(frozen=True)
class Shots:
    """What a video shows. show: begins one of `count` pictures, from 0 on. ready: whether the one that was
    begun is complete. picture: that picture. over: the views show what they did before. rate: pictures a
    second."""

    count: int
    show: Callable[[int], None]
    ready: Callable[[], bool]
    picture: Callable[[], QImage]
    over: Callable[[], None]
    rate: float = FRAMES_PER_SECOND


def orbit(
    session: Session,
    ready: Callable[[], bool],
    picture: Callable[[], QImage],
    settle: Callable[[], None],
    frames: int = FRAMES,
) -> Shots:
    """One turn of the camera around what it looks at. settle: the camera rests, so that its picture is
    completed now."""
    first = session.camera

    def show(number: int) -> None:
        azimuth = (first.azimuth + 360.0 * number / frames + 180.0) % 360.0 - 180.0
        session.set_camera(replace(first, azimuth=azimuth))
        settle()

    return Shots(frames, show, ready, picture, lambda: session.set_camera(first))


class Film(QObject):
    """Writes a video. `ended`: the exception that stopped it, or None for a complete file."""

    stepped = Signal(int, int)  # pictures done, of
    ended = Signal(object)

    def __init__(self, path: str, shots: Shots) -> None:
        """Raises as `VideoFile`."""
        super().__init__()
        self._shots, self._file = shots, VideoFile(path, shots.rate)
        self._done, self._taken = 0, False
        self._timer = QTimer(self)
        self._timer.setInterval(10)
        self._timer.timeout.connect(self._tick)

    @property
    def running(self) -> bool:
        return self._timer.isActive()

    def start(self) -> None:
        self._timer.start()
        self._shots.show(0)

    def stop(self, error: BaseException | None = None) -> None:
        """Stop; no file appears."""
        if self.running:
            self._timer.stop()
            self._file.stop()
            self._shots.over()
            self.ended.emit(error or CancelledError("the video was stopped"))

    @Slot()
    def _tick(self) -> None:
        try:
            if self._done == self._shots.count:
                if self._file.closed:
                    self._timer.stop()
                    self._shots.over()
                    self.ended.emit(None)
            elif self._taken:  # the next picture is begun in another turn
                self._taken = False
                self._step()
            elif self._file.ready and self._shots.ready():
                self._file.add(_pixels(self._shots.picture()))
                self._taken = True
        except Exception as error:
            self.stop(error)

    def _step(self) -> None:
        self._done += 1
        self.stepped.emit(self._done, self._shots.count)
        if self._done == self._shots.count:
            self._file.close()
        else:
            self._shots.show(self._done)


def _pixels(image: QImage) -> Pixels:
    rgb = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(rgb.constBits(), np.uint8).reshape(rgb.height(), rgb.bytesPerLine())
    return rows[:, : 3 * rgb.width()].reshape(rgb.height(), rgb.width(), 3).copy()
