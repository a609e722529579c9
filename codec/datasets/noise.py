"""Capture-like surface noise: a smooth random displacement of space.

Independent noise for each sample would make a surface thick, because many samples fall into one voxel.
Captured surfaces are thin but uneven. So neighbouring samples move together: the displacement is Gaussian on
two lattices, one of a few voxels and one four times as coarse, and linear in between. It is continuous, so a
closed surface stays closed.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from octavox.codec.arrays import FloatArray

LARGEST = 4.0  # times the root mean square: larger displacements are clipped
SPACINGS = (3.0, 12.0)  # of the lattices, in voxels
_PERIOD = 32  # lattice cells after which the noise repeats
_VARIANCE = (2 / 3) ** 3  # of trilinear interpolation between unit Gaussians, mean over a cell


class SurfaceNoise:
    """A displacement of root mean square `noise` voxels along each axis, the same for the same `rng`."""

    def __init__(self, noise: float, rng: np.random.Generator) -> None:
        self.noise = noise
        shape = (len(SPACINGS), _PERIOD, _PERIOD, _PERIOD, 3)
        self._lattice = rng.standard_normal(shape).astype(np.float32) / np.sqrt(_VARIANCE * len(SPACINGS))
        self._phase = rng.uniform(0, _PERIOD, (len(SPACINGS), 3))

    def __call__(self, positions: npt.NDArray[np.float64]) -> FloatArray:
        """(N, 3) positions in voxels -> (N, 3) displacements in voxels, within LARGEST * noise."""
        total = np.zeros(positions.shape)
        for lattice, phase, spacing in zip(self._lattice, self._phase, SPACINGS, strict=True):
            place = positions / spacing + phase
            cell = np.floor(place)
            share = place - cell
            low = cell.astype(np.int64) % _PERIOD
            high = (low + 1) % _PERIOD
            for corner in range(8):
                axis = [(corner >> a) & 1 for a in range(3)]
                x, y, z = ((high if up else low)[:, a] for a, up in enumerate(axis))
                weight = np.prod(
                    [share[:, a] if up else 1 - share[:, a] for a, up in enumerate(axis)], axis=0
                )
                total += weight[:, None] * lattice[x, y, z]
        return np.asarray(self.noise * np.clip(total, -LARGEST, LARGEST), np.float64)
