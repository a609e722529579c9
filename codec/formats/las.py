"""Point clouds from and to LAS and LAZ files, COPC included."""

from __future__ import annotations

import struct
from collections.abc import Generator, Mapping
from functools import partial

import numpy as np

from octavox.codec.cloud.cloud import PointCloud
from octavox.codec.cloud.columns import Array, Column, FileInfo
from octavox.codec.coding.bytes import ByteReader, varint
from octavox.codec.errors import InputError
from octavox.codec.files.source import Source
from octavox.codec.job import JobContext

from .framing import Frame, RowWriter, plain_columns, table_rows
from .las_layout import LasHeader, bits_of, extra_scaling, read_extended, read_header
from .las_write import LasExtra
from .las_write import write_las_file as write
from .laz import Decompressor, packed_rows
from .registry import ReadOptions
from .tables import PackedTable, RowTable, Runs, empty_columns, read_rows, whole_table

__all__ = ["LasExtra", "frame", "packed", "read", "sample", "size_of", "table", "write"]

_AXES = ("X", "Y", "Z")
_PLACES = 32  # of a LAZ file, from which points are taken
_CHUNK = 50_000  # points that LAZ packs together, as a rule
_LAZ_FROM = 4_000_000  # points: each place costs the unpacking of a chunk of some 50,000


def read(source: Source, job: JobContext, options: ReadOptions) -> PointCloud:
    """A cloud from a LAS or LAZ file: the stored integers with scale and offset, every dimension as stored.

    Bit fields are columns of their own, uint8. Dimensions of extra bytes keep their stored numbers; scales
    and offsets of these are in `info.extra`, as are header, VLRs and EVLRs, for writing.
    Raises InputError naming file, field and byte; CancelledError.
    """
    header = read_header(source)
    if header.compressed:
        columns = _read_laz(header, source, job)
    else:
        need = header.points * header.record_length
        if header.body + need > source.size:
            have = source.size - header.body
            reason = f"truncated: {header.points:,} points need {need:,} bytes, {have:,} are there"
            raise InputError(reason, path=source.name, field="number of points", byte=header.body)
        columns = read_rows(source, header.body, header.points, header.fields, job)
    return _cloud(header, columns, source)


def frame(source: Source, notes: bytes | None = None) -> Frame | None:
    """The records of a file; of LAZ the chunks without their table.

    notes: how many points each chunk has.
    """
    header = read_header(source)

    def columns(cloud: PointCloud) -> dict[str, Array]:
        found = plain_columns(cloud)
        found |= {axis: found[axis.lower()] for axis in _AXES}
        for name, bits in bits_of(header.point_format).items():
            whole = np.zeros(len(cloud), np.uint8)
            for part, lowest, _ in bits:
                whole |= found[part].astype(np.uint8) << lowest
            found[name] = whole
        return found

    rows = table_rows(list(header.fields), columns)
    if header.compressed:
        return _packed_frame(rows, header, source, notes)
    return Frame(header.body, header.body + header.points * header.record_length, rows)


def _packed_frame(rows: RowWriter, header: LasHeader, source: Source, notes: bytes | None) -> Frame:
    start = header.body + 8  # after the place of the table
    if notes is None:
        with Decompressor(header, source) as packed:
            points, stop = packed.points_of_chunks, start + sum(size for _, size in packed.chunks)
    else:
        reader, points, stop = ByteReader(notes), list[int](), start
        while reader.left:
            points.append(reader.varint("file", header.points))
    own = b"".join(map(varint, points))
    return Frame(start, stop, packed_rows(rows, header, points), notes=own)


def sample(source: Source, points: int) -> PointCloud | None:
    """See `read_sample`. Of LAZ, runs of points from many places."""
    header = read_header(source)
    if points < 1 or header.points < 2 * points:
        return None
    if not header.compressed:
        found = _table(header, source)
        return None if found is None else found.sample(source, points)
    if header.points < _LAZ_FROM:
        return None
    return _cloud(header, _sample_laz(header, source, points), source)


def table(source: Source) -> RowTable | None:
    """See `Format.table`; None of LAZ."""
    header = read_header(source)
    return None if header.compressed else _table(header, source)


def packed(source: Source) -> PackedTable | None:
    """See `Format.packed`: the points of LAZ."""
    header = read_header(source)
    if not header.compressed:
        return None

    def unpack(runs: Runs, job: JobContext, step: int) -> Generator[Array, None, None]:
        with Decompressor(header, source) as packed:
            for first, count in runs:
                packed.seek(first)
                yield from packed.pieces(job, count, step)

    with Decompressor(header, source):  # which looks at chunks and sizes
        made = partial(_cloud, header, source=source)
    return PackedTable(RowTable(0, header.points, tuple(header.fields), made, _AXES), unpack, _CHUNK)


def _table(header: LasHeader, source: Source) -> RowTable | None:
    def make(columns: dict[str, Array]) -> PointCloud:
        return _cloud(header, columns, source)

    return whole_table(source, header.body, header.points, header.fields, make, _AXES)


def size_of(head: bytes) -> int | None:
    """Bytes of a file that begins like this, up to its last point; None for LAZ, and where EVLRs follow."""
    if len(head) < 375 or head[104] & 0xC0 or (head[25] >= 4 and any(head[243:247])):
        return None
    (body,) = struct.unpack_from("<I", head, 96)
    length, legacy = struct.unpack_from("<HI", head, 105)
    points = (struct.unpack_from("<Q", head, 247)[0] if head[25] >= 4 else 0) or legacy
    return int(body + points * length)


def _cloud(header: LasHeader, columns: Mapping[str, Array], source: Source) -> PointCloud:
    coords = np.empty((len(columns["X"]), 3), np.int32)
    for k, axis in enumerate(_AXES):
        coords[:, k] = columns[axis]
    bits = bits_of(header.point_format)
    attributes: dict[str, Column] = {}
    for f in header.fields[3:]:
        if f.name not in bits:
            attributes[f.name] = columns[f.name]
            continue
        for name, lowest, count in bits[f.name]:
            attributes[name] = (columns[f.name] >> lowest) & ((1 << count) - 1)
    extra = LasExtra(
        header.block, header.records, header.gap, read_extended(source, header), header.fields,
        extra_scaling(header),
    )  # fmt: skip
    return PointCloud(
        coords,
        attributes=attributes,
        scale=header.scale,
        offset=header.offset,
        info=FileInfo("LAS", extra=extra),
        source=source.name,
    )


def _read_laz(header: LasHeader, source: Source, job: JobContext) -> dict[str, Array]:
    if not header.points:
        return empty_columns(header.fields, 0)
    at = 0
    with Decompressor(header, source) as packed:  # which has looked at the number of points
        columns = empty_columns(header.fields, header.points)
        for rows in packed.pieces(job, header.points):
            for k, f in enumerate(header.fields):
                columns[f.name][at : at + len(rows)] = rows[f"f{k}"]
            at += len(rows)
    return columns


def _sample_laz(header: LasHeader, source: Source, points: int) -> dict[str, Array]:
    share = -(-points // _PLACES)
    columns = empty_columns(header.fields, _PLACES * share)
    with Decompressor(header, source) as packed:
        for place in range(_PLACES):
            packed.seek(place * (header.points - share) // _PLACES)
            (rows,) = packed.pieces(JobContext(), share, share)
            for k, f in enumerate(header.fields):
                columns[f.name][place * share : (place + 1) * share] = rows[f"f{k}"]
    return columns
