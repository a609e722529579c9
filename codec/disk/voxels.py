"""The grid on which points of a cloud that stays on disk are drawn: one for all of them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from octavox.codec.arrays import BoolArray
from octavox.codec.cloud.cloud import MAX_DEPTH, PointCloud, Transform
from octavox.codec.cloud.columns import Array

Floats = npt.NDArray[np.float64]
_FLOAT_BITS = MAX_DEPTH - 1  # of a grid for floats, whose numbers have no step of their own


@dataclass(frozen=True)
class VoxelGrid:
    """Cubes in stored numbers. low: (3,) corner. step: edge, a power of two. depth: bits per axis.

    transform: from voxels to the middles of what they hold, in the units of the file. coordinate_type: of the
    stored numbers, as PLY calls it.
    """

    low: Floats
    step: float
    depth: int
    transform: Transform
    coordinate_type: str

    @staticmethod
    def of(low: Floats, high: Floats, like: PointCloud) -> VoxelGrid:
        """A grid around all stored numbers between two corners. like: any points of the file. Integers are
        voxels themselves where the grid has room for that."""
        span = max(float((high - low).max()), 0.0)
        if like.coords.dtype.kind == "f":
            step = 2.0 ** math.ceil(math.log2(span / (1 << _FLOAT_BITS))) if span else 1.0
            low = np.floor(low / step) * step
            middle = 0.5 * step
        else:
            step = float(1 << max(0, (int(span) + 1).bit_length() - MAX_DEPTH))
            low = np.floor(low)
            middle = 0.5 * (step - 1)
        depth = max(1, int(np.floor((high - low).max() / step)).bit_length())
        x, y, z = (low + middle).tolist()
        transform = Transform((x, y, z), step).scaled(like.scale, like.offset)
        return VoxelGrid(low, step, min(depth, MAX_DEPTH), transform, like.coordinate_type)

    def covers(self, low: Floats, high: Floats) -> bool:
        """Whether all stored numbers between two corners have a voxel."""
        return bool((self.places(low) >= 0).all() and (self.places(high) < 1 << self.depth).all())

    def places(self, numbers: Array) -> Floats:
        """Stored numbers (..., 3) in voxels, with their fractions."""
        return np.asarray((numbers.astype(np.float64) - self.low) / self.step, np.float64)

    def voxels(self, cloud: PointCloud) -> tuple[npt.NDArray[np.int32], BoolArray]:
        """The voxel of each point (N, 3), and which points have one (N,)."""
        coords, inside = np.empty((len(cloud), 3), np.int32), np.ones(len(cloud), bool)
        with np.errstate(invalid="ignore"):
            for k in range(3):
                places = (cloud.coords[:, k].astype(np.float64) - self.low[k]) / self.step
                inside &= (places >= 0) & (places < 1 << self.depth)
                coords[:, k] = np.where(inside, places, 0)
        return coords, inside
