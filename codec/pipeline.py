"""What one call does: the stages from a cloud to a stream and back. Each stage owns its bits.

Encoding: the plan (what comes back, on which grid), geometry, how many points each voxel has, points off the
grid. Decoding goes the same way back.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np

from .archive import Archived, Body, body_of, pack_body, pack_whole
from .blocks import BlockPlace, VoxelProbabilities
from .cloud.cloud import PointCloud, Transform, VoxelCloud, VoxelizationReport
from .cloud.columns import Column
from .cloud.grid import Grid, exact_grid
from .cloud.lattice import INTEGER, REGULAR, Lattice
from .cloud.morton import is_morton_sorted
from .cloud.records import axis_columns
from .cloud.rough import rough_grid
from .cloud.voxelize import merged, voxelized
from .codecs.interface import (
    SECTION_TREE,
    DecodedGeometry,
    EncodedGeometry,
    GeometryStream,
    ProbabilityCodec,
    Section,
)
from .codecs.registry import get_codec, get_codec_by_id
from .coding.bytes import varint
from .errors import CorruptStreamError, InputError
from .files.source import Source, open_source
from .job import JobContext
from .options import CloudOptions, CodecOptions
from .order import decode_order, encode_order
from .points import Chunk, CodedPoints, Points, decode_points, encode_points
from .provenance import Stopwatch
from .report import BitBalance
from .stream.accounting import bit_balance
from .stream.chunks import ChunkWriter, Kind
from .stream.header import FILE, RECORDS, VOXELS, Header, Moved, pack_header
from .stream.reader import StreamReader
from .stream.schema import TYPE_CODES


@dataclass(frozen=True)
class Plan:
    """What is coded of a cloud, and what comes back.

    points: None for voxels that were given as such. dropped: names of the properties that are left out.
    file: of level "file", what comes back. body: its rows; None where all of it is stored as it is.
    """

    level: str
    voxels: VoxelCloud
    points: Points | None = None
    dropped: tuple[str, ...] = ()
    file: Source | None = None
    body: Body | None = None

    @property
    def report(self) -> VoxelizationReport | None:
        """What voxelization did; None for voxels that were given as such."""
        if self.points is None:
            return None
        report = replace(self.points.done.report, dropped=self.dropped)
        return report if self.level == VOXELS else replace(report, moved_mean=0.0, moved_max=0.0, exact=True)


@dataclass(frozen=True)
class Encoded:
    """A cloud that went through all stages. data: the whole stream."""

    data: bytes
    header: Header
    geometry: EncodedGeometry
    bits: BitBalance


@dataclass(frozen=True)
class Decoded:
    """A stream that went through all stages. points and bytes: of what was decoded. cloud: its points.

    file: of level "file", the file.
    """

    header: Header
    geometry: DecodedGeometry
    cloud: PointCloud
    points: int
    bytes: int
    bits: BitBalance
    file: bytes | None = None


def plan_for(cloud: PointCloud, chosen: CloudOptions, job: JobContext, file: Source | None = None) -> Plan:
    """What comes back of a cloud, by the options and by where its coordinates lie.

    file: that the cloud was read from, for level "file".
    Raises InputError where the options ask for what cannot be; CancelledError.
    """
    if chosen.nan == "error":
        _refuse_nan(cloud)
    columns = _columns_kept(cloud, chosen)
    dropped = tuple(name for name in cloud.attributes if name not in columns)
    by_grid = chosen.depth is not None or chosen.voxel_size is not None
    if chosen.keep in ("records", "file") and by_grid:
        raise InputError(f"to keep {chosen.keep} leaves no choice of a grid; use --keep voxels", field="keep")
    if chosen.keep == "file":
        if file is None or dropped:
            raise InputError("a file comes back whole, from a file, or not at all", field="keep")
        return _plan_file(cloud, file, job)
    if chosen.keep == "voxels" or by_grid:
        done = voxelized(cloud, chosen.depth, chosen.voxel_size, job)
        return Plan(VOXELS, done.voxels, Points(cloud, done, columns), dropped)
    return _plan_records(cloud, columns, dropped, job)


def _plan_file(cloud: PointCloud, file: Source, job: JobContext) -> Plan:
    body = body_of(file, cloud, job)
    if body is None:
        empty = VoxelCloud(np.empty((0, 3), np.int32), 1)
        return Plan(FILE, empty, None, (), file)
    records = _plan_records(cloud, dict(cloud.attributes), (), job)
    return replace(records, level=FILE, file=file, body=body)


def _plan_records(
    cloud: PointCloud, columns: dict[str, Column], dropped: tuple[str, ...], job: JobContext
) -> Plan:
    placed = exact_grid(cloud, job)
    if isinstance(placed, str):
        rough = rough_grid(cloud, job)
        done = merged(cloud, rough.placed, job)
        return Plan(RECORDS, done.voxels, Points(cloud, done, columns, rough.rests, rough.modes), dropped)
    done = merged(cloud, placed, job)
    return Plan(RECORDS, done.voxels, Points(cloud, done, columns), dropped)


def _columns_kept(cloud: PointCloud, chosen: CloudOptions) -> dict[str, Column]:
    """The properties that are not left out. Raises InputError for names that the cloud has not."""
    left_out = [name.strip() for name in (chosen.drop or "").split(",") if name.strip()]
    if left_out == ["*"]:
        return {}
    for name in left_out:
        if name not in cloud.attributes:
            known = ", ".join(cloud.attributes) or "none"
            raise InputError(f"there is no property '{name}' to drop; there are: {known}", field="drop")
    return {name: column for name, column in cloud.attributes.items() if name not in left_out}


def _refuse_nan(cloud: PointCloud) -> None:
    finite = np.isfinite(cloud.coords).all(axis=1)
    if not finite.all():
        row = int(np.argmin(finite))
        raise InputError(
            f"point {row} has a coordinate that is not a finite number", path=cloud.source, field="positions"
        )


def encode_plan(plan: Plan, options: CodecOptions, job: JobContext, clock: Stopwatch) -> Encoded:
    """All stages. Raises WeightsError, InputError, CancelledError."""
    codec = get_codec(options.codec)
    with clock.stage("encode"):
        coded = codec.encode(plan.voxels, options, job)
    with clock.stage("points"):
        made = CodedPoints()
        if plan.points is not None:
            sections = coded.stream.sections
            slices = np.array([s.points for s in sections if s.kind != SECTION_TREE], np.int64)
            made = encode_points(plan.points, plan.level, slices, job, options.threads)
        if plan.file is not None:
            made = _with_file(made, plan, plan.file, job)
    with clock.stage("write"):
        header = replace(_header(plan, codec.id, coded.stream), **made.fields)
        pieces: list[bytes] = []
        writer = ChunkWriter(pieces.append)
        writer.add(Kind.HEADER, pack_header(header))
        _write_geometry(writer, coded.stream.sections)
        for chunk in made.chunks:
            writer.add(chunk.kind, chunk.payload, component=chunk.component, part=chunk.part)
        writer.finish()
        data = b"".join(pieces)
    job.check()
    stream = StreamReader(open_source(data))  # what is written must be readable
    return Encoded(data, header, coded, bit_balance(stream, coded.blocks, {**coded.side_bits, **made.bits}))


def _with_file(made: CodedPoints, plan: Plan, file: Source, job: JobContext) -> CodedPoints:
    """What makes the points their file, too."""
    if plan.body is None or plan.points is None:
        found = [Chunk(Kind.FILE, pack_whole(file, job))]
    else:
        done, cloud = plan.points.done, plan.points.cloud
        rows = np.concatenate([done.order, done.placed.strays])
        order = encode_order(rows, [column[rows] for column in axis_columns(cloud)])
        found = [Chunk(Kind.ORDER, order), Chunk(Kind.FILE, pack_body(file, plan.body, job))]
    bits = {chunk.kind.name.lower(): 8.0 * len(chunk.payload) for chunk in found}
    return CodedPoints(made.fields, [*made.chunks, *found], {**made.bits, **bits})


def _header(plan: Plan, codec_id: int, coded: GeometryStream) -> Header:
    voxels, points = plan.voxels, plan.points
    whole = Header(
        codec_id=codec_id,
        depth=coded.depth,
        points=coded.points,
        input_points=coded.points,
        coordinate_type=voxels.coordinate_type,
        transform=voxels.transform,
        weights_id=coded.weights_id,
        params=coded.params,
        level=plan.level,
        grid=voxels.grid or _grid_of(voxels),
    )
    if points is None:
        return replace(whole, dropped=() if voxels.colors is None else ("red", "green", "blue"))
    cloud, report = points.cloud, points.done.report
    still = plan.level != VOXELS or (report.exact and not report.merged)
    return replace(
        whole,
        input_points=len(cloud),
        scale=cloud.scale,
        offset=cloud.offset,
        format=cloud.info.format,
        dropped=plan.dropped,
        moved=None if still else Moved(report.moved_mean, report.moved_max, report.merged),
    )


def _grid_of(voxels: VoxelCloud) -> Grid:
    """The grid of voxels that come from no file: what their transform means in doubles."""
    names = ("float", "double", "char", "uchar", "short", "ushort", "int", "uint", "half", "long", "ulong")
    dtype = np.dtype(TYPE_CODES[names.index(voxels.coordinate_type)])
    if voxels.transform == Transform():
        return Grid((Lattice(INTEGER),) * 3, voxels.depth, (dtype,) * 3)
    pairs = zip(voxels.transform.origin, voxels.transform.steps, strict=True)
    x, y, z = (Lattice(REGULAR, origin=origin, scale=step) for origin, step in pairs)
    return Grid((x, y, z), voxels.depth, (dtype,) * 3)


def _write_geometry(writer: ChunkWriter, sections: list[Section]) -> None:
    number = 0
    for section in sections:
        if section.kind == SECTION_TREE:
            writer.add(Kind.TREE, section.payload)
        else:
            writer.add(Kind.SLICE, varint(section.points) + section.payload, part=number)
            number += 1


def decode_stream(
    source: Source,
    options: CodecOptions,
    slices: Collection[int] | None,
    job: JobContext,
    clock: Stopwatch,
) -> Decoded:
    """slices: the numbers of those to decode, None for all. Raises as `api.decode`."""
    with clock.stage("read"):
        stream = StreamReader(source)
        wanted = None if slices is None else _wanted(slices, stream)
        coded = _geometry(stream, wanted)
    header = stream.header
    points, size, unread = header.points, stream.size, 0
    if wanted is not None:
        parts = [entry for k, entry in enumerate(stream.slices) if k in wanted]
        points, size = sum(e.points for e in parts), sum(e.length for e in parts)
        unread = sum(e.length for e in stream.slices) - size
    with clock.stage("decode"):
        try:
            decoded = get_codec_by_id(header.codec_id).decode(coded, options, job)
        except CorruptStreamError as error:
            raise stream.locate(error) from error
    _check_decoded(decoded, points, header.depth)
    job.check()
    with clock.stage("points"):
        cloud, side = decode_points(stream, decoded.coords, wanted, job)
    file = None
    if header.level == FILE and wanted is None:
        with clock.stage("file"):
            cloud, file = _file_of(stream, cloud, side, job)
    bits = bit_balance(stream, decoded.blocks, {**decoded.side_bits, **side}, unread)
    return Decoded(header, decoded, cloud, points, size, bits, file)


def _file_of(
    stream: StreamReader, cloud: PointCloud, side: dict[str, float], job: JobContext
) -> tuple[PointCloud, bytes]:
    """The points in the order of their file, and the file."""
    payload = stream.needed(Kind.FILE)
    archived, places = Archived(payload), np.empty(0, np.int64)
    side["file"] = 8.0 * len(payload)
    if archived.framed:
        order = stream.needed(Kind.ORDER)
        side["order"] = 8.0 * len(order)
        places = decode_order(order, axis_columns(cloud))
    return archived.restored(cloud, places, job)


def ask_codec(
    source: Source, cloud: VoxelCloud, block: BlockPlace, options: CodecOptions, job: JobContext
) -> VoxelProbabilities:
    """What the codec of a stream expected of a block. Raises as `api.voxel_probabilities`."""
    stream = StreamReader(source)
    codec = get_codec_by_id(stream.header.codec_id)
    if not isinstance(codec, ProbabilityCodec):
        raise InputError(f"codec '{codec.name}' does not say what it expected", field="codec")
    coded = _geometry(stream, None)
    try:
        return codec.voxel_probabilities(coded, cloud, block, options, job)
    except CorruptStreamError as error:
        raise stream.locate(error) from error


def _geometry(stream: StreamReader, wanted: tuple[int, ...] | None) -> GeometryStream:
    header, sections = stream.header, stream.sections(wanted)
    return GeometryStream(header.depth, header.points, header.params, header.weights_id, sections, wanted)


def _wanted(slices: Collection[int], stream: StreamReader) -> tuple[int, ...]:
    """The numbers, rising and once each; InputError for one that the stream has not."""
    count = len(stream.slices)
    for number in slices:
        if not 0 <= number < count:
            raise InputError(f"there is no slice {number}; the stream has {count}", field="slices")
    return tuple(sorted(set(slices)))


def _check_decoded(decoded: DecodedGeometry, points: int, depth: int) -> None:
    """A stream never yields another number of voxels than it declares, or voxels out of order."""
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
