"""Clouds from and to data frames of pandas."""

from __future__ import annotations

from typing import Any

import numpy as np

from octavox.codec.cloud.cloud import PointCloud
from octavox.codec.cloud.columns import Array, Column, FileInfo, ListColumn
from octavox.codec.errors import InputError
from octavox.codec.formats.numpy_arrays import structured
from octavox.codec.formats.tables import cloud_of
from octavox.codec.optional import optional_package

from .properties import AXES, source_named, warn_dropped

SOURCE = "data frame"


def from_pandas(frame: Any) -> PointCloud:
    """See `PointCloud.from_pandas`."""
    if not hasattr(frame, "columns") or not hasattr(frame, "iloc"):
        raise InputError(f"no data frame: {type(frame).__name__}", field="frame")
    columns: dict[str, Column] = {}
    lost = []
    for place, key in enumerate(frame.columns):
        name = str(key)
        if name in columns:
            raise InputError("two columns have this name", field=name)
        column = _numbers(frame.iloc[:, place])
        if column is None:
            lost.append(name)
        else:
            columns[name] = column
    if frame.index.name is not None or not np.array_equal(frame.index, np.arange(len(frame))):
        lost.append("index")
    for axis in AXES:
        if axis not in columns and axis.upper() in columns:
            columns[axis] = columns.pop(axis.upper())
    cloud = cloud_of(columns, source_named(SOURCE), FileInfo())
    cloud.source = None
    warn_dropped(lost, "a cloud")
    return cloud


def _numbers(series: Any) -> Column | None:
    """A column of numbers or of lists of them; None for anything else, missing whole numbers among it."""
    if series.dtype == object:
        return _lists(series.tolist())
    dtype = getattr(series.dtype, "numpy_dtype", series.dtype)  # of types that know missing values
    if not isinstance(dtype, np.dtype) or dtype.kind not in "iufb":
        return None
    if dtype.kind != "f" and series.hasnans:
        return None
    return np.array(series.to_numpy(dtype))


def _lists(items: list[Any]) -> ListColumn | None:
    arrays = [np.asarray(item) if isinstance(item, (list, tuple, np.ndarray)) else None for item in items]
    kinds = {a.dtype for a in arrays if a is not None and len(a)}
    sound = bool(arrays) and all(a is not None and a.ndim == 1 for a in arrays)
    if not sound or len(kinds) > 1 or any(kind.kind not in "iufb" for kind in kinds):
        return None
    some = [a for a in arrays if a is not None]
    lengths = np.array([len(a) for a in some], np.uint32)
    kind = next(iter(kinds), np.dtype(np.float64))
    return ListColumn(lengths, np.concatenate(some).astype(kind, copy=False))


def to_pandas(cloud: PointCloud) -> Any:
    """See `PointCloud.to_pandas`."""
    pandas = optional_package("pandas", "a data frame")
    rows, _ = structured(cloud)
    series: dict[str, Any] = {}
    lost: list[str] = []
    for name in [*AXES, *(n for n in cloud.attributes if n not in AXES)]:
        column = rows[name] if name in AXES else cloud.attributes[name]
        parts = _series(name, column)
        if not parts or parts.keys() & series.keys():
            lost.append(name)
        else:
            series |= parts
    lost += [name for name in cloud.attributes if name in AXES]
    warn_dropped([*lost, *cloud.info.beside], "a data frame")
    return pandas.DataFrame(series, copy=True)


def _series(name: str, column: Column) -> dict[str, Any]:
    """A column as columns of one value a row: several components become NAME_0 and so on."""
    if isinstance(column, ListColumn):
        ends = np.cumsum(column.lengths, dtype=np.int64)
        items = np.empty(len(column), object)
        for row, (length, end) in enumerate(zip(column.lengths.tolist(), ends.tolist())):
            items[row] = column.values[end - length : end].copy()
        return {name: items}
    native: Array = column.astype(column.dtype.newbyteorder("="), copy=False)
    if native.ndim == 1:
        return {name: native}
    return {f"{name}_{k}": native[:, k] for k in range(native.shape[1])}
