"""The stages from a plan to a stream. Each stage owns its bits.

They are geometry, points (how many each voxel has, their
properties, those off the grid), and the file that they came from. `decoding` goes the same way back.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from .archive import Body, FileChunk, archive_info, may_be_smaller, pack_body, pack_whole
from .arrays import BoolArray, FloatArray
from .block_bits import bits_of_blocks
from .cloud.cloud import Transform, VoxelCloud
from .cloud.grid import Grid
from .cloud.lattice import INTEGER, REGULAR, Lattice
from .cloud.records import axis_columns
from .codecs.interface import SECTION_TREE, EncodedGeometry, GeometryStream
from .codecs.registry import get_codec
from .coding.bytes import varint
from .errors import InputError
from .files.source import Source, open_source
from .inter.frame import PlacedFrame, ReferenceFrame
from .job import JobContext
from .options import CodecOptions
from .order import encode_order
from .plans import Plan
from .points import Chunk, CodedPoints, columns_of_colors, encode_colors, encode_points
from .properties import Learned
from .provenance import Stopwatch
from .report import ArchiveInfo, BitBalance, ColorDistortion, ColorLoss
from .rows import encode_rows, expected_bytes, has_rows
from .stream.accounting import bit_balance, components
from .stream.chunks import ChunkWriter, Kind
from .stream.header import LOSSY, VOXELS, Guess, Header, Moved, most_guessed, pack_header
from .stream.level_ends import LEVELS_FROM, pack_levels
from .stream.reader import StreamReader
from .stream.schema import TYPE_CODES
from .stream.slice_table import pack_table, rows_of_slices, table_of

if TYPE_CHECKING:
    from .inter.geometry import Referring


@dataclass(frozen=True)
class Encoded:
    """A cloud that went through all stages.

    data: the whole stream. components: its bytes by owner. block_bits: (B,) bits of the blocks, by component.
    archive: of level "file". color: what colours lost, where they may be off. plan: with what came of it.
    shape: None where nothing is coded by voxels. learned: by the coders of properties, for the next frame.
    """

    data: bytes
    header: Header
    geometry: EncodedGeometry
    bits: BitBalance
    plan: Plan
    components: dict[str, int]
    block_bits: dict[str, FloatArray] = field(default_factory=dict)
    archive: ArchiveInfo | None = None
    color: ColorLoss | None = None
    shape: Shape | None = None
    learned: Learned = field(default_factory=dict)

    @property
    def as_reference(self) -> ReferenceFrame | None:
        """What another frame may be coded with, as a decoder has it; None where there is no such thing."""
        header, plan = self.header, self.plan
        if header.guess is not None or header.rows or header.grid is None or not len(plan.voxels):
            return None
        points, bounded = plan.points, {header.attributes[k].name for k in header.bounds}
        if points is None or plan.level == VOXELS:
            columns = columns_of_colors(plan.voxels) if points is None else points.merged_columns
            rows = None
        else:
            columns, counts = points.columns, points.done.counts
            rows = points.done.order if counts is None else points.done.order[np.cumsum(counts) - counts]
        kept = {name: column for name, column in columns.items() if name not in bounded}
        return ReferenceFrame(plan.voxels.coords, header.grid, kept, rows, self.learned)


@dataclass(frozen=True)
class Shape:
    """Geometry that is coded. plan: with the voxels and points that a decoder gets. original: the voxels
    of the source.

    base: the voxels that `coded` holds. rows: those of each slice among the plan's. guess, chunks: of level
    lossy, how the plan's voxels come of the base. color: how far the colours of the nearest voxels differ.
    referring: where it may be coded with the frame before. before: that frame, for the properties.
    """

    plan: Plan
    base: VoxelCloud
    coded: EncodedGeometry
    rows: list[slice | BoolArray]
    original: VoxelCloud
    guess: Guess | None = None
    chunks: list[Chunk] = field(default_factory=list)
    color: ColorDistortion | None = None
    referring: Referring | None = None
    before: PlacedFrame | None = None


def encode_shape(
    plan: Plan, options: CodecOptions, job: JobContext, clock: Stopwatch, before: ReferenceFrame | None = None
) -> Shape:
    """The geometry of a plan. before: a frame that it may be coded with.

    Raises WeightsError, CancelledError.
    """
    if plan.level == LOSSY:
        return _encode_lossy(plan, options, job, clock)
    placed = None
    if before is not None and len(plan.voxels):
        placed = before.on(_grid(plan.voxels), plan.voxels.depth)
    if placed is not None and options.codec == "multiscale":
        from .inter.geometry import encode_geometry  # compiled code

        with clock.stage("encode"):
            found = encode_geometry(plan.voxels, placed, options, job)
        rows = _rows_of(found.coded)
        return Shape(plan, plan.voxels, found.coded, rows, plan.voxels, referring=found, before=found.before)
    with clock.stage("encode"):
        coded = get_codec(options.codec).encode(plan.voxels, options, job)
    return Shape(plan, plan.voxels, coded, _rows_of(coded), plan.voxels, before=placed)


def _rows_of(coded: EncodedGeometry) -> list[slice | BoolArray]:
    sizes = [s.points for s in coded.stream.sections if s.kind != SECTION_TREE]
    return rows_of_slices(range(len(sizes)), sizes, coded.slice_of)


def _encode_lossy(plan: Plan, options: CodecOptions, job: JobContext, clock: Stopwatch) -> Shape:
    """The geometry of a plan with guessed levels."""
    from .lossy import stage  # compiled code

    with clock.stage("encode"):
        base, coded, partly = stage.encode_base(plan.voxels, plan.levels, plan.share, options, job)
    with clock.stage("guess"):
        above = stage.Coded(base, _rows_of(coded), coded.blocks, partly)
        grown = stage.grow(plan.voxels, above, plan.points, options, job)
    found = replace(plan, voxels=grown.voxels, points=grown.points, source_voxels=len(plan.voxels))
    coded = replace(coded, blocks=grown.blocks)
    return Shape(found, base, coded, grown.rows, plan.voxels, grown.header, grown.chunks, grown.color)


def encode_plan(
    plan: Plan, options: CodecOptions, job: JobContext, clock: Stopwatch, before: ReferenceFrame | None = None
) -> Encoded:
    """All stages. before: as in `encode_shape`. Raises WeightsError, InputError, CancelledError."""
    if plan.file is not None and plan.body is None:
        whole = _encode_whole(plan, plan.file, options, job, clock)
        assert whole is not None  # there is no limit
        return whole
    return encode_rest(encode_shape(plan, options, job, clock, before), options, job, clock)


def encode_rest(shape: Shape, options: CodecOptions, job: JobContext, clock: Stopwatch) -> Encoded:
    """The stages after geometry. Raises InputError, CancelledError."""
    plan, coded, rows = shape.plan, shape.coded, shape.rows
    with clock.stage("points"):
        made = CodedPoints()
        if plan.points is not None:
            points, threads = plan.points, options.threads
            made = encode_points(points, plan.level, rows, job, threads, plan.color_error, shape.before)
        elif plan.voxels.colors is not None:
            threads, error = options.threads, plan.color_error
            made = encode_colors(plan.voxels, rows, job, threads, error, shape.before)
        if plan.file is not None and plan.body is not None:
            _add_file(made, plan, plan.file, plan.body, job)
        if shape.guess is not None:
            made.fields["guess"] = shape.guess
            made.add("guess", shape.chunks)
    with clock.stage("write"):
        header = replace(_header(plan, get_codec(options.codec).id, coded.stream), **made.fields)
        pieces: list[bytes] = []
        writer, side = ChunkWriter(pieces.append), coded.side_bits | made.bits
        motion = None if shape.referring is None else shape.referring.motion
        if shape.referring is not None and motion is not None:
            header = replace(header, reference=1, inter_weights=shape.referring.weights_id)
        writer.add(Kind.HEADER, pack_header(header))
        if motion is not None:
            writer.add(Kind.MOTION, motion)
            side["motion"] = 8.0 * len(motion)
        side |= _write_geometry(writer, shape.base, coded, made.counts)
        for chunk in made.chunks:
            writer.add(chunk.kind, chunk.payload, component=chunk.component, part=chunk.part)
        writer.finish()
        data = b"".join(pieces)
    job.check()
    stream = StreamReader(open_source(data))  # what is written must be readable
    if shape.guess is not None and header.points > most_guessed(len(data)):
        reason = f"{header.points:,} points of {len(data):,} bytes are too many; leave fewer levels out"
        raise InputError(reason, field="drop levels")
    by_block = bits_of_blocks(coded.blocks, plan.voxels.coords, rows, range(len(rows)), made.placed)
    bits = bit_balance(stream, coded, side)
    color = made.colors[0] if made.colors else None
    owners, archive = components(stream), archive_info(stream)
    done = Encoded(data, header, coded, bits, plan, owners, by_block, archive, color, shape, made.learned)
    return done if plan.file is None else _smallest(done, plan, plan.file, options, job, clock)


def _smallest(
    done: Encoded, plan: Plan, file: Source, options: CodecOptions, job: JobContext, clock: Stopwatch
) -> Encoded:
    """The smallest stream of a file: by its voxels, by its rows, or as it is."""
    found = [done]
    assert plan.points is not None
    cloud = plan.points.cloud
    if has_rows(cloud) and expected_bytes(cloud, job) < len(done.data):
        found.append(_encode_rows(plan, file, options, job, clock))
    best = min(found, key=lambda one: len(one.data))
    if not may_be_smaller(file, len(best.data), job):
        return best
    return _encode_whole(plan, file, options, job, clock, len(best.data) - 1) or best


def _encode_rows(
    plan: Plan, file: Source, options: CodecOptions, job: JobContext, clock: Stopwatch
) -> Encoded:
    """A stream of the points in the order of their file."""
    assert plan.points is not None and plan.body is not None
    with clock.stage("rows"):
        made = encode_rows(plan.points.cloud, job, options.threads)
        made.add("file", [_file_chunk(pack_body(file, plan.body, job))])
    nothing = get_codec(options.codec).encode(VoxelCloud(np.empty((0, 3), np.int32), 1), options, job)
    header = replace(_header(plan, get_codec(options.codec).id, nothing.stream), **made.fields)
    header = replace(header, depth=nothing.stream.depth, points=0)
    pieces: list[bytes] = []
    writer = ChunkWriter(pieces.append)
    writer.add(Kind.HEADER, pack_header(header))
    for chunk in made.chunks:
        writer.add(chunk.kind, chunk.payload, component=chunk.component, part=chunk.part)
    writer.finish()
    data = b"".join(pieces)
    stream = StreamReader(open_source(data))
    bits = bit_balance(stream, nothing, made.bits)
    return Encoded(data, header, nothing, bits, plan, components(stream), archive=archive_info(stream))


def _encode_whole(
    plan: Plan,
    file: Source,
    options: CodecOptions,
    job: JobContext,
    clock: Stopwatch,
    most: int | None = None,
) -> Encoded | None:
    """A stream that holds a file as it is; None where that takes more than `most` bytes."""
    with clock.stage("file"):
        held = pack_whole(file, plan.held, job, most)
    if held is None:
        return None
    pieces: list[bytes] = []
    writer = ChunkWriter(pieces.append)
    writer.add(Kind.FILE, held.payload, component=held.points, part=held.ending)
    writer.finish()
    data = b"".join(pieces)
    if most is not None and len(data) > most:
        return None
    nothing = get_codec(options.codec).encode(VoxelCloud(np.empty((0, 3), np.int32), 1), options, job)
    stream = StreamReader(open_source(data))
    bits = bit_balance(stream, nothing, {"file": 8.0 * len(held.payload)})
    return Encoded(data, stream.header, nothing, bits, plan, components(stream), archive=archive_info(stream))


def _file_chunk(held: FileChunk) -> Chunk:
    return Chunk(Kind.FILE, held.payload, held.points, held.ending)


def _add_file(made: CodedPoints, plan: Plan, file: Source, body: Body, job: JobContext) -> None:
    """What makes the points their file, too."""
    assert plan.points is not None
    done, cloud = plan.points.done, plan.points.cloud
    rows = np.concatenate([done.order, done.placed.strays])
    order = encode_order(rows, [column[rows] for column in axis_columns(cloud)])
    made.add("order", [Chunk(Kind.ORDER, order)])
    made.add("file", [_file_chunk(pack_body(file, body, job))])


def _header(plan: Plan, codec_id: int, coded: GeometryStream) -> Header:
    voxels, points = plan.voxels, plan.points
    whole = Header(
        codec_id=codec_id,
        depth=voxels.depth,
        points=len(voxels),
        input_points=plan.source_voxels or len(voxels),
        coordinate_type=voxels.coordinate_type,
        transform=voxels.transform,
        weights_id=coded.weights_id,
        params=coded.params,
        level=plan.level,
        grid=_grid(voxels),
    )
    if points is None:
        return whole
    cloud, report = points.cloud, points.done.report
    still = plan.level not in (VOXELS, LOSSY) or (report.exact and not report.merged)
    return replace(
        whole,
        input_points=len(cloud),
        scale=cloud.scale,
        offset=cloud.offset,
        format=cloud.info.format,
        dropped=plan.dropped,
        moved=None if still else Moved(report.moved_mean, report.moved_max, report.merged),
    )


def _grid(voxels: VoxelCloud) -> Grid:
    return voxels.grid or _grid_of(voxels)


def _grid_of(voxels: VoxelCloud) -> Grid:
    """The grid of voxels that come from no file: what their transform means in doubles."""
    names = ("float", "double", "char", "uchar", "short", "ushort", "int", "uint", "half", "long", "ulong")
    dtype = np.dtype(TYPE_CODES[names.index(voxels.coordinate_type)])
    if voxels.transform == Transform():
        return Grid((Lattice(INTEGER),) * 3, voxels.depth, (dtype,) * 3)
    pairs = zip(voxels.transform.origin, voxels.transform.steps, strict=True)
    x, y, z = (Lattice(REGULAR, origin=origin, scale=step) for origin, step in pairs)
    return Grid((x, y, z), voxels.depth, (dtype,) * 3)


def _write_geometry(
    writer: ChunkWriter, base: VoxelCloud, coded: EncodedGeometry, counts: list[bytes]
) -> dict[str, float]:
    """The slice table, the geometry, and how many points the voxels of each slice have; the bits by owner."""
    stream, side = coded.stream, dict[str, float]()
    points = [section.points for section in stream.sections if section.kind != SECTION_TREE]
    if len(points) > 1:
        table = table_of(base.coords, coded.slice_of, points, stream.depth)
        chunk = writer.add(Kind.TABLE, pack_table(table, stream.depth))
        side["table of slices"] = 8.0 * chunk.length
    number = 0
    for section in stream.sections:
        if section.kind == SECTION_TREE:
            writer.add(Kind.TREE, section.payload)
            continue
        writer.add(Kind.SLICE, varint(section.points) + section.payload, part=number)
        if len(section.payload) >= LEVELS_FROM and coded.level_ends:
            levels = pack_levels(section.payload, coded.level_ends[number])
            side["levels"] = (
                side.get("levels", 0.0) + 8.0 * writer.add(Kind.LEVELS, levels, part=number).length
            )
        if counts:
            writer.add(Kind.COUNTS, counts[number], part=number)
        number += 1
    if counts:
        side["duplicates"] = 8.0 * sum(map(len, counts))
    return side
