"""The chunks of a stream of format 2 (docs/format.md): how they are written, found and checked.

A stream is the magic, the version and a row of chunks. It can be written while it is made, and read by
seeking; an index at its end saves the walk from chunk to chunk.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
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
    INDEX = 14
    END = 15
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
        """What errors call it."""
        names = {Kind.HEADER: "header", Kind.TREE: "tree", Kind.STRAYS: "strays", Kind.ORDER: "order"}
        names |= {Kind.FILE: "file", Kind.INDEX: "index", Kind.END: "end", Kind.TABLE: "table"}
        if self.kind in (Kind.SLICE, Kind.COUNTS):
            name = f"{'slice' if self.kind == Kind.SLICE else 'counts'} {self.part}"
        elif self.kind == Kind.ATTRIBUTE:
            name = f"attribute {self.component} part {self.part}"
        elif self.kind in (Kind.REMAINDERS, Kind.ROWS, Kind.GUESS, Kind.LEVELS):
            name = f"{Kind(self.kind).name.lower()} {self.part}"
        else:
            name = names.get(Kind(self.kind), "") if self.kind in _KINDS else f"chunk of kind {self.kind}"
        return name if not self.frame else f"frame {self.frame} {name}"


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


def find_chunks(source: Source) -> list[Chunk]:
    """All chunks of a complete stream, without INDEX and END; payloads are not read.

    Raises CorruptStreamError where chunks are damaged or missing, UnsupportedStreamError for kinds that a
    reader must know and does not.
    """
    _check_start(source)
    indexed = _by_index(source)
    chunks = list(_walk(source)) if indexed is None else indexed
    for chunk in chunks:
        if chunk.kind < OPTIONAL and chunk.kind not in _KINDS:
            reason = f"chunks of kind {chunk.kind} are not known to this release"
            raise UnsupportedStreamError(reason, field=chunk.name, byte=chunk.start)
    return chunks


def _check_start(source: Source) -> None:
    head = source.read(0, START_BYTES)
    if head[: len(MAGIC)] != MAGIC[: len(head)] or not head:
        byte = next((k for k, (a, b) in enumerate(zip(head, MAGIC)) if a != b), 0)
        raise CorruptStreamError("not an Octavox bitstream", field="magic", byte=byte)
    if len(head) < START_BYTES:
        raise CorruptStreamError("truncated in the header", field="header", byte=len(head))
    if head[len(MAGIC)] != VERSION:
        reason = f"format version {head[8]}; this release reads 1 and {VERSION}"
        raise UnsupportedStreamError(reason, field="version", byte=8)


def _walk(source: Source) -> Iterator[Chunk]:
    """From chunk to chunk, up to the end, which has to be the end of the file."""
    at, window, window_at, count = START_BYTES, b"", 0, 0
    while True:
        if not window_at <= at <= window_at + len(window) - MOST_HEADER_BYTES:
            window, window_at = source.read(at, _WINDOW), at
        chunk = parse_chunk(window, at - window_at, window_at, source.size)
        if chunk.kind == Kind.END:
            _check_end(source, chunk)
            return
        if chunk.kind != Kind.INDEX:
            yield chunk
        if chunk.kind == Kind.FILE and not count and chunk.end == source.size:
            return  # nothing but a file
        at, count = chunk.end, count + 1
        if count > MAX_CHUNKS:
            raise CorruptStreamError(f"more than {MAX_CHUNKS:,} chunks", field="chunks", byte=at)


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


def _check_end(source: Source, end: Chunk) -> None:
    read_payload(source, end)
    if end.length not in (0, 8):
        raise CorruptStreamError("an end of a wrong length", field="end", byte=end.start)
    if end.end < source.size:
        reason = f"{source.size - end.end:,} trailing bytes"
        raise CorruptStreamError(reason, field="end", byte=end.end)


def _by_index(source: Source) -> list[Chunk] | None:
    """The chunks by the index that the end names; None where there is none, or it is damaged."""
    try:
        at = source.size - _END_BYTES
        if at < START_BYTES:
            return None
        end = parse_chunk(source.read(at), 0, at, source.size)
        if end.kind != Kind.END or end.length != 8 or end.end != source.size:
            return None
        index_at = int.from_bytes(read_payload(source, end), "little")
        if not START_BYTES <= index_at < at:
            return None
        index = parse_chunk(source.read(index_at, MOST_HEADER_BYTES), 0, index_at, source.size)
        if index.kind != Kind.INDEX or index.end != at:
            return None
        return _parse_index(read_payload(source, index), index)
    except CorruptStreamError:
        return None


def _parse_index(payload: bytes, index: Chunk) -> list[Chunk]:
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
