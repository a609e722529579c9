"""Columns: the properties of points, and of the other elements of a file, with their types as stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from octavox.codec.errors import InputError

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class ListColumn:
    """A column of lists, one for each row, such as the corners of faces.

    lengths: (N,) of any integer type, how many values each row has. values: (lengths.sum(),), one after the
    other. Both have the types that the file has.
    """

    lengths: Array
    values: Array

    def __len__(self) -> int:
        return len(self.lengths)


Column = Array | ListColumn  # an array is (N,) or, with several components, (N, C)


def check_columns(columns: Mapping[str, Column], rows: int) -> dict[str, Column]:
    """The columns with arrays made of what was given. Raises InputError, with the name, for what is none."""
    found: dict[str, Column] = {}
    for name, given in columns.items():
        if not isinstance(name, str) or not name:
            raise InputError(f"a column needs a name, not {name!r}", field="attributes")
        column = given if isinstance(given, ListColumn) else np.asarray(given)
        if len(column) != rows:
            raise InputError(f"{len(column):,} rows for {rows:,} points", field=name)
        if isinstance(column, ListColumn):
            if int(column.lengths.sum()) != len(column.values):
                raise InputError("the lengths of the lists do not add up to their values", field=name)
        elif column.ndim not in (1, 2) or column.dtype.kind not in "iufb":
            raise InputError(
                f"numbers of shape (N,) or (N, C), not {column.dtype} {column.shape}", field=name
            )
        found[name] = column
    return found


@dataclass(frozen=True)
class Element:
    """A table beside the points: faces, edges, cameras. columns: in the order of the file."""

    name: str
    count: int
    columns: dict[str, Column] = field(default_factory=dict)


@dataclass(frozen=True)
class FileInfo:
    """What a file holds beside its points.

    format: name of its format, "" for a cloud that was made in memory. comments: lines as stored, without the
    mark of a comment and the line's end. elements: tables in their order; `before` counts those that the file
    has before the points. extra: what only its format knows, for writing it again.
    """

    format: str = ""
    comments: tuple[bytes, ...] = ()
    elements: tuple[Element, ...] = ()
    before: int = 0
    extra: Any = None
