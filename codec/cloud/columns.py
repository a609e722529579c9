"""Columns: the properties of points, and of the other elements of a file, with their types as stored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from octavox.codec.errors import InputError, check_type

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


Column: TypeAlias = Array | ListColumn  # an array is (N,) or, with several components, (N, C)


def ordered_lists(column: ListColumn, rows: npt.NDArray[np.int64]) -> ListColumn:
    """The lists of these rows, in this order."""
    lengths = column.lengths.astype(np.int64)
    starts, taken = (np.cumsum(lengths) - lengths)[rows], lengths[rows]
    places = np.repeat(starts - (np.cumsum(taken) - taken), taken) + np.arange(int(taken.sum()))
    return ListColumn(column.lengths[rows], column.values[places])


def as_array(given: npt.ArrayLike, field: str) -> Array:
    """An array of what was given. Raises InputError for what is none, such as rows of several lengths."""
    try:
        return np.asarray(given)
    except Exception as error:  # an object may convert itself
        raise InputError(f"this is no array of numbers: {str(error)[:200]}", field=field) from None


def check_columns(columns: Mapping[str, Column], rows: int) -> dict[str, Column]:
    """The columns with arrays made of what was given. Raises InputError, with the name, for what is none."""
    found: dict[str, Column] = {}
    check_type(columns, Mapping, "a mapping of names to arrays", "attributes")
    for name, given in columns.items():
        if not isinstance(name, str) or not name:
            raise InputError(f"a column needs a name, not {name!r}", field="attributes")
        column = given if isinstance(given, ListColumn) else as_array(given, name)
        if not np.ndim(column.lengths if isinstance(column, ListColumn) else column):
            raise InputError(f"one value for {rows:,} points", field=name)
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


def common_type(types: Iterable[np.dtype[Any]]) -> np.dtype[Any]:
    """The smallest type that holds every value of all of these; float64 where none does."""
    return np.result_type(*types)


def converted(column: Array, dtype: np.dtype[Any]) -> Array | None:
    """The same numbers as `dtype`, NaN with their bits and -0 with its sign; None where one would change."""
    if column.dtype == dtype:
        return column
    with np.errstate(all="ignore"):
        if dtype.kind == "b":
            return None
        if column.dtype.kind == "f":
            out = _from_floats(column, dtype)
        else:
            out = column.astype(dtype)
        if out is None or not _same_numbers(column, out):
            return None
    return out


def _same_numbers(a: Array, b: Array) -> bool:
    """Whether numbers of two types are equal, NaN being equal to NaN. Integers of 64 bits are exact."""
    if a.dtype.kind == "f" and b.dtype.kind == "f":
        return np.array_equal(a, b, equal_nan=True)
    if a.dtype.kind == "f" or b.dtype.kind == "f":
        floats, integers = (a, b) if a.dtype.kind == "f" else (b, a)
        low, high = _range(integers.dtype)
        if not bool(((floats >= low) & (floats < high)).all()):
            return False
        back = np.array_equal(floats.astype(integers.dtype), integers)
        return back and np.array_equal(np.rint(floats), floats)
    if not np.array_equal(b.astype(a.dtype), a):
        return False
    return np.array_equal(a < 0, b < 0)


def _range(dtype: np.dtype[Any]) -> tuple[float, float]:
    if dtype.kind == "b":
        return 0.0, 2.0
    limits = np.iinfo(dtype)
    return float(limits.min), float(int(limits.max) + 1)


def _from_floats(column: Array, dtype: np.dtype[Any]) -> Array | None:
    """Floats as another type; NaN keep sign and payload, as a processor's conversion does not."""
    if dtype.kind != "f":
        minus_zero = np.signbit(column) & (column == 0)
        return None if minus_zero.any() or not np.isfinite(column).all() else column.astype(dtype)
    out = np.asarray(column.astype(dtype))
    nan = np.isnan(column)
    if not nan.any():
        return out
    old, new = _MANTISSA[column.dtype.itemsize], _MANTISSA[dtype.itemsize]
    bits = column[nan].view(f"u{column.dtype.itemsize}").astype(np.uint64)
    sign, payload = bits >> (8 * column.dtype.itemsize - 1), bits & ((1 << old) - 1)
    if new >= old:
        payload <<= new - old
    else:
        if (payload & ((1 << (old - new)) - 1)).any():
            return None
        payload >>= old - new
    width = 8 * dtype.itemsize
    exponent = ((1 << (width - 1 - new)) - 1) << new
    made = (sign << np.uint64(width - 1)) | np.uint64(exponent) | payload
    out[nan] = made.astype(f"u{dtype.itemsize}").view(dtype)
    return out


_MANTISSA = {2: 10, 4: 23, 8: 52}  # bits, by the bytes of a float


WITH_HEADERS = ("LAS", "E57", "PCD")  # formats whose headers say more than names and types of columns


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

    @property
    def beside(self) -> tuple[str, ...]:
        """Names of what the file holds beside its points: elements with rows, comments, a header that says
        more than names and types.
        """
        found = [f"element {element.name}" for element in self.elements if element.count]
        found += ["comments"] if self.comments else []
        return (*found, *([f"header of {self.format}"] if self.format in WITH_HEADERS and self.extra else []))
