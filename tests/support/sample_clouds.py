"""Clouds that the tests share."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from octavox.codec.cloud.cloud import VoxelCloud
from octavox.codec.cloud.morton import sort_unique

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "resources" / "samples" / "spot_vox8.ply"
SAMPLE_POINTS = 145_773


def make_sphere(depth: int, radius: float) -> VoxelCloud:
    """The voxels within half a voxel of a sphere around the middle of a 2**depth cube."""
    size = 1 << depth
    grid = np.indices((size, size, size)).reshape(3, -1).T
    distance = np.linalg.norm(grid - (size - 1) / 2, axis=1)
    return VoxelCloud(sort_unique(grid[np.abs(distance - radius) < 0.5], depth), depth)
