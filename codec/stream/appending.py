"""Frames put at the end of a file, which is whole after each of them."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import IO

import numpy as np

from octavox.codec.arrays import Int64Array
from octavox.codec.errors import CorruptStreamError
from octavox.codec.files.source import Source, open_source

from .chunks import START_BYTES, Kind, Walker, check_start, packed, read_payload
from .frames import Frames, ending, find_frames, frame_end, frame_of_stream

_NONE = np.array([START_BYTES], np.int64)


class FrameAppender:
    """Writes frames to a file.

    While a frame is written, what follows the frames before it (END, a list of frames) is gone; the chunk
    FRAME that takes its place says how much belongs to the frame, so that a reader sees what is missing.
    """

    def __init__(
        self, file: IO[bytes], starts: Int64Array = _NONE, sync: Callable[[], object] | None = None
    ) -> None:
        """starts: of the frames that it has, as in `Frames`. sync: brings what is written to the disk."""
        self._file, self._starts, self._sync = file, [int(start) for start in starts], sync
        self._dirty, self._mark = False, START_BYTES

    def __len__(self) -> int:
        return len(self._starts) - 1

    @property
    def size(self) -> int:
        """Bytes of the frames, with the start of the file."""
        return self._starts[-1]

    @property
    def last(self) -> tuple[int, int]:
        """Bytes of the last frame, and of what begins it: the start of the file, or a chunk FRAME."""
        start = self._starts[-2] if len(self) > 1 else 0
        return self._starts[-1] - start, self._mark

    def add(self, data: bytes) -> None:
        """Appends a frame. data: the stream of a single cloud. Where that raises OSError, it is not there."""
        if not len(self):
            with open_source(data) as source:
                self._starts = [int(start) for start in find_frames(source).starts]
                self._mark = START_BYTES
            self._write(0, data, b"")
            return
        mark, body = frame_of_stream(data, len(self))
        at = self._starts[-1]
        try:
            self._write(at, mark, body + packed(Kind.END, b""))
        except OSError:  # a full disk, say: the frames that were there stay, with their end
            with contextlib.suppress(OSError):
                self._write(at, ending(self._starts, len(self) > 1), b"")
            raise
        self._starts.append(at + len(mark) + len(body))
        self._mark = len(mark)
        self._dirty = True

    def _write(self, at: int, first: bytes, rest: bytes) -> None:
        self._file.seek(at)
        self._put(first)
        self._file.truncate(at + len(first))
        self._put(rest)
        self._file.flush()
        if self._sync is not None:
            self._sync()

    def _put(self, data: bytes) -> None:
        """Writes all of it: a file without a buffer may take less at a time."""
        done: int | None = 0
        while data and done is not None:
            done = self._file.write(data)
            data = data[done:]

    def finish(self, repair: bool = False) -> None:
        """Writes the list of frames, where there are several. repair: also where no frame was added."""
        if self._dirty or repair:
            self._write(self.size, ending(self._starts, len(self) > 1), b"")
        self._dirty = False


def whole_frames(source: Source) -> Frames:
    """The whole frames at the start of a cut stream of format 2.

    Nothing shows that frame 0 is whole where no other follows. Raises CorruptStreamError where the file does
    not begin as a stream.
    """
    check_start(source)
    walker, starts, stop = Walker(source), [START_BYTES], START_BYTES
    while True:
        try:
            chunk = walker.next()
            if chunk.kind in (Kind.INDEX, Kind.FRAMES, Kind.END):
                break
            if chunk.kind == Kind.FRAME:
                walker.at = frame_end(source, chunk, len(starts))
                starts.append(chunk.start)
            elif len(starts) > 1:
                break
            stop = walker.at
        except CorruptStreamError:
            break
    found = Frames(np.array([*starts, stop], np.int64))
    if len(found) > 1 and not _is_sound(source, found):
        found = Frames(np.array(starts, np.int64))
    return found


def _is_sound(source: Source, frames: Frames) -> bool:
    """Whether the last frame is whole."""
    try:
        for chunk in frames.chunks(source, len(frames) - 1):
            read_payload(source, chunk)
    except CorruptStreamError:
        return False
    return True
