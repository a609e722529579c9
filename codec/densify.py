"""More points than a cloud has: those that it lacks, and those that a lossy codec moved."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .arrays import BoolArray, Int64Array
from .cloud.cloud import PointCloud, VoxelCloud
from .cloud.morton import morton_decode, morton_encode
from .errors import InputError, check_type, whole_number
from .job import CancelToken, JobContext, ProgressCallback
from .option_table import check_options
from .options import CodecOptions
from .provenance import Stopwatch
from .report import Report
from .sources import CloudSource, property_names, taken

LEAST_RATIO, MOST_RATIO = 2.0, 16.0
MOST_LEVELS = 4  # that a cloud on a coarser grid is restored by


@dataclass(frozen=True)
class UpsampleReport(Report):
    """What `upsample` did.

    input_points, points: before and after. voxels: of the grid that the input occupies. added: points that
    are new, each in a voxel of its own. asked: ratio that was wanted, of occupied voxels; ratio: that came
    about. depth, voxel_size: of the grid; own_grid: every point of the input lies on it exactly. alone:
    voxels of the input without another one within two voxels. carried: properties that a new point has from
    the nearest old one. left_out: points of the input whose coordinates are not finite; they stay as they
    are.
    """

    input_points: int
    voxels: int
    asked: float
    ratio: float
    points: int
    added: int
    depth: int
    voxel_size: float
    own_grid: bool
    alone: int
    carried: tuple[str, ...]
    left_out: int
    weights_id: str
    seconds: dict[str, float]


@dataclass(frozen=True)
class RestoreReport(Report):
    """What `restore` did.

    input_points, points: before and after; every point after is in a voxel of its own. levels: how many
    octree levels finer the points are; 0 where they are as fine as before. step: of the positions after, in
    the file's units. carried: properties that a point has from the nearest one of the input. left_out: points
    of the input whose coordinates are not finite, which do not come back.
    """

    input_points: int
    voxels: int
    levels: int
    step: float
    points: int
    carried: tuple[str, ...]
    left_out: int
    weights_id: str
    seconds: dict[str, float]


@dataclass(frozen=True)
class Upsampled:
    """cloud: of the kind of the input; the points of a file as a PointCloud."""

    cloud: PointCloud | VoxelCloud
    report: UpsampleReport


@dataclass(frozen=True)
class Restored:
    """cloud: of the kind of the input; the points of a file as a PointCloud."""

    cloud: PointCloud | VoxelCloud
    report: RestoreReport


def upsample(
    source: CloudSource,
    ratio: float,
    *,
    depth: int | None = None,
    threads: int | None = None,
    progress: ProgressCallback | None = None,
    cancel: CancelToken | None = None,
) -> Upsampled:
    """Adds points to a cloud, on its own grid, where a network expects them (docs/densifying.md).

    The points of the input stay as they are, with all their properties, and come first. A new point lies in
    the middle of a voxel that was empty, at most two voxels an axis from an occupied one, and has the
    properties of the point of the input nearest to it. The result is the same on every machine. source: what
    `encode` takes. ratio: how many times as many voxels are occupied then, 2 to 16; fewer where there are too
    few places. depth: bits per axis of the grid. By default the grid is the lattice of the coordinates; where
    they lie on none, voxels as wide as new points will be apart. Raises InputError, WeightsError,
    CancelledError.

        >>> import numpy as np, octavox as ov
        >>> x, y = (a.ravel() for a in np.meshgrid(np.arange(64), np.arange(64)))
        >>> plane = np.stack([x, y, 30 + x // 4], 1)
        >>> few = plane[np.random.default_rng(1).permutation(len(plane))[:1024]]
        >>> result = ov.upsample(ov.PointCloud(few), 4)
        >>> result.report.voxels, result.report.points
        (1024, 4096)
        >>> true = {tuple(p) for p in plane.tolist()}
        >>> sum(tuple(p) in true for p in result.cloud.coords.tolist()) > 3500
        True
    """
    from .codecs.upsampling.completing import completed, isolated  # compiled code
    from .lossy.densifying import densifier
    from .lossy.placing import on_grid, with_cells

    check_type(ratio, (int, float, np.number), "a number", "ratio")
    if not LEAST_RATIO <= ratio <= MOST_RATIO:
        raise InputError(f"{ratio:g} is not between {LEAST_RATIO:g} and {MOST_RATIO:g}", field="ratio")
    threads = check_options(CodecOptions(threads=threads)).threads
    job, clock = JobContext(progress, cancel), Stopwatch()
    given = taken(source, job, clock)
    with clock.stage("voxelize"):
        placed = on_grid(given, depth, float(ratio), job)
        codes = morton_encode(placed.numbers, placed.depth)
    net = densifier()
    with clock.stage("guess"):
        found = completed(net, codes, placed.depth, float(ratio), job, threads)
    with clock.stage("write"):
        new = found[~_among(codes, found)]
        cloud = with_cells(given, placed, morton_decode(new).astype(np.int64), True, job, threads)
    job.check()
    report = UpsampleReport(
        input_points=len(given),
        voxels=len(codes),
        asked=float(ratio),
        ratio=len(found) / len(codes),
        points=len(cloud),
        added=len(new),
        depth=placed.depth,
        voxel_size=placed.step,
        own_grid=placed.exact,
        alone=isolated(codes),
        carried=property_names(given),
        left_out=placed.left_out,
        weights_id=net.identity.hex(),
        seconds=clock.seconds,
    )
    return Upsampled(cloud, report)


def restore(
    source: CloudSource,
    *,
    levels: int | None = None,
    threads: int | None = None,
    progress: ProgressCallback | None = None,
    cancel: CancelToken | None = None,
) -> Restored:
    """Gives back the points that a lossy codec may have had, from what it left (docs/densifying.md).

    A codec that drops octree levels leaves one point for each coarser cell: its middle, rounded up to the
    grid where no integer is the middle. Points of such a cloud are guessed on the grid that the codec had.
    Other clouds keep their grid: points that a network does not expect go, others come. Properties are those
    of the nearest point of the input. The result is the same on every machine. source: what `encode` takes.
    levels: how many octree levels finer the result is, 0 to 4. By default as many as the coordinates show:
    the largest power of two that divides all their differences. Raises InputError, WeightsError,
    CancelledError.

        >>> import numpy as np, octavox as ov
        >>> x, y = (a.ravel() for a in np.meshgrid(np.arange(64), np.arange(64)))
        >>> coarse = np.unique(np.stack([x, y, 30 + x // 4], 1) // 2, axis=0) * 2 + 1
        >>> result = ov.restore(ov.PointCloud(coarse))
        >>> result.report.levels, len(coarse), result.report.points > 3 * len(coarse)
        (1, 1024, True)
    """
    from .lossy.densifying import coarse_levels, restored  # compiled code
    from .lossy.placing import allowed, as_integers, with_cells

    levels = None if levels is None else whole_number(levels, "levels")
    threads = check_options(CodecOptions(threads=threads)).threads
    job, clock = JobContext(progress, cancel), Stopwatch()
    given = taken(source, job, clock)
    with clock.stage("voxelize"):
        placed = as_integers(given, job)
        most = min(coarse_levels(placed.numbers), MOST_LEVELS)
    chosen = most if levels is None else levels
    if not 0 <= chosen <= most:
        raise InputError(_impossible(chosen, most), field="levels")
    unit = 1 << (most - chosen if chosen else 0)
    with clock.stage("guess"):
        found, identity = restored(placed, chosen, unit, job, threads)
    with clock.stage("write"):
        kind = given.coords.dtype
        cloud = with_cells(given, placed, allowed(placed, found, kind), False, job, threads)
    job.check()
    report = RestoreReport(
        input_points=len(given),
        voxels=len(placed.numbers),
        levels=chosen,
        step=unit * placed.step,
        points=len(cloud),
        carried=property_names(given),
        left_out=placed.left_out,
        weights_id=identity.hex(),
        seconds=clock.seconds,
    )
    return Restored(cloud, report)


def _impossible(levels: int, most: int) -> str:
    """Why so many levels cannot be restored."""
    if not 0 <= levels <= MOST_LEVELS:
        return f"{levels} is not between 0 and {MOST_LEVELS}"
    step = (
        f"all coordinates differ by multiples of {1 << most} steps of their grid, of no larger power of two"
    )
    return f"{levels} levels cannot be told apart here: {step}; at most {most}"


def _among(codes: Int64Array, wanted: Int64Array) -> BoolArray:
    """Whether each code is among sorted ones."""
    at = np.minimum(np.searchsorted(codes, wanted), len(codes) - 1)
    return np.asarray(codes[at] == wanted, bool)
