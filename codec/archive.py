"""The stage of files: what makes the decoded points the file that they came from, byte for byte.

Where the rows of the points can be written again (`formats.framing`), the bytes around them are kept; else
the whole file is.
"""

from __future__ import annotations

import hashlib
import os
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from .cloud.cloud import PointCloud
from .coding.bytes import ByteReader, varint
from .coding.squeezing import MARKS, Squeezed, squeeze, unsqueeze
from .errors import CancelledError, CorruptStreamError, InputError, OctavoxError
from .files.source import Source, open_source
from .formats import read_cloud
from .formats.framing import Frame, framed_source, text_columns
from .formats.registry import GZIP_SUFFIX, HEAD_BYTES, format_of, suffix_of
from .formats.text_style import lines_of, style_of, unpacked_style
from .job import JobContext
from .properties import ordered
from .report import ArchiveInfo
from .stream.chunks import DIGEST_BYTES, Kind
from .stream.reader import StreamReader

WHOLE, FRAMED, TEXT = 0, 1, 2  # how a file is kept
ENDINGS = (
    "", ".ply", ".pcd", ".las", ".laz", ".e57", ".npy", ".npz", ".bin", ".obj", ".stl", ".off", ".glb",
    ".gltf", ".xyz", ".xyzrgb", ".pts", ".csv", ".txt", ".asc",
)  # fmt: skip
GZIPPED = 32  # is added to the number of an ending
_LARGEST = 1 << 48
_TRIED_WHOLE = 1 << 20  # bytes up to which a file is always tried as it is
_DENSER = 4  # times at most that LZMA is denser than zstandard
_FAULTS = (OctavoxError, KeyError, ValueError, IndexError, TypeError, OverflowError)


class FileChunk(NamedTuple):
    """A chunk FILE. points: of the file, where it is kept whole. ending: of its name."""

    payload: bytes
    points: int
    ending: int


@dataclass(frozen=True)
class Body:
    """The rows of a file, which its points give back. notes: what writing takes. text: they are lines."""

    start: int
    stop: int
    notes: bytes = b""
    text: bool = False


def body_of(source: Source, cloud: PointCloud, job: JobContext) -> Body | None:
    """The rows of a file from which a cloud was read; None where they would not come back from the cloud.

    Raises CancelledError.
    """
    known = format_of(source.name, source.read(0, HEAD_BYTES))
    if known is None:
        return None
    try:
        frame = known.frame(source)
        if frame is None:
            return None
        if frame.names:
            return _text_body(source, frame, cloud, job)
        same = _comes_back(source, frame, cloud, job)
        return Body(frame.start, frame.stop, frame.notes) if same else None
    except CancelledError:
        raise
    except _FAULTS:  # whatever the file has that a frame does not
        return None


def _comes_back(source: Source, frame: Frame, cloud: PointCloud, job: JobContext) -> bool:
    """Whether the rows are written as they are."""
    assert frame.rows is not None
    at = frame.start
    for piece in frame.rows(cloud, job):
        if source.read(at, len(piece)) != piece:
            return False
        at += len(piece)
    return at == frame.stop


def _text_body(source: Source, frame: Frame, cloud: PointCloud, job: JobContext) -> Body | None:
    stop = _after_lines(source, frame, len(cloud))
    columns = dict(zip(frame.names, text_columns(frame.names, cloud), strict=True))
    style = style_of(lambda: lines_of(source, frame.start, stop), columns, job)
    return None if style is None else Body(frame.start, stop, style.packed(), text=True)


def _after_lines(source: Source, frame: Frame, count: int) -> int:
    """The byte after so many lines."""
    at = frame.start
    for lines in lines_of(source, frame.start, frame.stop):
        at += sum(map(len, lines[:count]))
        count -= len(lines[:count])
        if not count:
            break
    return at


def pack_body(source: Source, body: Body, job: JobContext) -> FileChunk:
    """The chunk FILE of a file whose rows come back from its points."""
    size = source.size - (body.stop - body.start) + len(body.notes)
    squeezed = squeeze(iter((source.read(0, body.start), source.read(body.stop), body.notes)), size, job)
    assert squeezed is not None  # there is no limit
    fields = varint(body.start) + varint(body.stop - body.start) + varint(len(body.notes))
    mark = _mark(TEXT if body.text else FRAMED, squeezed)
    return FileChunk(_digest(source) + mark + fields + squeezed.data, 0, _ending(source))


def pack_whole(source: Source, points: int, job: JobContext, most: int | None = None) -> FileChunk | None:
    """The chunk FILE that holds all of the file; None where that takes more than `most` bytes.

    points: of the file.
    """
    squeezed = squeeze(source.pieces(), source.size, job, exact=True, most=most)
    if squeezed is None:
        return None
    return FileChunk(_digest(source) + _mark(WHOLE, squeezed) + squeezed.data, points, _ending(source))


def may_be_smaller(file: Source, size: int, job: JobContext) -> bool:
    """Whether a file may take fewer bytes as it is than `size`. Raises CancelledError.

    It may, unless zstandard with a long window takes more than four times as many: that is quick, and finds
    the same repetitions.
    """
    if file.size <= _TRIED_WHOLE:
        return True
    import zstandard

    long = zstandard.ZstdCompressionParameters.from_level(3, window_log=27, enable_ldm=True)
    packer, quick = zstandard.ZstdCompressor(compression_params=long).compressobj(), 0
    for piece in file.pieces():
        job.check()
        quick += len(packer.compress(piece))
    return _DENSER * size >= quick + len(packer.flush())


def _ending(source: Source) -> int:
    """The number of the ending of a file's name, or of the usual one of its format; 0 for others."""
    gzipped = source.name.lower().endswith(GZIP_SUFFIX)
    found = suffix_of(source.name)
    if found not in ENDINGS or not found:
        known = format_of("", source.read(0, HEAD_BYTES))
        found = known.suffixes[0] if known is not None else ""
    return (ENDINGS.index(found) if found in ENDINGS else 0) + (GZIPPED if gzipped else 0)


def _mark(method: int, squeezed: Squeezed) -> bytes:
    return bytes([method * MARKS + squeezed.mark])


def _digest(source: Source) -> bytes:
    return bytes.fromhex(source.sha256)


def suffix_of_ending(ending: int) -> str:
    """The ending that a number stands for, lower case, with the dot. Raises CorruptStreamError."""
    number, gzipped = ending % GZIPPED, ending // GZIPPED
    if number >= len(ENDINGS) or gzipped > 1:
        raise CorruptStreamError(f"ending {ending} is not known", field="file", byte=0)
    return ENDINGS[number] + (GZIP_SUFFIX if gzipped else "")


def archived_suffix(path: str) -> str:
    """The ending of the file that a stream holds; "" for other streams, and for what cannot be read: the
    fault shows when it is decoded."""
    if not os.path.isfile(path):
        return ""
    try:
        with open_source(path) as source:
            return suffix_of_ending(StreamReader(source).ending)
    except OctavoxError:
        return ""


def archive_info(stream: StreamReader) -> ArchiveInfo | None:
    """What a stream says of the file that it holds; None where it holds none. Raises CorruptStreamError."""
    entry = stream.optional(Kind.FILE)
    if entry is None:
        return None
    archived = Archived(stream.payload(entry), stream.ending)
    stored = "bytes" if not archived.framed else "rows" if stream.header.rows else "voxels"
    return ArchiveInfo(archived.suffix, stored, archived.digest.hex())


class Archived:
    """A chunk FILE: what it says of its file. Raises CorruptStreamError.

    suffix: ending of the file's name, lower case, with the dot; nothing where that is not known.
    """

    def __init__(self, payload: bytes, ending: int) -> None:
        reader = ByteReader(payload)
        self.suffix = suffix_of_ending(ending)
        self.digest = reader.take(DIGEST_BYTES, "file")
        self.method, mark = divmod(reader.u8("file"), MARKS)
        if self.method not in (WHOLE, FRAMED, TEXT):
            reason = f"method {self.method} is not known"
            raise CorruptStreamError(reason, field="file", byte=reader.position - 1)
        numbers = [reader.varint("file", _LARGEST) if self.framed else 0 for _ in range(3)]
        self.start, self.length, self._notes_bytes = numbers
        self._squeezed = Squeezed(mark, reader.take(reader.left, "file"))

    @property
    def framed(self) -> bool:
        """Whether the file is made of the stream's points."""
        return self.method != WHOLE

    def restored(
        self, cloud: PointCloud, places: npt.NDArray[np.int64], job: JobContext
    ) -> tuple[PointCloud, bytes]:
        """The cloud in the order of its file, and the file. places: of the rows of the file among the points.

        Raises CorruptStreamError where what comes out is not what went in; CancelledError.
        """
        kept = unsqueeze(self._squeezed, "file", job)
        if self.method == WHOLE:
            self._check(kept)
            return _read(kept, self.suffix), kept
        split = max(len(kept) - self._notes_bytes, 0)
        around, notes = kept[:split], kept[split:]
        head, tail = around[: self.start], around[self.start :]
        there = in_order(cloud, places)
        try:
            rows = b"".join(self._rows(head, notes, there, len(around) + self.length, job))
        except CancelledError:
            raise
        except _FAULTS as error:
            raise CorruptStreamError(f"the rows cannot be written: {error}", field="file", byte=0) from None
        data = head + rows + tail
        self._check(data)
        return there, data

    def _rows(
        self, head: bytes, notes: bytes, cloud: PointCloud, size: int, job: JobContext
    ) -> Iterator[bytes]:
        if self.method == TEXT:
            spelled = unpacked_style(notes, len(cloud))
            yield from spelled.rows(text_columns(spelled.names, cloud), job)
            return
        known = format_of("archive" + self.suffix, head)
        frame = None if known is None else known.frame(framed_source(head, size, "<archive>"), notes)
        if frame is None or frame.rows is None or frame.start != self.start:
            raise InputError("no frame of its format fits")
        yield from frame.rows(cloud, job)

    def _check(self, data: bytes) -> None:
        if hashlib.sha256(data).digest() != self.digest:
            reason = "the file that came out is not the one that went in"
            raise CorruptStreamError(reason, field="file", byte=0)


def _read(data: bytes, suffix: str) -> PointCloud:
    """The points of a file that was kept as it is; none where it takes a choice to read it."""
    source = open_source(data)
    source.name = f"<archive>{suffix}"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # encoding has said that there are no points
            return read_cloud(source)
    except InputError:
        return PointCloud(np.empty((0, 3), np.float32))


def in_order(cloud: PointCloud, places: npt.NDArray[np.int64]) -> PointCloud:
    """The points of a cloud in another order."""
    columns = {name: ordered(column, places) for name, column in cloud.attributes.items()}
    return PointCloud(
        cloud.coords[places],
        attributes=columns,
        scale=cloud.scale,
        offset=cloud.offset,
        axis_types=cloud.axis_types,
        info=replace(cloud.info),
        source=cloud.source,
    )
