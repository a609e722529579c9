"""How long the edges of a voxel are in a view, where they differ from axis to axis."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from octavox.codec import Transform

Places = npt.NDArray[np.float64]
# Beyond both of these ratios the axes have other units (degrees and metres): voxels are drawn as cubes.
_MOST_STEP = 100.0
_MOST_EXTENT = 1000.0


@dataclass(frozen=True)
class Proportions:
    """Lengths of a voxel's edges in a view.

    steps: of the three axes; 1 is the shortest. unit: the length 1 in the units of the file. cameras, bounds
    and pictures of depth are in view coordinates: voxel coordinates times `steps`.
    """

    steps: tuple[float, float, float] = (1.0, 1.0, 1.0)
    unit: float = 1.0

    @staticmethod
    def of(transform: Transform, extent: npt.ArrayLike) -> Proportions:
        """Of a cloud that spans so many voxels (3,). An axis with one layer of voxels has no step of its own:
        it takes the shortest of the others."""
        size, steps = np.maximum(np.asarray(extent, np.float64), 1), np.asarray(transform.steps, np.float64)
        layered = size > 1
        if transform.axis_scale is None or not layered.any():
            return Proportions(unit=transform.scale)
        unit = float(steps[layered].min())
        ratio = np.where(layered, steps / unit, 1.0)
        spans = (size * ratio)[layered]
        if ratio.max() > _MOST_STEP and spans.max() > _MOST_EXTENT * spans.min():
            return Proportions(unit=unit)
        x, y, z = (float(r) for r in ratio)
        return Proportions((x, y, z), unit)

    @property
    def cubes(self) -> bool:
        """Whether all edges are equal."""
        return self.steps == (1.0, 1.0, 1.0)

    @property
    def point(self) -> float:
        """Edge of the square that stands for a voxel: the middle one of its edges, so that a surface along
        the two longer axes or the two shorter ones has few holes or none."""
        return sorted(self.steps)[1]

    def to_view(self, voxels: npt.NDArray[Any]) -> Places:
        """Voxel coordinates (..., 3) in view coordinates."""
        return np.asarray(voxels * np.array(self.steps), np.float64)

    def to_voxels(self, places: npt.NDArray[Any]) -> Places:
        """View coordinates (..., 3) in voxel coordinates."""
        return np.asarray(places / np.array(self.steps), np.float64)
