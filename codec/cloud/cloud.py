"""Clouds: points as read from a file, voxels as they are coded, and what lies between."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from octavox.codec.arrays import IntArray

MAX_DEPTH = 21


@dataclass(frozen=True)
class Transform:
    """Maps voxel coordinates c (integers in [0, 2**depth)) to file coordinates: origin + scale * c."""

    origin: tuple[float, float, float] = (0.0, 0.0, 0.0)
    scale: float = 1.0


@dataclass
class PointCloud:
    """A cloud as read from a file, before voxelization.

    positions: (N, 3) float64 or int64, as stored. colors: (N, 3) uint8 or None.
    coordinate_type: PLY name of the stored type ("float", "double", "int", "short", ...).
    properties: names of the further vertex properties, which this version does not store.
    """

    positions: npt.NDArray[Any]
    colors: npt.NDArray[np.uint8] | None = None
    coordinate_type: str = "float"
    properties: tuple[str, ...] = ()
    comments: tuple[str, ...] = ()
    source: str | None = None


@dataclass
class VoxelCloud:
    """Occupied voxels: unique, in Morton order (x most significant), each coordinate in [0, 2**depth).

    coords: (N, 3) int32. depth: octree levels, 1 to 21. colors: (N, 3) uint8 (mean of merged points) or None.
    """

    coords: IntArray
    depth: int
    transform: Transform = field(default_factory=Transform)
    coordinate_type: str = "float"
    colors: npt.NDArray[np.uint8] | None = None

    def __len__(self) -> int:
        return len(self.coords)


@dataclass(frozen=True)
class VoxelizationReport:
    """What voxelization did to the input. Distances are in the file's units."""

    input_points: int
    points: int
    merged: int  # input points that fell into an already occupied voxel
    depth: int
    voxel_size: float
    moved_mean: float  # distance from an input point to its voxel's reconstruction
    moved_max: float
    shifted: tuple[float, float, float]  # origin subtracted before coding
    exact: bool  # every distinct input position comes back exactly
    dropped: tuple[str, ...]  # vertex properties that are not stored
