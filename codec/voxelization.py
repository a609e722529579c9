"""Positions to voxels: the grid, the exactness of integers, merging, and a report of what changed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .errors import InputError
from .order import CodeArray, morton_decode, morton_encode
from .spacing import median_spacing
from .types import MAX_DEPTH, FloatArray, IntArray, PointCloud, Transform, VoxelCloud, VoxelizationReport

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


def voxelize(cloud: PointCloud, *, depth: int | None = None) -> tuple[VoxelCloud, VoxelizationReport]:
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
    depth whose voxels float64 cannot tell apart.
    """
    if depth is not None and not 1 <= depth <= MAX_DEPTH:
        raise InputError(f"depth {depth} is outside [1, {MAX_DEPTH}]", field="depth")
    positions = _checked(cloud)
    if len(positions) == 0:
        grid = _Grid(Transform(), depth or 1, integral=True)
    elif is_integral(positions):
        grid = _integer_grid(positions, depth)
    else:
        grid = _float_grid(positions.astype(np.float64), depth)
    cells = _cells(positions, grid)
    voxels, colors = _merge(cells, cloud.colors, grid.depth)
    result = VoxelCloud(voxels, grid.depth, grid.transform, cloud.coordinate_type, colors)
    return result, _report(cloud, positions, cells, result, grid)


def quantize(cloud: PointCloud, transform: Transform, depth: int) -> tuple[IntArray, float, int]:
    """The voxels of `cloud` on a given grid, to compare it with a decoded stream.

    Returns (M, 3) int32 unique voxels in Morton order; the largest distance from a point inside the grid to
    its voxel's reconstruction; and the number of distinct voxels outside [0, 2**depth), which are left out.
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
    return morton_decode(codes), float(moved.max(initial=0.0)), outside


def is_integral(positions: npt.NDArray[Any]) -> bool:
    """Whether every coordinate is an integer that float64 holds exactly, neighbours included."""
    if positions.dtype.kind in "iu":
        return True
    if len(positions) and np.abs(positions).max() >= EXACT_LIMIT:
        return False
    return bool(np.array_equal(positions, np.rint(positions)))


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
        return positions.astype(np.int64)
    finite = np.isfinite(positions)
    if not finite.all():
        row = int(np.argmin(finite.all(axis=1)))
        raise InputError(f"vertex {row} has a coordinate that is not a finite number", path=cloud.source)
    return positions.astype(np.float64)


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


def _float_grid(positions: FloatArray, depth: int | None) -> _Grid:
    low, high = positions.min(axis=0), positions.max(axis=0)
    with np.errstate(over="ignore"):
        extent = float((high - low).max())
    if not max(extent, float(np.abs(low).max())) < LARGEST:
        raise InputError("coordinates as large as 2^1000 are not supported: arithmetic with them overflows")
    origin = (float(low[0]), float(low[1]), float(low[2]))
    if extent == 0.0:
        return _Grid(Transform(origin, 1.0), depth or 1, integral=False)
    finest = math.ulp(max(float(np.abs(low).max()), float(np.abs(high).max())))
    if depth is None:
        spacing = max(median_spacing(positions), finest)
        step = _lattice_step(positions - low, extent, spacing)
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


def _lattice_step(offsets: FloatArray, extent: float, spacing: float) -> float | None:
    """The step of the regular lattice that all positions lie on, or None. offsets: positions - minimum."""
    steps = round(extent / spacing)
    if not 1 <= steps < 1 << MAX_DEPTH:
        return None
    step = extent / steps
    cells = offsets / step
    return step if float(np.abs(cells - np.rint(cells)).max()) <= _LATTICE_TOLERANCE else None


def _cells(positions: npt.NDArray[Any], grid: _Grid) -> npt.NDArray[np.int64]:
    """(N, 3) int64 voxel of each point."""
    if grid.integral:
        return np.asarray((positions.astype(np.int64) - np.array(grid.base)) >> grid.bits, np.int64)
    t = grid.transform
    cells = np.rint((positions - np.array(t.origin)) / t.scale).astype(np.int64)
    last = (1 << grid.depth) - 1
    return np.asarray(np.minimum(cells, last), np.int64)  # rounding may pass the far end by one


def _merge(
    cells: npt.NDArray[np.int64], colors: npt.NDArray[np.uint8] | None, depth: int
) -> tuple[IntArray, npt.NDArray[np.uint8] | None]:
    """Unique voxels in Morton order, each with the mean colour of its points."""
    codes: CodeArray = morton_encode(cells, depth)
    if colors is None:
        return morton_decode(distinct(codes)), None
    unique, inverse, counts = np.unique(codes, return_inverse=True, return_counts=True)
    sums = [np.bincount(inverse, colors[:, k], len(unique)) for k in range(3)]
    mean = np.rint(np.stack(sums, axis=1) / np.maximum(counts, 1)[:, None])
    return morton_decode(unique), mean.astype(np.uint8)


def distinct(codes: CodeArray) -> CodeArray:
    """Sorted and without repeats. np.unique hashes integers instead, which took 50 times as long here."""
    ordered = np.sort(codes)
    first = np.ones(len(ordered), bool)
    first[1:] = ordered[1:] != ordered[:-1]
    return ordered[first]


def _distances(a: FloatArray, b: FloatArray) -> FloatArray:
    """(N,) distances between the rows of (N, 3) arrays; hypot neither overflows nor vanishes in between."""
    if np.array_equal(a, b):
        return np.zeros(len(a))
    x, y, z = (a[:, k] - b[:, k] for k in range(3))
    return np.asarray(np.hypot(np.hypot(x, y), z), np.float64)


def _as_stored(rebuilt: FloatArray, coordinate_type: str, positions: npt.NDArray[Any]) -> bool:
    """Whether reconstructions, as doubles or in the type that the file has, are the input to the last bit."""
    if np.array_equal(rebuilt, positions):
        return True
    if coordinate_type != "float":
        return False
    with np.errstate(over="ignore"):
        return bool(np.array_equal(rebuilt.astype(np.float32).astype(np.float64), positions))


def _report(
    cloud: PointCloud,
    positions: npt.NDArray[Any],
    cells: npt.NDArray[np.int64],
    result: VoxelCloud,
    grid: _Grid,
) -> VoxelizationReport:
    t = grid.transform
    if grid.integral and not grid.bits:
        moved, exact = np.zeros(1), True
    else:
        rebuilt = np.array(t.origin) + t.scale * cells
        moved = _distances(positions.astype(np.float64), rebuilt)
        exact = _as_stored(rebuilt, cloud.coordinate_type, positions)
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
