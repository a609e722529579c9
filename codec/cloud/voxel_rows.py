"""From the points of a cloud to the voxels that they became."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from octavox.codec.arrays import BoolArray, Int64Array

from .cloud import VoxelCloud
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
