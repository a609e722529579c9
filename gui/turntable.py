"""A turntable video of the views: one picture a turn of the event loop, so that the window stays alive."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtGui import QImage

from codec import CancelledError, InputError

from .model.session import Session

FRAMES, FRAMES_PER_SECOND = 90, 18
SUFFIXES = (".ogv", ".webp", ".gif")


class FrameWriter(Protocol):
    """Takes (H, W, 3) uint8 pictures of one size."""

    def add(self, pixels: np.ndarray[Any, Any]) -> None: ...

    def close(self) -> None: ...


class TheoraWriter:
    """Ogg Theora by VTK."""

    def __init__(self, path: str) -> None:
        from vtkmodules.vtkIOOggTheora import vtkOggTheoraWriter

        self._writer = vtkOggTheoraWriter()
        self._writer.SetFileName(path)
        self._writer.SetRate(FRAMES_PER_SECOND)
        self._writer.SetQuality(2)
        self._started = False

    def add(self, pixels: np.ndarray[Any, Any]) -> None:
        from vtkmodules.util.numpy_support import numpy_to_vtk
        from vtkmodules.vtkCommonDataModel import vtkImageData

        height, width = pixels.shape[0] // 2 * 2, pixels.shape[1] // 2 * 2  # Theora wants even sizes
        image = vtkImageData()
        image.SetDimensions(width, height, 1)
        rows = np.ascontiguousarray(pixels[:height, :width][::-1]).reshape(-1, 3)
        image.GetPointData().SetScalars(numpy_to_vtk(rows, deep=True))
        self._writer.SetInputData(image)
        if not self._started:
            self._writer.Start()
            self._started = True
        self._writer.Write()

    def close(self) -> None:
        if self._started:
            self._writer.End()


class AnimationWriter:
    """Animated WebP or GIF by Pillow."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._frames: list[Any] = []

    def add(self, pixels: np.ndarray[Any, Any]) -> None:
        from PIL import Image

        self._frames.append(Image.fromarray(pixels))

    def close(self) -> None:
        if self._frames:
            first, *rest = self._frames
            milliseconds = round(1000 / FRAMES_PER_SECOND)
            first.save(self._path, save_all=True, append_images=rest, duration=milliseconds, loop=0)


def writer_for(path: str) -> FrameWriter:
    """By the name's ending; InputError for one that is not in SUFFIXES."""
    suffix = Path(path).suffix.lower()
    if suffix not in SUFFIXES:
        raise InputError(f"no video format '{suffix}'; known: {', '.join(SUFFIXES)}", path=path)
    return TheoraWriter(path) if suffix == ".ogv" else AnimationWriter(path)


class Turntable(QObject):
    """Turns the camera once around. `ended`: the exception that stopped it, or None for a complete file.

    ready: whether the picture of the camera in force is complete; picture: that picture.
    """

    stepped = Signal(int, int)  # frames done, of
    ended = Signal(object)

    def __init__(
        self,
        session: Session,
        path: str,
        ready: Callable[[], bool],
        picture: Callable[[], QImage],
        frames: int = FRAMES,
    ) -> None:
        super().__init__()
        self._session, self._path = session, path
        self._part = str(Path(path).with_name(f".{Path(path).stem}.part{Path(path).suffix}"))
        self._ready, self._picture, self._frames = ready, picture, frames
        self._first = session.camera
        self._done = 0
        self._writer: FrameWriter | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(15)
        self._timer.timeout.connect(self._tick)

    @property
    def running(self) -> bool:
        return self._timer.isActive()

    def start(self) -> None:
        """Raises InputError for an ending that names no format."""
        self._writer = writer_for(self._path)
        self._writer = writer_for(self._part)
        self._timer.start()

    def stop(self, error: BaseException | None = None) -> None:
        """Give up: no file appears."""
        if self.running:
            self._timer.stop()
            self._session.set_camera(self._first)
            Path(self._part).unlink(missing_ok=True)
            self.ended.emit(error or CancelledError("the video was stopped"))

    @Slot()
    def _tick(self) -> None:
        if not self._ready() or self._writer is None:
            return
        try:
            self._writer.add(_pixels(self._picture()))
            self._done += 1
            if self._done == self._frames:
                self._writer.close()
                Path(self._part).replace(self._path)
        except Exception as error:
            self.stop(error)
            return
        self.stepped.emit(self._done, self._frames)
        if self._done == self._frames:
            self._timer.stop()
            self._session.set_camera(self._first)
            self.ended.emit(None)
            return
        turn = 360.0 * self._done / self._frames
        azimuth = (self._first.azimuth + turn + 180.0) % 360.0 - 180.0
        self._session.set_camera(replace(self._first, azimuth=azimuth))


def _pixels(image: QImage) -> np.ndarray[Any, Any]:
    rgb = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(rgb.constBits(), np.uint8).reshape(rgb.height(), rgb.bytesPerLine())
    return rows[:, : 3 * rgb.width()].reshape(rgb.height(), rgb.width(), 3).copy()
