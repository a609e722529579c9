"""The stages from a cloud to a stream. Each stage owns its bits.

They are the plan (what comes back, on which grid), geometry, points (how many each voxel has, their
properties, those off the grid), and the file that they came from. `decoding` goes the same way back.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from .archive import Body, FileChunk, archive_info, body_of, may_be_smaller, pack_body, pack_whole
from .arrays import FloatArray
from .block_bits import bits_of_blocks
from .cloud.cloud import PointCloud, Transform, VoxelCloud, VoxelizationReport
from .cloud.columns import Column
from .cloud.grid import Grid, exact_grid
from .cloud.lattice import INTEGER, REGULAR, Lattice
from .cloud.records import axis_columns
from .cloud.rough import rough_grid
from .cloud.voxelize import merged, voxelized
from .codecs.interface import SECTION_TREE, EncodedGeometry, GeometryStream, LevelCodec
from .codecs.registry import get_codec
from .coding.bytes import varint
from .errors import InputError
from .files.source import Source, open_source
from .job import JobContext
from .lossy.levels import grown_blocks, thinned, upsampler
from .lossy.partly import PartlyGuessed
from .lossy.stage import Coded, Grown, grow
from .options import CloudOptions, CodecOptions
from .order import encode_order
from .points import Chunk, CodedPoints, Points, encode_colors, encode_points
from .provenance import Stopwatch
from .report import ArchiveInfo, BitBalance, ColorLoss
from .rows import encode_rows, expected_bytes, has_rows
from .stream.accounting import bit_balance, components
from .stream.chunks import ChunkWriter, Kind
from .stream.header import FILE, LOSSY, MOST_GUESSED, RECORDS, VOXELS, Header, Moved, most_points, pack_header
from .stream.level_ends import LEVELS_FROM, pack_levels
from .stream.reader import StreamReader
from .stream.schema import TYPE_CODES
from .stream.slice_table import pack_table, rows_of_slices, table_of


@dataclass(frozen=True)
class Plan:
    """What is coded of a cloud, and what comes back.

    points: None for voxels that were given as such. dropped: names of the properties that are left out.
    file: of level "file", what comes back. body: its rows; None where all of it is stored as it is. held:
    points of the file. color_error: how far integer colours may be off. levels: of level "lossy", how many
    are left to the decoder to guess; share: of the nodes of the level above these whose children are, too.
    """

    level: str
    voxels: VoxelCloud
    points: Points | None = None
    dropped: tuple[str, ...] = ()
    file: Source | None = None
    body: Body | None = None
    held: int = 0
    color_error: int = 0
    levels: int = 0
    share: float = 0.0

    @property
    def report(self) -> VoxelizationReport | None:
        """What voxelization did; None for voxels that were given as such."""
        if self.points is None:
            return None
        report = replace(self.points.done.report, dropped=self.dropped)
        if self.level in (VOXELS, LOSSY):
            return report
        return replace(report, moved_mean=0.0, moved_max=0.0, exact=True)


@dataclass(frozen=True)
class Encoded:
    """A cloud that went through all stages.

    data: the whole stream. components: its bytes by owner. block_bits: (B,) bits of the blocks, by component.
    archive: of level "file". color: what colours lost, where they may be off. plan: with what came of it.
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


def plan_for(
    cloud: PointCloud,
    chosen: CloudOptions,
    job: JobContext,
    file: Source | None = None,
    codec: str = CodecOptions().codec,
) -> Plan:
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
    if chosen.drop_levels and chosen.keep in ("records", "file"):
        raise InputError(f"to keep {chosen.keep} leaves no levels out", field="drop levels")
    if chosen.keep == "file":
        if file is None:
            raise InputError("to keep a file takes a file: this cloud comes from none", field="keep")
        if chosen.drop:
            reason = (
                "a file that comes back byte for byte has all its properties; use --keep records to drop some"
            )
            raise InputError(reason, field="drop")
        if chosen.color_error:
            reason = "a file that comes back byte for byte has its colours; use --keep records"
            raise InputError(reason, field="color error")
        return _plan_file(cloud, file, job)
    if chosen.keep == "voxels" or by_grid or chosen.drop_levels:
        done = voxelized(cloud, chosen.depth, chosen.voxel_size, job)
        plan = Plan(VOXELS, done.voxels, Points(cloud, done, columns), dropped)
        plan = with_levels(plan, chosen.drop_levels, codec)
    else:
        plan = _plan_records(cloud, columns, dropped, job)
    return replace(plan, color_error=chosen.color_error)


def with_levels(plan: Plan, dropped: float, codec: str) -> Plan:
    """A plan of voxels with so many levels left to guess; as many as there are, of a cloud of fewer.

    dropped: a fraction is the share of the nodes of one more level whose children are guessed. Raises
    InputError where the codec cannot code the others.
    """
    if not 0 <= dropped <= MOST_GUESSED:
        raise InputError(f"{dropped:g} levels are outside 0 to {MOST_GUESSED}", field="drop levels")
    levels, share = int(dropped), dropped - int(dropped)
    if share and not isinstance(get_codec(codec), LevelCodec):
        raise InputError(f"codec {codec} codes whole levels, not {dropped:g}", field="drop levels")
    most = plan.voxels.depth - 1
    if levels >= most:
        levels, share = most, 0.0
    if not len(plan.voxels) or not (levels or share):
        return plan
    return replace(plan, level=LOSSY, levels=levels, share=share)


def _plan_file(cloud: PointCloud, file: Source, job: JobContext) -> Plan:
    body = body_of(file, cloud, job) if len(cloud) else None
    if body is None:
        empty = VoxelCloud(np.empty((0, 3), np.int32), 1)
        return Plan(FILE, empty, None, (), file, held=len(cloud))
    records = _plan_records(cloud, dict(cloud.attributes), (), job)
    return replace(records, level=FILE, file=file, body=body, held=len(cloud))


def _plan_records(
    cloud: PointCloud, columns: dict[str, Column], dropped: tuple[str, ...], job: JobContext
) -> Plan:
    placed = exact_grid(cloud, job)
    if isinstance(placed, str):
        rough = rough_grid(cloud, job)
        done = merged(cloud, rough.placed, job)
        points = Points(cloud, done, columns, rough.rests, rough.modes)
    else:
        done = merged(cloud, placed, job)
        points = Points(cloud, done, columns)
    if len(done.placed.cells) > most_points(len(done.voxels)):
        raise InputError("too many points share a voxel; use --keep voxels", path=cloud.source, field="keep")
    return Plan(RECORDS, done.voxels, points, dropped)


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
    if plan.file is not None and plan.body is None:
        whole = _encode_whole(plan, plan.file, options, job, clock)
        assert whole is not None  # there is no limit
        return whole
    codec = get_codec(options.codec)
    lossy = plan.level == LOSSY
    base = thinned(plan.voxels, plan.levels) if lossy else plan.voxels
    with clock.stage("encode"):
        partly = None
        if plan.share and isinstance(codec, LevelCodec):
            partly = PartlyGuessed(upsampler(options), plan.levels, job, plan.share)
            coded = codec.encode(base, options, job, partly)
            base = replace(base, coords=base.coords if coded.coords is None else coded.coords)
        else:
            coded = codec.encode(base, options, job)
    sizes = [s.points for s in coded.stream.sections if s.kind != SECTION_TREE]
    rows = rows_of_slices(range(len(sizes)), sizes, coded.slice_of)
    grown: Grown | None = None
    if lossy:
        with clock.stage("guess"):
            grown = grow(plan.voxels, Coded(base, rows, partly), plan.points, options, job)
        plan, rows = replace(plan, voxels=grown.voxels, points=grown.points), grown.rows
        coded = replace(coded, blocks=grown_blocks(coded.blocks, grown.voxels.coords, plan.levels))
    with clock.stage("points"):
        made = CodedPoints()
        if plan.points is not None:
            made = encode_points(plan.points, plan.level, rows, job, options.threads, plan.color_error)
        elif plan.voxels.colors is not None:
            made = encode_colors(plan.voxels, rows, job, options.threads, plan.color_error)
        if plan.file is not None and plan.body is not None:
            _add_file(made, plan, plan.file, plan.body, job)
        if grown is not None:
            made.fields["guess"] = grown.header
            made.add("guess", grown.chunks)
    with clock.stage("write"):
        header = replace(_header(plan, codec.id, coded.stream), **made.fields)
        pieces: list[bytes] = []
        writer, side = ChunkWriter(pieces.append), coded.side_bits | made.bits
        writer.add(Kind.HEADER, pack_header(header))
        side |= _write_geometry(writer, base, coded, made.counts)
        for chunk in made.chunks:
            writer.add(chunk.kind, chunk.payload, component=chunk.component, part=chunk.part)
        writer.finish()
        data = b"".join(pieces)
    job.check()
    stream = StreamReader(open_source(data))  # what is written must be readable
    by_block = bits_of_blocks(coded.blocks, plan.voxels.coords, rows, range(len(rows)), made.placed)
    bits = bit_balance(stream, coded.blocks, side)
    color = made.colors[0] if made.colors else None
    done = Encoded(data, header, coded, bits, plan, components(stream), by_block, archive_info(stream), color)
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
    pieces: list[bytes] = []
    writer = ChunkWriter(pieces.append)
    writer.add(Kind.HEADER, pack_header(header))
    for chunk in made.chunks:
        writer.add(chunk.kind, chunk.payload, component=chunk.component, part=chunk.part)
    writer.finish()
    data = b"".join(pieces)
    stream = StreamReader(open_source(data))
    bits = bit_balance(stream, nothing.blocks, made.bits)
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
    bits = bit_balance(stream, nothing.blocks, {"file": 8.0 * len(held.payload)})
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
        input_points=len(voxels),
        coordinate_type=voxels.coordinate_type,
        transform=voxels.transform,
        weights_id=coded.weights_id,
        params=coded.params,
        level=plan.level,
        grid=voxels.grid or _grid_of(voxels),
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
