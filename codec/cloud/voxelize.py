"""Positions to voxels: the grid, merging, and a report of what changed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from octavox.codec.arrays import FloatArray, IntArray
from octavox.codec.errors import InputError, check_type, whole_number
from octavox.codec.job import CancelToken, JobContext

from .cloud import MAX_DEPTH, PointCloud, Triple, VoxelCloud, VoxelizationReport
from .grid import Grid, OnGrid, exact_grid
from .lattice import INTEGER, REGULAR, Array, Int64Array, Lattice
from .morton import CodeArray, morton_decode, morton_encode
from .quantize import distances
from .spacing import median_spacing

EXACT_LIMIT = 1 << 53  # integers up to here are exact in float64
LARGEST = 2.0**1000
Axes = tuple[Lattice, Lattice, Lattice]
_LATTICE_TOLERANCE = 0.1  # of a step: how far float coordinates may lie off a regular lattice


@dataclass(frozen=True)
class Voxelized:
    """A cloud on its grid.

    voxels: unique, in Morton order. placed: the cells of its points. codes: (n,) Morton codes of these.
    counts: (M,) points of each voxel, or None where each has one.
    """

    voxels: VoxelCloud
    report: VoxelizationReport
    placed: OnGrid
    codes: CodeArray
    counts: npt.NDArray[np.int64] | None

    @cached_property
    def order(self) -> npt.NDArray[np.int64]:
        """(n,) rows of the cloud that lie on the grid, by voxel, and in a voxel as in the file."""
        return _order(self.codes, self.placed)


def voxelize(
    cloud: PointCloud,
    *,
    depth: int | None = None,
    voxel_size: float | None = None,
    cancel: CancelToken | None = None,
) -> tuple[VoxelCloud, VoxelizationReport]:
    """Quantizes a cloud to a grid of 2**depth voxels an axis and merges points that share a voxel.

    Without depth and voxel_size, coordinates on a lattice (integers, decimals, binary fractions, with a step
    for each axis) stay exact. Integers in [0, 2**21) keep the file's own grid, origin 0, so that blocks stay
    aligned with it. Other floats are rounded to the nearest of 2**depth positions along the longest axis,
    whose ends are met exactly; the depth is the smallest whose voxel size does not exceed the median distance
    of nearest neighbours.
    depth: bits per axis. A lattice that needs no more is kept; of integers, low bits are dropped, and the
    middle of the coarser voxel stands for them; other floats are rounded as above.
    voxel_size: edge of a voxel in the file's units; the grid begins at the smallest coordinates.

    Colours of merged points are averaged. Points with coordinates that are not finite are left out, and the
    report says how many. Raises InputError for a depth outside [1, 21], a range that overflows or needs more
    than 21 bits without `depth`, or voxels that float64 cannot tell apart; CancelledError.
    """
    check_type(cloud, PointCloud, "a PointCloud", "cloud")
    depth = None if depth is None else whole_number(depth, "depth")
    check_type(voxel_size, (int, float, np.number, type(None)), "a number", "voxel size")
    done = voxelized(cloud, depth, voxel_size, JobContext(cancel=cancel))
    return done.voxels, done.report


def voxelized(cloud: PointCloud, depth: int | None, voxel_size: float | None, job: JobContext) -> Voxelized:
    """As `voxelize`, with the way from points to voxels."""
    placed = _placed(cloud, depth, voxel_size, job)
    return merged(cloud, placed, job)


def merged(cloud: PointCloud, placed: OnGrid, job: JobContext) -> Voxelized:
    """The voxels of a cloud that was placed on a grid. Raises CancelledError."""
    grid = placed.grid
    codes = np.empty(len(placed.cells), np.int64)
    for part in job.parts(len(codes)):
        codes[part] = morton_encode(placed.cells[part], grid.depth)
    unique, counts = _unique(codes)
    colors = _mean_colors(cloud.colors, placed, codes, counts)
    transform = grid.transform.scaled(cloud.scale, cloud.offset)
    voxels = VoxelCloud(_decoded(unique, job), grid.depth, transform, cloud.coordinate_type, colors, grid)
    return Voxelized(voxels, _report(cloud, placed, voxels, job), placed, codes, counts)


def _placed(cloud: PointCloud, depth: int | None, voxel_size: float | None, job: JobContext) -> OnGrid:
    if depth is not None and not 1 <= depth <= MAX_DEPTH:
        raise InputError(f"depth {depth} is outside [1, {MAX_DEPTH}]", field="depth")
    if depth is not None and voxel_size is not None:
        raise InputError("depth and voxel size exclude each other", field="voxel size")
    if voxel_size is not None:
        return _sized(cloud, voxel_size, job)
    exact = exact_grid(cloud, job)
    if isinstance(exact, OnGrid) and (depth is None or exact.grid.depth <= depth):
        if depth is not None:
            exact = OnGrid(Grid(exact.grid.axes, depth, exact.grid.types), exact.cells, exact.on, True)
        whole = _with_strays(exact, cloud)
        if whole is not None and whole.grid.fits:
            return whole
    return _rounded(cloud, depth, exact, job)


def _with_strays(exact: OnGrid, cloud: PointCloud) -> OnGrid | None:
    """The cloud with its points off the grid in the nearest cells; None where that takes more than 21 bits.

    Points whose coordinates are not finite have no place.
    """
    strays, grid = exact.strays, exact.grid
    finite, transform = cloud.finite[strays], grid.transform
    if not finite.any():
        return exact
    some = cloud.coords[strays[finite]].astype(np.float64)
    near = np.rint((some - np.array(transform.origin)) / np.array(transform.steps))
    if np.abs(near).max() >= 1 << MAX_DEPTH:
        return None
    low = np.minimum(near.min(axis=0), 0).astype(np.int64)
    on = exact.on.copy()
    on[strays[finite]] = True
    cells = np.zeros((len(cloud), 3), np.int64)
    cells[exact.on], cells[strays[finite]] = exact.cells - low, near.astype(np.int64) - low
    depth = max(int(cells.max()).bit_length(), grid.depth)
    x, y, z = (axis.shifted(int(step)) for axis, step in zip(grid.axes, low, strict=True))
    return OnGrid(Grid((x, y, z), depth, grid.types), cells[on], on) if depth <= MAX_DEPTH else None


def _rounded(cloud: PointCloud, depth: int | None, exact: OnGrid | str, job: JobContext) -> OnGrid:
    """On a grid that is not that of the coordinates."""
    finite = cloud.finite
    coords = cloud.coords if finite.all() else cloud.coords[finite]
    types = cloud.axis_types or (cloud.coords.dtype,) * 3
    if is_integral(coords, job):
        axes, found, cells = _integer_cells(coords, depth, cloud.source, job)
        if axes[0].scale != 1:  # the middles of coarser cells are no integers
            types = (np.dtype(np.float64),) * 3
    else:
        if depth is None and isinstance(exact, OnGrid):
            _refuse_outliers(cloud, exact)
        axes, found, cells = _float_cells(coords.astype(np.float64, copy=False), depth, job)
    return OnGrid(Grid(axes, found, types), cells, finite)


def _refuse_outliers(cloud: PointCloud, exact: OnGrid) -> None:
    """A few points far from all others would take all bits: the caller has to say what is wanted."""
    rows = exact.strays[cloud.finite[exact.strays]]
    if len(rows):
        where = ", ".join(f"{v:g}" for v in cloud.coords[rows[0]])
        raise InputError(
            f"all but {len(rows):,} points lie on a lattice of {exact.grid.depth} bits per axis; point "
            f"{rows[0]} at ({where}) does not. Leave them out, or choose a bit depth (--depth N)",
            path=cloud.source,
            field="positions",
        )


def is_integral(positions: npt.NDArray[Any], job: JobContext | None = None) -> bool:
    """Whether every coordinate is an integer that float64 holds exactly, neighbours included."""
    if positions.dtype.kind in "iu":
        return True
    for part in (job or JobContext()).parts(len(positions)):
        some = positions[part]
        if float(np.abs(some).max()) >= EXACT_LIMIT or not np.array_equal(some, np.rint(some)):
            return False
    return True


def _integer_cells(
    coords: Array, depth: int | None, source: str | None, job: JobContext
) -> tuple[Axes, int, Int64Array]:
    """Integers beyond the grid: low bits are dropped, and the middle of the coarser cell stands for them."""
    low = [int(coords[:, k].min()) for k in range(3)]  # by column: ten times as fast as along axis 0
    high = [int(coords[:, k].max()) for k in range(3)]
    if max(abs(v) for v in low + high) > EXACT_LIMIT:
        raise InputError("integer coordinates beyond 2^53 are not supported here", path=source)
    aligned = min(low) >= 0 and max(high) < 1 << MAX_DEPTH
    base = [0, 0, 0] if aligned else low
    need = max(max(h - b for h, b in zip(high, base)).bit_length(), 1)
    if depth is None:
        raise InputError(
            f"the coordinates span {need} bits and a stream holds {MAX_DEPTH}; choose a bit depth "
            f"(--depth N, at most {MAX_DEPTH}) to drop the least significant bits",
            path=source,
            field="depth",
        )
    bits = max(need - depth, 0)
    if bits and max(abs(v) for v in low + high) > EXACT_LIMIT >> 2:  # the middle of a voxel must be exact too
        raise InputError("dropping bits of integer coordinates beyond 2^51 is not supported", field="depth")
    size = 1 << bits
    cells = np.empty(coords.shape, np.int64)
    for part in job.parts(len(coords)):
        cells[part] = (coords[part].astype(np.int64) - np.array(base)) >> bits
    axes = [Lattice(REGULAR, origin=b + (size - 1) / 2, scale=float(size)) for b in base]
    return (axes[0], axes[1], axes[2]), depth, cells


def _float_cells(positions: FloatArray, depth: int | None, job: JobContext) -> tuple[Axes, int, Int64Array]:
    if not len(positions):
        return (Lattice(INTEGER), Lattice(INTEGER), Lattice(INTEGER)), depth or 1, np.empty((0, 3), np.int64)
    low = np.array([positions[:, k].min() for k in range(3)])
    high = np.array([positions[:, k].max() for k in range(3)])
    size, found = _float_step(positions, low, high, depth, job)
    cells = np.empty(positions.shape, np.int64)
    for part in job.parts(len(positions)):  # rounding may pass the far end by one
        cells[part] = np.minimum(np.rint((positions[part] - low) / size), (1 << found) - 1)
    return _regular(low, (size, size, size)), found, cells


def _regular(low: FloatArray, steps: Triple) -> Axes:
    x, y, z = (Lattice(REGULAR, origin=float(low[k]), scale=steps[k]) for k in range(3))
    return x, y, z


def _float_step(
    positions: FloatArray, low: FloatArray, high: FloatArray, depth: int | None, job: JobContext
) -> tuple[float, int]:
    """Edge of a voxel and the depth."""
    with np.errstate(over="ignore"):
        extent = float((high - low).max())
    if not max(extent, float(np.abs(low).max())) < LARGEST:
        raise InputError("coordinates as large as 2^1000 are not supported: arithmetic with them overflows")
    if extent == 0.0:
        return 1.0, depth or 1
    finest = math.ulp(max(float(np.abs(low).max()), float(np.abs(high).max())))
    if depth is None:
        spacing = max(median_spacing(positions, job), finest)
        step = _lattice_step(positions, low, extent, spacing, job)
        depth = min(max(math.ceil(math.log2(extent / spacing + 1)), 1), MAX_DEPTH)
        if step is None and extent / ((1 << depth) - 1) < finest:
            step = finest  # neighbouring floats: a lattice too
        if step is not None:
            return step, max(round(extent / step).bit_length(), 1)
    size = extent / ((1 << depth) - 1)
    if size < finest:
        most = max(math.floor(math.log2(extent / finest + 1)), 1)
        raise InputError(
            f"depth {depth} makes voxels of {size:g}, finer than float64 resolves at these coordinates; "
            f"use a depth of at most {most}",
            field="depth",
        )
    return size, depth


def _sized(cloud: PointCloud, size: float, job: JobContext) -> OnGrid:
    """On a grid with voxels of this size, in the file's units."""
    if not (math.isfinite(size) and size > 0):
        raise InputError(f"{size!r} is no positive number", field="voxel size")
    finite = cloud.finite
    coords = cloud.coords[finite].astype(np.float64)
    types = cloud.axis_types or (cloud.coords.dtype,) * 3
    steps = (size / cloud.scale[0], size / cloud.scale[1], size / cloud.scale[2])
    low = np.array([coords[:, k].min() for k in range(3)]) if len(coords) else np.zeros(3)
    with np.errstate(over="ignore"):
        most = float(((coords - low) / np.array(steps)).max(initial=0.0))
    if most >= 1 << MAX_DEPTH:
        raise InputError(
            f"voxels of {size:g} need more than {MAX_DEPTH} bits per axis; use larger ones",
            field="voxel size",
        )
    cells = np.empty(coords.shape, np.int64)
    for part in job.parts(len(coords)):
        cells[part] = np.rint((coords[part] - low) / np.array(steps))
    depth = max(int(cells.max(initial=0)).bit_length(), 1)
    return OnGrid(Grid(_regular(low, steps), depth, types), cells, finite)


def _lattice_step(
    positions: FloatArray, low: FloatArray, extent: float, spacing: float, job: JobContext
) -> float | None:
    """The step of the regular lattice that all positions lie near, or None. low: (3,) their minimum."""
    steps = round(extent / spacing)
    if not 1 <= steps < 1 << MAX_DEPTH:
        return None
    step = extent / steps
    for part in job.parts(len(positions)):
        cells = (positions[part] - low) / step
        if float(np.abs(cells - np.rint(cells)).max()) > _LATTICE_TOLERANCE:
            return None
    return step


def _unique(codes: CodeArray) -> tuple[CodeArray, npt.NDArray[np.int64] | None]:
    """The codes sorted and without repeats, and how often each occurs; None where each occurs once."""
    ordered = codes if bool((codes[1:] >= codes[:-1]).all()) else np.sort(codes)
    first = np.ones(len(ordered), bool)
    first[1:] = ordered[1:] != ordered[:-1]
    if first.all():
        return ordered, None
    at = np.flatnonzero(first)
    return ordered[at], np.diff(np.append(at, len(ordered)))


def _order(codes: CodeArray, placed: OnGrid) -> npt.NDArray[np.int64]:
    order = np.argsort(codes, kind="stable")
    return order if placed.on.all() else np.flatnonzero(placed.on)[order]


def _mean_colors(
    colors: npt.NDArray[np.uint8] | None,
    placed: OnGrid,
    codes: CodeArray,
    counts: npt.NDArray[np.int64] | None,
) -> npt.NDArray[np.uint8] | None:
    """(M, 3) mean colour of the points of each voxel."""
    if colors is None:
        return None
    ordered = colors[_order(codes, placed)]
    if counts is None:
        return ordered
    starts = np.cumsum(counts) - counts
    sums = np.add.reduceat(ordered.astype(np.int64), starts, axis=0) if len(starts) else ordered
    return np.rint(sums / counts[:, None]).astype(np.uint8)


def _decoded(codes: CodeArray, job: JobContext) -> IntArray:
    """(N, 3) int32 voxels of Morton codes."""
    coords = np.empty((len(codes), 3), np.int32)
    for part in job.parts(len(codes)):
        coords[part] = morton_decode(codes[part])
    return coords


def _moved(cloud: PointCloud, placed: OnGrid, job: JobContext) -> FloatArray:
    """(n,) how far each point on the grid lies from where its voxel puts it, in the file's units."""
    coords = cloud.coords if placed.on.all() else cloud.coords[placed.on]
    moved = np.empty(len(coords))
    scale = np.array(cloud.scale)
    for part in job.parts(len(coords)):
        rebuilt = placed.grid.coords(placed.cells[part]).astype(np.float64)
        moved[part] = distances(coords[part].astype(np.float64) * scale, rebuilt * scale)
    return moved


def _report(cloud: PointCloud, placed: OnGrid, voxels: VoxelCloud, job: JobContext) -> VoxelizationReport:
    moved = np.zeros(len(placed.cells)) if placed.exact else _moved(cloud, placed, job)
    return VoxelizationReport(
        input_points=len(cloud),
        points=len(voxels),
        merged=len(placed.cells) - len(voxels),
        depth=placed.grid.depth,
        voxel_size=voxels.transform.scale,
        moved_mean=float(moved.mean()) if len(moved) else 0.0,
        moved_max=float(moved.max(initial=0.0)),
        shifted=voxels.transform.origin,
        exact=not moved.any(),
        dropped=tuple(cloud.attributes),
        left_out=len(cloud) - len(placed.cells),
    )
