"""What the first lines of a text file say: byte order mark, comments, delimiter, names of the columns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from octavox.codec.errors import InputError
from octavox.codec.files.source import Source

from .ply_header import BOM
from .tables import AXES
from .text_blocks import line_end

COMMENTS = (b"#", b"//")
DELIMITERS = (b";", b",")
_HEAD = 1 << 16
_NUMBER = re.compile(
    rb"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\Z|[+-]?(nan|inf(inity)?|1\.#\w+)\Z", re.IGNORECASE
)
_NAME = re.compile(rb"[\"' ]*[^\d+\-.,;\"' ]")
# Short names of colours in header lines, where red, green and blue are all there.
_SHORT = {"r": "red", "g": "green", "b": "blue", "a": "alpha"}
_PTS = {4: ("intensity",), 6: ("red", "green", "blue"), 7: ("intensity", "red", "green", "blue")}


@dataclass
class TextHead:
    """What the head says.

    body, line: byte and number of the first line with numbers. delimiter: byte that separates, 0 for blanks.
    names: of the columns. comments: lines before the numbers, without their mark. count: of the points, and
    its line, in .pts. header: whether the file names its columns.
    """

    body: int
    line: int
    delimiter: int = 0
    names: tuple[str, ...] = ()
    comments: list[bytes] = field(default_factory=list)
    count: int = -1
    count_line: int = 0
    header: bool = False


def read_head(source: Source, suffix: str, given: Sequence[str]) -> TextHead:
    """The head of a file. given: names of the columns that the caller gives, which count more than others.

    Raises InputError naming the line.
    """
    lines = _Lines(source)
    head = TextHead(lines.at, 1)
    header: bytes | None = None
    if suffix == ".pts":
        _read_count(lines, head, source)
    while (line := lines.next(head)) is not None:
        words, delimiter = _words(line)
        if all(_NUMBER.match(w) for w in words if w):
            head.delimiter = delimiter
            break
        if header is not None or not all(_NAME.match(w) for w in words):
            head.delimiter = delimiter
            break  # a faulty row: the reader of rows names what is wrong
        header = line
    else:
        head.body, head.line = lines.at, lines.number + 1
        if header is not None:
            head.names = _names_of(_words(header)[0], header, head, suffix, source)
        return head
    head.body, head.line = lines.start, lines.number
    words = _words(line)[0]
    head.names = tuple(given) or _names_of(words, header, head, suffix, source)
    if given:
        head.names = tuple(given) + tuple(f"column_{k + 1}" for k in range(len(given), len(words)))
        if len(given) > len(words) or len(set(head.names)) < len(head.names):
            reason = f"{len(given)} names for {len(words)} columns, or a name twice"
            raise InputError(reason, path=source.name, field="fields")
    if len(head.names) < 3:
        reason = f"line {head.line} has {len(words)} values instead of 3"
        raise InputError(reason, path=source.name, byte=head.body)
    return head


def _read_count(lines: _Lines, head: TextHead, source: Source) -> None:
    line = lines.next(head)
    if line is None:
        return
    if not (line.strip().isdigit() and len(line.strip()) < 20):
        reason = f"line {lines.number} is not the number of points, which the first line is"
        raise InputError(reason, path=source.name, field="count", byte=lines.start)
    head.count, head.count_line = int(line), lines.number


class _Lines:
    """The lines of a file that hold something and are no comments; comments go to the head."""

    def __init__(self, source: Source) -> None:
        self._source = source
        first = source.read(0, 4)
        if first[:2] in (b"\xff\xfe", b"\xfe\xff"):
            raise InputError("this is text in UTF-16; save it as UTF-8", path=source.name, byte=0)
        self.at = self.start = len(BOM) if first.startswith(BOM) else 0
        self.number = 0
        self._end = bytes([line_end(source, self.at)])
        self._data, self._data_at = b"", self.at

    def next(self, head: TextHead) -> bytes | None:
        """The next line; None at the end of the file."""
        while (line := self._line()) is not None:
            text = line.strip()
            mark = next((m for m in COMMENTS if text.startswith(m)), None)
            if mark is not None:
                head.comments.append(text[len(mark) :])
            elif text:
                return text
        return None

    def _line(self) -> bytes | None:
        size = _HEAD
        place = self.at - self._data_at
        stop = self._data.find(self._end, place)
        while stop < 0:
            self._data, self._data_at = self._source.read(self.at, size), self.at
            stop, place = self._data.find(self._end), 0
            if stop < 0 and len(self._data) < size:
                stop = len(self._data)
                break
            size *= 4
        if stop <= place and self.at >= self._source.size:
            return None
        self.start, self.at = self.at, min(self._data_at + stop + 1, self._source.size)
        self.number += 1
        return self._data[place:stop]


def _words(line: bytes) -> tuple[list[bytes], int]:
    """The values of a line, and the delimiter, 0 for white space."""
    for delimiter in DELIMITERS:
        if delimiter in line:
            words = [w.strip() for w in line.split(delimiter)]
            return (words[:-1] if not words[-1] else words), delimiter[0]
    return line.split(), 0


def _names_of(
    words: list[bytes], header: bytes | None, head: TextHead, suffix: str, source: Source
) -> tuple[str, ...]:
    """Names of the columns: a header line's, those of a comment that is one, else what the format says."""
    if header is not None:
        names = _tidy(_words(header)[0])
        if len(names) != len(words):
            reason = f"line {head.line} has {len(words)} values, the header line {len(names)} names"
            raise InputError(reason, path=source.name, field="header")
        if not set(AXES) <= set(names):
            reason = "the header line names no x, y and z; say with `fields` what the columns are"
            raise InputError(reason, path=source.name, field="header")
        if len(set(names)) < len(names):
            raise InputError("the header line has a name twice", path=source.name, field="header")
        head.header = True
        return names
    for k in reversed(range(len(head.comments))):
        names = _tidy(_words(head.comments[k].strip())[0])
        if len(names) == len(words) == len(set(names)) and set(AXES) <= set(names):
            del head.comments[k]
            head.header = True
            return names
    further: tuple[str, ...] = ()
    if suffix == ".pts":
        further = _PTS.get(len(words), ())
    elif suffix == ".xyzrgb" and len(words) >= 6:
        further = ("red", "green", "blue")
    known = (*AXES, *further)
    return (*known, *(f"column_{k + 1}" for k in range(len(known), len(words))))[: len(words)]


def _tidy(words: Sequence[bytes]) -> tuple[str, ...]:
    """Names without quotes, x, y and z in lower case, colours in full."""
    names = [w.decode("utf-8", "surrogateescape").strip("\"' ") for w in words]
    names = [n.lower() if n.lower() in AXES else n for n in names]
    lower = {n.lower() for n in names}
    if {"r", "g", "b"} <= lower:
        full = [_SHORT.get(n.lower(), n) for n in names]
    elif {"red", "green", "blue"} <= lower:
        full = [n.lower() if n.lower() in _SHORT.values() else n for n in names]
    else:
        return tuple(names)
    names = full if len(set(full)) == len(full) else names
    return tuple(names)
