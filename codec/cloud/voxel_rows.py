"""From the points of a cloud to the voxels that they became."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from octavox.codec.arrays import BoolArray, Int64Array

from .cloud import PointCloud, Transform, VoxelCloud
from .morton import CodeArray, morton_encode
from .voxelize import Voxelized


@dataclass(frozen=True)
class VoxelRows:
    """Which voxel each row of a cloud lies in.

    voxels: unique, in Morton order. codes: (n,) Morton codes of the rows on the grid. on: (N,) which rows
    these are.
    """

    voxels: VoxelCloud
    codes: CodeArray
    on: BoolArray

    @staticmethod
    def of(done: Voxelized) -> VoxelRows:
        """Of a cloud on its grid."""
        return VoxelRows(done.voxels, done.codes, done.placed.on)

    @property
    def inverse(self) -> Int64Array:
        """(N,) the voxel of each row of the cloud; -1 for rows off the grid."""
        found = np.full(len(self.on), -1, np.int64)
        found[self.on] = np.searchsorted(morton_encode(self.voxels.coords, self.voxels.depth), self.codes)
        return found


_PART = 1 << 18  # points at a time
_JUST_BELOW = 1e-6  # of a cell: by so much rounding may put a point below the cell that it begins


def rows_in_voxels(cloud: PointCloud, voxels: VoxelCloud) -> Int64Array:
    """(N,) the row in `voxels` of the voxel that each point lies in; -1 for points that lie in none.

    voxels: those that `propose`, `encode` or `decode` gave for the cloud. On a lattice and on a grid that was
    asked for, a point belongs to the nearest cell; of coordinates that lie on no lattice, cells are intervals
    that begin at their voxel's position. The one is taken that gives more points a voxel.
    """
    numbers, transform = cloud.positions, voxels.transform
    if voxels.grid is not None and voxels.grid.transform.scaled(cloud.scale, cloud.offset) == transform:
        numbers, transform = cloud.coords, voxels.grid.transform  # what scale and offset round moves no point
    codes = morton_encode(voxels.coords, voxels.depth)
    nearest = _rows_of(numbers, transform, codes, voxels.depth, below=False)
    if (nearest >= 0).all():
        return nearest
    below = _rows_of(numbers, transform, codes, voxels.depth, below=True)
    return below if np.count_nonzero(below >= 0) > np.count_nonzero(nearest >= 0) else nearest


def _rows_of(
    numbers: npt.NDArray[Any], transform: Transform, codes: CodeArray, depth: int, below: bool
) -> Int64Array:
    """(N,) where the cells of the points (N, 3) are among the voxels with these sorted codes; -1 for those
    that are not there. below: of the nearest cells, or of those that begin below the points."""
    rows = np.full(len(numbers), -1, np.int64)
    origin, steps = np.array(transform.origin), np.array(transform.steps)
    for first in range(0, len(numbers) if len(codes) else 0, _PART):
        with np.errstate(all="ignore"):
            places = (numbers[first : first + _PART].astype(np.float64) - origin) / steps
            cells = np.floor(places + _JUST_BELOW) if below else np.rint(places)
            inside = np.flatnonzero(((cells >= 0) & (cells < 1 << depth)).all(axis=1))
        wanted = morton_encode(cells[inside].astype(np.int64), depth)
        found = np.minimum(np.searchsorted(codes, wanted), len(codes) - 1)
        there = codes[found] == wanted
        rows[first + inside[there]] = found[there]
    return rows
