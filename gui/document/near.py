"""Which voxels are so near that each is seen as a cube, and which of their faces can be seen."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from octavox.codec import MAX_DEPTH, morton_encode

from .camera import FOV, Camera
from .display import CloudDisplay, Floats, Ints

LEAST_PIXELS = 5.0  # of an edge; smaller voxels are drawn as points
MOST_CUBES = 50_000
CELL_VOXELS = 2_048  # of a cell that is not divided any further
CELL_EDGE = 8  # nor is one of this edge
Keep = Callable[[Ints], npt.NDArray[np.bool_]]  # which rows of a cloud are drawn
# Brightness of faces, by axis and end; the light falls from above, a little from one side.
SIDE_LIGHT = np.array([[0.80, 0.90], [0.72, 0.96], [0.74, 0.86]], np.float32)
UP_LIGHT = (0.64, 1.0)


@dataclass(frozen=True)
class Cell:
    """An octree node with few voxels: rows first..end of the cloud. near: least distance along the view."""

    level: int
    code: int
    first: int
    end: int
    near: float


def near_cells(display: CloudDisplay, camera: Camera, size: tuple[int, int]) -> tuple[list[Cell], float]:
    """Cells whose voxels are seen as cubes in a view of that width and height, the nearest first.

    Also: the distance along the view up to which all voxels that can be seen are in these cells.
    """
    edge = display.proportions.point * display.cell
    scale = camera.scale(size[1]) * edge
    reach = scale / LEAST_PIXELS
    if camera.parallel:
        reach = math.inf if scale >= LEAST_PIXELS else 0.0
    if not len(display) or reach == 0.0:
        return [], 0.0
    cells = _cells(display, camera, size, reach)
    cells.sort(key=lambda cell: cell.near)
    left = MOST_CUBES
    for number, cell in enumerate(cells):
        left -= cell.end - cell.first
        if left < 0:
            return cells[:number], cell.near
    return cells, reach


def _cells(display: CloudDisplay, camera: Camera, size: tuple[int, int], reach: float) -> list[Cell]:
    """All cells nearer than `reach` of which something may be in the view."""
    codes, levels, found = display.codes, max(1, display.cloud.depth), []
    nodes = np.zeros(1, np.int64)
    for level in range(levels + 1):
        if not len(nodes):
            break
        below = levels - level
        first = np.searchsorted(codes, nodes << 3 * below)
        end = np.searchsorted(codes, ((nodes + 1) << 3 * below) - 1, side="right")
        held = end > first
        nodes, first, end = nodes[held], first[held], end[held]
        corner = display.cloud.coords[first] >> below << below
        near, seen = _in_view(display, corner, 1 << below, camera, size)
        seen &= near < reach
        leaf = seen & ((end - first <= CELL_VOXELS) | (1 << below <= CELL_EDGE * display.cell))
        for k in np.flatnonzero(leaf):
            found.append(Cell(level, int(nodes[k]), int(first[k]), int(end[k]), float(near[k])))
        nodes = ((nodes[seen & ~leaf] << 3)[:, None] + np.arange(8)).reshape(-1)
    return found


def _in_view(
    display: CloudDisplay, corner: Ints, edge: int, camera: Camera, size: tuple[int, int]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """Least distances along the view of cubes (n,), and whether something of them may be seen (n,)."""
    to_view = display.proportions.to_view
    radius = np.full(len(corner), float(np.linalg.norm(to_view(np.full(3, edge / 2)))))
    return in_view(to_view(corner + edge / 2), radius, camera, size)


def in_view(
    middle: npt.NDArray[np.float64], radius: npt.NDArray[np.float64], camera: Camera, size: tuple[int, int]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """Least distances along the view of spheres in view coordinates (n,), and whether something of them may
    be seen (n,) in a view of that width and height."""
    right, up, back = camera.axes()
    middle = middle - camera.eye
    depth, x, y = -(middle @ back), np.abs(middle @ right), np.abs(middle @ up)
    half = math.tan(math.radians(FOV / 2))
    wide = half * size[0] / max(1, size[1])
    if camera.parallel:
        inside = (x - wide * camera.distance <= radius) & (y - half * camera.distance <= radius)
    else:
        inside = depth + radius > 0
        for away, slope in ((x, wide), (y, half)):
            inside &= (away - slope * depth) / math.hypot(1, slope) <= radius
    return depth - radius, inside


@dataclass(frozen=True)
class Faces:
    """Square faces of voxels, F of them. corners: (4 F, 3) float32, four in turn for each face.

    voxel: (F,) which of the rows each belongs to.
    """

    corners: Floats
    voxel: Ints


def open_faces(display: CloudDisplay, rows: Ints, keep: Keep | None) -> Faces:
    """The faces of voxels (rows of a cloud) that touch no other drawn voxel."""
    coords, cell = display.cloud.coords[rows].astype(np.int64), display.cells(rows)
    low = coords - (cell >> 1)[:, None]  # of a coarse cloud, coordinates are middles
    parts, owners = [], []
    for axis in range(3):
        for end in (0, 1):
            beside = coords.copy()
            beside[:, axis] += cell if end else -cell
            free = np.flatnonzero(~_drawn(display, beside, keep))
            square = cell[free, None, None] * _square(axis, end)
            parts.append((low[free, None, :] + square).astype(np.float32))
            owners.append(free)
    return Faces(np.concatenate(parts).reshape(-1, 3), np.concatenate(owners))


def _drawn(display: CloudDisplay, coords: Ints, keep: Keep | None) -> npt.NDArray[np.bool_]:
    """Whether there is a drawn voxel at each place (n, 3)."""
    inside = np.asarray(((coords >= 0) & (coords < 1 << MAX_DEPTH)).all(axis=1), bool)
    codes = morton_encode(np.where(inside[:, None], coords, 0))
    place = np.minimum(np.searchsorted(display.codes, codes), len(display.codes) - 1)
    found: npt.NDArray[np.bool_] = inside & (display.codes[place] == codes)
    if keep is not None:
        found[found] = keep(place[found])
    return found


def _square(axis: int, end: int) -> Ints:
    """(4, 3) corners of one face of the unit cube, counter-clockwise as seen from outside."""
    turn = [(0, 0), (1, 0), (1, 1), (0, 1)] if end else [(0, 0), (0, 1), (1, 1), (1, 0)]
    square = np.full((4, 3), end, np.int64)
    square[:, [(axis + 1) % 3, (axis + 2) % 3]] = turn
    return square


def light(up: str) -> npt.NDArray[np.float32]:
    """(3, 2) brightness of the faces, by axis and end; up: the axis from whose end the light falls."""
    bright = SIDE_LIGHT.copy()
    bright["xyz".index(up)] = UP_LIGHT
    return bright
