"""The neighbours of the nodes of a level, found from sorted raster keys in linear time."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from octavox.codec.arrays import Int32Array
from octavox.codec.cloud.morton import CodeArray
from octavox.codec.coding.kernels.jit import Int, njit
from octavox.codec.coding.kernels.sorted_keys import STEP, first_from, places_from

from .levels import NO_REMAINING_CODES, X_SHIFT, Y_SHIFT

ALONE = 1 << 13  # the mask of a node that is its only neighbour
_NO_KEY = 3 << 61  # larger than the key of any node or neighbour; differences to those do not overflow


class Neighbours(NamedTuple):
    """The 3^3 neighbourhood of each node: row r = 3 * (dx + 1) + dy + 1 holds the neighbours of dz -1, 0, 1.

    first: (n, 9) int32 index of a row's first existing neighbour; the others follow it. mask: (n,) int32 bit
    3 * r + dz + 1 says that a neighbour exists.
    """

    first: Int32Array
    mask: Int32Array


@njit
def _find(
    key: CodeArray, remaining_code: CodeArray, first: Int32Array, mask: Int32Array, start: Int, end: Int
) -> None:
    """Finds the neighbours of nodes start .. end - 1. key: (n + STEP,), the last larger than any other."""
    if remaining_code.size:
        for i in range(start, end):
            if remaining_code[i] >= 0:
                first[i, 4], mask[i] = i, ALONE
    y = np.int64(1) << Y_SHIFT
    for plane in range(3):
        step, row = np.int64(plane - 1) * (1 << X_SHIFT) - 1, 3 * plane
        begin = key[start] + step  # the keys of a row's three places are w, w + 1, w + 2
        a, b, c = (
            np.searchsorted(key, begin - y),
            np.searchsorted(key, begin),
            np.searchsorted(key, begin + y),
        )
        for i in range(start, end):
            if remaining_code.size and remaining_code[i] >= 0:
                continue
            w = key[i] + step
            a, b, c = first_from(key, a, w - y), first_from(key, b, w), first_from(key, c, w + y)
            first[i, row], first[i, row + 1], first[i, row + 2] = a, b, c
            found = places_from(key, a, w - y, 3) | places_from(key, b, w, 3) << 3
            mask[i] |= (found | places_from(key, c, w + y, 3) << 6) << (3 * row)


class NeighbourSearch:
    """The neighbours of the nodes with these raster keys, found from the first node on.

    Keys of nodes lie below 2**20 in each axis, so a step out of range borrows into keys that do not occur.
    """

    def __init__(self, key: CodeArray, remaining_code: CodeArray = NO_REMAINING_CODES) -> None:
        """remaining_code: of `Nodes`. Nodes that have one have no neighbours, as the nodes above had none."""
        n = len(key)
        self._remaining_code = remaining_code
        self.found = Neighbours(np.empty((n, 9), np.int32), np.zeros(n, np.int32))
        self.done = 0  # nodes whose neighbours are in `found`
        self._key = np.append(key, [_NO_KEY] * STEP)

    def until(self, end: int) -> None:
        """Searches on, up to node `end`."""
        if self.done < end:
            _find(self._key, self._remaining_code, *self.found, self.done, end)
            self.done = end


def find_neighbours(key: CodeArray) -> Neighbours:
    """The neighbours of all nodes."""
    search = NeighbourSearch(key)
    search.until(len(key))
    return search.found
