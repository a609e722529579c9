"""Point clouds from and to OFF files (Geomview's object file format), ASCII."""

from __future__ import annotations

import re
from typing import BinaryIO

import numpy as np

from octavox.codec.cloud.cloud import COLOURS, PointCloud
from octavox.codec.cloud.columns import Array, Column
from octavox.codec.errors import InputError
from octavox.codec.files.source import Source
from octavox.codec.job import JobContext

from .line_rows import line_widths
from .mesh import Mesh, Triangles, check_choice, cloud_of_mesh, fans
from .numbers import NumberFault, Numbers, find_numbers
from .registry import ReadOptions, WriteOptions
from .text_blocks import Block, line_end
from .text_rows import has_payload, text_rows

_KEYWORD = re.compile(rb"\s*(ST)?(C)?(N)?(4)?(n)?OFF(\s+BINARY)?")
_NORMALS = ("nx", "ny", "nz")


def read(source: Source, job: JobContext, options: ReadOptions) -> PointCloud:
    """A cloud from an OFF, COFF or NOFF file: vertices as doubles, with normals and colours if there are any.

    For a file with faces, `options.mesh` must say which points to take. Raises InputError naming line or
    byte.
    """
    data = source.read()
    match = _KEYWORD.match(data)
    if match is None or match[1] or match[4] or match[5] or match[6]:
        reason = "not an OFF file that is read: those are OFF, COFF, NOFF and CNOFF, as text"
        raise InputError(reason, path=source.name, field="OFF", byte=0)
    block = _without_comments(data, match.end(), line_end(source, 0))
    job.check()
    try:
        numbers = find_numbers(block.data)
    except NumberFault as fault:
        raise block.error(fault, source) from None
    if len(numbers) < 2 or not numbers.integer[:2].all() or numbers.values[:2].min() < 0:
        raise InputError("the counts of vertices and faces are missing", path=source.name, field="counts")
    widths = line_widths(block, numbers)
    filled = widths[widths > 0]
    count, faces = (int(min(v, 2.0**62)) for v in numbers.values[:2])
    head = int(filled[0])
    if head not in (2, 3) or count > len(filled) - 1:
        reason = f"truncated: {count:,} vertices are declared, {len(filled) - 1:,} lines follow"
        raise InputError(reason, path=source.name, field="vertices")
    check_choice(faces > 0, options, source)
    vertices, attributes = _vertices(numbers, filled, count, head, match, source)
    triangles = np.empty((0, 3), np.int64)
    if options.mesh == "samples":
        triangles = _triangles(numbers, head + int(filled[1 : 1 + count].sum()), faces, source)
    return cloud_of_mesh(Mesh(vertices, triangles, attributes), "OFF", options, source, job)


def _without_comments(data: bytes, at: int, end: int) -> Block:
    text = re.sub(rb"#[^\r\n]*", lambda m: b" " * len(m[0]), data[at:])
    return Block(np.frombuffer(text, np.uint8), at, 1 + data[:at].count(bytes([end])), end)


def _vertices(
    numbers: Numbers, widths: Array, count: int, at: int, match: re.Match[bytes], source: Source
) -> tuple[Array, dict[str, Column]]:
    width = int(widths[1]) if count else 3
    if (widths[1 : 1 + count] != width).any():
        row = int(np.argmax(widths[1 : 1 + count] != width))
        raise InputError(f"vertex {row:,} has not {width} values", path=source.name, field="vertices")
    names: tuple[str, ...] = _NORMALS if match[3] else ()
    if match[2]:
        names += COLOURS[: max(min(width - 3 - len(names), 4), 0)]
    if width != 3 + len(names) or (match[2] and len(names) % 3 not in (0, 1)):
        raise InputError(f"a vertex of {width} values in such a file", path=source.name, field="vertices")
    table = numbers.values[at : at + count * width].reshape(count, width)
    whole = numbers.integer[at : at + count * width].reshape(count, width)
    columns: dict[str, Column] = {}
    for k, name in enumerate(names, 3):
        column = table[:, k]
        bytes_ = name in COLOURS and bool(whole[:, k].all()) and bool(((column >= 0) & (column <= 255)).all())
        columns[name] = column.astype(np.uint8) if bytes_ else column.copy()
    return table[:, :3].copy(), columns


def _triangles(numbers: Numbers, at: int, faces: int, source: Source) -> Triangles:
    """Triangles of the faces; what follows a face's corners in its line is its colour."""
    values = numbers.values
    ends = np.flatnonzero(np.append(numbers.data, 10) == 10)
    lines = np.searchsorted(ends, numbers.starts[at:])
    first = at + np.flatnonzero(np.diff(lines, prepend=-1))[:faces]
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
