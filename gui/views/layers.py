"""What a view draws: layers of small chunks, so that a frame can draw as much as it has time for.

Numpy arrays come in, VTK objects stay inside. Chunks hold a random share of their layer each.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from vtkmodules.util.numpy_support import numpy_to_vtk, numpy_to_vtkIdTypeArray
from vtkmodules.vtkCommonCore import vtkPoints
from vtkmodules.vtkCommonDataModel import vtkCellArray, vtkPolyData
from vtkmodules.vtkRenderingCore import vtkActor, vtkPolyDataMapper

from ..model.detail import CHUNK_POINTS

CHUNK_BOXES = 2_000
_BOX_CORNERS = np.array([[k >> 2 & 1, k >> 1 & 1, k & 1] for k in range(8)], np.float32)
_BOX_EDGES = np.array(
    [[a, b] for a in range(8) for b in range(a + 1, 8) if bin(a ^ b).count("1") == 1], np.int64
)  # 12 edges: corners that differ in one axis


def box_edges(origin: npt.NDArray[np.int32], size: npt.NDArray[np.int32]) -> npt.NDArray[np.float32]:
    """Corners (B, 3) and edges (B,) of boxes -> (B * 24, 3): the two ends of each of their 12 edges."""
    corners = origin[:, None, :] + size[:, None, None] * _BOX_CORNERS
    return corners[:, _BOX_EDGES.ravel(), :].reshape(-1, 3).astype(np.float32)


class Chunk:
    """One actor with growing arrays of vertices; `lines`: pairs of vertices, else points."""

    def __init__(self, lines: bool) -> None:
        self.lines = lines
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
        self._keep: tuple[object, ...] = ()

    def set(self, positions: npt.NDArray[np.float32], colors: npt.NDArray[np.uint8]) -> None:
        """(n, 3) float32 positions and (n, 3) uint8 colours; held, not copied."""
        points = vtkPoints()
        points.SetData(numpy_to_vtk(positions))
        self.data.SetPoints(points)
        cells = vtkCellArray()
        step = 2 if self.lines else 1
        ids = np.arange(len(positions), dtype=np.int64)
        offsets = np.arange(0, len(positions) + 1, step, dtype=np.int64)
        cells.SetData(numpy_to_vtkIdTypeArray(offsets), numpy_to_vtkIdTypeArray(ids))
        (self.data.SetLines if self.lines else self.data.SetVerts)(cells)
        self._keep = (positions, ids, offsets)
        self.set_colors(colors)

    def set_colors(self, colors: npt.NDArray[np.uint8]) -> None:
        self.data.GetPointData().SetScalars(numpy_to_vtk(colors))
        self.data.Modified()
        self._colors = colors


class Layer:
    """Chunks that are shown or hidden together."""

    lines = False

    def __init__(self) -> None:
        self.chunks: list[Chunk] = []
        self.visible = True

    def resize(self, count: int) -> tuple[list[Chunk], list[Chunk]]:
        """Have `count` chunks; returns those added and those dropped, for the renderer."""
        added = [Chunk(self.lines) for _ in range(count - len(self.chunks))]
        dropped, self.chunks = self.chunks[count:], self.chunks[:count] + added
        return added, dropped


class PointLayer(Layer):
    """Points in a fixed random order, or arriving in batches that are dealt out at random."""

    def __init__(self) -> None:
        super().__init__()
        self.positions = np.empty((0, 3), np.float32)
        self._parts: list[npt.NDArray[np.intp]] = []
        self._fill: list[tuple[npt.NDArray[np.float32], npt.NDArray[np.uint8]]] = []
        self._dice = np.random.default_rng(1)

    def show(
        self, positions: npt.NDArray[np.int32], order: npt.NDArray[np.int64], colors: npt.NDArray[np.uint8]
    ) -> tuple[list[Chunk], list[Chunk]]:
        """Draw (N, 3) voxels in colours (N, 3); order: (M,) which of them, in random order, M <= N."""
        self._fill = []
        count = -(-len(order) // CHUNK_POINTS)
        self._parts = [order[i * CHUNK_POINTS : (i + 1) * CHUNK_POINTS] for i in range(count)]
        changes = self.resize(count)
        for chunk, part in zip(self.chunks, self._parts, strict=True):
            # +0.5: the middle of the voxel, so that points lie inside their block's box
            chunk.set(positions[part].astype(np.float32) + np.float32(0.5), colors[part])
        return changes

    def recolor(self, colors: npt.NDArray[np.uint8]) -> None:
        """New (N, 3) colours for the points of `show`."""
        for chunk, part in zip(self.chunks, self._parts, strict=True):
            chunk.set_colors(colors[part])

    def start_filling(self, expected: int) -> tuple[list[Chunk], list[Chunk]]:
        """Empty the layer and get ready for about `expected` points."""
        count = max(1, -(-expected // CHUNK_POINTS))
        self._fill = [(np.empty((0, 3), np.float32), np.empty((0, 3), np.uint8))] * count
        self._parts = []
        _, dropped = self.resize(0)
        added, _ = self.resize(count)
        return added, dropped

    def add(self, coords: npt.NDArray[np.int32], colors: npt.NDArray[np.uint8]) -> None:
        """Deal (n, 3) voxels and their colours out to the chunks at random."""
        owner = self._dice.integers(0, len(self._fill), len(coords))
        for k, (positions, paint) in enumerate(self._fill):
            mine = owner == k
            if mine.any():
                more = coords[mine].astype(np.float32) + np.float32(0.5)
                self._fill[k] = (np.concatenate([positions, more]), np.concatenate([paint, colors[mine]]))
                self.chunks[k].set(*self._fill[k])


class BoxLayer(Layer):
    """Wire boxes in merged line sets; one vertex pair per edge, one colour per box."""

    lines = True

    def show(
        self,
        origin: npt.NDArray[np.int32],
        size: npt.NDArray[np.int32],
        colors: npt.NDArray[np.uint8],
        width: float = 1.0,
    ) -> tuple[list[Chunk], list[Chunk]]:
        """origin (B, 3), size (B,), colors (B, 3)."""
        order = np.random.default_rng(2).permutation(len(size))
        count = -(-len(size) // CHUNK_BOXES)
        changes = self.resize(count)
        for k, chunk in enumerate(self.chunks):
            part = order[k * CHUNK_BOXES : (k + 1) * CHUNK_BOXES]
            chunk.set(box_edges(origin[part], size[part]), np.repeat(colors[part], 24, axis=0))
            chunk.actor.GetProperty().SetLineWidth(width)
        return changes
