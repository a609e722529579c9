"""Points and cubes of one view: how large points are, and which are left out because cubes stand for them."""

from __future__ import annotations

from collections.abc import Iterator

from octavox.gui.document.camera import Camera
from octavox.gui.document.view_state import MOST_PIXELS

from .cubes import CubeLayer
from .layers import Changes, Chunk, PointLayer
from .looks import MOVING_PIXELS


class Near:
    """points, others: layers that cubes take part of; ghost: one whose points are sized as theirs are.

    cubes, other_cubes: those in the place of near points. pixels: size of points, 0 for that of voxels with
    edges of length `edge`.
    """

    def __init__(self, points: PointLayer, others: PointLayer, ghost: PointLayer) -> None:
        self._all = points, others, ghost
        self.cubes, self.other_cubes = CubeLayer(), CubeLayer()
        self._pairs = (points, self.cubes), (others, self.other_cubes)
        self.pixels, self.edge = 0, 1.0
        self.standing_in = False  # points stand for cubes that there was no time for
        self._camera = Camera()

    @property
    def chunks(self) -> Iterator[Chunk]:
        """All cubes."""
        for _, cubes in self._pairs:
            yield from cubes.chunks

    def place_camera(self, camera: Camera, height: int, ratio: float, scale: int) -> None:
        """For a view of that height; ratio: pixels of the picture to one of Qt's, times `scale`."""
        self._camera = camera
        edge = 0.0 if self.pixels else self.edge * camera.scale(height)
        for _, cubes in self._pairs:
            cubes.visible = self.pixels == 0
            cubes.look.set(edge)
        most = self.pixels or (MOVING_PIXELS if self.cubes.wanted else MOST_PIXELS)
        ratio *= scale
        for layer in self._all:
            layer.look.set(edge * ratio, max(1, self.pixels) * ratio, most * ratio)

    def follow(self, camera: Camera, size: tuple[int, int]) -> Changes:
        """The camera of a view of that width and height: draw what is near now."""
        added, dropped = [], []
        for _, cubes in self._pairs:
            more, fewer = cubes.follow(camera, size)
            added += more
            dropped += fewer
        return added, dropped

    def begin(self, chunks: set[Chunk], clip: tuple[float, float]) -> None:
        """A picture begins that is to hold these chunks: cubes stand for near points, and points for the
        cubes that are not among them. clip: near and far plane."""
        self.standing_in = False
        for points, layer in self._pairs:
            cubes = layer.chunks
            drawn = next((k for k, chunk in enumerate(cubes) if chunk not in chunks), len(cubes))
            self.standing_in |= drawn < len(cubes)
            reach = layer.reach(drawn)
            points.look.leave_out(min(1.0, self._camera.buffered(reach, clip)) if reach else 0.0)
