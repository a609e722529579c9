"""From clouds to bytes and back, one call each. Errors are those of `codec.errors`."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np

from octavox.codec.cloud.cloud import MAX_DEPTH, PointCloud, VoxelCloud, VoxelizationReport
from octavox.codec.cloud.morton import is_morton_sorted, morton_encode
from octavox.codec.cloud.voxelize import quantize, voxelize
from octavox.codec.codecs.interface import SECTION_SLICE, DecodedGeometry, GeometryStream, ProbabilityCodec
from octavox.codec.codecs.registry import get_codec, get_codec_by_id
from octavox.codec.files.atomic import write_atomically
from octavox.codec.files.reading import read_bytes
from octavox.codec.formats.ply_write import positions_of
from octavox.codec.models.devices import check_device
from octavox.codec.stream import container
from octavox.codec.stream.container import Header, Layout

from .arrays import IntArray
from .blocks import BlockPlace, BlockTable, VoxelProbabilities
from .errors import CorruptStreamError, InputError, OctavoxError
from .formats import read_cloud, read_sample, write_ply
from .job import CancelToken, JobContext, Progress, ProgressCallback
from .options import CodecOptions
from .provenance import Stopwatch, device_name, library_versions
from .report import BitBalance, Certificate, DecodeReport, EncodeReport, SectionInfo, StreamInfo, rows_by_size

__all__ = [
    "DecodeResult",
    "EncodeResult",
    "decode",
    "encode",
    "info",
    "read_cloud",
    "read_sample",
    "save_stream",
    "verify",
    "voxel_probabilities",
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
    options = _checked(options)
    job, clock = JobContext(progress, cancel), Stopwatch()
    cloud, voxelization = _voxels(source, depth, job, clock)
    codec = get_codec(options.codec)  # after the input was found fit: loading a network takes seconds
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
        bits=_balance(len(data), container.parse(data), coded.blocks, coded.side_bits),
        options=asdict(options),
        weights_id=header.weights_hex,
        device=device_name(coded.device),
        versions=library_versions(),
        dropped=_dropped(cloud, voxelization),
        voxelization=voxelization,
    )
    return EncodeResult(data, report, coded.blocks, cloud)


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
    options = _checked(options)
    job, clock = JobContext(progress, cancel), Stopwatch()
    with clock.stage("read"):
        data, path = _stream_bytes(source)
    return _naming(path, lambda: _decode(data, options, slices, job, clock))


def _decode(
    data: bytes,
    options: CodecOptions,
    slices: Collection[int] | None,
    job: JobContext,
    clock: Stopwatch,
) -> DecodeResult:
    with clock.stage("read"):
        layout = container.parse(data)
        wanted = None if slices is None else _wanted(slices, layout)
        sections = container.sections(data, layout, wanted)
    header = layout.header
    codec = get_codec_by_id(header.codec_id)
    stream = GeometryStream(header.depth, header.points, header.params, header.weights_id, sections, wanted)
    points, size, unread = header.points, len(data), 0
    if wanted is not None:
        parts = [e for e in layout.entries if e.name in {f"slice {k}" for k in wanted}]
        points, size = sum(e.points for e in parts), sum(e.length for e in parts)
        unread = sum(e.length for e in layout.entries if e.name.startswith("slice")) - size
    with clock.stage("decode"):
        try:
            decoded = codec.decode(stream, options, job)
        except CorruptStreamError as error:
            raise layout.locate(error) from error
    _check_decoded(decoded, points, header.depth)
    job.check()
    report = DecodeReport(
        codec=codec.name,
        depth=header.depth,
        points=points,
        input_points=header.input_points,
        bytes=size,
        bpov=8 * size / max(points, 1),
        seconds=clock.seconds,
        by_size=rows_by_size(decoded.blocks),
        bits=_balance(len(data) - unread, layout, decoded.blocks, decoded.side_bits),
        options=asdict(options),
        weights_id=header.weights_hex,
        device=device_name(decoded.device),
        versions=library_versions(),
    )
    cloud = VoxelCloud(decoded.coords, header.depth, header.transform, header.coordinate_type)
    return DecodeResult(cloud, decoded.blocks, header, report)


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
    result = (
        _naming(path, lambda: decode(data, options=options, progress=progress, cancel=cancel))
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
    data, path = _stream_bytes(stream)
    decoded = _naming(path, lambda: decode(data, options=options, progress=progress, cancel=cancel))
    ours = decoded.cloud
    if isinstance(original, VoxelCloud):
        points = PointCloud(positions_of(original), coordinate_type=original.coordinate_type)
    else:
        points = original if isinstance(original, PointCloud) else read_cloud(original)
    source_coords, moved_max, outside = quantize(points, ours.transform, ours.depth)
    theirs, mine = morton_encode(source_coords, ours.depth), morton_encode(ours.coords, ours.depth)
    missing = len(np.setdiff1d(theirs, mine, assume_unique=True)) + outside
    extra = len(np.setdiff1d(mine, theirs, assume_unique=True))
    notes = (f"{outside:,} voxels of the original lie outside the stream's grid",) if outside else ()
    return Certificate(
        identical=missing == 0 and extra == 0,
        points_original=len(theirs) + outside,
        points_decoded=len(mine),
        missing=missing,
        extra=extra,
        sha256_original=voxel_digest(source_coords) if not outside else "",
        sha256_decoded=voxel_digest(ours.coords),
        sha256_stream=hashlib.sha256(data).hexdigest(),
        depth=ours.depth,
        voxel_size=ours.transform.scale,
        moved_max=moved_max,
        source=points.source,
        stream=path,
        notes=notes,
    )


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
    data, path = _stream_bytes(stream)

    def ask() -> VoxelProbabilities:
        layout = container.parse(data)
        header = layout.header
        codec = get_codec_by_id(header.codec_id)
        if not isinstance(codec, ProbabilityCodec):
            raise InputError(f"codec '{codec.name}' does not say what it expected", field="codec")
        sections = container.sections(data, layout, None)
        coded = GeometryStream(header.depth, header.points, header.params, header.weights_id, sections)
        try:
            return codec.voxel_probabilities(coded, cloud, block, _checked(options), job)
        except CorruptStreamError as error:
            raise layout.locate(error) from error

    return _naming(path, ask)


def save_stream(path: FilePath, data: bytes) -> None:
    """Writes a stream; the file appears complete or not at all. Raises InputError if it cannot be written."""
    write_atomically(path, data)


def voxel_digest(coords: IntArray) -> str:
    """SHA-256, in hexadecimal, of (N, 3) coordinates in Morton order as little-endian int32."""
    return hashlib.sha256(np.ascontiguousarray(coords, "<i4").tobytes()).hexdigest()


def _checked(options: CodecOptions | None) -> CodecOptions:
    """The options, or the defaults. InputError for what no codec can use."""
    options = options or CodecOptions()
    check_device(options.device)
    for name in ("threads", "slices", "batch_sites"):
        value = getattr(options, name)
        if value is not None and not (isinstance(value, int) and value > 0):
            raise InputError(f"{value!r} is no positive number", field=name.replace("_", " "))
    return options


def _voxels(
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


def _dropped(cloud: VoxelCloud, voxelization: VoxelizationReport | None) -> tuple[str, ...]:
    """Properties of the source that the stream does not hold."""
    if voxelization is not None:
        return voxelization.dropped
    return () if cloud.colors is None else ("red", "green", "blue")


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
    if name not in container.COORDINATE_TYPES:
        raise InputError(
            f"unknown coordinate type '{name}'; known: {', '.join(container.COORDINATE_TYPES)}",
            field="coordinate type",
        )


def _wanted(slices: Collection[int], layout: Layout) -> tuple[int, ...]:
    """The numbers, rising and once each; InputError for one that the stream has not."""
    count = sum(entry.kind == SECTION_SLICE for entry in layout.entries)
    for number in slices:
        if not 0 <= number < count:
            raise InputError(f"there is no slice {number}; the stream has {count}", field="slices")
    return tuple(sorted(set(slices)))


def _check_decoded(decoded: DecodedGeometry, points: int, depth: int) -> None:
    """A last guard: a stream never yields another number of voxels, or voxels out of order."""
    if len(decoded.coords) != points:
        raise CorruptStreamError(
            f"{len(decoded.coords):,} voxels decoded, {points:,} declared", field="points"
        )
    try:
        ordered = is_morton_sorted(decoded.coords, depth)
    except ValueError:
        ordered = False
    if not ordered:
        raise CorruptStreamError("the decoded voxels are not a set in Morton order", field="slices")


def _balance(size: int, layout: Layout, blocks: BlockTable, side_bits: dict[str, float]) -> BitBalance:
    """Owners of all bits of a file, or of what was read of it, `size` bytes.

    They are the blocks, the codec's side information, and the container.
    """
    table = sum(entry.table_bytes for entry in layout.entries)
    crcs = container.CRC_BYTES * (len(layout.entries) + 1)
    return BitBalance(
        occupancy=float(blocks.bits.sum()),
        flags=float(blocks.flag_bits.sum()),
        side={
            **side_bits,
            "header": 8.0 * (layout.header_bytes - table - container.CRC_BYTES),
            "section table": 8.0 * (table - container.CRC_BYTES * len(layout.entries)),
            "checksums": 8.0 * crcs,
        },
        total=8 * size,
    )


def _stream_bytes(source: StreamSource) -> tuple[bytes, str | None]:
    """The stream and the path that it came from, if any."""
    if isinstance(source, bytes):
        return source, None
    return read_bytes(Path(source)), str(source)


def _naming(path: str | None, work: Callable[[], T]) -> T:
    """Runs `work`; an error of it names the file."""
    try:
        return work()
    except OctavoxError as error:
        if path is not None:
            error.in_file(path)
        raise
