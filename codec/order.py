"""The stage of order: where in their file the points were that a stream holds in the order of their voxels.

Files of voxels are often sorted by their coordinates; then a byte says all. Otherwise the rows are stored as
differences, of whichever of both directions takes fewer bytes.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from .cloud.lattice import Array
from .codecs.attributes.packing import pack_column, unpack_column
from .errors import CorruptStreamError

Int64Array = npt.NDArray[np.int64]
ROWS, PLACES, SORTED = 0, 1, 2  # what the first byte says; from SORTED on, by which axes
_AXES = list(itertools.permutations(range(3)))
_SIGNS = list(itertools.product((1, -1), repeat=3))


def encode_order(rows: Int64Array, axes: list[Array]) -> bytes:
    """rows: (N,) the row in the file of each decoded point. axes: (N,) its stored x, y and z."""
    if not len(rows):
        return b""
    places = _inverse(rows)
    for number, (axis, sign) in enumerate(itertools.product(_AXES, _SIGNS)):
        if _may_be_sorted(axes, places, axis, sign) and np.array_equal(_sorted(axes, axis, sign), places):
            return bytes([SORTED + number])
    found = (bytes([kind]) + pack_column(np.diff(some, prepend=0)) for kind, some in ((0, rows), (1, places)))
    return min(found, key=len)


def decode_order(payload: bytes, axes: list[Array]) -> Int64Array:
    """(N,) the decoded point that each row of the file has. Raises CorruptStreamError."""
    count = len(axes[0])
    if not count and not payload:
        return np.empty(0, np.int64)
    if not payload:
        raise CorruptStreamError("the order is empty", field="order", byte=0)
    kind = payload[0]
    if kind >= SORTED:
        number = kind - SORTED
        if len(payload) > 1 or number >= len(_AXES) * len(_SIGNS):
            raise CorruptStreamError(f"order {kind} is not known", field="order", byte=0)
        return _sorted(axes, _AXES[number // len(_SIGNS)], _SIGNS[number % len(_SIGNS)])
    steps = unpack_column(payload[1:], np.dtype(np.int64), count)
    with np.errstate(over="ignore"):
        found = np.cumsum(steps)
    seen = np.zeros(count, bool)
    if found.min() < 0 or found.max() >= count:
        raise CorruptStreamError("rows outside the file", field="order", byte=1)
    seen[found] = True
    if not seen.all():
        raise CorruptStreamError("a row twice", field="order", byte=1)
    return found if kind == PLACES else _inverse(found)


def _inverse(rows: Int64Array) -> Int64Array:
    places = np.empty(len(rows), np.int64)
    places[rows] = np.arange(len(rows))
    return places


def _keys(axes: list[Array], axis: tuple[int, ...], sign: tuple[int, ...]) -> Iterator[Array]:
    """The columns to sort by, the most significant first."""
    from .cloud.rough import keys_of_numbers

    for k, direction in zip(axis, sign):
        keys = keys_of_numbers(axes[k])
        yield keys if direction > 0 else ~keys


def _sorted(axes: list[Array], axis: tuple[int, ...], sign: tuple[int, ...]) -> Int64Array:
    """(N,) decoded points by these axes; equal ones stay in their order."""
    return np.lexsort(list(_keys(axes, axis, sign))[::-1])


def _may_be_sorted(
    axes: list[Array], places: Int64Array, axis: tuple[int, ...], sign: tuple[int, ...]
) -> bool:
    """Whether a sample of neighbours in the file is in that order."""
    some = places[: min(len(places), 1 << 12)]
    by_axis = list(_keys([column[some] for column in axes], axis, sign))
    later = np.zeros(len(some) - 1, bool)
    equal = np.ones(len(some) - 1, bool)
    for keys in by_axis:
        later |= equal & (keys[1:] > keys[:-1])
        equal &= keys[1:] == keys[:-1]
    return bool((later | equal).all())
