"""Histogram of a column of the blocks: counts in even bins, and the filter that a brush over it means."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from octavox.codec import BlockTable

from .blocks import BlockFilter, column_of

BINS = 60
LOGARITHMIC = 20  # blocks in the highest bar, from which on heights are logarithmic


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

    @property
    def logarithmic(self) -> bool:
        """Whether heights are logarithmic, so that bars of few blocks are seen beside high ones."""
        return len(self) > 0 and int(self.counts.max()) > LOGARITHMIC

    def height(self, count: float) -> float:
        """Of a bar of so many blocks, as a share of the highest."""
        most = float(self.counts.max())
        return float(np.log1p(count) / np.log1p(most)) if self.logarithmic else count / most

    def ticks(self) -> list[int]:
        """Numbers of blocks at the vertical axis: powers of ten where it is logarithmic."""
        most = int(self.counts.max()) if len(self) else 0
        if self.logarithmic:
            powers = [10**k for k in range(len(str(most)))]
            return powers if most < 2 * powers[-1] else [*powers, most]
        step = max(1, -(-most // 4))
        return list(range(step, most + 1, step))

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
