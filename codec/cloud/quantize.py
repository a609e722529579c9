"""A cloud on a grid that is given, to compare it with what came of it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from octavox.codec.arrays import FloatArray, IntArray

from .cloud import PointCloud, Transform
from .grid import Grid
from .morton import morton_decode, morton_encode


class Quantized(NamedTuple):
    """A cloud on a given grid.

    coords: (M, 3) int32 unique voxels in Morton order. moved_mean, moved_max: distance from a point inside
    the grid to its voxel's reconstruction, in the file's units. outside: distinct voxels outside
    [0, 2**depth), left out.
    """

    coords: IntArray
    moved_max: float
    outside: int
    moved_mean: float


def quantize(cloud: PointCloud, transform: Transform, depth: int) -> Quantized:
    """The voxels of `cloud` on a given grid, to compare it with a decoded stream.

    Points whose coordinates are not finite are left out.
    """
    return _quantized(np.asarray(cloud.positions, np.float64), transform, depth, np.ones(3))


def quantize_stored(cloud: PointCloud, grid: Grid) -> Quantized:
    """As `quantize`, on the grid of the stored numbers: what scale and offset round is no move."""
    stored = cloud.coords.astype(np.float64)
    return _quantized(stored, grid.transform, grid.depth, np.abs(np.array(cloud.scale)))


def _quantized(numbers: FloatArray, transform: Transform, depth: int, scale: FloatArray) -> Quantized:
    """scale: (3,) of moves, from the numbers' units to the file's."""
    numbers = numbers[np.isfinite(numbers).all(axis=1)]
    origin, steps = np.array(transform.origin), np.array(transform.steps)
    with np.errstate(over="ignore"):
        cells = np.rint((numbers - origin) / steps)
    inside = ((cells >= 0) & (cells < 1 << depth)).all(axis=1)
    outside = len(np.unique(cells[~inside], axis=0))
    kept = cells[inside]
    moved = distances(numbers[inside] * scale, (origin + steps * kept) * scale)
    codes = np.unique(morton_encode(kept.astype(np.int64), depth))
    mean = float(moved.mean()) if len(moved) else 0.0
    return Quantized(morton_decode(codes), float(moved.max(initial=0.0)), outside, mean)


def distances(a: FloatArray, b: FloatArray) -> FloatArray:
    """(N,) distances between the rows of (N, 3) arrays; hypot neither overflows nor vanishes in between."""
    if np.array_equal(a, b):
        return np.zeros(len(a))
    x, y, z = (a[:, k] - b[:, k] for k in range(3))
    return np.asarray(np.hypot(np.hypot(x, y), z), np.float64)
