"""Clouds that stay on disk: which of their points a view needs, and the display of those that are read."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from octavox.codec import CellIndex, DiskCloud, PointCloud, VoxelCloud, VoxelGrid, morton_encode

from . import text
from .camera import Camera
from .detail import CHUNK_POINTS
from .display import CloudDisplay, Sample
from .draw_order import draw_order
from .near import in_view
from .point_data import PointData
from .proportions import Proportions
from .shading import CELL_BITS, Ints
from .words import tr

EVERYWHERE = 10 * CHUNK_POINTS  # points from all over the file that are drawn wherever the camera looks
BUDGETS = (500_000, 1_000_000, 2_000_000, 4_000_000, 8_000_000)  # points in memory and in the view
DEFAULT_BUDGET = 1_000_000
LARGE = 20_000_000  # points from which on a cloud stays on disk
POINT_BYTES = 200  # of memory that a point takes which is read and drawn
SHARE = 0.25  # of the memory of the machine that the points of one file may take
_ROOM = 0.125  # on each side of the points that are seen first, for those that are not seen yet
_LEAST = 1e-3  # pixels of a cell that is seen
_CELL_POINTS = 6  # that shading wants in a cell
_SPARE = 0.02  # of the budget, that is used in a second try


def large_from(memory: int) -> int:
    """From how many points on a cloud stays on disk, on a machine with so many bytes of memory."""
    return min(LARGE, int(SHARE * memory / POINT_BYTES))


@dataclass(eq=False)
class OnDisk:
    """What is known of a cloud that stays on disk.

    rows: numbers of the rows that are read, `shown` of which have a place and are drawn. everywhere: those
    that are read whatever the camera. share: of the look through the file that is done; 1 once the points of
    any place can be read. fault: why it ended early; "" where it did not.
    """

    cloud: DiskCloud
    grid: VoxelGrid
    rows: Ints
    everywhere: Ints
    shown: int = 0
    share: float = 0.0
    fault: str = ""

    @property
    def points(self) -> int:
        """Of the file."""
        return self.cloud.points

    def close(self) -> None:
        """Lets go of the file."""
        self.cloud.close()


@dataclass(frozen=True)
class Read:
    """Some points of a cloud on disk, ready to be drawn. rows: their numbers. data: which voxel holds which.
    shown: how many have a place."""

    rows: Ints
    source: PointCloud
    display: CloudDisplay
    data: PointData
    shown: int


def grid_around(points: PointCloud, bounds: tuple[npt.NDArray[np.float64], ...] | None = None) -> VoxelGrid:
    """A grid for all points of a file, by some of them, or by the least and largest numbers of all."""
    if bounds is not None:
        low, high = bounds
        room = np.zeros(3)
    else:
        finite = points.coords[points.finite]
        ends = (finite.min(axis=0), finite.max(axis=0)) if len(finite) else (np.zeros(3), np.zeros(3))
        low, high = (np.asarray(end, np.float64) for end in ends)
        room = np.ceil(_ROOM * (high - low))
    if not (np.isfinite(low).all() and np.isfinite(high).all()):
        low, high = np.zeros(3), np.zeros(3)  # no point has a place
    return VoxelGrid.of(low - room, high + room, points)


# -- which points ----------------------------------------------------------------------------------------


def wanted_rows(
    disk: OnDisk, camera: Camera, size: tuple[int, int], proportions: Proportions, budget: int
) -> Ints:
    """Rows that a view of that width and height is to show: those from everywhere, and of each cell that is
    seen a share of the others by the pixels that it takes; `budget` in all."""
    cells = disk.cloud.cells
    if cells is None:
        return disk.everywhere
    low, high = (proportions.to_view(disk.grid.places(end)) for end in (cells.low, cells.high))
    pixels = seen_pixels((low + high) / 2, np.linalg.norm(high - low, axis=1) / 2, camera, size)
    room = max(0, budget - len(disk.everywhere))
    rows = merged(disk.everywhere, cells, shares(cells.counts, pixels, room))
    spare = budget - len(rows)  # some were among those from everywhere already
    if spare > _SPARE * budget:
        rows = merged(disk.everywhere, cells, shares(cells.counts, pixels, room + spare))
    return rows


def merged(everywhere: Ints, cells: CellIndex, share: Ints) -> Ints:
    """Rows from everywhere and so many of each cell, ascending, each once."""
    rows = np.concatenate([everywhere, cells.choose(share)])
    rows.sort()
    return rows[np.diff(rows, prepend=-1) > 0]


def seen_pixels(
    middle: npt.NDArray[np.float64],
    radius: npt.NDArray[np.float64],
    camera: Camera,
    size: tuple[int, int],
) -> npt.NDArray[np.float64]:
    """(n,) about how many pixels each sphere takes of a view; 0 for those outside."""
    near, inside = in_view(middle, radius, camera, size)
    scale = camera.scale(size[1])
    depth = 1.0 if camera.parallel else np.maximum(near + radius, radius)
    across = scale * radius / np.maximum(depth, 1e-9)
    return np.where(inside, np.clip(math.pi * across**2, _LEAST, float(size[0] * size[1])), 0.0)


def shares(counts: Ints, pixels: npt.NDArray[np.float64], budget: int) -> Ints:
    """(C,) points of each cell: as many to a pixel everywhere, none beyond its count, at most `budget`."""
    held = np.where(pixels > 0, counts, 0)
    if int(held.sum()) <= budget:
        return np.asarray(held, np.int64)
    none, all_ = 0.0, float(np.max(held / np.maximum(pixels, _LEAST)))
    for _ in range(60):  # the largest density that fits
        density = (none + all_) / 2
        fits = np.minimum(held, density * pixels).astype(np.int64).sum() <= budget
        none, all_ = (density, all_) if fits else (none, density)
    return np.asarray(np.minimum(held, none * pixels), np.int64)


# -- their display ---------------------------------------------------------------------------------------


def prepared(
    disk: OnDisk, rows: Ints, source: PointCloud, grid: VoxelGrid, check: Callable[[], None] = lambda: None
) -> Read:
    """The display of points that were read. Points that share a voxel are drawn once, in the colour of the
    first one. check: called repeatedly; an exception that it raises ends the work."""
    coords, placed = grid.voxels(source)
    point = np.flatnonzero(placed)
    codes = morton_encode(coords[point], grid.depth)
    check()
    order = np.argsort(codes, kind="stable")
    codes, point = codes[order], point[order]
    first = np.diff(codes, prepend=-1) > 0
    starts = np.flatnonzero(first)
    voxel_of = np.full(len(rows), -1, np.int64)
    voxel_of[point] = np.cumsum(first) - 1
    check()
    colors = source.colors
    cloud = VoxelCloud(
        coords[point[starts]],
        grid.depth,
        grid.transform,
        grid.coordinate_type,
        None if colors is None else colors[point[starts]],
    )
    draw = draw_order(voxel_of[np.searchsorted(rows, disk.everywhere)], len(starts))
    display = _display(cloud, codes[starts], draw, grid, disk)
    check()
    data = PointData(point, np.append(starts, len(point)))
    return Read(rows, source, display, data, len(point))


def _display(cloud: VoxelCloud, codes: Ints, draw: Ints, grid: VoxelGrid, disk: OnDisk) -> CloudDisplay:
    n = len(draw)
    points = Sample(
        cloud.coords[draw].astype(np.float32) + np.float32(0.5),
        np.zeros((n, 3), np.int8),
        np.ones(n, np.float32),
        None if cloud.colors is None else cloud.colors[draw],
        draw,
    )
    low, high = bounds_of(cloud, grid, disk.cloud.cells)
    return CloudDisplay(cloud, codes, points, low, high, coarser=_coarser(codes))


def bounds_of(
    cloud: VoxelCloud, grid: VoxelGrid, cells: CellIndex | None
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Corners of the box in voxels around all points of the file, once they are known, else around those
    that are read."""
    if cells is not None and np.isfinite(cells.bounds[0]).all():
        low, high = (np.floor(grid.places(end)).astype(np.int64) for end in cells.bounds)
        return low, high + 1
    if not len(cloud):
        return np.zeros(3, np.int64), np.ones(3, np.int64)
    return cloud.coords.min(axis=0).astype(np.int64), cloud.coords.max(axis=0).astype(np.int64) + 1


def _coarser(codes: Ints) -> int:
    """By how many octree levels voxels are joined for shading, so that its cells hold some points each."""
    for levels in range(18):
        cells = 1 + int((np.diff(codes >> 3 * (levels + CELL_BITS)) > 0).sum()) if len(codes) else 0
        if cells * _CELL_POINTS <= len(codes):
            return levels
    return 0


# -- words -----------------------------------------------------------------------------------------------


def disk_words(disk: OnDisk) -> str:
    """How many points are shown, of how many; and how far the look through the file is."""
    words = tr("{n} of {all} points", n=text.count(disk.shown), all=text.count(disk.points))
    if disk.fault:
        return tr("{words} · the others cannot be read", words=words)
    if disk.share < 1:
        return tr("{words} · {share} % looked through", words=words, share=round(100 * disk.share))
    return words


def budget_words(shown: list[OnDisk], budget: int) -> str:
    """What the views show of clouds that stay on disk; "" without any."""
    if not shown:
        return ""
    read, points = sum(disk.shown for disk in shown), sum(disk.points for disk in shown)
    return tr(
        "Showing {n} of {all} points, at most {most}",
        n=text.count(read),
        all=text.count(points),
        most=text.count(budget * len(shown)),
    )
