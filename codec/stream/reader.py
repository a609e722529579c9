"""Reading streams of both formats: the header, the parts, and the payloads that are asked for."""

from __future__ import annotations

import zlib
from collections.abc import Collection
from dataclasses import replace

from octavox.codec.codecs.interface import SECTION_SLICE, SECTION_TREE, Section
from octavox.codec.coding.bytes import ByteReader
from octavox.codec.errors import CorruptStreamError, InputError, SequenceError
from octavox.codec.files.source import Source

from . import chunks, version1
from .chunks import CRC_BYTES, MAGIC, START_BYTES, Chunk, Kind
from .entry import Entry
from .frames import Frames, find_frames
from .header import NO_WEIGHTS, file_header
from .header_parser import parse_header
from .slice_table import SliceTable, parse_table

MOST_SLICES = 1 << 20  # part numbers of columns are the slice's, plus this times the place in the slice
_POINTS_BYTES = 10  # of the number that a slice begins with
_SECTIONS: dict[int, int] = {Kind.TREE: SECTION_TREE, Kind.SLICE: SECTION_SLICE}


def is_version1(source: Source) -> bool:
    """Whether a file begins as a stream of format 1."""
    return source.read(0, START_BYTES) == MAGIC + b"\x01"


class StreamReader:
    """A stream that can be read anywhere. Payloads are read when they are asked for.

    header: what it holds. entries: its parts. header_bytes: of the container before the first payload and
    around the header. frame, frames: its number, and how many the file has. Raises CorruptStreamError, with
    field and byte in the file, and UnsupportedStreamError.
    """

    def __init__(
        self,
        source: Source,
        found: list[Chunk] | None = None,
        frame: int | None = None,
        frames: Frames | None = None,
    ) -> None:
        """frame: which one is read; None: the only one. frames: those of the stream, where they are known
        already. found: the sound chunks of the frame of a damaged file, the header first; of format 1, an
        empty list. Raises InputError for a frame that is not there, and where there are several and none is
        chosen.
        """
        self.source, self.size, self.damaged = source, source.size, found is not None
        self.frame, self.frames, self._start, self._stop = frame or 0, 1, 0, source.size
        self._chunks: list[Chunk] = []
        self._counts: dict[int, Entry] = {}
        self._places: dict[tuple[int, int, int], Entry] = {}
        if is_version1(source):
            if self.frame:
                raise InputError("there is no frame but 0", field="frame")
            self.header, self.entries, self.header_bytes = version1.parse(source, whole=not self.damaged)
        elif found is not None:
            if frame is not None:
                self.size = sum(chunk.end - chunk.start for chunk in found)
            self._open_chunks(found)
        else:
            self._open_chunks(self._chunks_of(frames or find_frames(source), frame))

    def _chunks_of(self, frames: Frames, frame: int | None) -> list[Chunk]:
        if frame is None and len(frames) > 1:
            raise SequenceError(len(frames))
        frames.check(self.frame)
        self.frames = len(frames)
        if len(frames) > 1:
            self.size, self._stop = frames.size(self.frame), int(frames.starts[self.frame + 1])
            self._start = self._stop - self.size
        return frames.chunks(self.source, self.frame)

    def _open_chunks(self, found: list[Chunk]) -> None:
        self._chunks = found
        first = found[0] if found else None
        if first is not None and first.kind == Kind.FILE:  # nothing but a file
            self.header = file_header(first.component)
            self.header_bytes = START_BYTES if self.damaged else first.start - self._start
        elif first is not None and first.kind == Kind.HEADER:
            self.header = parse_header(chunks.read_payload(self.source, first), first.first_byte)
            self.header_bytes = first.end - (first.start - START_BYTES if self.damaged else self._start)
        else:
            raise CorruptStreamError("the header is missing", field="header", byte=self.first_byte)
        self.entries = [
            self._entry(k, chunk) for k, chunk in enumerate(found) if k or chunk.kind != Kind.HEADER
        ]
        self._counts = {e.part: e for e in self.entries if e.kind == Kind.COUNTS}
        self._places = {(e.kind, found[e.chunk].component, e.part): e for e in self.entries}
        if not self.damaged:
            self._check_slices()

    @property
    def first_byte(self) -> int:
        """Where the chunks of the frame begin."""
        return self._start or START_BYTES

    def _entry(self, number: int, chunk: Chunk) -> Entry:
        overhead = chunk.end - chunk.start - chunk.length
        place = chunk.first_byte, chunk.length
        entry = Entry(chunk.name, chunk.kind, 0, *place, None, overhead, number, chunk.part)
        if chunk.kind != Kind.SLICE:
            return entry
        reader = ByteReader(self.source.read(chunk.first_byte, min(_POINTS_BYTES, chunk.length)))
        reader.first_byte = chunk.first_byte
        points = reader.varint(f"points of {chunk.name}", self.header.coded_points)
        return replace(
            entry,
            points=points,
            first_byte=chunk.first_byte + reader.position,
            length=chunk.length - reader.position,
            overhead=overhead + reader.position,
        )

    def _check_slices(self) -> None:
        slices = [e for e in self.entries if e.kind == Kind.SLICE]
        if [e.part for e in slices] != list(range(len(slices))):
            raise CorruptStreamError(
                "slices are missing or out of order", field="slices", byte=self.first_byte
            )
        counted = [e.part for e in self.entries if e.kind == Kind.COUNTS]
        if counted != (list(range(len(slices))) if self.header.counted else []):
            raise CorruptStreamError("missing, or out of order", field="counts", byte=self.first_byte)
        guess = self.header.guess
        numbers = range(len(slices)) if guess is not None and guess.weights_id != NO_WEIGHTS else ()
        if [e.part for e in self.entries if e.kind == Kind.GUESS] != list(numbers):
            raise CorruptStreamError("missing, or out of order", field="guess", byte=self.first_byte)
        points = sum(e.points for e in slices)
        if points != self.header.coded_points:
            reason = f"the slices hold {points:,} points, the header says {self.header.coded_points:,}"
            raise CorruptStreamError(reason, field="points", byte=self.first_byte)

    @property
    def slices(self) -> list[Entry]:
        """The slices, in their order."""
        return [entry for entry in self.entries if self._section_kind(entry) == SECTION_SLICE]

    def _section_kind(self, entry: Entry) -> int | None:
        """What a codec calls it; None for what is not the geometry's."""
        return _SECTIONS.get(entry.kind) if self._chunks else entry.kind

    def is_geometry(self, entry: Entry) -> bool:
        """Whether it is a part of the geometry."""
        return self._section_kind(entry) in (SECTION_TREE, SECTION_SLICE)

    def component_of(self, entry: Entry) -> int:
        """The group of columns, or whatever else the parts of its kind belong to."""
        return self._chunks[entry.chunk].component

    def is_tree(self, entry: Entry) -> bool:
        """Whether it is what all slices of the geometry share."""
        return self._section_kind(entry) == SECTION_TREE

    def payload_bytes(self, numbers: Collection[int], strays: bool) -> int:
        """Bytes of the payloads that decoding these slices reads, with or without the points off the grid."""
        return sum(entry.length for entry in self.read_entries(numbers, strays))

    def read_entries(self, numbers: Collection[int], strays: bool) -> list[Entry]:
        """The parts that decoding these slices reads, with or without the points off the grid."""
        wanted = set(numbers)
        every = len(wanted) == len(self.slices)
        return [entry for entry in self.entries if self._is_read(entry, wanted, strays, every)]

    def _is_read(self, entry: Entry, wanted: set[int], strays: bool, every: bool) -> bool:
        kind = self._section_kind(entry)
        if kind is not None:
            return kind == SECTION_TREE or entry.part in wanted
        if entry.kind in (Kind.ATTRIBUTE, Kind.REMAINDERS):
            return entry.part % MOST_SLICES in wanted
        if entry.kind in (Kind.ORDER, Kind.FILE, Kind.ROWS):
            return every
        if entry.kind == Kind.LEVELS:
            return False
        if entry.kind in (Kind.COUNTS, Kind.GUESS):
            return entry.part in wanted
        return entry.kind in (Kind.TABLE, Kind.MOTION) or (strays and entry.kind == Kind.STRAYS)

    def sections(self, wanted: tuple[int, ...] | None = None) -> list[Section]:
        """The sections of the geometry. Raises CorruptStreamError naming the first whose checksum differs.

        wanted: numbers of the slices that are read; the others come without a payload, unread and unchecked.
        None: all are read.
        """
        found, chosen = [], set(wanted or ())
        for entry in self.entries:
            kind = self._section_kind(entry)
            if kind is None:
                continue
            unread = wanted is not None and kind == SECTION_SLICE and entry.part not in chosen
            found.append(Section(kind, b"" if unread else self.payload(entry), entry.points))
        return found

    def payload(self, entry: Entry) -> bytes:
        """A payload, checked."""
        if entry.crc is None:
            data = chunks.read_payload(self.source, self._chunks[entry.chunk])
            return data[len(data) - entry.length :]
        data = self.source.read(entry.first_byte, entry.length)
        if zlib.crc32(data) != entry.crc:
            raise CorruptStreamError(
                f"{entry.name.split()[0]} checksum mismatch", field=entry.name, byte=entry.first_byte
            )
        return data

    def optional(self, kind: Kind) -> Entry | None:
        """The part of that kind, of which there is at most one; None without it.

        Raises CorruptStreamError where there are several.
        """
        found = [entry for entry in self.entries if self._chunks and entry.kind == kind]
        if len(found) > 1:
            raise CorruptStreamError("there twice", field=found[1].name, byte=found[1].first_byte)
        return found[0] if found else None

    def needed(self, kind: Kind) -> bytes:
        """The payload of the part of that kind. Raises CorruptStreamError where it is missing."""
        entry = self.optional(kind)
        if entry is None:
            raise CorruptStreamError("missing", field=kind.name.lower(), byte=self._stop)
        return self.payload(entry)

    @property
    def ending(self) -> int:
        """The number of the ending of the file that the stream holds; 0 where it holds none."""
        entry = self.optional(Kind.FILE)
        return 0 if entry is None else entry.part

    def sound(self, entry: Entry) -> bool:
        """Whether the checksum of a part is right."""
        try:
            self.payload(entry)
        except CorruptStreamError:
            return False
        return True

    def table(self) -> SliceTable | None:
        """The slice table; None without one. Raises CorruptStreamError where it does not fit the slices."""
        entry = self.optional(Kind.TABLE)
        if entry is None:
            return None
        header = self.header
        found = parse_table(self.payload(entry), entry.first_byte, header.coded_depth, header.coded_points)
        if not self.damaged and [e.points for e in self.slices] != found.points.tolist():
            reason = "the table has other slices than the stream"
            raise CorruptStreamError(reason, field=entry.name, byte=entry.first_byte)
        return found

    def counts_of(self, number: int) -> Entry | None:
        """The part that says how many points each voxel of a slice has; None without it."""
        return self._counts.get(number)

    def part(self, kind: Kind, component: int, part: int) -> Entry:
        """One part of a component. Raises CorruptStreamError where it is missing."""
        entry = self._places.get((kind, component, part))
        if entry is None:
            name = f"{kind.name.lower()} {component} part {part}"
            raise CorruptStreamError("missing", field=name, byte=self._stop)
        return entry

    def find(self, kind: Kind, part: int) -> Entry | None:
        """One part of the only component; None where it is not there."""
        return self._places.get((kind, 0, part)) if self._chunks else None

    def has(self, kind: Kind, component: int, part: int) -> bool:
        """Whether one part of a component is there."""
        return (kind, component, part) in self._places

    @property
    def tail_bytes(self) -> int:
        """Bytes of the container after the last part: index and end."""
        if not self._chunks or self.damaged:
            return 0
        return self._stop - self._chunks[-1].end

    @property
    def overhead(self) -> dict[str, int]:
        """Bytes of the container by what they are for."""
        table = sum(entry.overhead for entry in self.entries)
        if self._chunks:
            return {"header": self.header_bytes, "chunks": table + self.tail_bytes}
        crcs = CRC_BYTES * (len(self.entries) + 1)
        return {
            "header": self.header_bytes - table - CRC_BYTES,
            "section table": table - CRC_BYTES * len(self.entries),
            "checksums": crcs,
        }

    def locate(self, error: CorruptStreamError) -> CorruptStreamError:
        """A codec's error, whose offset is that in a section, with its offset in the file.

        Where it names none, that of the part that it names, or of the stream.
        """
        starts = {entry.name: entry.first_byte for entry in self.entries}
        starts["params"] = self.header.params_byte
        name = error.field or ""
        start = starts.get(name, starts.get(" ".join(name.split()[:2]), starts.get(name.split(" ")[0])))
        if start is None:
            start = self.first_byte if error.byte is None else 0
        byte = start + (error.byte or 0)
        return type(error)(error.reason, path=error.path, field=error.field, byte=byte)
