"""From clouds to bytes and back, one call each. Errors are those of `codec.errors`."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np

from . import container
from .codecs import DecodedGeometry, GeometryStream, get_codec, get_codec_by_id
from .container import Header, Layout
from .errors import CorruptStreamError, InputError, OctavoxError
from .io import read_cloud, write_ply
from .io.atomic import write_atomically
from .order import is_morton_sorted, morton_encode
from .report import (
    BitBalance,
    Certificate,
    DecodeReport,
    EncodeReport,
    SectionInfo,
    StreamInfo,
    Stopwatch,
    device_name,
    library_versions,
    rows_by_size,
)
from .types import (
    BlockTable,
    CancelToken,
    CodecOptions,
    JobContext,
    PointCloud,
    Progress,
    ProgressCallback,
    VoxelCloud,
    VoxelizationReport,
)
from .voxelization import quantize, voxelize

__all__ = [
    "DecodeResult",
    "EncodeResult",
    "decode",
    "encode",
    "info",
    "read_cloud",
    "save_stream",
    "verify",
    "voxelize",
    "write_ply",
]

FilePath = str | os.PathLike[str]
CloudSource = VoxelCloud | PointCloud | FilePath
StreamSource = bytes | FilePath

T = TypeVar("T")


@dataclass(frozen=True)
class EncodeResult:
    """data: the whole .ovx file. blocks: one row per block. cloud: the voxels that were coded."""

    data: bytes
    report: EncodeReport
    blocks: BlockTable
    cloud: VoxelCloud


@dataclass(frozen=True)
class DecodeResult:
    """cloud: the decoded voxels, without colours. blocks: one row per block."""

    cloud: VoxelCloud
    blocks: BlockTable
    header: Header
    report: DecodeReport


def encode(
    source: CloudSource,
    *,
    options: CodecOptions | None = None,
    depth: int | None = None,
    progress: ProgressCallback | None = None,
    cancel: CancelToken | None = None,
) -> EncodeResult:
    """Compresses a cloud without loss (after voxelization, where the source needs it).

    source: a VoxelCloud (coded as it is), a PointCloud, or the path of a file that `read_cloud` reads.
    depth: as for `voxelize`; not allowed with a VoxelCloud. progress is called from the calling thread or
    from a worker of the codec; it must not block.
    Raises InputError, WeightsError, CancelledError.
    """
    options = options or CodecOptions()
    job, clock = JobContext(progress, cancel), Stopwatch()
    codec = get_codec(options.codec)
    cloud, voxelization = _voxels(source, depth, job, clock)
    with clock.stage("encode"):
        coded = codec.encode(cloud, options, job)
    header = Header(
        codec_id=codec.id,
        depth=coded.stream.depth,
        points=coded.stream.points,
        input_points=voxelization.input_points if voxelization else len(cloud),
        coordinate_type=cloud.coordinate_type,
        transform=cloud.transform,
        weights_id=coded.stream.weights_id,
        params=coded.stream.params,
    )
    with clock.stage("write"):
        data = container.pack(header, coded.stream.sections)
    job.check()
    report = EncodeReport(
        codec=codec.name,
        depth=header.depth,
        points=header.points,
        input_points=header.input_points,
        bytes=len(data),
        bpov=8 * len(data) / max(header.points, 1),
        seconds=clock.seconds,
        by_size=rows_by_size(coded.blocks),
        bits=_balance(data, container.parse(data), coded.blocks, coded.side_bits),
        options=asdict(options),
        weights_id=header.weights_hex,
        device=device_name(codec.name, options.device),
        versions=library_versions(),
        voxelization=voxelization,
    )
    return EncodeResult(data, report, coded.blocks, cloud)


def decode(
    source: StreamSource,
    *,
    options: CodecOptions | None = None,
    progress: ProgressCallback | None = None,
    cancel: CancelToken | None = None,
) -> DecodeResult:
    """Decodes a stream, given as bytes or as the path of an .ovx file.

    options: only device, threads, batch_sites and weights matter; the stream names its codec.
    Raises CorruptStreamError (with field and byte in the file), UnsupportedStreamError, WeightsError,
    InputError (no such file), CancelledError.
    """
    options = options or CodecOptions()
    job, clock = JobContext(progress, cancel), Stopwatch()
    with clock.stage("read"):
        data, path = _stream_bytes(source)
    return _naming(path, lambda: _decode(data, options, job, clock))


def _decode(data: bytes, options: CodecOptions, job: JobContext, clock: Stopwatch) -> DecodeResult:
    with clock.stage("read"):
        layout = container.parse(data)
        sections = container.sections(data, layout)
    header = layout.header
    codec = get_codec_by_id(header.codec_id)
    stream = GeometryStream(header.depth, header.points, header.params, header.weights_id, sections)
    with clock.stage("decode"):
        try:
            decoded = codec.decode(stream, options, job)
        except CorruptStreamError as error:
            raise layout.locate(error) from error
    _check_decoded(decoded, header)
    job.check()
    report = DecodeReport(
        codec=codec.name,
        depth=header.depth,
        points=header.points,
        input_points=header.input_points,
        bytes=len(data),
        bpov=8 * len(data) / max(header.points, 1),
        seconds=clock.seconds,
        by_size=rows_by_size(decoded.blocks),
        bits=_balance(data, layout, decoded.blocks, decoded.side_bits),
        options=asdict(options),
        weights_id=header.weights_hex,
        device=device_name(codec.name, options.device),
        versions=library_versions(),
    )
    cloud = VoxelCloud(decoded.coords, header.depth, header.transform, header.coordinate_type)
    return DecodeResult(cloud, decoded.blocks, header, report)


def info(source: StreamSource, *, blocks: bool = False, options: CodecOptions | None = None) -> StreamInfo:
    """What a stream says of itself: header fields, sections with their byte ranges and checksum states.

    A section with a wrong checksum is reported, not raised. blocks: decode the stream too, for the bits by
    block size and the share of flags (needs the weights; raises as `decode`).
    Raises CorruptStreamError if the header is damaged, InputError if the file cannot be read.
    """
    data, path = _stream_bytes(source)
    layout = _naming(path, lambda: container.parse(data))
    header = layout.header
    sections = tuple(
        SectionInfo(
            name=entry.name,
            kind=entry.kind,
            points=entry.points,
            first_byte=entry.first_byte,
            bytes=entry.length,
            crc="ok" if container.crc_matches(data, entry) else "mismatch",
        )
        for entry in layout.entries
    )
    result = decode(data if path is None else path, options=options) if blocks else None
    return StreamInfo(
        path=path,
        file_size=len(data),
        header_bytes=layout.header_bytes,
        version=f"{header.version[0]}.{header.version[1]}",
        codec=header.codec_name,
        depth=header.depth,
        points=header.points,
        input_points=header.input_points,
        bpov=8 * len(data) / max(header.points, 1),
        coordinate_type=header.coordinate_type,
        origin=header.transform.origin,
        scale=header.transform.scale,
        weights_id=header.weights_hex,
        params=header.params.hex(),
        sections=sections,
        by_size=result.report.by_size if result else None,
        bits=result.report.bits if result else None,
    )


def verify(
    original: CloudSource,
    stream: StreamSource,
    *,
    options: CodecOptions | None = None,
    progress: ProgressCallback | None = None,
    cancel: CancelToken | None = None,
) -> Certificate:
    """Decodes `stream` and compares its voxel set with that of `original`, on the stream's own grid.

    A difference is an answer (identical=False), not an error. An original that is not on the grid (float
    coordinates) is quantized with the stream's transform; moved_max says by how much.
    Raises as `read_cloud` and `decode`.
    """
    data, path = _stream_bytes(stream)
    decoded = decode(data if path is None else path, options=options, progress=progress, cancel=cancel)
    ours = decoded.cloud
    name = str(original) if isinstance(original, str | os.PathLike) else None
    if isinstance(original, VoxelCloud):
        cloud = original
        source_coords, moved_max, outside = _regrid(cloud, ours)
    else:
        points = original if isinstance(original, PointCloud) else read_cloud(original)
        name = name or points.source
        source_coords, moved_max, outside = quantize(points, ours.transform, ours.depth)
    theirs, mine = morton_encode(source_coords, ours.depth), morton_encode(ours.coords, ours.depth)
    missing = len(np.setdiff1d(theirs, mine, assume_unique=True)) + outside
    extra = len(np.setdiff1d(mine, theirs, assume_unique=True))
    notes = (f"{outside} positions of the original lie outside the stream's grid",) if outside else ()
    return Certificate(
        identical=missing == 0 and extra == 0,
        points_original=len(theirs) + outside,
        points_decoded=len(mine),
        missing=missing,
        extra=extra,
        sha256_original=voxel_digest(source_coords),
        sha256_decoded=voxel_digest(ours.coords),
        sha256_stream=hashlib.sha256(data).hexdigest(),
        depth=ours.depth,
        voxel_size=ours.transform.scale,
        moved_max=moved_max,
        source=name,
        stream=path,
        notes=notes,
    )
