"""Rough grids: cells for coordinates that lie on no lattice, and the remainder that each leaves in its cell.

A cell of a rough axis is an interval of numbers. Where the numbers lie on a lattice of more than 21 bits, the
remainder counts its steps from the first one of the cell. Otherwise it counts the numbers of the type: in
rising order they have keys in rising order, one apart; integers are their own, floats give theirs up by their
bits. So every number comes back to the last bit.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from octavox.codec.job import JobContext

from .cloud import MAX_DEPTH, PointCloud
from .grid import MOST_STRAYS, Grid, OnGrid, axis_numbers
from .lattice import BINARY, DECIMAL, INTEGER, Array, BoolArray, Int64Array, Lattice
from .morton import morton_encode
from .records import axis_columns

Keys = npt.NDArray[np.uint64]
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


NONE, KEYS, STEPS = range(3)  # what remainders of an axis count
KEYS_OF_FLOATS = -1  # in the place of a kind of lattice
Modes = tuple[int, int, int]


def key_remainders(values: Array, lattice: Lattice, cells: Int64Array) -> Int64Array:
    """(n,) distance of each number from the first of its cell, in keys; negative for -0 alone."""
    first = lattice.values(cells, values.dtype)
    return (keys_of_numbers(values) - keys_of_numbers(first)).view(np.int64)


def numbers_at(rests: Int64Array, lattice: Lattice, cells: Int64Array, axis: Axis) -> Array:
    """(n,) the numbers of an axis, from their cells and remainders."""
    if axis.mode == KEYS:
        first = keys_of_numbers(lattice.values(cells, axis.dtype))
        return numbers_of_keys(first + rests.view(np.uint64), axis.dtype)
    whole = lattice.base + lattice.step * cells + rests
    return Lattice(lattice.kind, places=lattice.places).values(whole, axis.dtype)


class Axis(NamedTuple):
    """mode: NONE, KEYS or STEPS. dtype: of the numbers."""

    mode: int
    dtype: np.dtype[Any]


Rests = tuple[Int64Array | None, Int64Array | None, Int64Array | None]


@dataclass(frozen=True)
class Rough:
    """A cloud on a rough grid. rests: for each axis (n,) remainders, None where all are 0. modes: of each."""

    placed: OnGrid
    rests: Rests
    modes: Modes


@dataclass(frozen=True)
class _Fine:
    """The finest cells of the axes.

    whole: (n,) of each axis, of the points in `on`. kind, places: of the lattice of floats.
    """

    whole: list[Int64Array]
    on: BoolArray
    kind: int
    places: int


def rough_grid(cloud: PointCloud, job: JobContext) -> Rough:
    """The coarsest grid that tells most points apart.

    Float axes have cells of one size, a multiple of the step of their lattice, or else a power of two;
    integer axes have theirs. Points without a place are strays: off a lattice that the others lie on,
    coordinates that are not finite, integers beyond 61 bits. Raises CancelledError.
    """
    columns = axis_columns(cloud)
    by_lattice = _on_lattices(columns, job)
    by_keys = _rough(columns, _on_keys(columns), job)
    if by_lattice is None:
        return by_keys
    # Every float lies on lattices that are fine enough: one means something if counting its steps takes less.
    by_steps = _rough(columns, by_lattice, job)
    return min(by_steps, by_keys, key=_cost)


def _cost(rough: Rough) -> float:
    """About the bits of the remainders and of the points without a place."""
    width = 8 * sum(kind.itemsize for kind in rough.placed.grid.types)
    rests = (np.log2(rest.astype(np.float64).clip(1.0)).sum() for rest in rough.rests if rest is not None)
    return float(sum(rests)) + width * len(rough.placed.strays)


def _rough(columns: list[Array], fine: _Fine, job: JobContext) -> Rough:
    job.check()
    low = [int(axis.min()) if len(axis) else 0 for axis in fine.whole]
    high = [int(axis.max()) if len(axis) else 0 for axis in fine.whole]
    coarser = max(max(b - a for a, b in zip(low, high)).bit_length() - MAX_DEPTH, 0)
    if max((b >> coarser) - (a >> coarser) for a, b in zip(low, high)) >> MAX_DEPTH:
        coarser += 1
    coarser += _coarser(_cells(fine.whole, low, coarser), job)
    cells = _cells(fine.whole, low, coarser)
    types = (columns[0].dtype, columns[1].dtype, columns[2].dtype)
    x, y, z = (_lattice(types[k], low[k] >> coarser, fine, coarser) for k in range(3))
    depth = max(int(cells.max(initial=0)).bit_length(), 1)
    placed = OnGrid(Grid((x, y, z), depth, types), cells, fine.on)
    rests: list[Int64Array | None] = []
    modes: list[int] = []
    for k, lattice in enumerate((x, y, z)):
        steps = fine.kind != KEYS_OF_FLOATS or types[k].kind != "f"
        if steps:
            rest = fine.whole[k] - (lattice.base + lattice.step * cells[:, k])
        else:
            rest = key_remainders(columns[k][fine.on], lattice, cells[:, k])
        modes.append((STEPS if steps else KEYS) if rest.any() else NONE)
        rests.append(rest if rest.any() else None)
    return Rough(placed, (rests[0], rests[1], rests[2]), (modes[0], modes[1], modes[2]))


def _on_lattices(columns: list[Array], job: JobContext) -> _Fine | None:
    """The axes by steps of their lattices, which have one size; None where floats lie on none."""
    finite = np.logical_and.reduce([np.isfinite(column) for column in columns])
    found = [axis_numbers(column, finite, job) for column in columns]
    floats = [axis for axis, column in zip(found, columns) if column.dtype.kind == "f"]
    if any(axis is None for axis in found) or len({axis.kind for axis in floats if axis}) > 1:
        return None
    places = max((axis.places for axis in floats if axis), default=0)
    kind = floats[0].kind if floats and floats[0] else INTEGER
    on, whole = finite.copy(), []
    for axis, column in zip(found, columns):
        assert axis is not None
        more = places - axis.places if column.dtype.kind == "f" else 0
        factor = (10 if kind == DECIMAL else 2) ** more
        if factor > _LIMIT:
            return None
        on &= axis.fits & (np.abs(axis.numbers) < _LIMIT // factor)
        whole.append((axis.numbers, factor))
    if np.count_nonzero(on) < (1 - MOST_STRAYS) * np.count_nonzero(finite):
        return None
    return _Fine([numbers[on] * factor for numbers, factor in whole], on, kind, places)


def _on_keys(columns: list[Array]) -> _Fine:
    """The axes by the numbers of their types."""
    on = np.logical_and.reduce([np.isfinite(column) for column in columns])
    for column in columns:
        on &= _near(column, on)
    floats = [column[on] for column in columns if column.dtype.kind == "f"]
    places = min((_finest(values) for values in floats), default=0)
    largest = max((float(np.abs(values).max(initial=0.0)) for values in floats), default=0.0)
    if places < -_MOST_STEP or largest >= _LIMIT >> 1:  # cells beyond 64 bits: every point is a stray
        on[:] = False
    whole = [_whole(column[on], places) for column in columns]
    return _Fine(whole, on, KEYS_OF_FLOATS, max(places, -_MOST_STEP))


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


def _lattice(dtype: np.dtype[Any], first: int, fine: _Fine, coarser: int) -> Lattice:
    """The axis whose cell 0 is cell `first` of 2**coarser finest ones."""
    if dtype.kind != "f":
        return Lattice(INTEGER, first << coarser, 1 << coarser)
    if fine.kind != KEYS_OF_FLOATS:
        return Lattice(fine.kind, first << coarser, 1 << coarser, fine.places)
    if fine.places >= coarser:
        return Lattice(BINARY, first, 1, fine.places - coarser)
    step = 1 << (coarser - fine.places)
    return Lattice(INTEGER, first * step, step)
