"""The .ovx container (docs/format.md): bytes <-> Header and sections."""

from __future__ import annotations

import math
import struct
import zlib
from dataclasses import dataclass, field

from octavox.codec.cloud.cloud import MAX_DEPTH, Transform
from octavox.codec.codecs.interface import SECTION_SLICE, SECTION_TREE, Section
from octavox.codec.codecs.registry import codec_name
from octavox.codec.errors import CorruptStreamError, UnsupportedStreamError

MAGIC = b"\x89OVX\r\n\x1a\n"
MAJOR, MINOR = 1, 0
PREFIX_BYTES = 14  # magic, versions, header length
CRC_BYTES = 4
MAX_PARAMS = 64
MAX_SECTIONS = 1 << 20
MAX_POINTS = 1 << 40
NO_WEIGHTS = bytes(8)

COORDINATE_TYPES = ("float", "double", "char", "uchar", "short", "ushort", "int", "uint")
_FLAG_TRANSFORM, _FLAG_WEIGHTS, _FLAG_INPUT_POINTS = 1, 2, 4
_KNOWN_FLAGS = 7


@dataclass(frozen=True)
class Header:
    """The fields of a stream. points: occupied voxels. input_points: points of the source before merging."""

    codec_id: int
    depth: int
    points: int
    input_points: int
    coordinate_type: str = "float"
    transform: Transform = field(default_factory=Transform)
    weights_id: bytes = NO_WEIGHTS
    params: bytes = b""
    version: tuple[int, int] = (MAJOR, MINOR)

    @property
    def codec_name(self) -> str:
        """Name of the codec, or "codec N" for an id that this release does not know."""
        return codec_name(self.codec_id) or f"codec {self.codec_id}"

    @property
    def weights_hex(self) -> str:
        """The weights id in hexadecimal, "" without a network."""
        return "" if self.weights_id == NO_WEIGHTS else self.weights_id.hex()


@dataclass(frozen=True)
class SectionEntry:
    """One row of the section table. first_byte: offset of the payload in the file."""

    name: str
    kind: int
    points: int
    first_byte: int
    length: int
    crc: int
    table_bytes: int  # of this row


@dataclass(frozen=True)
class Layout:
    """A parsed header and where everything lies. header_bytes: from the magic to the header checksum."""

    header: Header
    entries: tuple[SectionEntry, ...]
    header_bytes: int
    params_byte: int

    def locate(self, error: CorruptStreamError) -> CorruptStreamError:
        """A codec's error with its offset counted from the start of the file instead of the section."""
        starts = {entry.name: entry.first_byte for entry in self.entries}
        starts["params"] = self.params_byte
        name = error.field or ""
        start = starts.get(name, starts.get(" ".join(name.split()[:2]), starts.get(name.split(" ")[0])))
        byte = error.byte if start is None else start + (error.byte or 0)
        return type(error)(error.reason, path=error.path, field=error.field, byte=byte)


def pack(header: Header, sections: list[Section]) -> bytes:
    """The whole file. Raises ValueError for fields that the format cannot hold."""
    body = _pack_fields(header) + _varint(len(sections))
    if len(sections) > MAX_SECTIONS:
        raise ValueError(f"{len(sections)} sections, at most {MAX_SECTIONS}")
    if sum(s.points for s in sections) != header.points:
        raise ValueError("the points of the sections do not add up to the header's")
    table = [
        bytes([s.kind]) + _varint(s.points) + _varint(len(s.payload)) + _u32(zlib.crc32(s.payload))
        for s in sections
    ]
    body += b"".join(table)
    start = MAGIC + bytes(header.version) + _u32(len(body)) + body
    data = b"".join([start, _u32(zlib.crc32(start)), *(s.payload for s in sections)])
    parse(data)  # what is written must be readable
    return data


def parse(data: bytes) -> Layout:
    """The header and section table of a file, checked against its size; payload checksums are not.

    Raises UnsupportedStreamError for an unknown version, codec, section kind or flag, CorruptStreamError for
    everything else, naming field and byte.
    """
    end = _checked_header_end(data)
    reader = _Reader(data, PREFIX_BYTES, end)
    header, params_byte = _parse_fields(reader, (data[8], data[9]))
    entries = _parse_table(reader, header, first_payload=end + CRC_BYTES)
    if reader.position != end and header.version[1] <= MINOR:
        raise reader.fault("bytes left over in the header", "header length", reader.position)
    payload_end = entries[-1].first_byte + entries[-1].length if entries else end + CRC_BYTES
    if payload_end > len(data):
        cut = next(e for e in entries if e.first_byte + e.length > len(data))
        raise reader.fault(f"truncated: the file should have {payload_end:,} bytes", cut.name, len(data))
    if payload_end < len(data):
        raise reader.fault(f"{len(data) - payload_end:,} trailing bytes", "payloads", payload_end)
    return Layout(header, tuple(entries), end + CRC_BYTES, params_byte)


def crc_matches(data: bytes, entry: SectionEntry) -> bool:
    """Whether the payload of `entry` has the checksum that the table gives."""
    view = memoryview(data)[entry.first_byte : entry.first_byte + entry.length]
    return zlib.crc32(view) == entry.crc


def sections(data: bytes, layout: Layout, wanted: tuple[int, ...] | None = None) -> list[Section]:
    """The payloads. Raises CorruptStreamError naming the first whose checksum differs.

    wanted: slices that are read; the others come without a payload, unread and unchecked. None: all are read.
    """
    found = []
    number = -1
    for entry in layout.entries:
        number += entry.kind == SECTION_SLICE
        if wanted is not None and entry.kind == SECTION_SLICE and number not in wanted:
            found.append(Section(entry.kind, b"", entry.points))
            continue
        if not crc_matches(data, entry):
            what = "slice" if entry.kind == SECTION_SLICE else "tree"
            raise CorruptStreamError(f"{what} checksum mismatch", field=entry.name, byte=entry.first_byte)
        payload = data[entry.first_byte : entry.first_byte + entry.length]
        found.append(Section(entry.kind, payload, entry.points))
    return found


def _checked_header_end(data: bytes) -> int:
    """Byte of the header checksum, once magic, version, length and checksum are right."""
    if data[: len(MAGIC)] != MAGIC[: len(data)] or not data:
        byte = next((k for k, (a, b) in enumerate(zip(data, MAGIC)) if a != b), 0)
        raise CorruptStreamError("not an Octavox bitstream", field="magic", byte=byte)
    if len(data) < PREFIX_BYTES:
        raise CorruptStreamError("truncated in the header", field="header", byte=len(data))
    if data[8] != MAJOR:
        raise UnsupportedStreamError(
            f"format version {data[8]}.{data[9]}; this release reads {MAJOR}.x", field="major version", byte=8
        )
    length = int.from_bytes(data[10:PREFIX_BYTES], "little")
    end = PREFIX_BYTES + length
    if end + CRC_BYTES > len(data):
        raise CorruptStreamError(
            f"truncated: the header needs {end + CRC_BYTES:,} bytes, the file has {len(data):,}",
            field="header length",
            byte=10,
        )
    if zlib.crc32(memoryview(data)[:end]) != int.from_bytes(data[end : end + CRC_BYTES], "little"):
        raise CorruptStreamError("header checksum mismatch", field="header checksum", byte=end)
    return end


class _Reader:
    """Takes fields from data[position:end]; every fault names the field and its byte."""

    def __init__(self, data: bytes, position: int, end: int) -> None:
        self.data, self.position, self.end = data, position, end

    def fault(self, reason: str, name: str, byte: int) -> CorruptStreamError:
        return CorruptStreamError(reason, field=name, byte=byte)

    def take(self, count: int, name: str) -> bytes:
        if count > self.end - self.position:
            raise self.fault("the header ends inside this field", name, self.position)
        self.position += count
        return self.data[self.position - count : self.position]

    def u8(self, name: str) -> int:
        return self.take(1, name)[0]

    def varint(self, name: str, most: int, least: int = 0) -> int:
        start, value, shift = self.position, 0, 0
        while True:
            byte = self.u8(name)
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                break
            if shift >= 64:
                raise self.fault("a number of more than 64 bits", name, start)
        if byte == 0 and shift > 7:
            raise self.fault("a number longer than it need be", name, start)
        if not least <= value <= most:
            raise self.fault(f"{value:,} is outside [{least:,}, {most:,}]", name, start)
        return value


def _pack_fields(header: Header) -> bytes:
    has_transform = header.transform != Transform()
    has_weights = header.weights_id != NO_WEIGHTS
    has_input = header.input_points != header.points
    flags = _FLAG_TRANSFORM * has_transform + _FLAG_WEIGHTS * has_weights + _FLAG_INPUT_POINTS * has_input
    if header.coordinate_type not in COORDINATE_TYPES:
        raise ValueError(f"unknown coordinate type '{header.coordinate_type}'")
    if len(header.weights_id) != 8 or len(header.params) > MAX_PARAMS:
        raise ValueError("weights id or params of a wrong length")
    kind = COORDINATE_TYPES.index(header.coordinate_type)
    fields = bytes([header.codec_id, header.depth, kind, flags]) + _varint(header.points)
    if has_input:
        fields += _varint(header.input_points)
    if has_transform:
        fields += struct.pack("<4d", *header.transform.origin, header.transform.scale)
    if has_weights:
        fields += header.weights_id
    return fields + bytes([len(header.params)]) + header.params


def _parse_fields(reader: _Reader, version: tuple[int, int]) -> tuple[Header, int]:
    """The fields, and the byte where params begin."""
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
    header = Header(
        codec_id, depth, points, input_points, COORDINATE_TYPES[kind], transform, weights, params, version
    )
    return header, params_byte


def _parse_transform(reader: _Reader, depth: int) -> Transform:
    start = reader.position
    x, y, z, scale = struct.unpack("<4d", reader.take(32, "transform"))
    if not (math.isfinite(x) and math.isfinite(y) and math.isfinite(z)):
        raise reader.fault("not finite", "origin", start)
    if not (math.isfinite(scale) and scale > 0):
        raise reader.fault(f"{scale} is not a positive number", "scale", start + 24)
    if not all(math.isfinite(origin + scale * (1 << depth)) for origin in (x, y, z)):
        raise reader.fault("the far corner of the grid overflows", "scale", start + 24)
    return Transform((x, y, z), scale)


def _parse_table(reader: _Reader, header: Header, first_payload: int) -> list[SectionEntry]:
    count_byte = reader.position
    count = reader.varint("section count", MAX_SECTIONS)
    entries: list[SectionEntry] = []
    first_byte, points, slices = first_payload, 0, 0
    for k in range(count):
        start = reader.position
        kind = reader.u8(f"section {k}")
        if kind not in (SECTION_TREE, SECTION_SLICE):
            raise UnsupportedStreamError(f"unknown section kind {kind}", field=f"section {k}", byte=start)
        name = f"slice {slices}" if kind == SECTION_SLICE else "tree"
        slices += kind == SECTION_SLICE
        held = reader.varint(f"points of {name}", header.points - points)
        length = reader.varint(f"length of {name}", (1 << 63) - 1)
        crc = int.from_bytes(reader.take(4, f"checksum of {name}"), "little")
        entries.append(SectionEntry(name, kind, held, first_byte, length, crc, reader.position - start))
        first_byte, points = first_byte + length, points + held
    if points != header.points:
        raise reader.fault(
            f"the sections hold {points:,} points, the header says {header.points:,}",
            "section count",
            count_byte,
        )
    return entries


def _varint(value: int) -> bytes:
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _u32(value: int) -> bytes:
    return value.to_bytes(4, "little")
