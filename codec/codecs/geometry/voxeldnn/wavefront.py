"""The order in which a slice's voxels are coded: by t = x + 4y + 16z within their block, all blocks together.

A voxel's network state depends only on voxels within 3 planes, rows and columns that precede it in raster
order, and those have a smaller t. So the voxels of one t do not depend on each other, and 1,324 steps code
any number of 64-blocks.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from octavox.codec.arrays import Int64Array
from octavox.codec.models.sites import PAD, Layout, background_rows, inside_positions


def steps(size: int) -> int:
    """Number of wavefront steps of a block of edge `size`."""
    return 21 * (size - 1) + 1


@cache
def wave(size: int) -> tuple[Int64Array, Int64Array, Int64Array]:
    """(order, start, rows) of a block of edge `size`.

    order (size^3,): buffer positions relative to the block, by t, then raster; start (steps + 1,): where each
    t begins in it; rows (size^3,): the background row of each.
    """
    z, y, x = np.meshgrid(*[np.arange(size)] * 3, indexing="ij")
    t = (x + 4 * y + 16 * z).reshape(-1)
    by_time = np.argsort(t, kind="stable")
    start = np.searchsorted(t[by_time], np.arange(steps(size) + 1))
    return inside_positions(size)[by_time], start, background_rows(size)[by_time].astype(np.int64)


def local_xyz(layout: Layout, block: Int64Array, position: Int64Array) -> Int64Array:
    """(N, 3) coordinates x, y, z within their blocks of buffer positions (N,)."""
    row = layout.sizes[block] + 2 * PAD
    flat = position - layout.base[block]
    z, rest = np.divmod(flat, row * row)
    y, x = np.divmod(rest, row)
    return np.stack([x, y, z], 1) - PAD


def times(layout: Layout, block: Int64Array, position: Int64Array) -> Int64Array:
    """(N,) wavefront step of each position."""
    xyz = local_xyz(layout, block, position)
    return np.asarray(xyz @ np.array([1, 4, 16]), np.int64)


class Schedule:
    """For each step, the positions of its voxels in a layout's blocks, in their order, and their rows."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self._groups = [(layout.base[a:b, None], *wave(size)) for size, a, b in layout.groups()]
        self.steps = max((steps(size) for size, _, _ in layout.groups()), default=0)

    def step(self, t: int) -> tuple[Int64Array, Int64Array]:
        """(positions, background rows) of the voxels of step t, each (n,) int64, blocks in layout order."""
        positions, rows = [], []
        for base, order, start, row in self._groups:
            if t + 1 < len(start):
                span = slice(start[t], start[t + 1])
                positions.append((base + order[span]).reshape(-1))
                rows.append(np.tile(row[span], len(base)))
        return np.concatenate(positions), np.concatenate(rows)

    def zero_cost(self, zeros: Int64Array) -> Int64Array:
        """(steps,) int64 summed code length of empty voxels, were all voxels of a step without context.

        zeros: (rows,) code length of an empty voxel by background row.
        """
        total = np.zeros(self.steps, np.int64)
        for base, _, start, row in self._groups:
            prefix = np.concatenate([[0], np.cumsum(zeros[row])])
            total[: len(start) - 1] += len(base) * np.diff(prefix[start])
        return total
