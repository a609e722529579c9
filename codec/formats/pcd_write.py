"""Clouds to PCD files."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from octavox.codec.cloud.cloud import COLOURS, PointCloud
from octavox.codec.cloud.columns import Array, Column, ListColumn, converted
from octavox.codec.errors import InputError
from octavox.codec.job import JobContext

from .pcd_header import TYPES
from .registry import WriteOptions
from .tables import AXES
from .text_rows import has_payload, text_rows

PACKED = ("rgb", "rgba")
_KINDS = {np.dtype(code): words for words, code in TYPES.items()}
_LARGEST = (1 << 32) - 1  # bytes that binary_compressed can name


@dataclass(frozen=True)
class PcdExtra:
    """What only PCD knows. width, height: of the cloud's grid. viewpoint, version, layout: as written.

    order: names of the fields. packed: name and numpy code of a field that packed the colours, which writing
    packs again; None without such a field.
    """

    version: str = "0.7"
    width: int = 0
    height: int = 1
    viewpoint: str = "0 0 0 1 0 0 0"
    layout: str = "binary"
    order: tuple[str, ...] = ()
    packed: tuple[str, str] | None = None


def write_pcd_file(
    file: BinaryIO, cloud: PointCloud, job: JobContext, options: WriteOptions
) -> tuple[str, ...]:
    """Writes every column as a field. Binary, or as the options say; compressed only below 4 GB.

    Colours that came packed are packed again, as are 8-bit colours of other formats: that is what readers of
    PCD expect. Returns the names of what cannot be held. Raises InputError for coordinates that PCD has no
    type for; CancelledError.
    """
    extra = cloud.info.extra if isinstance(cloud.info.extra, PcdExtra) else PcdExtra()
    lost: list[str] = [f"element {e.name}" for e in cloud.info.elements if e.count]
    columns = _ordered(_columns(cloud, extra, lost), extra)
    width, height = extra.width, extra.height
    if width * height != len(cloud):
        width, height = len(cloud), 1
    size = sum(c.nbytes for c in columns.values())
    compressed = options.compressed and 0 < size <= _LARGEST
    layout = "ascii" if options.ascii else "binary_compressed" if compressed else "binary"
    file.write(_header(cloud, columns, extra, (width, height), layout))
    if options.ascii:
        flat = [part for c in columns.values() for part in (c.T if c.ndim == 2 else [c])]
        lost += [f"bits of NaN in {name}" for name, c in columns.items() if has_payload(c)]
        for part in job.parts(len(cloud), 1 << 12):
            file.write(text_rows([c[part] for c in flat]))
    elif compressed:
        file.write(compressed_columns(list(columns.values())))
    else:
        dtype = np.dtype([(f"f{k}", *_layout(c)) for k, c in enumerate(columns.values())])
        for part in job.parts(len(cloud)):
            rows = np.empty(part.stop - part.start, dtype)
            for k, c in enumerate(columns.values()):
                rows[f"f{k}"] = c[part]
            file.write(rows.tobytes())
    return tuple(lost)


def _layout(column: Array) -> tuple[np.dtype[Any], tuple[int, ...]]:
    return column.dtype.newbyteorder("<"), column.shape[1:]


def compressed_columns(columns: Sequence[Array]) -> bytes:
    """The body of a binary_compressed file: two sizes, and the columns one after the other, packed."""
    from octavox.codec.coding.lzf import compress

    data = b"".join(np.ascontiguousarray(c, c.dtype.newbyteorder("<")).tobytes() for c in columns)
    packed = compress(np.frombuffer(data, np.uint8)).tobytes()
    return struct.pack("<II", len(packed), len(data)) + packed


def _columns(cloud: PointCloud, extra: PcdExtra, lost: list[str]) -> dict[str, Array]:
    """The fields with types of PCD. Names of what has none go to `lost`."""
    columns: dict[str, Array] = {}
    positions, types = cloud.positions, None if cloud.scaled else cloud.axis_types
    for k, axis in enumerate(AXES):
        stored = None if types is None else converted(positions[:, k], types[k])
        held = _held(positions[:, k] if stored is None else stored)
        if held is None:
            raise InputError("PCD has no type that holds these coordinates", field=axis)
        columns[axis] = held
    packed = _packed(cloud.attributes, extra)
    gone = set(COLOURS) if packed is not None else set()
    for name, column in cloud.attributes.items():
        if packed is not None and name == "red":
            columns[packed[0]] = packed[1]
        if name in gone:
            continue
        held = _held(column)
        key = "_".join(name.split())
        if held is None or key in columns or key.startswith("#") or key == "_":
            lost.append(name)
        else:
            columns[key] = held
    return columns


def _held(column: Column) -> Array | None:
    """The column with a type of PCD, or None."""
    if isinstance(column, ListColumn):
        return None
    if column.dtype.kind == "b":
        return column.astype(np.uint8)
    if column.ndim == 2 and column.shape[1] == 0:
        return None
    if column.ndim == 2 and column.shape[1] == 1:
        column = column[:, 0]
    native = column.dtype.newbyteorder("=")
    return column.astype(native, copy=False) if native in _KINDS else None


def _packed(attributes: Mapping[str, Column], extra: PcdExtra) -> tuple[str, Array] | None:
    """Name and column of the packed colours; None where they are not packed, or are no bytes."""
    found = [attributes.get(name) for name in COLOURS]
    shown = [c for c in found if isinstance(c, np.ndarray) and c.ndim == 1 and c.dtype == np.uint8]
    present = [c for c in found if c is not None]
    if len(shown) != len(present) or any(c is None for c in found[:3]):
        return None
    name, code = extra.packed or ("rgba" if len(shown) == 4 else "rgb", "u4")
    if extra.packed is None and extra.order:
        return None  # a PCD file that had its colours apart
    if name in attributes:
        return None
    return name, packed_colors(attributes).view(code)


def packed_colors(attributes: Mapping[str, Column]) -> npt.NDArray[np.uint32]:
    """(N,) red, green, blue and, if there is one, alpha, a byte each, in one number."""
    columns = [c for c in (attributes.get(name) for name in COLOURS) if isinstance(c, np.ndarray)]
    if not columns:
        raise InputError("there are no colours to pack", field="rgb")
    bits = np.zeros(len(columns[0]), np.uint32)
    for column, shift in zip(columns, (16, 8, 0, 24)):
        bits |= column.astype(np.uint32) << np.uint32(shift)
    return bits


def _ordered(columns: dict[str, Array], extra: PcdExtra) -> dict[str, Array]:
    order = [name for name in extra.order if name in columns]
    return {name: columns[name] for name in dict.fromkeys([*order, *columns])}


def _header(
    cloud: PointCloud, columns: Mapping[str, Array], extra: PcdExtra, shape: tuple[int, int], layout: str
) -> bytes:
    kinds = [_KINDS[c.dtype] for c in columns.values()]
    comments = cloud.info.comments
    if not (comments and comments[0].lower().startswith(b" .pcd")):
        comments = (b" .PCD v0.7 - Point Cloud Data file format", *comments)
    counts = [c.shape[1] if c.ndim == 2 else 1 for c in columns.values()]
    lines = [
        f"VERSION {extra.version}",
        f"FIELDS {' '.join(columns)}",
        f"SIZE {' '.join(str(size) for _, size in kinds)}",
        f"TYPE {' '.join(kind for kind, _ in kinds)}",
        f"COUNT {' '.join(map(str, counts))}",
        f"WIDTH {shape[0]}",
        f"HEIGHT {shape[1]}",
        f"VIEWPOINT {extra.viewpoint}",
        f"POINTS {len(cloud)}",
        f"DATA {layout}",
        "",
    ]
    head = b"".join(b"#" + c.replace(b"\n", b" ").removesuffix(b"\r") + b"\n" for c in comments)
    return head + "\n".join(lines).encode("utf-8", "surrogateescape")
