"""From clouds to bytes and back, one call each. Errors are those of `octavox.codec.errors`."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass, replace

from .blocks import BlockPlace, BlockTable, VoxelProbabilities
from .certificate import compare_voxels
from .cloud.cloud import PointCloud, VoxelCloud
from .cloud.voxelize import quantize
from .files.atomic import write_atomically
from .formats import read_cloud
from .formats.ply_write import positions_of
from .job import CancelToken, JobContext, ProgressCallback
from .option_table import check_options
from .options import CodecOptions
from .pipeline import ask_codec, decode_stream, encode_voxels
from .provenance import Stopwatch, device_name, library_versions
from .report import Certificate, DecodeReport, EncodeReport, SectionInfo, StreamInfo, rows_by_size
from .sources import (
    CloudSource,
    FilePath,
    StreamSource,
    dropped_properties,
    naming,
    stream_bytes,
    voxels_of,
)
from .stream import container
from .stream.container import Header


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
    options = check_options(options or CodecOptions())
    job, clock = JobContext(progress, cancel), Stopwatch()
    cloud, voxelization = voxels_of(source, depth, job, clock)
    input_points = voxelization.input_points if voxelization else len(cloud)
    coded = encode_voxels(cloud, input_points, options, job, clock)
    data, header, geometry = coded.data, coded.header, coded.geometry
    report = EncodeReport(
        codec=header.codec_name,
        depth=header.depth,
        points=header.points,
        input_points=header.input_points,
        bytes=len(data),
        bpov=8 * len(data) / max(header.points, 1),
        seconds=clock.seconds,
        by_size=rows_by_size(geometry.blocks),
        bits=coded.bits,
        options=asdict(options),
        weights_id=header.weights_hex,
        device=device_name(geometry.device),
        versions=library_versions(),
        dropped=dropped_properties(cloud, voxelization),
        voxelization=voxelization,
    )
    return EncodeResult(data, report, geometry.blocks, cloud)


def decode(
    source: StreamSource,
    *,
    options: CodecOptions | None = None,
    slices: Collection[int] | None = None,
    progress: ProgressCallback | None = None,
    cancel: CancelToken | None = None,
) -> DecodeResult:
    """Decodes a stream, given as bytes or as the path of an .ovx file.

    options: only device, threads, batch_sites and weights matter; the stream names its codec. slices: decode
    these alone (as in BlockTable.slice), reading nothing of the others; result and report are of them.
    Raises CorruptStreamError (with field and byte in the file), UnsupportedStreamError, WeightsError,
    InputError (no such file), CancelledError.
    """
    options = check_options(options or CodecOptions())
    job, clock = JobContext(progress, cancel), Stopwatch()
    with clock.stage("read"):
        data, path = stream_bytes(source)
    done = naming(path, lambda: decode_stream(data, options, slices, job, clock))
    header, geometry = done.header, done.geometry
    report = DecodeReport(
        codec=header.codec_name,
        depth=header.depth,
        points=done.points,
        input_points=header.input_points,
        bytes=done.bytes,
        bpov=8 * done.bytes / max(done.points, 1),
        seconds=clock.seconds,
        by_size=rows_by_size(geometry.blocks),
        bits=done.bits,
        options=asdict(options),
        weights_id=header.weights_hex,
        device=device_name(geometry.device),
        versions=library_versions(),
    )
    cloud = VoxelCloud(geometry.coords, header.depth, header.transform, header.coordinate_type)
    return DecodeResult(cloud, geometry.blocks, header, report)


def info(
    source: StreamSource,
    *,
    blocks: bool = False,
    options: CodecOptions | None = None,
    progress: ProgressCallback | None = None,
    cancel: CancelToken | None = None,
) -> StreamInfo:
    """What a stream says of itself: header fields, sections with their byte ranges and checksum states.

    A section with a wrong checksum is reported, not raised. blocks: decode the stream too, for the bits by
    block size and the share of flags (needs the weights; raises as `decode`).
    Raises CorruptStreamError if the header is damaged, InputError if the file cannot be read.
    """
    data, path = stream_bytes(source)
    layout = naming(path, lambda: container.parse(data))
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
    result = (
        naming(path, lambda: decode(data, options=options, progress=progress, cancel=cancel))
        if blocks
        else None
    )
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
    data, path = stream_bytes(stream)
    decoded = naming(path, lambda: decode(data, options=options, progress=progress, cancel=cancel)).cloud
    if isinstance(original, VoxelCloud):
        points = PointCloud(positions_of(original), coordinate_type=original.coordinate_type)
    else:
        points = original if isinstance(original, PointCloud) else read_cloud(original)
    certificate = compare_voxels(quantize(points, decoded.transform, decoded.depth), decoded, data)
    return replace(certificate, source=points.source, stream=path)


def voxel_probabilities(
    cloud: VoxelCloud,
    block: BlockPlace,
    stream: StreamSource,
    *,
    options: CodecOptions | None = None,
    progress: ProgressCallback | None = None,
    cancel: CancelToken | None = None,
) -> VoxelProbabilities:
    """What a codec expected of each voxel of a block when it coded this cloud.

    block: as `BlockTable.place` gives it; its slice is needed where the cloud is a part of what was coded.
    stream: what the codec made of the cloud. options: only device, threads, batch_sites and weights matter.
    Codec "voxeldnn" asks its network about the block alone; the others decode the slice, once for questions
    about the same one. Raises InputError where there is no such block or nothing in it, or the stream is
    another cloud's; CorruptStreamError, UnsupportedStreamError, WeightsError, CancelledError.
    """
    job = JobContext(progress, cancel)
    data, path = stream_bytes(stream)
    chosen = check_options(options or CodecOptions())
    return naming(path, lambda: ask_codec(data, cloud, block, chosen, job))


def save_stream(path: FilePath, data: bytes) -> None:
    """Writes a stream; the file appears complete or not at all. Raises InputError if it cannot be written."""
    write_atomically(path, data)
