"""Frames of a stream, each decoded after the frames that it needs.

A frame whose header names a reference is coded with that earlier frame. So up to `MOST_GROUP` frames need
each other, the first of which decodes alone.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TypeVar

from .codecs.interface import GeometryCodec
from .decoding import Decoded, decode_stream
from .errors import CorruptStreamError, OctavoxError
from .files.source import Source
from .inter.frame import ReferenceFrame
from .inter.reading import Arrows, find_before, geometry_codec
from .job import JobContext
from .options import CodecOptions
from .provenance import Stopwatch
from .regions import Region
from .sources import naming
from .stream.frames import Frames
from .stream.header import MOST_GROUP, NO_WEIGHTS
from .stream.reader import StreamReader

T = TypeVar("T")


@dataclass(frozen=True)
class FramePlace:
    """A frame of an opened stream. number: None: the only one. frames: None where they are not known yet."""

    source: Source
    number: int | None = None
    frames: Frames | None = None

    def opened(self) -> StreamReader:
        """Raises as `octavox.decode`."""
        return StreamReader(self.source, frame=self.number, frames=self.frames)

    def at(self, number: int) -> FramePlace:
        """Another frame of the same stream."""
        return FramePlace(self.source, number, self.frames)

    def naming(self, work: Callable[[], T]) -> T:
        """Runs `work`; an error of it names the file and the frame."""
        return naming(self.source, work, self.number)


@dataclass
class LastFrame:
    """The frame that was decoded last, if the next one needs it: going forward, each is decoded once."""

    kept: tuple[int, Decoded] | None = None
    arrows: tuple[int, Arrows | None] | None = None  # of the frame with this number

    def of(self, number: int) -> Decoded | None:
        """The frame with this number, if it is kept."""
        return self.kept[1] if self.kept is not None and self.kept[0] == number else None


def decode_frame(
    place: FramePlace,
    options: CodecOptions,
    slices: Collection[int] | None,
    region: Region | None,
    job: JobContext,
    clock: Stopwatch,
    last: LastFrame | None = None,
) -> Decoded:
    """A frame, or some slices or a region of it, after the frames that it needs. Raises as `octavox.decode`.

    last: of which a frame is taken, and in which this one is kept for the next.
    """
    last = last or LastFrame()
    with clock.stage("read"):
        chain, reference = _chain(place, last)
    for stream in chain[:-1]:
        reference = _decoded(stream, reference, options, None, None, job, clock)
    done = _decoded(chain[-1], reference, options, slices, region, job, clock)
    kept = slices is None and region is None and _is_needed(place)
    last.kept = (chain[-1].frame, done) if kept else None
    last.arrows = (chain[-1].frame, done.arrows)
    return done


def open_geometry(
    place: FramePlace, options: CodecOptions, job: JobContext
) -> tuple[StreamReader, GeometryCodec]:
    """A frame, and what decodes its geometry. Raises as `octavox.decode`."""
    stream, before = place.opened(), None
    if stream.header.inter_weights != NO_WEIGHTS:
        earlier = place.at(number_before(stream))
        found = decode_frame(earlier, options, None, None, job, Stopwatch())
        before = find_before(stream, reference_of(found, stream), len(stream.slices))
    return stream, geometry_codec(stream, before, options)


def _decoded(
    stream: StreamReader,
    reference: Decoded | None,
    options: CodecOptions,
    slices: Collection[int] | None,
    region: Region | None,
    job: JobContext,
    clock: Stopwatch,
) -> Decoded:
    """One frame. reference: the frame that it is coded with, all of it; None: it decodes alone."""
    before = None if reference is None else reference_of(reference, stream)
    return decode_stream(stream, options, slices, region, job, clock, before)


def reference_of(found: Decoded, stream: StreamReader) -> ReferenceFrame:
    """A frame as one that this stream may be coded with. Raises CorruptStreamError."""
    if found.as_reference is None:
        reason = f"the frame {stream.header.reference} before it has nothing that it could be coded with"
        raise CorruptStreamError(reason, field="reference", byte=stream.first_byte)
    return found.as_reference


def number_before(stream: StreamReader) -> int:
    """The frame that one is coded with. Raises CorruptStreamError."""
    number = stream.frame - stream.header.reference
    if number < 0:
        reason = "it needs a frame before the first one"
        raise CorruptStreamError(reason, field="reference", byte=stream.first_byte)
    return number


def _chain(place: FramePlace, last: LastFrame) -> tuple[list[StreamReader], Decoded | None]:
    """The frames to decode, of which each needs the one before, and what the first needs, if it is kept."""
    chain, kept = [place.opened()], None
    while chain[0].header.reference:
        number = number_before(chain[0])
        if len(chain) == MOST_GROUP:
            reason = f"it needs more than {MOST_GROUP - 1} frames"
            raise CorruptStreamError(reason, field="reference", byte=chain[0].first_byte)
        if (kept := last.of(number)) is not None:
            break
        chain.insert(0, place.at(number).opened())
    return chain, kept


def _is_needed(place: FramePlace) -> bool:
    """Whether the next frame needs this one. One that cannot be read says so when it is asked for."""
    if place.number is None or place.frames is None or place.number + 1 >= len(place.frames):
        return False
    with contextlib.suppress(OctavoxError):
        return place.at(place.number + 1).opened().header.reference == 1
    return False
