"""Voxel clouds to PLY files."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import numpy.typing as npt

from octavox.codec.arrays import FloatArray
from octavox.codec.cloud.cloud import MAX_DEPTH, VoxelCloud
from octavox.codec.cloud.morton import distinct
from octavox.codec.errors import InputError
from octavox.codec.files.atomic import atomic_file
from octavox.codec.job import CancelToken, JobContext

from .ply_header import CLASSIC_NAMES, NUMPY_CODES


def positions_of(cloud: VoxelCloud) -> FloatArray:
    """(N, 3) float64: the file coordinates of the voxels, origin + scale * c."""
    t = cloud.transform
    return np.asarray(np.array(t.origin) + t.scale * cloud.coords.astype(np.float64), np.float64)


def stored_type(cloud: VoxelCloud) -> str:
    """The PLY type that keeps the voxels apart and integers exact: coordinate_type, or "double"."""
    wanted = CLASSIC_NAMES.get(cloud.coordinate_type)
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
    path: str | os.PathLike[str],
    cloud: VoxelCloud,
    *,
    ascii: bool = False,
    cancel: CancelToken | None = None,
) -> None:
    """Writes the voxels' file coordinates (origin + scale * c) in Morton order, and colours if there are any.

    Binary little endian, or text with ascii=True. The type is cloud.coordinate_type, or double where that
    cannot hold every position. The file appears complete or not at all.
    Raises InputError if the path cannot be written, CancelledError.
    """
    from octavox.codec import __version__

    name = stored_type(cloud)
    fields: list[tuple[str, str]] = [(axis, "<" + NUMPY_CODES[name]) for axis in "xyz"]
    lines = [
        "ply",
        f"format {'ascii' if ascii else 'binary_little_endian'} 1.0",
        f"comment Octavox {__version__}, voxel size {cloud.transform.scale!r}",
        f"element vertex {len(cloud)}",
        *(f"property {name} {axis}" for axis in "xyz"),
    ]
    if cloud.colors is not None:
        colours = ("red", "green", "blue")
        fields += [(c, "u1") for c in colours]
        lines += [f"property uchar {c}" for c in colours]
    header = "\n".join([*lines, "end_header", ""])
    with atomic_file(path) as file:
        file.write(header.encode("ascii"))
        for part in JobContext(cancel=cancel).parts(len(cloud)):
            rows = _rows(cloud, part, np.dtype(fields))
            file.write(_text(rows) if ascii else rows.tobytes())


def _rows(cloud: VoxelCloud, part: slice, dtype: np.dtype[Any]) -> npt.NDArray[Any]:
    """(n,) structured rows of the voxels in `part`."""
    piece = VoxelCloud(cloud.coords[part], cloud.depth, cloud.transform, cloud.coordinate_type)
    positions = positions_of(piece)
    rows = np.empty(len(positions), dtype)
    for k, axis in enumerate("xyz"):
        rows[axis] = positions[:, k]
    if cloud.colors is not None:
        for k, colour in enumerate(("red", "green", "blue")):
            rows[colour] = cloud.colors[part, k]
    return rows


def _text(rows: npt.NDArray[Any]) -> bytes:
    """The rows as lines. 9 and 17 digits give every float and double back exactly."""
    if rows.dtype.names is None:
        return b""
    digits = {"f4": "%.9g", "f8": "%.17g"}
    formats = [digits.get(rows.dtype[n].str[1:], "%d") for n in rows.dtype.names]
    line = " ".join(formats) + "\n"
    return "".join(line % row for row in rows.tolist()).encode("ascii")
