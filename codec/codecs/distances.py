"""D1: how far two sets of voxels are from each other. `upsampling.nearest` measures it."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Distance:
    """D1 in voxels: mean squared error in both directions, and the largest error (see `metrics`)."""

    forth: float
    back: float
    hausdorff: float

    @property
    def mse(self) -> float:
        """The larger of both directions."""
        return max(self.forth, self.back)


def psnr_of(mse: float, depth: int) -> float | None:
    """D1 PSNR in dB of an error in voxels, at a peak of 2**depth - 1 voxels; None where nothing differs."""
    return 10.0 * math.log10(3.0 * ((1 << depth) - 1) ** 2 / mse) if mse > 0 else None
