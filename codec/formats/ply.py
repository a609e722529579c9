"""Point clouds from and to PLY files: ASCII and binary, any types, lists, and elements around the points."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from octavox.codec.cloud.cloud import PointCloud
from octavox.codec.cloud.columns import Array, Column, Element, FileInfo, ListColumn
from octavox.codec.errors import InputError
from octavox.codec.files.source import Source
from octavox.codec.job import JobContext

from .framing import Frame, plain_columns, table_rows
from .mesh import SAMPLES, Mesh, check_choice, cloud_of_mesh, fans
from .ply_body import fields_of, read_binary
from .ply_header import PlyElement, PlyHeader, parse_header, read_header
from .ply_text import read_ascii
from .ply_write import write_ply_file as write
from .registry import ReadOptions
from .tables import AXES, RowTable, cloud_of, whole_table
from .text_columns import agree_on_type
from .text_sample import sample_lines

__all__ = ["PlyExtra", "frame", "read", "sample", "size_of", "table", "write"]

_CORNERS = ("vertex_indices", "vertex_index")


@dataclass(frozen=True)
class PlyExtra:
    """What only PLY knows. form: as its header says it. obj_info: lines, as FileInfo.comments. order: the
    names of the points' properties, the axes among them. trailing: bytes after the last row."""

    form: str
    obj_info: tuple[bytes, ...] = ()
    order: tuple[str, ...] = ()
    trailing: int = 0


def read(source: Source, job: JobContext, options: ReadOptions) -> PointCloud:
    """A cloud from a PLY file: every property and element with its type; NaN and the like as they are.

    With `options.mesh` "samples", points drawn from its faces. Raises InputError naming file, field and byte,
    line or row; CancelledError.
    """
    header = read_header(source)
    vertex = _vertices(header, source)
    if header.format == "ascii":
        tables, end = read_ascii(header, source, job), source.size
    else:
        tables, end = read_binary(header, source, job)
    cloud = _cloud(header, vertex, tables, source, source.size - end)
    return _drawn(cloud, options, source, job) if options.mesh else cloud


def _drawn(cloud: PointCloud, options: ReadOptions, source: Source, job: JobContext) -> PointCloud:
    """The cloud, or points drawn from its faces. Without the option a PLY file is a cloud."""
    faces = next((e.columns for e in cloud.info.elements if e.name == "face"), {})
    column = next((faces[name] for name in _CORNERS if name in faces), None)
    corners = column if isinstance(column, ListColumn) and len(column.values) else None
    check_choice(corners is not None, options, source)
    if options.mesh != SAMPLES or corners is None:
        return cloud
    lengths = corners.lengths.astype(np.int64)
    triangles = fans(np.cumsum(lengths) - lengths, lengths, corners.values)
    mesh = Mesh(cloud.coords, triangles, cloud.attributes, cloud.info.comments)
    return cloud_of_mesh(mesh, "PLY", options, source, job)


def sample(source: Source, points: int) -> PointCloud | None:
    """See `read_sample`; None also where lists lie before or in the vertices, and for text with more than
    vertices."""
    try:
        header = read_header(source)
        vertex = _vertices(header, source)
        if header.format == "ascii":
            return _text_sample(header, vertex, source, points)
        found = _table(header, vertex, source)
        return None if found is None else found.sample(source, points)
    except InputError:
        return None


def table(source: Source) -> RowTable | None:
    """See `Format.table`; None of text, and where lists lie before or in the vertices."""
    header = read_header(source)
    return None if header.format == "ascii" else _table(header, _vertices(header, source), source)


def _table(header: PlyHeader, vertex: PlyElement, source: Source) -> RowTable | None:
    before = header.elements[: header.elements.index(vertex) + 1]
    if any(element.has_list for element in before) or (header.binary_size or 0) > source.size:
        return None

    def make(columns: dict[str, Array]) -> PointCloud:
        return _cloud(header, vertex, {"vertex": dict(columns)}, source, 0)

    at = header.body + sum(element.count * element.least_bytes for element in before[:-1])
    return whole_table(source, at, vertex.count, fields_of(vertex, header.byte_order), make)


def _text_sample(header: PlyHeader, vertex: PlyElement, source: Source, points: int) -> PointCloud | None:
    if vertex.has_list or any(e.count for e in header.elements if e is not vertex):
        return None
    names = [p.name for p in vertex.properties]
    builders = sample_lines(source, header.body, names, [p.dtype() for p in vertex.properties], points)
    if builders is None:
        return None
    named = dict(zip(names, builders, strict=True))
    agree_on_type([named[axis] for axis in AXES])
    columns: dict[str, Column] = {name: builder.finish() for name, builder in named.items()}
    return _cloud(header, vertex, {"vertex": columns}, source, 0)


def size_of(head: bytes) -> int | None:
    """Bytes of a file that begins like this, where its header says them."""
    try:
        return parse_header(head, "").binary_size
    except InputError:
        return None


def frame(source: Source, notes: bytes | None = None) -> Frame | None:
    """The rows of vertices without lists; of text, where nothing stands before them. None for others."""
    header = read_header(source)
    vertex = _vertices(header, source)
    start = header.body
    before = header.elements[: header.elements.index(vertex) + 1]
    if any(element.has_list and element.count for element in before):
        return None
    if header.format == "ascii":
        names = tuple(p.name for p in vertex.properties)
        alone = not any(element.count for element in before[:-1])
        return Frame(start, source.size, names=names) if alone else None
    start += sum(element.count * element.least_bytes for element in before[:-1])
    stop = start + vertex.count * vertex.least_bytes
    return Frame(start, stop, table_rows(fields_of(vertex, header.byte_order), plain_columns))


def _vertices(header: PlyHeader, source: Source) -> PlyElement:
    vertex = header.element("vertex")
    if vertex is None:
        raise InputError("the file has no vertices", path=source.name, field="element vertex")
    scalars = {p.name for p in vertex.properties if p.length_type is None}
    for axis in AXES:
        if axis not in scalars:
            reason = f"line {vertex.line}: the vertices have no scalar property '{axis}'"
            raise InputError(reason, path=source.name, field=f"vertex.{axis}")
    return vertex


def _cloud(
    header: PlyHeader,
    vertex: PlyElement,
    tables: dict[str, dict[str, Column]],
    source: Source,
    trailing: int,
) -> PointCloud:
    others = [e for e in header.elements if e is not vertex]
    info = FileInfo(
        format="PLY",
        comments=header.comments,
        elements=tuple(Element(e.name, e.count, tables.get(e.name, {})) for e in others),
        before=header.elements.index(vertex),
        extra=PlyExtra(header.format, header.obj_info, tuple(p.name for p in vertex.properties), trailing),
    )
    return cloud_of(tables["vertex"], source, info, prefix="vertex.")
