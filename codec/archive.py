"""The stage of files: what makes the decoded points the file that they came from, byte for byte.

Where the rows of the points can be written again (`formats.framing`), the bytes around them are kept; else
the whole file is.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from .cloud.cloud import PointCloud
from .coding.bytes import ByteReader, text, varint
from .coding.squeezing import MARKS, Squeezed, squeeze, unsqueeze
from .errors import CancelledError, CorruptStreamError, InputError, OctavoxError
from .files.source import Source, open_source
from .formats import read_cloud
from .formats.framing import Frame, framed_source, text_columns
from .formats.gzipped import GZIP_MAGIC
from .formats.registry import GZIP_SUFFIX, HEAD_BYTES, format_of, suffix_of
from .formats.text_style import lines_of, style_of, unpacked_style
from .job import JobContext
from .properties import ordered

WHOLE, FRAMED, TEXT = 0, 1, 2  # how a file is kept
_DIGEST_BYTES = 32
_MOST_NAME = 64
_LARGEST = 1 << 48
_FAULTS = (OctavoxError, KeyError, ValueError, IndexError, TypeError, OverflowError)


@dataclass(frozen=True)
class Body:
    """The rows of a file, which its points give back. style: of text."""

    start: int
    stop: int
    style: bytes | None = None


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
        return Body(frame.start, frame.stop) if _comes_back(source, frame, cloud, job) else None
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
    return None if style is None else Body(frame.start, stop, style.packed())


def _after_lines(source: Source, frame: Frame, count: int) -> int:
    """The byte after so many lines."""
    at = frame.start
    for lines in lines_of(source, frame.start, frame.stop):
        at += sum(map(len, lines[:count]))
        count -= len(lines[:count])
        if not count:
            break
    return at


def pack_body(source: Source, body: Body, job: JobContext) -> bytes:
    """The payload of a chunk FILE for a file whose rows come back from its points."""
    style = body.style or b""
    around = source.size - (body.stop - body.start) + len(style)
    squeezed = squeeze(iter((source.read(0, body.start), source.read(body.stop), style)), around, job)
    head = text(_ending(source)) + varint(body.start) + varint(body.stop - body.start)
    if body.style is None:
        return _digest(source) + _mark(FRAMED, squeezed) + head + squeezed.data
    return _digest(source) + _mark(TEXT, squeezed) + head + varint(len(style)) + squeezed.data


def pack_whole(source: Source, job: JobContext) -> bytes:
    """The payload of a chunk FILE that holds all of the file."""
    squeezed = squeeze(source.pieces(), source.size, job)
    return _digest(source) + _mark(WHOLE, squeezed) + text(_ending(source)) + squeezed.data


def _ending(source: Source) -> str:
    """The ending of a file's name; nothing where the file's first bytes imply it."""
    name = source.name.lower()
    ending = suffix_of(name) + (GZIP_SUFFIX if name.endswith(GZIP_SUFFIX) else "")
    return "" if ending == _implied(source.read(0, HEAD_BYTES)) else ending


def _implied(head: bytes) -> str:
    """The usual ending of files that begin so; nothing where that says no format."""
    gzipped = head.startswith(GZIP_MAGIC)
    if gzipped:
        try:
            head = zlib.decompressobj(wbits=31).decompress(head, HEAD_BYTES)
        except zlib.error:
            return ""
    known = format_of("", head)
    if known is None or not known.has_magic(head):
        return ""
    return known.suffixes[0] + (GZIP_SUFFIX if gzipped else "")


def _mark(method: int, squeezed: Squeezed) -> bytes:
    return bytes([method * MARKS + squeezed.mark])


def _digest(source: Source) -> bytes:
    found = hashlib.sha256()
    for piece in source.pieces():
        found.update(piece)
    return found.digest()


class Archived:
    """A chunk FILE: what it says of its file. Raises CorruptStreamError.

    suffix: ending of the file's name, lower case, with the dot; known once the file is restored.
    """

    def __init__(self, payload: bytes) -> None:
        reader = ByteReader(payload)
        self.digest = reader.take(_DIGEST_BYTES, "file")
        self.method, mark = divmod(reader.u8("file"), MARKS)
        if self.method not in (WHOLE, FRAMED, TEXT):
            reason = f"method {self.method} is not known"
            raise CorruptStreamError(reason, field="file", byte=reader.position - 1)
        self.suffix = reader.text("file", _MOST_NAME)
        self.start = reader.varint("file", _LARGEST) if self.framed else 0
        self.length = reader.varint("file", _LARGEST) if self.framed else 0
        self._style_bytes = reader.varint("file", _LARGEST) if self.method == TEXT else 0
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
        if self.method == WHOLE:
            data = unsqueeze(self._squeezed, "file", job)
            self._finish(data)
            return _read(data, self.suffix), data
        kept = unsqueeze(self._squeezed, "file", job)
        split = max(len(kept) - self._style_bytes, 0)
        around, style = kept[:split], kept[split:]
        head, tail = around[: self.start], around[self.start :]
        there = in_order(cloud, places)
        try:
            rows = b"".join(self._rows(head, style, there, len(around) + self.length, job))
        except CancelledError:
            raise
        except _FAULTS as error:
            raise CorruptStreamError(f"the rows cannot be written: {error}", field="file", byte=0) from None
        data = head + rows + tail
        self._finish(data)
        return there, data

    def _rows(
        self, head: bytes, style: bytes, cloud: PointCloud, size: int, job: JobContext
    ) -> Iterator[bytes]:
        if self.method == TEXT:
            spelled = unpacked_style(style, len(cloud))
            yield from spelled.rows(text_columns(spelled.names, cloud), job)
            return
        known = format_of("archive" + self.suffix, head)
        frame = None if known is None else known.frame(framed_source(head, size, "<archive>"))
        if frame is None or frame.rows is None or frame.start != self.start:
            raise InputError("no frame of its format fits")
        yield from frame.rows(cloud, job)

    def _finish(self, data: bytes) -> None:
        self.suffix = self.suffix or _implied(data[:HEAD_BYTES])
        if hashlib.sha256(data).digest() != self.digest:
            raise CorruptStreamError(
                "the file that came out is not the one that went in", field="file", byte=0
            )


def _read(data: bytes, suffix: str) -> PointCloud:
    """The points of a file that was kept as it is; none where it takes a choice to read it."""
    source = open_source(data)
    source.name = f"<archive>{suffix}"
    try:
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
