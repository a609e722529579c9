"""Point clouds from and to NumPy files: .npy with one array, .npz with several. Nothing is unpickled."""

from __future__ import annotations

import ast
import io
import struct
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import numpy as np

from octavox.codec.cloud.cloud import PointCloud
from octavox.codec.cloud.columns import Array, Column, FileInfo, ListColumn, converted
from octavox.codec.errors import CancelledError, InputError
from octavox.codec.files.source import Source
from octavox.codec.job import JobContext

from .framing import Frame, plain_columns, table_rows
from .registry import ReadOptions, WriteOptions
from .tables import AXES, RowTable, TableField, cloud_of, read_rows, whole_table

COORDS = ("coords", "positions", "points", "xyz")  # names of (N, 3) arrays, the likeliest first
_SCALING = ("scale", "offset")
_HEADER_LIMIT = 1 << 16
_MOST_ENTRIES = 10_000
_EXPANSION = 1100  # deflate's largest


@dataclass(frozen=True)
class NumpyExtra:
    """What only these files know. coords: name of the array of positions, "" for arrays x, y and z, or of the
    one array of .npy. arrays: those that are no columns."""

    coords: str = "coords"
    arrays: Mapping[str, Array] = field(default_factory=dict)


@dataclass(frozen=True)
class _Header:
    """Of one array: its type, shape, and the byte where its values begin."""

    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    fortran: bool
    body: int

    @property
    def size(self) -> int:
        count = 1
        for length in self.shape:
            count *= length
        return count * self.dtype.itemsize


def read(source: Source, job: JobContext, options: ReadOptions) -> PointCloud:
    """A cloud from .npy: (N, C) numbers, x y z first, or a structured array with fields x, y, z.

    From .npz: an array coords, positions, points or xyz of shape (N, 3), or arrays x, y and z; further arrays
    of N rows are columns.

    Raises InputError naming array and byte; CancelledError.
    """
    if source.read(0, 2) == b"PK":
        return _read_archive(source, job)
    header = _read_header(source)
    if header.body + header.size > source.size:
        reason = f"truncated: an array of shape {header.shape} needs {header.size:,} bytes"
        raise InputError(reason, path=source.name, field="shape", byte=source.size)
    if header.fortran and len(header.shape) == 2:
        raw = np.frombuffer(source.read(header.body, header.size), header.dtype)
        table = raw.reshape(header.shape, order="F")
        columns: dict[str, Column] = {
            f.name: np.ascontiguousarray(table[:, k], f.dtype.newbyteorder("="))
            for k, f in enumerate(_fields(header, source, options.fields))
        }
    else:
        fields = _fields(header, source, options.fields)
        columns = dict(read_rows(source, header.body, header.shape[0], fields, job))
    named = {name: column for name, column in columns.items() if not name.startswith(" ")}
    return cloud_of(named, source, FileInfo("NumPy", extra=NumpyExtra("")))


def frame(source: Source, notes: bytes | None = None) -> Frame | None:
    """The rows of a .npy file, if they lie row by row; None for .npz."""
    if source.read(0, 2) == b"PK":
        return None
    header = _read_header(source)
    if header.fortran and len(header.shape) == 2:
        return None
    rows = table_rows(_fields(header, source, ()), plain_columns)
    return Frame(header.body, header.body + header.size, rows)


def sample(source: Source, points: int) -> PointCloud | None:
    """See `read_sample`; None also for archives."""
    found = table(source)
    return None if found is None else found.sample(source, points)


def table(source: Source) -> RowTable | None:
    """See `Format.table`; None of archives and of arrays that lie column by column."""
    if source.read(0, 2) == b"PK":
        return None
    header = _read_header(source)
    if header.fortran:
        return None

    def make(columns: dict[str, Array]) -> PointCloud:
        named = {name: column for name, column in columns.items() if not name.startswith(" ")}
        return cloud_of(named, source, FileInfo("NumPy", extra=NumpyExtra("")))

    return whole_table(source, header.body, header.shape[0], _fields(header, source, ()), make)


def size_of(head: bytes) -> int | None:
    """Bytes of a .npy file that begins like this."""
    try:
        header = _parse_header(io.BytesIO(head), "")
        return header.body + header.size
    except InputError:
        return None


def _read_header(source: Source) -> _Header:
    return _parse_header(io.BytesIO(source.read(0, _HEADER_LIMIT)), source.name)


def _parse_header(file: BinaryIO, name: str, entry: str = "header") -> _Header:
    """The header of an array at the start of a file. Raises InputError."""
    try:
        major, _ = np.lib.format.read_magic(file)
        width, code = (2, "<H") if major == 1 else (4, "<I")
        (length,) = struct.unpack(code, file.read(width))
        text = file.read(min(length, _HEADER_LIMIT))
        said = ast.literal_eval(text.decode("latin1" if major < 3 else "utf-8").strip())
        dtype, shape = np.lib.format.descr_to_dtype(said["descr"]), tuple(said["shape"])
        sound = len(text) == length and all(type(n) is int and 0 <= n < 1 << 63 for n in shape)
        sound = sound and (dtype.itemsize > 0 or dtype.hasobject)
        fortran = bool(said["fortran_order"])
    except Exception as error:  # whatever Python and numpy make of a damaged header
        raise InputError(f"no sound header of an array: {str(error)[:200]}", path=name, field=entry) from None
    if not sound:
        raise InputError("no sound header of an array", path=name, field=entry)
    if dtype.hasobject:
        raise InputError("the array holds Python objects, which are not read", path=name, field=entry)
    return _Header(dtype, shape, fortran, file.tell())


def _fields(header: _Header, source: Source, given: Sequence[str]) -> list[TableField]:
    """The columns of the array of a .npy file; gaps between fields have names that begin with a blank."""
    if header.dtype.names is not None and len(header.shape) == 1:
        return _of_structure(header.dtype, source)
    if len(header.shape) != 2 or header.dtype.kind not in "iufb" or header.shape[1] < 3:
        reason = (
            f"neither (N, C) numbers with x, y, z first nor fields x, y, z: {header.dtype} {header.shape}"
        )
        raise InputError(reason[:300], path=source.name, field="shape")
    width = header.shape[1]
    if width * header.dtype.itemsize > max(source.size, 1) or len(given) > width:
        raise InputError(
            f"{width:,} columns in this file, {len(given)} names", path=source.name, field="shape"
        )
    names = [*(given or AXES), *(f"column_{k + 1}" for k in range(len(given or AXES), width))]
    if len(set(names)) < len(names):
        raise InputError("a name is given twice", path=source.name, field="fields")
    return [TableField(name, header.dtype) for name in names]


def _of_structure(dtype: np.dtype[Any], source: Source) -> list[TableField]:
    fields: list[TableField] = []
    at = 0
    ordered = sorted((dtype.fields or {}).items(), key=lambda item: item[1][1])
    for name, (kind, offset, *_) in ordered:
        base, shape = kind.base, kind.shape
        if base.kind not in "iufb" or len(shape) > 1 or (shape and shape[0] == 0) or offset < at:
            raise InputError(f"a field of type {kind} is not read"[:200], path=source.name, field=name)
        if offset > at:
            fields.append(TableField(f" {at}", np.dtype("u1"), offset - at))
        fields.append(TableField(name, base, shape[0] if shape else 1))
        at = offset + kind.itemsize
    if at < dtype.itemsize:
        fields.append(TableField(f" {at}", np.dtype("u1"), dtype.itemsize - at))
    return fields


def _read_archive(source: Source, job: JobContext) -> PointCloud:
    arrays: dict[str, Array] = {}
    with source.opened() as file:
        try:
            with zipfile.ZipFile(file) as archive:
                entries = archive.infolist()
                if len(entries) > _MOST_ENTRIES:
                    raise InputError(f"an archive of {len(entries):,} files", path=source.name)
                if not any(entry.filename.endswith(".npy") for entry in entries):
                    raise InputError(
                        "this is a zip archive without arrays of NumPy", path=source.name, byte=0
                    )
                for entry in entries:
                    job.check()
                    if entry.filename.endswith(".npy"):
                        arrays[entry.filename.removesuffix(".npy")] = _read_entry(archive, entry, source)
        except (InputError, CancelledError):
            raise
        except Exception as error:  # whatever zipfile makes of a damaged archive
            reason = f"a damaged zip archive: {str(error)[:200]}"
            raise InputError(reason, path=source.name, field="zip") from None
    return _cloud_of_arrays(arrays, source)


def _read_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, source: Source) -> Array:
    """One array; what its header declares is held against the size of the file before memory is taken."""
    name = entry.filename.removesuffix(".npy")
    with archive.open(entry) as file:
        head = io.BytesIO(file.read(_HEADER_LIMIT))
        header = _parse_header(head, source.name, name)
        stored = min(entry.compress_size, source.size)
        if header.size > _EXPANSION * stored or header.size > entry.file_size:
            reason = f"truncated: an array of shape {header.shape} needs {header.size:,} bytes"
            raise InputError(reason, path=source.name, field=name)
        if header.dtype.names is not None or header.dtype.kind not in "iufb":
            raise InputError(
                f"an array of type {header.dtype} is not read"[:200], path=source.name, field=name
            )
        out = np.empty(header.size, np.uint8)
        begun = head.read(header.size)
        out[: len(begun)] = np.frombuffer(begun, np.uint8)
        done = len(begun)
        while done < header.size:
            piece = file.read(min(header.size - done, 1 << 24))
            if not piece:
                raise InputError("truncated: the array is cut", path=source.name, field=name)
            out[done : done + len(piece)] = np.frombuffer(piece, np.uint8)
            done += len(piece)
    table = out.view(header.dtype).reshape(header.shape, order="F" if header.fortran else "C")
    return np.array(table, header.dtype.newbyteorder("="), order="C")


def _cloud_of_arrays(arrays: dict[str, Array], source: Source) -> PointCloud:
    key = next((n for n in COORDS if n in arrays and arrays[n].ndim == 2 and arrays[n].shape[1] == 3), None)
    if key is None and not all(axis in arrays and arrays[axis].ndim == 1 for axis in AXES):
        known = ", ".join(list(arrays)[:10])
        reason = f"no array {', '.join(COORDS)} of shape (N, 3), and no x, y and z; there are {known}"
        raise InputError(reason, path=source.name, field="coords")
    rows = len(arrays[key or "x"])
    scaling = [arrays.get(name) for name in _SCALING]
    scaled = all(a is not None and a.shape == (3,) and a.dtype == np.float64 for a in scaling) and rows != 3
    columns: dict[str, Column] = {}
    others: dict[str, Array] = {}
    for name, array in arrays.items():
        if name == key or (scaled and name in _SCALING):
            continue
        fits = array.ndim in (1, 2) and len(array) == rows and array.dtype.kind in "iufb"
        if fits:
            columns[name] = array
        else:
            others[name] = array
    info = FileInfo("NumPy", extra=NumpyExtra(key or "", others))
    if key is None:
        return cloud_of(columns, source, info)
    if arrays[key].dtype.kind == "b":
        raise InputError("the coordinates are truth values", path=source.name, field=key)
    scale, offset = (tuple(a.tolist()) if scaled and a is not None else None for a in scaling)
    return PointCloud(
        arrays[key], attributes=columns, scale=scale, offset=offset, info=info, source=source.name
    )


def write(file: BinaryIO, cloud: PointCloud, job: JobContext, options: WriteOptions) -> tuple[str, ...]:
    """.npy: a structured array with fields x, y, z and one for each column. .npz: coords, further arrays.

    Returns the names of what cannot be held: lists, elements and comments of other formats.
    """
    if options.suffix == ".npz":
        columns = {name: c for name, c in cloud.attributes.items() if not isinstance(c, ListColumn)}
        return (*_no_arrays(cloud), *_write_archive(file, cloud, columns))
    rows, lost = structured(cloud)
    np.lib.format.write_array(file, rows, allow_pickle=False)
    return lost


def structured(cloud: PointCloud) -> tuple[Array, tuple[str, ...]]:
    """The cloud as a structured array (N,), and the names of what that cannot hold.

    Fields x, y and z are positions, with the type of each axis; one field for each column follows.
    """
    positions, types = cloud.positions, None if cloud.scaled else cloud.axis_types
    named: dict[str, Array] = {}
    for k, axis in enumerate(AXES):
        stored = None if types is None else converted(positions[:, k], types[k])
        named[axis] = positions[:, k] if stored is None else stored
    lost = _no_arrays(cloud)
    for name, column in cloud.attributes.items():
        if isinstance(column, ListColumn):
            continue
        if name in AXES or (column.ndim == 2 and column.shape[1] == 0):
            lost.append(name)
        else:
            named[name] = column
    rows = np.empty(len(cloud), [(name, c.dtype, c.shape[1:]) for name, c in named.items()])
    for name, c in named.items():
        rows[name] = c
    return rows, tuple(lost)


def from_structured(rows: Array, source: Source) -> PointCloud:
    """The cloud of a structured array (N,) with fields x, y and z, or one of three numbers such as xyz.

    Raises InputError naming the field.
    """
    columns: dict[str, Column] = {}
    for f in _of_structure(rows.dtype, source):
        if not f.name.startswith(" "):
            columns[f.name] = np.ascontiguousarray(rows[f.name], f.dtype.newbyteorder("="))
    key = next((n for n in COORDS if n in columns and rows[n].shape[1:] == (3,)), None)
    if key is not None and not all(axis in columns for axis in AXES):
        del columns[key]
        coords = rows[key].astype(rows[key].dtype.newbyteorder("="))
        columns |= {a: coords[:, k] for k, a in enumerate(AXES)}
    return cloud_of(columns, source, FileInfo())


def _no_arrays(cloud: PointCloud) -> list[str]:
    """Names of what no array holds: lists, elements and comments of other formats."""
    lost = [f"element {e.name}" for e in cloud.info.elements if e.count]
    lost += ["comments"] if cloud.info.comments else []
    return lost + [name for name, c in cloud.attributes.items() if isinstance(c, ListColumn)]


def _write_archive(file: BinaryIO, cloud: PointCloud, columns: Mapping[str, Array]) -> list[str]:
    extra = cloud.info.extra if isinstance(cloud.info.extra, NumpyExtra) else NumpyExtra()
    key = extra.coords or "coords"
    arrays: dict[str, Array] = {key: cloud.coords}
    if cloud.axis_types is not None or (isinstance(cloud.info.extra, NumpyExtra) and not extra.coords):
        types = cloud.axis_types or (cloud.coords.dtype,) * 3
        split = [converted(cloud.coords[:, k], types[k]) for k in range(3)]
        arrays = {a: cloud.coords[:, k] if split[k] is None else split[k] for k, a in enumerate(AXES)}  # type: ignore[misc]
    if cloud.scaled:
        if len(cloud) == 3:
            arrays = {key: cloud.positions}
        else:
            arrays |= {"scale": np.array(cloud.scale), "offset": np.array(cloud.offset)}
    lost = [name for name in columns if name in arrays]
    arrays |= {name: c for name, c in columns.items() if name not in arrays}
    arrays |= {name: a for name, a in extra.arrays.items() if name not in arrays}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
        for name, array in arrays.items():
            entry = zipfile.ZipInfo(f"{name}.npy", (1980, 1, 1, 0, 0, 0))
            with archive.open(entry, "w", force_zip64=True) as target:
                np.lib.format.write_array(target, np.ascontiguousarray(array), allow_pickle=False)
    return lost
