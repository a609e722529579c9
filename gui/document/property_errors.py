"""How far the properties of decoded points lie from those of the original, point by point.

Points of both clouds belong together where they lie in one voxel: the first of the original with the first of
the decoded cloud, and so on, as bitstreams keep their order. If that leaves differences, they are put in the
order of their properties and compared anew: files may hold equal points in another order. Where the decoded
cloud has fewer points in a voxel, as with merged points, its last one stands for all further ones.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from octavox.codec import ListColumn

from . import text
from .colormap import HEAT_TABLE, Scale
from .colour_modes import COLOUR_ERROR, ERROR
from .difference import Difference
from .items import CloudItem
from .point_data import PointData
from .words import tr

Array = npt.NDArray[Any]
Rows = npt.NDArray[np.int64]
COLOUR = ("red", "green", "blue")


@dataclass(frozen=True)
class PropertyError:
    """The comparison of one property. name: COLOUR_ERROR for the largest error of red, green and blue.

    there: whether the decoded cloud has it. identical: every bit of every value is the same. largest, mean:
    of the absolute errors; infinite where a number became none. alone: points without a counterpart.
    """

    name: str
    there: bool = True
    identical: bool = False
    largest: float = 0.0
    mean: float = 0.0
    alone: int = 0


@dataclass(frozen=True)
class PropertyErrors:
    """found: of each property of the original. maps: by point mode, of those that differ; for both views."""

    found: tuple[PropertyError, ...]
    maps: dict[str, Difference]


@dataclass(frozen=True)
class _Pairs:
    """Points that belong together. a, b: (P,) rows of both clouds; voxel_a, voxel_b: (P,) the drawn voxels
    that they lie in, -1 for none. alone: points of the original without a counterpart."""

    a: Rows
    b: Rows
    voxel_a: Rows
    voxel_b: Rows
    alone: int


def property_errors(a: CloudItem, b: CloudItem, check: Callable[[], None] = lambda: None) -> PropertyErrors:
    """a: the original, b: the decoded cloud, on one grid. check: called repeatedly; may raise."""
    if a.source is None or b.source is None:
        return PropertyErrors((), {})
    first, second = (_data(item, check) for item in (a, b))
    found = _compared(a, b, _pairs(a, b, first, second), check)
    several = bool((np.diff(first.starts) > 1).any())
    if several and any(one.there and not one.identical for one in found.found):
        names = [name for name in a.source.attributes if name in b.source.attributes]
        first, second = (_by_value(item, data, names) for item, data in ((a, first), (b, second)))
        other = _compared(a, b, _pairs(a, b, first, second), check)
        if all(one.identical for one in other.found if one.there):
            return other
    return found


def _compared(a: CloudItem, b: CloudItem, pairs: _Pairs, check: Callable[[], None]) -> PropertyErrors:
    assert a.source is not None and b.source is not None
    found: list[PropertyError] = []
    maps: dict[str, Difference] = {}
    colour: list[npt.NDArray[np.float64]] = []
    for name, column in a.source.attributes.items():
        check()
        other = b.source.attributes.get(name)
        if other is None or isinstance(column, ListColumn) or isinstance(other, ListColumn):
            found.append(_of_lists(name, column, other, pairs))
            continue
        error = absolute_errors(column[pairs.a], other[pairs.b])
        found.append(_summed(name, error, column[pairs.a], other[pairs.b], pairs))
        if error.any():
            maps[ERROR + name] = _map(found[-1], error, pairs, a, b)
        if name in COLOUR:
            colour.append(error)
    if len(colour) == len(COLOUR) and any(error.any() for error in colour):
        largest = np.maximum.reduce(colour)
        summed = PropertyError(COLOUR_ERROR, True, False, *_size(largest), pairs.alone)
        maps = {COLOUR_ERROR: _map(summed, largest, pairs, a, b), **maps}
        found.insert(0, summed)
    return PropertyErrors(tuple(found), maps)


def _by_value(item: CloudItem, data: PointData, names: list[str]) -> PointData:
    """The points of each voxel in the order of their properties."""
    columns = [] if item.source is None else [item.source.attributes[name] for name in names]
    keys = [c[data.order] for c in columns if not isinstance(c, ListColumn) and c.ndim == 1]
    voxels = np.repeat(np.arange(len(data.starts) - 1), np.diff(data.starts))
    return PointData(data.order[np.lexsort([*keys, voxels])], data.starts)


def _pairs(a: CloudItem, b: CloudItem, ours: PointData, theirs: PointData) -> _Pairs:
    counts_a, counts_b = np.diff(ours.starts), np.diff(theirs.starts)
    if len(b.display):
        there = np.searchsorted(b.display.codes, a.display.codes)
        there = np.minimum(there, len(b.display) - 1)
        shared = (b.display.codes[there] == a.display.codes) & (counts_b[there] > 0) & (counts_a > 0)
    else:
        there, shared = np.zeros(len(a.display), np.int64), np.zeros(len(a.display), bool)
    voxel_a = np.repeat(np.arange(len(counts_a)), counts_a)
    rank = np.arange(len(voxel_a)) - np.repeat(ours.starts[:-1], counts_a)
    keep = shared[voxel_a]
    voxel_a, rank, rows_a = voxel_a[keep], rank[keep], ours.order[keep]
    voxel_b = there[voxel_a]
    rows_b = theirs.order[theirs.starts[voxel_b] + np.minimum(rank, counts_b[voxel_b] - 1)]
    strays_a, strays_b = (_strays(item, data) for item, data in ((a, ours), (b, theirs)))
    both = min(len(strays_a), len(strays_b))  # points without a voxel keep their order, too
    alone = len(a.points) - len(rows_a) - both
    nowhere = np.full(both, -1, np.int64)
    return _Pairs(
        np.concatenate([rows_a, strays_a[:both]]),
        np.concatenate([rows_b, strays_b[:both]]),
        np.concatenate([voxel_a, nowhere]),
        np.concatenate([voxel_b, nowhere]),
        alone,
    )


def _data(item: CloudItem, check: Callable[[], None]) -> PointData:
    return item.data or PointData.of(item.points, item.display.cloud, check)


def _strays(item: CloudItem, data: PointData) -> Rows:
    """Points that lie in no voxel."""
    out = np.ones(len(item.points), bool)
    out[data.order] = False
    return np.flatnonzero(out)


def absolute_errors(ours: Array, theirs: Array) -> npt.NDArray[np.float64]:
    """(n,) absolute differences of values (n,) or (n, C), of several the largest.

    0 only where values are equal, infinite where one is a number and the other is none.
    """
    if ours.ndim == 2 or theirs.ndim == 2:
        if ours.shape != theirs.shape:
            return np.full(len(ours), np.inf)
        parts = [absolute_errors(ours[:, k], theirs[:, k]) for k in range(ours.shape[1])]
        return np.maximum.reduce(parts) if parts else np.zeros(len(ours))
    with np.errstate(all="ignore"):
        equal = (ours == theirs) | ((ours != ours) & (theirs != theirs))
        error = np.abs(ours.astype(np.float64) - theirs.astype(np.float64))
    error[~np.isfinite(error)] = np.inf
    error[~equal & (error == 0)] = 1.0  # neighbouring whole numbers beyond 2^53
    error[equal] = 0.0
    return error


def _same_bits(ours: Array, theirs: Array) -> bool:
    """Whether values are the same to the last bit, NaN and the sign of zero included."""
    if ours.dtype != theirs.dtype or ours.shape != theirs.shape:
        return False
    width = f"u{ours.dtype.itemsize}"
    return np.array_equal(np.ascontiguousarray(ours).view(width), np.ascontiguousarray(theirs).view(width))


def _summed(
    name: str, error: npt.NDArray[np.float64], ours: Array, theirs: Array, pairs: _Pairs
) -> PropertyError:
    identical = pairs.alone == 0 and _same_bits(ours, theirs)
    return PropertyError(name, True, identical, *_size(error), pairs.alone)


def _size(error: npt.NDArray[np.float64]) -> tuple[float, float]:
    """The largest and the mean error."""
    return (float(error.max()), float(error.mean())) if len(error) else (0.0, 0.0)


def _of_lists(name: str, ours: Any, theirs: Any, pairs: _Pairs) -> PropertyError:
    """Of a property that is not there, or of lists, which are compared as a whole."""
    if not (isinstance(ours, ListColumn) and isinstance(theirs, ListColumn)):
        return PropertyError(name, theirs is not None, False, np.inf, np.inf, pairs.alone)
    a, b = _lists(ours, pairs.a), _lists(theirs, pairs.b)
    same = pairs.alone == 0 and ours.values.dtype == theirs.values.dtype and a == b
    size = 0.0 if same else np.inf
    return PropertyError(name, True, same, size, size, pairs.alone)


def _lists(column: ListColumn, rows: Rows) -> list[bytes]:
    ends = np.concatenate([[0], np.cumsum(column.lengths.astype(np.int64))]).tolist()
    return [column.values[ends[row] : ends[row + 1]].tobytes() for row in rows.tolist()]


def _map(
    found: PropertyError, error: npt.NDArray[np.float64], pairs: _Pairs, a: CloudItem, b: CloudItem
) -> Difference:
    """The largest error of the points of each voxel, in both views."""
    finite = np.where(np.isfinite(error), error, np.float64(np.finfo(np.float32).max))
    sides = []
    for voxels, display in ((pairs.voxel_a, a.display), (pairs.voxel_b, b.display)):
        values = np.zeros(len(display))
        on = voxels >= 0
        np.maximum.at(values, voxels[on], finite[on])
        sides.append(values.astype(np.float32))
    known = error[np.isfinite(error)]
    scale, clipped = Scale.of(known, HEAT_TABLE)
    title = error_title(found.name)
    legend = replace(scale.legend(title, "", clipped), note=_summary(found))
    return Difference(sides[0], sides[1], scale, legend, title)


def error_title(name: str) -> str:
    """What a heat map of the errors of a property is called."""
    return tr("Error of the colour") if name == COLOUR_ERROR else tr("Error of {name}", name=name)


def _summary(found: PropertyError) -> str:
    return tr("up to {most}, {mean} on average", most=_number(found.largest), mean=_number(found.mean))


def _number(value: float) -> str:
    return text.number(value) if np.isfinite(value) else "∞"


def error_words(found: PropertyError) -> str:
    """What a comparison found of a property, in a line."""
    if not found.there:
        return tr("not stored")
    if found.identical:
        return tr("identical")
    words = _summary(found)
    if not found.largest:
        words = tr("equal numbers, other bits") if not found.alone else tr("identical where points are")
    if found.alone:
        words = f"{words}; {tr('{n} points without a counterpart', n=text.count(found.alone))}"
    return words
