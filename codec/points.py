"""From voxels to points and back: how many points voxels have, remainders, properties, points off the grid.

Points are coded in the order of their voxels, and those off the grid after all others. Parts (runs of points)
are coded apart, so that slices can be decoded without the others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from .arrays import BoolArray, IntArray
from .block_bits import Placed, Spent
from .cloud.cloud import COLOURS, PointCloud, VoxelCloud
from .cloud.grid import Grid
from .cloud.merging import merged_column
from .cloud.records import axis_columns
from .cloud.rough import Modes, Rests
from .cloud.voxelize import Voxelized
from .codecs.attributes.interface import PART_OF_SLICE, Array, Layout
from .codecs.attributes.packing import pack_column, unpack_column
from .coding.bytes import ByteReader, varint
from .color_loss import color_loss
from .errors import CorruptStreamError
from .job import JobContext
from .properties import (
    PART_POINTS,
    REFERRING,
    Columns,
    Earlier,
    Learned,
    Schema,
    check_size,
    decode_properties,
    encode_properties,
    flat,
    joined_column,
    lists_total,
    ordered,
    properties_of,
)
from .report import BlankProperty, ColorLoss
from .stream.chunks import Kind
from .stream.header import LOSSY, VOXELS
from .stream.reader import StreamReader
from .stream.schema import AttributeHeader

Int64Array = npt.NDArray[np.int64]


class Chunk(NamedTuple):
    """What the container gets."""

    kind: Kind
    payload: bytes
    component: int = 0
    part: int = 0


@dataclass(frozen=True)
class CodedPoints:
    """What makes points of voxels.

    fields: of the header. counts: of each slice. bits: by owner. spent: of those that have a place. placed:
    what they took where. colors: what colours lost, where they may be off. learned: by the coders of
    properties, for the next frame.
    """

    fields: dict[str, Any] = field(default_factory=dict)
    counts: list[bytes] = field(default_factory=list)
    chunks: list[Chunk] = field(default_factory=list)
    bits: dict[str, float] = field(default_factory=dict)
    spent: dict[str, Spent] = field(default_factory=dict)
    placed: Placed | None = None
    colors: list[ColorLoss] = field(default_factory=list)
    learned: Learned = field(default_factory=dict)

    def add(self, owner: str, chunks: list[Chunk]) -> None:
        """Takes chunks that belong to one owner."""
        self.chunks.extend(chunks)
        self.bits[owner] = self.bits.get(owner, 0.0) + 8.0 * sum(len(chunk.payload) for chunk in chunks)


@dataclass(frozen=True)
class Points:
    """A cloud, and what of it is coded.

    columns: its properties. rests, modes: of a rough grid, by point on it, and what they count.
    """

    cloud: PointCloud
    done: Voxelized
    columns: Columns
    rests: Rests = (None, None, None)
    modes: Modes = (0, 0, 0)

    @property
    def merged_columns(self) -> Columns:
        """The properties of the voxels."""
        return {name: merged_column(name, column, self.done) for name, column in self.columns.items()}


def parts_of_slice(number: int, points: int) -> list[int]:
    """The numbers of the parts of a slice, in their order."""
    return [number + PART_OF_SLICE * k for k in range(max(round(points / PART_POINTS), 1))]


class Runs:
    """The points of the slices of a stream, one slice after the other, and in a slice by voxel.

    slices: where the voxels of each slice lie among all. counts: (M,) points of each voxel; None: one each.
    """

    def __init__(
        self,
        cells: IntArray,
        slices: list[slice | BoolArray],
        counts: Int64Array | None,
        numbers: Sequence[int] | None = None,
    ) -> None:
        """numbers: of the slices, if they are not 0, 1, 2, ..."""
        every = np.arange(len(cells))
        places = [every[own] for own in slices]
        self._voxels = np.concatenate([np.empty(0, np.int64), *places])
        sizes = [len(own) if counts is None else int(counts[own].sum()) for own in places]
        bounds, self.parts = [0], list[int]()
        for number, size in zip(numbers or range(len(sizes)), sizes, strict=True):
            own = parts_of_slice(number, size)
            start, pieces = bounds[-1], len(own)
            bounds += [start + size * k // pieces for k in range(1, pieces + 1)]
            self.parts += own
        self.bounds = np.array(bounds, np.int64)
        self._cells, self._counts = cells, counts
        self._straight = bool((np.diff(self._voxels) == 1).all())  # the slices follow each other

    @property
    def rows(self) -> Int64Array | None:
        """(N,) place of each point, as they come here, among the points by voxel; None: they are the same."""
        if self._straight:
            return None
        if self._counts is None:
            return self._voxels
        starts = np.cumsum(self._counts) - self._counts
        taken = self._counts[self._voxels]
        first = np.repeat(starts[self._voxels] - (np.cumsum(taken) - taken), taken)
        return np.asarray(first + np.arange(len(first)), np.int64)

    def layout(self, threads: int | None = None) -> Layout:
        """Where the points lie."""
        cells = self._cells if self._straight else self._cells[self._voxels]
        if self._counts is not None:
            cells = np.repeat(cells, self._counts[self._voxels], axis=0)
        return Layout(cells, self.bounds, threads, numbers=tuple(self.parts))

    def placed(self, spent: dict[str, Spent]) -> Placed:
        """Bits by owner, with the places of the points that took them."""
        sizes = np.ones(len(self._voxels), np.int64) if self._counts is None else self._counts[self._voxels]
        return Placed(np.concatenate([[0], np.cumsum(sizes)]), self.bounds, spent, self.rows)

    def blank(self, name: str, lost: list[int]) -> BlankProperty:
        """A property that is lost in some parts."""
        slices = tuple(dict.fromkeys(self.parts[k] % PART_OF_SLICE for k in lost))
        return BlankProperty(name, int(np.diff(self.bounds)[lost].sum()), slices)

    def of_slices(self, bits: list[float]) -> Spent:
        """Bits of each slice, spread evenly over its parts."""
        held = Counter(part % PART_OF_SLICE for part in self.parts)  # by slice, in their order
        return Spent(np.repeat(np.array(bits) / list(held.values()), list(held.values())))


def encode_points(
    points: Points,
    level: str,
    slices: list[slice | BoolArray],
    job: JobContext,
    threads: int | None,
    color_error: int = 0,
    before: Earlier | None = None,
) -> CodedPoints:
    """slices: where their voxels lie among all. before: a frame that properties may be coded with.

    Raises InputError, CancelledError.
    """
    done = points.done
    made = CodedPoints()
    if level in (VOXELS, LOSSY):
        runs = Runs(done.voxels.coords, slices, None)
        _add_properties(
            made, _placed(points.merged_columns, runs.rows), runs, threads, job, color_error, before
        )
        return replace(made, placed=runs.placed(made.spent))
    strays, counts = done.placed.strays, done.counts
    made.fields.update(counted=counts is not None, strays=len(strays))
    if counts is not None:
        made.counts.extend(_counts_payload(counts[own]) for own in slices)
    runs = Runs(done.voxels.coords, slices, counts)
    rows = runs.rows
    order = done.order if rows is None else done.order[rows]
    _add_remainders(made, points, runs, job)
    _add_properties(made, _placed(points.columns, order), runs, threads, job, color_error, before)
    if len(strays):
        made.add("strays", [Chunk(Kind.STRAYS, _strays(points, strays))])
    if counts is not None:
        made.spent["duplicates"] = runs.of_slices([8.0 * len(payload) for payload in made.counts])
    return replace(made, placed=runs.placed(made.spent))


def encode_colors(
    voxels: VoxelCloud,
    slices: list[slice | BoolArray],
    job: JobContext,
    threads: int | None,
    color_error: int = 0,
    before: Earlier | None = None,
) -> CodedPoints:
    """The colours of voxels that were given as such. Raises CancelledError."""
    made, runs = CodedPoints(), Runs(voxels.coords, slices, None)
    assert voxels.colors is not None
    columns = columns_of_colors(voxels)
    _add_properties(made, _placed(columns, runs.rows), runs, threads, job, color_error, before)
    return replace(made, placed=runs.placed(made.spent))


def columns_of_colors(voxels: VoxelCloud) -> Columns:
    """The colours of voxels as properties; none without colours."""
    if voxels.colors is None:
        return {}
    return {name: np.ascontiguousarray(voxels.colors[:, k]) for k, name in enumerate(COLOURS[:3])}


def _placed(columns: Columns, rows: Int64Array | None) -> Columns:
    if rows is None:
        return columns
    return {name: ordered(column, rows) for name, column in columns.items()}


def _counts_payload(counts: Int64Array) -> bytes:
    """How many points the voxels of one slice have."""
    from .coding.counts import encode_counts  # compiles: only where there are counts

    return varint(int(counts.sum())) + encode_counts(counts)


def _add_remainders(made: CodedPoints, points: Points, runs: Runs, job: JobContext) -> None:
    if not any(points.modes):
        return
    from .remainders import RoughGrid, encode_remainders

    by_voxel, rows = np.argsort(points.done.codes, kind="stable"), runs.rows
    order = by_voxel if rows is None else by_voxel[rows]
    x, y, z = (None if rest is None else rest[order] for rest in points.rests)
    rough = RoughGrid(points.done.placed.grid, points.modes)
    payloads = encode_remainders((x, y, z), rough, runs.layout(), job)
    made.fields["rough"] = points.modes
    chunks = [Chunk(Kind.REMAINDERS, data, 0, part) for data, part in zip(payloads, runs.parts)]
    made.add("remainders", chunks)
    made.spent["remainders"] = Spent(np.array([8.0 * len(data) for data in payloads]))


def _add_properties(
    made: CodedPoints,
    columns: Columns,
    runs: Runs,
    threads: int | None,
    job: JobContext,
    color_error: int,
    before: Earlier | None,
) -> None:
    if not columns:
        return
    coded = encode_properties(columns, runs.layout(threads), job, color_error, before)
    if any(group.coder == REFERRING for group in coded.groups):
        made.fields["reference"] = 1
    made.fields.update(attributes=coded.attributes, groups=coded.groups, shares=coded.shares)
    made.fields.update(bounds=coded.bounds)
    if coded.back:
        plain = list(flat(columns))
        back = [coded.back.get(k, column) for k, column in enumerate(plain)]
        rgb = [_column_of(name, coded.attributes) for name in COLOURS[:3]]
        ours, theirs = ([found[k] for k in rgb if k is not None] for found in (plain, back))
        if len(ours) == len(rgb):
            made.colors.append(color_loss(ours, theirs, color_error))
    made.spent.update(coded.spent)
    made.learned.update(coded.learned)
    made.bits.update((name, spent.total()) for name, spent in coded.spent.items())
    made.chunks.extend(
        Chunk(Kind.ATTRIBUTE, data, group, runs.parts[part]) for group, part, data in coded.payloads
    )


def _column_of(name: str, attributes: Sequence[AttributeHeader]) -> int | None:
    """The number of the column of a property; None where there is no such property."""
    number = 0
    for attribute in attributes:
        if attribute.name == name:
            return number
        number += len(attribute.types)
    return None


def _strays(points: Points, rows: Int64Array) -> bytes:
    columns = _placed(points.columns, rows)
    axes = [column[rows] for column in axis_columns(points.cloud)]
    return b"".join(varint(len(packed)) + packed for packed in map(pack_column, [*axes, *flat(columns)]))


@dataclass(frozen=True)
class DecodedPoints:
    """The points of a stream.

    on: how many of them lie on the grid; those off it come last. bits: of the properties, by owner. placed:
    what has a place, and what it took there. blanks: of a damaged stream, where properties are lost. learned:
    by the coders of properties, for the next frame.
    """

    axes: list[Array]
    columns: Columns
    on: int
    bits: dict[str, float] = field(default_factory=dict)
    placed: Placed | None = None
    blanks: tuple[BlankProperty, ...] = ()
    learned: Learned = field(default_factory=dict)


class PointReader:
    """Decodes what a stream has beside its geometry."""

    def __init__(self, stream: StreamReader, job: JobContext, before: Earlier | None = None) -> None:
        """before: the frame that properties may be coded with."""
        self._before = before
        self._stream, self._header, self._job = stream, stream.header, job
        self._schema = Schema(self._header.attributes, self._header.groups)
        check_size(self._schema, self._header.records, stream.size)
        assert self._header.grid is not None
        self._grid: Grid = self._header.grid

    def read(self, runs: Runs, threads: int | None, strays: bool) -> DecodedPoints:
        """The points of some slices. strays: and those off the grid.

        Raises CorruptStreamError, UnsupportedStreamError, CancelledError.
        """
        layout = runs.layout(threads)
        done = decode_properties(
            self._schema, lambda group: self._payloads_there(group, runs), layout, self._job, self._before
        )
        columns = done.columns
        axes = self._axes(runs, layout)
        rows = runs.rows
        if rows is not None:
            back = np.empty(len(rows), np.int64)
            back[rows] = np.arange(len(rows))
            axes, columns = [axis[back] for axis in axes], _placed(columns, back)
        bits = {name: spent.total() for name, spent in done.spent.items()}
        spent = done.spent | self._elsewhere(runs)
        blanks = tuple(runs.blank(name, lost) for name, lost in done.lost.items())
        found = DecodedPoints(axes, columns, layout.rows, bits, runs.placed(spent), blanks, done.learned)
        return self._with_strays(found) if strays and self._header.strays else found

    def _elsewhere(self, runs: Runs) -> dict[str, Spent]:
        """What has a place beside the properties."""
        stream, found = self._stream, dict[str, Spent]()
        if any(self._header.rough):
            entries = [stream.part(Kind.REMAINDERS, 0, part) for part in runs.parts]
            found["remainders"] = Spent(np.array([8.0 * entry.length for entry in entries]))
        if self._header.counted:
            numbers = dict.fromkeys(part % PART_OF_SLICE for part in runs.parts)
            counted = [stream.counts_of(number) for number in numbers]
            found["duplicates"] = runs.of_slices([8.0 * entry.length if entry else 0.0 for entry in counted])
        return found

    def _payloads_there(self, group: int, runs: Runs) -> list[bytes | None]:
        """The payloads of a group. None for those that a damaged stream lacks, and where it is lost how many
        points their slice has.
        """
        stream = self._stream

        def payload(part: int) -> bytes | None:
            uncounted = self._header.counted and stream.counts_of(part % PART_OF_SLICE) is None
            if stream.damaged and (uncounted or not stream.has(Kind.ATTRIBUTE, group, part)):
                return None
            return stream.payload(stream.part(Kind.ATTRIBUTE, group, part))

        return [payload(part) for part in runs.parts]

    def _payloads(self, kind: Kind, component: int, runs: Runs) -> list[bytes]:
        return [self._stream.payload(self._stream.part(kind, component, part)) for part in runs.parts]

    def _axes(self, runs: Runs, layout: Layout) -> list[Array]:
        if not any(self._header.rough):
            return self._grid.columns(layout.cells)
        from .remainders import RoughGrid, decode_remainders

        payloads = self._payloads(Kind.REMAINDERS, 0, runs)
        return decode_remainders(payloads, RoughGrid(self._grid, self._header.rough), layout, self._job)

    def _with_strays(self, points: DecodedPoints) -> DecodedPoints:
        reader, rows = ByteReader(self._stream.needed(Kind.STRAYS)), self._header.strays
        own = [_column(reader, kind, rows) for kind in self._grid.types]
        found: list[Array] = []
        for header in self._schema.attributes:
            for k, kind in enumerate(header.types):
                listed = header.lengths is not None and k == 1
                found.append(_column(reader, kind, lists_total(found[-1]) if listed else rows))
        reader.done("strays")
        more = properties_of(self._schema.attributes, dict(enumerate(found)))
        joined = {name: joined_column(column, more[name]) for name, column in points.columns.items()}
        axes = [np.concatenate(pair) for pair in zip(points.axes, own, strict=True)]
        return replace(points, axes=axes, columns=joined)


def _column(reader: ByteReader, dtype: np.dtype[Any], rows: int) -> Array:
    packed = reader.take(reader.varint("strays", reader.left), "strays")
    try:
        return unpack_column(packed, dtype, rows)
    except CorruptStreamError as error:
        start = reader.position - len(packed)
        raise CorruptStreamError(error.reason, field="strays", byte=start) from None
