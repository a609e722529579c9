"""Clouds to PLY files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from octavox.codec.arrays import FloatArray
from octavox.codec.cloud.cloud import MAX_DEPTH, PointCloud, VoxelCloud
from octavox.codec.cloud.columns import Array, Column, FileInfo, ListColumn, converted
from octavox.codec.cloud.morton import distinct
from octavox.codec.errors import DroppedWarning, InputError, check_type, warn_caller
from octavox.codec.files.atomic import Writable, output_file
from octavox.codec.job import CancelToken, JobContext

from .ply_header import CLASSIC_NAMES, NUMPY_CODES
from .registry import WriteOptions
from .tables import AXES
from .text_rows import has_payload, text_rows

_PLY_NAMES = {np.dtype(code): name for name, code in NUMPY_CODES.items()}
_NOT_IN_PLY = {"half": "float", "long": "int", "ulong": "int"}  # what is tried first for them
# What stands for a type that PLY lacks: the first of these that holds every number.
_STAND_INS = {"b": ("uchar",), "f": ("float",), "i": ("int", "uint", "double"), "u": ("uint", "double")}


def positions_of(cloud: VoxelCloud) -> FloatArray:
    """(N, 3) float64: the file coordinates of the voxels, origin + scale * c."""
    return cloud.positions


def stored_type(cloud: VoxelCloud) -> str:
    """The PLY type that keeps the voxels apart and integers exact: coordinate_type, or "double"."""
    wanted = CLASSIC_NAMES.get(cloud.coordinate_type) or _NOT_IN_PLY.get(cloud.coordinate_type)
    if wanted is None:
        raise InputError(f"unknown coordinate type '{cloud.coordinate_type}'", field="coordinate type")
    if len(cloud) == 0 or wanted == "double":
        return wanted
    dtype = np.dtype(NUMPY_CODES[wanted])
    axes = [_Axis(cloud, k, dtype) for k in range(3)]
    if all(axis.exact for axis in axes):
        return wanted
    integers = all(axis.integers for axis in axes)
    keeps = dtype.kind == "f" and not integers and all(axis.keeps_voxels for axis in axes)
    return wanted if keeps else "double"


class _Axis:
    """What becomes of the positions along an axis where they are stored as `dtype`: each value once."""

    def __init__(self, cloud: VoxelCloud, axis: int, dtype: np.dtype[Any]) -> None:
        self._cells, self._scale = _values(cloud.coords[:, axis]), cloud.transform.scale
        self._origin = cloud.transform.origin[axis]
        self._wanted = self._origin + self._scale * self._cells.astype(np.float64)
        with np.errstate(over="ignore", invalid="ignore"):
            self._stored = self._wanted.astype(dtype).astype(np.float64)
        limits = np.iinfo(dtype) if dtype.kind != "f" else None
        self._fits = limits is None or bool(
            self._wanted.min() >= limits.min and self._wanted.max() <= limits.max
        )

    @property
    def exact(self) -> bool:
        """Whether every position comes back as it was."""
        return self._fits and np.array_equal(self._stored, self._wanted)

    @property
    def integers(self) -> bool:
        """Whether every position is one."""
        return np.array_equal(self._wanted, np.rint(self._wanted))

    @property
    def keeps_voxels(self) -> bool:
        """Whether rounded positions still fall into the voxels that they stand for."""
        if not np.isfinite(self._stored).all():
            return False
        with np.errstate(over="ignore"):
            return np.array_equal(np.rint((self._stored - self._origin) / self._scale), self._cells)


def _values(numbers: npt.NDArray[np.int32]) -> npt.NDArray[np.int64]:
    """Those that occur, sorted."""
    low, high = int(numbers.min()), int(numbers.max())
    if high - low >= 1 << MAX_DEPTH:
        return distinct(numbers.astype(np.int64))
    occurs = np.zeros(high - low + 1, bool)
    occurs[numbers - low] = True
    return low + np.flatnonzero(occurs)


def write_ply(
    path: Writable,
    cloud: VoxelCloud | PointCloud,
    *,
    ascii: bool = False,
    cancel: CancelToken | None = None,
) -> None:
    """Writes a cloud as PLY, whatever the ending of the name: binary little endian, or text with ascii=True.

    Of voxels: their file coordinates (origin + scale * c) in Morton order, and colours if there are any. The
    type is cloud.coordinate_type, or double where that cannot hold every position. Of a PointCloud: all that
    PLY holds, as `write_cloud` writes it; a DroppedWarning names what it does not hold.
    path: also "-" (standard output) or a binary file object. A file appears complete or not at all. Raises
    InputError if it cannot be written, CancelledError.
    """
    points = as_points(cloud, JobContext(cancel=cancel))
    with output_file(path) as file:
        lost = write_ply_file(file, points, JobContext(cancel=cancel), WriteOptions(ascii=ascii))
    if lost:
        warn_caller(f"PLY cannot hold: {', '.join(lost)}", DroppedWarning)


def as_points(cloud: VoxelCloud | PointCloud, job: JobContext) -> PointCloud:
    """The points of a cloud. Of voxels: where they lie, with a comment that says how large they are.

    Raises InputError for what is no cloud; CancelledError.
    """
    from octavox.codec import __version__

    check_type(cloud, (PointCloud, VoxelCloud), "a cloud", "cloud")
    if isinstance(cloud, PointCloud):
        return cloud
    dtype = np.dtype(NUMPY_CODES[stored_type(cloud)])
    coords = np.empty((len(cloud), 3), dtype)
    for part in job.parts(len(cloud)):
        piece = VoxelCloud(cloud.coords[part], cloud.depth, cloud.transform, cloud.coordinate_type)
        coords[part] = positions_of(piece)
    comment = f"Octavox {__version__}, voxel size {cloud.transform.scale!r}".encode("ascii")
    return PointCloud(coords, cloud.colors, info=FileInfo("PLY", (comment,)))


def write_ply_file(
    file: BinaryIO, cloud: PointCloud, job: JobContext, options: WriteOptions
) -> tuple[str, ...]:
    """Writes every property, element and comment. Binary little endian, unless options ask for text.

    A type that PLY lacks (half, 64-bit integers, truth values) becomes one that holds every number; a column
    of several components becomes that many properties, NAME_0 and so on. Coordinates that stand for others,
    as in LAS, are written as double.
    Returns the names of what cannot be held. Raises InputError for coordinates that no type of PLY holds.
    """
    lost: list[str] = []
    vertex = _vertex_columns(cloud, lost)
    tables = [(e.name, e.count, _known_columns(e.columns, lost, e.name)) for e in cloud.info.elements]
    before = min(max(cloud.info.before, 0), len(tables))
    tables.insert(before, ("vertex", len(cloud), vertex))
    file.write(_header(cloud, tables, options.ascii))
    for _, count, columns in tables:
        if not columns:
            continue
        pieces = _text_pieces if options.ascii else _binary_pieces
        for piece in pieces(columns, count, job):
            file.write(piece)
    if options.ascii:
        lost += _nan_payloads(tables)
    return tuple(lost)


def _header(cloud: PointCloud, tables: list[tuple[str, int, dict[str, Column]]], text: bool) -> bytes:
    lines = [b"ply", b"format ascii 1.0" if text else b"format binary_little_endian 1.0"]
    lines += [b"comment " + _one_line(c) for c in cloud.info.comments]
    lines += [b"obj_info " + _one_line(c) for c in getattr(cloud.info.extra, "obj_info", ())]
    for name, count, columns in tables:
        lines.append(b"element " + _name(name) + b" %d" % count)
        for key, column in columns.items():
            if isinstance(column, ListColumn):
                types = f"list {_type_of(column.lengths)} {_type_of(column.values)}"
            else:
                types = _type_of(column)
            lines.append(b"property " + types.encode() + b" " + _name(key))
    return b"\n".join([*lines, b"end_header", b""])


def _one_line(comment: bytes) -> bytes:
    return comment.replace(b"\n", b" ").removesuffix(b"\r")


def _name(name: str) -> bytes:
    """A name as one word."""
    return b"_".join(name.encode("utf-8", "surrogateescape").split()) or b"_"


def _type_of(column: Array) -> str:
    return _PLY_NAMES[column.dtype.newbyteorder("=")]


def _vertex_columns(cloud: PointCloud, lost: list[str]) -> dict[str, Column]:
    """Coordinates and attributes, in the order of the file that they come from."""
    columns: dict[str, Column] = {}
    types = cloud.axis_types if not cloud.scaled else None
    held = _held(cloud.positions) if types is None else None
    for k, axis in enumerate(AXES):
        stored = None if types is None else converted(cloud.coords[:, k], types[k])
        column = held[:, k] if held is not None else None if stored is None else _held(stored)
        if column is None:
            raise InputError("PLY has no type that holds these coordinates", field=axis)
        columns[axis] = column
    attributes = {name: c for name, c in cloud.attributes.items() if name not in AXES}
    lost += [name for name in cloud.attributes if name in AXES]
    columns |= _known_columns(attributes, lost)
    order = [name for name in getattr(cloud.info.extra, "order", ()) if name in columns]
    return {name: columns[name] for name in dict.fromkeys([*order, *columns])}


def _known_columns(given: Mapping[str, Column], lost: list[str], element: str = "") -> dict[str, Column]:
    """The columns with types of PLY, one property each; names of the others go to `lost`."""
    found: dict[str, Column] = {}
    for name, column in given.items():
        shown = f"{element}.{name}" if element else name
        parts = _properties(name, column)
        written = {_name(n) for n in (*found, *AXES[: 0 if element else 3])}
        if not parts or any(_name(n) in written for n in parts):
            lost.append(shown)
        else:
            found |= parts
    return found


def _properties(name: str, column: Column) -> dict[str, Column]:
    """A column as properties of PLY; nothing where PLY has no type for it."""
    if isinstance(column, ListColumn):
        lengths, values = _held(column.lengths), _held(column.values)
        if lengths is None or values is None or lengths.dtype.kind == "f":
            return {}
        return {name: ListColumn(lengths, values)}
    if column.ndim == 1:
        whole = _held(column)
        return {} if whole is None else {name: whole}
    held = [_held(column[:, k]) for k in range(column.shape[1])]
    parts: dict[str, Column] = {f"{name}_{k}": part for k, part in enumerate(held) if part is not None}
    return parts if len(parts) == len(held) else {}


def _held(column: Array) -> Array | None:
    """The column with a type of PLY that holds every number, or None."""
    if column.dtype.newbyteorder("=") in _PLY_NAMES:
        return column.astype(column.dtype.newbyteorder("="), copy=False)
    for name in _STAND_INS[column.dtype.kind]:
        found = converted(column, np.dtype(NUMPY_CODES[name]))
        if found is not None:
            return found
    return None


def _binary_pieces(columns: dict[str, Column], count: int, job: JobContext) -> Iterator[bytes]:
    if not any(isinstance(c, ListColumn) for c in columns.values()):
        plain = [c for c in columns.values() if not isinstance(c, ListColumn)]
        dtype = np.dtype([(f"f{k}", c.dtype.newbyteorder("<")) for k, c in enumerate(plain)])
        for part in job.parts(count):
            rows = np.empty(part.stop - part.start, dtype)
            for k, c in enumerate(plain):
                rows[f"f{k}"] = c[part]
            yield rows.tobytes()
        return
    bytes_of = [_item_bytes(c) for c in columns.values()]
    for part in job.parts(count, 1 << 12):
        yield _list_rows(bytes_of, part)


def _item_bytes(column: Column) -> tuple[npt.NDArray[np.int64], bytes, bytes, int]:
    """Where the items of each row begin, their bytes, those of the lengths, and the width of a length."""
    if isinstance(column, ListColumn):
        width = column.values.dtype.itemsize
        bounds = np.concatenate([[0], np.cumsum(column.lengths, dtype=np.int64)]) * width
        lengths = column.lengths.astype(column.lengths.dtype.newbyteorder("<"))
        values = column.values.astype(column.values.dtype.newbyteorder("<"))
        return bounds, values.tobytes(), lengths.tobytes(), lengths.dtype.itemsize
    bounds = np.arange(len(column) + 1) * column.dtype.itemsize
    return bounds, column.astype(column.dtype.newbyteorder("<")).tobytes(), b"", 0


def _list_rows(bytes_of: list[tuple[npt.NDArray[np.int64], bytes, bytes, int]], part: slice) -> bytes:
    out: list[bytes] = []
    places = [(b[part.start : part.stop + 1].tolist(), data, sizes, w) for b, data, sizes, w in bytes_of]
    for row in range(part.stop - part.start):
        for bounds, data, sizes, width in places:
            at = (part.start + row) * width
            out.append(sizes[at : at + width])
            out.append(data[bounds[row] : bounds[row + 1]])
    return b"".join(out)


def _text_pieces(columns: dict[str, Column], count: int, job: JobContext) -> Iterator[bytes]:
    if not any(isinstance(c, ListColumn) for c in columns.values()):
        plain = [c for c in columns.values() if not isinstance(c, ListColumn)]
        for part in job.parts(count, 1 << 12):
            yield text_rows([c[part] for c in plain])
        return
    texts = [_item_texts(c) for c in columns.values()]
    for part in job.parts(count, 1 << 12):
        lines = []
        for row in range(part.start, part.stop):
            words: list[str] = []
            for bounds, items, is_list in texts:
                some = items[bounds[row] : bounds[row + 1]]
                words += [str(len(some)), *some] if is_list else some
            lines.append(" ".join(words) + "\n")
        yield "".join(lines).encode("ascii")


def _item_texts(column: Column) -> tuple[list[int], list[str], bool]:
    """Where the items of each row begin, their texts, and whether the column is one of lists."""
    is_list = isinstance(column, ListColumn)
    values = column.values if isinstance(column, ListColumn) else column
    lengths = column.lengths if isinstance(column, ListColumn) else np.ones(len(column), np.int64)
    bounds = np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)]).tolist()
    return bounds, text_rows([values]).decode("ascii").split(), is_list


def _nan_payloads(tables: list[tuple[str, int, dict[str, Column]]]) -> list[str]:
    """Columns with NaN whose bits say more than "not a number", which text does not hold."""
    lost = []
    for element, _, columns in tables:
        for name, column in columns.items():
            values = column.values if isinstance(column, ListColumn) else column
            if has_payload(values):
                lost.append(f"bits of NaN in {name if element == 'vertex' else f'{element}.{name}'}")
    return lost
