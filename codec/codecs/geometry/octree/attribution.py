"""The block table of a slice: to which block the bits of each node are added."""

from __future__ import annotations

import numpy as np

from octavox.codec.arrays import Float64Array, Int32Array
from octavox.codec.blocks import BlockTable

from .levels import X_SHIFT, Nodes, raster_to_coords, raster_to_morton
from .slicing import BLOCK_BITS


class Attribution:
    """Collects code lengths level by level.

    Above the level of the blocks, the bits of a node are divided evenly among its children, level by level;
    those above the 64-blocks count as flag bits. From the level of the blocks on, they are added to the block
    that holds the node.
    """

    def __init__(self, depth: int, block_bits: int = BLOCK_BITS) -> None:
        """block_bits: log2 of the blocks' edge, at most that of 64-blocks."""
        self.block_level = max(depth - block_bits, 0)
        self._flag_level = max(depth - BLOCK_BITS, 0)
        self._size = 1 << min(block_bits, depth)
        self._flags: Float64Array = np.zeros(1)
        self._shared: Float64Array = np.zeros(1)  # from nodes below the 64-blocks that hold several blocks
        self._blocks: Nodes | None = None
        self.costs: Float64Array = np.zeros(1)
        self._points = np.zeros(1, np.int64)
        self._final = 0  # blocks, in raster order, whose bits are complete

    def begin(self, level: int, nodes: Nodes) -> Nodes:
        """Prepares `costs` for a level, and returns its nodes with owners that are rows of `costs`."""
        if level > self.block_level:
            return nodes
        if level > 0:
            if level <= self._flag_level:
                self._flags = self._flags + self.costs
            else:
                self._shared = self._shared + self.costs
            owner, count = nodes.owner, np.bincount(nodes.owner, minlength=len(self.costs))
            self._flags, self._shared = (self._flags / count)[owner], (self._shared / count)[owner]
        self.costs = np.zeros(len(nodes.key))
        nodes = nodes._replace(owner=np.arange(len(nodes.key), dtype=np.int32))
        if level == self.block_level:
            self._blocks = nodes
            self._points = np.zeros(len(nodes.key), np.int64)
        return nodes

    @property
    def total(self) -> float:
        """Bits of all levels so far."""
        return float(self.costs.sum() + self._flags.sum() + self._shared.sum())

    def finished(self, owner: Int32Array, plane: int | None, slice_index: int) -> BlockTable | None:
        """The blocks whose bits became complete since the last call, in raster order, or None.

        To be called while the finest level is coded. owner: blocks of the voxels found since the last call.
        plane: the x of the voxels that come next; None at the end.
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
        bits, flags = self.costs[rows] + self._shared[rows], self._flags[rows].copy()
        return BlockTable.make(origin, self._size, self._points[rows].copy(), bits, flags, slice_index)

    def table(self, owner: Int32Array, slice_index: int) -> BlockTable:
        """The table of the slice, in Morton order. owner: (points,) block of each voxel."""
        if self._blocks is None:
            return BlockTable.empty()
        origin = raster_to_coords(self._blocks.key) * np.int32(self._size)
        points = np.bincount(owner, minlength=len(origin))
        bits = self.costs + self._shared
        table = BlockTable.make(origin, self._size, points, bits, self._flags, slice_index)
        order = np.argsort(raster_to_morton(self._blocks.key))
        return BlockTable(*(column[order] for column in vars(table).values()))
