"""What is whole in a damaged stream: its sound chunks, put together again.

A slice that is lost keeps its number: an empty section stands for it, which no codec decodes.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from octavox.codec.codecs.interface import SECTION_SLICE, SECTION_TREE, Section
from octavox.codec.coding.squeezing import MARKS
from octavox.codec.errors import CorruptStreamError, InputError, SequenceError
from octavox.codec.files.source import Source
from octavox.codec.job import JobContext

from .chunks import DIGEST_BYTES, START_BYTES, Chunk, Kind, has_end, read_payload
from .entry import Entry
from .frames import MAX_FRAMES
from .header_parser import reference_in
from .reader import MOST_SLICES, StreamReader, is_version1
from .repair import repaired, with_last_byte
from .scan import salvage_chunks
from .slice_table import SliceTable

Range = tuple[int, int]

_FEW_FRAMES, _FRAME_BYTES = 64, 8  # of a damaged file: less than a frame takes, as some may be gone


@dataclass(frozen=True)
class Salvaged:
    """stream: of the sound parts. sections: of the geometry; lost slices are empty. numbers, points: of the
    slices that are whole. lost: numbers of the others. table: of all slices, if it is whole.
    strays_lost: whether the points off the grid are lost. damaged: (first, end) of the bytes that belong to
    no sound part. ended: whether the end of the stream is there. repaired: (first, end) of the bytes that
    were put right.
    """

    stream: StreamReader
    sections: list[Section]
    numbers: tuple[int, ...]
    points: list[int]
    lost: tuple[int, ...]
    table: SliceTable | None
    strays_lost: bool
    damaged: tuple[Range, ...]
    ended: bool
    repaired: tuple[Range, ...] = ()

    @property
    def sections_of_slices(self) -> list[Section]:
        """Those of all slices, whole or lost."""
        return [section for section in self.sections if section.kind == SECTION_SLICE]


@dataclass(frozen=True)
class SoundChunks:
    """The sound chunks of a damaged stream of format 2, and the (first, end) bytes that belong to none.

    ended: whether the end of the stream is there. source: the file, with the bytes that are put right:
    repaired, (first, end) of them. references: of frames that are coded with another one, how many frames
    back that is.
    """

    source: Source
    chunks: list[Chunk]
    damaged: list[Range]
    ended: bool
    repaired: tuple[Range, ...] = ()
    references: Mapping[int, int] = field(default_factory=dict)

    @functools.cached_property
    def _by_frame(self) -> dict[int, list[Chunk]]:
        found: dict[int, list[Chunk]] = {}
        for chunk in self.chunks:
            found.setdefault(chunk.frame, []).append(chunk)
        return found

    @functools.cached_property
    def frames(self) -> int:
        """How many frames there were, as far as that can be seen."""
        return 1 + max(self._by_frame, default=0)

    @functools.cached_property
    def _starts(self) -> list[int]:
        """(frames + 1,) where the chunks of each frame, or of the next one that has any, begin."""
        starts = [1 << 63] * (self.frames + 1)
        for number in range(self.frames - 1, -1, -1):
            own = (chunk.start for chunk in self._by_frame.get(number, ()))
            starts[number] = min(starts[number + 1], min(own, default=starts[number + 1]))
        return starts

    @property
    def lost(self) -> tuple[int, ...]:
        """The numbers of the frames that cannot be decoded at all: nothing says what they hold, or a frame
        that they need is not whole."""
        known = {c.frame for c in self.chunks if c.kind in (Kind.HEADER, Kind.FILE)}
        lost, unfit = set[int](), set[int]()  # unfit: for frames that need them
        for number in range(self.frames):
            back = self.references.get(number, 0)
            if number not in known or (back and (back > number or number - back in unfit)):
                lost.add(number)
            if number in lost or not self._is_whole(number):
                unfit.add(number)
        return tuple(sorted(lost))

    def _is_whole(self, number: int) -> bool:
        """Whether nothing of a frame is missing, as far as its own bytes and its chunk FRAME say it."""
        own = self._by_frame.get(number, [])
        mark = next((chunk for chunk in own if chunk.kind == Kind.FRAME), None)
        rest = [chunk for chunk in own if chunk.kind not in (Kind.FRAME, Kind.FRAMES)]
        size = sum(chunk.end - chunk.start for chunk in rest)
        if mark is not None:
            return size == mark.component
        start = START_BYTES if number == 0 else min((chunk.start for chunk in rest), default=0)
        return max((chunk.end for chunk in rest), default=0) - start == size

    def of_frame(self, number: int) -> SoundChunks:
        """Those of one frame; it ends where another one begins."""
        own = [c for c in self._by_frame.get(number, ()) if c.kind != Kind.FRAME]
        if self.frames == 1:
            return replace(self, chunks=own)
        first, stop = self._starts[number] if number else 0, self._starts[number + 1]
        damaged = [(a, b) for a, b in self.damaged if first <= a < stop]
        right = tuple((a, b) for a, b in self.repaired if first <= a < stop)
        ended = self.ended or number + 1 < self.frames
        return SoundChunks(self.source, own, damaged, ended, right)


def sound_chunks(source: Source, job: JobContext) -> SoundChunks:
    """Finds them. Raises as `salvage_chunks`."""
    chunks, damaged = salvage_chunks(source, job)
    source, right = repaired(source, damaged, job)
    if right:
        chunks, damaged = salvage_chunks(source, job)
    most = min(MAX_FRAMES, _FEW_FRAMES + source.size // _FRAME_BYTES)  # a forged number asks for no more
    kept = [c for c in chunks if c.frame < most]
    headers = ((c.frame, reference_in(read_payload(source, c))) for c in kept if c.kind == Kind.HEADER)
    references = {frame: back for frame, back in headers if back}
    return SoundChunks(source, kept, damaged, has_end(source), tuple(right), references)


def salvaged(
    source: Source, job: JobContext, frame: int | None = None, sound: SoundChunks | None = None
) -> Salvaged:
    """Finds what is whole of a frame. frame: None for the only one. sound: None where it is not known yet.

    Raises InputError for a frame that is not there, and where there are several and none is chosen.
    Raises CorruptStreamError where the header or every slice is lost, or where parts contradict each other;
    CancelledError.
    """
    broken: set[str] = set()
    right: tuple[Range, ...] = ()
    if is_version1(source) and not frame:
        stream, ended = StreamReader(source, []), True
        if stream.entries and (last := stream.entries[-1]).crc is not None:
            whole = with_last_byte(source, last.first_byte, last.length, last.crc)
            if whole is not source:
                stream, right = StreamReader(whole, []), ((source.size, whole.size),)
        bad = [e for e in stream.entries if not stream.sound(e)]
        damaged, broken = [(e.first_byte, e.first_byte + e.length) for e in bad], {e.name for e in bad}
    else:
        sound = _of_frame(sound or sound_chunks(source, job), frame)
        damaged, ended, right = sound.damaged, sound.ended, sound.repaired
        stream = StreamReader(sound.source, _with_header(sound.chunks, sound.source), frame)
    slices = {e.part: e for e in stream.slices if e.name not in broken and e.part < MOST_SLICES}
    table = _table(stream)
    if table is not None:
        slices = {k: e for k, e in slices.items() if k < len(table) and e.points == int(table.points[k])}
    held = _held(stream, slices, table)
    lost = tuple(k for k in range(len(held)) if k not in slices)
    if held and not slices:
        raise CorruptStreamError("no slice is whole; nothing can be saved", field="slices", byte=0)
    trees = [e for e in stream.entries if stream.is_tree(e) and e.name not in broken]
    sections = [Section(SECTION_TREE, stream.payload(e)) for e in trees]
    for k, points in enumerate(held):
        payload = stream.payload(slices[k]) if k in slices else b""
        sections.append(Section(SECTION_SLICE, payload, points))
    numbers = tuple(sorted(slices))
    strays_lost = stream.header.strays > 0 and stream.optional(Kind.STRAYS) is None
    own, ranges = [held[k] for k in numbers], tuple(damaged)
    return Salvaged(stream, sections, numbers, own, lost, table, strays_lost, ranges, ended, right)


def _of_frame(sound: SoundChunks, frame: int | None) -> SoundChunks:
    """Raises InputError as `salvaged`."""
    if frame is None and sound.frames > 1:
        raise SequenceError(sound.frames)
    if frame is not None and not 0 <= frame < sound.frames:
        raise InputError(f"there is no frame {frame:,}; there were {sound.frames:,}", field="frame")
    return sound.of_frame(frame or 0)


def _with_header(chunks: list[Chunk], source: Source) -> list[Chunk]:
    """The chunks, the header first, without those that are there twice with different contents."""
    kept: dict[tuple[int, int, int, int], Chunk] = {}
    doubtful = set()
    for chunk in chunks:
        key = chunk.kind, chunk.frame, chunk.component, chunk.part
        if key in kept and read_payload(source, kept[key]) != read_payload(source, chunk):
            doubtful.add(key)
        kept.setdefault(key, chunk)
    found = [chunk for key, chunk in kept.items() if key not in doubtful]
    headers = [chunk for chunk in found if chunk.kind == Kind.HEADER]
    if not headers and [chunk.kind for chunk in found] == [Kind.FILE] and _is_whole(found[0], source):
        return found  # a stream that is but a file has no header
    if not headers:
        reason = "the header is lost, and without it nothing can be read"
        raise CorruptStreamError(reason, field="header", byte=0)
    others = [chunk for chunk in found if chunk.kind != Kind.HEADER]
    return [headers[0], *sorted(others, key=lambda chunk: (chunk.kind == Kind.SLICE, chunk.part))]


def _is_whole(chunk: Chunk, source: Source) -> bool:
    """Whether a chunk FILE holds all of its file."""
    return source.read(chunk.first_byte + DIGEST_BYTES, 1) < bytes([MARKS])


def _table(stream: StreamReader) -> SliceTable | None:
    try:
        return stream.table()
    except CorruptStreamError:
        return None


def _held(stream: StreamReader, slices: dict[int, Entry], table: SliceTable | None) -> list[int]:
    """The voxels of all slices. Of lost ones they are a guess where the table is lost, too."""
    if table is not None:
        return [int(n) for n in table.points]
    missing = stream.header.coded_points - sum(e.points for e in slices.values())
    count = max(slices, default=-1) + 1
    if missing < count - len(slices):
        reason = "the slices hold more points than the header says"
        raise CorruptStreamError(reason, field="slices", byte=0)
    gaps = [k for k in range(count) if k not in slices]
    if not gaps and missing:
        gaps, count = [count], count + 1
    held = {k: e.points for k, e in slices.items()}
    for place, k in enumerate(gaps):
        held[k] = missing // len(gaps) + (place < missing % len(gaps))
    return [held[k] for k in range(count)]
