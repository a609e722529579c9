"""The records of LAS files (ASPRS, "LAS Specification 1.4 - R15"): header, VLRs, points of every format."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from octavox.codec.errors import InputError
from octavox.codec.files.source import Source

from .tables import TableField

MAGIC = b"LASF"
COMPRESSED = 0x80  # in the number of the point format
EXTRA_BYTES = (b"LASF_Spec", 4)
LASZIP = (b"laszip encoded", 22204)
COPC = b"copc"
_VLR_HEAD, _EVLR_HEAD = struct.Struct("<2x16sHH32x"), struct.Struct("<2x16sHQ32x")
_EXTRA_RECORD = struct.Struct("<2xBB32s4x24s24s24s24s24s32s")
_EXTRA_TYPES = ("u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f4", "f8")
_LEAST_HEADER = {0: 227, 1: 227, 2: 227, 3: 235, 4: 375}

_OLD = "X:i4 Y:i4 Z:i4 intensity:u2 bit_fields:u1 raw_classification:u1 scan_angle_rank:i1 user_data:u1 "
_OLD += "point_source_id:u2"
_NEW = "X:i4 Y:i4 Z:i4 intensity:u2 bit_fields:u1 classification_flags:u1 classification:u1 user_data:u1 "
_NEW += "scan_angle:i2 point_source_id:u2 gps_time:f8"
_TIME, _RGB, _NIR = " gps_time:f8", " red:u2 green:u2 blue:u2", " nir:u2"
_WAVE = (
    " wavepacket_index:u1 wavepacket_offset:u8 wavepacket_size:u4 return_point_wave_location:f4 x_t:f4 y_t:f4"
)
_WAVE += " z_t:f4"
_FORMATS = (
    _OLD, _OLD + _TIME, _OLD + _RGB, _OLD + _TIME + _RGB, _OLD + _TIME + _WAVE, _OLD + _TIME + _RGB + _WAVE,
    _NEW, _NEW + _RGB, _NEW + _RGB + _NIR, _NEW + _WAVE, _NEW + _RGB + _NIR + _WAVE,
)  # fmt: skip
_OLD_BITS = {
    "bit_fields": (("return_number", 0, 3), ("number_of_returns", 3, 3), ("scan_direction_flag", 6, 1),
                   ("edge_of_flight_line", 7, 1)),
    "raw_classification": (("classification", 0, 5), ("synthetic", 5, 1), ("key_point", 6, 1),
                           ("withheld", 7, 1)),
}  # fmt: skip
_NEW_BITS = {
    "bit_fields": (("return_number", 0, 4), ("number_of_returns", 4, 4)),
    "classification_flags": (("synthetic", 0, 1), ("key_point", 1, 1), ("withheld", 2, 1), ("overlap", 3, 1),
                             ("scanner_channel", 4, 2), ("scan_direction_flag", 6, 1),
                             ("edge_of_flight_line", 7, 1)),
}  # fmt: skip
Bits = tuple[tuple[str, int, int], ...]  # name, lowest bit, how many


def standard_fields(point_format: int) -> list[TableField]:
    """The fields of a point format as they lie in a record, X, Y and Z first."""
    parts = (word.split(":") for word in _FORMATS[point_format].split())
    return [TableField(name, np.dtype("<" + code)) for name, code in parts]


def bits_of(point_format: int) -> dict[str, Bits]:
    """The bytes of a record that hold several columns, and these columns."""
    return dict(_OLD_BITS if point_format < 6 else _NEW_BITS)


def column_names(point_format: int) -> list[str]:
    """The columns of a point format, without X, Y and Z."""
    bits = bits_of(point_format)
    names: list[str] = []
    for f in standard_fields(point_format)[3:]:
        names += [name for name, _, _ in bits[f.name]] if f.name in bits else [f.name]
    return names


@dataclass(frozen=True)
class Record:
    """A variable length record. raw: all of it, head included."""

    user: bytes
    number: int
    raw: bytes
    extended: bool = False

    @property
    def body(self) -> bytes:
        """What follows the head."""
        return self.raw[(_EVLR_HEAD if self.extended else _VLR_HEAD).size :]


def make_record(user: bytes, number: int, description: bytes, body: bytes) -> Record:
    """A VLR."""
    head = struct.pack("<2x16sHH32s", user, number, len(body), description)
    return Record(user, number, head + body)


@dataclass(frozen=True)
class LasHeader:
    """block: the public header as stored. records, gap: VLRs, and bytes between them and the points."""

    block: bytes
    point_format: int
    compressed: bool
    record_length: int
    points: int
    body: int
    scale: tuple[float, float, float]
    offset: tuple[float, float, float]
    records: tuple[Record, ...]
    gap: bytes
    evlrs_at: int
    evlrs: int
    fields: tuple[TableField, ...] = field(default=())

    def record(self, user: bytes, number: int) -> Record | None:
        """The first VLR of that kind."""
        return next((r for r in self.records if (r.user, r.number) == (user, number)), None)


def read_header(source: Source) -> LasHeader:
    """The header and VLRs of a file, checked. Raises InputError naming field and byte."""
    data = source.read(0, 375)
    if len(data) < 227:
        raise InputError("truncated: the header is cut", path=source.name, field="header", byte=len(data))
    minor = data[25]
    if data[24] != 1 or minor not in _LEAST_HEADER:
        reason = f"LAS version {data[24]}.{minor} is not read; 1.0 to 1.4 are"
        raise InputError(reason, path=source.name, field="version", byte=24)
    size, body, count = struct.unpack_from("<HII", data, 94)
    number, length, legacy = struct.unpack_from("<BHI", data, 104)
    point_format = number & 0x3F
    if not _LEAST_HEADER[minor] <= size <= body <= source.size:
        reason = f"a header of {size:,} bytes, points at byte {body:,}, a file of {source.size:,} bytes"
        raise InputError(
            f"truncated or damaged: {reason}", path=source.name, field="offset to points", byte=94
        )
    if point_format >= len(_FORMATS):
        reason = f"point format {point_format} is not read; 0 to 10 are"
        raise InputError(reason, path=source.name, field="point format", byte=104)
    points, evlrs_at, evlrs = legacy, 0, 0
    if minor >= 4:
        evlrs_at, evlrs, points = struct.unpack_from("<QIQ", data, 235)
        points = points or legacy
    scaling = struct.unpack_from("<6d", data, 131)
    if not np.isfinite(scaling).all() or 0.0 in scaling[:3]:
        raise InputError("a scale is 0, or no finite number", path=source.name, field="scale", byte=131)
    block = source.read(0, size)
    records, gap = _read_records(source.read(size, body - size), count, size, source)
    fields = _fields(point_format, length, records, source)
    return LasHeader(
        block, point_format, bool(number & 0xC0), length, points, body, scaling[:3], scaling[3:], records,
        gap, evlrs_at, evlrs, fields,
    )  # fmt: skip


def _read_records(data: bytes, count: int, at: int, source: Source) -> tuple[tuple[Record, ...], bytes]:
    records: list[Record] = []
    place = 0
    for k in range(count):
        if place + _VLR_HEAD.size > len(data):
            raise InputError(
                f"truncated: VLR {k} of {count:,} is not there",
                path=source.name,
                field="VLR",
                byte=at + place,
            )
        user, number, length = _VLR_HEAD.unpack_from(data, place)
        stop = place + _VLR_HEAD.size + length
        if stop > len(data):
            reason = f"truncated: VLR {k} declares {length:,} bytes"
            raise InputError(reason, path=source.name, field="VLR", byte=at + place)
        records.append(Record(user.split(b"\0")[0], number, data[place:stop]))
        place = stop
    return tuple(records), data[place:]


def read_extended(source: Source, header: LasHeader) -> tuple[Record, ...]:
    """The EVLRs of a file. Raises InputError naming the byte."""
    records: list[Record] = []
    at = header.evlrs_at
    for k in range(header.evlrs):
        head = source.read(at, _EVLR_HEAD.size)
        if at < header.body or len(head) < _EVLR_HEAD.size:
            raise InputError(f"truncated: EVLR {k} is not there", path=source.name, field="EVLR", byte=at)
        user, number, length = _EVLR_HEAD.unpack(head)
        if at + len(head) + length > source.size:
            reason = f"truncated: EVLR {k} declares {length:,} bytes"
            raise InputError(reason, path=source.name, field="EVLR", byte=at)
        raw = source.read(at, len(head) + length)
        records.append(Record(user.split(b"\0")[0], number, raw, extended=True))
        at += len(raw)
    return tuple(records)


def _fields(
    point_format: int, length: int, records: tuple[Record, ...], source: Source
) -> tuple[TableField, ...]:
    """The fields of a record: those of the format, then extra bytes, named by their VLR where it fits."""
    fields = standard_fields(point_format)
    rest = length - sum(f.dtype.itemsize for f in fields)
    if rest < 0:
        reason = f"records of {length} bytes are too short for point format {point_format}"
        raise InputError(reason, path=source.name, field="record length", byte=105)
    described = next((r for r in records if (r.user, r.number) == EXTRA_BYTES), None)
    names = {*(f.name for f in fields), *column_names(point_format)}
    for name, dtype, components in _described(described.body) if described is not None else ():
        size = dtype.itemsize * components
        if size > rest:
            break
        fields.append(TableField(_unused(name, names), dtype, components))
        rest -= size
    if rest:
        fields.append(TableField(_unused("extra_bytes", names), np.dtype("u1"), rest))
    return tuple(fields)


def _unused(name: str, names: set[str]) -> str:
    new, k = name or "extra", 2
    while new in names:
        new, k = f"{name}_{k}", k + 1
    names.add(new)
    return new


def _described(body: bytes) -> list[tuple[str, np.dtype[Any], int]]:
    """Name, type and components of each dimension that an extra-bytes VLR describes."""
    found: list[tuple[str, np.dtype[Any], int]] = []
    for at in range(0, len(body) - _EXTRA_RECORD.size + 1, _EXTRA_RECORD.size):
        kind, options, raw, *_ = _EXTRA_RECORD.unpack_from(body, at)
        name = raw.split(b"\0")[0].decode("utf-8", "surrogateescape").strip()
        if kind == 0:
            if options:
                found.append((name, np.dtype("u1"), options))
        elif kind <= 3 * len(_EXTRA_TYPES):
            components, code = divmod(kind - 1, len(_EXTRA_TYPES))
            found.append((name, np.dtype("<" + _EXTRA_TYPES[code]), components + 1))
        else:
            break
    return found


def extra_record(fields: list[TableField]) -> Record:
    """The VLR that describes extra dimensions; each has at most three components."""
    body = b""
    for f in fields:
        kind = 1 + _EXTRA_TYPES.index(f.dtype.str[1:]) + len(_EXTRA_TYPES) * (f.components - 1)
        name = f.name.encode("utf-8", "surrogateescape")[:32]
        body += _EXTRA_RECORD.pack(kind, 0, name, b"", b"", b"", b"", b"", b"")
    return make_record(*EXTRA_BYTES, b"Extra bytes", body)


def extra_scaling(header: LasHeader) -> dict[str, tuple[tuple[float, ...], tuple[float, ...]]]:
    """Scales and offsets of extra dimensions that have them, by name: stored numbers stand for others."""
    record = header.record(*EXTRA_BYTES)
    found: dict[str, tuple[tuple[float, ...], tuple[float, ...]]] = {}
    extra = header.fields[len(standard_fields(header.point_format)) :]
    for k, f in enumerate(extra):
        at = k * _EXTRA_RECORD.size
        if record is None or at + _EXTRA_RECORD.size > len(record.body):
            break
        _, options, _, _, _, _, scale, offset, _ = _EXTRA_RECORD.unpack_from(record.body, at)
        if options & 0x18 and f.components <= 3:
            scales = struct.unpack("<3d", scale) if options & 0x08 else (1.0,) * 3
            offsets = struct.unpack("<3d", offset) if options & 0x10 else (0.0,) * 3
            found[f.name] = scales[: f.components], offsets[: f.components]
    return found
