"""What the converters share: names of columns, types that another package holds, what is dropped."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from octavox.codec.cloud.cloud import COLOURS, PointCloud
from octavox.codec.cloud.columns import Array, Column, ListColumn, converted
from octavox.codec.errors import DroppedWarning, InputError, warn_caller
from octavox.codec.files.source import Source

NORMALS = ("nx", "ny", "nz")
AXES = ("x", "y", "z")
# Types of numbers that both Open3D's tensors and VTK's arrays have.
ARRAY_TYPES = ("f4", "f8", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "?")


def source_named(name: str) -> Source:
    """A stand-in for the file that errors name."""
    return Source(io.BytesIO(), name)


def warn_dropped(names: Iterable[str], target: str) -> None:
    """Warns of what `target` cannot hold, if there is anything."""
    found = list(dict.fromkeys(names))
    if found:
        warn_caller(f"{target} cannot hold: {', '.join(found)}", DroppedWarning)


def arrays_of(cloud: PointCloud) -> tuple[dict[str, Array], list[str]]:
    """The columns (N,) or (N, C), native byte order, and the names of what is no array."""
    arrays = {
        name: np.ascontiguousarray(column, column.dtype.newbyteorder("="))
        for name, column in cloud.attributes.items()
        if not isinstance(column, ListColumn)
    }
    lists = [name for name, column in cloud.attributes.items() if isinstance(column, ListColumn)]
    return arrays, [*lists, *cloud.info.beside]


def joined(arrays: dict[str, Array], parts: Sequence[str], name: str) -> None:
    """Puts columns (N,) of one type into one array (N, C), if all are there and its name is free."""
    found = [arrays[part] for part in parts if part in arrays and arrays[part].ndim == 1]
    if len(found) < len(parts) or len({column.dtype for column in found}) > 1 or name in arrays:
        return
    arrays[name] = np.stack(found, axis=1)
    for part in parts:
        del arrays[part]


def parted(
    given: Mapping[str, Any], names: Mapping[str, Sequence[str]]
) -> tuple[dict[str, Column], list[str]]:
    """Columns of arrays that another package has, and the names of those that are no numbers.

    names: what arrays (N, C) of three and more components come apart into, by name. An array (N, 1) becomes a
    column (N,).
    """
    columns: dict[str, Column] = {}
    lost = []
    for name, value in given.items():
        array = np.array(value)
        width = array.shape[1] if array.ndim == 2 else 0
        parts = names.get(name, ())[:width]
        if array.ndim not in (1, 2) or array.dtype.kind not in "iufb":
            lost.append(name)
        elif len(parts) == width >= 3 and not any(part in given or part in columns for part in parts):
            columns |= {part: np.ascontiguousarray(array[:, k]) for k, part in enumerate(parts)}
        else:
            columns[name] = array[:, 0] if width == 1 else array
    return columns, lost


def held(column: Array, types: Sequence[str]) -> Array | None:
    """The column with its own type if that is among `types`, else the first that holds it, or None."""
    if column.dtype.newbyteorder("=") in [np.dtype(code) for code in types]:
        return column
    for code in types:
        found = converted(column, np.dtype(code))
        if found is not None:
            return found
    return None


def points_of(cloud: PointCloud, types: Sequence[str]) -> tuple[Array, list[str]]:
    """(N, 3) positions with one of these types, and the axes that had to be rounded to doubles for it."""
    positions = np.ascontiguousarray(cloud.positions, cloud.positions.dtype.newbyteorder("="))
    found = held(positions, types)
    if found is not None:
        return found, []
    return positions.astype(np.float64), [f"{axis} beyond doubles" for axis in AXES]


def positions_given(value: Any, what: str) -> Array:
    """(N, 3) of an object of another package, copied. Raises InputError."""
    found = np.array(value)
    if found.size == 0:
        found = found.reshape(0, 3)
    if found.ndim != 2 or found.shape[1] != 3:
        raise InputError(f"{what} has positions of shape {found.shape}, not (N, 3)", field="positions")
    return found


PARTS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("colors", "RGB", "RGBA"), COLOURS),
    **dict.fromkeys(("normals", "Normals"), NORMALS),
}
