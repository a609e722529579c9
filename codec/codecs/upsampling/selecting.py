"""Which children are kept: exactly alike on every machine."""

from __future__ import annotations

import numpy as np

from octavox.codec.arrays import BoolArray, Int32Array, Int64Array, UInt32Array
from octavox.codec.coding.kernels.jit import Int, njit
from octavox.codec.coding.logistic import STRETCH_LIMIT, STRETCH_OFFSET, squash_table
from octavox.codec.coding.range_coder import PROB_BITS
from octavox.codec.models.upsampler_weights import CHILDREN, LOGIT_LIMIT

_LEVELS = 2 * LOGIT_LIMIT + 1


@njit
def _take_best(logits: Int32Array, others: Int32Array, kept: BoolArray) -> None:
    """Marks the likeliest child of each node as kept. others: logits of the others, from 0 on, else -1."""
    for i in range(logits.shape[0]):
        best = 0
        for k in range(CHILDREN):
            others[i, k] = logits[i, k] + LOGIT_LIMIT
            if logits[i, k] > logits[i, best]:
                best = k
        others[i, best], kept[i, best] = -1, True


@njit
def _count(values: Int32Array, present: Int64Array) -> None:
    """Adds up how often each value from 0 on is present."""
    for i in range(values.shape[0]):
        for k in range(CHILDREN):
            if values[i, k] >= 0:
                present[values[i, k]] += 1


@njit
def _mark(values: Int32Array, order: Int64Array, threshold: Int, left: Int, kept: BoolArray) -> None:
    """Marks the values above a threshold as kept, and the first `left` that are equal to it."""
    for i in range(values.shape[0]):
        for k in range(CHILDREN):
            kept[i, k] |= values[i, k] > threshold
    for i in order:
        if left == 0:
            break
        for k in range(CHILDREN):
            if left and values[i, k] == threshold:
                kept[i, k] = True
                left -= 1


def most_likely(logits: Int32Array, order: Int64Array, count: int) -> BoolArray:
    """(n, 8) which children are kept of n nodes with these logits (n, 8).

    Of each node the likeliest child, then the likeliest of all others until there are `count`, at least n and
    at most 8 n. Of equal ones the first in Morton order. order: (n,) numbers of the nodes in Morton order.
    """
    n = len(logits)
    kept, others = np.zeros((n, CHILDREN), bool), np.empty((n, CHILDREN), np.int32)
    _take_best(logits, others, kept)
    _keep_largest(others, order, min(max(count, n), CHILDREN * n) - n, kept)
    return kept


def largest(values: Int32Array, order: Int64Array, wanted: int) -> BoolArray:
    """(n, 8) which of values (n, 8) are the `wanted` largest; of equal ones the first in Morton order.

    values: at most 2 LOGIT_LIMIT; negative ones do not count, and there are `wanted` others at least. order:
    as in `most_likely`.
    """
    kept = np.zeros(values.shape, bool)
    _keep_largest(values, order, wanted, kept)
    return kept


def _keep_largest(values: Int32Array, order: Int64Array, wanted: int, kept: BoolArray) -> None:
    """Marks as kept (n, 8) what `largest` finds."""
    if wanted == 0:
        return
    present = np.zeros(_LEVELS + 1, np.int64)
    _count(values, present)
    above = np.cumsum(present[::-1])[::-1]  # values that are at least this
    threshold = int(np.flatnonzero(above >= wanted)[-1])
    _mark(values, order, threshold, wanted - int(above[threshold + 1]), kept)


def expected_count(logits: Int32Array, among: BoolArray | None = None) -> int:
    """How many of the children with these logits (n, 8) exist by their probabilities. among: which count."""
    at = STRETCH_OFFSET + np.clip(logits if among is None else logits[among], -STRETCH_LIMIT, STRETCH_LIMIT)
    return int(squash_table()[at].sum(dtype=np.int64)) >> PROB_BITS


@njit
def _add_errors(logits: Int32Array, table: UInt32Array, errors: Int32Array) -> None:
    for i in range(logits.shape[0]):
        total = 0
        for k in range(CHILDREN):
            total += table[STRETCH_OFFSET - min(abs(logits[i, k]), STRETCH_LIMIT)]
        errors[i] = total


def surest(logits: Int32Array, order: Int64Array, count: int) -> BoolArray:
    """(n,) the `count` nodes of whose children (n, 8) the network expects the fewest errors.

    Of equal ones the first in Morton order. order: as in `most_likely`.
    """
    errors = np.empty(len(logits), np.int32)  # at most 8 * 2**24
    _add_errors(logits, squash_table(), errors)
    if not 0 < count < len(errors):
        return np.full(len(errors), count > 0)
    threshold = np.partition(errors, count - 1)[count - 1]
    chosen = errors < threshold
    equal = order[errors[order] == threshold]
    chosen[equal[: count - np.count_nonzero(chosen)]] = True
    return np.asarray(chosen)
