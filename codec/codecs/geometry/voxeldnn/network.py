"""The interface of a network to the codec, and the part of decoding that all networks share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from octavox.codec.arrays import Int16Array, Int32Array, Int64Array, UInt8Array
from octavox.codec.coding.range_coder import RangeDecoder
from octavox.codec.errors import CorruptStreamError
from octavox.codec.models.sites import Layout

from .costs import BackgroundCosts, block_costs, some_p1, stretched_costs
from .escapes import locate
from .wavefront import Schedule, local_xyz


@dataclass(frozen=True)
class Sites:
    """Voxels of known blocks. position (N,) buffer positions of the active sites, ascending; row (N,) their
    background rows; logit (N,) table indices; bit (N,) occupancy. escape (E,): positions of the occupied
    voxels without context, ascending; escape_row (E,).
    """

    position: Int64Array
    row: Int64Array
    logit: Int16Array
    bit: UInt8Array
    escape: Int64Array
    escape_row: Int64Array


class Network(Protocol):
    """VoxelDNN in exact integers on a device, cpu or cuda.

    identity: the weights' id; background_logits (rows - 1,).
    """

    identity: bytes
    device: str
    background_logits: Int16Array

    def sites(
        self, layout: Layout, occupied: Int64Array, batch: int | None, check: Callable[[], None]
    ) -> Sites:
        """All active sites of blocks whose occupied voxels lie at the buffer positions `occupied` (n,).

        batch: sites computed at a time, None for what suits the device; it never changes the result.
        check is called between batches.
        """

    def decoder(
        self, background: BackgroundCosts, coder: RangeDecoder, layout: Layout, limit: int, threads: int
    ) -> WavefrontDecoder:
        """The decoder of a slice of at most `limit` voxels; it may use `threads` threads. To be closed."""


class WavefrontDecoder(ABC):
    """Decodes the voxels of a slice, one wavefront step after the other."""

    def __init__(
        self, background: BackgroundCosts, coder: RangeDecoder, layout: Layout, limit: int, steps: Schedule
    ) -> None:
        self.layout, self.coder, self.limit, self.schedule = layout, coder, limit, steps
        self._background = background
        self._contextless_cost = steps.zero_cost(background.zero)
        self.points, self._reported = 0, 0
        self._found: list[Int64Array] = []
        self._escapes: list[tuple[Int64Array, Int64Array]] = []

    @abstractmethod
    def _decode_sites(self, t: int) -> tuple[Int64Array, int]:
        """(positions of the occupied active sites of step t, summed cost of zeros at its sites' rows)."""

    @abstractmethod
    def _without_context(self, t: int) -> tuple[Int64Array, Int64Array]:
        """(positions, rows) of the voxels of step t that are no active sites, in coding order."""

    @abstractmethod
    def _occupy(self, position: Int64Array) -> None:
        """Marks decoded voxels, and the later voxels that have context through them."""

    @abstractmethod
    def _sites(self) -> tuple[Int64Array, Int64Array, Int16Array, UInt8Array]:
        """(block, background row, stretched probability, bit) of all active sites so far."""

    def close(self) -> None:  # noqa: B027 - not every decoder has threads
        """Ends the threads of the decoder, if it has any."""

    def step(self, t: int) -> None:
        """Decodes all voxels of step t."""
        found, known = self._decode_sites(t)
        self._add(found)
        cost = int(self._contextless_cost[t]) - known
        if cost and self._coder_bit(some_p1(cost)):
            position, row = self._without_context(t)
            prefix = np.concatenate([[0], np.cumsum(self._background.zero[row])])
            index = np.array(list(locate(prefix, lambda p1, low, high: self._coder_bit(p1))), np.int64)
            self._escapes.append((self.layout.block_of(position[index]), row[index]))
            self._add(position[index])
            self._occupy(position[index])

    def _coder_bit(self, p1: int) -> int:
        return int(self.coder.decode_bits(np.array([p1], np.uint32))[0])

    def _add(self, position: Int64Array) -> None:
        self.points += len(position)
        if self.points > self.limit:
            raise CorruptStreamError(f"more voxels than the {self.limit} declared", field=self.coder.field)
        if len(position):
            self._found.append(position)

    def fresh(self, corner: Int64Array) -> Int32Array:
        """(n, 3) voxels decoded since the last call. corner: (B, 3) of the blocks."""
        new, self._reported = self._found[self._reported :], len(self._found)
        return self._coords(new, corner)[0]

    def _coords(self, found: list[Int64Array], corner: Int64Array) -> tuple[Int32Array, Int64Array]:
        position = np.concatenate([np.empty(0, np.int64), *found])
        block = self.layout.block_of(position)
        return (corner[block] + local_xyz(self.layout, block, position)).astype(np.int32), block

    def finish(self, corner: Int64Array) -> tuple[Int32Array, Int64Array, Int64Array]:
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
