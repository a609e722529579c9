"""What a view draws: its layers, background and marks, and how the camera sees them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget
from vtkmodules.vtkCommonDataModel import vtkPlaneCollection
from vtkmodules.vtkRenderingCore import vtkRenderWindow

from octavox.gui.base.frame_scheduler import FrameScheduler
from octavox.gui.document.camera import Camera

from .canvas import Canvas, place_camera
from .layers import ArrowLayer, BoxLayer, Changes, Chunk, PointLayer, box_planes
from .near import Near
from .outlines import OutlineLayer
from .overlay import Overlay
from .pane_input import PaneInput

NEARER, FARTHER = 0.997, 1.001


class PaneContent(PaneInput):
    """Layers of points, cubes, outlines and arrows, the selected block, and the bounds of the cloud."""

    def __init__(self, parent: QWidget, scheduler: FrameScheduler) -> None:
        super().__init__(parent)
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
        self._camera_state = Camera()
        self._sphere: tuple[npt.NDArray[np.float64], float] = (np.zeros(3), 1.0)
        self._steps = (1.0, 1.0, 1.0)
        self._planes: vtkPlaneCollection | None = None  # beyond which nothing is drawn
        self._ground = QColor("black")
        self._ends = ((0, 0, 0), (0, 0, 0))  # of the background, bottom and top
        self._dropped: list[Chunk] = []  # that the renderer still holds
        self.overlay = Overlay(self)

    _part = (1, 0, 0)  # the view is drawn whole; (n, column, row from below): one of n * n parts of it

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

    @property
    def ground(self) -> QColor:
        """The background at the bottom."""
        return self._ground

    def set_bounds(self, middle: npt.NDArray[np.float64], radius: float) -> None:
        """The sphere that the clipping planes must hold."""
        self._sphere = (np.asarray(middle, np.float64), radius)

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
