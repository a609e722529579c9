"""Cells of a cloud that stays on disk, and which rows of the file lie in each.

A pass over the file counts the points of each cell of a grid; a counting sort then lists the rows by cell.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from octavox.codec.arrays import BoolArray
from octavox.codec.cloud.columns import Array
from octavox.codec.formats.tables import RowTable
from octavox.codec.job import JobContext

from .rows import Rows

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Ids = npt.NDArray[np.uint16]

MOST_CELLS = (1 << 16) - 1  # the last number is that of points without a place
_NOWHERE = MOST_CELLS
PART = 1 << 17  # rows of the pass over the file
_SORTED = 1 << 20  # rows that are sorted at once
_SHARES = (0.001, 0.999)  # of the points of a sample, between which the grid lies
_GOLDEN = (math.sqrt(5) - 1) / 2


@dataclass(frozen=True)
class CellGrid:
    """Equal boxes in stored numbers. low: (3,) corner. edge: (3,) of a box. shape: how many along each axis.

    Boxes at the border also take the points beyond it.
    """

    low: Floats
    edge: Floats
    shape: tuple[int, int, int]

    @staticmethod
    def of(coords: Array, scale: tuple[float, float, float]) -> CellGrid:
        """For a cloud of which (N, 3) stored numbers are a sample: as cubic as can be, MOST_CELLS at most."""
        good = coords[np.isfinite(coords).all(axis=1)] if coords.dtype.kind == "f" else coords
        sample = good.astype(np.float64) if len(good) else np.zeros((1, 3))
        low, high = np.quantile(sample, _SHARES, axis=0)
        steps = np.abs(np.array(scale))
        span = np.maximum((high - low) * steps, 0.0)  # in the units of the file
        longest = float(span.max()) or 1.0
        span = np.maximum(span, longest * 1e-6)
        small, large = longest * 1e-5, longest * 1.01
        for _ in range(60):  # the smallest edge with few enough boxes
            edge = math.sqrt(small * large)
            fits = math.prod(int(n) for n in np.ceil(span / edge)) <= MOST_CELLS
            small, large = (small, edge) if fits else (edge, large)
        x, y, z = (max(1, int(n)) for n in np.ceil(span / large))
        return CellGrid(low, np.asarray(span / np.array([x, y, z]) / steps, np.float64), (x, y, z))

    def ids(self, axes: list[Array]) -> Ids:
        """Which box each point lies in, by three columns (n,); MOST_CELLS for those without a place."""
        found = np.zeros(len(axes[0]), np.int32)
        lost: BoolArray | None = None
        for k, column in enumerate(axes):
            values = column.astype(np.float64)
            if column.dtype.kind == "f":
                finite = np.isfinite(values)
                if not finite.all():
                    lost = ~finite if lost is None else lost | ~finite
                    values[~finite] = self.low[k]
            values -= self.low[k]
            values *= 1.0 / self.edge[k]
            np.clip(values, 0, self.shape[k] - 1, out=values)
            found *= self.shape[k]
            found += values.astype(np.int32)
        if lost is not None:
            found[lost] = _NOWHERE
        return np.asarray(found, np.uint16)

    def corners(self, ids: Ints) -> Floats:
        """(n, 3) low corners of boxes."""
        _, ny, nz = self.shape
        places = np.stack([ids // (ny * nz), ids // nz % ny, ids % nz], axis=1)
        return np.asarray(self.low + places * self.edge, np.float64)


@dataclass(frozen=True)
class CellIndex:
    """The C cells that hold points.

    low, high: (C, 3) boxes in stored numbers, which hold all points of the cell. counts: (C,). starts:
    (C + 1,) where the rows of each cell begin in `rows`: (N,) numbers of rows. nowhere: how many points have
    no place. bounds: least and largest stored number of each axis.
    """

    low: Floats
    high: Floats
    counts: Ints
    starts: Ints
    rows: npt.NDArray[np.unsignedinteger]
    nowhere: int
    bounds: tuple[Floats, Floats]

    def choose(self, wanted: Ints) -> Rows:
        """Rows of so many points of each cell (C,), from all over the cell; all of it where it has no more.

        A smaller number gives a part of what a larger one gives: points are taken in steps of the golden
        ratio (Weyl's sequence), in whole numbers without common divisors, so that each is met once.
        """
        taken = np.minimum(np.maximum(wanted, 0), self.counts)
        total = int(taken.sum())
        cell = np.repeat(np.arange(len(taken)), taken)
        number = np.arange(total) - np.repeat(np.cumsum(taken) - taken, taken)
        place = number * _strides(self.counts)[cell] % self.counts[cell]
        return np.sort(self.rows[self.starts[cell] + place].astype(np.int64))


def _strides(counts: Ints) -> Ints:
    """(C,) numbers near the golden part of each count that have no common divisor with it."""
    steps: Ints = np.maximum(1, np.rint(counts * _GOLDEN).astype(np.int64))
    while (shared := np.gcd(steps, counts) > 1).any():
        steps[shared] += 1
    return steps


class Indexing:
    """The pass over a file that finds which cell each row lies in, and the sort that follows.

    parts: of all records of the table, one after the other, some at a time. look: called with each part as it
    comes from the file: the number of the first row, and (n,) records.
    """

    def __init__(self, parts: Iterable[Array], table: RowTable, grid: CellGrid) -> None:
        self._parts, self._table, self._grid = parts, table, grid
        names = [f.name for f in table.fields]
        self._axes = [f"f{names.index(axis)}" for axis in table.axes]
        self._low, self._high = np.full(3, np.inf), np.full(3, -np.inf)

    def run(
        self,
        job: JobContext,
        look: Callable[[int, Array], None] = lambda first, records: None,
        tell: Callable[[float], None] = lambda share: None,
    ) -> CellIndex:
        """tell: called with the share of the work that is done. Raises as the parts do; CancelledError."""
        rows = self._table.rows
        ids, counts = np.empty(rows, np.uint16), np.zeros(MOST_CELLS + 1, np.int64)
        first = 0
        for records in self._parts:
            job.check()
            part = slice(first, first + len(records))
            axes = [records[name] for name in self._axes]
            ids[part] = found = self._grid.ids(axes)
            counts += np.bincount(found, minlength=MOST_CELLS + 1)
            self._extend(axes)
            look(first, records)
            first = part.stop
            tell(0.6 * first / rows)
        return self._index(ids, counts, job, tell)

    def _extend(self, axes: list[Array]) -> None:
        for k, column in enumerate(axes):
            good = column[np.isfinite(column)] if column.dtype.kind == "f" else column
            if len(good):
                self._low[k] = min(self._low[k], float(good.min()))
                self._high[k] = max(self._high[k], float(good.max()))

    def _index(self, ids: Ids, counts: Ints, job: JobContext, tell: Callable[[float], None]) -> CellIndex:
        starts = np.zeros(MOST_CELLS + 2, np.int64)
        np.cumsum(counts, out=starts[1:])
        kind = np.uint32 if len(ids) < 1 << 32 else np.uint64
        rows: npt.NDArray[np.unsignedinteger] = np.empty(len(ids), kind)
        following = starts[:-1].copy()
        for part in job.parts(len(ids), _SORTED):
            some = ids[part]
            order = np.argsort(some, kind="stable")  # of 16 bits: a radix sort
            ordered, own = some[order], np.bincount(some, minlength=MOST_CELLS + 1)
            place = np.arange(len(some)) + (following - (np.cumsum(own) - own))[ordered]
            rows[place] = part.start + order
            following += own
            tell(0.6 + 0.4 * part.stop / len(ids))
        nowhere = int(counts[_NOWHERE])
        held = np.flatnonzero(counts[:_NOWHERE])
        low, high = self._boxes(held)
        edges = np.append(starts[held], starts[_NOWHERE])
        return CellIndex(low, high, counts[held], edges, rows, nowhere, (self._low, self._high))

    def _boxes(self, held: Ints) -> tuple[Floats, Floats]:
        """Boxes of cells; those at the border reach as far as points do."""
        grid = self._grid
        low = grid.corners(held)
        high = low + grid.edge
        for k in range(3):
            first, last = (
                low[:, k] <= grid.low[k],
                high[:, k] >= grid.low[k] + grid.edge[k] * (grid.shape[k] - 0.5),
            )
            low[first, k] = np.minimum(low[first, k], self._low[k])
            high[last, k] = np.maximum(high[last, k], self._high[k])
        return low, high
