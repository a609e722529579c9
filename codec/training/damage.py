"""Voxels as lossy codecs leave them, for training: grids of another step, planes in blocks, moved voxels."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Local = npt.NDArray[np.int64]  # (n, 3) voxels of one cube, local coordinates

STEPS = (8 / 7, 4 / 3, 3 / 2, 8 / 5, 2.0, 5 / 2, 3.0)  # of grids
BLOCKS = (2, 3, 4, 6, 8)  # edges of blocks
CHANCES = (0.4, 0.4, 0.2)  # of a grid, of planes, of moved voxels


def damaged(local: Local, edge: int, rng: np.random.Generator) -> Local:
    """The voxels of a cube, damaged in one of these ways at random; at least one, all within the cube."""
    kind = int(rng.choice(len(CHANCES), p=CHANCES))
    if kind == 0:
        found = on_grid(local, float(rng.choice(STEPS)), rng.integers(0, 64, 3))
    elif kind == 1:
        found = on_planes(local, int(rng.choice(BLOCKS)), rng.integers(0, 8, 3))
    else:
        found = np.rint(local + rng.normal(0.0, rng.uniform(0.3, 0.9), local.shape)).astype(np.int64)
    return np.unique(np.clip(found, 0, edge - 1), axis=0)


def on_grid(local: Local, step: float, phase: npt.NDArray[np.int64]) -> Local:
    """Each voxel moved to the nearest point of a grid with this step, rounded as G-PCC's octree does it."""
    cells = np.floor((local + phase) / step + 0.5)
    return np.floor(cells * step + 0.5).astype(np.int64) - phase


def on_planes(local: Local, block: int, phase: npt.NDArray[np.int64]) -> Local:
    """In each block, the plane that fits its voxels, drawn over their columns: what trisoup leaves.

    A plane is a height over the two axes along which the voxels of the block vary most.
    """
    moved = local + phase
    cell = moved // block
    _, owner, count = np.unique(cell, axis=0, return_inverse=True, return_counts=True)
    owner = owner.reshape(-1)
    n = len(count)

    def mean(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return np.asarray(np.bincount(owner, values, n) / count)

    inside = (moved - cell * block).astype(np.float64)
    centre = np.stack([mean(inside[:, axis]) for axis in range(3)], 1)
    offset = inside - centre[owner]
    spread = np.stack([mean(offset[:, axis] ** 2) for axis in range(3)], 1)
    height = spread.argmin(1)  # the axis of the height
    u, v = (height + 1) % 3, (height + 2) % 3
    rows = np.arange(len(moved))
    a, b, c = (offset[rows, axis[owner]] for axis in (u, v, height))
    saa, sbb, sab = mean(a * a) + 1e-3, mean(b * b) + 1e-3, mean(a * b)
    sac, sbc = mean(a * c), mean(b * c)
    scale = saa * sbb - sab * sab
    slope_a, slope_b = (sac * sbb - sbc * sab) / scale, (sbc * saa - sac * sab) / scale
    drawn = inside.copy()
    drawn[rows, height[owner]] = np.clip(
        centre[owner, height[owner]] + slope_a[owner] * a + slope_b[owner] * b, 0, block - 1
    )
    return np.floor(drawn + 0.5).astype(np.int64) + cell * block - phase
