"""What a view draws: layers of small chunks, so that a frame can draw as much as it has time for.

Numpy arrays come in, VTK objects stay inside. Chunks hold a random share of their layer each.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any

import numpy as np
import numpy.typing as npt
from vtkmodules.util.numpy_support import numpy_to_vtk, numpy_to_vtkIdTypeArray
from vtkmodules.vtkCommonCore import vtkPoints
from vtkmodules.vtkCommonDataModel import vtkCellArray, vtkPlane, vtkPlaneCollection, vtkPolyData
from vtkmodules.vtkRenderingCore import vtkActor, vtkPolyDataMapper, vtkShaderProperty

from octavox.gui.document.coding_order import CodingOrder
from octavox.gui.document.colormap import Colors
from octavox.gui.document.detail import CHUNK_POINTS
from octavox.gui.document.display import CloudDisplay, Floats, Sample

from .looks import PointLook

CHUNK_BOXES = 2_000
HEAD = 0.3  # length of an arrow's head, of its own
_BOX_CORNERS = np.array([[k >> 2 & 1, k >> 1 & 1, k & 1] for k in range(8)], np.float32)
_BOX_EDGES = np.array(
    [[a, b] for a in range(8) for b in range(a + 1, 8) if bin(a ^ b).count("1") == 1], np.int64
)  # 12 edges: corners that differ in one axis


BOX_ENDS = _BOX_EDGES.size


def box_edges(origin: npt.NDArray[np.int32], size: npt.NDArray[np.int32]) -> npt.NDArray[np.float32]:
    """Corners (B, 3) and edges (B,) or (B, 3) of boxes -> (B * 24, 3): the two ends of their 12 edges."""
    extent = size[:, None, None] if size.ndim == 1 else size[:, None, :]  # one edge for all axes, or each
    corners = origin[:, None, :] + extent * _BOX_CORNERS
    return corners[:, _BOX_EDGES.ravel(), :].reshape(-1, 3).astype(np.float32)


Floats64 = npt.NDArray[np.float64]
Painter = Callable[[Sample], Colors]
Changes = tuple[list["Chunk"], list["Chunk"]]  # added, dropped


AS_THEY_ARE = 0  # VTK hands positions to OpenGL neither shifted nor scaled
VERTICES, LINES, FACES = 1, 2, 4  # points of each cell of a chunk


class Chunk:
    """One actor. Its arrays are made when it is drawn next (`prepare`), so that a change of a whole cloud
    costs the GUI thread one chunk at a time."""

    def __init__(self, corners: int, shader: vtkShaderProperty | None = None, clippable: bool = True) -> None:
        """corners: VERTICES, LINES or FACES. shader: what is different from VTK's own shaders."""
        self.corners, self.clippable = corners, clippable
        self.data = vtkPolyData()
        mapper = vtkPolyDataMapper()
        mapper.SetInputData(self.data)
        mapper.SetColorModeToDirectScalars()
        mapper.SetStatic(True)
        self.actor = vtkActor()
        self.actor.SetMapper(mapper)
        self.actor.GetProperty().LightingOff()
        self.actor.SetVisibility(False)
        self.actor.PickableOff()
        if shader is not None:
            self.actor.SetShaderProperty(shader)
        if corners == FACES:
            mapper.SetVBOShiftScaleMethod(AS_THEY_ARE)  # the shader sees voxel coordinates
            self.actor.GetProperty().BackfaceCullingOn()
        self._positions: Callable[[], Floats] | None = None
        self._colors: Callable[[], Colors] | None = None
        self._held: list[object] = [None, None]  # VTK does not own numpy's memory

    def set(self, positions: Callable[[], Floats], colors: Callable[[], Colors]) -> None:
        """Sources of (n, 3) float32 positions and (n, 3) uint8 colours, called once each."""
        self._positions, self._colors = positions, colors

    def recolor(self, colors: Callable[[], Colors]) -> None:
        self._colors = colors

    def place(
        self, steps: tuple[float, float, float], nearer: float = 1.0, shift: Floats64 | None = None
    ) -> None:
        """Draw voxels with edges of these lengths, all of it `nearer` times as large and then shifted."""
        self.actor.SetScale(*(nearer * step for step in steps))
        if shift is not None:
            self.actor.SetPosition(*shift)

    def clip(self, planes: vtkPlaneCollection | None) -> None:
        """Draw nothing behind these planes; None: all."""
        if not self.clippable:
            return
        mapper = self.actor.GetMapper()
        if planes is None:
            mapper.RemoveAllClippingPlanes()
        else:
            mapper.SetClippingPlanes(planes)

    @property
    def positions(self) -> Floats | None:
        """(n, 3) where what it drew last lies; None where it has not been drawn, or others are to come."""
        held = self._held[0]
        return held if self._positions is None and isinstance(held, np.ndarray) else None

    def keep_positions(self) -> None:
        """Draw what was drawn last, whatever was set since."""
        self._positions = None

    @property
    def stale(self) -> bool:
        """Whether what was drawn of it last is out of date."""
        return self._positions is not None or self._colors is not None

    def prepare(self) -> None:
        """Make the arrays that are out of date."""
        if self._positions is not None:
            positions, self._positions = np.ascontiguousarray(self._positions(), np.float32), None
            points = vtkPoints()
            points.SetData(numpy_to_vtk(positions))
            self.data.SetPoints(points)
            put = {VERTICES: self.data.SetVerts, LINES: self.data.SetLines, FACES: self.data.SetPolys}
            put[self.corners](_cells(len(positions), self.corners))
            self._held[0] = positions
        if self._colors is not None:
            colors, self._colors = np.ascontiguousarray(self._colors(), np.uint8), None
            self.data.GetPointData().SetScalars(numpy_to_vtk(colors))
            self.data.Modified()
            self._held[1] = colors


@lru_cache(maxsize=8)
def _cells(vertices: int, step: int) -> vtkCellArray:
    """Cells of `step` successive vertices each; two triangles for each four."""
    cells = vtkCellArray()
    if step == FACES:
        corners = np.arange(vertices, dtype=np.int64).reshape(-1, 4)[:, [0, 1, 2, 0, 2, 3]].reshape(-1)
        offsets = numpy_to_vtkIdTypeArray(np.arange(0, len(corners) + 1, 3, dtype=np.int64), deep=True)
        cells.SetData(offsets, numpy_to_vtkIdTypeArray(corners, deep=True))
        return cells
    offsets = numpy_to_vtkIdTypeArray(np.arange(0, vertices + 1, step, dtype=np.int64), deep=True)
    cells.SetData(offsets, numpy_to_vtkIdTypeArray(np.arange(vertices, dtype=np.int64), deep=True))
    return cells


def box_planes(low: Floats64, high: Floats64) -> vtkPlaneCollection:
    """The six planes of a box, which keep what is inside."""
    planes = vtkPlaneCollection()
    for axis in range(3):
        for corner, sign in ((low, 1.0), (high, -1.0)):
            plane, normal = vtkPlane(), [0.0, 0.0, 0.0]
            normal[axis] = sign
            plane.SetOrigin(*corner)
            plane.SetNormal(*normal)
            planes.AddItem(plane)
    return planes


class Layer:
    """Chunks that are shown or hidden together."""

    corners = VERTICES
    shader: vtkShaderProperty | None = None
    clippable = True  # whether a clipping box cuts it

    def __init__(self) -> None:
        self.chunks: list[Chunk] = []
        self.visible = True

    def resize(self, count: int) -> Changes:
        """Have `count` chunks; returns those added and those dropped, for the renderer."""
        added = [Chunk(self.corners, self.shader, self.clippable) for _ in range(count - len(self.chunks))]
        dropped, self.chunks = self.chunks[count:], self.chunks[:count] + added
        return added, dropped


class PointLayer(Layer):
    """Points of a display, or points that arrive in batches."""

    def __init__(self) -> None:
        super().__init__()
        self.look = PointLook()
        self.shader = self.look.shader
        self._samples: list[Callable[[], Sample]] = []  # of each chunk
        self._order: CodingOrder | None = None
        self._fill: tuple[list[Floats], list[Colors]] = ([], [])  # positions and colours of the last chunk
        self._room = 0  # how many more points the last chunk takes

    def show(self, display: CloudDisplay, part: npt.NDArray[np.int64] | None, painter: Painter) -> Changes:
        """Draw all points of a display, or the given ones of its `points`; painter: colours of a sample."""
        total = len(display) if part is None else len(part)
        cuts = [slice(i, i + CHUNK_POINTS) for i in range(0, total, CHUNK_POINTS)]
        samples = [display.sample(cut if part is None else part[cut]) for cut in cuts]
        return self._show([partial(_itself, sample) for sample in samples], painter)

    def show_first(
        self, display: CloudDisplay, owner: npt.NDArray[np.int32], blocks: int, painter: Painter
    ) -> Changes:
        """Draw the points of the first `blocks` blocks; owner as `CodingOrder`. Chunks stay the same, and
        find their part when they are drawn."""
        if self._order is None or not self._order.is_of(display, owner):
            self._order = CodingOrder(display, owner)
        first = self._order.first
        return self._show([partial(first, chunk, blocks) for chunk in range(self._order.chunks)], painter)

    def _show(self, samples: list[Callable[[], Sample]], painter: Painter) -> Changes:
        changes, self._samples = self.resize(len(samples)), samples
        for chunk, sample in zip(self.chunks, samples, strict=True):
            chunk.set(partial(_positions, sample), partial(_painted, painter, sample))
        return changes

    def show_again(self, display: CloudDisplay, painter: Painter) -> Changes:
        """The same as `show` with all points, where many chunks keep theirs: these are not made anew."""
        held = [chunk.positions for chunk in self.chunks]
        changes = self.show(display, None, painter)
        for chunk, old, sample in zip(self.chunks, held, self._samples, strict=False):
            if old is not None and np.array_equal(old, sample().positions):
                chunk.keep_positions()
        return changes

    def recolor(self, painter: Painter) -> None:
        """New colours for the points that are shown."""
        for chunk, sample in zip(self.chunks, self._samples, strict=True):
            chunk.recolor(partial(_painted, painter, sample))

    def start_filling(self) -> Changes:
        """Empty the layer and get ready for points that arrive bit by bit."""
        self._samples, self._fill, self._room = [], ([], []), 0
        return self.resize(0)

    def add(self, coords: npt.NDArray[np.int32], colors: Colors) -> Changes:
        """Append (n, 3) voxels and their colours; only the last chunks change, however many there are."""
        added, start = [], 0
        while start < len(coords):
            if self._room == 0:
                added.append(Chunk(self.corners, self.shader, self.clippable))
                self._fill, self._room = ([], []), CHUNK_POINTS
            part = slice(start, start + self._room)
            positions, paint = self._fill
            positions.append(coords[part].astype(np.float32) + np.float32(0.5))
            paint.append(colors[part])
            chunk = added[-1] if added else self.chunks[-1]
            chunk.set(partial(_merged, positions), partial(_merged, paint))
            self._room -= len(positions[-1])
            start = part.stop
        self.chunks += added
        return added, []


def _itself(sample: Sample) -> Sample:
    return sample


def _positions(sample: Callable[[], Sample]) -> Floats:
    return sample().positions


def _painted(painter: Painter, sample: Callable[[], Sample]) -> Colors:
    return painter(sample())


def _merged(parts: list[npt.NDArray[Any]]) -> npt.NDArray[Any]:
    """All parts as one array, which takes their place in the list."""
    parts[:] = [np.concatenate(parts)]
    return parts[0]


class BoxLayer(Layer):
    """Wire boxes in merged line sets; one vertex pair per edge, one colour per box."""

    corners = LINES
    opacity = 1.0

    def show(
        self, origin: npt.NDArray[np.int32], size: npt.NDArray[np.int32], colors: Colors, width: float = 1.0
    ) -> Changes:
        """origin (B, 3), size (B,) or (B, 3), colors (B, 3)."""
        order = np.random.default_rng(2).permutation(len(size))
        changes = self.resize(-(-len(size) // CHUNK_BOXES))
        for k, chunk in enumerate(self.chunks):
            part = order[k * CHUNK_BOXES : (k + 1) * CHUNK_BOXES]
            chunk.set(
                partial(box_edges, origin[part], size[part]), partial(np.repeat, colors[part], 24, axis=0)
            )
            chunk.actor.GetProperty().SetLineWidth(width)
            chunk.actor.GetProperty().SetOpacity(self.opacity)
        return changes


class ArrowLayer(Layer):
    """Arrows: a line each, with two short ones at its end."""

    corners = LINES
    clippable = False

    def show(self, ends: npt.NDArray[np.float32], color: tuple[int, int, int], width: float = 1.5) -> Changes:
        """ends (B, 2, 3): where each begins and ends, in voxels."""
        changes = self.resize(-(-len(ends) // CHUNK_BOXES))
        for k, chunk in enumerate(self.chunks):
            part = ends[k * CHUNK_BOXES : (k + 1) * CHUNK_BOXES]
            paint = np.tile(np.array(color, np.uint8), (6 * len(part), 1))
            chunk.set(partial(arrow_lines, part), partial(_itself_colors, paint))
            chunk.actor.GetProperty().SetLineWidth(width)
        return changes


def arrow_lines(ends: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """(B, 2, 3) -> (B * 6, 3): the two ends of the three lines of each arrow."""
    start, end = ends[:, 0], ends[:, 1]
    along = end - start
    # Any direction across: the cross product with the axis that the arrow follows least.
    least = np.eye(3, dtype=np.float32)[np.abs(along).argmin(axis=1)]
    across = np.cross(along, least)
    length = np.linalg.norm(across, axis=1, keepdims=True)
    across *= np.linalg.norm(along, axis=1, keepdims=True) / np.maximum(length, 1e-9)
    back = end - HEAD * along
    sides = [back + HEAD / 2 * across, back - HEAD / 2 * across]
    return np.stack([start, end, end, sides[0], end, sides[1]], axis=1).reshape(-1, 3).astype(np.float32)


def _itself_colors(colors: Colors) -> Colors:
    return colors
