"""Bits that a second bitstream spends more than the current one, block by block, as colours of points."""

from __future__ import annotations

import numpy as np

from octavox.codec import BlockTable

from .block_comparison import BlockComparison, compare_blocks
from .block_layer import BlockLayer
from .colormap import Scale, table
from .difference import Difference, Distances
from .display import CloudDisplay
from .items import CloudItem, StreamBlocks
from .words import tr

# Blue where B spends fewer bits, orange where it spends more; they differ with common colour deficiencies.
DIVERGING_TABLE = table(("#2f7fe0", "#8fb4e6", "#c9ccd2", "#f0b27a", "#e8731c"))


class BlockDelta:
    """Compares the blocks of two bitstreams once for each pair of tables, and colours once for each pair of
    clouds."""

    def __init__(self) -> None:
        self._of: tuple[object, ...] = ()
        self._comparison: BlockComparison | None = None
        self._layer = BlockLayer()
        self._drawn: tuple[object, ...] = ()
        self._difference: Difference | None = None
        self._others: dict[int, tuple[CloudDisplay, Distances]] = {}

    def comparison(self, blocks: BlockTable, other: StreamBlocks) -> BlockComparison:
        """See `compare_blocks`."""
        if self._comparison is None or self._of != (id(blocks), id(other)):
            self._kept = (blocks, other)  # their ids stay theirs
            self._of, self._drawn = (id(blocks), id(other)), ()
            self._comparison = v = compare_blocks(blocks, other.blocks)
            self._layer = BlockLayer()
            self._others = {}
            self._layer.replace(BlockTable.make(v.origin, v.size, v.points, v.bits_b), False, False)
        return self._comparison

    def difference(
        self, blocks: BlockTable, other: StreamBlocks, a: CloudItem, b: CloudItem | None
    ) -> Difference:
        """For each voxel of two clouds, the bits that B spends more on the block around it."""
        found = self.comparison(blocks, other)
        drawn = (a.display, b.display if b is not None else None)
        if (
            self._difference is None
            or not self._drawn
            or any(x is not y for x, y in zip(drawn, self._drawn, strict=True))
        ):
            self._drawn = drawn
            values = [self._by_voxel(item, found) for item in (a, b if b is not None else a)]
            most = float(np.abs(found.delta).max(initial=0.0)) or 1.0
            scale, title = Scale(-most, most, DIVERGING_TABLE), tr("Bits B − A per block")
            legend = scale.legend(title, tr("bits"), False)
            self._difference = Difference(values[0], values[1], scale, legend, title)
        return self._difference

    def of(self, item: CloudItem) -> Distances:
        """The same for the voxels of a cloud that neither view A nor view B shows, after `difference`."""
        if id(item.display) not in self._others and self._comparison is not None:
            self._others[id(item.display)] = item.display, self._by_voxel(item, self._comparison)
        return self._others[id(item.display)][1]

    def _by_voxel(self, item: CloudItem, found: BlockComparison) -> Distances:
        owner = self._layer.owners(item)
        values = np.append(found.delta, 0.0)[owner]  # row -1: no block holds the voxel
        return np.asarray(values, np.float32)

    _kept: tuple[BlockTable, StreamBlocks] | None = None
