"""The order in which points are drawn of which some are there wherever the camera looks."""

from __future__ import annotations

import numpy as np

from .detail import CHUNK_POINTS
from .shading import Ints

_DETAIL = 3  # chunks of what the camera looks at, to one of those from everywhere


def draw_order(everywhere: Ints, voxels: int) -> Ints:
    """The order in which voxels are drawn. Chunks of those from everywhere come in the same order, whatever
    else is read, and alternate with those of the rest, so that any prefix has some of both."""
    everywhere = np.random.default_rng(0).permutation(everywhere[everywhere >= 0])
    number = np.full(voxels, -1, np.int64)
    number[everywhere[::-1]] = np.arange(len(everywhere))[::-1]  # of several in a voxel, the first one
    base = everywhere[number[everywhere] == np.arange(len(everywhere))]
    rest = np.random.default_rng(0).permutation(np.flatnonzero(number < 0))
    parts: list[Ints] = []
    while len(base) >= CHUNK_POINTS and len(rest) >= _DETAIL * CHUNK_POINTS:
        parts += [base[:CHUNK_POINTS], rest[: _DETAIL * CHUNK_POINTS]]
        base, rest = base[CHUNK_POINTS:], rest[_DETAIL * CHUNK_POINTS :]
    return np.concatenate([*parts, base, rest])
