"""Which points two clouds do not share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from octavox.codec import VoxelCloud, absent_codes, morton_encode


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


def overlap_of(original: VoxelCloud, decoded: VoxelCloud, guessed: int = 0) -> Overlap | None:
    """Which voxels of each cloud the other lacks; clouds are in Morton order, so a search answers.

    None where the clouds have another grid or mostly other voxels: then they are two clouds, not two versions
    of one. guessed: levels that were guessed; the nodes above them are compared for that.
    """
    if not on_one_grid(original, decoded):
        return None
    ours, theirs = morton_encode(original.coords), morton_encode(decoded.coords)
    found = _overlap(ours, theirs)
    nodes = _overlap(*(np.unique(codes >> 3 * guessed) for codes in (ours, theirs))) if guessed else found
    return found if nodes.related else None


def _overlap(ours: npt.NDArray[np.int64], theirs: npt.NDArray[np.int64]) -> Overlap:
    return Overlap(absent_codes(ours, theirs), absent_codes(theirs, ours))


def on_one_grid(a: VoxelCloud, b: VoxelCloud) -> bool:
    """Whether equal coordinates of both clouds are the same place."""
    return a.depth == b.depth and a.transform == b.transform
