"""One 3D view. Draws its layers chunk by chunk and turns the mouse into camera moves and picks.

A frame draws what fits its time budget; the rest is added in later frames onto the same picture (colour and
depth are kept), so a cloud of any size never blocks the window and ends up complete. A view whose picture is
complete repaints without drawing.
"""

from __future__ import annotations

import math
import time

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtGui import QImage, QPainter, QResizeEvent
from PySide6.QtWidgets import QWidget
from vtkmodules.util.numpy_support import vtk_to_numpy
from vtkmodules.vtkCommonCore import vtkFloatArray
from vtkmodules.vtkRenderingOpenGL2 import vtkGenericOpenGLRenderWindow

from ..model.camera import FOV, Camera
from ..model.detail import FrameBudget, interleave
from .axes import AxesGizmo
from .eyedome import EyeDome
from .large import large_picture
from .layers import BoxLayer, Changes, Chunk, PointLayer
from .overlay import Overlay
from .pane_input import PaneInput

SETTLE_MS = 200  # rest of the camera after which all detail is drawn
QUIET_MS = 500  # redraws of a still view that take less appear at once, when complete
PATIENCE_MS = 20
HIGHLIGHT_WIDTH = 2.5
NEARER = 0.997
PICK_RADIUS = 3  # pixels around the click that count as a hit


class Pane(PaneInput):
    """A view with two point layers, boxes, a highlight and the cloud's bounds."""

    completed = Signal()

    def __init__(self, parent: QWidget, budget: FrameBudget) -> None:
        super().__init__(parent)
        self.points = PointLayer()
        self.others = PointLayer()  # of a second cloud laid over the first
        self.boxes = BoxLayer()
        self.box_around = BoxLayer()
        self.highlight = BoxLayer()
        self._window: vtkGenericOpenGLRenderWindow = self.GetRenderWindow()
        self.axes_gizmo = AxesGizmo(self._window)
        self.views = 1  # panes that are drawn together and share the budget
        self.drawn_milliseconds = 0.0
        self._budget = budget
        self._camera_state = Camera()
        self._sphere: tuple[npt.NDArray[np.float64], float] = (np.zeros(3), 1.0)
        self._queue: list[Chunk] = []
        self._erase = True
        self._moving = False
        self.overlay = Overlay(self)
        self.eye_dome = EyeDome(self._depth, self)
        self.eye_dome.ready.connect(self.overlay.show_shadows)
        self.completed.connect(self._shade_depth)
        self.frameSwapped.connect(self._on_screen)
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(SETTLE_MS)
        self._settle.timeout.connect(self._settled)
        self._continue = QTimer(self)
        self._continue.setSingleShot(True)
        self._continue.setInterval(0)
        self._continue.timeout.connect(self._more)

    # -- content -------------------------------------------------------------------------------------

    def apply(self, changes: Changes) -> None:
        """Tell the renderer of chunks that a layer added and dropped."""
        added, dropped = changes
        for chunk in dropped:
            self.renderer.RemoveActor(chunk.actor)
        for chunk in added:
            self.renderer.AddActor(chunk.actor)

    def set_point_size(self, pixels: int) -> None:
        for chunk in (*self.points.chunks, *self.others.chunks):
            chunk.actor.GetProperty().SetPointSize(pixels * self.devicePixelRatioF())

    def set_ground(self, bottom: tuple[int, int, int], top: tuple[int, int, int]) -> None:
        """Background, from bottom to top."""
        self.renderer.SetBackground(*(c / 255 for c in bottom))
        self.renderer.SetBackground2(*(c / 255 for c in top))
        self.renderer.SetGradientBackground(True)

    def set_bounds(self, middle: npt.NDArray[np.float64], radius: float) -> None:
        """The sphere that the clipping planes must hold."""
        self._sphere = (np.asarray(middle, np.float64), radius)

    def set_camera(self, camera: Camera) -> None:
        self._camera_state = camera
        self._place_camera()
        self.redraw(moving=True)

    def hold_camera(self, camera: Camera) -> None:
        """Take a camera while hidden; the next picture uses it."""
        self._camera_state = camera
        self._erase = True

    @property
    def clip(self) -> tuple[float, float]:
        return self._camera_state.clipping(*self._sphere)

    def _place_camera(self) -> None:
        camera = self.renderer.GetActiveCamera()
        _, up, _ = self._camera_state.axes()
        camera.SetFocalPoint(*self._camera_state.center)
        camera.SetPosition(*self._camera_state.eye)
        camera.SetViewUp(*up)
        camera.SetClippingRange(*self.clip)
        parts, column, row = self._part
        camera.SetViewAngle(2 * math.degrees(math.atan(math.tan(math.radians(FOV / 2)) / parts)))
        camera.SetWindowCenter(2 * column + 1 - parts, 2 * row + 1 - parts)
        for chunk in (
            *self.highlight.chunks,
            *self.box_around.chunks,
        ):  # a little nearer to the eye, so that outlines do not cut into it
            chunk.actor.SetOrigin(*self._camera_state.eye)
            chunk.actor.SetScale(NEARER)
        self.axes_gizmo.follow(self._camera_state)
        self.overlay.follow(self._camera_state)

    # -- drawing -------------------------------------------------------------------------------------

    def redraw(self, moving: bool = False, later: bool = False) -> None:
        """Draw anew: the camera moved, or something went away. later: after what else is to be drawn now."""
        self._place_camera()
        self._erase = True
        self.eye_dome.stop()
        self._plan()
        if moving:
            self._moving = True
            self._settle.start()
        self._show(later)

    def add_detail(self, later: bool = False) -> None:
        """Draw again over the finished picture: colours changed or things were added, nothing went away."""
        if self.boxes.opacity < 1 and self.boxes.chunks:  # drawn twice they would be darker
            self.redraw(later=later)
            return
        if self._queue:  # a picture is being completed; it takes the new data where it still can
            self._again = True
        else:
            self._plan()
        self._show(later)

    def _show(self, later: bool) -> None:
        """Have the picture painted: now, or in a turn of the event loop of its own."""
        if later:
            self._later = True
            self._continue.start(0)
        elif not self._later:
            self.update()

    _outlines_left = 0  # chunks at the end of the queue that are drawn after all points
    _part = (1, 0, 0)  # the view is drawn whole; (n, column, row from below): one of n * n parts of it
    _again = False  # something changed while the picture was being completed
    _drawing = False
    _later = False  # the next picture has been put off
    _is_shut = False
    _quiet = False  # the picture appears when it is complete
    _drawn_at: float | None = None  # when the last frame was drawn, until it is on the screen

    def _plan(self) -> None:
        layers = [layer for layer in (self.points, self.others, self.boxes) if layer.visible]
        after: list[Chunk] = []
        # What shines through comes after what it covers, and outlines cast no shadows.
        if (self.boxes.opacity < 1 or self.eye_dome.enabled) and self.boxes.visible:
            after = list(self.boxes.chunks)
            layers.pop()
        self._outlines_left = len(after)
        order = interleave([len(layer.chunks) for layer in layers])
        self._queue = [layers[k].chunks[i] for k, i in order] + after
        self._again = False

    @Slot()
    def _more(self) -> None:
        self._later = False
        self.update()

    @Slot()
    def _on_screen(self) -> None:
        if self._drawn_at is not None:
            self._budget.composed(1000 * (time.perf_counter() - self._drawn_at))
            self._drawn_at = None

    @Slot()
    def _settled(self) -> None:
        self._moving = False
        if self._queue:
            self.update()
        else:
            self.completed.emit()

    @property
    def complete(self) -> bool:
        """Whether everything is on the picture."""
        return not self._queue and not self._erase and not self._moving

    _resizing = False
    _resized = False  # since the last picture
    patient = False  # while a job runs, leaves the first turn after a change of size to the other view

    def resizeEvent(self, ev: QResizeEvent) -> None:
        # Qt draws at once for every step of a layout in progress; one picture at its end is enough.
        self._resizing = True
        try:
            super().resizeEvent(ev)
        finally:
            self._resizing, self._resized = False, True
        self.overlay.resize(self.size())
        self.update()

    def paintGL(self) -> None:
        if self._resizing or self._is_shut:
            return
        if self._resized and self.patient and self._budget.busy:
            self._resized = False
            self._continue.start(PATIENCE_MS)
            return
        if not (self._erase or (self._queue and not self._moving)):  # the picture is as it should be
            self._Iren.SetEnableRender(False)
            super().paintGL()
            return
        now = self._queue[: self._budget.chunks(self._moving, self.views)]
        points_left = len(self._queue) - self._outlines_left
        if 0 < points_left < len(now):
            now = now[:points_left]
        if self._resized and not self._moving:  # new buffers take their time: points come in the next turn
            now = []
        self._resized = False
        if self._erase:
            self._quiet = not self._moving and self._budget.milliseconds(len(self._queue)) < QUIET_MS
        # While a short redraw of a still view is under way, the old picture stays on the screen.
        self._window.SetSwapBuffers(not self._quiet or len(now) == len(self._queue))
        self._draw(now)
        del self._queue[: len(now)]
        if self.eye_dome.enabled and points_left > 0 and len(self._queue) == self._outlines_left:
            self.eye_dome.capture()
        if not self._queue and self._again:
            self._plan()
        if self._moving:
            return
        if self._queue:
            self._continue.start(self._budget.pause(self.drawn_milliseconds))
        else:
            self.completed.emit()

    # While a frame is drawn, Qt has made this view's context current. VTK asks for that dozens of times a
    # frame, and each answer through Qt gives up the interpreter, which a busy codec is slow to hand back.

    def _cb_make_current(self, obj: object, event: str) -> None:
        if not self._drawing:
            super()._cb_make_current(obj, event)

    def _cb_is_current(self, obj: object, event: str) -> None:
        if self._drawing:
            self._window.SetIsCurrent(True)
        else:
            super()._cb_is_current(obj, event)

    def _draw(self, chunks: list[Chunk]) -> None:
        if self._erase:
            self._place_camera()
        started = time.perf_counter()
        for chunk in chunks:
            chunk.prepare()
            chunk.actor.SetVisibility(True)
        marks = (*self.highlight.chunks, *self.box_around.chunks)
        for chunk in marks:
            chunk.prepare()
            chunk.actor.SetVisibility(True)
        self.renderer.SetPreserveColorBuffer(not self._erase)
        self.renderer.SetPreserveDepthBuffer(not self._erase)
        self._Iren.SetEnableRender(True)
        self._drawing = True
        try:
            super().paintGL()
            self._window.WaitForCompletion()
        finally:
            self._drawing = False
        self._drawn_at = time.perf_counter()
        self.drawn_milliseconds = 1000 * (self._drawn_at - started)
        self._budget.measured(len(chunks), self.drawn_milliseconds)
        self._erase = False
        for chunk in (*chunks, *marks):
            chunk.actor.SetVisibility(False)

    def resizeGL(self, w: int, h: int) -> None:
        super().resizeGL(w, h)
        self._erase = True
        self._plan()

    def warm_up(self) -> None:
        """Make the OpenGL context and its shaders now, before a job: it takes a tenth of a second."""
        nothing, paint = np.zeros((1, 3), np.int32), np.zeros((1, 3), np.uint8)
        primer = PointLayer()
        self.apply(primer.start_filling(1))
        primer.add(nothing, paint)
        self.apply(self.boxes.show(nothing, nothing[:, 0], paint))
        self.apply(self.highlight.show(nothing, nothing[:, 0], paint, width=HIGHLIGHT_WIDTH))
        self._queue, self._erase = [*primer.chunks, *self.boxes.chunks], True
        self.grabFramebuffer()
        for layer in (primer, self.boxes, self.highlight):
            self.apply(layer.resize(0))
        self._queue, self._erase = [], True

    def finish(self) -> None:
        """Draw everything now, for a screenshot."""
        self._settle.stop()
        self._moving = False
        while self._queue or self._erase:
            self.grabFramebuffer()

    def picture(self, overlay: bool = False, scale: int = 1) -> QImage:
        """The complete picture; overlay: with what is laid over it (scale bar, eye-dome lighting).

        scale: times the screen's resolution, drawn in scale * scale parts.
        """
        self.finish()
        image = self.grabFramebuffer() if scale == 1 else large_picture(self, scale)
        if overlay:
            if self.eye_dome.enabled:
                self.overlay.show_shadows(self.eye_dome.shadows())
            image.setDevicePixelRatio(image.width() / max(1, self.width()))
            painter = QPainter(image)
            self.overlay.paint(painter)
            painter.end()
        return image

    def draw_part(self, count: int, column: int, row: int) -> QImage:
        """One of count * count parts of the view, drawn as large as the view; row 0 is the lowest."""
        self._part = (count, column, row)
        self.redraw()
        self.finish()
        return self.grabFramebuffer()

    @Slot()
    def _shade_depth(self) -> None:
        self.eye_dome.start()

    # -- picking -------------------------------------------------------------------------------------

    def _depth(self) -> npt.NDArray[np.float32]:
        """(H, W) distances along the view of what is drawn, top row first; infinite over background."""
        width, height = self._window.GetSize()
        buffer = vtkFloatArray()
        self._window.MakeCurrent()
        self._window.GetZbufferData(0, 0, width - 1, height - 1, buffer)
        z = np.asarray(vtk_to_numpy(buffer), np.float32).reshape(height, width)[::-1]
        near, far = self.clip
        depth = np.float32(near * far) / (np.float32(far) - z * np.float32(far - near))
        return np.where(z < 1, depth, np.float32(np.inf))

    def position_at(self, x: float, y: float) -> npt.NDArray[np.float64] | None:
        """Voxel position of what is drawn at or within PICK_RADIUS of a pixel, or None over background."""
        scale = self.devicePixelRatioF()
        width, height = self._window.GetSize()
        px, py = round(x * scale), round((self.height() - 1 - y) * scale)
        reach = round(PICK_RADIUS * scale)
        x0, x1 = max(0, px - reach), min(width - 1, px + reach)
        y0, y1 = max(0, py - reach), min(height - 1, py + reach)
        if x1 < x0 or y1 < y0:
            return None
        buffer = vtkFloatArray()
        self._window.MakeCurrent()
        self._window.GetZbufferData(x0, y0, x1, y1, buffer)
        z = np.array([buffer.GetValue(i) for i in range(buffer.GetNumberOfTuples())])
        z = z.reshape(y1 - y0 + 1, x1 - x0 + 1)
        rows, columns = np.nonzero(z < 1.0)
        if not len(rows):
            return None
        distance = np.hypot(columns + x0 - px, rows + y0 - py)
        best = int(np.lexsort((z[rows, columns], np.round(distance)))[0])
        sx, sy = columns[best] + x0 + 0.5, height - (rows[best] + y0) - 0.5
        value = float(z[rows[best], columns[best]])
        return self._camera_state.unproject(sx, sy, value, (width, height), self.clip)

    def ray_at(self, x: float, y: float) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Eye and direction of the ray through a pixel."""
        return self._camera_state.eye, self._camera_state.ray(x, y, self.width(), self.height())

    def shut(self) -> None:
        """Stop the timers and let go of VTK; the last thing done with a pane."""
        self._is_shut = True  # Qt may ask for one more picture
        self._settle.stop()
        self._continue.stop()
        self.eye_dome.stop()
        self.close()
