"""Which children are kept: exactly alike on every machine."""

from __future__ import annotations

import numpy as np

from octavox.codec.arrays import BoolArray, Int32Array, Int64Array
from octavox.codec.codecs.geometry.octree.levels import raster_to_morton
from octavox.codec.coding.logistic import STRETCH_LIMIT, STRETCH_OFFSET, squash_table
from octavox.codec.coding.range_coder import PROB_BITS
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
    return kept | largest(others, order, min(max(count, n), CHILDREN * n) - n)


def largest(values: Int32Array, order: Int64Array, wanted: int) -> BoolArray:
    """(n, 8) which of values (n, 8) are the `wanted` largest; of equal ones the first in Morton order.

    values: at most 2 LOGIT_LIMIT; negative ones do not count, and there are `wanted` others at least. order:
    as in `most_likely`.
    """
    if wanted == 0:
        return np.zeros(values.shape, bool)
    present = np.bincount(values[values >= 0], minlength=_LEVELS)
    above = np.cumsum(present[::-1])[::-1]  # values that are at least this
    threshold = int(np.flatnonzero(above >= wanted)[-1])
    kept = values > threshold
    left = wanted - (int(above[threshold + 1]) if threshold + 1 < _LEVELS else 0)
    rows, children = np.nonzero(values[order] == threshold)
    kept[order[rows[:left]], children[:left]] = True
    return kept


def expected_count(logits: Int32Array, among: BoolArray | None = None) -> int:
    """How many of the children with these logits (n, 8) exist by their probabilities. among: which count."""
    at = STRETCH_OFFSET + np.clip(logits if among is None else logits[among], -STRETCH_LIMIT, STRETCH_LIMIT)
    return int(squash_table()[at].sum(dtype=np.int64)) >> PROB_BITS


def children_kept(key: Int64Array, kept: BoolArray, order: Int64Array) -> Int64Array:
    """Morton codes, sorted, of the children that are kept.

    key: (n,) raster keys; order: as in `most_likely`.
    """
    rows, children = np.nonzero(kept[order])
    return (raster_to_morton(key)[order[rows]] << 3) | children
