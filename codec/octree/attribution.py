"""Which 64-block each coded bit belongs to: the block table of a slice."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..types import BLOCK_SIZE, BlockTable
from .levels import X_SHIFT, Ints, Nodes, raster_to_coords, raster_to_morton
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
        self._points = np.zeros(1, np.int64)
        self._final = 0  # blocks, in raster order, that no bit will be added to any more

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
            self._points = np.zeros(len(nodes.key), np.int64)
        return nodes

    def finished(self, owner: Ints, plane: int | None, slice_index: int) -> BlockTable | None:
        """The blocks that became final, in raster order, as the finest level is coded; None: there are none.

        owner: blocks of the voxels found since the last call. plane: the x of the voxels that come next; None
        at the end.
        """
        if self._blocks is None:
            return None
        count = len(self._blocks.key)
        self._points += np.bincount(owner, minlength=count)
        first, last = self._final, count
        if plane is not None:
            last = int(np.searchsorted(self._blocks.key, (plane // self._size) << X_SHIFT))
        if last <= first:
            return None
        self._final = last
        rows = slice(first, last)
        origin = raster_to_coords(self._blocks.key[rows]) * np.int32(self._size)
        bits, flags = self.costs[rows].copy(), self._flags[rows].copy()
        return BlockTable.make(origin, self._size, self._points[rows].copy(), bits, flags, slice_index)

    def table(self, owner: Ints, slice_index: int) -> BlockTable:
        """The table of the slice, in Morton order. owner: (points,) block of each voxel."""
        if self._blocks is None:
            return BlockTable.empty()
        origin = raster_to_coords(self._blocks.key) * np.int32(self._size)
        points = np.bincount(owner, minlength=len(origin))
        table = BlockTable.make(origin, self._size, points, self.costs, self._flags, slice_index)
        order = np.argsort(raster_to_morton(self._blocks.key))
        return BlockTable(*(column[order] for column in vars(table).values()))
