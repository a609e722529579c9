"""The frames of a stream (docs/format.md, "Sequences"): where they lie, and how one is put into a sequence.

A stream of one frame is that of a single cloud. Each further frame begins with a chunk FRAME, which says how
many bytes it takes; so a reader goes from frame to frame, or to one of them by the chunk FRAMES at the end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from octavox.codec.arrays import Int64Array
from octavox.codec.coding.bytes import ByteReader, varint
from octavox.codec.errors import CorruptStreamError, InputError, SequenceError
from octavox.codec.files.source import Source, open_source

from .chunks import (
    MAX_CHUNKS,
    START_BYTES,
    Chunk,
    Kind,
    Walker,
    check_end,
    check_known,
    check_start,
    named_by_end,
    packed,
    parse_chunk,
    parse_index,
    read_payload,
)

MAX_FRAMES = 1 << 22
_AROUND = frozenset({Kind.FRAME, Kind.FRAMES, Kind.INDEX, Kind.END})  # what no frame holds
_HEAD_BYTES = 64  # more than a chunk FRAME takes


@dataclass(frozen=True)
class Frames:
    """Where the frames of a stream lie.

    starts: (F + 1,) the first byte of each frame, and the byte after the last. first: the chunks of frame 0,
    where they are known already.
    """

    starts: Int64Array
    first: list[Chunk] | None = None

    def __len__(self) -> int:
        return len(self.starts) - 1

    def check(self, number: int) -> None:
        """Raises InputError unless there is a frame with that number."""
        if not 0 <= number < len(self):
            some = "the only one is 0" if len(self) == 1 else f"there are 0 to {len(self) - 1:,}"
            raise InputError(f"there is no frame {number:,}; {some}", field="frame")

    def size(self, number: int) -> int:
        """Bytes of a frame in the file; with frame 0 the start of the file."""
        return int(self.starts[number + 1] - (self.starts[number] if number else 0))

    def chunks(self, source: Source, number: int) -> list[Chunk]:
        """The chunks of a frame; payloads are not read.

        Raises CorruptStreamError where they are damaged or belong to another frame, UnsupportedStreamError
        for kinds that a reader must know and does not.
        """
        start, stop = int(self.starts[number]), int(self.starts[number + 1])
        found = self.first if not number else None
        if found is None:
            found = list(_between(source, _after_mark(source, start, stop, number), stop))
        for chunk in found:
            check_known(chunk)
            if chunk.frame != number or chunk.kind in _AROUND:
                reason = f"it belongs to frame {chunk.frame:,}, not here"
                raise CorruptStreamError(reason, field=chunk.name, byte=chunk.start)
        return found


def find_frames(source: Source) -> Frames:
    """The frames of a complete stream of format 2; of payloads, none is read.

    Raises CorruptStreamError where chunks are damaged or missing, UnsupportedStreamError.
    """
    check_start(source)
    return listed_frames(source) or _walked(source)


def listed_frames(source: Source) -> Frames | None:
    """The frames as the end of a stream lists them; None where it does not, or the list is damaged."""
    named = named_by_end(source)
    if named is None:
        return None
    try:
        payload = read_payload(source, named)
        if named.kind == Kind.FRAMES:
            return Frames(_parse_frames(payload, named))
        return Frames(np.array([START_BYTES, named.start], np.int64), parse_index(payload, named))
    except CorruptStreamError:
        return None


def find_chunks(source: Source) -> list[Chunk]:
    """The chunks of a complete stream of one frame, without INDEX and END. Raises as `find_frames`."""
    found = find_frames(source)
    if len(found) > 1 or found.first is None:
        raise SequenceError(len(found))
    for chunk in found.first:
        check_known(chunk)
    return found.first


def _walked(source: Source) -> Frames:
    """From frame to frame, up to the end, which has to be the end of the file."""
    walker, first, starts = Walker(source), list[Chunk](), [START_BYTES]
    stop = 0  # where the chunks after the frames begin
    while True:
        chunk = walker.next()
        if chunk.kind == Kind.END:
            check_end(source, chunk)
            return Frames(np.array([*starts, stop or chunk.start], np.int64), first)
        if chunk.kind in (Kind.INDEX, Kind.FRAMES):
            stop = stop or chunk.start
        elif chunk.kind == Kind.FRAME and not stop:
            starts.append(chunk.start)
            walker.at = frame_end(source, chunk, len(starts) - 1)
        elif len(starts) > 1 or stop:
            raise CorruptStreamError("a chunk that is in no frame", field=chunk.name, byte=chunk.start)
        else:
            first.append(chunk)
            if chunk.kind == Kind.FILE and len(first) == 1 and chunk.end == source.size:
                return Frames(np.array([START_BYTES, source.size], np.int64), first)  # nothing but a file
        if len(first) > MAX_CHUNKS or len(starts) > MAX_FRAMES:
            raise CorruptStreamError("too many chunks or frames", field="chunks", byte=chunk.start)


def frame_end(source: Source, mark: Chunk, number: int) -> int:
    """The byte after the frame that a chunk FRAME begins. Raises CorruptStreamError."""
    if mark.frame != number:
        reason = f"frame {mark.frame:,} where frame {number:,} should be"
        raise CorruptStreamError(reason, field="frame", byte=mark.start)
    if read_payload(source, mark) or not mark.component:
        raise CorruptStreamError("no beginning of a frame", field="frame", byte=mark.start)
    stop = mark.end + mark.component
    if stop > source.size:
        reason = f"truncated: the file should have at least {stop:,} bytes"
        raise CorruptStreamError(reason, field="frame", byte=source.size).in_frame(number)
    return stop


def _after_mark(source: Source, start: int, stop: int, number: int) -> int:
    """Where the chunks of a frame begin: after its chunk FRAME, which frame 0 has not."""
    if not number:
        return start
    mark = parse_chunk(source.read(start, _HEAD_BYTES), 0, start, source.size)
    if mark.kind != Kind.FRAME or frame_end(source, mark, number) != stop:
        raise CorruptStreamError("it does not begin where the list of frames says", field="frame", byte=start)
    return mark.end


def _between(source: Source, at: int, stop: int) -> list[Chunk]:
    """The chunks that fill these bytes."""
    walker, found = Walker(source, at), list[Chunk]()
    while walker.at < stop:
        found.append(walker.next())
        if len(found) > MAX_CHUNKS:
            raise CorruptStreamError(f"more than {MAX_CHUNKS:,} chunks", field="chunks", byte=walker.at)
    if walker.at != stop:
        raise CorruptStreamError("it goes beyond its frame", field=found[-1].name, byte=found[-1].start)
    return found


def _parse_frames(payload: bytes, chunk: Chunk) -> Int64Array:
    """The starts of all frames and the byte after the last. Raises CorruptStreamError."""
    reader = ByteReader(payload, first_byte=chunk.first_byte)
    count = reader.varint("frames", min(MAX_FRAMES, len(payload)), 1)
    sizes = np.array([reader.varint("frames", chunk.start, 1) for _ in range(count)], np.int64)
    reader.done("frames")
    starts = START_BYTES + np.cumsum(np.concatenate([[0], sizes]))
    if starts[-1] != chunk.start or (np.diff(starts) < 1).any():
        raise reader.fault("the list of frames does not lead to itself", "frames", 0)
    return starts


def frame_of_stream(data: bytes, number: int) -> tuple[bytes, bytes]:
    """The chunk FRAME and the chunks of the frame with that number, of the stream of a single cloud."""
    with open_source(data) as source:
        parts = [
            packed(c.kind, read_payload(source, c), number, c.component, c.part) for c in find_chunks(source)
        ]
    body = b"".join(parts)
    return packed(Kind.FRAME, b"", number, len(body)), body


def ending(starts: Sequence[int], listed: bool = True) -> bytes:
    """What follows the last frame of a sequence. starts: as in `Frames`. listed: with the list of frames."""
    if not listed:
        return packed(Kind.END, b"")
    sizes = [varint(b - a) for a, b in zip(starts, starts[1:])]
    payload = varint(len(sizes)) + b"".join(sizes)
    return packed(Kind.FRAMES, payload) + packed(Kind.END, starts[-1].to_bytes(8, "little"))
