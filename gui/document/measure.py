"""Lengths and angles between points that the user picked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from octavox.codec import Transform

from . import text
from .words import tr

MOST_POINTS = 3
Vector = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Measurement:
    """voxels: up to three that were picked, of a cloud with this way to the units of its file."""

    voxels: tuple[tuple[int, int, int], ...]
    transform: Transform

    @property
    def places(self) -> Vector:
        """(n, 3) in the units of the file."""
        return self.transform.apply(np.array(self.voxels, np.int64).reshape(-1, 3))

    @property
    def lengths(self) -> list[str]:
        """Of the lines from each point to the next, in words."""
        return [
            self._length(a, b)
            for a, b in zip(range(len(self.voxels)), range(1, len(self.voxels)), strict=False)
        ]

    def _length(self, a: int, b: int) -> str:
        places = self.places
        units = float(np.linalg.norm(places[b] - places[a]))
        if set(self.transform.steps) == {1.0}:
            return tr("{n} voxels", n=text.number(units))
        words = tr("{n} units", n=text.number(units))
        if len(set(self.transform.steps)) == 1:
            voxels = float(np.linalg.norm(np.subtract(self.voxels[b], self.voxels[a])))
            words += " = " + tr("{n} voxels", n=text.number(voxels))
        return words

    @property
    def angle(self) -> float | None:
        """Degrees at the second of three points, in the units of the file; None where there is none."""
        if len(self.voxels) < MOST_POINTS:
            return None
        first, corner, last = self.places
        arms = first - corner, last - corner
        across = float(np.linalg.norm(np.cross(*arms)))
        along = float(np.dot(*arms))
        return None if across == 0.0 and along == 0.0 else float(np.degrees(np.arctan2(across, along)))

    def words(self) -> str:
        """All of it in one line."""
        if len(self.voxels) == 1:
            return tr("Click a second point for the distance, a third for the angle")
        parts = [tr("Distance: {lengths}", lengths="; ".join(self.lengths))]
        if self.angle is not None:
            parts.append(tr("angle at the second point: {n}°", n=text.fixed(self.angle, 2)))
        return "; ".join(parts)


def with_point(before: Measurement | None, voxel: Sequence[int], transform: Transform) -> Measurement:
    """A point more, or the first of a new measurement after three, or in another cloud's units."""
    x, y, z = (int(v) for v in voxel)
    if before is None or len(before.voxels) == MOST_POINTS or before.transform != transform:
        return Measurement(((x, y, z),), transform)
    return Measurement((*before.voxels, (x, y, z)), transform)
