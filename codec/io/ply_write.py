"""Voxel clouds to PLY files."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import InputError
from ..types import CancelToken, FloatArray, JobContext, Transform, VoxelCloud
from .atomic import atomic_file
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
    exact = positions_of(cloud)
    dtype = np.dtype(NUMPY_CODES[wanted])
    if dtype.kind != "f":
        limits = np.iinfo(dtype)
        if exact.min() < limits.min or exact.max() > limits.max:
            return "double"
    with np.errstate(over="ignore", invalid="ignore"):
        stored = exact.astype(dtype).astype(np.float64)
    if np.array_equal(stored, exact):
        return wanted
    integers = np.array_equal(exact, np.rint(exact))
    keeps = dtype.kind == "f" and not integers and _same_voxels(stored, cloud)
    return wanted if keeps else "double"


def _same_voxels(positions: FloatArray, cloud: VoxelCloud) -> bool:
    """Whether rounded positions still fall into the voxels that they stand for."""
    t: Transform = cloud.transform
    if not np.isfinite(positions).all():
        return False
    with np.errstate(over="ignore"):
        return np.array_equal(np.rint((positions - np.array(t.origin)) / t.scale), cloud.coords)


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
    from .. import __version__

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
