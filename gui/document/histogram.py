"""Histogram of a column of the blocks: counts in even bins, and the filter that a brush over it means."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from octavox.codec import BlockTable

from .blocks import BlockFilter, column_of

BINS = 60


@dataclass(frozen=True)
class Histogram:
    """counts: (K,) blocks in each bin; edges: (K + 1,) rising. Values: finite numbers of one column."""

    column: str
    counts: npt.NDArray[np.int64]
    edges: npt.NDArray[np.float64]

    @staticmethod
    def of(blocks: BlockTable, column: str, bins: int = BINS) -> Histogram:
        """Bins over the whole range; whole numbers get a bin each where there are few of them."""
        values = np.asarray(column_of(column).values(blocks), np.float64)
        values = values[np.isfinite(values)]
        if not len(values):
            return Histogram(column, np.zeros(0, np.int64), np.zeros(1))
        low, high = float(values.min()), float(values.max())
        if (values == np.rint(values)).all() and high - low < bins:
            edges = np.arange(low, high + 2) - 0.5
        else:
            edges = np.linspace(low, high if high > low else low + 1.0, bins + 1)
        counts, _ = np.histogram(values, edges)
        return Histogram(column, counts.astype(np.int64), edges)

    def __len__(self) -> int:
        return len(self.counts)

    def bin_of(self, value: float) -> int | None:
        """The bin that holds a value, or None."""
        if not len(self) or not self.edges[0] <= value <= self.edges[-1]:
            return None
        place = int(np.searchsorted(self.edges, value, side="right")) - 1
        return min(place, len(self) - 1)

    def holds(self, first: int, last: int) -> bool:
        """Whether there is any block in bins first..last, in either order."""
        return bool(self.counts[min(first, last) : max(first, last) + 1].any())

    def brushed(self, first: int, last: int) -> BlockFilter:
        """Keeps the blocks in bins first..last, both included; all of them: no filter."""
        first, last = max(0, min(first, last)), min(len(self) - 1, max(first, last))
        if first == 0 and last == len(self) - 1:
            return BlockFilter(self.column)
        high = float(self.edges[last + 1])
        if last < len(self) - 1:  # a bin ends before its upper edge
            high = float(np.nextafter(high, -np.inf))
        return BlockFilter(self.column, float(self.edges[first]), high)
