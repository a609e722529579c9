"""The stages from a cloud to a stream. Each stage owns its bits.

They are the plan (what comes back, on which grid), geometry, how many points each voxel has, points off the
grid. `decoding` goes the same way back.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace

import numpy as np

from .arrays import Int64Array
from .cloud.cloud import PointCloud, Transform, VoxelCloud, VoxelizationReport
from .cloud.grid import Grid, OnGrid, exact_grid
from .cloud.lattice import INTEGER, REGULAR, Lattice
from .cloud.records import axis_columns
from .cloud.voxelize import Voxelized, merged, voxelized
from .codecs.interface import SECTION_TREE, EncodedGeometry, GeometryStream
from .codecs.registry import get_codec
from .errors import InputError
from .files.source import open_source
from .job import JobContext
from .options import CloudOptions, CodecOptions
from .provenance import Stopwatch
from .report import BitBalance
from .stream.accounting import bit_balance
from .stream.bytes import varint
from .stream.chunks import ChunkWriter, Kind
from .stream.header import RECORDS, TYPE_CODES, VOXELS, Header, Moved, most_points, pack_header
from .stream.reader import StreamReader
from .stream.slice_table import pack_table, rows_of_slices, table_of

FEW_POINTS = 16  # up to which a cloud off every lattice is stored number by number


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
    if isinstance(exact, str) and len(cloud) <= FEW_POINTS:
        exact = _off_grid(cloud)
    reason = exact if isinstance(exact, str) else ""
    if cloud.attributes:
        reason = reason or f"properties are not stored yet: {', '.join(cloud.attributes)}"
    if isinstance(exact, OnGrid) and not reason:
        done = merged(cloud, exact, job)
        if int(np.count_nonzero(exact.on)) <= most_points(len(done.voxels)):
            return Plan(RECORDS, done.voxels, done, cloud)
        reason = "too many points share a voxel"
    if chosen.keep == "records":
        raise InputError(f"the records cannot be kept: {reason}", path=cloud.source, field="keep")
    done = voxelized(cloud, None, None, job)
    return Plan(VOXELS, done.voxels, done, cloud)


def _off_grid(cloud: PointCloud) -> OnGrid:
    """A grid on which no point lies: all are strays."""
    types = cloud.axis_types or (cloud.coords.dtype,) * 3
    grid = Grid((Lattice(INTEGER),) * 3, 1, types)
    return OnGrid(grid, np.empty((0, 3), np.int64), np.zeros(len(cloud), bool))


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
        side |= _write_parts(writer, plan, coded)
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


def _write_parts(writer: ChunkWriter, plan: Plan, coded: EncodedGeometry) -> dict[str, float]:
    """The slice table, the geometry, and what makes points of the voxels; the bits by owner."""
    counts = plan.done.counts if plan.done is not None and plan.level == RECORDS else None
    stream, side = coded.stream, dict[str, float]()
    points = [section.points for section in stream.sections if section.kind != SECTION_TREE]
    rows = rows_of_slices(range(len(points)), points, coded.slice_of)
    if len(points) > 1:
        table = table_of(plan.voxels.coords, coded.slice_of, points, stream.depth)
        chunk = writer.add(Kind.TABLE, pack_table(table, stream.depth))
        side["table of slices"] = 8.0 * chunk.length
    number = 0
    for section in stream.sections:
        if section.kind == SECTION_TREE:
            writer.add(Kind.TREE, section.payload)
            continue
        writer.add(Kind.SLICE, varint(section.points) + section.payload, part=number)
        if counts is not None:
            chunk = writer.add(Kind.COUNTS, _counts_payload(counts[rows[number]]), part=number)
            side["duplicates"] = side.get("duplicates", 0.0) + 8.0 * chunk.length
        number += 1
    strays = b"" if plan.done is None or plan.level != RECORDS else _strays(plan.done, plan.cloud)
    if strays:
        writer.add(Kind.STRAYS, strays)
        side["strays"] = 8.0 * len(strays)
    return side


def _counts_payload(counts: Int64Array) -> bytes:
    """How many points the voxels of one slice have."""
    from .coding.counts import encode_counts  # compiles: only where there are counts

    return varint(int(counts.sum())) + encode_counts(counts)


def _strays(done: Voxelized, cloud: PointCloud | None) -> bytes:
    """The stored numbers of the points off the grid."""
    rows = done.placed.strays
    if cloud is None or not len(rows):
        return b""
    return zlib.compress(b"".join(column[rows].tobytes() for column in axis_columns(cloud)), 9)
