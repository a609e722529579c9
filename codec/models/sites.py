"""Where VoxelDNN computes: the active sites of many blocks, and the rows of their causal neighbours.

Blocks lie one after the other in flat buffers, each with 3 voxels of padding before z and on both
sides of y and x, and a gap after the last block of a size. So `position + offset` of a causal neighbour,
and `position - offset` of a voxel that has this one as its neighbour, lies in the same block or in padding.

A site is active when its causal 7^3 window (the first layer's receptive field, paper section 3.2)
holds an occupied voxel. Everywhere else the network's state depends only on the distance to the block's
faces; those states are computed once, as the sites of two small empty blocks (`background`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from octavox.codec.arrays import Int32Array, Int64Array

PAD = 3
SIZES = (64, 32, 16, 8, 4)
REACH = 4  # reach of two 5^3 layers: faces that are farther away make no difference

_FACE = 2 * REACH + 1
BACKGROUND_SHAPES = ((REACH + 1, _FACE, _FACE), (4, 4, 4))  # (z, y, x): sizes of 8 and more, size 4
BACKGROUND_ROWS = sum(int(np.prod(s)) for s in BACKGROUND_SHAPES)
FIRST_ROW = 1 + BACKGROUND_ROWS  # row 0 is the zero padding


def causal_offsets(radius: int, *, centre: bool) -> Int64Array:
    """(K, 3) offsets (dz, dy, dx) of a masked kernel in raster order: type B with `centre`, else type A."""
    r = np.arange(-radius, radius + 1)
    grid = np.stack(np.meshgrid(r, r, r, indexing="ij"), -1).reshape(-1, 3)
    middle = len(grid) // 2
    return grid[: middle + 1] if centre else grid[:middle]


WINDOW = causal_offsets(3, centre=False)  # (171, 3)
KERNEL = causal_offsets(2, centre=True)  # (63, 3)


def strides(size: int) -> tuple[int, int]:
    """Buffer steps to the next (plane, row) of a padded block of edge `size`."""
    row = size + 2 * PAD
    return row * row, row


def cells(size: int) -> int:
    """The number of buffer cells of a padded block of edge `size`."""
    return (size + PAD) * (size + 2 * PAD) ** 2


def flat_offsets(offsets: Int64Array, size: int) -> Int64Array:
    """(K,) buffer steps of offsets (K, 3) in a block of edge `size`."""
    plane, row = strides(size)
    return np.asarray(offsets @ np.array([plane, row, 1]), np.int64)


@cache
def inside_positions(size: int) -> Int64Array:
    """(size^3,) buffer positions of a block's voxels, relative to the block, in raster order (z, y, x)."""
    plane, row = strides(size)
    z, y, x = np.meshgrid(*[np.arange(size)] * 3, indexing="ij")
    return ((z + PAD) * plane + (y + PAD) * row + x + PAD).reshape(-1)


@cache
def background_rows(size: int) -> Int32Array:
    """(size^3,) row of the background state of each voxel of a block of edge `size`, in raster order."""
    c = np.arange(size)
    if size == 4:
        z = y = c
        shape, first = BACKGROUND_SHAPES[1], 1 + int(np.prod(BACKGROUND_SHAPES[0]))
    else:
        far = size - 1 - c
        y = np.where(c < REACH, c, np.where(far < REACH, 2 * REACH - far, REACH))
        z = np.minimum(c, REACH)
        shape, first = BACKGROUND_SHAPES[0], 1
    rows = first + (z[:, None, None] * shape[1] + y[None, :, None]) * shape[2] + y[None, None, :]
    return rows.reshape(-1).astype(np.int32)


@cache
def background_neighbours() -> Int32Array:
    """(BACKGROUND_ROWS, 63) rows of the causal neighbours of the background sites themselves."""
    out, first = [], 1
    for shape in BACKGROUND_SHAPES:
        at = np.stack(np.meshgrid(*[np.arange(n) for n in shape], indexing="ij"), -1).reshape(-1, 1, 3)
        near = at + KERNEL[None]
        inside = ((near >= 0) & (near < np.array(shape))).all(-1)
        flat = (near[..., 0] * shape[1] + near[..., 1]) * shape[2] + near[..., 2]
        out.append(np.where(inside, first + flat, 0))
        first += int(np.prod(shape))
    return np.concatenate(out).astype(np.int32)


@dataclass
class Layout:
    """Flat buffers of a list of blocks. Blocks of one size must be adjacent in the list."""

    sizes: Int64Array  # (B,)
    base: Int64Array  # (B,) first cell of each block
    total: int

    @staticmethod
    def of(sizes: Int64Array) -> Layout:
        edges = np.asarray(sizes, np.int64)
        length = np.array([cells(int(s)) for s in edges], np.int64)
        last = np.append(edges[1:] != edges[:-1], True)[: len(edges)]
        gap = np.where(last, PAD * (edges + 2 * PAD) ** 2, 0)  # forward offsets end in padding, too
        base = np.concatenate([[0], np.cumsum(length + gap)])
        return Layout(edges, base[:-1], int(base[-1]))

    def groups(self) -> list[tuple[int, int, int]]:
        """(size, first block, one past the last) of each run of equal sizes."""
        edges = np.flatnonzero(np.diff(self.sizes)) + 1
        starts, ends = [0, *edges.tolist()], [*edges.tolist(), len(self.sizes)]
        return [(int(self.sizes[a]), a, b) for a, b in zip(starts, ends, strict=True) if b > a]

    def positions(self, block: Int64Array, xyz: Int64Array) -> Int64Array:
        """Buffer positions of voxels xyz (N, 3), local to their blocks (N,)."""
        row = self.sizes[block] + 2 * PAD
        return np.asarray(
            self.base[block] + ((xyz[:, 2] + PAD) * row + xyz[:, 1] + PAD) * row + xyz[:, 0] + PAD, np.int64
        )

    def span(self, size: int, a: int, b: int) -> slice:
        """The cells of blocks a .. b, all of this size."""
        return slice(int(self.base[a]), int(self.base[a]) + (b - a) * cells(size))

    def rows(self) -> Int32Array:
        """(total,) int32: the background row of every voxel, 0 in the padding."""
        out = np.zeros(self.total, np.int32)
        for size, a, b in self.groups():
            out[self.span(size, a, b)].reshape(b - a, -1)[:, inside_positions(size)] = background_rows(size)
        return out

    def block_of(self, positions: Int64Array) -> Int64Array:
        """(N,) block that holds each position."""
        return np.searchsorted(self.base, positions, side="right") - 1

    def size_classes(self) -> Int64Array:
        """(B,) index into SIZES of each block."""
        return np.array([SIZES.index(int(s)) for s in self.sizes], np.int64)
