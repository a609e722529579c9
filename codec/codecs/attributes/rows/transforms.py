"""Columns of numbers of any type as integers from 0 on, and back to the last bit.

The integers are the numbers' places among those of their type (`keys_of_numbers`), or, for floats that are
decimals, so many steps of 10**-places. Then the least is taken away, a common step is divided out, and where
few of many values occur, they are numbered. Values that fit in nowhere (NaN among decimals) are exceptions.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from octavox.codec.arrays import BoolArray, Int64Array, UInt64Array
from octavox.codec.cloud.rough import keys_of_numbers, numbers_of_keys

from ..interface import Array
from ..packing import stored

CONSTANT, KEYS, DECIMALS, BITS = range(4)
MOST_PLACES = 15
MOST_EXCEPTIONS = 255
MOST_PALETTE = 1 << 16
WIDE_BITS = 32  # of the lower half of a number that is split
MOST_SIZE = 1 << 60
_TOP = np.uint64(1 << 63)
_POWERS = [float(10**k) for k in range(MOST_PLACES + 1)]  # each is exact
_LARGEST = 2.0**53
_ENOUGH = 0.999


@dataclass(frozen=True)
class Transform:
    """How the numbers of a column become integers.

    kind: CONSTANT, KEYS, DECIMALS, or BITS: keys with NaN among them. low: of a constant its bits, else the
    least key. step: of keys. size: integers are below it. places: of decimals. palette: keys that occur, in
    rising order, if they are numbered. exceptions: bits of those.
    """

    kind: int
    low: int = 0
    step: int = 1
    size: int = 1
    places: int = 0
    palette: UInt64Array | None = None
    exceptions: UInt64Array = field(default_factory=lambda: np.empty(0, np.uint64))

    @property
    def wide(self) -> bool:
        """Whether the integers are split."""
        return self.size > MOST_SIZE


def bits_of(values: Array) -> UInt64Array:
    """(n,) the bits of numbers as stored."""
    return np.asarray(values.view(f"u{values.dtype.itemsize}").astype(np.uint64))


def decimal_places(values: Array) -> int | None:
    """The fewest places with which nearly all finite floats are decimals; None where there are none."""
    finite = np.isfinite(values)
    if not finite.any():
        return None
    some = values[finite]
    some = some[:: max(len(some) // 4096, 1)]
    for places in range(MOST_PLACES + 1):
        steps, good = _steps(some, places)
        if np.abs(steps).max(initial=0.0) >= _LARGEST:
            return None
        if good.all() and _steps(values, places)[1].sum() >= _ENOUGH * finite.sum():
            return places
    return None


def _steps(values: Array, places: int) -> tuple[Array, BoolArray]:
    """(n,) float64 whole steps of 10**-places, and which values they give back."""
    with np.errstate(all="ignore"):
        steps = np.rint(values.astype(np.float64) * _POWERS[places])
        steps = np.where(np.abs(steps) < _LARGEST, steps, 0.0) + 0.0
        back = (steps / _POWERS[places]).astype(values.dtype)
    return steps, np.asarray(bits_of(back) == bits_of(values))


def keys_of(column: Array, kind: int, places: int) -> tuple[UInt64Array, BoolArray]:
    """(n,) uint64 keys of a column as stored, and which values have one."""
    if kind == DECIMALS:
        steps, good = _steps(column, places)
        return steps.astype(np.int64).view(np.uint64) ^ _TOP, good
    keys = keys_of_numbers(column)
    good = np.isfinite(column) if column.dtype.kind == "f" and kind == KEYS else np.ones(len(column), bool)
    return keys, np.asarray(good)


def _numbers(keys: UInt64Array, transform: Transform, dtype: np.dtype[Any]) -> Array:
    """Inverse of `keys_of`."""
    if transform.kind == DECIMALS:
        steps = (keys ^ _TOP).view(np.int64).astype(np.float64)
        with np.errstate(all="ignore"):
            return np.asarray((steps / _POWERS[transform.places]).astype(dtype))
    return numbers_of_keys(keys, dtype)


def to_integers(column: Array, transform: Transform) -> tuple[Int64Array, Int64Array]:
    """(n,) int64 integers, of a wide column as uint64 bits, and (n,) symbols: 0, or 1 + the exception."""
    values = stored(column)
    if transform.kind == CONSTANT:
        return np.zeros(len(values), np.int64), np.zeros(len(values), np.int64)
    keys, good = keys_of(values, transform.kind, transform.places)
    symbols = np.zeros(len(values), np.int64)
    symbols[~good] = np.searchsorted(transform.exceptions, bits_of(values[~good])) + 1
    if transform.palette is not None:
        found = np.searchsorted(transform.palette, keys).astype(np.int64)
    else:
        found = ((keys - np.uint64(transform.low)) // np.uint64(transform.step)).view(np.int64)
    return (carried(found, good) if len(transform.exceptions) else found), symbols


def carried(values: Int64Array, good: BoolArray) -> Int64Array:
    """(n,) the values, where they are not good the last good one before, 0 before the first."""
    place = np.maximum.accumulate(np.where(good, np.arange(1, len(values) + 1), 0))
    return np.concatenate([np.zeros(1, np.int64), values])[place]


def to_column(integers: Int64Array, symbols: Int64Array, transform: Transform, dtype: np.dtype[Any]) -> Array:
    """Inverse of `to_integers`."""
    kind = np.dtype("u1") if dtype.kind == "b" else dtype.newbyteorder("<")
    word = f"u{kind.itemsize}"
    if transform.kind == CONSTANT:
        bits = np.full(len(integers), transform.low, np.uint64)
        values = bits.astype(word).view(kind)
    else:
        if transform.palette is not None:
            keys = transform.palette[integers]
        else:
            keys = integers.view(np.uint64) * np.uint64(transform.step) + np.uint64(transform.low)
        values = _numbers(keys, transform, kind).astype(kind, copy=False)
        if len(transform.exceptions):
            bits = np.concatenate([np.zeros(1, np.uint64), transform.exceptions])[symbols].astype(word)
            values = np.where(symbols > 0, bits, values.view(word)).astype(word).view(kind)
    return values.view(dtype) if dtype.kind == "b" else values.astype(dtype, copy=False)


def as_doubles(column: Array) -> Array:
    """(n,) float64, for ratios."""
    with np.errstate(all="ignore"):
        return column.astype(np.float64)
