"""Properties of guessed voxels: those of the nearest originals."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from octavox.codec.arrays import Int64Array
from octavox.codec.cloud.cloud import COLOURS, VoxelCloud
from octavox.codec.cloud.merging import merged_values
from octavox.codec.cloud.voxel_rows import VoxelRows
from octavox.codec.cloud.voxelize import Voxelized
from octavox.codec.codecs.geometry.octree.levels import coords_to_raster
from octavox.codec.codecs.upsampling.nearest import nearest
from octavox.codec.color_loss import PlacedColors, color_distortion
from octavox.codec.job import JobContext
from octavox.codec.points import Points
from octavox.codec.report import ColorDistortion

from .tied import means_of_nearest


def reach_of(levels: int) -> int:
    """How far a voxel may lie from its nearest one: both have the same node, levels + 1 above, at least."""
    return 2 << levels


def owners_of(
    voxels: VoxelCloud, grown: VoxelCloud, reach: int, job: JobContext, threads: int | None
) -> Int64Array:
    """(N,) the row in `grown` of the voxel nearest to each of `voxels`. Raises CancelledError."""
    key = coords_to_raster(grown.coords)
    order = np.argsort(key)
    found = nearest(key[order], coords_to_raster(voxels.coords), reach, job, threads)
    return order[found.rows]


@dataclass(frozen=True)
class Shares:
    """Which voxels a cloud is shared out from, and to which.

    reach: no voxel is farther from its nearest one. own, counts: (S,) original voxels by the voxel of `grown`
    that gets theirs, and (M,) how many each gets: those that are nearest to it, or where there are none, the
    one nearest to it.
    """

    voxels: VoxelCloud
    grown: VoxelCloud
    reach: int
    own: Int64Array
    counts: Int64Array

    @staticmethod
    def of(voxels: VoxelCloud, grown: VoxelCloud, reach: int, job: JobContext, threads: int | None) -> Shares:
        """reach: how far a voxel may be from its nearest one. Raises CancelledError."""
        forth = owners_of(voxels, grown, reach, job, threads)
        bare = np.flatnonzero(np.bincount(forth, minlength=len(grown)) == 0)
        back = owners_of(VoxelCloud(grown.coords[bare], grown.depth), voxels, reach, job, threads)
        taken = np.concatenate([forth, bare])
        own = np.concatenate([np.arange(len(voxels)), back])[np.argsort(taken, kind="stable")]
        return Shares(voxels, grown, reach, own, np.bincount(taken, minlength=len(grown)))

    def points(self, done: Voxelized) -> Voxelized:
        """The points of the cloud (`done`, of the original voxels), by the voxel of `grown`."""
        counts = np.ones(len(self.voxels), np.int64) if done.counts is None else done.counts
        starts, many = np.cumsum(counts) - counts, counts[self.own]
        first = np.repeat(starts[self.own] - (np.cumsum(many) - many), many)
        ends = np.cumsum(self.counts)
        held = np.diff(np.concatenate([[0], np.cumsum(many)])[np.concatenate([[0], ends])])
        carried = replace(done, voxels=self.grown, counts=held)
        carried.__dict__["order"] = done.order[first + np.arange(len(first))]  # the cached property
        return carried

    def colors(self, colors: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
        """(M, 3) mean colours of the original voxels' colours (N, 3)."""
        parts = [merged_values("red", np.ascontiguousarray(c[self.own]), self.counts) for c in colors.T]
        return np.ascontiguousarray(np.stack(parts, axis=1), np.uint8)


def colors_of_points(
    points: Points, carried: Voxelized, shares: Shares, job: JobContext, threads: int | None
) -> ColorDistortion | None:
    """How far colours are from those of the nearest guessed voxels; None without integer colours.

    carried: the points by guessed voxel. Raises CancelledError.
    """
    columns = [points.columns.get(name) for name in COLOURS[:3]]
    plain = [c for c in columns if isinstance(c, np.ndarray) and c.ndim == 1 and c.dtype.kind in "iu"]
    if len(plain) < 3:
        return None
    ours = PlacedColors.of(points.cloud, VoxelRows.of(points.done).inverse, len(shares.voxels))
    merged = [merged_values("red", column[carried.order], carried.counts) for column in plain]
    theirs = PlacedColors(np.stack(merged, axis=1).astype(np.float64), np.result_type(*plain))
    return None if ours is None else _distortion(ours, theirs, shares, job, threads)


def colors_of_voxels(
    before: npt.NDArray[np.uint8],
    after: npt.NDArray[np.uint8],
    shares: Shares,
    job: JobContext,
    threads: int | None,
) -> ColorDistortion | None:
    """The same of colours (N, 3) and (M, 3) of voxels."""
    one, other = (PlacedColors(c.astype(np.float64), c.dtype) for c in (before, after))
    return _distortion(one, other, shares, job, threads)


def _distortion(
    ours: PlacedColors, theirs: PlacedColors, shares: Shares, job: JobContext, threads: int | None
) -> ColorDistortion | None:
    """ours, theirs: of the voxels of the original and of the guessed ones."""
    forth = means_of_nearest(shares.voxels, shares.grown, theirs.mean, shares.reach, job, threads)
    back = means_of_nearest(shares.grown, shares.voxels, ours.mean, shares.reach, job, threads)
    return color_distortion(ours, theirs, forth, back)
