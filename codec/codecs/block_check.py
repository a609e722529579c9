"""Finds the voxels of a block that a caller names."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from octavox.codec.arrays import BoolArray
from octavox.codec.blocks import BlockPlace
from octavox.codec.cloud.cloud import VoxelCloud
from octavox.codec.errors import InputError


def voxels_in(cloud: VoxelCloud, block: BlockPlace, sizes: Sequence[int]) -> BoolArray:
    """(N,) which voxels of the cloud lie in the block. sizes: the edges that a block may have.

    Raises InputError if there is no such block, or no voxel in it.
    """
    corner, size = np.array(block.origin, np.int64), block.size
    if size not in sizes or (corner % size).any() or (corner < 0).any():
        raise InputError(f"no block of edge {size} begins at {block.origin}", field="block")
    inside: BoolArray = np.all((cloud.coords >= corner) & (cloud.coords < corner + size), axis=1)
    if not inside.any():
        raise InputError(f"the block at {block.origin} is empty", field="block")
    return inside
