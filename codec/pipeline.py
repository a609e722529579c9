"""What one call does: the stages from a cloud to a stream and back. Each stage owns its bits.

Encoding: the plan (what comes back, on which grid), geometry, how many points each voxel has, points off the
grid. Decoding goes the same way back.
"""

from __future__ import annotations

import zlib
from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np

from .blocks import BlockPlace, VoxelProbabilities
from .cloud.cloud import PointCloud, Transform, VoxelCloud, VoxelizationReport
from .cloud.columns import FileInfo
from .cloud.grid import Grid, OnGrid, exact_grid
from .cloud.lattice import INTEGER, REGULAR, Lattice
from .cloud.morton import is_morton_sorted
from .cloud.records import axis_columns
from .cloud.voxelize import Voxelized, merged, voxelized
from .codecs.interface import (
    SECTION_TREE,
    DecodedGeometry,
    EncodedGeometry,
    GeometryStream,
    ProbabilityCodec,
    Section,
)
from .codecs.registry import get_codec, get_codec_by_id
from .errors import CorruptStreamError, InputError, check_type
from .files.source import Source, open_source
from .job import JobContext
from .options import CloudOptions, CodecOptions
from .provenance import Stopwatch
from .report import BitBalance
from .stream.accounting import bit_balance
from .stream.bytes import varint
from .stream.chunks import ChunkWriter, Kind
from .stream.header import RECORDS, TYPE_CODES, VOXELS, Header, Moved, pack_header
from .stream.reader import StreamReader


@dataclass(frozen=True)
class Plan:
    """What is coded of a cloud, and what comes back. cloud: None for voxels that were given as such."""

    level: str
    voxels: VoxelCloud
    done: Voxelized | None = None
    cloud: PointCloud | None = None

    @property
    def report(self) -> VoxelizationReport | None:
        """What voxelization did; None for voxels that were given as such."""
        return self.done.report if self.done else None


@dataclass(frozen=True)
class Encoded:
    """A cloud that went through all stages. data: the whole stream."""

    data: bytes
    header: Header
    geometry: EncodedGeometry
    bits: BitBalance


@dataclass(frozen=True)
class Decoded:
    """A stream that went through all stages. points and bytes: of what was decoded. cloud: its points."""

    header: Header
    geometry: DecodedGeometry
    cloud: PointCloud
    points: int
    bytes: int
    bits: BitBalance


def plan_for(cloud: PointCloud, chosen: CloudOptions, job: JobContext) -> Plan:
    """What comes back of a cloud, by the options and by where its coordinates lie.

    Raises InputError where the options ask for what cannot be; CancelledError.
    """
    if chosen.nan == "error":
        _refuse_nan(cloud)
    by_grid = chosen.depth is not None or chosen.voxel_size is not None
    if chosen.keep == "records" and by_grid:
        raise InputError("records have no choice of a grid; use --keep voxels", field="keep")
    if chosen.keep == "voxels" or by_grid:
        done = voxelized(cloud, chosen.depth, chosen.voxel_size, job)
        return Plan(VOXELS, done.voxels, done, cloud)
    if cloud.attributes and chosen.keep == "auto":
        done = voxelized(cloud, None, None, job)
        return Plan(VOXELS, done.voxels, done, cloud)
    exact = exact_grid(cloud, job)
    reason = exact if isinstance(exact, str) else ""
    if cloud.attributes:
        reason = reason or f"properties are not stored yet: {', '.join(cloud.attributes)}"
    if isinstance(exact, OnGrid) and not reason:
        done = merged(cloud, exact, job)
        return Plan(RECORDS, done.voxels, done, cloud)
    if chosen.keep == "records":
        raise InputError(f"the records cannot be kept: {reason}", path=cloud.source, field="keep")
    done = voxelized(cloud, None, None, job)
    return Plan(VOXELS, done.voxels, done, cloud)


def _refuse_nan(cloud: PointCloud) -> None:
    finite = np.isfinite(cloud.coords).all(axis=1)
    if not finite.all():
        row = int(np.argmin(finite))
        raise InputError(
            f"point {row} has a coordinate that is not a finite number", path=cloud.source, field="positions"
        )


def encode_plan(plan: Plan, options: CodecOptions, job: JobContext, clock: Stopwatch) -> Encoded:
    """All stages. Raises WeightsError, CancelledError."""
    codec = get_codec(options.codec)
    with clock.stage("encode"):
        coded = codec.encode(plan.voxels, options, job)
    with clock.stage("write"):
        header = _header(plan, codec.id, coded.stream)
        pieces: list[bytes] = []
        writer, side = ChunkWriter(pieces.append), dict(coded.side_bits)
        writer.add(Kind.HEADER, pack_header(header))
        _write_geometry(writer, coded.stream.sections)
        if plan.done and plan.level == RECORDS:
            side |= _write_records(writer, plan.done, plan.cloud)
        writer.finish()
        data = b"".join(pieces)
    job.check()
    stream = StreamReader(open_source(data))  # what is written must be readable
    return Encoded(data, header, coded, bit_balance(stream, coded.blocks, side))


def _header(plan: Plan, codec_id: int, coded: GeometryStream) -> Header:
    cloud, done, voxels = plan.cloud, plan.done, plan.voxels
    whole = Header(
        codec_id=codec_id,
        depth=coded.depth,
        points=coded.points,
        input_points=len(cloud) if cloud is not None else coded.points,
        coordinate_type=voxels.coordinate_type,
        transform=voxels.transform,
        weights_id=coded.weights_id,
        params=coded.params,
        level=plan.level,
        grid=voxels.grid or _grid_of(voxels),
    )
    if cloud is None or done is None:
        return replace(whole, dropped=() if voxels.colors is None else ("red", "green", "blue"))
    report = done.report
    moved = (
        None
        if report.exact and not report.merged
        else Moved(report.moved_mean, report.moved_max, report.merged)
    )
    records = plan.level == RECORDS
    return replace(
        whole,
        counted=records and done.counts is not None,
        strays=len(done.placed.strays) if records else 0,
        scale=cloud.scale,
        offset=cloud.offset,
        format=cloud.info.format,
        dropped=report.dropped,
        moved=None if records else moved,
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


def _write_records(writer: ChunkWriter, done: Voxelized, cloud: PointCloud | None) -> dict[str, float]:
    """What makes points of the voxels; the bits by owner."""
    side = {}
    if done.counts is not None:
        from .coding.counts import encode_counts  # compiles: only where there are counts

        payload = encode_counts(done.counts)
        writer.add(Kind.COUNTS, payload)
        side["duplicates"] = 8.0 * len(payload)
    rows = done.placed.strays
    if cloud is not None and len(rows):
        raw = b"".join(column[rows].tobytes() for column in axis_columns(cloud))
        payload = zlib.compress(raw, 9)
        writer.add(Kind.STRAYS, payload)
        side["strays"] = 8.0 * len(payload)
    return side


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
    with clock.stage("records"):
        cloud, side = _points_of(stream, decoded, wanted)
    bits = bit_balance(stream, decoded.blocks, {**decoded.side_bits, **side}, unread)
    return Decoded(header, decoded, cloud, points, size, bits)


def _points_of(
    stream: StreamReader, decoded: DecodedGeometry, wanted: tuple[int, ...] | None
) -> tuple[PointCloud, dict[str, float]]:
    """The points that a stream holds, by voxel, and after them those off the grid; the bits by owner."""
    header, side = stream.header, dict[str, float]()
    grid, cells = header.grid, decoded.coords
    assert grid is not None
    if header.level == RECORDS and header.counted:
        from .coding.counts import decode_counts

        payload = stream.needed(Kind.COUNTS)
        side["duplicates"] = 8.0 * len(payload)
        counts = decode_counts(payload, header.points, header.input_points - header.strays)
        if wanted is not None:
            counts = np.concatenate([np.empty(0, np.int64), *(counts[p] for p in _places(stream, wanted))])
        cells = np.repeat(cells, counts, axis=0)
    coords = grid.coords(cells)
    if header.strays and wanted is None:
        payload = stream.needed(Kind.STRAYS)
        side["strays"] = 8.0 * len(payload)
        coords = np.concatenate([coords, _strays(payload, header.strays, grid)])
    types = grid.types if len(set(grid.types)) > 1 else None
    info = FileInfo(header.format)
    scale, offset = header.scale, header.offset
    return PointCloud(coords, scale=scale, offset=offset, axis_types=types, info=info), side


def _places(stream: StreamReader, wanted: tuple[int, ...]) -> list[slice]:
    """Where the voxels of slices lie among all."""
    ends = np.cumsum([0, *(entry.points for entry in stream.slices)])
    return [slice(int(ends[k]), int(ends[k + 1])) for k in wanted]


def _strays(payload: bytes, count: int, grid: Grid) -> np.ndarray[tuple[int, int], np.dtype[np.generic]]:
    """(count, 3) stored numbers."""
    size = count * sum(kind.itemsize for kind in grid.types)
    inflate = zlib.decompressobj()
    try:
        raw = inflate.decompress(payload, size + 1)
    except zlib.error as error:
        raise CorruptStreamError(f"not a deflated block: {error}", field="strays") from None
    if len(raw) != size or not inflate.eof or inflate.unused_data:
        raise CorruptStreamError(f"not the numbers of {count:,} points", field="strays")
    columns, at = [], 0
    for kind in grid.types:
        columns.append(np.frombuffer(raw, kind.newbyteorder("<"), count, at))
        at += count * kind.itemsize
    return np.stack([column.astype(np.result_type(*grid.types)) for column in columns], axis=1)


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
    check_type(slices, Collection, "a collection of numbers", "slices")
    for number in slices:
        check_type(number, (int, np.integer), "a whole number", "slices")
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
