"""One 3D view. Draws its layers chunk by chunk and turns the mouse into camera moves and picks.

A frame draws what fits its time budget; the rest is added in later frames onto the same picture (colour and
depth are kept), so a cloud of any size never blocks the window and ends up complete. A frame is requested in
one turn of the event loop and read back in another, when OpenGL has drawn it; the window paints the picture
that was read back last.
"""

from __future__ import annotations

import time
from functools import partial
from itertools import zip_longest

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPoint, QRect, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QColor, QFocusEvent, QImage, QPainter, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QWidget
from vtkmodules.vtkCommonDataModel import vtkPlaneCollection
from vtkmodules.vtkRenderingCore import vtkRenderWindow

from octavox.gui.base.frame_scheduler import FrameScheduler
from octavox.gui.document.camera import Camera
from octavox.gui.document.detail import FrameBudget, interleave

from .canvas import Canvas, place_camera
from .depths import depth_picture, position_at
from .eyedome import EyeDome
from .large import from_grounds, large_picture
from .layers import BOX_ENDS, ArrowLayer, BoxLayer, Changes, Chunk, PointLayer, box_planes
from .near import Near
from .outlines import OutlineLayer
from .overlay import Overlay
from .pane_input import PaneInput

LOOK_MS = 2  # between two checks whether a frame is drawn
SETTLE_MS = 200  # rest of the camera after which all detail is drawn
QUIET_MS = 500  # redraws of a still view that take less appear at once, when complete
HIGHLIGHT_WIDTH = 2.5
NEARER, FARTHER = 0.997, 1.001


class Pane(PaneInput):
    """A view with two point layers, boxes, a highlight and the cloud's bounds."""

    completed = Signal()

    def __init__(self, parent: QWidget, budget: FrameBudget, scheduler: FrameScheduler) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._scheduler = scheduler
        self._canvas = Canvas()
        self.renderer = self._canvas.renderer
        self.points = PointLayer()
        self.others = PointLayer()  # of a second cloud laid over the first
        self.ghost = PointLayer()  # of an earlier frame, behind all else
        self.near = Near(self.points, self.others, self.ghost)
        self.cubes = self.near.cubes  # in the place of those points that are near
        self.other_cubes = self.near.other_cubes
        self.arrows = ArrowLayer()
        self.boxes = OutlineLayer()
        self.box_around = BoxLayer()
        self.highlight = BoxLayer()
        self.box_around.clippable = self.highlight.clippable = False
        self.views = 1  # panes that are drawn together and share the budget
        self.drawn_milliseconds = 0.0
        self._budget = budget
        self._camera_state = Camera()
        self._sphere: tuple[npt.NDArray[np.float64], float] = (np.zeros(3), 1.0)
        self._steps = (1.0, 1.0, 1.0)
        self._planes: vtkPlaneCollection | None = None  # beyond which nothing is drawn
        self._image: QImage | None = None  # what the window shows
        self._ground = QColor("black")
        self._ends = ((0, 0, 0), (0, 0, 0))  # of the background, bottom and top
        self._queue: list[Chunk] = []
        self._dropped: list[Chunk] = []  # that the renderer still holds
        self._erase = True
        self._moving = False
        self.overlay = Overlay(self)
        self.eye_dome = EyeDome(self._depth, self)
        self.eye_dome.ready.connect(self.overlay.show_shadows)
        self.completed.connect(self._shade_depth)
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settle.timeout.connect(self.settle)
        self._continue = QTimer(self, singleShot=True)
        self._continue.timeout.connect(self._request_frame)
        # The frame that OpenGL draws: how many chunks, and when it began.
        self._frame_under_way: tuple[int, float] | None = None
        self._arrival = QTimer(self, interval=LOOK_MS, timerType=Qt.TimerType.PreciseTimer)
        self._arrival.timeout.connect(self._look)

    # -- content -------------------------------------------------------------------------------------

    def apply(self, changes: Changes) -> None:
        """Add to and remove from the renderer what a layer added and dropped."""
        added, dropped = changes
        for chunk in added:
            chunk.place(self._steps)
            chunk.clip(self._planes)
            self.renderer.AddActor(chunk.actor)
        if dropped:  # they are not visible, so this is not urgent
            self._dropped += dropped
            self._scheduler.schedule(self._clear_away)

    def _clear_away(self) -> None:
        for chunk in self._dropped:
            self.renderer.RemoveActor(chunk.actor)
        self._dropped.clear()

    def size_points(self, pixels: int, edge: float) -> None:
        """Draw points so many pixels large; with 0 as large as voxels look that have edges of this length."""
        self.near.pixels, self.near.edge = pixels, edge

    def set_ground(self, bottom: tuple[int, int, int], top: tuple[int, int, int]) -> None:
        """Background, from bottom to top."""
        self._ground, self._ends = QColor(*bottom), (bottom, top)
        self._place_ground()

    def _place_ground(self) -> None:
        """Have the part of the view that is drawn take its part of the background."""
        parts, _, row = self._part
        low, high = (np.array(end) / 255 for end in self._ends)
        self.renderer.SetBackground(*(low + (high - low) * row / parts))
        self.renderer.SetBackground2(*(low + (high - low) * (row + 1) / parts))
        self.renderer.SetGradientBackground(bool((low != high).any()))  # which VTK dithers

    def set_steps(self, steps: tuple[float, float, float]) -> None:
        """Draw voxels with edges of these lengths; the camera and the bounds take them into account."""
        if steps != self._steps:
            self._steps = steps
            for layer in (self.ghost, self.points, self.cubes, self.others, self.other_cubes, self.boxes):
                for chunk in layer.chunks:
                    chunk.place(steps)

    def clip_to(self, low: npt.NDArray[np.float64] | None, high: npt.NDArray[np.float64] | None) -> None:
        """Draw nothing beyond a box in view coordinates; None: all. Cubes and marks are left as they are."""
        self._planes = None if low is None or high is None else box_planes(low, high)
        for layer in (self.ghost, self.points, self.others, self.boxes):
            for chunk in layer.chunks:
                chunk.clip(self._planes)

    def axis_at(self, x: float, y: float) -> tuple[int, int] | None:
        return self.overlay.axis_at(x, y)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    @property
    def ground(self) -> QColor:
        """The background at the bottom."""
        return self._ground

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
    def render_window(self) -> vtkRenderWindow:
        """Where VTK draws, for its report."""
        return self._canvas.target

    @property
    def _marks(self) -> list[Chunk]:
        """What every frame draws."""
        return [*self.highlight.chunks, *self.box_around.chunks, *self.arrows.chunks]

    @property
    def clip(self) -> tuple[float, float]:
        return self._camera_state.clipping(*self._sphere)

    def _place_camera(self) -> None:
        place_camera(self.renderer, self._camera_state, self.clip, self._part)
        # A little nearer to the eye, so that outlines do not cut into it.
        for chunk in self._marks:
            chunk.place(self._steps, *self._camera_state.nearer(NEARER))
        for chunk in self.ghost.chunks:  # what stayed where it was is hidden by the points of now
            chunk.place(self._steps, *self._camera_state.nearer(FARTHER))
        self.boxes.place_camera(self._camera_state, (self.width(), self.height()), self._steps)
        self.boxes.look.clip(*self.clip)
        self.near.place_camera(self._camera_state, self.height(), self.devicePixelRatioF(), self._part[0])
        self.overlay.follow(self._camera_state)

    # -- drawing -------------------------------------------------------------------------------------

    def redraw(self, moving: bool = False) -> None:
        """Draw anew: the camera moved, or something was removed."""
        self._place_camera()
        self.apply(self.near.follow(self._camera_state, (self.width(), self.height())))
        self._erase = True
        self.eye_dome.stop()
        self._plan()
        if moving:
            self._moving = True
            self._settle.start()
        self._request_frame()

    def add_detail(self) -> None:
        """Draw again over the finished picture: colours changed or things were added, nothing was removed."""
        if self.boxes.opacity < 1 and self.boxes.chunks:  # drawn twice they would be darker
            self.redraw()
            return
        if self._queue:  # a picture is being completed; it takes the new data where it still can
            self._again = True
        else:
            self._plan(changed=True)
        if not self._continue.isActive():
            self._request_frame()

    _outlines_left = 0  # chunks at the end of the queue that are drawn after all points
    _part = (1, 0, 0)  # the view is drawn whole; (n, column, row from below): one of n * n parts of it
    _last_points = False  # whether OpenGL draws the last points now
    _new = 0  # chunks of the frame that OpenGL has not seen
    _again = False  # something changed while the picture was being completed
    _is_shut = False
    _quiet = False  # the picture appears when it is complete

    def _plan(self, changed: bool = False) -> None:
        """Queue what is to be drawn; changed: only what is not on the picture as it is now."""
        layers = [layer for layer in (self.points, self.others, self.boxes) if layer.visible]
        after: list[Chunk] = []
        # Translucent outlines are drawn after the points, and outlines cast no shadows.
        if (self.boxes.opacity < 1 or self.eye_dome.enabled) and self.boxes.visible:
            after = list(self.boxes.chunks)
            layers.pop()
        order = interleave([len(layer.chunks) for layer in layers])
        points = [*(layers[k].chunks[i] for k, i in order), *self.ghost.chunks]
        # Each in turn, so that a frame without the time for all has some of both.
        before = [chunk for pair in zip_longest(self.near.chunks, points) for chunk in pair if chunk]
        if changed and not self._erase:
            before, after = ([chunk for chunk in part if chunk.stale] for part in (before, after))
        self._queue, self._outlines_left = before + after, len(after)
        self._again = False

    @Slot()
    def settle(self) -> None:
        """The camera rests: draw all detail."""
        self._settle.stop()
        self._moving = False
        if self.near.standing_in:
            self.redraw()
        if self._queue:
            self._request_frame()
        elif self._frame_under_way is None:
            self.completed.emit()

    @property
    def complete(self) -> bool:
        """Whether everything is on the picture."""
        return not (self._queue or self._erase or self._moving or self._frame_under_way)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._request_frame()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.overlay.resize(self.size())
        self.redraw()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Show the last picture; until there is one of the view's new size, its middle."""
        painter = QPainter(self)
        area = self.rect()
        if self._image is None or self._image.deviceIndependentSize().toSize() != self.size():
            painter.fillRect(area, self._ground)
        if self._image is not None:
            place = QRect(QPoint(), self._image.deviceIndependentSize().toSize())
            place.moveCenter(area.center())
            painter.drawImage(place.topLeft(), self._image)
        if self.hasFocus():
            painter.setPen(self.palette().highlight().color())
            painter.drawRect(area.adjusted(0, 0, -1, -1))
        painter.end()

    @Slot()
    def _request_frame(self) -> None:
        self._continue.stop()
        self._scheduler.schedule(self._frame)

    def _frame(self) -> None:
        """Begin a frame, if there is anything to draw and no other frame is being drawn."""
        wanted = self._erase or (self._queue and not self._moving)
        if not wanted or self._frame_under_way is not None or self._is_shut or not self.isVisible():
            return
        if not self._canvas.ready:
            self._canvas.make_ready()
            self._request_frame()
            return
        self._draw_some()
        self._arrival.start()

    @Slot()
    def _look(self) -> None:
        if self._canvas.drawn:
            self._arrival.stop()
            self._scheduler.schedule(self._take_frame)

    def _draw_some(self) -> None:
        ratio = self.devicePixelRatioF()
        # Making new buffers takes long, so points are drawn in the next turn.
        resized = self._canvas.resize_to(round(self.width() * ratio), round(self.height() * ratio), ratio)
        self._new = 0
        now = [] if resized and not self._moving else self._share()
        if self._erase:
            self._quiet = not self._moving and self._budget.milliseconds(len(self._queue)) < QUIET_MS
            self.near.begin(set(now) if self._moving else set(self.near.chunks), self.clip)
        points_left = len(self._queue) - self._outlines_left
        self._draw(now)
        del self._queue[: len(now)]
        self._last_points = points_left > 0 and len(self._queue) == self._outlines_left

    def _take_frame(self) -> None:
        """Show what was drawn, and draw more if something is left."""
        if self._frame_under_way is None:
            return
        chunks, since = self._frame_under_way
        self._frame_under_way = None
        if self.eye_dome.enabled and self._last_points and not self._erase:
            self.eye_dome.capture()
        if not (self._quiet and self._queue):  # else the old picture stays on the screen until all is drawn
            self._image = self._read()
            self.update()
        self.drawn_milliseconds = 1000 * (time.perf_counter() - since)
        self._budget.measured(chunks, self.drawn_milliseconds)
        if not self._queue and self._again:
            self._plan(changed=True)
        if self._erase:
            self._request_frame()
        elif self._moving:
            return
        elif self._queue:
            self._continue.start(self._budget.pause(self.drawn_milliseconds))
        else:
            self.completed.emit()

    def _share(self) -> list[Chunk]:
        """What the next frame has time for; outlines that come after the points do not share theirs."""
        now = self._queue[: self._budget.chunks(self._moving, self.views)]
        points_left = len(self._queue) - self._outlines_left
        now = now[:points_left] if 0 < points_left < len(now) else now
        started = time.perf_counter()
        for number, chunk in enumerate(now, 1):
            self._new += chunk.stale
            chunk.prepare()  # what has changed takes many times as long to draw as what has not
            late = 1000 * (time.perf_counter() - started) > self._budget.preparing
            if late or self._new >= self._budget.new_chunks:
                return now[:number]
        return now

    def _draw(self, chunks: list[Chunk]) -> None:
        if self._erase:
            self._place_camera()
        since = time.perf_counter()
        marks = self._marks
        for mark in marks:
            mark.prepare()
        shown = [*chunks, *marks]
        for chunk in shown:
            chunk.actor.SetVisibility(True)
        submitting = time.perf_counter()
        self._canvas.draw(onto=not self._erase)
        if chunks:
            self._budget.submitted(self._new, 1000 * (time.perf_counter() - submitting))
        self._frame_under_way, self._erase = (len(chunks), since), False
        for chunk in shown:
            chunk.actor.SetVisibility(False)

    def _read(self) -> QImage:
        image = self._canvas.picture()
        image.setDevicePixelRatio(self.devicePixelRatioF())
        return image

    def warm_up(self) -> None:
        """Make the OpenGL context and its shaders now, before a job: it takes a tenth of a second."""
        nothing, paint = np.zeros((1, 3), np.int32), np.zeros((1, 3), np.uint8)
        primer = PointLayer()
        self.apply(primer.add(nothing, paint))
        self.apply(self.boxes.show(nothing, nothing[:, 0], paint))
        self.apply(self.highlight.show(nothing, nothing[:, 0], paint, width=HIGHLIGHT_WIDTH))
        self._queue, self._erase = [*primer.chunks, *self.boxes.chunks], True
        self.finish()
        for layer in (primer, self.boxes, self.highlight):
            self.apply(layer.resize(0))
        self._queue, self._erase = [], True

    def finish(self) -> None:
        """Draw everything now, for a screenshot."""
        self._settle.stop()
        self._moving = False
        while self._queue or self._erase or self._frame_under_way:
            if self._frame_under_way is None:
                self._draw_some()
            self._take_frame()
        self._rest()

    def _rest(self) -> None:
        for timer in (self._continue, self._arrival):
            timer.stop()
        for piece in (self._frame, self._take_frame):
            self._scheduler.forget(piece)

    def picture(self, overlay: bool = False, scale: int = 1) -> QImage:
        """The complete picture; overlay: with what is laid over it (scale bar, eye-dome lighting).

        scale: times the screen's resolution, drawn in scale * scale parts.
        """
        self.finish()
        layers = (
            self.ghost,
            self.points,
            self.cubes,
            self.others,
            self.other_cubes,
            self.boxes,
            self.highlight,
            self.box_around,
            self.arrows,
        )
        image = self._read() if scale == 1 else large_picture(layers, self.draw_part, scale)
        if overlay:
            if self.eye_dome.enabled:
                self.overlay.show_shadows(self.eye_dome.shadows())
            image.setDevicePixelRatio(image.width() / max(1, self.width()))
            painter = QPainter(image)
            self.overlay.paint(painter)
            painter.end()
        return image

    def ink_marks(self, color: QColor) -> QColor:
        """Draw the outline of the selected block in another colour; returns the one before."""
        before, self.overlay.box_color = self.overlay.box_color, color
        ink = np.array([color.red(), color.green(), color.blue()], np.uint8)
        for chunk in self.highlight.chunks:
            chunk.recolor(partial(np.tile, ink, (BOX_ENDS, 1)))
        return before

    def without_ground(self, scale: int) -> QImage:
        """The complete picture without background and marks: where nothing is, it is transparent.

        What is drawn is drawn over black and over white; its opacity follows from the difference.
        """
        ends, pictures = self._ends, []
        for grey in (0, 255):
            self.set_ground((grey,) * 3, (grey,) * 3)
            self.redraw()
            pictures.append(self.picture(scale=scale))
        self.set_ground(*ends)
        self.redraw()
        return from_grounds(*pictures)

    def draw_part(self, count: int, column: int, row: int) -> QImage:
        """One of count * count parts of the view, drawn as large as the view; row 0 is the lowest."""
        self._part = (count, column, row)
        self._place_ground()
        self.redraw()
        self.finish()
        return self._read()

    @Slot()
    def _shade_depth(self) -> None:
        self.eye_dome.start()

    # -- picking -------------------------------------------------------------------------------------

    def _depth(self) -> npt.NDArray[np.float32]:
        return depth_picture(self._canvas, self._camera_state, self.clip)

    def position_at(self, x: float, y: float) -> npt.NDArray[np.float64] | None:
        """The place in view coordinates that is drawn at or near a pixel, or None over background."""
        ratio = self.devicePixelRatioF()
        return position_at(self._canvas, self._camera_state, self.clip, x * ratio, y * ratio, ratio)

    def ray_at(self, x: float, y: float) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Where the ray through a pixel begins, and its direction."""
        return self._camera_state.ray(x, y, self.width(), self.height())

    def shut(self) -> None:
        """Stop the timers and release VTK; the pane cannot be used afterwards."""
        self._is_shut = True  # Qt may request one more picture
        self._settle.stop()
        self._rest()
        self._scheduler.forget(self._clear_away)
        self.eye_dome.stop()
        self.close()
        self._canvas.shut()
