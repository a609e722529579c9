"""The coded blocks of a slice: their places, their order, and their rows in the block table."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from octavox.codec.arrays import BoolArray, Float64Array, Int64Array
from octavox.codec.blocks import BLOCK_SIZE, BlockTable

from .costs import COST_BITS


@dataclass(frozen=True)
class Leaves:
    """number (L,): index of the enclosing 64-block in the slice; origin (L, 3): local to it; size (L,)."""

    number: Int64Array
    origin: Int64Array
    size: Int64Array

    def __len__(self) -> int:
        return len(self.size)

    def key(self) -> Int64Array:
        """(L,) one number for each block, unique in the slice."""
        level = np.log2(BLOCK_SIZE // self.size).astype(np.int64)
        n, c = BLOCK_SIZE // self.size, self.origin // self.size[:, None]
        child = (c[:, 0] * n + c[:, 1]) * n + c[:, 2]
        return np.asarray(((self.number * 8 + level) << 12) | child, np.int64)

    def take(self, index: BoolArray | Int64Array) -> Leaves:
        return Leaves(self.number[index], self.origin[index], self.size[index])

    def in_layout_order(self) -> Leaves:
        """Largest first, otherwise as given: equal sizes must be adjacent in a Layout."""
        return self.take(np.argsort(-self.size, kind="stable"))

    @staticmethod
    def of(found: list[tuple[int, list[tuple[int, int, int, int]]]]) -> Leaves:
        """From the flag coder's leaves of each 64-block: (number, [(x, y, z, size), ...])."""
        number = np.repeat([n for n, _ in found], [len(leaves) for _, leaves in found]).astype(np.int64)
        rows = np.array([leaf for _, leaves in found for leaf in leaves], np.int64).reshape(-1, 4)
        return Leaves(number, rows[:, :3], rows[:, 3])

    @staticmethod
    def concatenate(parts: list[Leaves]) -> Leaves:
        return Leaves(
            np.concatenate([p.number for p in parts]),
            np.concatenate([p.origin for p in parts]),
            np.concatenate([p.size for p in parts]),
        )


def block_table(
    leaves: Leaves,
    corner64: Int64Array,
    points: Int64Array,
    cost: Int64Array,
    flag_bits: Float64Array,
    slice_index: int,
    whole: Int64Array | None = None,
    split: Int64Array | None = None,
) -> BlockTable:
    """Rows of a slice's coded blocks, in layout order.

    corner64 (n, 3): voxel coordinates of the slice's 64-blocks; flag_bits (n,): bits of their flags, which
    divided evenly among their leaves; cost, whole, split (L,) in units of 2**-40 bit, a negative split being
    unknown.
    """
    share = flag_bits[leaves.number] / np.bincount(leaves.number, minlength=len(corner64))[leaves.number]
    unit = 2.0**-COST_BITS
    return BlockTable.make(
        corner64[leaves.number] + leaves.origin,
        leaves.size,
        points,
        cost * unit,
        share,
        slice_index,
        np.nan if whole is None else whole * unit,
        np.nan if split is None else np.where(split < 0, np.nan, split * unit),
    )
