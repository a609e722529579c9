"""From clouds to streams and back, one call each. Errors are those of `octavox.codec.errors`."""

from __future__ import annotations

import contextlib
from collections.abc import Collection
from dataclasses import replace
from typing import Any

from .archive import archive_info
from .certificate import certify, lossy_report, of_file
from .cloud.cloud import PointCloud, VoxelCloud
from .errors import CorruptStreamError, InputError, out_of_memory
from .files.atomic import Writable, write_atomically
from .files.source import Readable, Source, open_source
from .inter.frame import ReferenceFrame
from .job import CancelToken, JobContext, ProgressCallback
from .lod import decode_lod
from .option_table import check_options, make_cloud_options
from .options import CodecOptions
from .pipeline import encode_plan
from .provenance import Stopwatch
from .rate_control import encode_to_target
from .references import FramePlace, LastFrame, decode_frame, open_geometry
from .regions import Region
from .report import Certificate
from .results import DecodeResult, EncodeResult, decode_result, encode_result, lod_result
from .salvaging import Part, Sought, salvage_stream
from .sources import CloudSource, cloud_of, name_of_source, naming, plan_of
from .stream.accounting import components, owner_of_part
from .stream.chunks import MAGIC
from .stream_info import SectionInfo, StreamInfo


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
    color_error, drop, drop_levels, bpp, psnr, max_error). By default every point comes back with every
    property, to the last bit. A DroppedWarning names the tables that the stream does not hold;
    `report.dropped` and `report.beside` list what is left out, `report.target` says what a target came to.
    progress is called from the calling thread or from a worker of the codec; it must not block.
    Raises InputError, WeightsError, CancelledError, OutOfMemoryError.

        >>> import octavox as ov
        >>> cloud = ov.PointCloud([[x, y, (x * y) % 5] for x in range(16) for y in range(16)])
        >>> result = ov.encode(cloud, options=ov.CodecOptions(codec="octree"))
        >>> result.report.level, result.report.points
        ('records', 256)
        >>> len(ov.decode(result.data).cloud)
        256
    """
    return encode_after(None, source, options, JobContext(progress, cancel), kept)[0]


def encode_after(
    before: ReferenceFrame | None,
    source: CloudSource,
    options: CodecOptions | None,
    job: JobContext,
    kept: dict[str, Any],
) -> tuple[EncodeResult, ReferenceFrame | None]:
    """Compresses a frame, with the frame before where that saves bytes; and what the next may be coded with.

    Arguments and errors are those of `encode`.
    """
    options, chosen = check_options(options), make_cloud_options(kept)
    clock = Stopwatch()
    try:
        plan = plan_of(source, chosen, job, clock, options.codec)
        with plan.file or contextlib.nullcontext():
            if plan.target is not None:
                coded, reached = encode_to_target(plan, options, job, clock)
            else:
                coded, reached = encode_plan(plan, options, job, clock, before), None
        result = encode_result(coded, chosen, options, job, clock)
        result = replace(result, report=replace(result.report, target=reached))
        return result, coded.as_reference
    except MemoryError as error:
        raise out_of_memory(error, name_of_source(source)) from None


def decode(
    source: Readable | Source,
    *,
    options: CodecOptions | None = None,
    slices: Collection[int] | None = None,
    region: Region | None = None,
    lod: int | None = None,
    frame: int | None = None,
    progress: ProgressCallback | None = None,
    cancel: CancelToken | None = None,
) -> DecodeResult:
    """Decodes a stream: the path of an .ovx file, "-", bytes, or a binary file object.

    options: only device, threads, batch_sites and weights matter; the stream names its codec. slices: decode
    these alone (as in BlockTable.slice). region: x0, y0, z0, x1, y1, z1, the corners of a box in the units of
    the file; the points in it come back, its faces included. With either, no payload of another slice is
    read; blocks and report are of the slices that were decoded. lod: the cloud of this many levels of the
    octree alone, 1 to the depth: a point in the middle of each occupied cell, without properties; of a large
    stream, the rest is not read. `report.bytes` says how much was. frame: of a sequence, the number of the
    frame, from 0; a single cloud is a sequence of one frame. Nothing of other frames is read.
    Raises CorruptStreamError (with field and byte in the file), UnsupportedStreamError, WeightsError,
    InputError (no such file, slice, box or frame; a sequence of which no frame is chosen), CancelledError,
    OutOfMemoryError.
    """
    job, chosen = JobContext(progress, cancel), check_options(options)
    if lod is not None and (slices is not None or region is not None):
        raise InputError("levels of detail are of the whole stream, not of slices or a region", field="lod")
    with open_source(source, job, MAGIC) as given:
        place = FramePlace(given, frame)
        if lod is not None:
            return decode_lod_at(place, lod, chosen, job)
        return decode_at(place, chosen, job, slices, region)


def salvage(
    source: Readable,
    *,
    slices: Collection[int] | None = None,
    region: Region | None = None,
    frame: int | None = None,
    options: CodecOptions | None = None,
    progress: ProgressCallback | None = None,
    cancel: CancelToken | None = None,
) -> DecodeResult:
    """Decodes every slice that is whole in a stream that was cut or damaged, or some of them.

    `report.loss` says what is lost of what was wanted, and which bytes their checksum put right: one wrong
    byte of a header, a few bytes cut off the end. Arguments are those of `decode`. Raises CorruptStreamError
    where the header or every slice is lost, or where parts contradict each other; else as `decode`.
    """
    job, clock = JobContext(progress, cancel), Stopwatch()
    chosen, part = check_options(options), Part.of(slices, region)
    with open_source(source, job) as given:
        done = naming(
            given, lambda: salvage_stream(given, chosen, job, clock, frame, Sought(part=part)), frame
        )
        return decode_result(done, chosen, clock, whole=part.is_all)


def decode_at(
    place: FramePlace,
    options: CodecOptions,
    job: JobContext,
    slices: Collection[int] | None = None,
    region: Region | None = None,
    last: LastFrame | None = None,
) -> DecodeResult:
    """A frame, or some slices or a region of it. Arguments and errors are those of `decode_frame`."""
    clock = Stopwatch()
    done = place.naming(lambda: decode_frame(place, options, slices, region, job, clock, last))
    return decode_result(done, options, clock, whole=slices is None and region is None)


def decode_lod_at(place: FramePlace, lod: int, options: CodecOptions, job: JobContext) -> DecodeResult:
    """A level of detail of a frame. Arguments and errors are those of `decode`."""
    clock = Stopwatch()
    with clock.stage("decode"):
        found = place.naming(lambda: decode_lod(*open_geometry(place, options, job), lod, options, job))
    return lod_result(found, options, clock)


def info(
    source: Readable,
    *,
    blocks: bool = False,
    frame: int | None = None,
    options: CodecOptions | None = None,
    progress: ProgressCallback | None = None,
    cancel: CancelToken | None = None,
) -> StreamInfo:
    """What a stream says of itself: header fields, sections with their byte ranges and checksum states.

    A section with a wrong checksum is reported, not raised. blocks: decode the stream too, for the bits by
    block size and the share of flags (needs the weights; raises as `decode`). frame: of a sequence, which.
    Raises CorruptStreamError if the header is damaged, InputError if the file cannot be read, or is a
    sequence of which no frame is chosen.
    """
    chosen = check_options(options)
    with open_source(source, begins=MAGIC) as given:
        return info_at(FramePlace(given, frame), blocks, chosen, JobContext(progress, cancel))


def info_at(place: FramePlace, blocks: bool, options: CodecOptions, job: JobContext) -> StreamInfo:
    """What a frame says of itself. Arguments and errors are those of `info`."""
    given = place.source
    stream = place.naming(lambda: place.opened())
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
    result = decode_at(place, options, job) if blocks else None
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
        merged=header.merged,
        components=components(stream),
        color_error=header.color_error,
        archive=archive,
        lossy=lossy_report(header),
        by_size=result.report.by_size if result else None,
        bits=result.report.bits if result else None,
        frame=stream.frame,
        frames=stream.frames,
        reference=stream.frame - header.reference if header.reference else None,
        inter_weights_id=header.inter_weights_hex,
    )


def verify(
    original: CloudSource,
    stream: Readable,
    *,
    frame: int | None = None,
    options: CodecOptions | None = None,
    progress: ProgressCallback | None = None,
    cancel: CancelToken | None = None,
) -> Certificate:
    """Decodes `stream` and compares what comes back with `original`, at the level that the stream promises.

    A difference is an answer, not an error: `kept` says whether the stream holds what its level promises,
    `identical` whether every point came back with every property, to the last bit. frame: of a sequence,
    which one. Raises as `read_cloud` and `decode`.
    """
    job = JobContext(progress, cancel)
    chosen = check_options(options)
    with open_source(stream, job, MAGIC) as given:
        return verify_at(original, FramePlace(given, frame), chosen, job)


def verify_at(
    original: CloudSource, place: FramePlace, options: CodecOptions, job: JobContext
) -> Certificate:
    """Compares a frame with the cloud that it is to be. Arguments and errors are those of `verify`."""
    return _certified(original, place, options, job)[1]


def decode_and_certify(
    original: CloudSource, stream: Readable, options: CodecOptions, job: JobContext
) -> tuple[DecodeResult, Certificate]:
    """What `decode` gives of a stream, and what `verify` says of it."""
    with open_source(stream, job) as given:
        return _certified(original, FramePlace(given), options, job)


def _certified(
    original: CloudSource, place: FramePlace, options: CodecOptions, job: JobContext
) -> tuple[DecodeResult, Certificate]:
    given, decoded = place.source, decode_at(place, options, job)
    if isinstance(original, (PointCloud, VoxelCloud)):
        certificate = certify(original, decoded.cloud, decoded.voxels, decoded.header, given)
    else:
        with open_source(original, job) as source:
            ours = cloud_of(source, decoded.file is not None, job)
            certificate = certify(ours, decoded.cloud, decoded.voxels, decoded.header, given)
            if decoded.file is not None:
                certificate = of_file(certificate, source, decoded.file)
    if isinstance(original, VoxelCloud) or given.path is None:
        return decoded, certificate
    return decoded, replace(certificate, stream=str(given.path))


def save_stream(path: Writable, data: bytes) -> None:
    """Writes a stream to a path, where the file appears complete or not at all, "-" (standard output), or a
    binary file object. Raises InputError if it cannot be written.
    """
    write_atomically(path, data)
