"""Point clouds from and to Wavefront OBJ files: the vertices, with the colours that many programs add."""

from __future__ import annotations

from typing import BinaryIO

import numpy as np

from octavox.codec.cloud.cloud import COLOURS, PointCloud
from octavox.codec.cloud.columns import Array
from octavox.codec.errors import InputError
from octavox.codec.files.source import Source
from octavox.codec.job import JobContext

from .line_rows import add_rows, check_widths, line_widths
from .mesh import Mesh, Triangles, check_choice, cloud_of_mesh, fans
from .numbers import NumberFault, Numbers, find_numbers
from .registry import ReadOptions, WriteOptions
from .tables import AXES
from .text_blocks import Block, text_blocks
from .text_columns import ColumnBuilder
from .text_rows import has_payload, text_rows

_NAMES = {
    3: AXES,
    4: (*AXES, "w"),
    6: (*AXES, *COLOURS[:3]),
    7: (*AXES, *COLOURS),
}


def read(source: Source, job: JobContext, options: ReadOptions) -> PointCloud:
    """A cloud from an OBJ file: vertices as doubles, with weight w or red green blue (shares of 1).

    For a file with faces, `options.mesh` must say which points to take. Raises InputError naming line and
    byte; CancelledError.
    """
    table = _Vertices(source)
    faces: list[Triangles] = []
    comments: list[bytes] = []
    has_faces = False
    for block in text_blocks(source, 0, 1, job):
        lines = _Lines(block)
        comments += lines.texts(lines.of(b"#"))
        of_faces = lines.of(b"f ", b"f\t")
        has_faces = has_faces or len(of_faces) > 0
        if len(of_faces) and options.mesh == "samples":
            faces.append(_triangles(block, lines, of_faces, table.rows_before(lines), source))
        table.add(block, lines)
    check_choice(has_faces, options, source)
    columns = table.columns()
    corners = np.concatenate(faces) if faces else np.empty((0, 3), np.int64)
    vertices = np.stack([columns.pop(axis) for axis in AXES], axis=1)
    mesh = Mesh(vertices, corners, columns, tuple(c.rstrip() for c in comments))
    return cloud_of_mesh(mesh, "OBJ", options, source, job)


class _Lines:
    """Where the lines of a block begin and end, blanks before them left out."""

    def __init__(self, block: Block) -> None:
        self.data = block.data
        self.stops = np.flatnonzero(block.data == block.end)
        if not len(self.stops) or self.stops[-1] < len(block.data) - 1:
            self.stops = np.append(self.stops, len(block.data))
        self.starts = np.concatenate([[0], self.stops[:-1] + 1])
        self._padded = np.append(block.data, np.full(4, block.end, np.uint8))
        while True:
            blank = (self._padded[self.starts] == 32) | (self._padded[self.starts] == 9)
            blank &= self.starts < self.stops
            if not blank.any():
                break
            self.starts = self.starts + blank

    def of(self, *words: bytes) -> Array:
        """Indices of the lines that begin with one of the words."""
        found = np.zeros(len(self.starts), bool)
        for word in words:
            same = np.ones(len(self.starts), bool)
            for k, letter in enumerate(word):
                same &= self._padded[self.starts + k] == letter if k < 4 else same
            found |= same
        return np.flatnonzero(found)

    def texts(self, lines: Array) -> list[bytes]:
        """The lines without their first byte."""
        return [self.data[self.starts[k] + 1 : self.stops[k]].tobytes().rstrip() for k in lines.tolist()]


class _Vertices:
    """The table of the lines that begin with v."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._builders: list[ColumnBuilder] = []
        self._rows = 0

    def rows_before(self, lines: _Lines) -> Array:
        """How many vertices stand before each line of the block."""
        count = np.zeros(len(lines.starts), np.int64)
        count[lines.of(b"v ", b"v\t")] = 1
        return self._rows + np.cumsum(count) - count

    def add(self, block: Block, lines: _Lines) -> None:
        """Takes the vertices of a block."""
        chosen = lines.of(b"v ", b"v\t")
        if not len(chosen):
            return
        keep = np.zeros(len(block.data) + 1, np.int8)
        keep[lines.starts[chosen] + 1] += 1
        keep[lines.stops[chosen]] -= 1
        data = np.where(np.cumsum(keep[:-1], dtype=np.int8) > 0, block.data, np.uint8(32))
        data[block.data == block.end] = block.end
        block = Block(data, block.at, block.line, block.end)
        numbers = self._numbers(block)
        if not self._builders:
            widths = line_widths(block, numbers)
            width = int(widths[np.argmax(widths > 0)])
            if width not in _NAMES:
                line = block.line + int(np.argmax(widths > 0))
                reason = f"line {line}: a vertex of {width} numbers, not 3, 4 (weight) or 6 (colour)"
                raise InputError(reason, path=self._source.name, field="v")
            self._builders = [ColumnBuilder(np.dtype(np.float64)) for _ in range(width)]
        check_widths(block, numbers, len(self._builders), self._source)
        add_rows(block, numbers, self._builders, _NAMES[len(self._builders)], self._source)
        self._rows += len(chosen)

    def _numbers(self, block: Block) -> Numbers:
        try:
            return find_numbers(block.data)
        except NumberFault as fault:
            raise block.error(fault, self._source, "v") from None

    def columns(self) -> dict[str, Array]:
        """The columns by name."""
        if not self._builders:
            return {axis: np.empty(0) for axis in AXES}
        names = _NAMES[len(self._builders)]
        return {name: b.finish() for name, b in zip(names, self._builders, strict=True)}


def _triangles(block: Block, lines: _Lines, chosen: Array, before: Array, source: Source) -> Triangles:
    """Triangles of the lines that begin with f; a negative corner counts from the vertices before it."""
    corners: list[int] = []
    lengths: list[int] = []
    for k in chosen.tolist():
        text = block.data[lines.starts[k] + 1 : lines.stops[k]].tobytes()
        try:
            row = [int(word.split(b"/")[0][:20]) for word in text.split()]
        except ValueError:
            line = block.line_of(int(lines.starts[k]))
            raise InputError(f"line {line}: not a face", path=source.name, field="f") from None
        corners += [corner - 1 if corner > 0 else int(before[k]) + corner for corner in row]
        lengths.append(len(row))
    sizes = np.array(lengths, np.int64)
    sound = [c if -1 <= c < 1 << 62 else -1 for c in corners]
    return fans(np.cumsum(sizes) - sizes, sizes, np.array(sound, np.int64))


def write(file: BinaryIO, cloud: PointCloud, job: JobContext, options: WriteOptions) -> tuple[str, ...]:
    """Writes vertices with colours as shares of 1. Returns the names of what has no place."""
    lost = [f"element {e.name}" for e in cloud.info.elements if e.count]
    for comment in cloud.info.comments:
        file.write(b"#" + comment.replace(b"\n", b" ") + b"\n")
    columns = [cloud.positions[:, k] for k in range(3)]
    found = [cloud.attributes.get(name) for name in COLOURS[:3]]
    colours = [c for c in found if isinstance(c, np.ndarray) and c.ndim == 1]
    if len(colours) == 3:
        shown = cloud.colors
        for k, c in enumerate(colours):
            columns.append(c if c.dtype.kind == "f" or shown is None else shown[:, k] / 255.0)
            if c.dtype.kind != "f" and c.dtype != np.uint8:
                lost.append(COLOURS[k])
    kept = COLOURS[:3] if len(colours) == 3 else ()
    lost += [name for name in cloud.attributes if name not in kept]
    lost += [f"bits of NaN in {'xyz'[k]}" for k in range(3) if has_payload(columns[k])]
    for part in job.parts(len(cloud), 1 << 12):
        rows = text_rows([c[part] for c in columns])
        file.write(b"".join(b"v " + row + b"\n" for row in rows.splitlines()))
    return tuple(lost)
