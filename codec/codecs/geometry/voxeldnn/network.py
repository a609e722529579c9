"""What the codec asks of a network, and the part of decoding that no implementation changes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from octavox.codec.arrays import IntArray
from octavox.codec.coding.range_coder import RangeDecoder
from octavox.codec.errors import CorruptStreamError
from octavox.codec.models.sites import Layout

from .costs import BackgroundCosts, block_costs, some_p1, stretched_costs
from .escapes import locate
from .wavefront import Schedule, local_xyz

Ints = npt.NDArray[np.int64]
Logits = npt.NDArray[np.int16]
Bits = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Sites:
    """Voxels of known blocks. position (N,) buffer positions of the active sites, ascending; row (N,) their
    background rows; logit (N,) table indices; bit (N,) occupancy. escape (E,): positions of the occupied
    voxels without context, ascending; escape_row (E,).
    """

    position: Ints
    row: Ints
    logit: Logits
    bit: Bits
    escape: Ints
    escape_row: Ints


class Network(Protocol):
    """VoxelDNN in exact integers on a device, cpu or cuda.

    identity: the weights' id; background_logits (rows - 1,).
    """

    identity: bytes
    device: str
    background_logits: Logits

    def sites(self, layout: Layout, occupied: Ints, batch: int | None, check: Callable[[], None]) -> Sites:
        """All active sites of blocks whose occupied voxels lie at the buffer positions `occupied` (n,).

        batch: sites computed at a time, None for what suits the device; it never changes the result.
        check is called between batches.
        """

    def front(
        self, background: BackgroundCosts, coder: RangeDecoder, layout: Layout, limit: int, threads: int
    ) -> Front:
        """The decoder of a slice of at most `limit` voxels, which may use so many threads. Close it."""


class Front(ABC):
    """Decodes the voxels of a slice, one wavefront step after the other."""

    def __init__(
        self, background: BackgroundCosts, coder: RangeDecoder, layout: Layout, limit: int, steps: Schedule
    ) -> None:
        self.layout, self.coder, self.limit, self.schedule = layout, coder, limit, steps
        self._background = background
        self._idle_cost = steps.zero_cost(background.zero)
        self.points, self._reported = 0, 0
        self._found: list[Ints] = []
        self._escapes: list[tuple[Ints, Ints]] = []

    @abstractmethod
    def _decode_sites(self, t: int) -> tuple[Ints, int]:
        """(positions of the occupied active sites of step t, summed cost of zeros at its sites' rows)."""

    @abstractmethod
    def _idle(self, t: int) -> tuple[Ints, Ints]:
        """(positions, rows) of the voxels of step t that are no active sites, in coding order."""

    @abstractmethod
    def _occupy(self, position: Ints) -> None:
        """Marks decoded voxels, and the voxels ahead that now have context."""

    @abstractmethod
    def _sites(self) -> tuple[Ints, Ints, Logits, Bits]:
        """(block, background row, stretched probability, bit) of all active sites so far."""

    def close(self) -> None:  # noqa: B027 - not every front holds something
        """Gives back what the front holds besides memory."""

    def step(self, t: int) -> None:
        """Decodes all voxels of step t."""
        found, known = self._decode_sites(t)
        self._add(found)
        cost = int(self._idle_cost[t]) - known
        if cost and self._coder_bit(some_p1(cost)):
            position, row = self._idle(t)
            prefix = np.concatenate([[0], np.cumsum(self._background.zero[row])])
            index = np.array(list(locate(prefix, lambda p1, low, high: self._coder_bit(p1))), np.int64)
            self._escapes.append((self.layout.block_of(position[index]), row[index]))
            self._add(position[index])
            self._occupy(position[index])

    def _coder_bit(self, p1: int) -> int:
        return int(self.coder.decode_bits(np.array([p1], np.uint32))[0])

    def _add(self, position: Ints) -> None:
        self.points += len(position)
        if self.points > self.limit:
            raise CorruptStreamError(f"more voxels than the {self.limit} declared", field=self.coder.field)
        if len(position):
            self._found.append(position)

    def fresh(self, corner: Ints) -> IntArray:
        """(n, 3) voxels decoded since the last call. corner: (B, 3) of the blocks."""
        new, self._reported = self._found[self._reported :], len(self._found)
        return self._coords(new, corner)[0]

    def _coords(self, found: list[Ints], corner: Ints) -> tuple[IntArray, Ints]:
        position = np.concatenate([np.empty(0, np.int64), *found])
        block = self.layout.block_of(position)
        return (corner[block] + local_xyz(self.layout, block, position)).astype(np.int32), block

    def finish(self, corner: Ints) -> tuple[IntArray, Ints, Ints]:
        """(coords (N, 3), points of each block, code length of each block in units of 2**-40 bit)."""
        coords, block = self._coords(self._found, corner)
        count = np.bincount(block, minlength=len(self.layout.sizes))
        none = np.empty(0, np.int64)
        escape = (
            np.concatenate([none, *(blocks for blocks, _ in self._escapes)]),
            np.concatenate([none, *(rows for _, rows in self._escapes)]),
        )
        block_of, row, stretched, bit = self._sites()
        site = (block_of, row, stretched_costs(stretched, bit))
        cost = block_costs(self.layout.sizes, self._background, site, escape)
        return coords, count, cost
