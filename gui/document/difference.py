"""How far each point of two compared clouds is from the other cloud, and the scale that colours it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from octavox.codec import Comparison

from .colormap import HEAT_TABLE, Legend, Scale
from .colour_modes import DIFFERENCES

Distances = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Difference:
    """a (N,), b (M,): distances in voxels of the points of both clouds; one scale and legend for both."""

    a: Distances
    b: Distances
    scale: Scale
    legend: Legend


def differences(comparison: Comparison, voxel: float) -> dict[str, Difference]:
    """By point mode. voxel: edge of a voxel in units of the positions. Slow: sorts all distances."""
    found = {}
    for mode, title in DIFFERENCES.items():
        a, b = (
            (np.sqrt(getattr(comparison, f"{side}_{mode}")) / voxel).astype(np.float32) for side in ("a", "b")
        )
        scale, clipped = Scale.of(np.concatenate([a, b]), HEAT_TABLE)
        found[mode] = Difference(a, b, scale, scale.legend(title, "voxels", clipped))
    return found
