"""Finds the sound chunks of a damaged stream."""

from __future__ import annotations

import zlib

import numpy as np

from octavox.codec.errors import CorruptStreamError
from octavox.codec.files.source import Source
from octavox.codec.job import JobContext

from .chunks import MAGIC, MOST_HEADER_BYTES, START_BYTES, VERSION, Chunk, Kind, parse_chunk, read_payload

_WINDOW = 1 << 16
_TRIALS = 64  # times the size of the file that false headers may make a search read
_CRC_TABLE = np.array(
    [zlib.crc32(bytes([k]), 0xFFFFFFFF) ^ 0xFFFFFFFF for k in range(256)], np.uint32
)  # the step of a CRC-32 by its lowest byte, for registers that begin at 0


def salvage_chunks(
    source: Source, job: JobContext | None = None
) -> tuple[list[Chunk], list[tuple[int, int]]]:
    """The sound chunks of any file, and the (first, end) bytes in between that are none.

    Where no chunk follows the one before, it looks for one at every byte; what looks like the header of one
    is believed when its two checks agree. The magic may be damaged, too. Raises CorruptStreamError for a file
    with so many false headers that it was made to waste time; CancelledError.
    """
    search = _Search(source, job or JobContext())
    found: list[Chunk] = []
    lost: list[tuple[int, int]] = []
    sound_start = source.read(0, START_BYTES) == MAGIC + bytes([VERSION])
    at = done = START_BYTES if sound_start else 0
    while at < source.size:
        chunk = search.chunk_at(at)
        if chunk is None:
            at = search.header_after(at)
            continue
        if done < at:
            lost.append((done, at))
        if chunk.kind not in (Kind.INDEX, Kind.END):
            found.append(chunk)
        at = done = chunk.end
    if done < source.size:
        lost.append((done, source.size))
    return found, lost


class _Search:
    """Looks for chunks in a file."""

    def __init__(self, source: Source, job: JobContext) -> None:
        self._source, self._job = source, job
        self._left = _TRIALS * source.size + (1 << 20)  # bytes that may be read for payloads
        self._places: list[int] = []  # of headers between the bytes _from and _to, the last one first
        self._from = self._to = 0

    def chunk_at(self, at: int) -> Chunk | None:
        """The chunk that begins there; None unless it is sound."""
        self._job.check()
        head = self._source.read(at, MOST_HEADER_BYTES)
        try:
            chunk = parse_chunk(head, 0, at, self._source.size)
        except CorruptStreamError:
            return None
        self._left -= chunk.length
        if self._left < 0:
            reason = "too many false headers of chunks"
            raise CorruptStreamError(reason, field="chunks", byte=at)
        try:
            read_payload(self._source, chunk)
        except CorruptStreamError:
            return None
        return chunk

    def header_after(self, at: int) -> int:
        """The next byte where the header of a chunk may begin; the end of the file where there is none."""
        at += 1
        while at < self._source.size:
            if not self._from <= at < self._to:
                self._job.check()
                window = self._source.read(at, _WINDOW + MOST_HEADER_BYTES)
                self._places = [at + place for place in header_places(window) if place < _WINDOW][::-1]
                self._from, self._to = at, at + _WINDOW
            while self._places and self._places[-1] < at:
                self._places.pop()
            if self._places:
                return self._places[-1]
            at = self._to
        return self._source.size


def header_places(window: bytes) -> list[int]:
    """Where the headers of chunks may begin in some bytes: a kind, four numbers, and the check of these."""
    data = np.frombuffer(window, np.uint8)
    ends = np.flatnonzero(data < 0x80)  # where numbers end
    first = np.cumsum(data < 0x80)[: len(data)]  # for each byte, the first number's end after it
    start = np.flatnonzero(first + 3 < len(ends))
    stop = ends[first[start] + 3] + 1
    fits = (stop - start <= MOST_HEADER_BYTES - 2) & (stop + 2 <= len(data))
    start, stop = start[fits], stop[fits]
    checks = _checks(data, start, stop)
    stored = data[stop].astype(np.uint32) | data[stop + 1].astype(np.uint32) << 8
    found: list[int] = start[checks & 0xFFFF == stored].tolist()
    return found


def _checks(
    data: np.ndarray[tuple[int], np.dtype[np.uint8]],
    start: np.ndarray[tuple[int], np.dtype[np.intp]],
    stop: np.ndarray[tuple[int], np.dtype[np.intp]],
) -> np.ndarray[tuple[int], np.dtype[np.uint32]]:
    """(n,) CRC-32 of data[start:stop] for each pair."""
    state = np.full(len(start), 0xFFFFFFFF, np.uint32)
    rows, at = np.arange(len(start)), start.copy()
    while len(rows):
        state[rows] = _CRC_TABLE[(state[rows] ^ data[at]) & 0xFF] ^ (state[rows] >> 8)
        going = at + 1 < stop[rows]
        rows, at = rows[going], at[going] + 1
    return ~state
