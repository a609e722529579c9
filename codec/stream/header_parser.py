"""Headers read from bytes: every field is checked, and every fault names its field and byte."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np

from octavox.codec.cloud.cloud import MAX_DEPTH, TYPE_NAMES, Triple
from octavox.codec.cloud.grid import Grid
from octavox.codec.cloud.lattice import INTEGER, Lattice
from octavox.codec.codecs.registry import codec_name
from octavox.codec.coding.bytes import ByteReader
from octavox.codec.coding.lattices import parse_lattice
from octavox.codec.errors import CorruptStreamError, UnsupportedStreamError

from .header import (
    LEVELS,
    LOSSY,
    MAX_PARAMS,
    MAX_POINTS,
    MOST_BOUND,
    MOST_GROUP,
    MOST_GUESSED,
    MOST_ROUGH,
    NO_WEIGHTS,
    OPTIONAL,
    PARTLY,
    Field,
    Guess,
    Header,
    Moved,
    most_points,
)
from .schema import (
    MAX_ATTRIBUTES,
    MAX_NAME,
    AttributeHeader,
    GroupHeader,
    check_groups,
    parse_attribute,
    parse_group,
    parse_type,
)


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
        if key == Field.ATTRIBUTE:
            if len(attributes) == MAX_ATTRIBUTES:
                raise reader.fault(f"more than {MAX_ATTRIBUTES} attributes", "attributes", start)
            attributes.append(parse_attribute(part))
        elif key == Field.GROUP:
            groups.append(parse_group(part, sum(len(a.types) for a in attributes)))
        elif key in found:
            raise reader.fault("a field that is there already", f"header field {key}", at)
        else:
            found[key] = part
        if key not in _KNOWN and key < OPTIONAL:
            reason = f"header field {key} is not known to this release"
            raise UnsupportedStreamError(reason, field=f"header field {key}", byte=first_byte + at)
    check_groups(attributes, groups, reader, Field.ROWS in found)
    fields = _Fields(found, reader)
    bounds = fields.bounds(len(attributes))
    return replace(fields.header(), attributes=tuple(attributes), groups=tuple(groups), bounds=bounds)


_KNOWN = frozenset(int(key) for key in Field if key < OPTIONAL)


def reference_in(payload: bytes) -> int:
    """How many frames back a header says that its reference is; 0 where it names none, or cannot be read."""
    reader = ByteReader(payload)
    try:
        while reader.left:
            key = reader.u8("header field")
            value = reader.take(reader.varint("header field", reader.left), "header field")
            if key == Field.REFERENCE:
                return ByteReader(value).varint("reference", MOST_GROUP - 1)
    except CorruptStreamError:
        return 0
    return 0


class _Fields:
    """The fields of a header, each read once."""

    def __init__(self, found: dict[int, ByteReader], whole: ByteReader) -> None:
        self._found, self._whole = found, whole

    def _need(self, key: int, name: str) -> ByteReader:
        if key not in self._found:
            raise self._whole.fault("the field is missing", name, 0)
        return self._found[key]

    def header(self) -> Header:
        geometry = self._need(Field.GEOMETRY, "geometry")
        codec_id, depth, weights, params = self._geometry(geometry)
        level = self._level()
        points, input_points, strays = self._points(depth, level)
        grid = Grid(self._axes(depth), depth, self._types())
        scale, offset = self._scaling()
        rows, rows_params = self._rows(points, input_points)
        guess = self._guess(level, depth, points)
        reference, inter_weights = self._reference()
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
            counted=Field.COUNTS in self._found,
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
            reference=reference,
            inter_weights=inter_weights,
            params_byte=geometry.first_byte + geometry.end - len(params),
        )

    def _level(self) -> str:
        reader = self._need(Field.LEVEL, "level")
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

    def _points(self, depth: int, level: str) -> tuple[int, int, int]:
        reader = self._need(Field.POINTS, "points")
        points = reader.varint("points", min(8**depth, MAX_POINTS))
        if not reader.left:
            return points, points, 0
        least = 1 if level == LOSSY else points  # more voxels may come back than there were points
        records = reader.varint("input points", MAX_POINTS, least)
        strays = reader.varint("strays", max(records - points, 0) if points else records)
        reader.done("points")
        if Field.COUNTS in self._found and records - strays > most_points(points):
            raise reader.fault(f"{records:,} points in {points:,} voxels", "input points", 0)
        return points, records, strays

    def _types(self) -> tuple[np.dtype[Any], np.dtype[Any], np.dtype[Any]]:
        reader = self._need(Field.TYPES, "coordinate type")
        raw = reader.take(reader.left, "coordinate type")
        if len(raw) not in (1, 3):
            raise reader.fault(f"{len(raw)} types", "coordinate type", 0)
        kinds = [parse_type(code, reader, "coordinate type") for code in raw]
        if any(kind.kind == "b" for kind in kinds):
            raise reader.fault("truth values are no coordinates", "coordinate type", 0)
        return (kinds[0], kinds[0], kinds[0]) if len(kinds) == 1 else (kinds[0], kinds[1], kinds[2])

    def _axes(self, depth: int) -> tuple[Lattice, Lattice, Lattice]:
        if Field.GRID not in self._found:
            return Lattice(INTEGER), Lattice(INTEGER), Lattice(INTEGER)
        reader = self._found[Field.GRID]
        axes = [parse_lattice(reader, depth, "grid") for _ in range(3)]
        reader.done("grid")
        return axes[0], axes[1], axes[2]

    def _scaling(self) -> tuple[Triple, Triple]:
        if Field.SCALING not in self._found:
            return (1.0, 1.0, 1.0), (0.0, 0.0, 0.0)
        reader = self._found[Field.SCALING]
        numbers = reader.doubles(6, "scale")
        reader.done("scale")
        if not all(map(math.isfinite, numbers)) or not all(numbers[:3]):
            raise reader.fault("not finite, or zero", "scale", 0)
        return (numbers[0], numbers[1], numbers[2]), (numbers[3], numbers[4], numbers[5])

    def _rough(self) -> tuple[int, int, int]:
        if Field.ROUGH not in self._found:
            return (0, 0, 0)
        reader = self._found[Field.ROUGH]
        x, y, z = (reader.u8("rough") for _ in range(3))
        reader.done("rough")
        if max(x, y, z) > MOST_ROUGH or not any((x, y, z)):
            raise reader.fault("a mode that is not known", "rough", 0)
        return (x, y, z)

    def _rows(self, points: int, input_points: int) -> tuple[int, bytes]:
        if Field.ROWS not in self._found:
            return 0, b""
        reader = self._found[Field.ROWS]
        rows = reader.varint("rows", MAX_POINTS, 1)
        if points or rows != input_points:
            raise reader.fault(f"{rows:,} rows beside {points:,} voxels", "rows", 0)
        return rows, reader.take(reader.left, "rows")

    def _guess(self, level: str, depth: int, points: int) -> Guess | None:
        if (Field.GUESS in self._found) != (level == LOSSY):
            raise self._whole.fault(f"level {level} with or without it", "guess", 0)
        if Field.GUESS not in self._found:
            return None
        reader = self._found[Field.GUESS]
        first = reader.u8("guess")
        levels, partly = first % PARTLY, first >= PARTLY
        if first >= 2 * PARTLY or not 1 - partly <= levels <= min(MOST_GUESSED, depth - 1):
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

    def _reference(self) -> tuple[int, bytes]:
        """How many frames back, and the id of the weights that see that frame."""
        if Field.REFERENCE not in self._found:
            return 0, NO_WEIGHTS
        reader = self._found[Field.REFERENCE]
        frames, length = reader.varint("reference", MOST_GROUP - 1, 1), reader.take(1, "reference")[0]
        if length not in (0, len(NO_WEIGHTS)):
            raise reader.fault(f"a weights id of {length} bytes", "reference", 0)
        weights = reader.take(length, "reference") or NO_WEIGHTS
        reader.done("reference")
        return frames, weights

    def _format(self) -> str:
        if Field.FORMAT not in self._found:
            return ""
        reader = self._found[Field.FORMAT]
        raw = reader.take(min(reader.left, MAX_NAME), "format")
        reader.done("format")
        return raw.decode("utf-8", "replace")

    def _dropped(self) -> tuple[str, ...]:
        reader = self._found.get(Field.DROPPED, ByteReader(b""))
        names = []
        while reader.left:
            names.append(reader.text("dropped", MAX_NAME))
        return tuple(names)

    def _moved(self) -> Moved | None:
        if Field.MOVED not in self._found:
            return None
        reader = self._found[Field.MOVED]
        mean, largest = reader.doubles(2, "moved")
        merged = reader.varint("moved", MAX_POINTS)
        if not (0 <= mean <= largest * (1 + 1e-9) < math.inf):
            raise reader.fault("not distances", "moved", 0)
        return Moved(mean, largest, merged)

    def bounds(self, properties: int) -> dict[int, int]:
        """How far the values of properties may be off. properties: how many there are."""
        reader, bounds = self._found.get(Field.BOUNDS, ByteReader(b"")), dict[int, int]()
        while reader.left:
            number = reader.varint("bounds", properties - 1, max(bounds, default=-1) + 1)
            bounds[number] = reader.varint("bounds", MOST_BOUND, 1)
        return bounds

    def _shares(self) -> tuple[int, ...]:
        reader, sizes = self._found.get(Field.SHARES, ByteReader(b"")), list[int]()
        while reader.left:
            sizes.append(reader.varint("shares"))
        return tuple(sizes)
