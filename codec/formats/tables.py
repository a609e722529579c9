"""Tables of binary rows, and clouds made of their columns."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from octavox.codec.cloud.cloud import PointCloud
from octavox.codec.cloud.columns import Array, Column, FileInfo, ListColumn, common_type, converted
from octavox.codec.errors import InputError
from octavox.codec.files.source import Source
from octavox.codec.job import JobContext

AXES = ("x", "y", "z")
_LARGEST = tuple(np.dtype(code) for code in ("i8", "u8", "f8"))
ROWS_AT_ONCE = 1 << 20  # bytes, so that a piece stays in the cache while its columns are taken


@dataclass(frozen=True)
class TableField:
    """A column of a row: name, dtype with the byte order of the file, and how many of it there are."""

    name: str
    dtype: np.dtype[Any]
    components: int = 1

    def column(self, rows: int) -> Array:
        """An empty column, (rows,) or (rows, components), native byte order."""
        shape = (rows,) if self.components == 1 else (rows, self.components)
        return np.empty(shape, self.dtype.newbyteorder("="))


def row_dtype(fields: Sequence[TableField]) -> np.dtype[Any]:
    """The structured type of a row; fields may have one name."""
    parts = [(f"f{k}", f.dtype, (f.components,)) for k, f in enumerate(fields)]
    return np.dtype([(n, d) if s == (1,) else (n, d, s) for n, d, s in parts])


def empty_columns(fields: Sequence[TableField], rows: int) -> dict[str, Array]:
    """A column for each field. x, y and z of one type are parts of one (rows, 3) array."""
    axes = {f.name: f.dtype for f in fields if f.name in AXES and f.components == 1}
    columns: dict[str, Array] = {}
    if len(axes) == 3 and len(set(axes.values())) == 1:
        coords = np.empty((rows, 3), axes["x"].newbyteorder("="))
        columns = {axis: coords[:, k] for k, axis in enumerate(AXES)}
    return {f.name: columns[f.name] if f.name in columns else f.column(rows) for f in fields}


def read_rows(
    source: Source, at: int, rows: int, fields: Sequence[TableField], job: JobContext
) -> dict[str, Array]:
    """The columns of `rows` rows from byte `at` on, as stored. The caller has checked that they are there.

    Raises InputError where the file ends; CancelledError.
    """
    dtype = row_dtype(fields)
    columns = empty_columns(fields, rows)
    step = max(ROWS_AT_ONCE // max(dtype.itemsize, 1), 1)
    piece = np.empty(min(step, rows), dtype)
    for part in job.parts(rows, step):
        some = piece[: part.stop - part.start]
        place = at + part.start * dtype.itemsize
        if dtype.itemsize and source.readinto(place, some.view(np.uint8)) < some.nbytes:
            raise InputError("truncated: the file ends within the rows", path=source.name, byte=source.size)
        for k, f in enumerate(fields):
            columns[f.name][part] = some[f"f{k}"]
    return columns


def sample_places(rows: int, points: int) -> Array:
    """One row of each of so many even stretches: a fixed stride shows as stripes where files are sorted."""
    stretch = rows / points
    place = (np.arange(points) + np.random.default_rng(1).random(points)) * stretch
    return np.minimum(place.astype(np.int64), rows - 1)


def sample_rows(
    source: Source, at: int, rows: int, fields: Sequence[TableField], points: int
) -> dict[str, Array] | None:
    """Columns of about `points` rows from all over; None where that is no gain, or the file is too short."""
    dtype = row_dtype(fields)
    if points < 1 or rows < 2 * points or dtype.itemsize == 0 or at + rows * dtype.itemsize > source.size:
        return None
    if source.path is not None:
        table: Array = np.memmap(source.path, dtype, "r", at, (rows,))
    else:
        table = np.frombuffer(source.read(at, rows * dtype.itemsize), dtype)
    chosen = table[sample_places(rows, points)]
    columns = empty_columns(fields, points)
    for k, f in enumerate(fields):
        columns[f.name][:] = chosen[f"f{k}"]
    return columns


@dataclass(frozen=True)
class RowTable:
    """The points of a file that lie in it as rows of one size, so that any of them can be read alone.

    at: byte of the first row. rows: how many there are; all lie in the file. fields: of a row. make: the
    cloud of the columns of some rows, by name of field. axes: names of the fields of x, y and z.
    """

    at: int
    rows: int
    fields: tuple[TableField, ...]
    make: Callable[[dict[str, Array]], PointCloud]
    axes: tuple[str, str, str] = AXES

    @property
    def dtype(self) -> np.dtype[Any]:
        """The structured type of a row, with a field "f0", "f1", ... for each of `fields`."""
        return row_dtype(self.fields)

    def cloud(self, records: Array) -> PointCloud:
        """The cloud of rows (n,) of `dtype`."""
        columns = empty_columns(self.fields, len(records))
        for k, f in enumerate(self.fields):
            columns[f.name][:] = records[f"f{k}"]
        return self.make(columns)

    def sample(self, source: Source, points: int) -> PointCloud | None:
        """About `points` points from all over; None where that is no gain."""
        columns = sample_rows(source, self.at, self.rows, self.fields, points)
        return None if columns is None else self.make(columns)


Runs = Sequence[tuple[int, int]]  # the number of the first row of each, and how many rows it has


@dataclass(frozen=True)
class PackedTable:
    """The points of a file whose rows are packed, so that none can be read alone.

    table: of the rows, once they are unpacked: the first is at byte 0. unpack: the records of some runs of
    rows, some at a time, by runs, the job, and how many at once. Each run costs about `place` rows more.
    """

    table: RowTable
    unpack: Callable[[Runs, JobContext, int], Generator[Array, None, None]]
    place: int


def whole_table(
    source: Source,
    at: int,
    rows: int,
    fields: Sequence[TableField],
    make: Callable[[dict[str, Array]], PointCloud],
    axes: tuple[str, str, str] = AXES,
) -> RowTable | None:
    """See `RowTable`; None where the rows are not all in the file, or an axis is no single number."""
    names = [f.name for f in fields if f.components == 1]
    size = row_dtype(fields).itemsize
    if size == 0 or at + rows * size > source.size or any(names.count(axis) != 1 for axis in axes):
        return None
    return RowTable(at, rows, tuple(fields), make, axes)


def cloud_of(
    columns: Mapping[str, Column],
    source: Source,
    info: FileInfo,
    *,
    axes: Sequence[str] = AXES,
    prefix: str = "",
) -> PointCloud:
    """The cloud whose coordinates are three of the columns. prefix: before names of fields in errors.

    Raises InputError where an axis is missing, is no single number, or no type holds all three.
    """
    found: list[Array] = []
    for axis in axes:
        column = columns.get(axis)
        if column is None:
            raise InputError(f"there is no '{axis}'", path=source.name, field=prefix + axis)
        if isinstance(column, ListColumn) or column.ndim != 1:
            raise InputError(f"'{axis}' has several values a point", path=source.name, field=prefix + axis)
        found.append(column)
    coords, types = _joined(found, [prefix + axis for axis in axes], source)
    rest = {name: column for name, column in columns.items() if name not in axes}
    return PointCloud(coords, attributes=rest, axis_types=types, info=info, source=source.name)


def _joined(found: list[Array], names: list[str], source: Source) -> tuple[Array, Any]:
    """(N, 3) coordinates of three columns, and their types where they differ."""
    base = found[0].base
    whole = base is not None and all(column.base is base for column in found)
    if (
        whole
        and isinstance(base, np.ndarray)
        and base.shape == (len(found[0]), 3)
        and all(np.shares_memory(base[:1, k], column[:1]) for k, column in enumerate(found))
    ):
        return base, None
    types = tuple(column.dtype for column in found)
    for wanted in (common_type(types), *_LARGEST):
        parts = [converted(column, wanted) for column in found]
        if all(part is not None for part in parts):
            break
    for part, name in zip(parts, names, strict=True):
        if part is None:
            reason = f"no type of numbers holds the axes' types {', '.join(map(str, types))} exactly"
            raise InputError(reason, path=source.name, field=name)
    coords = np.empty((len(found[0]), 3), wanted)
    for k, part in enumerate(parts):
        if part is not None:
            coords[:, k] = part
    return coords, types if len(set(types)) > 1 else None
