"""How far each point of two compared clouds is from the other cloud, and the scale that colours it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from octavox.codec import Comparison, morton_encode

from .colormap import HEAT_TABLE, Legend, Scale
from .colour_modes import DIFFERENCES
from .display import CloudDisplay
from .property_colours import PropertyScale, adjusted
from .proportions import Proportions

Distances = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Difference:
    """a (N,), b (M,): distances of the voxels of both clouds; one scale and legend for both. They are in
    voxels, or in units of the file where voxels are no cubes. title: what is measured.

    The distance of a voxel is the largest of its points.
    """

    a: Distances
    b: Distances
    scale: Scale
    legend: Legend
    title: str

    def alone(self, values: Distances) -> Difference:
        """With an automatic scale for some of its values (N,) alone."""
        table = self.scale.table
        if self.scale.low < 0:  # equally far to both sides of nought
            most = float(np.abs(values).max(initial=0.0)) or 1.0
            scale, clipped = Scale(-most, most, table), False
        else:
            scale, clipped = Scale.of(values, table)
        legend = scale.legend(self.title, self.legend.unit, clipped)
        return replace(
            self, a=values, b=values[:0], scale=scale, legend=replace(legend, note=self.legend.note)
        )

    def under(self, mode: str, chosen: PropertyScale) -> Difference:
        """With what was chosen of the scale. mode: key of the point mode."""
        if chosen == PropertyScale():
            return replace(self, legend=replace(self.legend, mode=mode))
        values = np.concatenate([self.a, self.b]) if chosen.log else self.a[:0]
        positive = values[values > 0]
        scale = adjusted(self.scale, chosen, float(positive.min()) if len(positive) else None)
        top = max((float(d.max()) for d in (self.a, self.b) if len(d)), default=0.0)
        legend = scale.legend(self.title, self.legend.unit, top > scale.high, mode)
        return replace(self, scale=scale, legend=replace(legend, note=self.legend.note))


@dataclass(frozen=True)
class Voxels:
    """The displayed voxels of measured points. rows: (P,) the voxel of each point, -1 for none."""

    rows: Rows
    count: int

    @staticmethod
    def of(positions: npt.NDArray[np.float64], display: CloudDisplay) -> Voxels:
        """positions: (P, 3) in the units of the file."""
        cloud = display.cloud
        with np.errstate(over="ignore", invalid="ignore"):
            cells = np.rint((positions - np.array(cloud.transform.origin)) / np.array(cloud.transform.steps))
        inside = np.flatnonzero(((cells >= 0) & (cells < 1 << cloud.depth)).all(axis=1))
        codes = morton_encode(cells[inside].astype(np.int64))
        place = np.minimum(np.searchsorted(display.codes, codes), len(display.codes) - 1)
        there = display.codes[place] == codes
        rows = np.full(len(positions), -1, np.int64)
        rows[inside[there]] = place[there]
        return Voxels(rows, len(display.codes))

    def largest(self, distances: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """(count,) the largest distance of the points of each voxel; 0 for voxels without a point."""
        found = np.zeros(self.count)
        some = self.rows >= 0
        np.maximum.at(found, self.rows[some], distances[some])
        return found


def differences(comparison: Comparison, a: Voxels, b: Voxels, size: Proportions) -> dict[str, Difference]:
    """By point mode. size: of a voxel. Slow: sorts all distances."""
    found, (length, unit) = {}, (size.unit, "voxels") if size.cubes else (1.0, "units")
    for mode, title in DIFFERENCES.items():
        ours, theirs = (
            (np.sqrt(voxels.largest(getattr(comparison, f"{side}_{mode}"))) / length).astype(np.float32)
            for side, voxels in (("a", a), ("b", b))
        )
        scale, clipped = Scale.of(np.concatenate([ours, theirs]), HEAT_TABLE)
        found[mode] = Difference(ours, theirs, scale, scale.legend(title, unit, clipped), title)
    return found
