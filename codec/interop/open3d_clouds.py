"""Clouds from and to Open3D: `open3d.t.geometry.PointCloud` and `open3d.geometry.PointCloud`."""

from __future__ import annotations

from typing import Any

import numpy as np

from octavox.codec.cloud.cloud import COLOURS, PointCloud
from octavox.codec.cloud.columns import Array
from octavox.codec.errors import InputError
from octavox.codec.optional import optional_package

from .properties import (
    ARRAY_TYPES,
    NORMALS,
    PARTS,
    arrays_of,
    held,
    joined,
    parted,
    points_of,
    positions_given,
    warn_dropped,
)

_MORE = ("line", "lines", "triangle", "triangles")  # of line sets and meshes, beside their points
_KNOWN = ("positions", "colors", "normals")


def from_open3d(given: Any) -> PointCloud:
    """See `PointCloud.from_open3d`."""
    if hasattr(given, "point") and hasattr(given.point, "items"):
        arrays = {name: tensor.cpu().numpy() for name, tensor in given.point.items()}
    elif hasattr(given, "points") and hasattr(given, "colors"):
        arrays = _legacy_arrays(given)
    else:
        raise InputError(f"no point cloud of Open3D: {type(given).__name__}", field="cloud")
    coords = positions_given(arrays.pop("positions", np.empty((0, 3))), "the cloud")
    columns, lost = parted(arrays, PARTS)
    lost += [name for name in _MORE if _holds(given, name)]
    warn_dropped(lost, "a cloud")
    return PointCloud(coords, attributes=columns)


def _holds(given: Any, name: str) -> bool:
    """Whether an object of Open3D has some of these."""
    found = getattr(given, name, None)
    return found is not None and len(found) > 0


def _legacy_arrays(given: Any) -> dict[str, Array]:
    arrays = {"positions": np.array(given.points)}
    for name in ("colors", "normals", "covariances"):
        values = np.array(getattr(given, name, ()))
        if len(values):
            arrays[name] = values.reshape(len(values), -1)
    return arrays


def to_open3d(cloud: PointCloud, legacy: bool) -> Any:
    """See `PointCloud.to_open3d`."""
    open3d = optional_package("open3d", "a point cloud of Open3D")
    arrays, lost = arrays_of(cloud)
    joined(arrays, COLOURS[:3], "colors")
    joined(arrays, NORMALS, "normals")
    made, more = _legacy(open3d, cloud, arrays) if legacy else _tensors(open3d, cloud, arrays)
    warn_dropped([*lost, *more], "a point cloud of Open3D")
    return made


def _tensors(open3d: Any, cloud: PointCloud, arrays: dict[str, Array]) -> tuple[Any, list[str]]:
    positions, lost = points_of(cloud, ARRAY_TYPES)
    made = open3d.t.geometry.PointCloud(open3d.core.Tensor(positions))
    for name, array in arrays.items():
        column = held(array, ARRAY_TYPES)
        if column is None or not _fits(name, column):
            lost.append(name)
        else:
            rows = column[:, None] if column.ndim == 1 else column
            made.point[name] = open3d.core.Tensor(np.ascontiguousarray(rows))
    return made, lost


def _fits(name: str, array: Array) -> bool:
    """Whether Open3D takes an array of this shape under this name."""
    if array.ndim == 2 and not array.shape[1]:
        return False
    return name not in _KNOWN or (name != "positions" and array.ndim == 2 and array.shape[1] == 3)


def _legacy(open3d: Any, cloud: PointCloud, arrays: dict[str, Array]) -> tuple[Any, list[str]]:
    positions, lost = points_of(cloud, ("f8",))
    made = open3d.geometry.PointCloud(open3d.utility.Vector3dVector(positions))
    for name, array in arrays.items():
        values = _shares(array) if name == "colors" else held(array, ("f8",))
        if name not in ("colors", "normals") or values is None or values.shape != (len(cloud), 3):
            lost.append(name)
        else:
            setattr(made, name, open3d.utility.Vector3dVector(np.ascontiguousarray(values)))
    return made, lost


def _shares(colors: Array) -> Array | None:
    """Colours as shares of 1: integers of 8 and 16 bits divided by their largest, floats as they are."""
    if colors.dtype.kind == "u" and colors.dtype.itemsize <= 2:
        return np.asarray(colors / float(np.iinfo(colors.dtype).max))
    return held(colors, ("f8",)) if colors.dtype.kind == "f" else None
