"""Points that are added to a cloud, or take the place of its own, with properties of its points."""

from __future__ import annotations

from typing import Any

import numpy as np

from octavox.codec.arrays import Int64Array

from .cloud import PointCloud
from .columns import Array, Column, ListColumn, ordered_lists


def with_points(cloud: PointCloud, coords: Array, rows: Int64Array, keep: bool) -> PointCloud:
    """A cloud with further points at stored coordinates (m, 3).

    rows: (m,) the point of the cloud whose properties each one has. keep: the cloud's own points stay, and
    come first; otherwise they go. Coordinates keep the cloud's type where it holds all of the new ones.
    """
    columns = {name: _taken(column, rows, keep) for name, column in cloud.attributes.items()}
    placed = _as_type(coords, cloud.coords.dtype)
    kept = placed.dtype == cloud.coords.dtype
    return PointCloud(
        np.concatenate([cloud.coords, placed]) if keep else placed,
        attributes=columns,
        scale=cloud.scale,
        offset=cloud.offset,
        axis_types=cloud.axis_types if kept else None,
        info=cloud.info,
        source=cloud.source,
    )


def _as_type(coords: Array, dtype: np.dtype[Any]) -> Array:
    """The coordinates as `dtype`; integers that would change stay as they are."""
    if dtype.kind == "f" or coords.dtype == dtype:
        return coords.astype(dtype)
    with np.errstate(invalid="ignore"):
        same = coords.astype(dtype)
    return same if np.array_equal(same, coords) else coords


def _taken(column: Column, rows: Int64Array, keep: bool) -> Column:
    if isinstance(column, ListColumn):
        every = np.concatenate([np.arange(len(column)), rows]) if keep else rows
        return ordered_lists(column, every)
    return np.concatenate([column, column[rows]]) if keep else column[rows]
