"""Point clouds from PCD files: the header is checked here, the body is read by Open3D.

Open3D fills the rows that a cut file lacks with whatever lies in memory, so nothing reaches it unchecked.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from octavox.codec.cloud.cloud import PointCloud
from octavox.codec.errors import InputError
from octavox.codec.files.reading import read_bytes
from octavox.codec.job import JobContext

_TYPES = {
    ("F", 4): "float",
    ("F", 8): "double",
    ("I", 1): "char",
    ("I", 2): "short",
    ("I", 4): "int",
    ("U", 1): "uchar",
    ("U", 2): "ushort",
    ("U", 4): "uint",
}
_LZF_EXPANSION = 100  # a back reference of 3 bytes makes at most 264
_HEADER_LIMIT = 1 << 16


@dataclass(frozen=True)
class _PcdHeader:
    fields: tuple[str, ...]
    types: tuple[str, ...]
    row_bytes: int
    points: int
    data: str
    body: int


def read_pcd(path: Path, job: JobContext) -> PointCloud:
    """A cloud from a PCD file (version .7; ascii, binary or binary_compressed).

    Points whose coordinates are NaN, PCD's mark for "nothing measured", are left out and said so in
    `properties`. Raises InputError naming file, field and byte; also where Open3D is not installed.
    """
    data = read_bytes(path)
    header = _header(data, path)
    job.check()
    _check_size(header, data, path)
    positions, colors = _open3d_points(path, header.points)
    present = ~np.isnan(positions).all(axis=1)
    positions = positions[present]
    finite = np.isfinite(positions).all(axis=1)
    if not finite.all():
        row = int(np.flatnonzero(present)[np.argmin(finite)])
        raise InputError(
            f"vertex {row} has a coordinate that is not a finite number", path=path, field="FIELDS x y z"
        )
    left_out = [name for name in header.fields if name not in ("x", "y", "z", "_")]
    absent = int((~present).sum())
    if absent:
        left_out.append(f"{absent:,} points without coordinates (NaN)")
    return PointCloud(
        positions=positions,
        colors=None if colors is None else colors[present],
        coordinate_type=header.types[header.fields.index("x")],
        properties=tuple(left_out),
        source=str(path),
    )


def _header(data: bytes, path: Path) -> _PcdHeader:
    entries: dict[str, list[str]] = {}
    position = 0
    while "DATA" not in entries:
        stop = data.find(b"\n", position, _HEADER_LIMIT)
        if stop < 0:
            raise InputError("not a PCD file, or its header is cut", path=path, field="DATA", byte=len(data))
        words = data[position:stop].decode("ascii", "replace").split()
        position = stop + 1
        if words and not words[0].startswith("#"):
            entries[words[0]] = words[1:]

    def numbers(name: str, default: list[str] | None = None) -> list[int]:
        words = entries.get(name, default)
        if not words or not all(w.isascii() and w.isdigit() and len(w) < 16 for w in words):
            raise InputError("the header lacks a count, or it is not a number", path=path, field=name)
        return [int(w) for w in words]

    fields, kinds = entries.get("FIELDS", []), entries.get("TYPE", [])
    sizes = numbers("SIZE")
    counts = numbers("COUNT", ["1"] * len(sizes))
    if not fields or not len(fields) == len(kinds) == len(sizes) == len(counts):
        raise InputError("FIELDS, SIZE, TYPE and COUNT differ in length", path=path, field="FIELDS")
    for axis in "xyz":
        if axis not in fields or counts[fields.index(axis)] != 1:
            raise InputError(f"there is no field '{axis}'", path=path, field="FIELDS")
    types = tuple(_TYPES.get((k, s), "double") for k, s in zip(kinds, sizes))
    points = numbers("POINTS", [str(numbers("WIDTH")[0] * numbers("HEIGHT", ["1"])[0])])[0]
    row = sum(s * c for s, c in zip(sizes, counts))
    if row == 0:
        raise InputError("a point has no bytes", path=path, field="SIZE")
    return _PcdHeader(tuple(fields), types, row, points, " ".join(entries["DATA"]), position)


def _check_size(header: _PcdHeader, data: bytes, path: Path) -> None:
    """Refuses counts that the file cannot hold."""
    body = data[header.body :]
    have: int
    if header.data == "ascii":
        have = sum(1 for line in body.splitlines() if line.strip())
    elif header.data == "binary":
        have = len(body) // header.row_bytes
    elif header.data == "binary_compressed":
        if len(body) < 8:
            raise InputError("truncated: no sizes before the data", path=path, field="DATA", byte=len(data))
        packed, unpacked = struct.unpack_from("<II", body)
        sound = packed <= len(body) - 8 and unpacked <= _LZF_EXPANSION * packed + 64
        have = unpacked // header.row_bytes if sound else 0
    else:
        raise InputError(f"unknown data format '{header.data[:40]}'", path=path, field="DATA")
    if have < header.points:
        raise InputError(
            f"truncated: the header declares {header.points:,} points, the data hold {have:,}",
            path=path,
            field="POINTS",
            byte=header.body,
        )


def _open3d_points(path: Path, points: int) -> tuple[np.ndarray, np.ndarray | None]:
    """(N, 3) float64 positions and (N, 3) uint8 colours, or None."""
    try:
        import open3d
    except ImportError as error:
        raise InputError("reading PCD needs the package open3d, which is not installed", path=path) from error
    with open3d.utility.VerbosityContextManager(open3d.utility.VerbosityLevel.Error):
        try:
            cloud = open3d.io.read_point_cloud(path, format="pcd")
        except RuntimeError as error:
            raise InputError(f"Open3D cannot read it: {error}", path=path) from error
    positions = np.array(cloud.points, np.float64).reshape(-1, 3)
    if len(positions) != points:
        raise InputError(f"Open3D read {len(positions):,} of {points:,} points", path=path, field="DATA")
    if not cloud.has_colors():
        return positions, None
    return positions, np.clip(np.rint(np.asarray(cloud.colors) * 255.0), 0, 255).astype(np.uint8)
