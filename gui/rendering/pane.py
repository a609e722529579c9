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

from octavox.gui.base.frame_scheduler import FrameScheduler
from octavox.gui.document.camera import Camera
from octavox.gui.document.detail import FrameBudget, interleave

from .depths import depth_picture, position_at
from .eyedome import EyeDome
from .large import from_grounds, large_picture
from .layers import BOX_ENDS, Chunk, PointLayer
from .pane_content import PaneContent

LOOK_MS = 2  # between two checks whether a frame is drawn
SETTLE_MS = 200  # rest of the camera after which all detail is drawn
QUIET_MS = 500  # redraws of a still view that take less appear at once, when complete
HIGHLIGHT_WIDTH = 2.5
NEARER, FARTHER = 0.997, 1.001


class Pane(PaneContent):
    """A view with two point layers, boxes, a highlight and the cloud's bounds."""

    completed = Signal()

    def __init__(self, parent: QWidget, budget: FrameBudget, scheduler: FrameScheduler) -> None:
        super().__init__(parent, scheduler)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.views = 1  # panes that are drawn together and share the budget
        self.drawn_milliseconds = 0.0
        self._budget = budget
        self._image: QImage | None = None  # what the window shows
        self._queue: list[Chunk] = []
        self._erase = True
        self._moving = False
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

    # -- what Qt and the session ask ----------------------------------------------------------------

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def set_camera(self, camera: Camera) -> None:
        self._camera_state = camera
        self._place_camera()
        self.redraw(moving=True)

    def hold_camera(self, camera: Camera) -> None:
        """Take a camera while hidden; the next picture uses it."""
        self._camera_state = camera
        self._erase = True

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
    _last_points = False  # whether OpenGL draws the last points now
    _new = 0  # chunks of the frame that OpenGL has not seen
    _again = False  # something changed while the picture was being completed
    _is_shut = False
    _quiet = False  # the picture appears when it is complete
    _holds = False  # it appears when all cubes are drawn: before, their place is empty

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
    def _fits(self) -> bool:
        """Whether the picture on the screen is of the view's size."""
        return self._image is not None and self._image.deviceIndependentSize().toSize() == self.size()

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
        if not self._fits:
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
            self._holds = not self._moving and self._fits
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
        cubes = set(self.near.chunks) if self._holds else set()
        self._holds = any(chunk in cubes for chunk in self._queue)
        if not (self._holds or (self._quiet and self._queue)):  # else the old picture stays on the screen
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
