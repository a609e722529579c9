"""Records: the points of a cloud with every number as stored. Their order on a grid, and their comparison."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import numpy.typing as npt

from .cloud import PointCloud
from .columns import Array, ListColumn

Keys = npt.NDArray[Any]


def axis_columns(cloud: PointCloud) -> list[Array]:
    """The stored numbers of each axis (N,), with the type that the file has."""
    types = cloud.axis_types or (cloud.coords.dtype,) * 3
    return [np.ascontiguousarray(cloud.coords[:, k]).astype(types[k], copy=False) for k in range(3)]


def bits_of(column: Array) -> Array:
    """The same numbers as unsigned integers of their width: equal only where all bits are."""
    return np.ascontiguousarray(column).view(np.dtype(f"u{column.dtype.itemsize}"))


def keys_of(columns: list[Array]) -> Keys:
    """(N,) one value a row, which is equal for two rows only where all bits of all columns are."""
    parts = [bits_of(column) for column in columns]
    rows = np.empty(len(parts[0]), [(f"f{k}", part.dtype) for k, part in enumerate(parts)])
    for k, part in enumerate(parts):
        rows[f"f{k}"] = part
    return rows


def count_differences(ours: Keys, theirs: Keys) -> tuple[int, int]:
    """How many rows of each of two multisets the other one lacks."""
    if ours.dtype != theirs.dtype:
        return len(ours), len(theirs)
    names = ours.dtype.names or ()
    both = np.concatenate([ours, theirs])
    order = np.lexsort([both[name] for name in reversed(names)])
    side = np.where(order < len(ours), 1, -1)
    first = np.ones(len(both), bool)
    ordered = both[order]
    first[1:] = ordered[1:] != ordered[:-1]
    balance = np.add.reduceat(side, np.flatnonzero(first)) if len(both) else np.zeros(0, np.int64)
    return int(balance[balance > 0].sum()), int(-balance[balance < 0].sum())


def record_columns(cloud: PointCloud, names: list[str]) -> list[Array]:
    """All numbers of the points, one column a component: coordinates, then the attributes of these names."""
    columns = axis_columns(cloud)
    for name in names:
        column = cloud.attributes[name]
        if isinstance(column, ListColumn):
            columns += _list_columns(column)
        else:
            columns += [column] if column.ndim == 1 else list(column.T)
    return columns


def _list_columns(column: ListColumn) -> list[Array]:
    """(N,) columns that are equal for two rows only where their lists are: lengths, type, hash of values."""
    ends = np.concatenate([[0], np.cumsum(column.lengths, dtype=np.int64)]).tolist()
    raw, width = column.values.tobytes(), column.values.dtype.itemsize
    pieces = (raw[a * width : b * width] for a, b in zip(ends, ends[1:]))
    found = b"".join(hashlib.blake2b(piece, digest_size=16).digest() for piece in pieces)
    halves = np.frombuffer(found, np.uint64).reshape(-1, 2)
    kind = np.full(len(column), column.values.dtype.num, np.uint8)
    return [column.lengths, kind, np.ascontiguousarray(halves[:, 0]), np.ascontiguousarray(halves[:, 1])]
