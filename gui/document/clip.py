"""The box beyond which nothing is drawn; a slice is a thin one."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

Triple = tuple[int, int, int]


@dataclass(frozen=True)
class Clip:
    """Voxels from low to below high along each axis; at least one."""

    low: Triple
    high: Triple

    @staticmethod
    def of(low: npt.ArrayLike, high: npt.ArrayLike) -> Clip:
        """From corners (3,)."""
        first, end = (tuple(int(v) for v in np.asarray(corner)) for corner in (low, high))
        return Clip((first[0], first[1], first[2]), (end[0], end[1], end[2]))

    @property
    def valid(self) -> bool:
        return all(low < high for low, high in zip(self.low, self.high, strict=True))

    def between(self, axis: int, low: int, high: int) -> Clip:
        """With other ends along one axis; one voxel at least."""
        first, end = list(self.low), list(self.high)
        first[axis], end[axis] = low, max(high, low + 1)
        return replace(self, low=(first[0], first[1], first[2]), high=(end[0], end[1], end[2]))

    def keeps(self, coords: npt.NDArray[np.integer]) -> npt.NDArray[np.bool_]:
        """Which of the voxels (n, 3) lie inside."""
        inside = (coords >= np.array(self.low)) & (coords < np.array(self.high))
        return np.asarray(inside.all(axis=1), bool)
