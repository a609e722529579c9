"""What callers hand over: clouds in memory or in files, streams as bytes or in files."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np

from .cloud.cloud import MAX_DEPTH, PointCloud, VoxelCloud, VoxelizationReport
from .cloud.morton import is_morton_sorted
from .cloud.voxelize import voxelize
from .errors import InputError, OctavoxError
from .files.reading import read_bytes
from .formats import read_cloud
from .job import JobContext, Progress
from .provenance import Stopwatch
from .stream.container import COORDINATE_TYPES

FilePath = str | os.PathLike[str]
CloudSource = VoxelCloud | PointCloud | FilePath
StreamSource = bytes | FilePath

T = TypeVar("T")


def voxels_of(
    source: CloudSource, depth: int | None, job: JobContext, clock: Stopwatch
) -> tuple[VoxelCloud, VoxelizationReport | None]:
    """The voxels to code, and how they came about (None for a VoxelCloud, which is checked instead)."""
    if isinstance(source, VoxelCloud):
        if depth is not None:
            raise InputError("a depth cannot be chosen for a cloud that is voxelized already", field="depth")
        _check_voxels(source)
        return source, None
    if not isinstance(source, PointCloud):
        job.report(Progress("read", 0, 1))
        with clock.stage("read"):
            source = read_cloud(source, cancel=job.cancel)
        job.report(Progress("read", 1, 1))
    _check_coordinate_type(source.coordinate_type)
    with clock.stage("voxelize"):
        cloud, report = voxelize(source, depth=depth, cancel=job.cancel)
    job.check()
    return cloud, report


def dropped_properties(cloud: VoxelCloud, voxelization: VoxelizationReport | None) -> tuple[str, ...]:
    """Properties of the source that the stream does not hold."""
    if voxelization is not None:
        return voxelization.dropped
    return () if cloud.colors is None else ("red", "green", "blue")


def stream_bytes(source: StreamSource) -> tuple[bytes, str | None]:
    """The stream and the path that it came from, if any."""
    if isinstance(source, bytes):
        return source, None
    return read_bytes(Path(source)), str(source)


def naming(path: str | None, work: Callable[[], T]) -> T:
    """Runs `work`; an error of it names the file."""
    try:
        return work()
    except OctavoxError as error:
        if path is not None:
            error.in_file(path)
        raise


def _check_voxels(cloud: VoxelCloud) -> None:
    _check_coordinate_type(cloud.coordinate_type)
    t = cloud.transform
    if not (np.isfinite(t.origin).all() and np.isfinite(t.scale) and t.scale > 0):
        raise InputError("the transform is not finite, or its scale is not positive", field="transform")
    with np.errstate(over="ignore"):
        if not np.isfinite(np.asarray(t.origin) + t.scale * (1 << max(cloud.depth, 0))).all():
            raise InputError("the transform leads to coordinates that are not finite", field="transform")
    try:
        if cloud.depth < 1:
            raise InputError(f"depth {cloud.depth} is outside 1 to {MAX_DEPTH}", field="depth")
        ordered = is_morton_sorted(cloud.coords, cloud.depth)
    except ValueError as error:
        raise InputError(str(error), field="coords") from None
    if not ordered:
        raise InputError("the voxels are not unique and in Morton order", field="coords")


def _check_coordinate_type(name: str) -> None:
    if name not in COORDINATE_TYPES:
        raise InputError(
            f"unknown coordinate type '{name}'; known: {', '.join(COORDINATE_TYPES)}",
            field="coordinate type",
        )
