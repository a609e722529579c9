"""From clouds to streams and back, one call each. Errors are those of `octavox.codec.errors`."""

from __future__ import annotations

import contextlib
from collections.abc import Collection
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np

from .archive import archive_info
from .arrays import FloatArray, Int64Array
from .blocks import BlockTable
from .certificate import certify, lossy_report, of_file
from .cloud.cloud import PointCloud, VoxelCloud
from .cloud.voxel_rows import VoxelRows
from .cloud.voxelize import voxelize
from .decoding import Decoded, Region, decode_stream
from .errors import CorruptStreamError, DroppedWarning, InputError, MovedPointsWarning, warn_caller
from .files.atomic import Writable, write_atomically
from .files.source import Readable, Source, open_source
from .hints import archive_hint, voxel_hint
from .html import html_table
from .job import CancelToken, JobContext, ProgressCallback
from .lod import decode_lod
from .option_table import check_options, make_cloud_options
from .options import CodecOptions
from .pipeline import encode_plan
from .provenance import Stopwatch, device_name, library_versions
from .report import BitBalance, Certificate, DecodeReport, EncodeReport, SectionInfo, StreamInfo, rows_by_size
from .salvaging import salvage_stream
from .sources import CloudSource, cloud_of, naming, plan_of
from .stream.accounting import components, owner_of_part
from .stream.header import FILE, LOSSY, RECORDS, VOXELS, Header
from .stream.reader import StreamReader


@dataclass(frozen=True)
class EncodeResult:
    """data: the whole .ovx file. blocks: one row per block. voxels: those that were coded, in the order in
    which they are decoded. block_bits: (B,) bits of each block by component: "geometry", each property by
    its name, and, where there are such, "duplicates" and "remainders" (as in `report.components`).
    """

    data: bytes
    report: EncodeReport
    blocks: BlockTable
    voxels: VoxelCloud
    block_bits: dict[str, FloatArray] = field(default_factory=dict, repr=False)
    _rows: VoxelRows | None = field(default=None, repr=False)

    @property
    def inverse(self) -> Int64Array:
        """(N,) the row in `voxels`, and in `DecodeResult.voxels`, of each point of the source.

        -1 for points that have no voxel: those whose coordinates are not finite, and those that are stored
        beside the voxels. Computed when it is asked for.

            >>> import octavox as ov
            >>> cloud = ov.PointCloud([[7, 0, 0], [1, 2, 3], [7, 0, 0]])
            >>> result = ov.encode(cloud, options=ov.CodecOptions(codec="octree"))
            >>> result.inverse, result.voxels.coords[result.inverse].tolist()
            (array([1, 0, 1]), [[7, 0, 0], [1, 2, 3], [7, 0, 0]])
        """
        return np.arange(len(self.voxels)) if self._rows is None else self._rows.inverse

    def _repr_html_(self) -> str:
        return _html_of("EncodeResult", self.report)


@dataclass(frozen=True)
class DecodeResult:
    """cloud: the points that the stream holds, at the level that it was coded in. voxels: those it was coded
    as. blocks: one row per block of the slices that were decoded. file: of a stream of level "file", the
    file, byte for byte; `suffix` is the ending of its name. block_bits: as in `EncodeResult`.
    """

    cloud: PointCloud
    voxels: VoxelCloud
    blocks: BlockTable
    header: Header
    report: DecodeReport
    file: bytes | None = None
    block_bits: dict[str, FloatArray] = field(default_factory=dict, repr=False)

    @property
    def suffix(self) -> str:
        """The ending of the name of the file, with the dot; "" without a file, or where that is not known."""
        return "" if self.file is None or self.report.archive is None else self.report.archive.suffix

    def _repr_html_(self) -> str:
        return _html_of("DecodeResult", self.report)


def _html_of(title: str, report: EncodeReport | DecodeReport) -> str:
    """What a notebook shows of a result."""
    rows = [
        ("codec", report.codec),
        ("keeps", report.level),
        ("points", f"{report.input_points:,}"),
        ("voxels", f"{report.points:,} of {report.depth} bits per axis"),
        ("bytes", f"{report.bytes:,}"),
        ("bits per occupied voxel", f"{report.bpov:.4f}"),
        ("seconds", f"{sum(report.seconds.values()):.2f}"),
    ]
    dropped = getattr(report, "dropped", ())
    return html_table(title, [*rows, *([("not stored", ", ".join(dropped))] if dropped else [])])


def encode(
    source: CloudSource,
    *,
    options: CodecOptions | None = None,
    progress: ProgressCallback | None = None,
    cancel: CancelToken | None = None,
    **kept: Any,
) -> EncodeResult:
    """Compresses a cloud.

    source: a VoxelCloud (coded as it is), a PointCloud, or what `read_cloud` reads: a path, "-", bytes, a
    binary file object. kept: what comes back, the fields of `CloudOptions` (keep, depth, voxel_size, nan,
    color_error, drop). By default every point comes back with every property, to the last bit. A
    DroppedWarning names the tables that the stream does not hold; `report.dropped` and `report.beside` list
    what is left out. progress is called from the calling thread or from a worker of the codec; it must not
    block.
    Raises InputError, WeightsError, CancelledError.

        >>> import octavox as ov
        >>> cloud = ov.PointCloud([[x, y, (x * y) % 5] for x in range(16) for y in range(16)])
        >>> result = ov.encode(cloud, options=ov.CodecOptions(codec="octree"))
        >>> result.report.level, result.report.points
        ('records', 256)
        >>> len(ov.decode(result.data).cloud)
        256
    """
    options, chosen = check_options(CodecOptions() if options is None else options), make_cloud_options(kept)
    job, clock = JobContext(progress, cancel), Stopwatch()
    plan = plan_of(source, chosen, job, clock, options.codec)
    try:
        coded = encode_plan(plan, options, job, clock)
    finally:
        if plan.file is not None:
            plan.file.close()
    data, header, geometry, done = coded.data, coded.header, coded.geometry, plan.report
    report = EncodeReport(
        codec=header.codec_name,
        level=header.level,
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
        dropped=header.dropped,
        components=coded.components,
        color_error=header.color_error,
        color=coded.color,
        beside=() if plan.points is None or plan.level == FILE else plan.points.cloud.info.beside,
        voxelization=done,
        archive=coded.archive,
        lossy=lossy_report(header),
    )
    if plan.level == RECORDS and plan.points is not None:
        hints = voxel_hint(plan.points, coded.bits, job), archive_hint(plan.points, coded.bits, job)
        report = replace(report, hint=hints[0], archive_hint=hints[1])
    if tables := [name for name in report.beside if name.startswith("element ")]:
        warn_caller(f"not stored: {', '.join(tables)}", DroppedWarning)
    if chosen.depth is None and chosen.voxel_size is None:
        _warn_of_moves(report)
    found = coded.plan
    rows = None if found.points is None else VoxelRows.of(found.points.done)
    return EncodeResult(data, report, geometry.blocks, found.voxels, coded.block_bits, rows)


def _warn_of_moves(report: EncodeReport) -> None:
    """Warns where voxels are kept, and those of the default grid are not where the points are."""
    done = report.voxelization
    if report.level in (VOXELS, LOSSY) and done is not None and done.moved_max > 0:
        words = f"points move by up to {done.moved_max:.3g} to voxels of {done.depth} bits"
        warn_caller(words + (f", {done.merged:,} merge" if done.merged else ""), MovedPointsWarning)


def decode(
    source: Readable | Source,
    *,
    options: CodecOptions | None = None,
    slices: Collection[int] | None = None,
    region: Region | None = None,
    lod: int | None = None,
    progress: ProgressCallback | None = None,
    cancel: CancelToken | None = None,
) -> DecodeResult:
    """Decodes a stream: the path of an .ovx file, "-", bytes, or a binary file object.

    options: only device, threads, batch_sites and weights matter; the stream names its codec. slices: decode
    these alone (as in BlockTable.slice). region: x0, y0, z0, x1, y1, z1, the corners of a box in the units of
    the file; the points in it come back, its faces included. With either, no payload of another slice is
    read; blocks and report are of the slices that were decoded. lod: the cloud of this many levels of the
    octree alone, 1 to the depth: a point in the middle of each occupied cell, without properties; of a large
    stream, the rest is not read. `report.bytes` says how much was.
    Raises CorruptStreamError (with field and byte in the file), UnsupportedStreamError, WeightsError,
    InputError (no such file, no such slice, no such box), CancelledError.
    """
    job, chosen = JobContext(progress, cancel), check_options(CodecOptions() if options is None else options)
    if lod is not None and (slices is not None or region is not None):
        raise InputError("levels of detail are of the whole stream, not of slices or a region", field="lod")
    with open_source(source, job) as given:
        if lod is not None:
            return _decode_lod(given, lod, chosen, job)
        return _decode(given, chosen, job, slices, region)


def salvage(
    source: Readable,
    *,
    options: CodecOptions | None = None,
    progress: ProgressCallback | None = None,
    cancel: CancelToken | None = None,
) -> DecodeResult:
    """Decodes every slice that is whole in a stream that was cut or damaged.

    `report.loss` says what is lost. Arguments are those of `decode`. Raises CorruptStreamError where the
    header or every slice is lost, or where parts contradict each other; else as `decode`.
    """
    job, clock = JobContext(progress, cancel), Stopwatch()
    chosen = check_options(CodecOptions() if options is None else options)
    with open_source(source, job) as given:
        return _result(naming(given, lambda: salvage_stream(given, chosen, job, clock)), chosen, clock)


def _decode(
    given: Source,
    options: CodecOptions,
    job: JobContext,
    slices: Collection[int] | None = None,
    region: Region | None = None,
) -> DecodeResult:
    clock = Stopwatch()
    done = naming(given, lambda: decode_stream(given, options, slices, region, job, clock))
    return _result(done, options, clock, whole=slices is None and region is None)


def _decode_lod(given: Source, lod: int, options: CodecOptions, job: JobContext) -> DecodeResult:
    clock = Stopwatch()
    with clock.stage("decode"):
        found = naming(given, lambda: decode_lod(given, lod, options, job))
    header, points = found.header, len(found.cloud)
    report = DecodeReport(
        codec=header.codec_name,
        level=header.level,
        depth=found.level,
        points=points,
        input_points=header.input_points,
        bytes=found.bytes_read,
        bpov=8 * found.bytes_read / max(points, 1),
        seconds=clock.seconds,
        by_size=(),
        bits=BitBalance(0.0, 0.0, {"geometry": 8.0 * found.bytes_read}, 8 * found.bytes_read),
        options=asdict(options),
        weights_id=header.weights_hex,
        device=device_name("cpu"),
        versions=library_versions(),
        components={"geometry": found.bytes_read},
        color_error=0,
        whole=False,
        returned=points,
        lod=found.level,
    )
    return DecodeResult(found.cloud, found.voxels, BlockTable.empty(), header, report)


def _result(done: Decoded, options: CodecOptions, clock: Stopwatch, whole: bool = True) -> DecodeResult:
    header, geometry = done.header, done.geometry
    report = DecodeReport(
        codec=header.codec_name,
        level=header.level,
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
        components=done.components,
        color_error=header.color_error,
        whole=whole and (done.loss is None or done.loss.nothing),
        returned=len(done.cloud),
        loss=done.loss,
        lossy=lossy_report(header),
        archive=done.archive,
    )
    voxels = _voxels(done)
    return DecodeResult(done.cloud, voxels, geometry.blocks, header, report, done.file, done.block_bits)


def _voxels(done: Decoded) -> VoxelCloud:
    """The voxels that the points were coded as; of points coded as rows, those of a default grid."""
    header = done.header
    if not len(done.voxels) and len(done.cloud):
        with contextlib.suppress(InputError):
            return voxelize(done.cloud)[0]
    transform = header.transform.scaled(header.scale, header.offset)
    kind = header.coordinate_type
    return VoxelCloud(done.voxels, header.depth, transform, kind, done.colors, grid=header.grid)


def info(
    source: Readable,
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
    with open_source(source) as given:
        stream = naming(given, lambda: StreamReader(given))
        sections = tuple(
            SectionInfo(
                name=entry.name,
                kind=entry.kind,
                points=entry.points,
                first_byte=entry.first_byte,
                bytes=entry.length,
                crc="ok" if stream.sound(entry) else "mismatch",
                owner=owner_of_part(stream, entry),
            )
            for entry in stream.entries
        )
        archive = None
        with contextlib.suppress(CorruptStreamError):  # the section is reported
            archive = archive_info(stream)
        job = JobContext(progress, cancel)
        chosen = check_options(CodecOptions() if options is None else options)
        result = _decode(given, chosen, job) if blocks else None
    header = stream.header
    transform = header.transform.scaled(header.scale, header.offset)
    return StreamInfo(
        path=str(given.path) if given.path else None,
        file_size=stream.size,
        header_bytes=stream.header_bytes,
        version=".".join(map(str, header.version)),
        codec=header.codec_name,
        level=header.level,
        depth=header.depth,
        points=header.points,
        input_points=header.input_points,
        bpov=8 * stream.size / max(header.points, 1),
        coordinate_type=header.coordinate_type,
        origin=transform.origin,
        scale=transform.scale,
        weights_id=header.weights_hex,
        params=header.params.hex(),
        sections=sections,
        format=header.format,
        dropped=header.dropped,
        moved_mean=header.moved.mean if header.moved else 0.0,
        moved_max=header.moved.largest if header.moved else 0.0,
        merged=header.input_points - header.points if header.of_voxels else 0,
        components=components(stream),
        color_error=header.color_error,
        archive=archive,
        lossy=lossy_report(header),
        by_size=result.report.by_size if result else None,
        bits=result.report.bits if result else None,
    )


def verify(
    original: CloudSource,
    stream: Readable,
    *,
    options: CodecOptions | None = None,
    progress: ProgressCallback | None = None,
    cancel: CancelToken | None = None,
) -> Certificate:
    """Decodes `stream` and compares what comes back with `original`, at the level that the stream promises.

    A difference is an answer, not an error: `kept` says whether the stream holds what its level promises,
    `identical` whether every point came back with every property, to the last bit. Raises as `read_cloud` and
    `decode`.
    """
    job = JobContext(progress, cancel)
    with open_source(stream, job) as given:
        decoded = _decode(given, check_options(CodecOptions() if options is None else options), job)
        if isinstance(original, (PointCloud, VoxelCloud)):
            certificate = certify(original, decoded.cloud, decoded.voxels, decoded.header, given)
        else:
            with open_source(original, job) as source:
                ours = cloud_of(source, decoded.file is not None, job)
                certificate = certify(ours, decoded.cloud, decoded.voxels, decoded.header, given)
                if decoded.file is not None:
                    certificate = of_file(certificate, source, decoded.file)
    if isinstance(original, VoxelCloud) or given.path is None:
        return certificate
    return replace(certificate, stream=str(given.path))


def save_stream(path: Writable, data: bytes) -> None:
    """Writes a stream to a path, where the file appears complete or not at all, "-" (standard output), or a
    binary file object. Raises InputError if it cannot be written.
    """
    write_atomically(path, data)
