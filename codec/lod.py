"""Levels of detail: a coarser cloud from the first levels of a stream, whose other bytes are not read."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .arrays import Int32Array
from .cloud.cloud import PointCloud, Transform, VoxelCloud
from .cloud.columns import FileInfo
from .codecs.interface import (
    SECTION_SLICE,
    SECTION_TREE,
    GeometryCodec,
    GeometryStream,
    LevelCodec,
    Section,
)
from .codecs.registry import codec_info
from .errors import CorruptStreamError, InputError, whole_number
from .files.source import Readable, open_source
from .job import JobContext
from .options import CodecOptions
from .stream.chunks import Kind
from .stream.entry import Entry
from .stream.header import Header
from .stream.level_ends import checked_prefix, parse_levels
from .stream.reader import StreamReader


@dataclass(frozen=True)
class LevelOfDetail:
    """A coarse cloud of a stream.

    level: bits per axis. cloud: a point in the middle of each occupied cell. voxels: these cells. bytes_read:
    of the geometry; bytes_all: of all of it.
    """

    header: Header
    level: int
    cloud: PointCloud
    voxels: VoxelCloud
    bytes_read: int
    bytes_all: int


def decode_lod(
    stream: StreamReader, codec: GeometryCodec, lod: int, options: CodecOptions, job: JobContext
) -> LevelOfDetail:
    """The first `lod` levels of a stream; all that are coded where it has no more. codec: of its geometry.

    Raises as `api.decode`.
    """
    lod = whole_number(lod, "lod")
    header = stream.header
    if lod < 1:
        raise InputError(f"a cloud of {lod} levels has no points; from 1 on it has", field="lod")
    if not stream.slices:
        raise InputError("the stream has no geometry by voxels, so no levels of detail", field="lod")
    level = min(lod, header.coded_depth)
    prefix = isinstance(codec, LevelCodec) and level < header.coded_depth
    sections = level_sections(stream, level if prefix else header.coded_depth)
    read = sum(len(section.payload) for section in sections)
    coded = GeometryStream(
        header.coded_depth, header.coded_points, header.params, header.weights_id, sections
    )
    coords = _nodes(stream, codec, coded, level, options, job)
    everything = sum(entry.length for entry in stream.entries if stream.is_geometry(entry))
    return _placed(header, coords, level, read, everything)


def level_sections(stream: StreamReader, level: int, number: int | None = None) -> list[Section]:
    """As much of the geometry as so many levels take. number: of a slice; the others come without a payload,
    unread. Raises CorruptStreamError."""
    sections = []
    for entry in filter(stream.is_geometry, stream.entries):
        tree = stream.is_tree(entry)
        if not tree and number is not None and entry.part != number:
            payload = b""
        elif level < stream.header.coded_depth:
            payload = _prefix(stream, entry, level)
        else:
            payload = stream.payload(entry)
        sections.append(Section(SECTION_TREE if tree else SECTION_SLICE, payload, entry.points))
    return sections


@dataclass(frozen=True)
class StreamLevels:
    """What coarse clouds of a stream take.

    codec, level: its codec, and what it keeps. depth: bits per axis. points: voxels. bytes: (coded levels,)
    bytes of the geometry that `decode` reads for 1, 2, ... levels; the last are all of them.
    """

    codec: str
    level: str
    depth: int
    points: int
    bytes: tuple[int, ...]


def stream_levels(source: Readable, *, frame: int | None = None) -> StreamLevels | None:
    """The levels of detail of a stream, of which only head, index and tables are read.

    frame: of a sequence, which one. None for a stream whose coarse clouds take as long as all of it. Raises
    as `api.decode`.
    """
    with open_source(source) as given:
        stream = StreamReader(given, frame=frame)
        header = stream.header
        if not stream.slices or not codec_info(header.codec_name).by_level:
            return None
        taken = [0] * header.coded_depth
        for entry in filter(stream.is_geometry, stream.entries):
            for level in range(1, header.coded_depth + 1):
                end = None if stream.is_tree(entry) else _end(stream, entry, level)
                taken[level - 1] += entry.length if end is None else end[0]
        return StreamLevels(header.codec_name, header.level, header.depth, header.points, tuple(taken))


def _nodes(
    stream: StreamReader,
    codec: GeometryCodec,
    coded: GeometryStream,
    level: int,
    options: CodecOptions,
    job: JobContext,
) -> Int32Array:
    guessed, guess = stream.header.guess, None
    if guessed is not None and guessed.partly and level == coded.depth:
        from .lossy.stage import partly_guessed  # compiled code

        guess = partly_guessed(stream, guessed, range(len(stream.slices)), options, job)
    try:
        if isinstance(codec, LevelCodec):
            if guess is not None:
                return codec.decode(coded, options, job, guess).coords
            return codec.decode_levels(coded, level, options, job)
        found = codec.decode(coded, options, job).coords >> (coded.depth - level)
    except CorruptStreamError as error:
        raise stream.locate(error) from error
    same = (found[1:] == found[:-1]).all(axis=1)
    return found[np.concatenate([[True], ~same])] if len(found) else found


def _prefix(stream: StreamReader, entry: Entry, level: int) -> bytes:
    """As much of a slice as the levels take, checked; all of it where the stream does not say how much."""
    found = _end(stream, entry, level)
    if found is None:
        return stream.payload(entry)
    end, crc = found
    if end > entry.length:
        raise CorruptStreamError("levels beyond its end", field=entry.name, byte=entry.first_byte)
    return checked_prefix(stream.source.read(entry.first_byte, end), crc, entry.name, entry.first_byte)


def _end(stream: StreamReader, entry: Entry, level: int) -> tuple[int, int] | None:
    """The bytes of a slice that hold so many levels, or the next number that is named, and their CRC-32.

    None where the stream does not say it.
    """
    there = stream.find(Kind.LEVELS, entry.part)
    known = {} if there is None else parse_levels(stream.payload(there), there.name, there.first_byte)
    return next((known[named] for named in sorted(known) if named >= level), None)


def _placed(header: Header, coords: Int32Array, level: int, read: int, everything: int) -> LevelOfDetail:
    assert header.grid is not None
    below = header.depth - level
    middle = (coords.astype(np.int64) << below) + ((1 << below) >> 1)
    cloud = PointCloud(
        header.grid.coords(middle), scale=header.scale, offset=header.offset, info=FileInfo(header.format)
    )
    whole, edge = header.transform.scaled(header.scale, header.offset), float(1 << below)
    x, y, z = (o + s * (edge // 2) for o, s in zip(whole.origin, whole.steps, strict=True))
    u, v, w = (s * edge for s in whole.steps)
    transform = Transform((x, y, z), min(u, v, w), None if u == v == w else (u, v, w))
    voxels = VoxelCloud(coords, level, transform, header.coordinate_type)
    return LevelOfDetail(header, level, cloud, voxels, read, everything)
