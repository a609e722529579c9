"""Which 64-block each coded bit belongs to: the block table of a slice."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..types import BLOCK_SIZE, BlockTable
from .levels import Ints, Nodes, raster_to_coords, raster_to_morton
from .slicing import BLOCK_BITS

Floats = npt.NDArray[np.float64]


class Attribution:
    """Collects code lengths level by level.

    Above the level of the blocks a node's bits are shared out evenly among its children, level by level, as
    flag bits; from there on they are added to the block that holds the node.
    """

    def __init__(self, depth: int) -> None:
        self.block_level = max(depth - BLOCK_BITS, 0)
        self._size = min(BLOCK_SIZE, 1 << depth)
        self._flags: Floats = np.zeros(1)
        self._blocks: Nodes | None = None
        self.costs: Floats = np.zeros(1)

    def begin(self, level: int, nodes: Nodes) -> Nodes:
        """Prepares `costs` for a level and returns its nodes with the owners that index `costs`."""
        if level > self.block_level:
            return nodes
        if level > 0:
            share = (self._flags + self.costs) / np.bincount(nodes.owner, minlength=len(self.costs))
            self._flags = share[nodes.owner]
        self.costs = np.zeros(len(nodes.key))
        nodes = nodes._replace(owner=np.arange(len(nodes.key), dtype=np.int32))
        if level == self.block_level:
            self._blocks = nodes
        return nodes

    def table(self, owner: Ints, slice_index: int) -> BlockTable:
        """The table of the slice, in Morton order. owner: (points,) block of each voxel."""
        if self._blocks is None:
            return BlockTable.empty()
        origin = raster_to_coords(self._blocks.key) * np.int32(self._size)
        points = np.bincount(owner, minlength=len(origin))
        table = BlockTable.make(origin, self._size, points, self.costs, self._flags, slice_index)
        order = np.argsort(raster_to_morton(self._blocks.key))
        return BlockTable(*(column[order] for column in vars(table).values()))
