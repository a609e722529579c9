"""From voxels to points and back: how many points voxels have, remainders, properties, points off the grid.

Points are coded in the order of their voxels, and those off the grid after all others. Parts (runs of points)
are coded apart, so that slices can be decoded without the others.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from .cloud.cloud import PointCloud
from .cloud.columns import FileInfo
from .cloud.grid import Grid
from .cloud.merging import merged_column
from .cloud.records import axis_columns
from .cloud.rough import Modes, Rests
from .cloud.voxelize import Voxelized
from .codecs.attributes.interface import Array, Layout
from .codecs.attributes.packing import pack_column, unpack_column
from .coding.bytes import ByteReader, varint
from .errors import CorruptStreamError
from .job import JobContext
from .properties import (
    Columns,
    Schema,
    check_size,
    decode_properties,
    encode_properties,
    flat,
    joined_column,
    lists_total,
    ordered,
    part_bounds,
    properties_of,
)
from .stream.chunks import Kind
from .stream.header import VOXELS
from .stream.reader import StreamReader

Int64Array = npt.NDArray[np.int64]


class Chunk(NamedTuple):
    """What the container gets."""

    kind: Kind
    payload: bytes
    component: int = 0
    part: int = 0


@dataclass(frozen=True)
class CodedPoints:
    """What makes points of voxels. fields: of the header. bits: by owner."""

    fields: dict[str, Any] = field(default_factory=dict)
    chunks: list[Chunk] = field(default_factory=list)
    bits: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Points:
    """A cloud, and what of it is coded. columns: its properties. rests: of a rough grid, by point on it, and
    what they count."""

    cloud: PointCloud
    done: Voxelized
    columns: Columns
    rests: Rests = (None, None, None)
    modes: Modes = (0, 0, 0)


def encode_points(
    points: Points, level: str, slices: Int64Array, job: JobContext, threads: int | None = None
) -> CodedPoints:
    """slices: voxels of each slice of the geometry. Raises InputError, CancelledError."""
    done = points.done
    if level == VOXELS:
        columns = {name: merged_column(name, column, done) for name, column in points.columns.items()}
        layout = Layout(done.voxels.coords, part_bounds(_ends(slices)), threads)
        coded = encode_properties(columns, layout, job)
        chunks = [Chunk(Kind.ATTRIBUTE, data, group, part) for group, part, data in coded.payloads]
        return CodedPoints({"attributes": coded.attributes, "groups": coded.groups}, chunks, coded.bits)
    return _Records(points, slices, threads).encode(job)


def _ends(sizes: Int64Array) -> Int64Array:
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes, dtype=np.int64)])


class _Records:
    """The points of a cloud in the order in which they are coded."""

    def __init__(self, points: Points, slices: Int64Array, threads: int | None) -> None:
        self._points, self._done, self._threads = points, points.done, threads
        ends = _ends(slices)
        counts = self._done.counts
        if counts is not None:
            ends = _ends(counts)[ends]
        self._bounds = part_bounds(ends)

    def encode(self, job: JobContext) -> CodedPoints:
        """All stages."""
        done, strays = self._done, self._done.placed.strays
        made = CodedPoints({"counted": done.counts is not None, "strays": len(strays)})
        if done.counts is not None:
            from .coding.counts import encode_counts  # compiles: only where there are counts

            self._add(made, "duplicates", [Chunk(Kind.COUNTS, encode_counts(done.counts))])
        cells = done.voxels.coords
        layout = Layout(
            cells if done.counts is None else np.repeat(cells, done.counts, axis=0),
            self._bounds,
            self._threads,
        )
        self._add_remainders(made, layout, job)
        self._add_properties(made, layout, job)
        if len(strays):
            self._add(made, "strays", [Chunk(Kind.STRAYS, self._strays(strays))])
        return made

    def _add(self, made: CodedPoints, owner: str, chunks: list[Chunk]) -> None:
        made.chunks.extend(chunks)
        made.bits[owner] = 8.0 * sum(len(chunk.payload) for chunk in chunks)

    def _add_remainders(self, made: CodedPoints, layout: Layout, job: JobContext) -> None:
        if all(rest is None for rest in self._points.rests):
            return
        from .remainders import RoughGrid, encode_remainders

        by_voxel = np.argsort(self._done.codes, kind="stable")
        x, y, z = (None if rest is None else rest[by_voxel] for rest in self._points.rests)
        rough = RoughGrid(self._done.placed.grid, self._points.modes)
        payloads = encode_remainders((x, y, z), rough, layout, job)
        made.fields["rough"] = rough.modes
        self._add(made, "remainders", [Chunk(Kind.REMAINDERS, data, 0, k) for k, data in enumerate(payloads)])

    def _add_properties(self, made: CodedPoints, layout: Layout, job: JobContext) -> None:
        rows = self._done.order
        columns = {name: ordered(column, rows) for name, column in self._points.columns.items()}
        coded = encode_properties(columns, layout, job)
        made.fields.update(attributes=coded.attributes, groups=coded.groups)
        made.bits.update(coded.bits)
        made.chunks.extend(Chunk(Kind.ATTRIBUTE, data, group, part) for group, part, data in coded.payloads)

    def _strays(self, rows: Int64Array) -> bytes:
        columns = {name: ordered(column, rows) for name, column in self._points.columns.items()}
        axes = [column[rows] for column in axis_columns(self._points.cloud)]
        return b"".join(varint(len(packed)) + packed for packed in map(pack_column, [*axes, *flat(columns)]))


def decode_points(
    stream: StreamReader, cells: npt.NDArray[np.int32], wanted: tuple[int, ...] | None, job: JobContext
) -> tuple[PointCloud, dict[str, float]]:
    """The points that a stream holds, by voxel, and after them those off the grid; the bits by owner.

    cells: the decoded voxels. wanted: numbers of their slices, None for all; without all, points off the grid
    are left out. Raises CorruptStreamError, UnsupportedStreamError, CancelledError.
    """
    return _Decoding(stream, cells, wanted, job).cloud()


class _Decoding:
    """The points of one stream."""

    def __init__(
        self,
        stream: StreamReader,
        cells: npt.NDArray[np.int32],
        wanted: tuple[int, ...] | None,
        job: JobContext,
    ) -> None:
        self._stream, self._header, self._job = stream, stream.header, job
        self._schema = Schema(self._header.attributes, self._header.groups)
        check_size(self._schema, self._header.records, stream.size)
        assert self._header.grid is not None
        self._grid: Grid = self._header.grid
        self._bits: dict[str, float] = {}
        self._whole = wanted is None
        sizes = np.array([entry.points for entry in stream.slices], np.int64)
        chosen = range(len(sizes)) if wanted is None else wanted
        self._layout, self._parts = self._places(sizes, list(chosen), cells)

    def _places(
        self, sizes: Int64Array, chosen: list[int], cells: npt.NDArray[np.int32]
    ) -> tuple[Layout, list[int]]:
        """Where the decoded points lie, and the numbers of their parts among all."""
        ends = voxels = _ends(sizes)
        if self._header.level != VOXELS and self._header.counted:
            counts = self._counts()
            ends = _ends(counts)[voxels]
            own = [counts[voxels[k] : voxels[k + 1]] for k in chosen]
            cells = np.repeat(cells, np.concatenate([np.empty(0, np.int64), *own]), axis=0)
        bounds, first = part_bounds(ends), np.searchsorted(part_bounds(ends), ends)
        parts = [part for k in chosen for part in range(int(first[k]), int(first[k + 1]))]
        return Layout(cells, _ends(np.diff(bounds)[parts])), parts

    def _counts(self) -> Int64Array:
        from .coding.counts import decode_counts

        payload = self._stream.needed(Kind.COUNTS)
        self._bits["duplicates"] = 8.0 * len(payload)
        return decode_counts(payload, self._header.points, self._header.input_points - self._header.strays)

    def cloud(self) -> tuple[PointCloud, dict[str, float]]:
        """All of it."""
        header = self._header
        columns = self._properties()
        axes = self._axes()
        if header.strays and self._whole:
            axes, columns = self._with_strays(axes, columns)
        types = self._grid.types
        coords = np.empty((len(axes[0]), 3), np.result_type(*types))
        for k, axis in enumerate(axes):
            coords[:, k] = axis
        cloud = PointCloud(
            coords,
            attributes=columns,
            scale=header.scale,
            offset=header.offset,
            axis_types=types if len(set(types)) > 1 else None,
            info=FileInfo(header.format),
        )
        return cloud, self._bits

    def _payloads(self, kind: Kind, component: int) -> list[bytes]:
        """One a part."""
        return [self._stream.part(kind, component, part) for part in self._parts]

    def _axes(self) -> list[Array]:
        if not any(self._header.rough):
            return self._grid.columns(self._layout.cells)
        from .remainders import RoughGrid, decode_remainders

        payloads = self._payloads(Kind.REMAINDERS, 0)
        self._bits["remainders"] = 8.0 * sum(map(len, payloads))
        return decode_remainders(payloads, RoughGrid(self._grid, self._header.rough), self._layout, self._job)

    def _properties(self) -> Columns:
        spent: dict[int, int] = {}

        def payloads(group: int) -> list[bytes]:
            found = self._payloads(Kind.ATTRIBUTE, group)
            spent[group] = 8 * sum(map(len, found))
            return found

        columns = decode_properties(self._schema, payloads, self._layout, self._job)
        self._bits["attributes"] = float(sum(spent.values()))
        return columns

    def _with_strays(self, axes: list[Array], columns: Columns) -> tuple[list[Array], Columns]:
        payload = self._stream.needed(Kind.STRAYS)
        self._bits["strays"] = 8.0 * len(payload)
        reader, rows = ByteReader(payload), self._header.strays
        own = [_column(reader, kind, rows) for kind in self._grid.types]
        found: list[Array] = []
        for header in self._schema.attributes:
            for k, kind in enumerate(header.types):
                listed = header.lengths is not None and k == 1
                found.append(_column(reader, kind, lists_total(found[-1]) if listed else rows))
        reader.done("strays")
        more = properties_of(self._schema.attributes, dict(enumerate(found)))
        joined = {name: joined_column(column, more[name]) for name, column in columns.items()}
        return [np.concatenate(pair) for pair in zip(axes, own, strict=True)], joined


def _column(reader: ByteReader, dtype: np.dtype[Any], rows: int) -> Array:
    packed = reader.take(reader.varint("strays", reader.left), "strays")
    try:
        return unpack_column(packed, dtype, rows)
    except CorruptStreamError as error:
        start = reader.position - len(packed)
        raise CorruptStreamError(error.reason, field="strays", byte=start) from None
