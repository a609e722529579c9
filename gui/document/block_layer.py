"""The blocks of the current bitstream: their table, where they lie, and which of them are shown."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from octavox.codec import BlockTable

from .blocks import (
    BlockIndex,
    assign_owners,
    column_of,
    component_of,
    has_column,
    is_surprise,
    rows_from,
    same_blocks,
)
from .items import CloudItem
from .view_state import ViewState

LEAST_POINTS = 50  # of a block whose bits per voxel say something
RATES = ("bpov", "surprise_mean")  # block modes that are such


class BlockLayer:
    """table: B blocks. live: a running job still appends rows."""

    def __init__(self) -> None:
        self.table = BlockTable.empty()
        self.live = False
        self._index: BlockIndex | None = None
        self._owners: dict[int, tuple[npt.NDArray[np.int32], int]] = {}  # by codes, and for how many rows

    def replace(self, table: BlockTable, live: bool, grown: bool) -> None:
        """grown: the old rows are the first of the new ones."""
        same = grown or same_blocks(self.table, table)  # the end of a job repeats what arrived
        self.table, self.live, self._index = table, live, None
        if not same:
            self._owners.clear()

    @property
    def index(self) -> BlockIndex:
        """Finds blocks by place."""
        if self._index is None:
            self._index = BlockIndex(self.table)
        return self._index

    def owners(self, item: CloudItem) -> npt.NDArray[np.int32]:
        """(N,) row of the block that holds each point of a cloud, -1 where none does (yet)."""
        key = id(item.display.codes)  # equal clouds share them
        if key not in self._owners:
            self._owners[key] = (np.full(len(item.display), -1, np.int32), 0)
        owner, done = self._owners[key]
        if done < len(self.table):
            assign_owners(owner, rows_from(self.table, done), item.display.codes, done)
            self._owners[key] = (owner, len(self.table))
        return owner

    def forget_owners(self, still_open: list[CloudItem]) -> None:
        """Drop the owners of clouds that were closed."""
        here = {id(item.display.codes) for item in still_open}
        self._owners = {key: kept for key, kept in self._owners.items() if key in here}

    def has_size(self, size: int) -> bool:
        return bool((self.table.size == size).any())

    def visible(self, view: ViewState) -> npt.NDArray[np.bool_]:
        """(B,) which blocks filter, isolation and the position in coding order leave."""
        keep = view.filter.mask(self.table)
        if view.alone:
            alone = np.zeros(len(self.table), bool)
            alone[view.selected] = True
            return alone
        if view.scrub is not None:
            keep[view.scrub :] = False
        return keep

    def outlined(self, view: ViewState) -> npt.NDArray[np.bool_]:
        """(B,) which blocks get outlines: the visible ones of the sizes that are switched on."""
        keep = self.visible(view)
        if not view.hidden_sizes or view.alone:
            return keep
        return keep & ~np.isin(self.table.size, list(view.hidden_sizes))

    def by_cost(self, view: ViewState) -> npt.NDArray[np.int64]:
        """Rows that the filter leaves, most expensive first: in bpov, surprise or bits of a component if
        these colour blocks, else in bits. By a mean, blocks of few points come last."""
        blocks, mode = self.table, view.block_mode
        cost = blocks.bits + blocks.flag_bits
        if mode in RATES or is_surprise(mode) or component_of(mode) is not None:
            cost = column_of(mode).values(blocks) if has_column(blocks, mode) else cost
        rows = np.flatnonzero(view.filter.mask(blocks))
        few = (blocks.points[rows] < LEAST_POINTS) & (mode in RATES)
        return np.asarray(rows[np.lexsort((rows, -cost[rows], few))], np.int64)
