"""The chunks of a stream of format 2 (docs/format.md): how they are written, found and checked.

A stream is the magic, the version and a row of chunks. It can be written while it is made, and read by
seeking; an index at its end saves the walk from chunk to chunk.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

from octavox.codec.coding.bytes import ByteReader, u32, varint
from octavox.codec.errors import CorruptStreamError, UnsupportedStreamError
from octavox.codec.files.source import Source

MAGIC = b"\x89OVX\r\n\x1a\n"
VERSION = 2
START_BYTES = len(MAGIC) + 1
MOST_HEADER_BYTES = 1 + 4 * 10 + 2  # kind, four numbers of up to 64 bits, check
CRC_BYTES, CHECK_BYTES = 4, 2
DIGEST_BYTES = 32  # of a file, with which a chunk FILE begins
MAX_CHUNKS = 1 << 22
INDEX_FROM = 24  # chunks, from which on an index is written
_WINDOW = 1 << 10  # bytes read at once while the chunks are walked along: payloads are not read
_END_BYTES = 5 + CHECK_BYTES + 8 + CRC_BYTES  # of an END that names an index


OPTIONAL = 64


class Kind(IntEnum):
    """Kinds of chunks. Of those that a reader does not know it passes over the ones from OPTIONAL on."""

    HEADER = 1  # what a frame holds
    TREE = 2  # geometry: what all slices share
    SLICE = 3  # geometry: one independently decodable part
    COUNTS = 4  # how many points each voxel of a slice has
    STRAYS = 5  # points off the grid
    ATTRIBUTE = 6  # a column of the points
    ORDER = 7  # the order of the points in their file
    FILE = 8  # what a file has beside its points
    REMAINDERS = 9  # where in their cells the numbers of a rough grid lie
    ROWS = 10  # points with all their numbers, in the order of their file
    GUESS = 11  # how many voxels a slice has on each level that is guessed
    FRAME = 12  # begins a frame of a sequence, but for the first
    FRAMES = 13  # where the frames of a sequence lie
    INDEX = 14
    END = 15
    MOTION = 16  # geometry: which slices use the frame before, and how its blocks move
    TABLE = 64  # voxels and box of each slice
    LEVELS = 65  # how many bytes of a slice each number of levels takes


_KINDS = frozenset(Kind)


@dataclass(frozen=True)
class Chunk:
    """Where a chunk lies. start: its first byte. first_byte, length: of the payload. All counted in the file.

    frame, component, part: what it belongs to; 0 where that means nothing.
    """

    kind: int
    frame: int
    component: int
    part: int
    start: int
    first_byte: int
    length: int

    @property
    def end(self) -> int:
        """The byte after it."""
        return self.first_byte + self.length + CRC_BYTES

    @property
    def name(self) -> str:
        """What errors call it, beside the number of its frame."""
        names = {Kind.HEADER: "header", Kind.TREE: "tree", Kind.STRAYS: "strays", Kind.ORDER: "order"}
        names |= {Kind.FILE: "file", Kind.INDEX: "index", Kind.END: "end", Kind.TABLE: "table"}
        names |= {Kind.FRAME: "frame", Kind.FRAMES: "frames"}
        if self.kind in (Kind.SLICE, Kind.COUNTS):
            return f"{'slice' if self.kind == Kind.SLICE else 'counts'} {self.part}"
        if self.kind == Kind.ATTRIBUTE:
            return f"attribute {self.component} part {self.part}"
        if self.kind in (Kind.REMAINDERS, Kind.ROWS, Kind.GUESS, Kind.LEVELS):
            return f"{Kind(self.kind).name.lower()} {self.part}"
        return names.get(Kind(self.kind), "") if self.kind in _KINDS else f"chunk of kind {self.kind}"


def packed(kind: int, payload: bytes, frame: int = 0, component: int = 0, part: int = 0) -> bytes:
    """A chunk."""
    head = bytes([kind]) + varint(frame) + varint(component) + varint(part) + varint(len(payload))
    head += (zlib.crc32(head) & 0xFFFF).to_bytes(CHECK_BYTES, "little")
    return head + payload + u32(zlib.crc32(payload, zlib.crc32(head)))


class ChunkWriter:
    """Writes a stream chunk by chunk to anything that takes bytes; keeps no payload."""

    def __init__(self, write: Callable[[bytes], object]) -> None:
        self._write, self._chunks = write, list[Chunk]()
        self.position = 0
        self._put(MAGIC + bytes([VERSION]))

    def _put(self, data: bytes) -> None:
        self._write(data)
        self.position += len(data)

    def add(self, kind: int, payload: bytes, frame: int = 0, component: int = 0, part: int = 0) -> Chunk:
        """Writes a chunk; where it lies."""
        data, start = packed(kind, payload, frame, component, part), self.position
        first = start + len(data) - CRC_BYTES - len(payload)
        chunk = Chunk(kind, frame, component, part, start, first, len(payload))
        self._put(data)
        self._chunks.append(chunk)
        return chunk

    def finish(self) -> None:
        """Writes the index, if it pays, and the end, which a stream that is but a file has not."""
        if [chunk.kind for chunk in self._chunks] == [Kind.FILE]:
            return
        if len(self._chunks) < INDEX_FROM:
            self._put(packed(Kind.END, b""))
            return
        at = self.position
        self._put(packed(Kind.INDEX, _index(self._chunks)))
        self._put(packed(Kind.END, at.to_bytes(8, "little")))


def _index(chunks: list[Chunk]) -> bytes:
    """The chunks in their order: kind, frame, component, part, length of each. They follow each other."""
    parts = [varint(len(chunks))]
    for chunk in chunks:
        numbers = (chunk.frame, chunk.component, chunk.part, chunk.length)
        parts.append(bytes([chunk.kind]) + b"".join(map(varint, numbers)))
    return b"".join(parts)


def is_chunked(head: bytes) -> bool:
    """Whether a file that begins so is a stream of format 2."""
    return head.startswith(MAGIC + bytes([VERSION]))


def check_start(source: Source) -> None:
    """Raises CorruptStreamError or UnsupportedStreamError for what does not begin as a stream of format 2."""
    head = source.read(0, START_BYTES)
    if head[: len(MAGIC)] != MAGIC[: len(head)] or not head:
        byte = next((k for k, (a, b) in enumerate(zip(head, MAGIC)) if a != b), 0)
        raise CorruptStreamError("not an Octavox bitstream", field="magic", byte=byte)
    if len(head) < START_BYTES:
        raise CorruptStreamError("truncated in the header", field="header", byte=len(head))
    if head[len(MAGIC)] != VERSION:
        reason = f"format version {head[8]}; this release reads 1 and {VERSION}"
        raise UnsupportedStreamError(reason, field="version", byte=8)


class Walker:
    """Goes from chunk to chunk; payloads are not read. at: where the next one begins."""

    def __init__(self, source: Source, at: int = START_BYTES) -> None:
        self._source, self.at = source, at
        self._window, self._window_at = b"", 0

    def next(self) -> Chunk:
        """The chunk there. Raises CorruptStreamError where there is none, or the file ends inside it."""
        if not self._window_at <= self.at <= self._window_at + len(self._window) - MOST_HEADER_BYTES:
            self._window, self._window_at = self._source.read(self.at, _WINDOW), self.at
        chunk = parse_chunk(self._window, self.at - self._window_at, self._window_at, self._source.size)
        self.at = chunk.end
        return chunk


def check_known(chunk: Chunk) -> None:
    """Raises UnsupportedStreamError for a kind that a reader must know and does not."""
    if chunk.kind < OPTIONAL and chunk.kind not in _KINDS:
        reason = f"chunks of kind {chunk.kind} are not known to this release"
        raise UnsupportedStreamError(reason, field=chunk.name, byte=chunk.start)


def parse_chunk(data: bytes, position: int, first_byte: int, size: int) -> Chunk:
    """The chunk whose header begins at data[position]. size: of the file."""
    reader = ByteReader(data, position, first_byte=first_byte)
    if not reader.left:
        raise CorruptStreamError("truncated: the end of the stream is missing", field="end", byte=size)
    kind = reader.u8("chunk")
    frame, component, part = (reader.varint(name, 1 << 40) for name in ("frame", "component", "part"))
    length = reader.varint("chunk length")
    check = zlib.crc32(data[position : reader.position]) & 0xFFFF
    if int.from_bytes(reader.take(CHECK_BYTES, "chunk header"), "little") != check:
        raise reader.fault("chunk header checksum mismatch", "chunk header", position)
    start = first_byte + position
    chunk = Chunk(kind, frame, component, part, start, first_byte + reader.position, length)
    if chunk.end > size:
        reason = f"truncated: the file should have at least {chunk.end:,} bytes"
        raise CorruptStreamError(reason, field=chunk.name, byte=size)
    return chunk


def check_end(source: Source, end: Chunk) -> None:
    """Raises CorruptStreamError unless this chunk END is sound and ends the file."""
    read_payload(source, end)
    if end.length not in (0, 8):
        raise CorruptStreamError("an end of a wrong length", field="end", byte=end.start)
    if end.end < source.size:
        reason = f"{source.size - end.end:,} trailing bytes"
        raise CorruptStreamError(reason, field="end", byte=end.end)


def named_by_end(source: Source) -> Chunk | None:
    """The chunk that the end names: INDEX or FRAMES; None where there is none, or it is damaged."""
    try:
        at = source.size - _END_BYTES
        if at < START_BYTES:
            return None
        end = parse_chunk(source.read(at), 0, at, source.size)
        if end.kind != Kind.END or end.length != 8 or end.end != source.size:
            return None
        place = int.from_bytes(read_payload(source, end), "little")
        if not START_BYTES <= place < at:
            return None
        found = parse_chunk(source.read(place, MOST_HEADER_BYTES), 0, place, source.size)
        return found if found.kind in (Kind.INDEX, Kind.FRAMES) and found.end == at else None
    except CorruptStreamError:
        return None


def parse_index(payload: bytes, index: Chunk) -> list[Chunk]:
    """The chunks that a chunk INDEX lists. Raises CorruptStreamError."""
    reader = ByteReader(payload, first_byte=index.first_byte)
    chunks, at = [], START_BYTES
    for _ in range(reader.varint("index", min(MAX_CHUNKS, len(payload) // 5))):
        kind = reader.u8("index")
        frame, component, part, length = (reader.varint("index") for _ in range(4))
        head = 1 + sum(len(varint(v)) for v in (frame, component, part, length)) + CHECK_BYTES
        chunks.append(Chunk(kind, frame, component, part, at, at + head, length))
        at = chunks[-1].end
    reader.done("index")
    if at != index.start:
        raise reader.fault("the index does not lead to itself", "index", 0)
    return chunks


def read_payload(source: Source, chunk: Chunk) -> bytes:
    """The payload of a chunk, checked. Raises CorruptStreamError that names it."""
    data = source.read(chunk.start, chunk.end - chunk.start)
    if len(data) < chunk.end - chunk.start:
        raise CorruptStreamError("truncated", field=chunk.name, byte=chunk.start + len(data))
    if zlib.crc32(memoryview(data)[:-CRC_BYTES]) != int.from_bytes(data[-CRC_BYTES:], "little"):
        raise CorruptStreamError(f"{chunk.name} checksum mismatch", field=chunk.name, byte=chunk.first_byte)
    return data[chunk.first_byte - chunk.start : -CRC_BYTES]


def has_end(source: Source) -> bool:
    """Whether the file ends with a sound chunk END."""
    for size in (_END_BYTES - 8, _END_BYTES):
        at = source.size - size
        try:
            end = parse_chunk(source.read(at, size), 0, at, source.size) if at >= START_BYTES else None
            if end is not None and end.kind == Kind.END and end.end == source.size:
                read_payload(source, end)
                return True
        except CorruptStreamError:
            continue
    return False
