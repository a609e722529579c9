"""Outlines of blocks. Where they would cover much of a view, they fade, the farther ones more."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from octavox.gui.document.camera import Camera
from octavox.gui.document.colormap import Colors

from .layers import BoxLayer, Changes
from .looks import OutlineLook

SAMPLE = 2_000  # blocks that stand for all, to estimate what outlines cover
COVERED = 1.0  # share of the view that outlines may cover before they fade
FADING = 1.5  # power of what they cover beyond that, by which they fade
LEAST = 0.08  # of the chosen opacity
EDGES = 12


class OutlineLayer(BoxLayer):
    """chosen: the opacity that the user chose; `opacity` is what is left of it."""

    def __init__(self) -> None:
        super().__init__()
        self.chosen = 1.0
        self.look = OutlineLook()
        self.shader = self.look.shader
        self._middles: npt.NDArray[np.float64] = np.empty((0, 3))
        self._edges: npt.NDArray[np.float64] = np.empty(0)
        self._weight = 0.0  # blocks that each of these stands for

    def show(
        self, origin: npt.NDArray[np.int32], size: npt.NDArray[np.int32], colors: Colors, width: float = 1.0
    ) -> Changes:
        some = slice(None, None, -(-len(size) // SAMPLE) or 1)
        self._edges = size[some].astype(np.float64)
        self._middles = origin[some] + self._edges[:, None] / 2
        self._weight = len(size) / max(1, len(self._edges))
        return super().show(origin, size, colors, width)

    def covered(self, camera: Camera, size: tuple[int, int], steps: tuple[float, float, float]) -> float:
        """The share of a view of that width and height that the lines take, were none over another."""
        if not len(self._edges):
            return 0.0
        x, y, depth = camera.project(self._middles * np.array(steps), *size).T
        inside = (x >= 0) & (x < size[0]) & (y >= 0) & (y < size[1]) & (depth > 0)
        edges = self._edges[inside] * camera.scale(size[1]) / (1.0 if camera.parallel else depth[inside])
        return float(self._weight * EDGES * edges.sum()) / (size[0] * size[1])

    def place_camera(self, camera: Camera, size: tuple[int, int], steps: tuple[float, float, float]) -> None:
        """Fade as a camera of a view of that width and height needs it."""
        often = max(self.covered(camera, size, steps) / COVERED, 1.0)
        share = max(LEAST, often**-FADING)
        self.opacity = self.chosen * share
        for chunk in self.chunks:
            chunk.actor.GetProperty().SetOpacity(self.opacity)
        self.look.set(camera.parallel, 1.0 - share)
