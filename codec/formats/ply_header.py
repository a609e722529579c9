"""The header of a PLY file (Turk, "The PLY Polygon File Format", 1994), checked against the file's size."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from octavox.codec.errors import InputError

HEADER_LIMIT = 1 << 20  # bytes; real headers have a few hundred

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

    def dtype(self, order: str) -> npt.DTypeLike:
        return np.dtype(order + NUMPY_CODES[self.type])

    @property
    def least_bytes(self) -> int:
        """Bytes that the property takes at least in one binary row (an empty list has its length only)."""
        return int(np.dtype(NUMPY_CODES[self.length_type or self.type]).itemsize)


@dataclass(frozen=True)
class PlyElement:
    name: str
    count: int
    line: int  # of the header, from 1
    properties: tuple[PlyProperty, ...]

    @property
    def has_list(self) -> bool:
        return any(p.length_type for p in self.properties)


@dataclass(frozen=True)
class PlyHeader:
    """format: "ascii", "binary_little_endian" or "binary_big_endian". body: byte where the data begins."""

    format: str
    elements: tuple[PlyElement, ...]
    comments: tuple[str, ...]
    body: int
    lines: int

    @property
    def byte_order(self) -> str:
        return BYTE_ORDERS[self.format]

    def element(self, name: str) -> PlyElement | None:
        return next((e for e in self.elements if e.name == name), None)


def parse_header(data: bytes, path: str | Path, size: int) -> PlyHeader:
    """The header at the start of `data`, the head of a file of `size` bytes.

    Raises InputError naming the line and field.
    """
    reader = _HeaderReader(data, path)
    lines, body = reader.lines()
    state = _HeaderState(path)
    for number, line in enumerate(lines[1:-1], 2):
        state.line(number, line)
    header = PlyHeader(state.finished_format(), state.elements(), tuple(state.comments), body, len(lines))
    check_size(header, size, path)
    return header


def check_size(header: PlyHeader, size: int, path: str | Path) -> None:
    """Refuses counts that a file of `size` bytes cannot hold, before memory is taken for them."""
    need = 0
    for element in header.elements:
        if header.format == "ascii":  # every item is at least one character and a separator
            row = max(2 * len(element.properties), 1)
        else:
            row = sum(p.least_bytes for p in element.properties)
        need += element.count * row
        have = size - header.body + (1 if header.format == "ascii" else 0)
        if need > have:
            raise InputError(
                f"truncated: line {element.line} declares {element.count:,} rows, which need at least "
                f"{need:,} bytes of data; the file has {max(size - header.body, 0):,}",
                path=path,
                field=f"element {element.name}",
                byte=header.body,
            )


class _HeaderReader:
    """Splits the header into lines, whatever ends them (LF, CR LF, or CR alone)."""

    def __init__(self, data: bytes, path: str | Path) -> None:
        self.data, self.path = data, path

    def lines(self) -> tuple[list[str], int]:
        """The lines from "ply" to "end_header", and the byte after them."""
        data = self.data[:HEADER_LIMIT]
        if not data:
            raise InputError("the file is empty", path=self.path, byte=0)
        if data[:3] != b"ply" or data[3:4] not in (b"\n", b"\r", b" ", b"\t", b""):
            raise InputError(
                "not a PLY file: it does not begin with 'ply'", path=self.path, field="ply", byte=0
            )
        first = data.find(b"\n"), data.find(b"\r")
        mac = first[1] >= 0 and (first[0] < 0 or first[0] > first[1] + 1)
        end = b"\r" if mac else b"\n"
        lines: list[str] = []
        position = 0
        while True:
            stop = data.find(end, position)
            if stop < 0:
                raise InputError(
                    f"truncated: the header has no 'end_header' line (last line {len(lines) + 1})",
                    path=self.path,
                    field="end_header",
                    byte=len(data),
                )
            text = data[position:stop].decode("utf-8", "replace").strip()
            lines.append(text)
            position = stop + 1
            if text == "end_header":
                return lines, position


class _HeaderState:
    """What the header's lines have said so far."""

    def __init__(self, path: str | Path) -> None:
        self.path = path
        self.format: str | None = None
        self.comments: list[str] = []
        self._elements: list[tuple[str, int, int, list[PlyProperty]]] = []

    def fault(self, number: int, text: str, field: str) -> InputError:
        return InputError(f"line {number}: {text}", path=self.path, field=field)

    def line(self, number: int, line: str) -> None:
        words = line.split()
        keyword = words[0] if words else ""
        if keyword in ("", "comment", "obj_info"):
            if keyword == "comment":
                self.comments.append(line[len("comment") :].strip())
        elif keyword == "format":
            if self.format is not None or len(words) != 3 or words[1] not in BYTE_ORDERS or words[2] != "1.0":
                raise self.fault(number, f"unknown or repeated format '{line[:80]}'", "format")
            self.format = words[1]
        elif keyword == "element":
            self._element(number, words)
        elif keyword == "property":
            self._property(number, words)
        else:
            raise self.fault(number, f"unknown keyword '{keyword[:40]}'", "header")

    def _element(self, number: int, words: list[str]) -> None:
        if len(words) != 3 or not (words[2].isascii() and words[2].isdigit() and len(words[2]) < 20):
            raise self.fault(number, "expected 'element NAME COUNT'", "element")
        if any(words[1] == e[0] for e in self._elements):
            raise self.fault(number, f"element '{words[1]}' appears twice", "element")
        self._elements.append((words[1], int(words[2]), number, []))

    def _property(self, number: int, words: list[str]) -> None:
        if not self._elements:
            raise self.fault(number, "a property before any element", "property")
        types = [CLASSIC_NAMES.get(w) for w in words[1:-1]]
        if len(words) == 3 and types[0]:
            new = PlyProperty(words[2], types[0])
        elif len(words) == 5 and words[1] == "list" and types[1] and types[2] and types[1][0] not in "fd":
            new = PlyProperty(words[4], types[2], types[1])
        else:
            raise self.fault(number, f"cannot read '{' '.join(words)[:80]}'", "property")
        known = self._elements[-1][3]
        if any(new.name == p.name for p in known):
            raise self.fault(number, f"property '{new.name}' appears twice", "property")
        known.append(new)

    def finished_format(self) -> str:
        if self.format is None:
            raise InputError("the header has no 'format' line", path=self.path, field="format")
        return self.format

    def elements(self) -> tuple[PlyElement, ...]:
        return tuple(PlyElement(name, count, line, tuple(p)) for name, count, line, p in self._elements)
