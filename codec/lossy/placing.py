"""Clouds as integers on a grid, to find further points, and these points as a cloud again."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from octavox.codec.arrays import Int64Array
from octavox.codec.cloud.adding import with_points
from octavox.codec.cloud.cloud import MAX_DEPTH, PointCloud, VoxelCloud
from octavox.codec.cloud.columns import Array
from octavox.codec.cloud.grid import Grid
from octavox.codec.cloud.lattice import REGULAR
from octavox.codec.cloud.morton import morton_encode
from octavox.codec.cloud.voxelize import EXACT_LIMIT, Voxelized, voxelized
from octavox.codec.codecs.geometry.octree.levels import coords_to_raster
from octavox.codec.codecs.upsampling.nearest import nearest
from octavox.codec.errors import InputError
from octavox.codec.job import JobContext

_LARGEST = 1 << 20  # of the coordinates in which networks compute
_FARTHEST = 1 << 8  # new points from old ones


@dataclass(frozen=True)
class Placed:
    """A cloud on a grid.

    numbers: (n, 3) of its occupied cells, distinct. rows: (n,) a point in each, the first in the file. grid:
    what numbers stand for; None where they are the stored coordinates, or voxels. depth: bits per axis. step:
    of the grid, in the file's units. exact: every point lies on the grid. left_out: points with coordinates
    that are not finite.
    """

    numbers: Int64Array
    rows: Int64Array
    grid: Grid | None
    depth: int
    step: float
    exact: bool = True
    left_out: int = 0


def on_grid(cloud: PointCloud | VoxelCloud, depth: int | None, ratio: float, job: JobContext) -> Placed:
    """A cloud on the grid of `voxelize`. Raises InputError, CancelledError.

    ratio: how many times as many points there will be. Where the coordinates lie on no lattice and no depth
    is asked for, the grid is fine enough for these.
    """
    if isinstance(cloud, VoxelCloud):
        if depth is not None:
            raise InputError(
                "a cloud of voxels has no choice of depth: it is voxelized already", field="depth"
            )
        return _of_voxels(cloud)
    done = voxelized(cloud, depth, None, job)
    finer = round(math.log2(ratio) / 2)  # a surface has 4 times as many voxels on the next level
    if not done.report.exact and depth is None and finer:
        done = voxelized(cloud, min(done.voxels.depth + finer, MAX_DEPTH), None, job)
    return _of_points(done)


def as_integers(cloud: PointCloud | VoxelCloud, job: JobContext) -> Placed:
    """A cloud whose coordinates may be the middles of coarser cells, rounded up to whole numbers.

    Stored coordinates, where they are whole or half numbers, and rounded, where they are multiples of a
    fraction above 1; otherwise cells of the grid of `voxelize`. Raises InputError, CancelledError.
    """
    if isinstance(cloud, VoxelCloud):
        return _of_voxels(cloud)
    whole = _whole(cloud)
    if whole is None:
        placed = _of_points(voxelized(cloud, None, None, job))
        if not _scaled_integers(placed):
            return _in_units(placed)
        whole = np.rint(cloud.coords[cloud.finite]).astype(np.int64)
    finite = np.flatnonzero(cloud.finite)
    low = whole.min(axis=0)
    check_span(whole - low)
    codes = morton_encode(whole - low)
    _, first = np.unique(codes, return_index=True)
    numbers = whole[first]
    depth = max(int(numbers.max()).bit_length(), 1)
    step = float(np.abs(cloud.scale).min())
    return Placed(numbers, finite[first], None, depth, step, left_out=len(cloud) - len(finite))


def _of_voxels(cloud: VoxelCloud) -> Placed:
    check_some(len(cloud))
    numbers = cloud.coords.astype(np.int64)
    return Placed(numbers, np.arange(len(cloud)), None, cloud.depth, cloud.transform.scale)


def _of_points(done: Voxelized) -> Placed:
    check_some(len(done.voxels))
    counts = done.counts
    starts = np.arange(len(done.voxels)) if counts is None else np.cumsum(counts) - counts
    return Placed(
        done.voxels.coords.astype(np.int64),
        done.order[starts],
        done.placed.grid,
        done.voxels.depth,
        done.voxels.transform.scale,
        done.report.exact,
        done.report.left_out,
    )


def _scaled_integers(placed: Placed) -> bool:
    """Whether coordinates are multiples of a fraction above 1, as of a codec that scales integers down."""
    assert placed.grid is not None
    axes = placed.grid.axes
    if not all(axis.kind == REGULAR and axis.scale > 1 for axis in axes):
        return False
    off = [abs(axis.origin / axis.scale - round(axis.origin / axis.scale)) for axis in axes]
    return max(off) < _SAME and abs(axes[0].scale - round(axes[0].scale)) > _SAME


_SAME = 1e-6  # of a step: by so much a fraction may be off


def _in_units(placed: Placed) -> Placed:
    """The same cloud in finer steps, of which powers of two make up the steps of its axes."""
    assert placed.grid is not None
    axes = placed.grid.axes
    steps = [axis.step for axis, cells in zip(axes, placed.numbers.T) if cells.any()]
    if any(axis.kind == REGULAR for axis in axes) or not steps:
        return placed
    step = math.gcd(*steps)
    odd = step // (step & -step)
    numbers = placed.numbers * np.array([axis.step // odd for axis in axes])
    x, y, z = (replace(axis, step=odd) for axis in axes)
    grid = replace(placed.grid, axes=(x, y, z))
    return replace(placed, numbers=numbers, grid=grid, step=placed.step * odd / step)


def check_some(points: int) -> None:
    """Raises InputError where there are none."""
    if not points:
        raise InputError("the cloud has no points with finite coordinates", field="positions")


def check_span(cells: Int64Array) -> None:
    """Raises InputError for cells (n, 3), from 0 on, beyond what networks compute with."""
    most = int(cells.max(initial=0))
    if most >= _LARGEST:
        reason = f"the points span {most:,} steps of their grid; at most {_LARGEST - 1:,} are supported"
        raise InputError(reason, field="positions")


def _whole(cloud: PointCloud) -> Int64Array | None:
    """The stored coordinates (n, 3) of finite points, rounded up.

    None unless those of each axis are whole numbers, or all in the middle between two.
    """
    coords = cloud.coords[cloud.finite]
    check_some(len(coords))
    if float(np.abs(coords.astype(np.float64)).max()) >= EXACT_LIMIT >> 2:
        return None
    if coords.dtype.kind in "iu":
        return coords.astype(np.int64)
    up = np.ceil(coords)
    rest = up - coords
    return up.astype(np.int64) if np.isin(rest, (0.0, 0.5)).all() and (rest == rest[:1]).all() else None


def with_cells(
    cloud: PointCloud | VoxelCloud,
    placed: Placed,
    found: Int64Array,
    keep: bool,
    job: JobContext,
    threads: int | None,
) -> PointCloud | VoxelCloud:
    """A cloud with points in these cells (m, 3) of its grid, with properties of the nearest old points.

    keep: beside its own; otherwise in their place. Raises CancelledError.
    """
    rows = placed.rows[_nearest(placed.numbers, found, job, threads)]
    if isinstance(cloud, PointCloud):
        return with_points(cloud, _stored(placed, found, cloud), rows, keep)
    colors = cloud.colors
    coords, every = found, rows
    if keep:
        coords = np.concatenate([cloud.coords, found])
        every = np.concatenate([np.arange(len(cloud)), rows])
    depth = max(cloud.depth, int(coords.max(initial=0)).bit_length())
    order = np.argsort(morton_encode(coords, depth))
    return replace(
        cloud,
        coords=coords[order].astype(np.int32),
        depth=depth,
        colors=None if colors is None else colors[every[order]],
    )


def _nearest(old: Int64Array, new: Int64Array, job: JobContext, threads: int | None) -> Int64Array:
    """(m,) rows of the old cells (n, 3) nearest to the new ones (m, 3)."""
    low = np.minimum(old.min(axis=0), new.min(axis=0, initial=_FAR))
    key = coords_to_raster((old - low).astype(np.int32))
    order = np.argsort(key)
    wanted = coords_to_raster((new - low).astype(np.int32))
    rows, reach = np.full(len(new), -1, np.int64), 3
    while len(left := np.flatnonzero(rows < 0)) and reach <= _FARTHEST:
        found = nearest(key[order], wanted[left], reach, job, threads)
        near = found.squared <= reach * reach  # any other one is farther
        rows[left[near]] = order[found.rows[near]]
        reach *= 2
    assert not len(left), "new points lie near old ones"
    return rows


_FAR = np.iinfo(np.int64).max


def _stored(placed: Placed, cells: Int64Array, cloud: PointCloud) -> Array:
    """The stored coordinates (m, 3) of cells."""
    if placed.grid is None:
        return cells
    low = np.minimum(cells.min(axis=0, initial=0), 0)
    x, y, z = (axis.shifted(int(step)) for axis, step in zip(placed.grid.axes, low, strict=True))
    return replace(placed.grid, axes=(x, y, z)).coords(cells - low)


def allowed(placed: Placed, found: Int64Array, dtype: np.dtype[Any]) -> Int64Array:
    """The cells (m, 3), none below 0 where the cloud has none, and none beyond its type.

    A cell at such an end reaches beyond it, where no voxel was: what is guessed there moves to the end.
    """
    if placed.grid is not None:
        return found
    low, high = (0 if (placed.numbers >= 0).all() else -EXACT_LIMIT), EXACT_LIMIT
    if dtype.kind in "iu":
        low, high = max(low, np.iinfo(dtype).min), min(high, np.iinfo(dtype).max)
    inside = np.clip(found, low, high)
    return found if np.array_equal(inside, found) else np.unique(inside, axis=0)
