"""Where VTK draws: an OpenGL surface that is not on the screen. A view paints its pictures as images.

With an OpenGL widget in a window, Qt composes the whole window through OpenGL after every change of any part,
which takes 20 to 60 ms in software. Reading a finished picture back takes less than one.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable

os.environ.setdefault("QT_API", "pyside6")

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRect
from PySide6.QtGui import QImage
from pyvistaqt import QtInteractor
from vtkmodules.util.numpy_support import vtk_to_numpy
from vtkmodules.vtkCommonCore import vtkFloatArray, vtkUnsignedCharArray
from vtkmodules.vtkRenderingCore import vtkRenderer
from vtkmodules.vtkRenderingOpenGL2 import vtkGenericOpenGLRenderWindow

from octavox.gui.document.camera import FOV, Camera

from .fence import Fence
from .opengl import point_size_switch


class Canvas(QtInteractor):  # type: ignore[misc]
    """A widget that is never shown: Qt keeps its context, VTK's own framebuffers hold what is drawn."""

    def __init__(self) -> None:
        super().__init__(None, multi_samples=0, auto_update=False)
        self.target: vtkGenericOpenGLRenderWindow = self.GetRenderWindow()
        self.target.SwapBuffersOff()  # or VTK copies each frame for a screen, and waits for it
        self._drawing = False
        self._fence: Fence | None = None
        self._size_points: Callable[[], None] | None = None
        self._size = (0, 0)  # of the picture: the lower left part of what is drawn on
        self._room = (0, 0)
        self._parts: dict[vtkRenderer, tuple[float, ...]] = {}  # of the picture that each renderer draws on

    @property
    def ready(self) -> bool:
        """Whether there is a context; making it takes about as long as a frame."""
        return self._ctx is not None

    def make_ready(self) -> None:
        self._ensure_initialized()

    def resize_to(self, width: int, height: int, ratio: float) -> bool:
        """Have pictures of so many pixels, `ratio` of which are one of Qt's. Returns whether that takes new
        buffers: they grow, and never shrink, as they cost a frame's time."""
        self._size = size = max(1, width), max(1, height)
        room = max(size[0], self._room[0]), max(size[1], self._room[1])
        grows, self._room = room != self._room, room
        if grows:
            self._ensure_initialized()
            self._Iren.UpdateSize(*room)
        if self.target.GetDPI() != round(72 * ratio):
            self.target.SetDPI(round(72 * ratio))
        across, up = size[0] / room[0], size[1] / room[1]
        for renderer in self.target.GetRenderers():  # type: ignore[attr-defined]
            left, low, right, high = self._parts.setdefault(renderer, renderer.GetViewport())
            renderer.SetViewport(left * across, low * up, right * across, high * up)
        return grows

    def draw(self, onto: bool) -> None:
        """Have what is visible drawn: over the last picture and its depth, or anew. Does not wait for it:
        software takes longer to fill pixels than this thread to say which."""
        self._ensure_initialized()
        self.renderer.SetPreserveColorBuffer(onto)
        self.renderer.SetPreserveDepthBuffer(onto)
        self.target.MakeCurrent()
        self._drawing = True
        try:
            if self._ctx is not None:
                self._size_points = self._size_points or point_size_switch(self._ctx)
                self._size_points()
            self.target.Render()
            if self._ctx is not None:
                self._fence = self._fence or Fence(self._ctx)
                self._fence.set()
        finally:
            self._drawing = False

    @property
    def drawn(self) -> bool:
        """Whether the last frame is drawn; reading it back waits for that."""
        self.target.MakeCurrent()
        return self._fence is None or self._fence.passed

    def picture(self) -> QImage:
        """What was drawn last."""
        width, height = self._size
        values = vtkUnsignedCharArray()
        self.target.MakeCurrent()
        self.target.GetRGBACharPixelData(0, 0, width - 1, height - 1, 0, values)
        rows = np.ascontiguousarray(vtk_to_numpy(values).reshape(height, width, 4)[::-1])
        image = QImage(rows.data, width, height, 4 * width, QImage.Format.Format_RGBX8888)
        return image.convertToFormat(QImage.Format.Format_RGB32)  # which Qt paints fastest; and a copy

    def depths(self, left: int, bottom: int, right: int, top: int) -> npt.NDArray[np.float32]:
        """(H, W) depth buffer of a part of the picture, its borders included; the lowest row first."""
        values = vtkFloatArray()
        self.target.MakeCurrent()
        self.target.GetZbufferData(left, bottom, right, top, values)
        return np.asarray(vtk_to_numpy(values), np.float32).reshape(top - bottom + 1, right - left + 1)

    @property
    def pixels(self) -> tuple[int, int]:
        """Width and height of the picture."""
        return self._size

    def shut(self) -> None:
        """Release VTK and the context; the canvas cannot be used afterwards."""
        self.close()
        # The wrapper of the context's surface, which is no QObject, is known by its address: held any longer,
        # it would be taken for whatever comes to lie there.
        self._RenderWindow = None  # it is finalized, and must not be once more without its context
        self._forget_context()
        self.deleteLater()

    # While a frame is drawn, the context is current. VTK asks for that dozens of times a frame, and each
    # answer through Qt releases the interpreter's lock, which a busy codec returns late.

    def _cb_make_current(self, obj: object, event: str) -> None:
        if not self._drawing:
            super()._cb_make_current(obj, event)

    def _cb_is_current(self, obj: object, event: str) -> None:
        if self._drawing:
            self.target.SetIsCurrent(True)
        else:
            super()._cb_is_current(obj, event)

    def _blit(self, target_id: int, rect: QRect) -> None:
        """Copies nothing into the widget, which is never shown; the first copy would take 50 ms."""

    def _cb_frame(self, obj: object, event: str) -> None:
        pass  # this widget is never on the screen


def place_camera(
    renderer: vtkRenderer, view: Camera, clip: tuple[float, float], part: tuple[int, int, int]
) -> None:
    """Have a renderer look as the session's camera does.

    clip: near and far plane. part: (n, column, row from below) of one of n * n parts, (1, 0, 0) for all.
    """
    camera = renderer.GetActiveCamera()
    camera.SetFocalPoint(*view.center)
    camera.SetPosition(*view.eye)
    camera.SetViewUp(*view.axes()[1])
    camera.SetClippingRange(*clip)
    parts, column, row = part
    camera.SetParallelProjection(view.parallel)
    camera.SetParallelScale(view.distance * math.tan(math.radians(FOV / 2)) / parts)
    camera.SetViewAngle(2 * math.degrees(math.atan(math.tan(math.radians(FOV / 2)) / parts)))
    camera.SetWindowCenter(2 * column + 1 - parts, 2 * row + 1 - parts)
