"""Features of a row for least squares: differences of known values around it, in its and earlier fields."""

from __future__ import annotations

import numpy as np

from octavox.codec.coding.kernels.jit import Int, inlined
from octavox.codec.coding.least_squares import FEATURE_LIMIT

from .guesses import by_time
from .layout import CELLS, CLASSES, FRACTION, MOST_RELATED, RELATED, SHIFT, TIME, Part
from .masks import before
from .number_model import HAS_LAST, LAST, NumberModel, limited


@inlined
def feature_of(part: Part, f: Int, difference: Int) -> Int:
    """A difference of values of field f, in the unit of its features."""
    return limited((difference << part.fields[f, FRACTION]) >> part.fields[f, SHIFT], FEATURE_LIMIT)


@inlined
def neighbour(part: Part, k: Int) -> Int:
    """How many rows before a row its k-th neighbour lies: north, north-west, north-east, ... where rows form
    an image, which has the west first.
    """
    w = np.int64(part.width)
    if w == 0 or k == 0:
        return k + 1
    if k == 1:
        return w
    if k == 2:
        return w + 1
    if k == 3:
        return w - 1
    if k == 4:
        return np.int64(2)
    return 2 * w - (k - 5)


@inlined
def _put(part: Part, model: NumberModel, f: Int, count: Int, difference: Int) -> Int:
    model.squares.features[count] = np.int32(feature_of(part, f, difference))
    return count + 1


@inlined
def _put_related(part: Part, model: NumberModel, k: Int, i: Int, count: Int) -> Int:
    """The features of related field number k."""
    g = part.fields[model.state[3], RELATED + k]
    values, w, rows = part.values, np.int64(part.width), part.values.shape[1]
    base = values[g, max(i - 1, 0)] if i else 0
    n = _put(part, model, g, count, values[g, i] - base)
    if w:
        n = _put(part, model, g, n, (values[g, i - w] if i >= w else base) - base)
        if k < 2:
            n = _put(part, model, g, n, (values[g, i - w - 1] if i > w else base) - base)
            n = _put(part, model, g, n, (values[g, i + 1] if i + 1 < rows else base) - base)
        if k < 1:
            n = _put(part, model, g, n, (values[g, i + w] if i + w < rows else base) - base)
        return n
    n = _put(part, model, g, n, (values[g, i - 2] if i > 1 else base) - base)
    if k < 2:
        n = _put(part, model, g, n, (values[g, i + 1] if i + 1 < rows else base) - base)
    return n


@inlined
def fill_features(part: Part, model: NumberModel, f: Int, i: Int, base: Int, kind: Int) -> Int:
    """Fills in the features of row i of field f, of class `kind`, and returns how many there are."""
    n: Int = np.int64(0)
    own = 7 if part.width else 6
    for k in range(1, own):
        n = _put(part, model, f, n, before(part.values, f, i, neighbour(part, k)) - base)
    if part.fields[f, CELLS] >= 0:
        for t in range(2):
            n = _put(part, model, f, n, model.cells.value[t] - base)
    for k in range(MOST_RELATED):
        if part.fields[f, RELATED + k] >= 0:
            n = _put_related(part, model, k, i, n)
    if part.fields[f, TIME] >= 0:
        n = _put(part, model, f, n, by_time(part, model.times, f, i, 1))
        n = _put(part, model, f, n, by_time(part, model.times, f, i, 5))
    if part.fields[f, CLASSES] >= 0:
        n = _put(part, model, f, n, model.deltas[kind, LAST] - base if model.deltas[kind, HAS_LAST] else 0)
    return n
