"""Rough grids: cells for coordinates that lie on no lattice, and the remainder that each leaves in its cell.

A cell of a rough axis is an interval of the numbers of a type, which begins at a number of that type. Numbers
in rising order have keys in rising order, one apart: integers are their own, floats give theirs up by their
bits. The remainder is the distance of the keys of a number and of the first number of its cell. So every
number comes back to the last bit.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from octavox.codec.job import JobContext

from .cloud import MAX_DEPTH, PointCloud
from .grid import Grid, OnGrid
from .lattice import BINARY, INTEGER, Array, BoolArray, Int64Array, Lattice
from .morton import morton_encode
from .records import axis_columns

Keys = npt.NDArray[np.uint64]
Rests = tuple[Int64Array | None, Int64Array | None, Int64Array | None]
_DISTINCT = 0.95  # of the cells that the finest grid tells apart, from which on finer cells are no gain
_LIMIT = 1 << 61
_MARGIN = 6  # bits by which a few values may exceed all others
_MOST_STEP = 24  # log2 of the largest cell of the finest grid
_MANTISSA = {2: 11, 4: 24, 8: 53}  # bits of whole numbers that floats of so many bytes hold


def keys_of_numbers(values: Array) -> Keys:
    """(n,) uint64 keys, in the order of the numbers: -0 lies just before 0, NaN beyond the infinities."""
    bits = np.ascontiguousarray(values).view(f"u{values.dtype.itemsize}").astype(np.uint64)
    width = 8 * values.dtype.itemsize
    top = np.uint64(1 << (width - 1))
    if values.dtype.kind == "u":
        return bits
    if values.dtype.kind == "i":
        return np.asarray(bits ^ top)
    return np.where(bits & top, (bits ^ np.uint64((1 << width) - 1)), bits | top)


def numbers_of_keys(keys: Keys, dtype: np.dtype[Any]) -> Array:
    """Inverse of `keys_of_numbers`; keys count modulo the type's width."""
    width = 8 * dtype.itemsize
    top, every = np.uint64(1 << (width - 1)), np.uint64((1 << width) - 1)
    bits = keys & every
    if dtype.kind == "i":
        bits = bits ^ top
    elif dtype.kind == "f":
        bits = np.where(bits & top, bits ^ top, bits ^ every)
    return np.asarray(bits.astype(f"u{dtype.itemsize}").view(dtype))


def remainders(values: Array, lattice: Lattice, cells: Int64Array) -> Int64Array:
    """(n,) distance of each number from the first of its cell, in keys; negative for -0 alone."""
    first = lattice.values(cells, values.dtype)
    return (keys_of_numbers(values) - keys_of_numbers(first)).view(np.int64)


def numbers(rests: Int64Array, lattice: Lattice, cells: Int64Array, dtype: np.dtype[Any]) -> Array:
    """Inverse of `remainders`."""
    first = keys_of_numbers(lattice.values(cells, dtype))
    return numbers_of_keys(first + rests.view(np.uint64), dtype)


@dataclass(frozen=True)
class Rough:
    """A cloud on a rough grid. rests: for each axis (n,) remainders, or None where all are 0."""

    placed: OnGrid
    rests: Rests


def rough_grid(cloud: PointCloud, job: JobContext) -> Rough:
    """The coarsest grid that tells most points apart.

    Float axes have cells of one size, a power of two; integer axes have theirs. Points without a place are
    strays: coordinates that are not finite, or integers beyond 61 bits. Raises CancelledError.
    """
    columns = axis_columns(cloud)
    on = np.isfinite(cloud.coords).all(axis=1)
    for column in columns:
        on &= _near(column, on)
    floats = [column[on] for column in columns if column.dtype.kind == "f"]
    places = min((_finest(values) for values in floats), default=0)
    if places < -_MOST_STEP:  # cells beyond 64 bits: every point is a stray
        on[:] = False
    whole = [_whole(column[on], places) for column in columns]
    job.check()
    low = [int(axis.min()) if len(axis) else 0 for axis in whole]
    high = [int(axis.max()) if len(axis) else 0 for axis in whole]
    coarser = max(max(b - a for a, b in zip(low, high)).bit_length() - MAX_DEPTH, 0)
    coarser += _coarser(_cells(whole, low, coarser), job)
    cells = _cells(whole, low, coarser)
    types = (columns[0].dtype, columns[1].dtype, columns[2].dtype)
    x, y, z = (_lattice(types[k], low[k] >> coarser, max(places, -_MOST_STEP), coarser) for k in range(3))
    depth = max(int(cells.max(initial=0)).bit_length(), 1)
    placed = OnGrid(Grid((x, y, z), depth, types), cells, on)
    rests = [remainders(columns[k][on], (x, y, z)[k], cells[:, k]) for k in range(3)]
    first, second, third = (rest if rest.any() else None for rest in rests)
    return Rough(placed, (first, second, third))


def _near(values: Array, among: BoolArray) -> BoolArray:
    """(n,) which values are none of a few far beyond all others, or beyond 61 bits."""
    if values.dtype.kind == "u":
        return np.asarray(values < _LIMIT)
    if values.dtype.kind == "i":
        return np.asarray((values > -_LIMIT) & (values < _LIMIT))
    sizes = np.abs(values[among].astype(np.float64))
    if not len(sizes):
        return among
    bulk, most = (math.frexp(float(v))[1] for v in (np.quantile(sizes, 0.99, method="higher"), sizes.max()))
    if most <= bulk + _MARGIN:
        return among
    with np.errstate(invalid="ignore"):
        return np.asarray(np.abs(values.astype(np.float64)) < math.ldexp(1.0, bulk + 1))


def _finest(values: Array) -> int:
    """The most binary places of cells whose first numbers all have the type of the floats."""
    most = float(np.abs(values.astype(np.float64)).max(initial=0.0))
    return min(_MANTISSA[values.dtype.itemsize] - math.frexp(most)[1], 1074)


def _whole(values: Array, places: int) -> Int64Array:
    """(n,) finest cells: integers, or floats in steps of 2**-places, rounded down."""
    if values.dtype.kind in "iu":
        return values.astype(np.int64)
    with np.errstate(over="ignore", under="ignore"):
        return np.asarray(np.floor(np.ldexp(values.astype(np.float64), places)).astype(np.int64))


def _cells(whole: list[Int64Array], low: list[int], coarser: int) -> Int64Array:
    return np.stack([(axis >> coarser) - (start >> coarser) for axis, start in zip(whole, low)], axis=1)


def _coarser(cells: Int64Array, job: JobContext) -> int:
    """How many bits cells (n, 3) can lose while most of those that differ still do."""
    if len(cells) < 2:
        return 0
    codes = np.sort(morton_encode(cells, MAX_DEPTH))
    job.check()
    differ = codes[1:] ^ codes[:-1]
    levels = (np.frexp(differ[differ > 0].astype(np.float64))[1] - 1) // 3  # at which neighbours part
    parted = np.cumsum(np.bincount(levels, minlength=MAX_DEPTH)[::-1])[::-1]  # apart in cells of 2**level
    enough = np.flatnonzero(parted >= _DISTINCT * len(levels))
    return int(enough[-1]) if len(enough) else 0


def _lattice(dtype: np.dtype[Any], first: int, places: int, coarser: int) -> Lattice:
    """The axis whose cell 0 is cell `first` of 2**coarser finest ones."""
    if dtype.kind == "f" and places >= coarser:
        return Lattice(BINARY, first, 1, places - coarser)
    step = 1 << (coarser - places if dtype.kind == "f" else coarser)
    return Lattice(INTEGER, first * step, step)
