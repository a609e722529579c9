"""Which points two clouds do not share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Overlap:
    """Which points of the original, (N,) bool, and of the decoded cloud, (M,) bool, the other one lacks."""

    only_a: npt.NDArray[np.bool_]
    only_b: npt.NDArray[np.bool_]

    @property
    def related(self) -> bool:
        """Whether the clouds share most voxels; else they are no versions of one cloud."""
        shared = len(self.only_a) - int(self.only_a.sum())
        return 2 * shared >= max(len(self.only_a), len(self.only_b))

    @property
    def same(self) -> bool:
        """Whether both clouds are the same set of points."""
        return not self.only_a.any() and not self.only_b.any()
