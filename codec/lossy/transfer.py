"""Properties of guessed voxels: those of the nearest originals."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from octavox.codec.arrays import Int64Array, UInt8Array
from octavox.codec.cloud.cloud import VoxelCloud
from octavox.codec.cloud.voxelize import Voxelized
from octavox.codec.codecs.geometry.octree.levels import coords_to_raster
from octavox.codec.codecs.nearest import nearest
from octavox.codec.job import JobContext


def owners_of(
    voxels: VoxelCloud, grown: VoxelCloud, reach: int, job: JobContext, threads: int | None
) -> Int64Array:
    """(N,) the row in `grown` of the voxel nearest to each of `voxels`. Raises CancelledError."""
    key = coords_to_raster(grown.coords)
    order = np.argsort(key)
    found = nearest(key[order], coords_to_raster(voxels.coords), reach, job, threads)
    return order[found.rows]


def carried_colors(
    voxels: VoxelCloud, grown: VoxelCloud, reach: int, job: JobContext, threads: int | None
) -> UInt8Array:
    """(M, 3) colours of other voxels: the mean of those originals to which each is the nearest.

    Where there are none, that of the original nearest to it. Raises CancelledError.
    """
    colors = voxels.colors
    assert colors is not None
    owner = owners_of(voxels, grown, reach, job, threads)
    held = np.bincount(owner, minlength=len(grown))
    sums = [np.bincount(owner, channel.astype(np.float64), len(grown)) for channel in colors.T]
    found = np.rint(np.stack(sums, axis=1) / np.maximum(held, 1)[:, None]).astype(np.uint8)
    bare = np.flatnonzero(held == 0)
    found[bare] = colors[owners_of(VoxelCloud(grown.coords[bare], grown.depth), voxels, reach, job, threads)]
    return found


def carried_over(
    done: Voxelized, grown: VoxelCloud, reach: int, job: JobContext, threads: int | None
) -> Voxelized:
    """The points of a cloud shared out to other voxels.

    Each voxel of `grown` gets the points of the original voxels to which it is the nearest; where there are
    none, those of the original voxel nearest to it. Raises CancelledError.
    """
    voxels = done.voxels
    owner = owners_of(voxels, grown, reach, job, threads)
    bare = np.flatnonzero(np.bincount(owner, minlength=len(grown)) == 0)
    lonely = VoxelCloud(grown.coords[bare], grown.depth)
    source = owners_of(lonely, voxels, reach, job, threads)
    own = np.concatenate([np.arange(len(voxels)), source])
    taken = np.concatenate([owner, bare])
    by_grown = np.argsort(taken, kind="stable")
    counts = np.ones(len(voxels), np.int64) if done.counts is None else done.counts
    starts, many = np.cumsum(counts) - counts, counts[own[by_grown]]
    first = np.repeat(starts[own[by_grown]] - (np.cumsum(many) - many), many)
    order = done.order[first + np.arange(len(first))]
    held = np.bincount(taken[by_grown], weights=many, minlength=len(grown)).astype(np.int64)
    carried = replace(done, voxels=grown, counts=held)
    carried.__dict__["order"] = order  # the cached property
    return carried
