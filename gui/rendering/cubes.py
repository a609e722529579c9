"""Draws voxels near the eye as cubes; all others stay points."""

from __future__ import annotations

from functools import cached_property, partial

import numpy as np

from octavox.gui.document.camera import Camera
from octavox.gui.document.colormap import Colors
from octavox.gui.document.display import CloudDisplay, Floats, Ints
from octavox.gui.document.near import Cell, Faces, Keep, light, near_cells, open_faces

from .layers import FACES, Changes, Chunk, Layer, Painter
from .looks import CubeLook


class _Cubes:
    """The voxels of one cell; found when they are drawn first."""

    def __init__(self, display: CloudDisplay, cell: Cell, keep: Keep | None) -> None:
        self._display, self._cell, self._keep = display, cell, keep

    @cached_property
    def _rows(self) -> Ints:
        rows = np.arange(self._cell.first, self._cell.end)
        return rows if self._keep is None else rows[self._keep(rows)]

    @cached_property
    def _faces(self) -> Faces:
        return open_faces(self._display, self._rows, self._keep)

    def positions(self) -> Floats:
        return self._faces.corners

    def colors(self, painter: Painter) -> Colors:
        colors = painter(self._display.sample(self._display.rank[self._rows].astype(np.int64)))
        return np.repeat(colors[self._faces.voxel], 4, axis=0)


class CubeLayer(Layer):
    """Chunks of one cell each, the nearest first. They stay while their cell is near."""

    corners = FACES
    clippable = False  # those outside are left out, so that the others are whole

    def __init__(self) -> None:
        super().__init__()
        self._source: tuple[CloudDisplay, Keep | None] | None = None
        self._painter: Painter | None = None
        self.look = CubeLook()
        self.shader = self.look.shader
        self._held: dict[tuple[int, int], tuple[Chunk, _Cubes]] = {}
        self._near: list[float] = []  # of the chunks: least distance along the view
        self._reach = 0.0

    def show(self, display: CloudDisplay, keep: Keep | None) -> Changes:
        """Draw the near ones of the rows of a display that `keep` leaves, from the next `follow` on."""
        self._source = display, keep
        self.look.grid(display.cell)
        return self._clear()

    def hide(self) -> Changes:
        """Draw none."""
        self._source = None
        return self._clear()

    def _clear(self) -> Changes:
        dropped, self.chunks = self.chunks, []
        self._held, self._near, self._reach = {}, [], 0.0
        return [], dropped

    def paint(self, painter: Painter, up: str | None) -> None:
        """Colours of the voxels; up: the axis from which light falls, None for colours as they are."""
        self._painter = painter
        self.look.light(None if up is None else light(up))
        for chunk, cubes in self._held.values():
            chunk.recolor(partial(cubes.colors, painter))

    def follow(self, camera: Camera, size: tuple[int, int]) -> Changes:
        """The camera of a view of that width and height: draw what is near now."""
        if self._source is None or self._painter is None or not self.visible:
            return self._clear()
        display, keep = self._source
        cells, self._reach = near_cells(display, camera, size)
        held, added = {}, []
        for cell in cells:
            known = self._held.get((cell.level, cell.code))
            if known is None:
                cubes, chunk = _Cubes(display, cell, keep), Chunk(self.corners, self.shader, self.clippable)
                chunk.set(cubes.positions, partial(cubes.colors, self._painter))
                known = chunk, cubes
                added.append(chunk)
            held[cell.level, cell.code] = known
        dropped = [chunk for key, (chunk, _) in self._held.items() if key not in held]
        self._held, self._near = held, [cell.near for cell in cells]
        self.chunks = [chunk for chunk, _ in held.values()]
        return added, dropped

    @property
    def wanted(self) -> bool:
        """Whether near voxels are to be cubes."""
        return self._source is not None and self.visible

    def reach(self, drawn: int) -> float:
        """The distance along the view up to which the first so many chunks hold all voxels that are seen."""
        return self._near[drawn] if drawn < len(self._near) else self._reach
