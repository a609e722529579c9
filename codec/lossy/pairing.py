"""Two clouds on one grid, and a cloud made of points of both."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from octavox.codec.arrays import BoolArray, Int64Array
from octavox.codec.cloud.adding import with_points
from octavox.codec.cloud.cloud import PointCloud, Transform, VoxelCloud
from octavox.codec.cloud.columns import Column, FileInfo, ListColumn
from octavox.codec.cloud.grid import Grid
from octavox.codec.cloud.morton import CodeArray, morton_decode, morton_encode
from octavox.codec.cloud.voxelize import voxelized
from octavox.codec.errors import InputError
from octavox.codec.job import JobContext
from octavox.codec.properties import joined_column

from .placing import check_some

Cloud = PointCloud | VoxelCloud


@dataclass(frozen=True)
class Pair:
    """Two clouds on one grid.

    both: the points of the first cloud, then those of the second one, with the properties that both have;
    of voxels their properties alone count. codes: of each cloud the occupied cells, sorted Morton codes;
    rows: of each cell a point in `both`, the first one. grid: None of voxels. depth: bits per axis.
    transform: where cells lie, in the files' units. exact: every point lies on the grid. left_out: points
    that have no place.
    """

    both: Cloud
    codes: tuple[CodeArray, CodeArray]
    rows: tuple[Int64Array, Int64Array]
    grid: Grid | None
    depth: int
    transform: Transform
    exact: bool
    left_out: tuple[int, int]

    def cloud(self, codes: CodeArray, rows: Int64Array, in_b: BoolArray) -> Cloud:
        """A point in each of these cells (k,).

        It has the properties of the point in cell rows[k] of the second cloud, or of the first one.
        """
        of_a, of_b = (own[np.minimum(rows, len(own) - 1)] for own in self.rows)
        source, coords = np.where(in_b, of_b, of_a), morton_decode(codes)
        if self.grid is not None:
            assert isinstance(self.both, PointCloud)
            return with_points(self.both, self.grid.coords(coords), source, keep=False)
        assert isinstance(self.both, VoxelCloud)
        colors = self.both.colors
        return replace(self.both, coords=coords, colors=None if colors is None else colors[source])


def paired(a: Cloud, b: Cloud, depth: int | None, job: JobContext) -> Pair:
    """Two clouds on the grid of `voxelize`, both together. Raises InputError, CancelledError.

    depth: bits per axis of the grid. By default it is the lattice of all coordinates; where they lie on none,
    the voxels are as wide as those of the first cloud alone.
    """
    for cloud in (a, b):
        check_some(len(cloud))
    if isinstance(a, VoxelCloud) and isinstance(b, VoxelCloud):
        if depth is not None:
            raise InputError(
                "clouds of voxels have no choice of depth: they are voxelized already", field="depth"
            )
        return _of_voxels(a, b)
    if isinstance(a, VoxelCloud) or isinstance(b, VoxelCloud):
        raise InputError("one cloud has voxels and the other one points; both have to be alike", field="b")
    return _of_points(a, b, depth, job)


def common_properties(a: Cloud, b: Cloud) -> tuple[str, ...]:
    """Names of the properties that both clouds have, with the same types."""
    if isinstance(a, VoxelCloud) or isinstance(b, VoxelCloud):
        has = isinstance(a, VoxelCloud) and isinstance(b, VoxelCloud)
        return ("red", "green", "blue") if has and a.colors is not None and b.colors is not None else ()
    return tuple(
        name
        for name, column in a.attributes.items()
        if name in b.attributes and _kind(column) == _kind(b.attributes[name])
    )


def _kind(column: Column) -> tuple[object, ...]:
    if isinstance(column, ListColumn):
        return (column.lengths.dtype, column.values.dtype)
    return (column.dtype, column.shape[1:], "numbers")


def _of_voxels(a: VoxelCloud, b: VoxelCloud) -> Pair:
    if a.transform != b.transform:
        reason = f"the clouds of voxels lie on different grids: {_grid_text(a.transform)} and "
        raise InputError(reason + _grid_text(b.transform), field="transform")
    depth, n = max(a.depth, b.depth), len(a)
    codes = morton_encode(a.coords, depth), morton_encode(b.coords, depth)
    colors = None
    if a.colors is not None and b.colors is not None:
        colors = np.concatenate([a.colors, b.colors])
    both = replace(a, depth=depth, colors=colors)
    rows = np.arange(n), np.arange(n, n + len(b))
    return Pair(both, codes, rows, None, depth, a.transform, True, (0, 0))


def _grid_text(grid: Transform) -> str:
    steps = grid.steps if grid.axis_scale else (grid.scale,)
    return f"origin {', '.join(f'{v:g}' for v in grid.origin)}, step {', '.join(f'{v:g}' for v in steps)}"


def _of_points(a: PointCloud, b: PointCloud, depth: int | None, job: JobContext) -> Pair:
    if (a.scale, a.offset) != (b.scale, b.offset):
        reason = "the clouds store their coordinates with different scales or offsets: "
        raise InputError(f"{reason}{a.scale}, {a.offset} and {b.scale}, {b.offset}", field="scale")
    names, n = common_properties(a, b), len(a)
    both = PointCloud(
        np.concatenate([a.coords, b.coords]),
        attributes={name: joined_column(a.attributes[name], b.attributes[name]) for name in names},
        scale=a.scale,
        offset=a.offset,
        axis_types=a.axis_types if a.axis_types == b.axis_types else None,
        info=FileInfo(a.info.format),
        source=a.source,
    )
    done = voxelized(both, depth, None, job)
    if not done.report.exact and depth is None:
        alone = voxelized(a, None, None, job).report.voxel_size
        done = voxelized(both, None, alone, job) if alone > done.report.voxel_size else done
    every = np.flatnonzero(done.placed.on)
    first = every < n
    codes, rows = [], []
    for mine in (first, ~first):
        found, at = np.unique(done.codes[mine], return_index=True)
        check_some(len(found))
        codes.append(found)
        rows.append(every[mine][at])
    on = int(first.sum())
    return Pair(
        both,
        (codes[0], codes[1]),
        (rows[0], rows[1]),
        done.placed.grid,
        done.voxels.depth,
        done.voxels.transform,
        done.report.exact,
        (n - on, len(b) - len(every) + on),
    )
