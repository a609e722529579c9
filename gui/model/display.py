"""A cloud made ready for drawing, off the GUI thread: codes, draw order, float positions, shading."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from codec import VoxelCloud

from .blocks import morton

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

CELL_BITS = 2  # normals are fitted to cells of 4^3 voxels and their neighbours
_LIGHT = np.array([0.35, 0.80, 0.49])


@dataclass(frozen=True)
class Sample:
    """Some points of a cloud, ready to draw; n of them.

    positions: (n, 3) float32 middles of the voxels. normals: (n, 3) int8, 127 times the surface normals, to
    either side. shade: (n,) float32 brightness in 0..1. colors: (n, 3) uint8 or None. place: (n,) where each
    stands in the cloud's own (Morton) order.
    """

    positions: Floats
    normals: npt.NDArray[np.int8]
    shade: Floats
    colors: npt.NDArray[np.uint8] | None
    place: Ints

    def __len__(self) -> int:
        return len(self.place)


@dataclass(frozen=True)
class CloudDisplay:
    """One cloud, ready to draw.

    codes: (N,) int64 Morton codes, in the cloud's order. points: all points in a random order, so that any
    prefix of them is an even sample (level of detail). low, high: (3,) bounds in voxels, high excluded.
    """

    cloud: VoxelCloud
    codes: Ints
    points: Sample
    low: npt.NDArray[np.int64]
    high: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.cloud.coords)

    @property
    def middle(self) -> npt.NDArray[np.float64]:
        return np.asarray(self.low + self.high, np.float64) / 2

    @property
    def radius(self) -> float:
        return max(1.0, float(np.linalg.norm(self.high - self.low)) / 2)

    def sample(self, part: slice | Ints) -> Sample:
        """A part of `points`; a slice copies nothing."""
        p = self.points
        colors = None if p.colors is None else p.colors[part]
        return Sample(p.positions[part], p.normals[part], p.shade[part], colors, p.place[part])

    def nearest_voxel(self, position: npt.ArrayLike) -> npt.NDArray[np.int32]:
        """The occupied voxel whose middle is nearest to a position."""
        delta = self.points.positions - np.asarray(position, np.float32)
        best = int(np.argmin(np.einsum("ij,ij->i", delta, delta)))
        return self.cloud.coords[self.points.place[best]]


def prepare(cloud: VoxelCloud) -> CloudDisplay:
    """Build the display of a cloud; 1 M points take about a second."""
    coords = cloud.coords
    n = len(coords)
    codes = morton(coords) if n else np.empty(0, np.int64)
    low = coords.min(axis=0).astype(np.int64) if n else np.zeros(3, np.int64)
    high = coords.max(axis=0).astype(np.int64) + 1 if n else np.ones(3, np.int64)
    order = np.random.default_rng(0).permutation(n)
    normals, shade = surface(coords, codes)
    points = Sample(
        coords[order].astype(np.float32) + np.float32(0.5),
        normals[order],
        shade[order],
        None if cloud.colors is None else cloud.colors[order],
        order,
    )
    return CloudDisplay(cloud, codes, points, low, high)


def surface(coords: npt.NDArray[np.int32], codes: Ints) -> tuple[npt.NDArray[np.int8], Floats]:
    """(N, 3) normals as in `Sample` and (N,) brightness: a plane fitted to each cell with its 26 neighbours.

    Cells are runs of the Morton order, so their moments are segment sums; no neighbour search over points.
    """
    n = len(coords)
    if n < 3:
        return np.zeros((n, 3), np.int8), np.ones(n, np.float32)
    cell = codes >> (3 * CELL_BITS)
    first = np.flatnonzero(np.r_[True, cell[1:] != cell[:-1]])
    keys = cell[first]
    corner = coords[first] >> CELL_BITS
    # Moments about the cloud's middle would cancel badly in float32; float64 holds them.
    x = coords.astype(np.float64)
    moments = np.add.reduceat(_moments(x), first, axis=0)
    total = moments.copy()
    for dx in (-1, 0, 1):
        for dy in (-1, 0, 1):
            for dz in (-1, 0, 1):
                if dx or dy or dz:
                    _add_neighbours(total, moments, keys, corner + np.array([dx, dy, dz]))
    normal = _smallest_axis(total)
    bright = (0.42 + 0.58 * np.abs(normal @ _LIGHT)).astype(np.float32)
    points = np.diff(np.r_[first, n])
    return np.repeat(np.rint(127 * normal).astype(np.int8), points, axis=0), np.repeat(bright, points)


def _moments(x: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """(N, 3) -> (N, 10): 1, x, y, z, xx, xy, xz, yy, yz, zz."""
    products = [x[:, i] * x[:, j] for i, j in ((0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2))]
    return np.column_stack([np.ones(len(x)), x, *products])


def _add_neighbours(
    total: npt.NDArray[np.float64], moments: npt.NDArray[np.float64], keys: Ints, cells: npt.NDArray[np.int32]
) -> None:
    valid = np.flatnonzero(cells.min(axis=1) >= 0)
    wanted = morton(cells[valid])
    place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    found = keys[place] == wanted
    total[valid[found]] += moments[place[found]]


def _smallest_axis(m: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """(C, 10) moments -> (C, 3) unit normals: the covariance's axis of least variance."""
    mean = m[:, 1:4] / m[:, :1]
    second = m[:, [4, 5, 6, 5, 7, 8, 6, 8, 9]].reshape(-1, 3, 3) / m[:, 0, None, None]
    covariance = second - mean[:, :, None] * mean[:, None, :]
    return np.asarray(np.linalg.eigh(covariance)[1][:, :, 0], np.float64)
