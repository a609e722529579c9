"""The header of a PCD file (the Point Cloud Library's, version .7), checked against the file's size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from octavox.codec.errors import InputError
from octavox.codec.files.source import Source

from .tables import AXES, TableField

TYPES = {
    **{("F", size): f"f{size}" for size in (2, 4, 8)},
    **{("I", size): f"i{size}" for size in (1, 2, 4, 8)},
    **{("U", size): f"u{size}" for size in (1, 2, 4, 8)},
}
LAYOUTS = ("ascii", "binary", "binary_compressed")
PADDING = "_"
_WORDS = ("VERSION", "FIELDS", "SIZE", "TYPE", "COUNT", "WIDTH", "HEIGHT", "VIEWPOINT", "POINTS", "DATA")
_HEADER_LIMIT = 1 << 26
_MOST_VALUES = 1 << 24  # of a row


@dataclass(frozen=True)
class PcdHeader:
    """fields: of a row, padding among them, in little endian. width, height: of an organized cloud.

    viewpoint, version: as written. layout: of LAYOUTS. comments: lines without #. body: byte where the data
    begin. lines: how many the header has.
    """

    fields: tuple[TableField, ...]
    points: int
    width: int
    height: int
    viewpoint: str
    version: str
    layout: str
    comments: tuple[bytes, ...]
    body: int
    lines: int

    @property
    def row_bytes(self) -> int:
        """Bytes of a point."""
        return sum(f.dtype.itemsize * f.components for f in self.fields)


def read_header(source: Source) -> PcdHeader:
    """The header of a file. Raises InputError naming the field."""
    data = source.read(0, 1 << 16)
    while True:
        try:
            return parse_header(data, source.name)
        except _MoreNeeded:
            more = source.read(len(data), len(data)) if len(data) < _HEADER_LIMIT else b""
            if not more:
                reason = "not a PCD file, or its header is cut: it has no DATA line"
                raise InputError(reason, path=source.name, field="DATA", byte=len(data)) from None
            data += more


class _MoreNeeded(Exception):
    """The data end before the header does."""


def parse_header(data: bytes, name: str) -> PcdHeader:
    """The header at the start of `data`. Raises InputError naming the field and its line."""
    entries: dict[str, list[str]] = {}
    found_at: dict[str | None, int] = {}  # lines
    comments: list[bytes] = []
    position = lines = 0
    while "DATA" not in entries:
        stop = data.find(b"\n", position)
        if stop < 0:
            raise _MoreNeeded
        line = data[position:stop].removesuffix(b"\r")
        position, lines = stop + 1, lines + 1
        if line.lstrip().startswith(b"#"):
            comments.append(line.lstrip()[1:])
            continue
        words = line.decode("utf-8", "surrogateescape").split()
        if not words:
            continue
        key = {"COLUMNS": "FIELDS"}.get(words[0], words[0])
        if key not in _WORDS:
            shown = words[0][:40].encode("utf-8", "replace").decode()
            raise InputError(f"line {lines}: unknown keyword '{shown}'", path=name, field="header")
        if key in entries:
            raise InputError(f"line {lines}: {key} appears twice", path=name, field=key)
        entries[key], found_at[key] = words[1:], lines
    try:
        return _checked(entries, comments, position, lines, name)
    except InputError as error:
        if error.field not in found_at:
            raise
        reason = f"line {found_at[error.field]}: {error.reason}"
        raise InputError(reason, path=name, field=error.field) from None


def _checked(
    entries: dict[str, list[str]], comments: list[bytes], body: int, lines: int, name: str
) -> PcdHeader:
    fields = _fields(entries, name)
    width = _numbers(entries, "WIDTH", name, ["0"])[0]
    height = _numbers(entries, "HEIGHT", name, ["1"])[0]
    if "WIDTH" in entries:
        points = _numbers(entries, "POINTS", name, [str(width * height)])[0]
    else:
        points = width = _numbers(entries, "POINTS", name)[0]
    if points != width * height:
        reason = f"WIDTH {width:,} times HEIGHT {height:,} are not POINTS {points:,}"
        raise InputError(reason, path=name, field="POINTS")
    layout = " ".join(entries["DATA"])
    if layout not in LAYOUTS:
        raise InputError(f"unknown data format '{layout[:40]}'", path=name, field="DATA")
    return PcdHeader(
        fields,
        points,
        width,
        height,
        " ".join(entries.get("VIEWPOINT", ["0 0 0 1 0 0 0"])),
        " ".join(entries.get("VERSION", [".7"])),
        layout,
        tuple(comments),
        body,
        lines,
    )


def _numbers(
    entries: dict[str, list[str]], key: str, name: str, default: Sequence[str] | None = None
) -> list[int]:
    words = entries.get(key, default)
    if not words or not all(w.isascii() and w.isdigit() and len(w) < 16 for w in words):
        raise InputError("the header lacks a count, or it is not a number", path=name, field=key)
    return [int(w) for w in words]


def _fields(entries: dict[str, list[str]], name: str) -> tuple[TableField, ...]:
    names = entries.get("FIELDS", [])
    kinds = entries.get("TYPE", ["F"] * len(names))
    sizes = _numbers(entries, "SIZE", name, ["4"] * len(names))
    counts = _numbers(entries, "COUNT", name, ["1"] * len(names))
    if not names or not len(names) == len(kinds) == len(sizes) == len(counts):
        raise InputError("FIELDS, SIZE, TYPE and COUNT differ in length", path=name, field="FIELDS")
    if sum(s * c for s, c in zip(sizes, counts)) == 0:
        raise InputError("a point has no bytes", path=name, field="SIZE")
    if sum(counts) > _MOST_VALUES:
        raise InputError(f"a point of {sum(counts):,} values", path=name, field="COUNT")
    fields: list[TableField] = []
    seen: set[str] = set()
    for k, (field, kind, size, count) in enumerate(zip(names, kinds, sizes, counts)):
        code = TYPES.get((kind, size))
        if code is None and field != PADDING:
            key = "SIZE" if kind in "FIU" else "TYPE"
            reason = f"field '{field[:40]}' has TYPE {kind[:10]} and SIZE {size}, which PCD does not have"
            raise InputError(reason, path=name, field=key)
        if field == PADDING:
            fields.append(TableField(f"{PADDING} {k}", np.dtype("u1"), size * count))
            continue
        if field in seen:
            raise InputError(f"field '{field[:40]}' appears twice", path=name, field="FIELDS")
        seen.add(field)
        fields.append(TableField(field, np.dtype(f"<{code}"), count))
    for axis in AXES:
        if not any(f.name == axis and f.components == 1 for f in fields):
            raise InputError(f"there is no field '{axis}' of one number", path=name, field="FIELDS")
    return tuple(fields)


def is_padding(field: TableField) -> bool:
    """Whether the field only keeps others apart."""
    return field.name.startswith(f"{PADDING} ")


def check_size(header: PcdHeader, source: Source) -> None:
    """Refuses counts that the file cannot hold, before memory is taken for them."""
    have = max(source.size - header.body, 0)
    if header.layout == "ascii":
        return  # rows are counted as they come, so that a short one is named
    need = header.points * header.row_bytes if header.layout == "binary" else 8
    if need > have:
        raise InputError(
            f"truncated: the header declares {header.points:,} points, which need at least {need:,} bytes; "
            f"the data have {have:,}",
            path=source.name,
            field="POINTS",
            byte=header.body,
        )
