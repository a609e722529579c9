"""Clouds from and to arrays of NumPy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from octavox.codec.cloud.cloud import PointCloud
from octavox.codec.cloud.columns import Array, Column, FileInfo, as_array
from octavox.codec.errors import InputError
from octavox.codec.formats.numpy_arrays import from_structured, structured
from octavox.codec.formats.tables import cloud_of

from .properties import AXES, source_named, warn_dropped

SOURCE = "array"


def from_numpy(
    array: npt.ArrayLike,
    *,
    columns: Mapping[str, npt.ArrayLike] | None = None,
    names: Sequence[str] | None = None,
) -> PointCloud:
    """See `PointCloud.from_numpy`."""
    rows = as_array(array, "array")
    if rows.dtype.names is not None:
        if names is not None:
            raise InputError("a structured array has names of its own", field="names")
        cloud = from_structured(rows.reshape(-1) if rows.ndim else rows.reshape(1), source_named(SOURCE))
    else:
        cloud = _from_table(rows, names)
    added = {name: as_array(column, str(name)) for name, column in (columns or {}).items()}
    for name in added:
        if name in cloud.attributes:
            raise InputError("two columns have this name", field=str(name))
    both: dict[str, Column] = {**cloud.attributes, **added}
    return PointCloud(cloud.coords, attributes=both, axis_types=cloud.axis_types)


def _from_table(rows: Array, names: Sequence[str] | None) -> PointCloud:
    if rows.ndim != 2 or rows.shape[1] < 3 or rows.dtype.kind not in "iuf":
        raise InputError(
            f"neither (N, C) numbers with x, y, z first nor a structured array: {rows.dtype} {rows.shape}",
            field="array",
        )
    width = rows.shape[1]
    called = [*(names or AXES), *(f"column_{k + 1}" for k in range(len(names or AXES), width))]
    if len(called) != width or len(set(called)) < width:
        raise InputError(f"{width} columns need {width} names, each once", field="names")
    if names is None or tuple(names[:3]) == AXES:
        rest: dict[str, Column] = {called[k]: np.ascontiguousarray(rows[:, k]) for k in range(3, width)}
        return PointCloud(np.ascontiguousarray(rows[:, :3]), attributes=rest)
    table: dict[str, Column] = {name: np.ascontiguousarray(rows[:, k]) for k, name in enumerate(called)}
    return cloud_of(table, source_named(SOURCE), FileInfo())


def to_numpy(cloud: PointCloud) -> npt.NDArray[Any]:
    """See `PointCloud.to_numpy`."""
    rows, lost = structured(cloud)
    warn_dropped([*lost, *cloud.info.beside], "an array")
    return rows
