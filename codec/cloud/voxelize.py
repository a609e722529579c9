"""Positions to voxels: the grid, the exactness of integers, merging, and a report of what changed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from octavox.codec.arrays import FloatArray, IntArray
from octavox.codec.errors import InputError
from octavox.codec.job import CancelToken, JobContext

from .cloud import MAX_DEPTH, PointCloud, Transform, VoxelCloud, VoxelizationReport
from .morton import CodeArray, distinct, morton_decode, morton_encode
from .spacing import median_spacing

EXACT_LIMIT = 1 << 53  # integers up to here are exact in float64
LARGEST = 2.0**1000
_LATTICE_TOLERANCE = 0.1  # of a step: how far float coordinates may lie off a regular lattice


@dataclass(frozen=True)
class _Grid:
    """integral: voxel = (p - base) >> bits, in integers; else voxel = round((p - origin) / scale)."""

    transform: Transform
    depth: int
    integral: bool
    base: tuple[int, int, int] = (0, 0, 0)
    bits: int = 0


def voxelize(
    cloud: PointCloud, *, depth: int | None = None, cancel: CancelToken | None = None
) -> tuple[VoxelCloud, VoxelizationReport]:
    """Quantizes a cloud to a grid of 2**depth voxels an axis and merges points that share a voxel.

    Integer-valued coordinates (stored as integers or floats) stay exact: if they lie in [0, 2**21) the grid
    is the file's own, origin 0, so that blocks stay aligned with it; otherwise the minimum is subtracted.
    depth None: as many bits as the coordinates need. A larger depth changes nothing else. A smaller one
    drops the least significant bits, and reconstructs at the middle of the coarser voxel.

    Float coordinates are rounded to the nearest of 2**depth positions along the longest axis, whose ends
    are met exactly (voxel size = extent / (2**depth - 1)). depth None: the smallest whose voxel size does
    not exceed the median nearest-neighbour distance; coordinates on a regular lattice keep its step.

    Colours of merged points are averaged. Raises InputError for a depth outside [1, 21], coordinates that
    are not finite or whose range overflows, integers that need more than 21 bits without `depth`, or a
    depth whose voxels float64 cannot tell apart; CancelledError.
    """
    job = JobContext(cancel=cancel)
    if depth is not None and not 1 <= depth <= MAX_DEPTH:
        raise InputError(f"depth {depth} is outside [1, {MAX_DEPTH}]", field="depth")
    positions = _checked(cloud)
    if len(positions) == 0:
        grid = _Grid(Transform(), depth or 1, integral=True)
    elif is_integral(positions, job):
        grid = _integer_grid(positions, depth)
    else:
        grid = _float_grid(positions, depth, job)
    cells = _cells(positions, grid, job)
    voxels, colors = _merge(cells, cloud.colors, grid.depth, job)
    result = VoxelCloud(voxels, grid.depth, grid.transform, cloud.coordinate_type, colors)
    return result, _report(cloud, positions, cells, result, grid, job)


class Quantized(NamedTuple):
    """A cloud on a given grid.

    coords: (M, 3) int32 unique voxels in Morton order. moved_max: the largest distance from a point inside
    the grid to its voxel's reconstruction. outside: distinct voxels outside [0, 2**depth), left out.
    """

    coords: IntArray
    moved_max: float
    outside: int


def quantize(cloud: PointCloud, transform: Transform, depth: int) -> Quantized:
    """The voxels of `cloud` on a given grid, to compare it with a decoded stream.

    Raises InputError for coordinates that are not finite.
    """
    positions = _checked(cloud).astype(np.float64)
    origin = np.array(transform.origin)
    with np.errstate(over="ignore"):
        cells = np.rint((positions - origin) / transform.scale)
    inside = ((cells >= 0) & (cells < 1 << depth)).all(axis=1)
    outside = len(np.unique(cells[~inside], axis=0))
    kept = cells[inside]
    moved = _distances(positions[inside], origin + transform.scale * kept)
    codes = distinct(morton_encode(kept.astype(np.int64), depth))
    return Quantized(morton_decode(codes), float(moved.max(initial=0.0)), outside)


def is_integral(positions: npt.NDArray[Any], job: JobContext | None = None) -> bool:
    """Whether every coordinate is an integer that float64 holds exactly, neighbours included."""
    if positions.dtype.kind in "iu":
        return True
    for part in (job or JobContext()).parts(len(positions)):
        some = positions[part]
        if np.abs(some).max() >= EXACT_LIMIT or not np.array_equal(some, np.rint(some)):
            return False
    return True


def _checked(cloud: PointCloud) -> npt.NDArray[Any]:
    """Positions as (N, 3) int64 or float64, finite."""
    positions = np.asarray(cloud.positions)
    if positions.ndim != 2 or positions.shape[1] != 3 or positions.dtype.kind not in "iuf":
        raise InputError(f"positions must be (N, 3) numbers, not {positions.dtype} {positions.shape}")
    if cloud.colors is not None and cloud.colors.shape != positions.shape:
        raise InputError(f"colours must be {positions.shape}, not {cloud.colors.shape}")
    if positions.dtype.kind in "iu":
        if positions.dtype == np.uint64 and len(positions) and positions.max() > np.iinfo(np.int64).max:
            raise InputError("coordinates above 2^63 are not supported", path=cloud.source)
        return positions.astype(np.int64, copy=False)
    finite = np.isfinite(positions)
    if not finite.all():
        row = int(np.argmin(finite.all(axis=1)))
        raise InputError(f"vertex {row} has a coordinate that is not a finite number", path=cloud.source)
    return positions.astype(np.float64, copy=False)


def _integer_grid(positions: npt.NDArray[Any], depth: int | None) -> _Grid:
    low = [int(positions[:, k].min()) for k in range(3)]  # by column: ten times as fast as along axis 0
    high = [int(positions[:, k].max()) for k in range(3)]
    aligned = min(low) >= 0 and max(high) < 1 << MAX_DEPTH
    base = [0, 0, 0] if aligned else low
    if max(abs(v) for v in low + high) > EXACT_LIMIT:
        raise InputError("integer coordinates beyond 2^53 are not supported")
    need = max(max(h - b for h, b in zip(high, base)).bit_length(), 1)
    if depth is None and need > MAX_DEPTH:
        raise InputError(
            f"the coordinates span {need} bits and a stream holds {MAX_DEPTH}; choose a bit depth "
            f"(--depth N, at most {MAX_DEPTH}) to drop the least significant bits",
            field="depth",
        )
    bits = max(need - depth, 0) if depth is not None else 0
    if bits and max(abs(v) for v in low + high) > EXACT_LIMIT >> 2:  # the middle of a voxel must be exact too
        raise InputError("dropping bits of integer coordinates beyond 2^51 is not supported", field="depth")
    size = 1 << bits
    middle = (size - 1) / 2  # of the positions that share a voxel
    origin = (base[0] + middle, base[1] + middle, base[2] + middle)
    return _Grid(Transform(origin, float(size)), depth or need, True, (base[0], base[1], base[2]), bits)


def _float_grid(positions: FloatArray, depth: int | None, job: JobContext) -> _Grid:
    low = np.array([positions[:, k].min() for k in range(3)])
    high = np.array([positions[:, k].max() for k in range(3)])
    with np.errstate(over="ignore"):
        extent = float((high - low).max())
    if not max(extent, float(np.abs(low).max())) < LARGEST:
        raise InputError("coordinates as large as 2^1000 are not supported: arithmetic with them overflows")
    origin = (float(low[0]), float(low[1]), float(low[2]))
    if extent == 0.0:
        return _Grid(Transform(origin, 1.0), depth or 1, integral=False)
    finest = math.ulp(max(float(np.abs(low).max()), float(np.abs(high).max())))
    if depth is None:
        spacing = max(median_spacing(positions, job), finest)
        step = _lattice_step(positions, low, extent, spacing, job)
        depth = min(max(math.ceil(math.log2(extent / spacing + 1)), 1), MAX_DEPTH)
        if step is None and extent / ((1 << depth) - 1) < finest:
            step = finest  # neighbouring floats: a lattice too
        if step is not None:
            return _Grid(Transform(origin, step), max(round(extent / step).bit_length(), 1), integral=False)
    size = extent / ((1 << depth) - 1)
    if size < finest:
        most = max(math.floor(math.log2(extent / finest + 1)), 1)
        raise InputError(
            f"depth {depth} makes voxels of {size:g}, finer than float64 resolves at these coordinates; "
            f"use a depth of at most {most}",
            field="depth",
        )
    return _Grid(Transform(origin, size), depth, integral=False)


def _lattice_step(
    positions: FloatArray, low: FloatArray, extent: float, spacing: float, job: JobContext
) -> float | None:
    """The step of the regular lattice that all positions lie on, or None. low: (3,) their minimum."""
    steps = round(extent / spacing)
    if not 1 <= steps < 1 << MAX_DEPTH:
        return None
    step = extent / steps
    for part in job.parts(len(positions)):
        cells = (positions[part] - low) / step
        if float(np.abs(cells - np.rint(cells)).max()) > _LATTICE_TOLERANCE:
            return None
    return step


def _cells(positions: npt.NDArray[Any], grid: _Grid, job: JobContext) -> npt.NDArray[np.int64]:
    """(N, 3) int64 voxel of each point; the positions themselves where they are that."""
    if grid.integral and grid.bits == 0 and not any(grid.base):
        return positions.astype(np.int64, copy=False)
    t = grid.transform
    origin, last = np.array(grid.base if grid.integral else t.origin), (1 << grid.depth) - 1
    cells = np.empty(positions.shape, np.int64)
    for part in job.parts(len(positions)):
        if grid.integral:
            cells[part] = (positions[part].astype(np.int64) - origin) >> grid.bits
        else:  # rounding may pass the far end by one
            cells[part] = np.minimum(np.rint((positions[part] - origin) / t.scale), last)
    return cells


def _merge(
    cells: npt.NDArray[np.int64], colors: npt.NDArray[np.uint8] | None, depth: int, job: JobContext
) -> tuple[IntArray, npt.NDArray[np.uint8] | None]:
    """Unique voxels in Morton order, each with the mean colour of its points."""
    codes = np.empty(len(cells), np.int64)
    for part in job.parts(len(cells)):
        codes[part] = morton_encode(cells[part], depth)
    if colors is None:
        return _decoded(distinct(codes), job), None
    unique, inverse, counts = np.unique(codes, return_inverse=True, return_counts=True)
    job.check()
    sums = [np.bincount(inverse, colors[:, k], len(unique)) for k in range(3)]
    mean = np.rint(np.stack(sums, axis=1) / np.maximum(counts, 1)[:, None])
    return _decoded(unique, job), mean.astype(np.uint8)


def _decoded(codes: CodeArray, job: JobContext) -> IntArray:
    """(N, 3) int32 voxels of Morton codes."""
    coords = np.empty((len(codes), 3), np.int32)
    for part in job.parts(len(codes)):
        coords[part] = morton_decode(codes[part])
    return coords


def _distances(a: FloatArray, b: FloatArray) -> FloatArray:
    """(N,) distances between the rows of (N, 3) arrays; hypot neither overflows nor vanishes in between."""
    if np.array_equal(a, b):
        return np.zeros(len(a))
    x, y, z = (a[:, k] - b[:, k] for k in range(3))
    return np.asarray(np.hypot(np.hypot(x, y), z), np.float64)


def _moved(
    cells: npt.NDArray[np.int64], positions: npt.NDArray[Any], t: Transform, single: bool, job: JobContext
) -> tuple[FloatArray, bool]:
    """(N,) how far each point lies from its voxel's reconstruction; whether those are the input to the last
    bit, as doubles or, if `single`, as the floats that the file has."""
    moved = np.empty(len(cells))
    double, origin = True, np.array(t.origin)
    for part in job.parts(len(cells)):
        rebuilt, stored = origin + t.scale * cells[part], positions[part]
        moved[part] = _distances(stored.astype(np.float64), rebuilt)
        double = double and np.array_equal(rebuilt, stored)
        with np.errstate(over="ignore"):
            single = single and np.array_equal(rebuilt.astype(np.float32).astype(np.float64), stored)
    return moved, double or single


def _report(
    cloud: PointCloud,
    positions: npt.NDArray[Any],
    cells: npt.NDArray[np.int64],
    result: VoxelCloud,
    grid: _Grid,
    job: JobContext,
) -> VoxelizationReport:
    t = grid.transform
    if grid.integral and not grid.bits:
        moved, exact = np.zeros(1), True
    else:
        moved, exact = _moved(cells, positions, t, cloud.coordinate_type == "float", job)
    base = tuple(float(v) for v in grid.base) if grid.integral else t.origin
    return VoxelizationReport(
        input_points=len(positions),
        points=len(result),
        merged=len(positions) - len(result),
        depth=grid.depth,
        voxel_size=t.scale,
        moved_mean=float(moved.mean()) if len(moved) else 0.0,
        moved_max=float(moved.max(initial=0.0)),
        shifted=(base[0], base[1], base[2]),
        exact=exact,
        dropped=cloud.properties,
    )
