"""What callers hand over: clouds in memory or in files, and what is to come back of them."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from .cloud.cloud import COLOURS, MAX_DEPTH, TYPE_NAMES, PointCloud, Transform, VoxelCloud, VoxelizationReport
from .cloud.columns import as_array
from .cloud.morton import is_morton_sorted
from .errors import InputError, OctavoxError, check_type, out_of_memory, whole_number
from .files.source import STDIN, Readable, Source, open_source
from .formats import read_cloud
from .job import CancelToken, JobContext, Progress
from .options import CloudOptions
from .plans import Plan, plan_for, target_of, with_levels
from .provenance import Stopwatch
from .stream.header import LOSSY, VOXELS

CloudSource = VoxelCloud | PointCloud | Readable

T = TypeVar("T")


def plan_of(source: CloudSource, chosen: CloudOptions, job: JobContext, clock: Stopwatch, codec: str) -> Plan:
    """What is coded of a source. Raises InputError, CancelledError."""
    if isinstance(source, VoxelCloud):
        fine = ("color_error", "drop_levels", "bpp", "psnr", "max_error")
        usual = CloudOptions(**{name: getattr(chosen, name) for name in fine})
        if chosen != usual:
            name = next(n for n in vars(chosen) if getattr(chosen, n) != getattr(usual, n))
            words = name.replace("_", " ")
            raise InputError(
                f"a cloud of voxels has no choice of {words}: it is voxelized already", field=words
            )
        check_voxels(source)
        plan = Plan(VOXELS, source, color_error=chosen.color_error, target=target_of(chosen))
        return with_levels(plan, chosen.drop_levels, codec)
    file: Source | None = None
    if not isinstance(source, PointCloud):
        job.report(Progress("read", 0, 1))
        with clock.stage("read"):
            file = given = open_source(source, job)
            source = _closing(file, lambda: cloud_of(given, chosen.keep == "file", job))
            if chosen.keep != "file":
                file.close()
                file = None
        job.report(Progress("read", 1, 1))
    with clock.stage("voxelize"):
        cloud = source
        plan = _closing(file, lambda: plan_for(cloud, chosen, job, file, codec))
    job.check()
    return plan


def _closing(file: Source | None, work: Callable[[], T]) -> T:
    """Runs `work`; closes the file where that fails."""
    try:
        return work()
    except BaseException:
        if file is not None:
            file.close()
        raise


def name_of_source(source: CloudSource) -> str | None:
    """The file that is meant, for messages; None for clouds in memory."""
    if isinstance(source, (str, os.PathLike)):
        return "<stdin>" if os.fspath(source) == STDIN else os.fspath(source)
    return getattr(source, "name", None) if hasattr(source, "read") else None


def cloud_of(file: Source, archived: bool, job: JobContext) -> PointCloud:
    """The cloud of a file. Raises InputError, CancelledError.

    archived: the file itself counts; of one that can be read in several ways, such as a mesh, no point is
    taken.
    """
    try:
        return read_cloud(file, cancel=job.cancel)
    except InputError as error:
        if not archived or error.field not in _CHOICES:
            raise
        return PointCloud(np.empty((0, 3), np.float32), source=file.name)


_CHOICES = ("mesh", "fields")  # of `ReadOptions`


def taken(source: CloudSource, job: JobContext, clock: Stopwatch) -> PointCloud | VoxelCloud:
    """The cloud that a caller hands over, read where it is a file. Raises InputError, CancelledError."""
    if isinstance(source, VoxelCloud):
        check_voxels(source)
        return source
    if isinstance(source, PointCloud):
        return source
    job.report(Progress("read", 0, 1))
    with clock.stage("read"), open_source(source, job) as file:
        cloud = cloud_of(file, False, job)
    job.report(Progress("read", 1, 1))
    return cloud


def property_names(cloud: PointCloud | VoxelCloud) -> tuple[str, ...]:
    """Names of the properties of its points."""
    if isinstance(cloud, VoxelCloud):
        return () if cloud.colors is None else COLOURS[:3]
    return tuple(cloud.attributes)


@dataclass(frozen=True)
class Proposal:
    """What coding a cloud would keep.

    level: voxels, records or file. voxels: those that would be coded. report: how the points became voxels;
    of level "records" its merged points come back. strays: points that are stored beside the voxels.
    """

    level: str
    voxels: VoxelCloud
    report: VoxelizationReport
    strays: int = 0


def propose(
    cloud: PointCloud, chosen: CloudOptions | None = None, *, cancel: CancelToken | None = None
) -> Proposal:
    """What `encode` would keep of a cloud with these options, without coding it.

    Raises InputError where the options ask for what cannot be; CancelledError.
    """
    plan = plan_for(cloud, chosen or CloudOptions(), JobContext(cancel=cancel))
    assert plan.points is not None and plan.report is not None  # a PointCloud is voxelized
    strays = len(plan.points.done.placed.strays) if plan.level not in (VOXELS, LOSSY) else 0
    return Proposal(plan.level, plan.voxels, plan.report, strays)


def naming(source: Source, work: Callable[[], T], frame: int | None = None) -> T:
    """Runs `work`; an error of it names the file, and the frame that was asked for."""
    try:
        return work()
    except OctavoxError as error:
        error.in_frame(frame)
        if source.path is not None or source.name == "<stdin>":
            error.in_file(source.name)
        raise
    except MemoryError as error:
        raise out_of_memory(error, source.name) from None


def check_voxels(cloud: VoxelCloud) -> None:
    """Raises InputError for what is no cloud of voxels as `VoxelCloud` describes it."""
    check_type(cloud.transform, Transform, "a Transform", "transform")
    whole_number(cloud.depth, "depth")
    as_array(cloud.coords, "coords")
    if cloud.coordinate_type not in TYPE_NAMES.values():
        known = ", ".join(TYPE_NAMES.values())
        reason = f"unknown coordinate type '{cloud.coordinate_type}'; known: {known}"
        raise InputError(reason, field="coordinate type")
    t = cloud.transform
    if not (np.isfinite(t.origin).all() and np.isfinite(t.steps).all() and min(t.steps) > 0):
        raise InputError("the transform is not finite, or its scale is not positive", field="transform")
    with np.errstate(over="ignore"):
        if not np.isfinite(np.asarray(t.origin) + np.asarray(t.steps) * (1 << max(cloud.depth, 0))).all():
            raise InputError("the transform leads to coordinates that are not finite", field="transform")
    try:
        if cloud.depth < 1:
            raise InputError(f"depth {cloud.depth} is outside 1 to {MAX_DEPTH}", field="depth")
        ordered = is_morton_sorted(cloud.coords, cloud.depth)
    except ValueError as error:
        raise InputError(str(error), field="coords") from None
    if not ordered:
        raise InputError("the voxels are not unique and in Morton order", field="coords")
