"""The densest blocks of a cloud, and how dense a cloud is. numpy only."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from octavox.codec.arrays import IntArray
from octavox.codec.blocks import BLOCK_SIZE
from octavox.codec.cloud.morton import morton_decode, morton_encode

_SHIFT = 3 * (BLOCK_SIZE.bit_length() - 1)


def densest_blocks(coords: IntArray, depth: int) -> tuple[IntArray, npt.NDArray[np.int64]]:
    """The occupied 64^3 blocks of a cloud, aligned to its octree, densest first; equals in Morton order.

    coords (N, 3) -> indices (B, 3) int32 (coords // 64) and occupied voxels (B,).
    """
    codes = np.sort(morton_encode(coords, depth) >> _SHIFT)
    first = np.flatnonzero(np.diff(codes, prepend=-1))
    points = np.diff(first, append=len(codes))
    order = np.argsort(-points, kind="stable")
    return morton_decode(codes[first][order]), points[order]


def voxels_of_blocks(coords: IntArray, blocks: IntArray, depth: int) -> IntArray:
    """The rows of coords (N, 3) that lie in the blocks (B, 3), in the order of coords."""
    wanted = np.sort(morton_encode(blocks, depth))
    own = morton_encode(coords, depth) >> _SHIFT
    at = np.minimum(np.searchsorted(wanted, own), len(wanted) - 1)
    return np.asarray(coords[wanted[at] == own], np.int32)


def mean_neighbours(coords: IntArray, depth: int) -> float:
    """Mean number of occupied voxels among the 26 around an occupied one; coords (N, 3), unique.

    A plane along the axes has about 8, dense captured bodies have 11 to 13; fewer mean a surface with holes.
    """
    edge = (1 << depth) + 2
    keys = np.sort(((coords[:, 0].astype(np.int64) + 1) * edge + coords[:, 1] + 1) * edge + coords[:, 2] + 1)
    pairs = 0
    around = [(x, y, z) for x in (-1, 0, 1) for y in (-1, 0, 1) for z in (-1, 0, 1)]
    for x, y, z in around[14:]:  # each pair of opposite neighbours once
        sought = keys + (x * edge + y) * edge + z
        at = np.minimum(np.searchsorted(keys, sought), len(keys) - 1)
        pairs += int((keys[at] == sought).sum())
    return 2 * pairs / max(len(keys), 1)
