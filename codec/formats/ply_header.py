"""The header of a PLY file (Turk, "The PLY Polygon File Format", 1994), checked against the file's size."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from octavox.codec.errors import InputError
from octavox.codec.files.source import Source

FIRST_LOOK = 1 << 16  # bytes; most headers have a few hundred
HEADER_LIMIT = 1 << 26
BOM = b"\xef\xbb\xbf"

BYTE_ORDERS = {"ascii": "=", "binary_little_endian": "<", "binary_big_endian": ">"}

# Every spelling of a scalar type -> the type's classic name, and that name -> numpy's code.
CLASSIC_NAMES = {
    **{n: n for n in ("char", "uchar", "short", "ushort", "int", "uint", "float", "double")},
    "int8": "char",
    "uint8": "uchar",
    "int16": "short",
    "uint16": "ushort",
    "int32": "int",
    "uint32": "uint",
    "float32": "float",
    "float64": "double",
}
NUMPY_CODES = {
    "char": "i1",
    "uchar": "u1",
    "short": "i2",
    "ushort": "u2",
    "int": "i4",
    "uint": "u4",
    "float": "f4",
    "double": "f8",
}


@dataclass(frozen=True)
class PlyProperty:
    """type: classic name of the scalar, or of a list's items. length_type: of a list's length, or None."""

    name: str
    type: str
    length_type: str | None = None

    def dtype(self, order: str = "=") -> np.dtype[Any]:
        """Type of the scalar, or of a list's items."""
        return np.dtype(order + NUMPY_CODES[self.type])

    def length_dtype(self, order: str = "=") -> np.dtype[Any]:
        """Type of a list's length."""
        return np.dtype(order + NUMPY_CODES[self.length_type or "uchar"])

    @property
    def least_bytes(self) -> int:
        """Bytes that the property takes at least in one binary row (an empty list has its length only)."""
        return int(np.dtype(NUMPY_CODES[self.length_type or self.type]).itemsize)


@dataclass(frozen=True)
class PlyElement:
    """line: of the header, from 1."""

    name: str
    count: int
    line: int
    properties: tuple[PlyProperty, ...]

    @property
    def has_list(self) -> bool:
        """Whether one of the properties is a list."""
        return any(p.length_type for p in self.properties)

    @property
    def least_bytes(self) -> int:
        """Bytes of a binary row: exactly without lists, else at least."""
        return sum(p.least_bytes for p in self.properties)


@dataclass(frozen=True)
class PlyHeader:
    """format: "ascii", "binary_little_endian" or "binary_big_endian". body: byte where the data begins.

    comments, obj_info: what follows these words, byte for byte. lines: how many the header has.
    """

    format: str
    elements: tuple[PlyElement, ...]
    comments: tuple[bytes, ...]
    obj_info: tuple[bytes, ...]
    body: int
    lines: int

    @property
    def byte_order(self) -> str:
        """As numpy writes it."""
        return BYTE_ORDERS[self.format]

    def element(self, name: str) -> PlyElement | None:
        """The element of that name, if there is one."""
        return next((e for e in self.elements if e.name == name), None)

    @property
    def binary_size(self) -> int | None:
        """Bytes of the whole file, where the header says them: binary, and no lists."""
        if self.format == "ascii" or any(e.has_list and e.count for e in self.elements):
            return None
        return self.body + sum(e.count * e.least_bytes for e in self.elements)


def read_header(source: Source) -> PlyHeader:
    """The header of a file, its counts held against the size of the file.

    Raises InputError naming line, field and byte.
    """
    header = parse_header(_head(source), source.name)
    check_size(header, source.size, source.name)
    return header


def _head(source: Source) -> bytes:
    """The first bytes of the file, so many that the end of the header is among them if there is one."""
    data, searched = source.read(0, FIRST_LOOK), 0
    while data.startswith((b"ply", BOM + b"ply")) and FIRST_LOOK <= len(data) < HEADER_LIMIT:
        found = data.find(b"end_header", searched)
        if found >= 0 and len(data) > found + 64:
            if _ends_header(data, found):
                break
            searched = found + 1
            continue
        more = source.read(len(data), len(data))  # doubled, so the work grows with the length alone
        if not more:
            break
        searched = max(len(data) - 16, searched)
        data += more
    return data


def _ends_header(data: bytes, at: int) -> bool:
    """Whether the word at byte `at` stands at the start of a line."""
    before = data[max(at - 64, 0) : at].rstrip(b" \t")
    return before.endswith((b"\n", b"\r"))


def parse_header(data: bytes, name: str) -> PlyHeader:
    """The header at the start of `data`. name: of the file, for errors.

    Raises InputError naming the line and field.
    """
    state, last = _HeaderState(name), (0, b"", 0)
    for last in _lines(data, name):
        if last[0] > 1:
            state.line(*last[:2])
    lines, _, position = last
    return PlyHeader(
        state.finished_format(),
        state.elements(),
        tuple(state.comments),
        tuple(state.obj_info),
        position,
        lines + 1,
    )


def check_size(header: PlyHeader, size: int, name: str) -> None:
    """Refuses counts that a binary file of `size` bytes cannot hold, before memory is taken for them.

    Text takes memory for what is there, and its reader names the line with too few values.
    """
    need, have = 0, size - header.body
    for element in header.elements if header.format != "ascii" else ():
        need += element.count * element.least_bytes
        if need > have:
            raise InputError(
                f"truncated: line {element.line} declares {element.count:,} rows, which need at least "
                f"{need:,} bytes of data; the file has {max(size - header.body, 0):,}",
                path=name,
                field=f"element {element.name}",
                byte=header.body,
            )


def _lines(data: bytes, name: str) -> Iterator[tuple[int, bytes, int]]:
    """(number, line, byte after it) of the lines before "end_header", whatever ends them.

    LF, CR LF, or CR alone; the byte after the last of them is the byte after "end_header".
    """
    if not data:
        raise InputError("the file is empty", path=name, byte=0)
    start = len(BOM) if data.startswith(BOM) else 0
    if data[start : start + 3] != b"ply" or data[start + 3 : start + 4] not in (
        b"\n", b"\r", b" ", b"\t", b"",
    ):  # fmt: skip
        raise InputError("not a PLY file: it does not begin with 'ply'", path=name, field="ply", byte=0)
    head = data[:FIRST_LOOK]
    first = head.find(b"\n"), head.find(b"\r")
    mac = first[1] >= 0 and (first[0] < 0 or first[0] > first[1] + 1)
    end = b"\r" if mac else b"\n"
    number, held = 0, b""
    position = start
    while True:
        stop = data.find(end, position)
        if stop < 0:
            if data[position:].strip() == b"end_header":
                stop = len(data)
            else:
                raise InputError(
                    f"truncated: the header has no 'end_header' line (last line {number + 1})",
                    path=name,
                    field="end_header",
                    byte=len(data),
                )
        line = data[position:stop]
        position = min(stop + 1, len(data))
        if line.strip() == b"end_header":
            if number:
                yield number, held, position
            return
        if number:
            yield number, held, position
        number, held = number + 1, line


def _text(word: bytes) -> str:
    """A word of the header; bytes that are no UTF-8 stay what they are."""
    return word.decode("utf-8", "surrogateescape")


def _shown(line: bytes) -> str:
    return line[:80].decode("utf-8", "replace").strip()


class _HeaderState:
    """What the header's lines have said so far."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.format: str | None = None
        self.comments: list[bytes] = []
        self.obj_info: list[bytes] = []
        self._elements: dict[str, tuple[int, int, dict[str, PlyProperty]]] = {}
        self._last: dict[str, PlyProperty] | None = None

    def fault(self, number: int, text: str, field: str) -> InputError:
        return InputError(f"line {number}: {text}", path=self.name, field=field)

    def line(self, number: int, line: bytes) -> None:
        keyword, rest = _split(line)
        if keyword in (b"comment", b"obj_info"):
            (self.comments if keyword == b"comment" else self.obj_info).append(rest)
            return
        words = line.split()
        if keyword == b"format":
            form = _text(words[1]) if len(words) == 3 and words[2] == b"1.0" else ""
            if self.format is not None or form not in BYTE_ORDERS:
                raise self.fault(number, f"unknown or repeated format '{_shown(line)}'", "format")
            self.format = form
        elif keyword == b"element":
            self._element(number, words)
        elif keyword == b"property":
            self._property(number, words)
        elif keyword:
            raise self.fault(number, f"unknown keyword '{_shown(words[0][:40])}'", "header")

    def _element(self, number: int, words: list[bytes]) -> None:
        if len(words) != 3 or not (words[2].isdigit() and len(words[2]) < 20):
            raise self.fault(number, "expected 'element NAME COUNT'", "element")
        name = _text(words[1])
        if name in self._elements:
            raise self.fault(number, f"element '{_shown(words[1])}' appears twice", "element")
        self._last = {}
        self._elements[name] = (int(words[2]), number, self._last)

    def _property(self, number: int, words: list[bytes]) -> None:
        if self._last is None:
            raise self.fault(number, "a property before any element", "property")
        types = [CLASSIC_NAMES.get(_text(w)) for w in words[1:-1]]
        if len(words) == 3 and types[0]:
            new = PlyProperty(_text(words[2]), types[0])
        elif len(words) == 5 and words[1] == b"list" and types[1] and types[2] and types[1][0] not in "fd":
            new = PlyProperty(_text(words[4]), types[2], types[1])
        else:
            raise self.fault(number, f"cannot read '{_shown(b' '.join(words))}'", "property")
        if new.name in self._last:
            raise self.fault(number, f"property '{_shown(words[-1])}' appears twice", "property")
        self._last[new.name] = new

    def finished_format(self) -> str:
        if self.format is None:
            raise InputError("the header has no 'format' line", path=self.name, field="format")
        return self.format

    def elements(self) -> tuple[PlyElement, ...]:
        return tuple(
            PlyElement(name, count, line, tuple(p.values()))
            for name, (count, line, p) in self._elements.items()
        )


def _split(line: bytes) -> tuple[bytes, bytes]:
    """The first word of a line, and what follows it after one blank, without the line's end."""
    line = line.lstrip().removesuffix(b"\r")
    keyword = line.split(None, 1)[0] if line.strip() else b""
    return keyword, line[len(keyword) + 1 :]
