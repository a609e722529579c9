"""Points and cubes of one view: how large points are, and which are left out because cubes stand for them."""

from __future__ import annotations

from octavox.gui.document.camera import Camera
from octavox.gui.document.view_state import MOST_PIXELS

from .cubes import CubeLayer
from .layers import Chunk, PointLayer
from .looks import MOVING_PIXELS


class Near:
    """points: the layer that cubes take part of; others: layers whose points are sized as theirs are.

    pixels: size of points, 0 for that of voxels with edges of length `edge`.
    """

    def __init__(self, points: PointLayer, *others: PointLayer) -> None:
        self._points, self._all = points, (points, *others)
        self.cubes = CubeLayer()
        self.pixels, self.edge = 0, 1.0
        self.standing_in = False  # points stand for cubes that there was no time for
        self._camera = Camera()

    def place_camera(self, camera: Camera, height: int, ratio: float, scale: int) -> None:
        """For a view of that height; ratio: pixels of the picture to one of Qt's, times `scale`."""
        self._camera = camera
        self.cubes.visible = self.pixels == 0
        edge = 0.0 if self.pixels else self.edge * camera.scale(height)
        most = self.pixels or (MOVING_PIXELS if self.cubes.wanted else MOST_PIXELS)
        ratio *= scale
        for layer in self._all:
            layer.look.set(edge * ratio, max(1, self.pixels) * ratio, most * ratio)
        self.cubes.look.set(edge)

    def begin(self, chunks: set[Chunk], clip: tuple[float, float]) -> None:
        """A picture begins that is to hold these chunks: cubes stand for near points, and points for the
        cubes that are not among them. clip: near and far plane."""
        cubes = self.cubes.chunks
        wanted = len(cubes)
        drawn = next((k for k, chunk in enumerate(cubes) if chunk not in chunks), wanted)
        self.standing_in = drawn < wanted
        reach = self.cubes.reach(drawn)
        self._points.look.leave_out(min(1.0, self._camera.buffered(reach, clip)) if reach else 0.0)
