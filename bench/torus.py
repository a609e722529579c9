"""A generated cloud of any size, for the window's benchmark."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from octavox import codec


def torus(points: int, path: Path) -> Path:
    """A voxelized torus of about `points` voxels, as a PLY file."""
    small = (points / (4 * np.pi**2 * 2.75 * 1.45)) ** 0.5  # 1.45: occupied voxels per unit of surface
    half = int(4 * small) + 2
    steps = int(points**0.5 * 3)
    u = np.linspace(0, 2 * np.pi, steps, endpoint=False)
    ring, height = 2.75 * small + small * np.cos(u), np.rint(small * np.sin(u)).astype(np.int64) + half
    found = []
    for part in np.array_split(np.arange(steps), max(1, steps // 200)):  # few at a time: the rest is memory
        x = np.rint(ring[part, None] * np.cos(u)).astype(np.int64) + half
        z = np.rint(ring[part, None] * np.sin(u)).astype(np.int64) + half
        found.append(np.unique((x << 42 | height[part, None] << 21 | z).ravel()))
    keys = np.unique(np.concatenate(found))
    voxels = np.stack([keys >> 42, keys >> 21 & 0x1FFFFF, keys & 0x1FFFFF], axis=1)
    cloud, _ = codec.voxelize(codec.PointCloud(voxels))
    codec.write_ply(path, cloud)
    return path
