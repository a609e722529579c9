"""Point clouds from and to PCD files: ascii, binary and binary_compressed, with all types and counts."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from octavox.codec.cloud.cloud import COLOURS, PointCloud
from octavox.codec.cloud.columns import Array, FileInfo
from octavox.codec.errors import InputError
from octavox.codec.files.source import Source
from octavox.codec.job import JobContext

from .framing import Frame, plain_columns, table_rows
from .line_rows import add_rows, check_widths
from .numbers import NumberFault, find_numbers
from .pcd_header import PcdHeader, check_size, is_padding, parse_header, read_header
from .pcd_write import PACKED, PcdExtra, compressed_columns, packed_colors
from .pcd_write import write_pcd_file as write
from .registry import ReadOptions
from .tables import AXES, RowTable, cloud_of, empty_columns, read_rows, whole_table
from .text_blocks import text_blocks
from .text_columns import ColumnBuilder, agree_on_type
from .text_sample import sample_lines

__all__ = ["PcdExtra", "frame", "read", "sample", "size_of", "table", "write"]

_LZF_EXPANSION = 88  # a reference of 3 bytes makes at most 264


@dataclass(frozen=True)
class _Packed:
    """Sizes before compressed data, and the data."""

    data: Array
    size: int


def read(source: Source, job: JobContext, options: ReadOptions) -> PointCloud:
    """A cloud from a PCD file: every field with its type, NaN rows as they are.

    A field rgb or rgba, which packs three or four bytes into one number, comes apart into red, green, blue
    and, if it uses the fourth byte, alpha. Raises InputError naming file, field and byte or line;
    CancelledError.
    """
    header = read_header(source)
    check_size(header, source)
    job.check()
    if header.layout == "ascii":
        columns = _ascii(header, source, job)
    elif header.layout == "binary":
        columns = read_rows(source, header.body, header.points, header.fields, job)
    else:
        columns = _compressed(header, source, job)
    return _cloud(header, columns, source)


def sample(source: Source, points: int) -> PointCloud | None:
    """See `read_sample`; None also for compressed data."""
    try:
        header = read_header(source)
        if header.layout == "ascii":
            names, types = _of_rows(header)
            builders = sample_lines(source, header.body, names, types, points)
            return None if builders is None else _cloud(header, _joined(names, builders), source)
        found = _table(header, source)
        return None if found is None else found.sample(source, points)
    except InputError:
        return None


def table(source: Source) -> RowTable | None:
    """See `Format.table`; None of text and of compressed data."""
    return _table(read_header(source), source)


def _table(header: PcdHeader, source: Source) -> RowTable | None:
    def make(columns: dict[str, Array]) -> PointCloud:
        return _cloud(header, columns, source)

    binary = header.layout == "binary"
    return whole_table(source, header.body, header.points, header.fields, make) if binary else None


def size_of(head: bytes) -> int | None:
    """Bytes of a file that begins like this, where its header says them."""
    try:
        header = parse_header(head, "")
    except Exception:
        return None
    if header.layout == "binary":
        return header.body + header.points * header.row_bytes
    if header.layout == "binary_compressed" and len(head) >= header.body + 8:
        return header.body + 8 + int(struct.unpack_from("<I", head, header.body)[0])
    return None


def frame(source: Source, notes: bytes | None = None) -> Frame | None:
    """The rows of a file; None with padding, and for text with several numbers in a field."""
    header = read_header(source)
    check_size(header, source)
    if any(is_padding(f) for f in header.fields):
        return None
    if header.layout == "ascii":
        single = all(f.components == 1 for f in header.fields)
        names = tuple(f"{f.name}/{f.dtype.str[1:]}" if f.name in PACKED else f.name for f in header.fields)
        return Frame(header.body, source.size, names=names) if single else None

    def columns(cloud: PointCloud) -> dict[str, Array]:
        found = plain_columns(cloud)
        for f in header.fields:
            if f.name in PACKED and f.name not in found:
                found[f.name] = packed_colors(cloud.attributes).view(f.dtype.newbyteorder("="))
        return found

    if header.layout == "binary":
        stop = header.body + header.points * header.row_bytes
        return Frame(header.body, stop, table_rows(list(header.fields), columns))
    stored = int(struct.unpack_from("<I", source.read(header.body, 4))[0])

    def compressed(cloud: PointCloud, job: JobContext) -> Iterator[bytes]:
        found = columns(cloud)
        yield compressed_columns([found[f.name].astype(f.dtype) for f in header.fields])[8:]

    start = header.body + 8  # after the sizes
    return Frame(start, start + stored, compressed)


def _cloud(header: PcdHeader, columns: Mapping[str, Array], source: Source) -> PointCloud:
    named = {f.name: columns[f.name] for f in header.fields if not is_padding(f)}
    packed, named = _unpacked(named)
    organized = header.width * header.height == len(next(iter(named.values())))
    extra = PcdExtra(
        version=header.version,
        width=header.width if organized else len(next(iter(named.values()))),
        height=header.height if organized else 1,
        viewpoint=header.viewpoint,
        layout=header.layout,
        order=tuple(f.name for f in header.fields if not is_padding(f)),
        packed=packed,
    )
    info = FileInfo(format="PCD", comments=header.comments, extra=extra)
    return cloud_of(named, source, info, prefix="FIELDS ")


def _unpacked(columns: dict[str, Array]) -> tuple[tuple[str, str] | None, dict[str, Array]]:
    """(name, numpy code) of a field with packed colours, if there is one, and the columns with it apart."""
    name = next((n for n in PACKED if n in columns), None)
    if name is None or any(colour in columns for colour in COLOURS):
        return None, columns
    column = columns[name]
    if column.ndim != 1 or column.dtype.itemsize != 4:
        return None, columns
    bits = np.ascontiguousarray(column).view(np.uint32)
    out: dict[str, Array] = {}
    for key, values in columns.items():
        if key != name:
            out[key] = values
            continue
        out |= {colour: (bits >> shift).astype(np.uint8) for colour, shift in zip(COLOURS, (16, 8, 0))}
        if name == "rgba" or (bits >> 24).any():
            out["alpha"] = (bits >> 24).astype(np.uint8)
    return (name, column.dtype.str[1:]), out


def _ascii(header: PcdHeader, source: Source, job: JobContext) -> dict[str, Array]:
    names, types = _of_rows(header)
    builders = [ColumnBuilder(kind) for kind in types]
    for block in text_blocks(source, header.body, header.lines + 1, job):
        try:
            numbers = find_numbers(block.data)
        except NumberFault as fault:
            raise block.error(fault, source, "DATA") from None
        check_widths(block, numbers, len(builders), source, "FIELDS")
        most = (header.points - len(builders[0])) * len(builders)
        if len(numbers) > most:
            line = block.line_of(int(numbers.starts[most]))
            reason = f"line {line}: there are more rows than the {header.points:,} of the header"
            raise InputError(reason, path=source.name, field="POINTS")
        add_rows(block, numbers, builders, names, source)
    if len(builders[0]) < header.points:
        reason = (
            f"truncated: the header declares {header.points:,} points, the data hold {len(builders[0]):,}"
        )
        raise InputError(reason, path=source.name, field="POINTS", byte=source.size)
    return _joined(names, builders)


def _of_rows(header: PcdHeader) -> tuple[list[str], list[np.dtype[Any]]]:
    """Names and types of the numbers of a row."""
    single = [f for f in header.fields for _ in range(f.components)]
    return [f.name for f in single], [f.dtype.newbyteorder("=") for f in single]


def _joined(names: list[str], builders: list[ColumnBuilder]) -> dict[str, Array]:
    """Columns of fields, from those of the numbers of rows."""
    agree_on_type([b for b, name in zip(builders, names) if name in AXES])
    parts: dict[str, list[Array]] = {}
    for name, builder in zip(names, builders):
        builder.fits = builder.fits or name in PACKED
        parts.setdefault(name, []).append(builder.finish())
    return {name: some[0] if len(some) == 1 else np.stack(some, axis=1) for name, some in parts.items()}


def _compressed(header: PcdHeader, source: Source, job: JobContext) -> dict[str, Array]:
    """Columns of binary_compressed data: packed by LZF, one field after the other."""
    from octavox.codec.coding.lzf import decompress

    packed = _sizes(header, source)
    job.check()
    data = decompress(packed.data, packed.size)
    if data is None:
        raise InputError("damaged LZF data", path=source.name, field="DATA", byte=header.body + 8)
    del packed  # as large as what it becomes
    columns = empty_columns(header.fields, header.points)
    at = 0
    for f in header.fields:
        stop = at + header.points * f.components * f.dtype.itemsize
        column = columns[f.name]
        column[...] = data[at:stop].view(f.dtype).reshape(column.shape)
        at = stop
    return columns


def _sizes(header: PcdHeader, source: Source) -> _Packed:
    """The data, once their sizes fit the file and the header."""
    stored, unpacked = struct.unpack("<II", source.read(header.body, 8))
    have = source.size - header.body - 8
    need = header.points * header.row_bytes
    if stored > have or unpacked < need or unpacked > _LZF_EXPANSION * stored + 64:
        raise InputError(
            f"truncated or damaged: {need:,} bytes of points, {unpacked:,} declared as packed into "
            f"{stored:,}, {have:,} there",
            path=source.name,
            field="DATA",
            byte=header.body,
        )
    return _Packed(np.frombuffer(source.read(header.body + 8, stored), np.uint8), unpacked)
