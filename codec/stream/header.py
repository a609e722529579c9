"""The header of a stream: what it holds, and how that becomes the points of a file again."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from octavox.codec.cloud.cloud import MAX_DEPTH, TYPE_NAMES, Transform, Triple
from octavox.codec.cloud.grid import Grid
from octavox.codec.cloud.lattice import BINARY, DECIMAL, INTEGER, MOST_BINARY, REGULAR, Lattice
from octavox.codec.codecs.registry import codec_name
from octavox.codec.errors import UnsupportedStreamError

from .bytes import ByteReader, text, varint, zigzag

MAX_PARAMS = 64
MAX_POINTS = 1 << 40
MAX_ATTRIBUTES = 1 << 12
POINTS_A_VOXEL, MORE_POINTS = 1 << 12, 1 << 25  # what all points together may be: a small file stays small
MAX_NAME = 1 << 10
NO_WEIGHTS = bytes(8)

VOXELS, RECORDS, FILE = "voxels", "records", "file"
LEVELS = (VOXELS, RECORDS, FILE)

# Types of columns by number; the first eight are those of format 1.
TYPE_CODES = ("f4", "f8", "i1", "u1", "i2", "u2", "i4", "u4", "f2", "i8", "u8", "b1")

# Fields of the header. A reader refuses those below _OPTIONAL that it does not know.
_LEVEL, _POINTS, _GEOMETRY, _GRID, _TYPES, _SCALING, _FORMAT, _ATTRIBUTE, _COUNTS = range(1, 10)
_OPTIONAL = 64
_DROPPED, _MOVED, _MADE_BY = 64, 65, 66


@dataclass(frozen=True)
class AttributeHeader:
    """A column of the points. coder: permanent id of its coder, whose settings are in `params`."""

    name: str
    dtype: np.dtype[Any]
    components: int
    coder: int
    params: bytes = b""


@dataclass(frozen=True)
class Moved:
    """What voxelization changed: mean and largest distance in the file's units; how many points merged."""

    mean: float = 0.0
    largest: float = 0.0
    merged: int = 0


@dataclass(frozen=True)
class Header:
    """What a stream holds of one cloud.

    level: what comes back (docs/glossary.md). points: occupied voxels. input_points: of the source.
    records: points that come back. counted: voxels may hold several points, so a chunk says how many. strays:
    points off the grid, with a chunk of their own. grid: of the voxels. scale, offset: of LAS. format: of the
    source. dropped: names of what was left out. params_byte: where params lie, in the file.
    """

    codec_id: int
    depth: int
    points: int
    input_points: int
    coordinate_type: str = "float"
    transform: Transform = field(default_factory=Transform)
    weights_id: bytes = NO_WEIGHTS
    params: bytes = b""
    version: tuple[int, ...] = (2,)
    level: str = VOXELS
    counted: bool = False
    strays: int = 0
    grid: Grid | None = None
    scale: Triple = (1.0, 1.0, 1.0)
    offset: Triple = (0.0, 0.0, 0.0)
    format: str = ""
    attributes: tuple[AttributeHeader, ...] = ()
    dropped: tuple[str, ...] = ()
    moved: Moved | None = None
    params_byte: int = field(default=0, compare=False)

    @property
    def codec_name(self) -> str:
        """Name of the codec, or "codec N" for an id that this release does not know."""
        return codec_name(self.codec_id) or f"codec {self.codec_id}"

    @property
    def weights_hex(self) -> str:
        """The weights id in hexadecimal, "" without a network."""
        return "" if self.weights_id == NO_WEIGHTS else self.weights_id.hex()

    @property
    def records(self) -> int:
        """Points that come back."""
        return self.points if self.level == VOXELS else self.input_points


def pack_header(header: Header) -> bytes:
    """The payload of a HEADER chunk. Raises ValueError for fields that the format cannot hold."""
    if header.grid is None or len(header.weights_id) != 8 or len(header.params) > MAX_PARAMS:
        raise ValueError("a header without a grid, or weights id or params of a wrong length")
    weights = b"" if header.weights_id == NO_WEIGHTS else header.weights_id
    geometry = bytes([header.codec_id, header.depth, len(weights)]) + weights + header.params
    points = varint(header.points)
    if header.input_points != header.points or header.strays:
        points += varint(header.input_points) + varint(header.strays)
    fields = [
        (_LEVEL, bytes([LEVELS.index(header.level)])),
        (_POINTS, points),
        (_GEOMETRY, geometry),
        (_TYPES, _pack_types(header.grid)),
        (_GRID, b"" if _is_plain(header.grid) else b"".join(map(_pack_lattice, header.grid.axes))),
        (_SCALING, _pack_scaling(header)),
        (_FORMAT, header.format.encode()),
        *((_ATTRIBUTE, _pack_attribute(a)) for a in header.attributes),
        (_COUNTS, b"\x01" if header.counted else b""),
        (_DROPPED, b"".join(map(text, header.dropped))),
        (_MOVED, b"" if header.moved is None else _pack_moved(header.moved)),
    ]
    return b"".join(bytes([key]) + varint(len(value)) + value for key, value in fields if value)


def _is_plain(grid: Grid) -> bool:
    return all(axis == Lattice(INTEGER) for axis in grid.axes)


def _pack_types(grid: Grid) -> bytes:
    codes = bytes(type_code(kind) for kind in grid.types)
    return codes[:1] if len(set(codes)) == 1 else codes


def type_code(dtype: np.dtype[Any]) -> int:
    """The number of a column's type. Raises ValueError for types that streams do not have."""
    return TYPE_CODES.index(f"{dtype.kind}{dtype.itemsize}")


def _pack_lattice(axis: Lattice) -> bytes:
    if axis.kind == REGULAR:
        return bytes([REGULAR]) + np.array([axis.origin, axis.scale], "<f8").tobytes()
    places = b"" if axis.kind == INTEGER else varint(axis.places)
    return bytes([axis.kind]) + zigzag(axis.base) + varint(axis.step) + places


def _pack_scaling(header: Header) -> bytes:
    if header.scale == (1.0, 1.0, 1.0) and header.offset == (0.0, 0.0, 0.0):
        return b""
    return np.array([*header.scale, *header.offset], "<f8").tobytes()


def _pack_attribute(a: AttributeHeader) -> bytes:
    return text(a.name) + bytes([type_code(a.dtype)]) + varint(a.components) + varint(a.coder) + a.params


def _pack_moved(moved: Moved) -> bytes:
    return np.array([moved.mean, moved.largest], "<f8").tobytes() + varint(moved.merged)


def parse_header(payload: bytes, first_byte: int) -> Header:
    """Inverse of `pack_header`. first_byte: of the payload in the file.

    Raises UnsupportedStreamError for what this release does not know, CorruptStreamError for everything else
    that is wrong, naming field and byte.
    """
    reader = ByteReader(payload, first_byte=first_byte)
    found: dict[int, ByteReader] = {}
    attributes: list[AttributeHeader] = []
    while reader.left:
        at, key = reader.position, reader.u8("header field")
        start = reader.position
        value = reader.take(reader.varint("header field", reader.left), "header field")
        part = ByteReader(value, first_byte=first_byte + reader.position - len(value))
        if key == _ATTRIBUTE:
            if len(attributes) == MAX_ATTRIBUTES:
                raise reader.fault(f"more than {MAX_ATTRIBUTES} attributes", "attributes", start)
            attributes.append(_parse_attribute(part))
        elif key in found:
            raise reader.fault("a field that is there already", f"header field {key}", at)
        else:
            found[key] = part
        if key not in _KNOWN and key < _OPTIONAL:
            reason = f"header field {key} is not known to this release"
            raise UnsupportedStreamError(reason, field=f"header field {key}", byte=first_byte + at)
    return _Fields(found, reader).header(tuple(attributes))


_KNOWN = {_LEVEL, _POINTS, _GEOMETRY, _GRID, _TYPES, _SCALING, _FORMAT, _ATTRIBUTE, _COUNTS}


class _Fields:
    """The fields of a header, each read once."""

    def __init__(self, found: dict[int, ByteReader], whole: ByteReader) -> None:
        self._found, self._whole = found, whole

    def _need(self, key: int, name: str) -> ByteReader:
        if key not in self._found:
            raise self._whole.fault("the field is missing", name, 0)
        return self._found[key]

    def header(self, attributes: tuple[AttributeHeader, ...]) -> Header:
        geometry = self._need(_GEOMETRY, "geometry")
        codec_id, depth, weights, params = self._geometry(geometry)
        points, input_points, strays = self._points(depth)
        level = self._level()
        grid = Grid(self._axes(depth), depth, self._types())
        scale, offset = self._scaling()
        names = self._dropped()
        known = TYPE_NAMES.get(np.result_type(*grid.types), "double")
        return Header(
            codec_id,
            depth,
            points,
            input_points,
            known,
            grid.transform,
            weights,
            params,
            level=level,
            counted=_COUNTS in self._found,
            strays=strays,
            grid=grid,
            scale=scale,
            offset=offset,
            format=self._format(),
            attributes=attributes,
            dropped=names,
            moved=self._moved(),
            params_byte=geometry.first_byte + geometry.end - len(params),
        )

    def _level(self) -> str:
        reader = self._need(_LEVEL, "level")
        value = reader.u8("level")
        if value >= len(LEVELS):
            raise UnsupportedStreamError(f"level {value} is not known", field="level", byte=reader.first_byte)
        reader.done("level")
        return LEVELS[value]

    def _geometry(self, reader: ByteReader) -> tuple[int, int, bytes, bytes]:
        codec_id = reader.u8("codec id")
        if codec_name(codec_id) is None:
            reason = f"codec id {codec_id} is not known to this release"
            raise UnsupportedStreamError(reason, field="codec id", byte=reader.first_byte)
        depth = reader.u8("depth")
        if not 1 <= depth <= MAX_DEPTH:
            raise reader.fault(f"{depth} is outside [1, {MAX_DEPTH}]", "depth", 1)
        length = reader.u8("weights id")
        if length not in (0, 8):
            raise reader.fault(f"{length} bytes", "weights id", 2)
        weights = reader.take(length, "weights id") or NO_WEIGHTS
        if length and weights == NO_WEIGHTS:
            raise reader.fault("all zero", "weights id", 3)
        if reader.left > MAX_PARAMS:
            raise reader.fault(f"{reader.left} bytes, at most {MAX_PARAMS}", "params")
        return codec_id, depth, weights, reader.take(reader.left, "params")

    def _points(self, depth: int) -> tuple[int, int, int]:
        reader = self._need(_POINTS, "points")
        points = reader.varint("points", min(8**depth, MAX_POINTS))
        if not reader.left:
            return points, points, 0
        records = reader.varint("input points", MAX_POINTS, points)
        strays = reader.varint("strays", records - points if points else records)
        reader.done("points")
        if _COUNTS in self._found and records - strays > most_points(points):
            raise reader.fault(f"{records:,} points in {points:,} voxels", "input points", 0)
        return points, records, strays

    def _types(self) -> tuple[np.dtype[Any], np.dtype[Any], np.dtype[Any]]:
        reader = self._need(_TYPES, "coordinate type")
        raw = reader.take(reader.left, "coordinate type")
        if len(raw) not in (1, 3):
            raise reader.fault(f"{len(raw)} types", "coordinate type", 0)
        kinds = [_type(code, reader, "coordinate type") for code in raw]
        if any(kind.kind == "b" for kind in kinds):
            raise reader.fault("truth values are no coordinates", "coordinate type", 0)
        return (kinds[0], kinds[0], kinds[0]) if len(kinds) == 1 else (kinds[0], kinds[1], kinds[2])

    def _axes(self, depth: int) -> tuple[Lattice, Lattice, Lattice]:
        if _GRID not in self._found:
            return Lattice(INTEGER), Lattice(INTEGER), Lattice(INTEGER)
        reader = self._found[_GRID]
        axes = [_parse_lattice(reader, depth) for _ in range(3)]
        reader.done("grid")
        return axes[0], axes[1], axes[2]

    def _scaling(self) -> tuple[Triple, Triple]:
        if _SCALING not in self._found:
            return (1.0, 1.0, 1.0), (0.0, 0.0, 0.0)
        reader = self._found[_SCALING]
        numbers = reader.doubles(6, "scale")
        reader.done("scale")
        if not all(map(math.isfinite, numbers)) or not all(numbers[:3]):
            raise reader.fault("not finite, or zero", "scale", 0)
        return (numbers[0], numbers[1], numbers[2]), (numbers[3], numbers[4], numbers[5])

    def _format(self) -> str:
        if _FORMAT not in self._found:
            return ""
        reader = self._found[_FORMAT]
        raw = reader.take(min(reader.left, MAX_NAME), "format")
        reader.done("format")
        return raw.decode("utf-8", "replace")

    def _dropped(self) -> tuple[str, ...]:
        reader = self._found.get(_DROPPED, ByteReader(b""))
        names = []
        while reader.left:
            names.append(reader.text("dropped", MAX_NAME))
        return tuple(names)

    def _moved(self) -> Moved | None:
        if _MOVED not in self._found:
            return None
        reader = self._found[_MOVED]
        mean, largest = reader.doubles(2, "moved")
        merged = reader.varint("moved", MAX_POINTS)
        if not (0 <= mean <= largest * (1 + 1e-9) < math.inf):
            raise reader.fault("not distances", "moved", 0)
        return Moved(mean, largest, merged)


def most_points(voxels: int) -> int:
    """The most points that a stream may hold in so many voxels."""
    return MORE_POINTS + POINTS_A_VOXEL * voxels


def _type(code: int, reader: ByteReader, name: str) -> np.dtype[Any]:
    if code >= len(TYPE_CODES):
        reason = f"type {code} is not known to this release"
        raise UnsupportedStreamError(reason, field=name, byte=reader.first_byte)
    return np.dtype(TYPE_CODES[code])


def _parse_lattice(reader: ByteReader, depth: int) -> Lattice:
    at = reader.position
    kind = reader.u8("grid")
    if kind == REGULAR:
        origin, scale = reader.doubles(2, "grid")
        far = origin + scale * (1 << depth)
        if not (math.isfinite(origin) and math.isfinite(scale) and scale > 0 and math.isfinite(far)):
            raise reader.fault("origin or scale is not finite, or scale not positive", "grid", at)
        return Lattice(REGULAR, origin=origin, scale=scale)
    if kind not in (INTEGER, DECIMAL, BINARY):
        reason = f"a lattice of kind {kind} is not known to this release"
        raise UnsupportedStreamError(reason, field="grid", byte=reader.first_byte + at)
    base, step = reader.zigzag("grid"), reader.varint("grid", 1 << 62, 1)
    places = reader.varint("grid", 22 if kind == DECIMAL else MOST_BINARY) if kind != INTEGER else 0
    lattice = Lattice(kind, base, step, places)
    if not lattice.fits(depth):
        raise reader.fault("the lattice does not fit into 64 bits", "grid", at)
    return lattice


def _parse_attribute(reader: ByteReader) -> AttributeHeader:
    name = reader.text("attribute", MAX_NAME)
    kind = _type(reader.u8("attribute"), reader, "attribute")
    components = reader.varint("attribute", 1 << 16, 1)
    coder = reader.varint("attribute", 1 << 16)
    return AttributeHeader(name, kind, components, coder, reader.take(reader.left, "attribute"))
