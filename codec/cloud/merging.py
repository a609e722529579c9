"""What a voxel has of the properties of its points: a mean, or what most of them have."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .columns import Array, Column, ListColumn, ordered_lists
from .voxelize import Voxelized

MEASURED = ("red", "green", "blue", "alpha", "intensity", "reflectance")


def merged_column(name: str, column: Column, done: Voxelized) -> Column:
    """The column of the voxels of a cloud.

    Floats, colours and intensities are averaged, integers to the nearest, even at a tie. Other integers may
    be names of classes: what most points of the voxel have is taken, the least of several. Of lists, those of
    the voxel's first point.
    """
    if isinstance(column, ListColumn):
        return _first_lists(column, done)
    return merged_values(name, column[done.order], done.counts)


def merged_values(name: str, ordered: Array, counts: npt.NDArray[np.int64] | None) -> Array:
    """(M,) or (M, C): what `merged_column` makes of the values of points that are ordered by voxel.

    counts: (M,) points of each voxel, at least 1; None: one each.
    """
    if counts is None:
        return ordered
    if ordered.ndim == 2:
        parts = [_merged(name, np.ascontiguousarray(c), counts) for c in ordered.T]
        return np.stack(parts, axis=1)
    return _merged(name, ordered, counts)


def _merged(name: str, ordered: Array, counts: npt.NDArray[np.int64]) -> Array:
    if ordered.dtype.kind == "f" or name in MEASURED:
        return _means(ordered, counts)
    return _commonest(ordered, counts)


def _means(ordered: Array, counts: npt.NDArray[np.int64]) -> Array:
    starts = np.cumsum(counts) - counts
    single = counts == 1
    with np.errstate(all="ignore"):
        means = np.add.reduceat(ordered.astype(np.float64), starts) / counts if len(counts) else ordered
        means = means if ordered.dtype.kind == "f" else np.rint(means)
        found = np.asarray(means.astype(ordered.dtype))
    found[single] = ordered[starts[single]]
    return found


def _commonest(ordered: Array, counts: npt.NDArray[np.int64]) -> Array:
    """The most frequent value of each run of rows."""
    voxel = np.repeat(np.arange(len(counts)), counts)
    order = np.lexsort([ordered, voxel])
    values, owners = ordered[order], voxel[order]
    first = np.ones(len(values), bool)
    first[1:] = (values[1:] != values[:-1]) | (owners[1:] != owners[:-1])
    at = np.flatnonzero(first)
    often = np.diff(np.append(at, len(values)))
    best = np.lexsort([values[at], -often, owners[at]])
    chosen = at[best][np.concatenate([[True], np.diff(owners[at[best]]) > 0])] if len(at) else at
    return np.asarray(values[chosen])


def _first_lists(column: ListColumn, done: Voxelized) -> ListColumn:
    counts = done.counts
    starts = np.arange(len(done.order)) if counts is None else np.cumsum(counts) - counts
    return ordered_lists(column, done.order[starts])


def mean_colors(
    colors: npt.NDArray[np.uint8] | None, points: int, counts: npt.NDArray[np.int64] | None
) -> npt.NDArray[np.uint8] | None:
    """(M, 3) mean colours of voxels, from those of the first `points` points (N, 3), by voxel.

    counts: (M,) points of each voxel; None: one each.
    """
    if colors is None or counts is None:
        return None if colors is None else colors[:points]
    own = [_means(np.ascontiguousarray(colors[:points, k]), counts) for k in range(3)]
    return np.stack(own, axis=1) if len(counts) else np.empty((0, 3), np.uint8)
