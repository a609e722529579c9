"""Point clouds from and to OFF files (Geomview's object file format), ASCII."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np

from octavox.codec.cloud.cloud import COLOURS, PointCloud
from octavox.codec.cloud.columns import Array, Column
from octavox.codec.errors import InputError
from octavox.codec.files.source import Source
from octavox.codec.job import JobContext

from .line_rows import add_rows, line_widths
from .mesh import SAMPLES, Mesh, Triangles, check_choice, cloud_of_mesh, fans
from .numbers import NumberFault, Numbers, find_numbers
from .registry import ReadOptions, WriteOptions
from .tables import AXES
from .text_blocks import Block, line_end, text_blocks
from .text_columns import ColumnBuilder
from .text_rows import has_payload, text_rows

_KEYWORD = re.compile(rb"\s*(ST)?(C)?(N)?(4)?(n)?OFF(\s+BINARY)?")
_NORMALS = ("nx", "ny", "nz")
_HEAD = 1 << 20  # bytes in which the counts must be


def read(source: Source, job: JobContext, options: ReadOptions) -> PointCloud:
    """A cloud from an OFF, COFF or NOFF file: vertices as doubles, with normals and colours if there are any.

    For a file with faces, `options.mesh` must say which points to take. Raises InputError naming line or
    byte; CancelledError.
    """
    head = _read_head(source)
    if head.faces:
        check_choice(True, options, source)
    table = _Vertices(head, source)
    rest: list[Block] = []
    for block in text_blocks(source, head.body, head.line, job):
        left = table.take(_without_comments(block))
        if left is not None and options.mesh != SAMPLES:
            break
        rest += [] if left is None else [left]
    vertices, attributes = table.finish()
    check_choice(head.faces > 0, options, source)
    triangles = np.empty((0, 3), np.int64)
    if options.mesh == SAMPLES:
        triangles = _triangles(rest, head.faces, source)
    return cloud_of_mesh(Mesh(vertices, triangles, attributes), "OFF", options, source, job)


@dataclass(frozen=True)
class _Head:
    """normals, colours: whether vertices have them. vertices, faces: how many there are. body: first byte
    after the line of the counts; line: its number."""

    normals: bool
    colours: bool
    vertices: int
    faces: int
    body: int
    line: int


def _read_head(source: Source) -> _Head:
    data, end = source.read(0, _HEAD), line_end(source, 0)
    match = _KEYWORD.match(data)
    if match is None or match[1] or match[4] or match[5] or match[6]:
        reason = "not an OFF file that is read: those are OFF, COFF, NOFF and CNOFF, as text"
        raise InputError(reason, path=source.name, field="OFF", byte=0)
    at, line = match.end(), 1 + data[: match.end()].count(bytes([end]))
    while at < len(data):
        stop = data.find(bytes([end]), at) + 1 or len(data)
        words = data[at:stop].partition(b"#")[0].split()
        if words:
            if len(words) in (2, 3) and all(word.isdigit() and len(word) < 19 for word in words):
                counts = int(words[0]), int(words[1])
                return _Head(bool(match[3]), bool(match[2]), *counts, stop, line + 1)
            break
        at, line = stop, line + 1
    raise InputError("the counts of vertices and faces are missing", path=source.name, field="counts")


def _without_comments(block: Block) -> Block:
    text = block.data.tobytes()
    if b"#" not in text:
        return block
    text = re.sub(rb"#[^\r\n]*", lambda m: b" " * len(m[0]), text)
    return Block(np.frombuffer(text, np.uint8), block.at, block.line, block.end)


class _Vertices:
    """The table of the vertices, as the lines come."""

    def __init__(self, head: _Head, source: Source) -> None:
        self._head, self._source = head, source
        self._builders: list[ColumnBuilder] = []
        self._names: tuple[str, ...] = ()
        self._rows = 0

    def take(self, block: Block) -> Block | None:
        """Takes the vertices of a block; what of it follows the last one, None where more are to come."""
        wanted = self._head.vertices - self._rows
        if wanted == 0:
            return block
        ends = np.flatnonzero(block.data == block.end)
        numbers = self._numbers(block)
        widths = line_widths(block, numbers)
        filled = np.flatnonzero(widths)
        left = None
        if len(filled) >= wanted:
            last = int(filled[wanted - 1])
            stop = int(ends[last]) + 1 if last < len(ends) else len(block.data)
            left = Block(block.data[stop:], block.at + stop, block.line + last + 1, block.end)
            filled = filled[:wanted]
            numbers = numbers.pick(slice(int(widths[filled].sum())))
        if len(filled):
            self._add(block, numbers, widths[filled])
        return left

    def _numbers(self, block: Block) -> Numbers:
        try:
            return find_numbers(block.data)
        except NumberFault as fault:
            raise block.error(fault, self._source) from None

    def _add(self, block: Block, numbers: Numbers, widths: Array) -> None:
        if not self._builders:
            self._names = self._columns(int(widths[0]))
            # Colours may be bytes or shares of 1, which the numbers say.
            kinds = [None if name in COLOURS else np.dtype(np.float64) for name in self._names]
            self._builders = [ColumnBuilder(kind) for kind in kinds]
        if (widths != len(self._names)).any():
            row = self._rows + int(np.argmax(widths != len(self._names)))
            reason = f"vertex {row:,} has not {len(self._names)} values"
            raise InputError(reason, path=self._source.name, field="vertices")
        add_rows(block, numbers, self._builders, self._names, self._source)
        self._rows += len(widths)

    def _columns(self, width: int) -> tuple[str, ...]:
        names: tuple[str, ...] = _NORMALS if self._head.normals else ()
        if self._head.colours:
            names += COLOURS[: max(min(width - 3 - len(names), 4), 0)]
        if width != 3 + len(names) or (self._head.colours and len(names) % 3 not in (0, 1)):
            reason = f"a vertex of {width} values in such a file"
            raise InputError(reason, path=self._source.name, field="vertices")
        return (*AXES, *names)

    def finish(self) -> tuple[Array, dict[str, Column]]:
        """Positions, and the other columns by name."""
        if self._rows < self._head.vertices:
            reason = f"truncated: {self._head.vertices:,} vertices are declared, {self._rows:,} lines follow"
            raise InputError(reason, path=self._source.name, field="vertices")
        columns: dict[str, Column] = {}
        coords = np.empty((self._rows, 3))
        for k, (name, builder) in enumerate(zip(self._names, self._builders, strict=True)):
            column = builder.finish()
            if k < 3:
                coords[:, k] = column
            elif column.dtype.kind != "f" and column.min() >= 0 and column.max() <= 255:
                columns[name] = column.astype(np.uint8)
            else:
                columns[name] = column.astype(np.float64)
        return coords, columns


def _triangles(blocks: list[Block], faces: int, source: Source) -> Triangles:
    """Triangles of the faces; what follows a face's corners in its line is its colour."""
    if not blocks:
        blocks = [Block(np.empty(0, np.uint8), source.size, 1, ord("\n"))]
    block = Block(np.concatenate([b.data for b in blocks]), blocks[0].at, blocks[0].line, blocks[0].end)
    try:
        numbers = find_numbers(block.data)
    except NumberFault as fault:
        raise block.error(fault, source) from None
    values = numbers.values
    ends = np.flatnonzero(np.append(numbers.data, 10) == 10)
    lines = np.searchsorted(ends, numbers.starts)
    first = np.flatnonzero(np.diff(lines, prepend=-1))[:faces]
    last = np.append(first[1:], len(values))[: len(first)]
    lengths = values[first]
    if (
        len(first) < faces
        or not ((lengths == np.rint(lengths)) & (lengths >= 0) & (first + lengths < last)).all()
    ):
        raise InputError(
            f"truncated or damaged: {faces:,} faces are declared", path=source.name, field="faces"
        )
    corners = values.copy()
    corners[~numbers.integer] = -1
    return fans(first + 1, lengths.astype(np.int64), np.clip(corners, -1, 2.0**62))


def write(file: BinaryIO, cloud: PointCloud, job: JobContext, options: WriteOptions) -> tuple[str, ...]:
    """Writes vertices, with 8-bit colours if there are any. Returns the names of what has no place."""
    lost = [f"element {e.name}" for e in cloud.info.elements if e.count]
    lost += ["comments"] if cloud.info.comments else []
    found = [cloud.attributes.get(name) for name in COLOURS]
    colours = [c for c in found if isinstance(c, np.ndarray) and c.dtype == np.uint8 and c.ndim == 1]
    kept = COLOURS[: len(colours)] if len(colours) >= 3 and all(c is not None for c in found[:3]) else ()
    lost += [name for name in cloud.attributes if name not in kept]
    columns = [*(cloud.positions[:, k] for k in range(3)), *colours[: len(kept)]]
    lost += [f"bits of NaN in {'xyz'[k]}" for k in range(3) if has_payload(columns[k])]
    file.write(b"COFF\n" if kept else b"OFF\n")
    file.write(b"%d 0 0\n" % len(cloud))
    for part in job.parts(len(cloud), 1 << 12):
        file.write(text_rows([c[part] for c in columns]))
    return tuple(lost)
