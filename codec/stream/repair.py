"""What checksums of a damaged file put right: one wrong byte of a header, a few bytes cut off its end.

A CRC-32 says which byte of some is wrong, and what it was, if only one is: of a header of 1,000 bytes, one in
17,000 that have other damage looks so, too.
"""

from __future__ import annotations

import zlib

import numpy as np

from octavox.codec.coding.bytes import u32
from octavox.codec.errors import CorruptStreamError
from octavox.codec.files.source import Source
from octavox.codec.job import JobContext

from .chunks import CHECK_BYTES, CRC_BYTES, MOST_HEADER_BYTES, START_BYTES, Chunk, Kind, parse_chunk

_MOST_BYTES = 1 << 14  # of a chunk that is put right
_MOST_TRIED = 1 << 10  # places of a file
_NEEDED = (Kind.HEADER, Kind.TREE)  # without which nothing can be decoded
_STEP = np.array([zlib.crc32(bytes([k]), 0xFFFFFFFF) ^ 0xFFFFFFFF for k in range(256)], np.uint32)


class RepairedSource(Source):
    """A file with other bytes in some places; it may be longer than the file is. pieces: by their places."""

    def __init__(self, inner: Source, pieces: dict[int, bytes]) -> None:
        self._inner, self._pieces = inner, pieces
        self.name, self.path = inner.name, inner.path
        self.size = max([inner.size, *(at + len(piece) for at, piece in pieces.items())])

    def read(self, at: int = 0, count: int | None = None) -> bytes:
        stop = self.size if count is None else min(at + count, self.size)
        data = self._inner.read(at, max(stop - at, 0))
        for first, piece in self._pieces.items():
            low, high = max(at, first), min(stop, first + len(piece))
            if low < high:
                data = data[: low - at] + piece[low - first : high - first] + data[high - at :]
        return data

    def close(self) -> None:
        self._inner.close()


def repaired(
    source: Source, damaged: list[tuple[int, int]], job: JobContext
) -> tuple[Source, list[tuple[int, int]]]:
    """The file with what can be put right, and the (first, end) bytes that were. damaged: its ranges.

    Raises CancelledError.
    """
    pieces: dict[int, bytes] = {}
    for first, stop in damaged[:_MOST_TRIED]:
        job.check()
        for at in {first, START_BYTES} if first < START_BYTES else {first}:
            change = _wrong_byte(source, at, stop)
            if change is not None:
                pieces[change[0]] = bytes([change[1]])
                break
    if damaged and damaged[-1][1] == source.size and (missing := _missing_end(source, damaged[-1][0])):
        pieces[source.size] = missing
    if not pieces:
        return source, []
    return RepairedSource(source, pieces), [(at, at + len(piece)) for at, piece in sorted(pieces.items())]


def _missing_end(source: Source, at: int) -> bytes:
    """What is missing of the checksum of the chunk at the end of the file, where the rest of it is right."""
    try:
        chunk = parse_chunk(source.read(at, MOST_HEADER_BYTES), 0, at, source.size + CRC_BYTES)
    except CorruptStreamError:
        return b""
    stored = chunk.end - CRC_BYTES
    if not 0 < chunk.end - source.size < CRC_BYTES:
        return b""
    checksum = u32(zlib.crc32(source.read(at, stored - at)))
    there = source.read(stored)
    return checksum[len(there) :] if checksum.startswith(there) else b""


def _wrong_byte(source: Source, at: int, stop: int) -> tuple[int, int] | None:
    """The place and the right value of the one wrong byte of a needed chunk that begins at byte `at`."""
    head = source.read(at, MOST_HEADER_BYTES)
    for place, value in [(0, head[0]), *_changes(head)] if head else ():
        tried = head[:place] + bytes([value]) + head[place + 1 :]
        chunk = _chunk(tried, at, source.size)
        if chunk is None or chunk.kind not in _NEEDED or chunk.end > stop or chunk.end - at > _MOST_BYTES:
            continue
        data = source.read(at, chunk.end - at)
        if tried != head:
            data = tried[: chunk.first_byte - at] + data[chunk.first_byte - at :]
            if zlib.crc32(data[:-CRC_BYTES]) == int.from_bytes(data[-CRC_BYTES:], "little"):
                return at + place, value
        elif (change := _by_checksum(data)) is not None:
            return at + change[0], change[1]
    return None


def _changes(head: bytes) -> list[tuple[int, int]]:
    """All changes of one byte of the header of a chunk after which its check is right."""
    found = []
    for place in range(min(len(head), MOST_HEADER_BYTES)):
        for value in range(256):
            if value != head[place] and _is_checked(head[:place] + bytes([value]) + head[place + 1 :], place):
                found.append((place, value))
    return found


def _is_checked(head: bytes, place: int) -> bool:
    """Whether some bytes begin with the header of a needed chunk that holds byte `place`."""
    if head[0] not in _NEEDED:
        return False
    at, numbers = 1, 0
    while numbers < 4 and at < len(head):
        numbers += head[at] < 0x80
        at += 1
    if numbers < 4 or place >= at + CHECK_BYTES:
        return False
    return zlib.crc32(head[:at]) & 0xFFFF == int.from_bytes(head[at : at + CHECK_BYTES], "little")


def _chunk(head: bytes, at: int, size: int) -> Chunk | None:
    try:
        return parse_chunk(head, 0, at, size)
    except CorruptStreamError:
        return None


def _by_checksum(data: bytes) -> tuple[int, int] | None:
    """The place and the right value of the one wrong byte of a chunk, by its CRC-32; None where none fits.

    A CRC is linear: what a change of a byte does to it does not depend on the other bytes.
    """
    body, stored = data[:-CRC_BYTES], int.from_bytes(data[-CRC_BYTES:], "little")
    wanted = np.uint32(zlib.crc32(body) ^ stored)
    if not wanted:
        return None
    shift = int(wanted).bit_length() - 1 >> 3
    if int(wanted) & ~(0xFF << 8 * shift) == 0:  # the checksum itself
        place = len(body) + shift
        return place, data[place] ^ (int(wanted) >> 8 * shift)
    effect = _STEP.copy()  # on the checksum, of the changes of a byte
    for place in range(len(body) - 1, -1, -1):
        match = np.flatnonzero(effect == wanted)
        if len(match):
            return place, body[place] ^ int(match[0])
        effect = _STEP[effect & 0xFF] ^ (effect >> 8)
    return None


def with_last_byte(source: Source, first: int, length: int, checksum: int) -> Source:
    """The file with one byte more, where the payload from `first` on lacks it; as it is where it does not."""
    if source.size != first + length - 1:
        return source
    state = zlib.crc32(source.read(first, length - 1))
    for value in range(256):
        if zlib.crc32(bytes([value]), state) == checksum:
            return RepairedSource(source, {source.size: bytes([value])})
    return source
