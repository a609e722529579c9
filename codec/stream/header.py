"""The header of a stream: what it holds, and how that becomes the points of a file again."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from octavox.codec.cloud.cloud import MAX_DEPTH, TYPE_NAMES, Transform, Triple
from octavox.codec.cloud.grid import Grid
from octavox.codec.cloud.lattice import INTEGER, Lattice
from octavox.codec.codecs.registry import codec_name
from octavox.codec.coding.bytes import ByteReader, text, varint
from octavox.codec.coding.lattices import pack_lattice, parse_lattice
from octavox.codec.errors import UnsupportedStreamError

from .schema import (
    MAX_ATTRIBUTES,
    MAX_NAME,
    AttributeHeader,
    GroupHeader,
    check_groups,
    pack_attribute,
    pack_group,
    parse_attribute,
    parse_group,
    parse_type,
    type_code,
)

MAX_PARAMS = 64
MOST_ROUGH = 2
MAX_POINTS = 1 << 40
MOST_BOUND = (1 << 16) - 1
POINTS_A_VOXEL, MORE_POINTS = 1 << 12, 1 << 25  # what all points together may be: a small file stays small
NO_WEIGHTS = bytes(8)

VOXELS, RECORDS, FILE, LOSSY = "voxels", "records", "file", "lossy"
LEVELS = (VOXELS, RECORDS, FILE, LOSSY)

# Fields of the header. A reader refuses those below _OPTIONAL that it does not know.
_LEVEL, _POINTS, _GEOMETRY, _GRID, _TYPES, _SCALING, _FORMAT, _ATTRIBUTE, _COUNTS = range(1, 10)
_OPTIONAL = 64
_GROUP, _ROUGH, _ROWS, _BOUNDS, _GUESS = 10, 11, 12, 13, 14
MOST_GUESSED = 4
_PARTLY = 8  # added to the number of levels
_DROPPED, _MOVED, _SHARES = 64, 65, 66


@dataclass(frozen=True)
class Moved:
    """What voxelization changed: mean and largest distance in the file's units; how many points merged."""

    mean: float = 0.0
    largest: float = 0.0
    merged: int = 0


@dataclass(frozen=True)
class Guess:
    """Of a lossy stream, the levels that are not coded.

    levels: how many. partly: the finest coded level is guessed in part. base: nodes of that level.
    weights_id: of the network that guesses; NO_WEIGHTS where the middle of each node stands for its voxels.
    digest: first 8 bytes of the SHA-256 of all voxels. mse, hausdorff: D1 that the encoder measured between
    its voxels and these, in voxels; never less than it was.
    """

    levels: int
    base: int
    weights_id: bytes
    digest: bytes
    mse: float
    hausdorff: float
    partly: bool = False


@dataclass(frozen=True)
class Header:
    """What a stream holds of one cloud.

    level: what comes back (docs/glossary.md). points: occupied voxels. input_points: of the source.
    records: points that come back. counted: voxels may hold several points, so a chunk says how many. strays:
    points off the grid, with a chunk of their own. rough: of each axis, whether and how chunks say where
    in their cells numbers lie (`cloud.rough`).
    rows: points that are coded in the order of their file, in the place of voxels; rows_params: by which
    settings. guess: of level lossy.
    grid: of the voxels. scale, offset: of LAS. format: of the source. attributes: properties of the points.
    groups: how their columns are coded. dropped: names of what was left out. shares: bytes of the properties
    of each group but the last (`accounting.components`). bounds: how far values of the properties may be off,
    by number of the property. params_byte: where params lie, in the file.
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
    rough: tuple[int, int, int] = (0, 0, 0)
    rows: int = 0
    rows_params: bytes = b""
    strays: int = 0
    guess: Guess | None = None
    grid: Grid | None = None
    scale: Triple = (1.0, 1.0, 1.0)
    offset: Triple = (0.0, 0.0, 0.0)
    format: str = ""
    attributes: tuple[AttributeHeader, ...] = ()
    groups: tuple[GroupHeader, ...] = ()
    dropped: tuple[str, ...] = ()
    moved: Moved | None = None
    shares: tuple[int, ...] = ()
    bounds: dict[int, int] = field(default_factory=dict)
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
    def color_error(self) -> int:
        """How far each component of a colour may be off."""
        return max(self.bounds.values(), default=0)

    @property
    def records(self) -> int:
        """Points that come back."""
        return self.points if self.of_voxels else self.input_points

    @property
    def of_voxels(self) -> bool:
        """Whether each voxel comes back as one point."""
        return self.level in (VOXELS, LOSSY)

    @property
    def coded_depth(self) -> int:
        """Bits per axis of the coded geometry."""
        return self.depth - (self.guess.levels if self.guess else 0)

    @property
    def coded_points(self) -> int:
        """Nodes of the finest coded level: voxels, unless levels are guessed."""
        return self.guess.base if self.guess else self.points


def file_header(points: int) -> Header:
    """That of a stream which holds a file as it is, and so has no voxels; it stands in no stream.

    points: of the file.
    """
    return Header(
        1, 1, 0, points, level=FILE, grid=Grid((Lattice(INTEGER),) * 3, 1, (np.dtype(np.float32),) * 3)
    )


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
        (_GRID, b"" if _is_plain(header.grid) else b"".join(map(pack_lattice, header.grid.axes))),
        (_SCALING, _pack_scaling(header)),
        (_FORMAT, header.format.encode()),
        *((_ATTRIBUTE, pack_attribute(a)) for a in header.attributes),
        *((_GROUP, pack_group(g)) for g in header.groups),
        (_COUNTS, b"\x01" if header.counted else b""),
        (_ROUGH, bytes(header.rough) if any(header.rough) else b""),
        (_ROWS, varint(header.rows) + header.rows_params if header.rows else b""),
        (_GUESS, b"" if header.guess is None else _pack_guess(header.guess)),
        (_BOUNDS, b"".join(varint(k) + varint(bound) for k, bound in header.bounds.items())),
        (_DROPPED, b"".join(map(text, header.dropped))),
        (_MOVED, b"" if header.moved is None else _pack_moved(header.moved)),
        (_SHARES, b"".join(map(varint, header.shares))),
    ]
    return b"".join(bytes([key]) + varint(len(value)) + value for key, value in fields if value)


def _is_plain(grid: Grid) -> bool:
    return all(axis == Lattice(INTEGER) for axis in grid.axes)


def _pack_types(grid: Grid) -> bytes:
    codes = bytes(type_code(kind) for kind in grid.types)
    return codes[:1] if len(set(codes)) == 1 else codes


def _pack_scaling(header: Header) -> bytes:
    if header.scale == (1.0, 1.0, 1.0) and header.offset == (0.0, 0.0, 0.0):
        return b""
    return np.array([*header.scale, *header.offset], "<f8").tobytes()


def _pack_moved(moved: Moved) -> bytes:
    return np.array([moved.mean, moved.largest], "<f8").tobytes() + varint(moved.merged)


def _pack_guess(guess: Guess) -> bytes:
    weights = b"" if guess.weights_id == NO_WEIGHTS else guess.weights_id
    measured = np.array([guess.mse, guess.hausdorff], "<f4")
    low = measured.astype(np.float64) < (guess.mse, guess.hausdorff)
    measured[low] = np.nextafter(measured[low], np.float32(np.inf))
    start = (
        bytes([guess.levels + _PARTLY * guess.partly]) + varint(guess.base) + bytes([len(weights)]) + weights
    )
    return start + guess.digest + measured.tobytes()


def parse_header(payload: bytes, first_byte: int) -> Header:
    """Inverse of `pack_header`. first_byte: of the payload in the file.

    Raises UnsupportedStreamError for what this release does not know, CorruptStreamError for everything else
    that is wrong, naming field and byte.
    """
    reader = ByteReader(payload, first_byte=first_byte)
    found: dict[int, ByteReader] = {}
    attributes: list[AttributeHeader] = []
    groups: list[GroupHeader] = []
    while reader.left:
        at, key = reader.position, reader.u8("header field")
        start = reader.position
        value = reader.take(reader.varint("header field", reader.left), "header field")
        part = ByteReader(value, first_byte=first_byte + reader.position - len(value))
        if key == _ATTRIBUTE:
            if len(attributes) == MAX_ATTRIBUTES:
                raise reader.fault(f"more than {MAX_ATTRIBUTES} attributes", "attributes", start)
            attributes.append(parse_attribute(part))
        elif key == _GROUP:
            groups.append(parse_group(part, sum(len(a.types) for a in attributes)))
        elif key in found:
            raise reader.fault("a field that is there already", f"header field {key}", at)
        else:
            found[key] = part
        if key not in _KNOWN and key < _OPTIONAL:
            reason = f"header field {key} is not known to this release"
            raise UnsupportedStreamError(reason, field=f"header field {key}", byte=first_byte + at)
    check_groups(attributes, groups, reader, _ROWS in found)
    fields = _Fields(found, reader)
    bounds = fields.bounds(len(attributes))
    return replace(fields.header(), attributes=tuple(attributes), groups=tuple(groups), bounds=bounds)


_KNOWN = range(_LEVEL, _GUESS + 1)


class _Fields:
    """The fields of a header, each read once."""

    def __init__(self, found: dict[int, ByteReader], whole: ByteReader) -> None:
        self._found, self._whole = found, whole

    def _need(self, key: int, name: str) -> ByteReader:
        if key not in self._found:
            raise self._whole.fault("the field is missing", name, 0)
        return self._found[key]

    def header(self) -> Header:
        geometry = self._need(_GEOMETRY, "geometry")
        codec_id, depth, weights, params = self._geometry(geometry)
        points, input_points, strays = self._points(depth)
        level = self._level()
        grid = Grid(self._axes(depth), depth, self._types())
        scale, offset = self._scaling()
        rows, rows_params = self._rows(points, input_points)
        guess = self._guess(level, depth, points)
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
            rough=self._rough(),
            rows=rows,
            rows_params=rows_params,
            strays=strays,
            guess=guess,
            grid=grid,
            scale=scale,
            offset=offset,
            format=self._format(),
            dropped=names,
            moved=self._moved(),
            shares=self._shares(),
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
        kinds = [parse_type(code, reader, "coordinate type") for code in raw]
        if any(kind.kind == "b" for kind in kinds):
            raise reader.fault("truth values are no coordinates", "coordinate type", 0)
        return (kinds[0], kinds[0], kinds[0]) if len(kinds) == 1 else (kinds[0], kinds[1], kinds[2])

    def _axes(self, depth: int) -> tuple[Lattice, Lattice, Lattice]:
        if _GRID not in self._found:
            return Lattice(INTEGER), Lattice(INTEGER), Lattice(INTEGER)
        reader = self._found[_GRID]
        axes = [parse_lattice(reader, depth, "grid") for _ in range(3)]
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

    def _rough(self) -> tuple[int, int, int]:
        if _ROUGH not in self._found:
            return (0, 0, 0)
        reader = self._found[_ROUGH]
        x, y, z = (reader.u8("rough") for _ in range(3))
        reader.done("rough")
        if max(x, y, z) > MOST_ROUGH or not any((x, y, z)):
            raise reader.fault("a mode that is not known", "rough", 0)
        return (x, y, z)

    def _rows(self, points: int, input_points: int) -> tuple[int, bytes]:
        if _ROWS not in self._found:
            return 0, b""
        reader = self._found[_ROWS]
        rows = reader.varint("rows", MAX_POINTS, 1)
        if points or rows != input_points:
            raise reader.fault(f"{rows:,} rows beside {points:,} voxels", "rows", 0)
        return rows, reader.take(reader.left, "rows")

    def _guess(self, level: str, depth: int, points: int) -> Guess | None:
        if (_GUESS in self._found) != (level == LOSSY):
            raise self._whole.fault(f"level {level} with or without it", "guess", 0)
        if _GUESS not in self._found:
            return None
        reader = self._found[_GUESS]
        first = reader.u8("guess")
        levels, partly = first % _PARTLY, first >= _PARTLY
        if first >= 2 * _PARTLY or not 1 - partly <= levels <= min(MOST_GUESSED, depth - 1):
            raise reader.fault(f"{levels} levels of {depth}", "guess", 0)
        base = reader.varint("guess", min(points, 8 ** (depth - levels)))
        length = reader.u8("guess")
        if length not in (0, 8) or points > base * 8**levels:
            raise reader.fault(f"{points:,} voxels of {base:,} nodes", "guess", 0)
        weights, digest = reader.take(length, "guess") or NO_WEIGHTS, reader.take(8, "guess")
        mse, hausdorff = (float(v) for v in np.frombuffer(reader.take(8, "guess"), "<f4"))
        reader.done("guess")
        if not (0 <= mse < math.inf and 0 <= hausdorff < math.inf):
            raise reader.fault("not distances", "guess", 0)
        if partly and weights == NO_WEIGHTS:
            raise reader.fault("a part is guessed without a network", "guess", 0)
        return Guess(levels, base, weights, digest, mse, hausdorff, partly)

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

    def bounds(self, properties: int) -> dict[int, int]:
        """How far the values of properties may be off. properties: how many there are."""
        reader, bounds = self._found.get(_BOUNDS, ByteReader(b"")), dict[int, int]()
        while reader.left:
            number = reader.varint("bounds", properties - 1, max(bounds, default=-1) + 1)
            bounds[number] = reader.varint("bounds", MOST_BOUND, 1)
        return bounds

    def _shares(self) -> tuple[int, ...]:
        reader, sizes = self._found.get(_SHARES, ByteReader(b"")), list[int]()
        while reader.left:
            sizes.append(reader.varint("shares"))
        return tuple(sizes)


def most_points(voxels: int) -> int:
    """The most points that a stream may hold in so many voxels."""
    return MORE_POINTS + POINTS_A_VOXEL * voxels
