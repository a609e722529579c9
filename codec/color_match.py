"""Pairs the points of two clouds whose colours may differ by a bound, and everything else not at all."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .arrays import BoolArray, Int64Array
from .cloud.cloud import PointCloud
from .cloud.records import count_differences, keys_of, record_columns
from .color_loss import color_loss
from .report import ColorLoss

MOST_PAIRED = 256  # equal points among which the best pairs are looked for


def match_within(
    original: PointCloud, cloud: PointCloud, names: list[str], bounded: list[str], bound: int
) -> tuple[int, int, ColorLoss | None]:
    """Points of each cloud that the other one lacks, and how far colours are off.

    names: of the properties that have to be the same. bounded: red, green, blue, as far as they may be off by
    `bound`. Points that are equal but for their colours are paired so that all are within the bound, if
    their order or a matching of at most MOST_PAIRED of them allows.
    """
    ours, theirs = (keys_of(record_columns(one, names)) for one in (original, cloud))
    lost, added = count_differences(ours, theirs)
    if lost or added:
        return lost, added, None
    fields = (ours.dtype.names or ())[::-1]  # the first counts most
    mine, found = (np.lexsort([keys[name] for name in fields]) for keys in (ours, theirs))
    colours = [_colours(one, bounded)[rows] for one, rows in ((original, mine), (cloud, found))]
    runs = np.flatnonzero(np.concatenate([[True], ours[mine][1:] != ours[mine][:-1], [True]]))
    _pair(colours[0], colours[1], runs, bound)
    outside = int((np.abs(colours[0] - colours[1]).max(axis=1) > bound).sum())
    kinds = [original.attributes[name] for name in bounded]
    typed = [[own[:, k].astype(kind.dtype) for k, kind in enumerate(kinds)] for own in colours]  # type: ignore[union-attr]
    return outside, outside, color_loss(typed[0], typed[1], bound) if len(bounded) == 3 else None


def _colours(cloud: PointCloud, names: list[str]) -> Int64Array:
    return np.stack([np.asarray(cloud.attributes[name], np.int64) for name in names], axis=1)


def _pair(ours: Int64Array, theirs: Int64Array, runs: Int64Array, bound: int) -> None:
    """Reorders the rows of `theirs` in each run where that brings all pairs within the bound."""
    outside = np.abs(ours - theirs).max(axis=1) > bound
    places = np.flatnonzero(outside)
    for run in np.unique(np.searchsorted(runs, places, side="right") - 1).tolist():
        own = slice(int(runs[run]), int(runs[run + 1]))
        count = own.stop - own.start
        if 1 < count <= MOST_PAIRED:
            fits = np.abs(ours[own, None] - theirs[None, own]).max(axis=2) <= bound
            theirs[own] = theirs[own][_matching(fits)]
        elif count > 1:
            a, b = (np.lexsort(some[own].T) for some in (ours, theirs))
            ordered = theirs[own][b]
            theirs[own][a] = ordered


def _matching(fits: BoolArray) -> npt.NDArray[np.int64]:
    """(n,) a column for each row, each once, of which as many fit as can (augmenting paths, Kuhn 1955)."""
    count = len(fits)
    row_of = np.full(count, -1)

    def found(row: int, seen: BoolArray) -> bool:
        for column in np.flatnonzero(fits[row] & ~seen).tolist():
            if seen[column]:
                continue
            seen[column] = True
            if row_of[column] < 0 or found(int(row_of[column]), seen):
                row_of[column] = row
                return True
        return False

    for row in range(count):
        found(row, np.zeros(count, bool))
    columns = np.full(count, -1)
    columns[row_of[row_of >= 0]] = np.flatnonzero(row_of >= 0)
    columns[columns < 0] = np.flatnonzero(row_of < 0)
    return columns
