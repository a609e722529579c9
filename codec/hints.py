"""What another choice of what comes back would take."""

from __future__ import annotations

from .cloud.cloud import VoxelCloud
from .cloud.voxelize import voxelized
from .codecs.registry import get_codec
from .errors import InputError
from .job import JobContext
from .options import CodecOptions
from .points import Points
from .report import BitBalance, VoxelHint
from .rows import expected_bytes, has_rows

_QUICK = "octree"  # what the voxels take by it is at least what they take by the default codec, about
_SAMPLE = 1 << 15  # voxels that are coded
_WORTH = 0.8  # a hint is given where another choice takes less than this share
_SPARSE = 12  # bits a point; below, neighbours in space say more than those in the file
_LARGE = 1 << 16  # bytes, from which on it is worth a second


def voxel_hint(points: Points, bits: BitBalance, job: JobContext) -> VoxelHint | None:
    """What the voxels of a rough grid's cloud would take, at the depth that they get by default.

    None where the coordinates are integers or lie on a lattice, where no point has a voxel, and where voxels
    would save little.
    bits: of the stream that holds the records. A sample of the geometry is coded by the quick codec;
    properties are taken to cost the same for each point that is left. Raises CancelledError.
    """
    cloud = points.cloud
    if not any(points.modes) or cloud.coords.dtype.kind != "f" or not cloud.finite.any():
        return None
    try:
        done = voxelized(cloud, None, None, job)
    except InputError:  # the coordinates span more than a grid can
        return None
    geometry = _geometry_bytes(done.voxels, job)
    properties = sum(bits.side.get(name, 0.0) for name in points.columns) / 8
    container = sum(bits.side.get(name, 0.0) for name in ("header", "chunks")) / 8
    size = geometry + round(properties * len(done.voxels) / len(cloud) + container)
    if 8 * size > _WORTH * bits.total:
        return None
    report = done.report
    return VoxelHint(report.depth, size, report.moved_mean, report.moved_max, report.merged)


def archive_hint(points: Points, bits: BitBalance, job: JobContext) -> int | None:
    """About how many bytes the points of a file would take in the order of the file, as archives have them.

    None where that would save little, and for clouds that come from no file. bits: of the stream that holds
    the records. Raises CancelledError.
    """
    cloud, size = points.cloud, bits.total / 8
    if cloud.source is None or size < _LARGE or bits.total < _SPARSE * len(cloud) or not has_rows(cloud):
        return None
    expected = round(expected_bytes(cloud, job))
    return expected if expected < _WORTH * size else None


def _geometry_bytes(voxels: VoxelCloud, job: JobContext) -> int:
    """About what the geometry takes: of many voxels, a run in the middle of their order is coded."""
    first = max(len(voxels) - _SAMPLE, 0) // 2
    some = VoxelCloud(voxels.coords[first : first + _SAMPLE], voxels.depth)
    coded = get_codec(_QUICK).encode(some, CodecOptions(codec=_QUICK), job)
    size = sum(len(section.payload) for section in coded.stream.sections)
    return round(size * len(voxels) / max(len(some), 1))
