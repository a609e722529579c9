"""The transform of each column, chosen by about how many bits its integers would take."""

from __future__ import annotations

import numpy as np

from octavox.codec.arrays import Int64Array, UInt64Array

from ..interface import Array
from ..packing import stored
from .transforms import (
    BITS,
    CONSTANT,
    DECIMALS,
    KEYS,
    MOST_EXCEPTIONS,
    MOST_PALETTE,
    MOST_SIZE,
    Transform,
    bits_of,
    decimal_places,
    keys_of,
)


def transform_of(column: Array) -> Transform:
    """The transform of a column that no ratio predicts."""
    values = stored(column)
    if not len(values):
        return Transform(CONSTANT)
    bits = bits_of(values)
    if bool((bits == bits[0]).all()):
        return Transform(CONSTANT, int(bits[0]))
    places = decimal_places(values) if values.dtype.kind == "f" else None
    keys = of_keys(values, False)
    if places is not None:
        decimals = _of_decimals(values, places, False)
        if decimals is not None and (keys is None or decimals.size < keys.size):
            return _of_decimals(values, places, True) or decimals
    return of_keys(values, True) or _of_bits(values)


def _of_decimals(values: Array, places: int, numbered: bool) -> Transform | None:
    keys, good = keys_of(values, DECIMALS, places)
    exceptions = np.unique(bits_of(values[~good]))
    if len(exceptions) > MOST_EXCEPTIONS:
        return None
    return _with_range(keys[good], DECIMALS, places, exceptions, numbered)


def of_keys(values: Array, numbered: bool) -> Transform | None:
    """A transform by keys; None where too many different values are no numbers.

    numbered: there may be a palette.
    """
    keys, good = keys_of(values, KEYS, 0)
    exceptions = np.unique(bits_of(values[~good]))
    if not good.any() or len(exceptions) > MOST_EXCEPTIONS:
        return None
    return _with_range(keys[good], KEYS, 0, exceptions, numbered)


def _of_bits(values: Array) -> Transform:
    """By the keys of all bits, NaN among the numbers, where there are too many kinds of NaN."""
    return _with_range(keys_of(values, BITS, 0)[0], BITS, 0, np.empty(0, np.uint64), True)


def _with_range(
    keys: UInt64Array, kind: int, places: int, exceptions: UInt64Array, numbered: bool
) -> Transform:
    """Completes a transform: least key, common step, palette. keys: those that occur."""
    unique = np.unique(keys)
    low, high = int(unique[0]), int(unique[-1])
    step = int(np.gcd.reduce(np.diff(unique))) if len(unique) > 1 else 1
    size = (high - low) // step + 1
    whole = Transform(kind, low, step, size, places, None, exceptions)
    if not numbered or len(unique) > MOST_PALETTE or size < 2 * len(unique):
        return whole
    table = len(unique) * (np.log2(size / len(unique)) + 2)
    if size < MOST_SIZE:
        integers = ((keys - np.uint64(low)) // np.uint64(step)).view(np.int64)
        saved = _bits_of_steps(integers) - _bits_of_steps(np.searchsorted(unique, keys))
    else:
        saved = len(keys) * np.log2(size / len(unique))
    if saved < table:
        return whole
    return Transform(kind, low, 1, len(unique), places, unique, exceptions)


def _bits_of_steps(integers: Int64Array | Array) -> float:
    """About the bits of differences."""
    return float(np.log2(np.abs(np.diff(integers)).astype(np.float64) + 1).sum())
