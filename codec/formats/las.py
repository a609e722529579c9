"""Point clouds from and to LAS and LAZ files, COPC included."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from octavox.codec.cloud.cloud import PointCloud
from octavox.codec.cloud.columns import Array, Column, FileInfo
from octavox.codec.errors import InputError
from octavox.codec.files.source import Source
from octavox.codec.job import JobContext

from .las_layout import LASZIP, LasHeader, bits_of, extra_scaling, read_extended, read_header
from .las_write import LasExtra
from .las_write import write_las_file as write
from .registry import ReadOptions
from .tables import empty_columns, read_rows, row_dtype, sample_rows

__all__ = ["LasExtra", "read", "sample", "size_of", "write"]

_AXES = ("X", "Y", "Z")
_EXPANSION = 10_000  # what LAZ makes of points that are all alike
_AT_ONCE = 1 << 16  # points
_PLACES = 32  # of a LAZ file, from which points are taken
_LASZIP_HEAD = struct.Struct("<HHBBHIIqqH")


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
            reason = f"truncated: {header.points:,} points need {need:,} bytes, {source.size - header.body:,} there"
            raise InputError(reason, path=source.name, field="number of points", byte=header.body)
        columns = read_rows(source, header.body, header.points, _named(header), job)
    return _cloud(header, columns, source)


def sample(source: Source, points: int) -> PointCloud | None:
    """See `read_sample`. Of LAZ, runs of points from many places."""
    header = read_header(source)
    if points < 1 or header.points < 2 * points:
        return None
    if not header.compressed:
        columns = sample_rows(source, header.body, header.points, _named(header), points)
        return None if columns is None else _cloud(header, columns, source)
    if header.points < 4 * _PLACES * _AT_ONCE:
        return None
    return _cloud(header, _sample_laz(header, source, points), source)


def size_of(head: bytes) -> int | None:
    """Bytes of a file that begins like this, up to its last point; None for LAZ, and where EVLRs follow."""
    if len(head) < 375 or head[104] & 0xC0 or (head[25] >= 4 and any(head[243:247])):
        return None
    (body,) = struct.unpack_from("<I", head, 96)
    length, legacy = struct.unpack_from("<HI", head, 105)
    points = (struct.unpack_from("<Q", head, 247)[0] if head[25] >= 4 else 0) or legacy
    return int(body + points * length)


def _named(header: LasHeader) -> tuple[Any, ...]:
    return header.fields


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
    columns = empty_columns(header.fields, header.points)
    at = 0
    if header.points:
        with _Decompressor(header, source) as packed:
            for rows in packed.pieces(job, header.points):
                for k, f in enumerate(header.fields):
                    columns[f.name][at : at + len(rows)] = rows[f"f{k}"]
                at += len(rows)
    return columns


def _sample_laz(header: LasHeader, source: Source, points: int) -> dict[str, Array]:
    share = -(-points // _PLACES)
    columns = empty_columns(header.fields, _PLACES * share)
    with _Decompressor(header, source) as packed:
        for place in range(_PLACES):
            packed.seek(place * (header.points - share) // _PLACES)
            (rows,) = packed.pieces(JobContext(), share, share)
            for k, f in enumerate(header.fields):
                columns[f.name][place * share : (place + 1) * share] = rows[f"f{k}"]
    return columns


class _Decompressor:
    """lazrs on a file that has been looked at first: it takes memory for what the file declares."""

    def __init__(self, header: LasHeader, source: Source) -> None:
        self._header, self._source = header, source
        self._dtype = row_dtype(header.fields)
        record = header.record(*LASZIP)
        if record is None:
            raise InputError("the points are compressed, but there is no LASzip record", path=source.name)
        self._record = record.body
        self._check_record()
        self._check_chunks()
        self._opened = source.opened()

    def __enter__(self) -> _Decompressor:
        try:
            import lazrs
        except ImportError as error:
            reason = "reading LAZ needs the package lazrs, which is not installed"
            raise InputError(reason, path=self._source.name) from error
        file = self._opened.__enter__()
        file.seek(self._header.body)
        self._inner = self._guarded(lambda: lazrs.LasZipDecompressor(file, self._record))
        return self

    def __exit__(self, *error: Any) -> None:
        self._opened.__exit__(*error)

    def seek(self, point: int) -> None:
        """To a point."""
        self._guarded(lambda: self._inner.seek(point))

    def pieces(self, job: JobContext, points: int, step: int = _AT_ONCE) -> Iterator[Array]:
        """The next `points` records, some at a time."""
        for part in job.parts(points, step):
            rows = np.empty(part.stop - part.start, self._dtype)
            self._guarded(lambda rows=rows: self._inner.decompress_many(rows.view(np.uint8)))  # type: ignore[misc]
            yield rows

    def _guarded(self, work: Any) -> Any:
        try:
            return work()
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # also the panics of its language, which are no Exception
            reason = f"damaged LAZ data: {str(error)[:200]}"
            raise InputError(reason, path=self._source.name, field="points", byte=self._header.body) from None

    def _fault(self, reason: str, byte: int | None = None) -> InputError:
        return InputError(f"damaged LAZ data: {reason}", path=self._source.name, field="LASzip", byte=byte)

    def _check_record(self) -> None:
        """The record must describe points as long as those of the header."""
        if len(self._record) < _LASZIP_HEAD.size:
            raise self._fault("the LASzip record is cut")
        compressor, *_, chunk, _, _, items = _LASZIP_HEAD.unpack_from(self._record)
        sizes = [
            struct.unpack_from("<HHH", self._record, _LASZIP_HEAD.size + 6 * k)
            for k in range(min(items, (len(self._record) - _LASZIP_HEAD.size) // 6))
        ]
        if len(sizes) < items or sum(size for _, size, _ in sizes) != self._header.record_length:
            raise self._fault("the items of the LASzip record are not those of a point")
        if compressor not in (2, 3) or chunk == 0:
            raise self._fault(f"compressor {compressor}, chunks of {chunk:,} points")
        self._chunk = chunk

    def _check_chunks(self) -> None:
        """The table of chunks must lie in the file, and the points be so few that it can hold them."""
        header, source = self._header, self._source
        have = source.size - header.body
        if header.points * header.record_length > _EXPANSION * have:
            raise self._fault(f"{header.points:,} points in {have:,} bytes", header.body)
        if have < 8:
            raise self._fault("the data are cut", header.body)
        (table,) = struct.unpack("<q", source.read(header.body, 8))
        if table == -1 and have >= 16:
            (table,) = struct.unpack("<q", source.read(source.size - 8, 8))
        if not header.body + 8 <= table <= source.size - 8:
            raise self._fault(f"the table of chunks is at byte {table:,}", header.body)
        _, chunks = struct.unpack("<II", source.read(table, 8))
        if chunks > have or (self._chunk < 0xFFFFFFFF and chunks > header.points // self._chunk + 1):
            raise self._fault(f"{chunks:,} chunks", table)
