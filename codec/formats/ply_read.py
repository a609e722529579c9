"""Point clouds from PLY files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from octavox.codec.cloud.cloud import PointCloud
from octavox.codec.errors import InputError
from octavox.codec.files.reading import read_bytes
from octavox.codec.job import JobContext

from .ply_body import Columns, read_columns
from .ply_header import HEADER_LIMIT, PlyElement, PlyHeader, parse_header

AXES = ("x", "y", "z")
COLOURS = ("red", "green", "blue")


def read_ply(path: Path, job: JobContext | None = None) -> PointCloud:
    """A cloud from a PLY file: ASCII or binary, any property types and order.

    plyfile reads the rows; it trusts the header's counts, so those are checked first against the file's size.
    Lists and elements other than the vertices are read past. Raises InputError naming file, field and byte
    or line, CancelledError.
    """
    job = job or JobContext()
    header = parse_header(read_bytes(path, HEADER_LIMIT), path, path.stat().st_size)
    vertex = header.element("vertex")
    if vertex is None:
        raise InputError("the file has no vertices", path=path, field="element vertex")
    _axis_types(vertex, path)
    columns = read_columns(header, "vertex", (*AXES, *COLOURS), path, job)
    return cloud_of(columns, vertex, header, path, job)


def cloud_of(
    columns: Columns, vertex: PlyElement, header: PlyHeader, path: Path, job: JobContext | None = None
) -> PointCloud:
    """The cloud of rows of a file's vertices. Raises InputError naming field and vertex, CancelledError."""
    axis_types = _axis_types(vertex, path)
    positions = _positions(columns, axis_types, job or JobContext())
    _check_finite(positions, vertex, header, path)
    return PointCloud(
        positions=positions,
        colors=_colors(columns),
        coordinate_type=axis_types[0] if len(set(axis_types)) == 1 else "double",
        properties=_not_stored(vertex, header),
        comments=header.comments,
        source=str(path),
    )


def _axis_types(vertex: PlyElement, path: Path) -> list[str]:
    """Types of x, y and z; InputError where one is missing."""
    types = {p.name: p.type for p in vertex.properties if p.length_type is None}
    for axis in AXES:
        if axis not in types:
            raise InputError(
                f"line {vertex.line}: the vertices have no scalar property '{axis}'",
                path=path,
                field=f"vertex.{axis}",
            )
    return [types[axis] for axis in AXES]


def _positions(columns: Columns, types: list[str], job: JobContext) -> npt.NDArray[Any]:
    """(N, 3): int64 where all three axes are integers, else float64."""
    integers = all(t not in ("float", "double") for t in types)
    positions = np.empty((len(columns["x"]), 3), np.int64 if integers else np.float64)
    for part in job.parts(len(positions)):
        for k, axis in enumerate(AXES):
            positions[part, k] = columns[axis][part]
    return positions


def _check_finite(
    positions: npt.NDArray[Any], vertex: PlyElement, header: PlyHeader, path: str | Path
) -> None:
    if positions.dtype.kind != "f":
        return
    finite = np.isfinite(positions)
    if finite.all():
        return
    row = int(np.argmin(finite.all(axis=1)))
    axis = int(np.argmin(finite[row]))
    where = ""
    if header.format == "ascii":
        where = f" (row {row + 1:,} of the vertices)"
    raise InputError(
        f"vertex {row} has a coordinate that is not a finite number: {positions[row, axis]}{where}",
        path=path,
        field=f"{vertex.name}.{AXES[axis]}",
    )


def _colors(columns: Columns) -> npt.NDArray[np.uint8] | None:
    """(N, 3) uint8, or None without colours. 16 bits keep the high byte; floats up to 1 are scaled."""
    if not all(name in columns for name in COLOURS):
        return None
    stored = [columns[name] for name in COLOURS]
    if all(c.dtype == np.uint8 for c in stored):
        return np.stack(stored, axis=1)
    if all(c.dtype == np.uint16 for c in stored):
        return (np.stack(stored, axis=1) >> 8).astype(np.uint8)
    values = np.nan_to_num(np.stack([c.astype(np.float64) for c in stored], axis=1))
    if any(c.dtype.kind == "f" for c in stored) and values.max(initial=0.0) <= 1.0:
        values = values * 255.0
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


def _not_stored(vertex: PlyElement, header: PlyHeader) -> tuple[str, ...]:
    """What a geometry stream leaves out: further vertex properties, and elements that have rows."""
    names = [p.name for p in vertex.properties if p.name not in AXES]
    names += [f"element {e.name}" for e in header.elements if e is not vertex and e.count]
    return tuple(names)
