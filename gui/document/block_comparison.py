"""Two bitstreams of one cloud, place by place: which spends more bits where."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from octavox.codec import BlockTable

from .blocks import Rows, same_blocks

Values = npt.NDArray[np.float64]


@dataclass(frozen=True)
class BlockComparison:
    """One row per place, P of them. bits_a, bits_b: flags included; points: of A, or of B where A has none.

    origin (P, 3) and size (P,): the blocks themselves where both streams have the same, else the cubes of
    their largest block. row: (P,) most expensive block of A in each, -1 where A has none.
    """

    origin: npt.NDArray[np.int32]
    size: npt.NDArray[np.int32]
    points: npt.NDArray[np.int64]
    bits_a: Values
    bits_b: Values
    row: Rows

    def __len__(self) -> int:
        return len(self.size)

    @property
    def delta(self) -> Values:
        """Bits that B spends more than A."""
        return self.bits_b - self.bits_a

    @property
    def share(self) -> Values:
        """The same as a share of A's, in per cent; infinite where A spends none."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(100 * self.delta / self.bits_a, np.float64)


def compare_blocks(a: BlockTable, b: BlockTable) -> BlockComparison:
    """Compare the costs of two block tables."""
    bits_a, bits_b = a.bits + a.flag_bits, b.bits + b.flag_bits
    if same_blocks(a, b):
        return BlockComparison(a.origin, a.size, a.points, bits_a, bits_b, np.arange(len(a)))
    edge = int(max(a.size.max(initial=1), b.size.max(initial=1)))
    cubes, place = np.unique(np.vstack([a.origin, b.origin]) // edge, axis=0, return_inverse=True)
    in_a, in_b = place.ravel()[: len(a)], place.ravel()[len(a) :]
    count = len(cubes)
    points_a, points_b = (
        np.bincount(where, points, count).astype(np.int64)
        for where, points in ((in_a, a.points), (in_b, b.points))
    )
    row = np.full(count, -1, np.int64)
    cheap_first = np.argsort(bits_a, kind="stable")
    row[in_a[cheap_first]] = cheap_first  # the last one written is the most expensive
    return BlockComparison(
        (cubes * edge).astype(np.int32),
        np.full(count, edge, np.int32),
        np.where(points_a > 0, points_a, points_b),
        np.asarray(np.bincount(in_a, bits_a, count), np.float64),
        np.asarray(np.bincount(in_b, bits_b, count), np.float64),
        row,
    )
