"""Streams of format 1, which stay readable for ever (docs/format.md): a header, a table, payloads."""

from __future__ import annotations

import math
import struct
import zlib
from dataclasses import replace

import numpy as np

from octavox.codec.cloud.cloud import MAX_DEPTH, Transform
from octavox.codec.cloud.grid import Grid
from octavox.codec.cloud.lattice import INTEGER, REGULAR, Lattice
from octavox.codec.codecs.interface import SECTION_SLICE, SECTION_TREE
from octavox.codec.codecs.registry import codec_name
from octavox.codec.errors import CorruptStreamError, UnsupportedStreamError
from octavox.codec.files.source import Source

from .bytes import ByteReader
from .entry import Entry
from .header import MAX_PARAMS, MAX_POINTS, NO_WEIGHTS, TYPE_CODES, Header

MAJOR, MINOR = 1, 0
PREFIX_BYTES = 14  # magic, versions, header length
CRC_BYTES = 4
MAX_SECTIONS = 1 << 20

COORDINATE_TYPES = ("float", "double", "char", "uchar", "short", "ushort", "int", "uint")
_FLAG_TRANSFORM, _FLAG_WEIGHTS, _FLAG_INPUT_POINTS = 1, 2, 4
_KNOWN_FLAGS = 7


def parse(source: Source, whole: bool = True) -> tuple[Header, list[Entry], int]:
    """Header and sections of a file of format 1, checked against its size; payloads are not read.

    Also the bytes of the header, from the magic to its checksum. whole: the file must have all payloads, and
    nothing after them. Raises UnsupportedStreamError for an
    unknown version, codec, section kind or flag, CorruptStreamError for everything else; both name field
    and byte.
    """
    data, end = _checked_header(source)
    reader = ByteReader(data, PREFIX_BYTES, end)
    header = _parse_fields(reader, (data[8], data[9]))
    entries = _parse_table(reader, header, end + CRC_BYTES)
    if reader.left and header.version[1] <= MINOR:
        raise reader.fault("bytes left over in the header", "header length")
    payload_end = entries[-1].first_byte + entries[-1].length if entries else end + CRC_BYTES
    if whole and payload_end > source.size:
        cut = next(e for e in entries if e.first_byte + e.length > source.size)
        reason = f"truncated: the file should have {payload_end:,} bytes"
        raise CorruptStreamError(reason, field=cut.name, byte=source.size)
    if whole and payload_end < source.size:
        reason = f"{source.size - payload_end:,} trailing bytes"
        raise CorruptStreamError(reason, field="payloads", byte=payload_end)
    return header, entries, end + CRC_BYTES


def _checked_header(source: Source) -> tuple[bytes, int]:
    """The header and where its checksum begins, once magic, version, length and checksum are right."""
    prefix = source.read(0, PREFIX_BYTES)
    if len(prefix) < PREFIX_BYTES:
        raise CorruptStreamError("truncated in the header", field="header", byte=len(prefix))
    end = PREFIX_BYTES + int.from_bytes(prefix[10:PREFIX_BYTES], "little")
    if end + CRC_BYTES > source.size:
        raise CorruptStreamError(
            f"truncated: the header needs {end + CRC_BYTES:,} bytes, the file has {source.size:,}",
            field="header length",
            byte=10,
        )
    data = source.read(0, end + CRC_BYTES)
    if zlib.crc32(memoryview(data)[:end]) != int.from_bytes(data[end:], "little"):
        raise CorruptStreamError("header checksum mismatch", field="header checksum", byte=end)
    return data, end


def _parse_fields(reader: ByteReader, version: tuple[int, int]) -> Header:
    codec_id = reader.u8("codec id")
    if codec_name(codec_id) is None:
        raise UnsupportedStreamError(
            f"codec id {codec_id} is not known to this release", field="codec id", byte=reader.position - 1
        )
    depth = reader.u8("depth")
    if not 1 <= depth <= MAX_DEPTH:
        raise reader.fault(f"{depth} is outside [1, {MAX_DEPTH}]", "depth", reader.position - 1)
    kind = reader.u8("coordinate type")
    if kind >= len(COORDINATE_TYPES):
        raise reader.fault(f"unknown type {kind}", "coordinate type", reader.position - 1)
    flags = reader.u8("flags")
    if flags & ~_KNOWN_FLAGS:
        raise UnsupportedStreamError(f"unknown flags {flags:#04x}", field="flags", byte=reader.position - 1)
    points = reader.varint("points", min(8**depth, MAX_POINTS))
    input_points = points
    if flags & _FLAG_INPUT_POINTS:
        input_points = reader.varint("input points", MAX_POINTS, points)
    transform = _parse_transform(reader, depth) if flags & _FLAG_TRANSFORM else Transform()
    weights = NO_WEIGHTS
    if flags & _FLAG_WEIGHTS:
        weights = reader.take(8, "weights id")
        if weights == NO_WEIGHTS:
            raise reader.fault("all zero", "weights id", reader.position - 8)
    length = reader.u8("params")
    if length > MAX_PARAMS:
        raise reader.fault(f"{length} bytes, at most {MAX_PARAMS}", "params", reader.position - 1)
    params_byte = reader.position
    params = reader.take(length, "params")
    name, grid = COORDINATE_TYPES[kind], _grid(transform, depth, kind)
    first = Header(codec_id, depth, points, input_points, name, transform, weights, params, version)
    return replace(first, grid=grid, params_byte=params_byte)


def _grid(transform: Transform, depth: int, kind: int) -> Grid:
    """What the transform means: a product and a sum of doubles, rounded to the coordinate type."""
    dtype = np.dtype(TYPE_CODES[kind])
    if transform == Transform():
        return Grid((Lattice(INTEGER),) * 3, depth, (dtype,) * 3)
    x, y, z = (Lattice(REGULAR, origin=origin, scale=transform.scale) for origin in transform.origin)
    return Grid((x, y, z), depth, (dtype,) * 3)


def _parse_transform(reader: ByteReader, depth: int) -> Transform:
    start = reader.position
    x, y, z, scale = struct.unpack("<4d", reader.take(32, "transform"))
    if not (math.isfinite(x) and math.isfinite(y) and math.isfinite(z)):
        raise reader.fault("not finite", "origin", start)
    if not (math.isfinite(scale) and scale > 0):
        raise reader.fault(f"{scale} is not a positive number", "scale", start + 24)
    if not all(math.isfinite(origin + scale * (1 << depth)) for origin in (x, y, z)):
        raise reader.fault("the far corner of the grid overflows", "scale", start + 24)
    return Transform((x, y, z), scale)


def _parse_table(reader: ByteReader, header: Header, first_payload: int) -> list[Entry]:
    count_byte = reader.position
    count = reader.varint("section count", MAX_SECTIONS)
    entries: list[Entry] = []
    first_byte, points, slices = first_payload, 0, 0
    for k in range(count):
        start = reader.position
        kind = reader.u8(f"section {k}")
        if kind not in (SECTION_TREE, SECTION_SLICE):
            raise UnsupportedStreamError(f"unknown section kind {kind}", field=f"section {k}", byte=start)
        name = f"slice {slices}" if kind == SECTION_SLICE else "tree"
        held = reader.varint(f"points of {name}", header.points - points)
        length = reader.varint(f"length of {name}", (1 << 63) - 1)
        crc = int.from_bytes(reader.take(4, f"checksum of {name}"), "little")
        entries.append(Entry(name, kind, held, first_byte, length, crc, reader.position - start, part=slices))
        first_byte, points = first_byte + length, points + held
        slices += kind == SECTION_SLICE
    if points != header.points:
        raise reader.fault(
            f"the sections hold {points:,} points, the header says {header.points:,}",
            "section count",
            count_byte,
        )
    return entries
