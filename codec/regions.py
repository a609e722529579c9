"""Positions of a stream in the units of its file, and boxes there: which slices and points lie in them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .arrays import BoolArray, FloatArray, Int64Array
from .cloud.cloud import PointCloud
from .cloud.columns import FileInfo
from .cloud.lattice import Array
from .errors import InputError
from .properties import Columns
from .stream.header import Header
from .stream.slice_table import SliceTable

Region = Sequence[float]  # x0, y0, z0, x1, y1, z1: the corners of a box, in the units of the file


def box_of(region: Region) -> FloatArray:
    """(2, 3) low and high corner. Raises InputError for what is no box."""
    try:
        box = np.array(region, np.float64).reshape(2, 3)
    except (TypeError, ValueError):
        raise InputError("a region is six numbers: x0, y0, z0, x1, y1, z1", field="region") from None
    if np.isnan(box).any() or (box[0] > box[1]).any():
        low, high = (", ".join(f"{v:g}" for v in corner) for corner in box)
        raise InputError(f"no box has its low corner at ({low}) and its high one at ({high})", field="region")
    return box


def is_inside(positions: Array, box: FloatArray) -> BoolArray:
    """(N,) which positions (N, 3) lie in the box, its faces included."""
    with np.errstate(invalid="ignore"):
        return np.asarray(((positions >= box[0]) & (positions <= box[1])).all(axis=1), bool)


def touches(table: SliceTable, number: int, header: Header, box: FloatArray) -> bool:
    """Whether a slice can have points in the box."""
    found = (corners(cells, header) for cells in table.boxes[number])
    return any(bool((own[0] <= box[1]).all() and (own[1] >= box[0]).all()) for own in found)


def corners(cells: Int64Array, header: Header) -> FloatArray:
    """(2, 3) a box of coded cells (2, 3), in the units of the file."""
    assert header.grid is not None
    levels = header.guess.levels if header.guess else 0
    voxels = np.stack([cells[0] << levels, ((cells[1] + 1) << levels) - 1])
    ends = cloud_of_header(header, header.grid.coords(voxels)).positions.astype(np.float64)
    return np.stack([ends.min(axis=0), ends.max(axis=0)])


def cloud_of_header(header: Header, coords: Array, columns: Columns | None = None) -> PointCloud:
    """A cloud of stored numbers (N, 3)."""
    assert header.grid is not None
    types = header.grid.types
    return PointCloud(
        coords,
        attributes=columns,
        scale=header.scale,
        offset=header.offset,
        axis_types=types if len(set(types)) > 1 else None,
        info=FileInfo(header.format),
    )
