"""Which children are kept: exactly alike on every machine."""

from __future__ import annotations

import numpy as np

from octavox.codec.arrays import BoolArray, Int32Array, Int64Array
from octavox.codec.codecs.geometry.octree.levels import raster_to_morton
from octavox.codec.models.upsampler_weights import CHILDREN, LOGIT_LIMIT

_LEVELS = 2 * LOGIT_LIMIT + 1


def most_likely(logits: Int32Array, order: Int64Array, count: int) -> BoolArray:
    """(n, 8) which children are kept of n nodes with these logits (n, 8).

    Of each node the likeliest child, then the likeliest of all others until there are `count`, at least n and
    at most 8 n. Of equal ones the first in Morton order. order: (n,) numbers of the nodes in Morton order.
    """
    n = len(logits)
    best = logits.argmax(axis=1)
    kept = np.zeros((n, CHILDREN), bool)
    kept[np.arange(n), best] = True
    others = (logits + LOGIT_LIMIT).astype(np.int32)
    others[kept] = -1
    wanted = min(max(count, n), CHILDREN * n) - n
    if wanted == 0:
        return kept
    present = np.bincount(others[~kept], minlength=_LEVELS)
    above = np.cumsum(present[::-1])[::-1]  # children of at least this logit
    threshold = int(np.flatnonzero(above >= wanted)[-1])
    kept |= others > threshold
    left = wanted - (int(above[threshold + 1]) if threshold + 1 < _LEVELS else 0)
    rows, children = np.nonzero(others[order] == threshold)
    kept[order[rows[:left]], children[:left]] = True
    return kept


def children_kept(key: Int64Array, kept: BoolArray, order: Int64Array) -> Int64Array:
    """Morton codes, sorted, of the children that are kept.

    key: (n,) raster keys; order: as in `most_likely`.
    """
    rows, children = np.nonzero(kept[order])
    return (raster_to_morton(key)[order[rows]] << 3) | children
