"""The points of the first blocks in coding order, found at a cost that does not depend on their number."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .detail import CHUNK_POINTS
from .display import CloudDisplay, Sample


class CodingOrder:
    """Sorts the points of each chunk by block when the chunk is needed first.

    The points of the first blocks are then one contiguous part of each chunk.

    owner: (N,) row of the block that holds each point of the cloud, -1 where none does.
    """

    def __init__(self, display: CloudDisplay, owner: npt.NDArray[np.int32]) -> None:
        self._display, self._owner = display, owner
        self._sorted: dict[int, tuple[npt.NDArray[np.uint16], npt.NDArray[np.int32]]] = {}

    def is_of(self, display: CloudDisplay, owner: npt.NDArray[np.int32]) -> bool:
        return self._display is display and self._owner is owner

    @property
    def chunks(self) -> int:
        return -(-len(self._display) // CHUNK_POINTS)

    def first(self, chunk: int, blocks: int) -> Sample:
        """The points of one chunk that the first `blocks` blocks hold."""
        order, rows = self._chunk(chunk)
        low, high = np.searchsorted(rows, [0, blocks])
        return self._display.sample(chunk * CHUNK_POINTS + order[low:high].astype(np.int64))

    def _chunk(self, chunk: int) -> tuple[npt.NDArray[np.uint16], npt.NDArray[np.int32]]:
        """Places in the chunk by block, and those blocks."""
        if chunk not in self._sorted:
            first = chunk * CHUNK_POINTS
            rows = self._owner[self._display.points.place[first : first + CHUNK_POINTS]]
            order = np.argsort(rows)
            self._sorted[chunk] = order.astype(np.uint16), rows[order]
        return self._sorted[chunk]
