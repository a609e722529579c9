"""The stages from a stream back to a cloud: the parts that are wanted, geometry, points.

`pipeline` goes the other way.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from .archive import Archived, archive_info, in_order
from .arrays import BoolArray, FloatArray, Int32Array, Int64Array
from .block_bits import Placed, bits_of_blocks
from .blocks import BlockTable
from .cloud.cloud import PointCloud
from .cloud.merging import mean_colors
from .cloud.morton import is_morton_sorted
from .cloud.records import axis_columns
from .codecs.interface import DecodedGeometry, GeometryStream, LevelCodec
from .codecs.registry import get_codec_by_id
from .coding.bytes import ByteReader
from .errors import CorruptStreamError, InputError, check_type, whole_number
from .inter.frame import ReferenceFrame
from .inter.reading import Arrows, Before, arrows_of, find_before, geometry_codec
from .job import JobContext
from .options import CodecOptions
from .order import decode_order
from .points import PointReader, Runs
from .properties import Learned
from .provenance import Stopwatch
from .regions import Region, box_of, cloud_of_header, is_inside, touches
from .report import ArchiveInfo, BitBalance, BlankProperty, Loss
from .rows import decode_rows
from .stream.accounting import OWNERS, bit_balance, components
from .stream.chunks import Kind
from .stream.header import FILE, Header
from .stream.reader import StreamReader
from .stream.slice_table import SliceTable, rows_of_slices

Data = bytes
Colors = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Decoded:
    """A stream that went through all stages.

    cloud: its points. voxels: (N, 3) the cells that they come from. colors: (N, 3) uint8 mean colours of
    their points, None without colours. points, bytes: voxels and bytes of the slices that were decoded. loss:
    what a damaged stream lacks; None where the stream had to be whole. file, archive: of level "file", the
    file, and what the stream says of it. components: bytes of the stream by owner. block_bits: (B,) bits of
    the blocks, by component. placed: what the points on the grid took; None of other points. owners: (N,) row
    in `voxels` of each of them, by voxel. places: of level "file", the place of each row of the file among
    the points by voxel. blanks: of a damaged stream, where properties are lost. as_reference: what another
    frame may be coded with; None where there is no such thing. arrows: how blocks of the frame before move.
    """

    header: Header
    geometry: DecodedGeometry
    cloud: PointCloud
    voxels: Int32Array
    points: int
    bytes: int
    bits: BitBalance
    loss: Loss | None = None
    file: Data | None = None
    archive: ArchiveInfo | None = None
    colors: Colors | None = None
    components: dict[str, int] = field(default_factory=dict)
    block_bits: dict[str, FloatArray] = field(default_factory=dict)
    placed: Placed | None = None
    owners: Int64Array | None = None
    places: Int64Array | None = None
    blanks: tuple[BlankProperty, ...] = ()
    as_reference: ReferenceFrame | None = None
    arrows: Arrows | None = None


@dataclass(frozen=True)
class _PointsFound:
    """The points, by voxel, after them those off the grid; voxels that have them, and their colours; bits by
    property, and where they went; of a damaged stream, where properties are lost; what coders had learned."""

    cloud: PointCloud
    voxels: Int32Array
    colors: Colors | None
    bits: dict[str, float]
    placed: Placed | None
    blanks: tuple[BlankProperty, ...] = ()
    learned: Learned = field(default_factory=dict)


@dataclass(frozen=True)
class Parts:
    """What is decoded of a stream.

    numbers: of the slices. points: voxels of each of them. table: of all slices, where there is one. strays:
    whether the points off the grid belong to it. box: the region; None: everywhere. before: what the frame is
    coded with. entire: whether it is all of the frame.
    """

    stream: StreamReader
    coded: GeometryStream
    numbers: tuple[int, ...]
    points: list[int]
    table: SliceTable | None
    strays: bool
    box: FloatArray | None = None
    before: Before | None = None
    entire: bool = False


def decode_stream(
    stream: StreamReader,
    options: CodecOptions,
    slices: Collection[int] | None,
    region: Region | None,
    job: JobContext,
    clock: Stopwatch,
    before: ReferenceFrame | None = None,
) -> Decoded:
    """slices, region: what is wanted; None: all. before: the frame that this one is coded with.

    Raises as `api.decode`.
    """
    box = None if region is None else box_of(region)
    with clock.stage("read"):
        table, entries = stream.table(), stream.slices
        numbers = tuple(range(len(entries))) if slices is None else _checked(slices, len(entries))
        if box is not None and table is not None:
            numbers = tuple(k for k in numbers if touches(table, k, stream.header, box))
        whole = slices is None and box is None
        coded = geometry_stream(stream, None if whole else numbers)
    points = [entries[k].points for k in numbers]
    parts = Parts(stream, coded, numbers, points, table, whole or box is not None, box, entire=whole)
    if before is not None:
        parts = replace(parts, before=find_before(stream, before, len(entries)))
    found = decoded_parts(parts, options, job, clock)
    return replace(found, bytes=stream.size) if whole else found


def decoded_parts(parts: Parts, options: CodecOptions, job: JobContext, clock: Stopwatch) -> Decoded:
    """The stages after reading. An error names the byte where the part that it names begins, at least."""
    try:
        return _decoded_parts(parts, options, job, clock)
    except CorruptStreamError as error:
        if error.byte is not None:
            raise
        raise parts.stream.locate(error) from error


def _decoded_parts(parts: Parts, options: CodecOptions, job: JobContext, clock: Stopwatch) -> Decoded:
    stream, header, points = parts.stream, parts.stream.header, sum(parts.points)
    job.check()
    with clock.stage("decode"):
        decoded = _geometry_of(parts, options, job)
    _check_decoded(decoded, points, header.coded_depth)
    rows = rows_of_slices(parts.numbers, parts.points, decoded.slice_of)
    if parts.table is not None:
        _check_boxes(decoded.coords, rows, parts.table, parts.numbers)
    job.check()
    if header.guess is not None:
        with clock.stage("guess"):
            decoded, rows = _grown(parts, decoded, rows, options, job)
        points = len(decoded.coords)
    with clock.stage("points"):
        counts = _counts(parts, rows, points)
        found = _points_of(parts, decoded.coords, rows, counts, options.threads, job)
        cloud = found.cloud
    archive, file, places = archive_info(stream), None, None
    as_bytes = archive is not None and archive.stored == "bytes"
    everything = parts.coded.wanted is None or (stream.damaged and as_bytes)
    if archive is not None and (everything or as_bytes):
        with clock.stage("file"):
            cloud, file, places = file_of(stream, cloud, job)
    if as_bytes and not everything:
        cloud, file = _part_of(cloud, parts.box), None
    side = dict(decoded.side_bits) | found.bits | _side_bits(parts)
    bits = bit_balance(stream, decoded, side, stream.payload_bytes(parts.numbers, parts.strays))
    size = sum(e.length for e in stream.slices if e.part in parts.numbers)
    return Decoded(
        header,
        decoded,
        cloud,
        found.voxels,
        points,
        size,
        bits,
        file=file,
        archive=archive,
        colors=found.colors,
        components=components(stream),
        block_bits=bits_of_blocks(decoded.blocks, decoded.coords, rows, parts.numbers, found.placed),
        placed=found.placed,
        owners=np.arange(points) if counts is None else np.repeat(np.arange(points), counts),
        places=places,
        as_reference=_as_reference(parts, decoded, found, counts),
        arrows=arrows_of(stream, parts.before),
        blanks=found.blanks,
    )


def _as_reference(
    parts: Parts, decoded: DecodedGeometry, found: _PointsFound, counts: Int64Array | None
) -> ReferenceFrame | None:
    """A whole frame as one that another may be coded with."""
    header = parts.stream.header
    if not parts.entire or header.guess is not None or header.rows or header.grid is None:
        return None
    bounded = {header.attributes[k].name for k in header.bounds}
    columns = {name: column for name, column in found.cloud.attributes.items() if name not in bounded}
    first = None if counts is None else np.cumsum(counts) - counts
    return ReferenceFrame(decoded.coords, header.grid, columns, first, found.learned)


def _grown(
    parts: Parts,
    decoded: DecodedGeometry,
    rows: list[slice | BoolArray],
    options: CodecOptions,
    job: JobContext,
) -> tuple[DecodedGeometry, list[slice | BoolArray]]:
    """The voxels and the rows of the slices, after the levels that are guessed."""
    from .lossy import levels, stage  # compiled code

    grown = stage.regrow(parts.stream, parts.numbers, decoded.coords, rows, options, job)
    header = parts.stream.header
    below = header.depth - header.coded_depth
    blocks = levels.grown_blocks(decoded.blocks, grown, below)
    guessed = levels.levels_guessed(decoded.coords, decoded.guessed, grown, below)
    return replace(decoded, coords=grown.coords, blocks=blocks, guessed=guessed), grown.rows


def _geometry_of(parts: Parts, options: CodecOptions, job: JobContext) -> DecodedGeometry:
    """The voxels of the wanted slices; none of a stream that is but a file."""
    stream = parts.stream
    if stream.header.level == FILE and not parts.coded.sections:
        return DecodedGeometry(np.empty((0, 3), np.int32), BlockTable.concatenate([]))
    codec, guessed = get_codec_by_id(stream.header.codec_id), stream.header.guess
    if guessed is None or not guessed.partly:
        try:
            return geometry_codec(stream, parts.before, options).decode(parts.coded, options, job)
        except CorruptStreamError as error:
            raise stream.locate(error) from error
    from .lossy.partly import guessed_of_base  # compiled code
    from .lossy.stage import partly_guessed

    guess = partly_guessed(stream, guessed, parts.numbers, options, job)
    try:
        if not isinstance(codec, LevelCodec):
            raise CorruptStreamError(f"codec {codec.name} codes whole levels", field="guess")
        found = codec.decode(parts.coded, options, job, guess)
        return replace(found, guessed=guessed_of_base(found.coords, guess))
    except CorruptStreamError as error:
        raise stream.locate(error) from error


def file_of(stream: StreamReader, cloud: PointCloud, job: JobContext) -> tuple[PointCloud, bytes, Int64Array]:
    """The points in the order of their file, the file, and that order."""
    archived, places = Archived(stream.needed(Kind.FILE), stream.ending), np.empty(0, np.int64)
    if archived.framed and stream.header.rows:
        places = np.arange(len(cloud))
    elif archived.framed:
        places = decode_order(stream.needed(Kind.ORDER), axis_columns(cloud))
    found, data = archived.restored(cloud, places, job)
    return found, data, places


def _part_of(cloud: PointCloud, box: FloatArray | None) -> PointCloud:
    """The points in a box; none without one."""
    inside = np.zeros(len(cloud), bool) if box is None else is_inside(cloud.positions, box)
    return in_order(cloud, np.flatnonzero(inside))


def _side_bits(parts: Parts) -> dict[str, float]:
    """The bits of what is neither geometry nor container."""
    side: dict[str, float] = {}
    for entry in parts.stream.read_entries(parts.numbers, parts.strays):
        name = "table of slices" if entry.kind == Kind.TABLE else OWNERS.get(entry.kind)
        if name is not None and entry.length:
            side[name] = side.get(name, 0.0) + 8.0 * entry.length
    return side


def _counts(parts: Parts, rows: list[slice | BoolArray], voxels: int) -> Int64Array | None:
    """(N,) points of each voxel; None where each has one. Of a damaged stream, 1 where that is lost."""
    stream, header = parts.stream, parts.stream.header
    if header.of_voxels or not header.counted:
        return None
    from .coding.counts import decode_counts

    most, counts = header.input_points - header.strays, np.ones(voxels, np.int64)
    for number, held, own in zip(parts.numbers, parts.points, rows, strict=True):
        entry = stream.counts_of(number)
        if entry is None:
            continue  # of a damaged stream
        payload = stream.payload(entry)
        reader = ByteReader(payload, first_byte=entry.first_byte)
        total = reader.varint(entry.name, most, held)
        try:
            counts[own] = decode_counts(payload[reader.position :], held, total)
        except CorruptStreamError as error:
            at = entry.first_byte + reader.position + (error.byte or 0)
            raise CorruptStreamError(error.reason, field=entry.name, byte=at) from None
    found = int(counts.sum())
    if found > most or (found != most and parts.coded.wanted is None):
        raise CorruptStreamError(f"{found:,} points in the voxels instead of {most:,}", field="counts")
    return counts


def _points_of(
    parts: Parts,
    voxels: Int32Array,
    rows: list[slice | BoolArray],
    counts: Int64Array | None,
    threads: int | None,
    job: JobContext,
) -> _PointsFound:
    header, box = parts.stream.header, parts.box
    assert header.grid is not None
    reader = PointReader(parts.stream, job, None if parts.before is None else parts.before.moved)
    if header.rows:
        stream = parts.stream
        found = decode_rows(header, lambda k: _rows_payload(stream, k), header.grid.types, job)
    else:
        found = reader.read(Runs(voxels, rows, counts, parts.numbers), threads, parts.strays)
    coords = np.empty((len(found.axes[0]), 3), np.result_type(*header.grid.types))
    for k, axis in enumerate(found.axes):
        coords[:, k] = axis
    cloud = cloud_of_header(header, coords, found.columns)
    if box is None:
        colors = mean_colors(cloud.colors, found.on, counts)
        return _PointsFound(cloud, voxels, colors, found.bits, found.placed, found.blanks, found.learned)
    inside = np.flatnonzero(is_inside(cloud.positions, box))
    owners = np.arange(len(voxels)) if counts is None else np.repeat(np.arange(len(voxels)), counts)
    own = owners[inside[inside < found.on]]
    some, there = in_order(cloud, inside), np.flatnonzero(np.diff(own, prepend=-1))
    held = np.diff(np.append(there, len(own)))
    colors = mean_colors(some.colors, len(own), held)
    return _PointsFound(some, voxels[own[there]], colors, found.bits, found.placed)


def _rows_payload(stream: StreamReader, part: int) -> bytes | None:
    """That of a part of rows; None where a damaged stream lacks it."""
    if stream.damaged and not stream.has(Kind.ROWS, 0, part):
        return None
    return stream.payload(stream.part(Kind.ROWS, 0, part))


def geometry_stream(stream: StreamReader, wanted: tuple[int, ...] | None) -> GeometryStream:
    """The geometry of a stream. wanted: slices whose payloads are read; None: all."""
    header, sections = stream.header, stream.sections(wanted)
    depth, points = header.coded_depth, header.coded_points
    return GeometryStream(depth, points, header.params, header.weights_id, sections, wanted)


def _checked(slices: Collection[int], count: int) -> tuple[int, ...]:
    """The numbers, rising and once each; InputError for one that the stream has not."""
    check_type(slices, Collection, "a collection of numbers", "slices")
    numbers = {whole_number(number, "slices") for number in slices}
    for number in sorted(numbers):
        if not 0 <= number < count:
            raise InputError(f"there is no slice {number}; the stream has {count}", field="slices")
    return tuple(sorted(numbers))


def _check_decoded(decoded: DecodedGeometry, points: int, depth: int) -> None:
    """A stream never yields another number of voxels than it declares, or voxels out of order."""
    if len(decoded.coords) != points:
        raise CorruptStreamError(
            f"{len(decoded.coords):,} voxels decoded, {points:,} declared", field="points"
        )
    try:
        ordered = is_morton_sorted(decoded.coords, depth)
    except ValueError:
        ordered = False
    if not ordered:
        raise CorruptStreamError("the decoded voxels are not a set in Morton order", field="slices")


def _check_boxes(
    coords: Int32Array, rows: list[slice | BoolArray], table: SliceTable, numbers: tuple[int, ...]
) -> None:
    """Slices of another stream are found here: their checksums are right."""
    for number, own in zip(numbers, rows, strict=True):
        cells = coords[own]
        if len(cells) != table.points[number] or not _in_boxes(cells, table.boxes[number]):
            reason = "the voxels are not those that the slice table announces"
            raise CorruptStreamError(reason, field=f"slice {number}")


def _in_boxes(cells: Int32Array, boxes: Int64Array) -> bool:
    """Whether every cell (n, 3) lies in one of the boxes (m, 2, 3)."""
    held = np.zeros(len(cells), bool)
    for low, high in boxes:
        own = np.ones(len(cells), bool)
        for axis in range(3):
            own &= (cells[:, axis] >= low[axis]) & (cells[:, axis] <= high[axis])
        held |= own
    return bool(held.all())
