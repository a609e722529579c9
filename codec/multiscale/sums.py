"""What the features of a level's nodes say about each of their children, in order of coding."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from ..entropy.jit import Int, njit
from ..kernels.dense import Activations
from ..kernels.head import Guide, Head, Int32s, feature_sums, new_guide
from ..models.multiscale_weights import HIDDEN
from ..octree.contexts import Words
from ..octree.cursor import CURSOR_WORDS, NODE, ROW_END, VISITS_PER_NODE, X_BIT, Y_BIT, next_row, start_walk
from ..octree.levels import Nodes
from ..octree.walk import BITS_PER_VISIT
from .trunk import Keys

PIECE_VISITS = 1 << 11  # no more nodes are waited for than so many visits can need


class Source(Protocol):
    """The features (n * 32,) int16 of a level's nodes."""

    features: Activations

    def ensure(self, nodes: int) -> None:
        """Returns when those of so many nodes, from the first on, are final."""


@njit
def _visit_sums(
    head: Head, features: Activations, key: Keys, tail: Keys, cursor: Words, visits: Int, sums: Int32s
) -> None:
    """sums[128 v ..] = `feature_sums` of both bits of the v-th visit from the cursor on, which moves on.

    Nothing is asked of nodes that were coded directly; their place in sums keeps what it held.
    """
    done = 0
    while True:
        octant = (cursor[X_BIT] << 2) | (cursor[Y_BIT] << 1)
        start = cursor[NODE]
        end = min(cursor[ROW_END], start + visits - done)
        for i in range(start, end):
            if tail.size and tail[i] >= 0:
                continue
            to = BITS_PER_VISIT * HIDDEN * (done + i - start)
            feature_sums(head, features, i, octant, sums, to)
            feature_sums(head, features, i, octant | 1, sums, to + HIDDEN)
        done += end - start
        cursor[NODE] = end
        if end == cursor[ROW_END]:
            next_row(cursor, key)
        if done == visits:
            return


class Room:
    """Memory for two parts of a level, one in use and one in the making."""

    def __init__(self) -> None:
        self._memory = [np.empty(0, np.int32), np.empty(0, np.int32)]

    def guide(self, half: int, head: Head, visits: int) -> Guide:
        """A guide whose sums have room for so many visits."""
        size = BITS_PER_VISIT * HIDDEN * visits
        if self._memory[half].size < size:
            self._memory[half] = np.empty(size, np.int32)
        return new_guide(head, self._memory[half])


class LevelSums:
    """The parts of one level, one after the other."""

    def __init__(self, head: Head, nodes: Nodes, source: Source, room: Room) -> None:
        key = nodes.key
        self._head, self._key, self._source, self._room = head, key, source, room
        self._tail = nodes.tail
        self._cursor = np.zeros(CURSOR_WORDS, np.int64)
        start_walk(self._cursor, key)
        self.left = VISITS_PER_NODE * len(key)
        self._parts = 0

    def part(self, visits: int) -> Guide:
        """The guide for the next visits. The one before the last may be overwritten."""
        guide = self._room.guide(self._parts % 2, self._head, visits)
        for done in range(0, visits, PIECE_VISITS):
            piece = min(PIECE_VISITS, visits - done)
            self._source.ensure(min(int(self._cursor[NODE]) + piece, len(self._key)))
            sums = guide.sums[BITS_PER_VISIT * HIDDEN * done :]
            features = self._source.features
            _visit_sums(self._head, features, self._key, self._tail, self._cursor, piece, sums)
        self.left -= visits
        self._parts += 1
        return guide
