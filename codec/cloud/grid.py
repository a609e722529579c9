"""The grid of a cloud: a lattice for each axis on which its coordinates lie exactly, or the voxels chosen."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from octavox.codec.job import JobContext

from .cloud import MAX_DEPTH, PointCloud, Transform
from .lattice import (
    EXACT,
    INTEGER,
    Array,
    BoolArray,
    Int64Array,
    Lattice,
    candidates,
    common_step,
    whole_numbers,
)

MOST_STRAYS = 0.02  # of the points, beyond which a grid is none of the cloud
_LIMIT = 1 << 62
_FEW = 64  # points


@dataclass(frozen=True)
class Grid:
    """Cells [0, 2**depth) of three lattices, and the types that their values have in the file."""

    axes: tuple[Lattice, Lattice, Lattice]
    depth: int
    types: tuple[np.dtype[Any], np.dtype[Any], np.dtype[Any]]

    @property
    def fits(self) -> bool:
        """Whether a stream can hold it."""
        return all(axis.fits(self.depth) for axis in self.axes)

    @property
    def transform(self) -> Transform:
        """Where cells lie, in stored numbers, as nearly as doubles say it."""
        x, y, z = self.axes
        steps = (float(x.spacing), float(y.spacing), float(z.spacing))
        origin = (float(x.first), float(y.first), float(z.first))
        return Transform(origin, min(steps), None if len(set(steps)) == 1 else steps)

    def columns(self, cells: npt.NDArray[Any]) -> list[Array]:
        """The stored numbers of cells (N, 3), axis by axis, each with its type."""
        return [self.axes[k].values(cells[:, k], self.types[k]) for k in range(3)]

    def coords(self, cells: npt.NDArray[Any]) -> Array:
        """The stored numbers of cells (N, 3), in the one type that holds all of them."""
        columns = self.columns(cells)
        found = np.empty(cells.shape, np.result_type(*self.types))
        for k, column in enumerate(columns):
            found[:, k] = column
        return found


@dataclass(frozen=True)
class OnGrid:
    """A cloud on a grid.

    cells: (n, 3) int64 of the points that lie on it, in their order; on: (N,) which. exact: every one of them
    lies on it to the last bit.
    """

    grid: Grid
    cells: Int64Array
    on: BoolArray
    exact: bool = False

    @property
    def strays(self) -> npt.NDArray[np.int64]:
        """Rows of the points that do not lie on the grid."""
        return np.flatnonzero(~self.on)


@dataclass(frozen=True)
class AxisNumbers:
    """The whole numbers of one axis, which of its values they give back, and their kind of lattice."""

    numbers: Int64Array
    fits: BoolArray
    kind: int
    places: int


def exact_grid(cloud: PointCloud, job: JobContext) -> OnGrid | str:
    """The grid on which the stored coordinates lie to the last bit, or the reason why there is none.

    Decimal and binary steps are found for each axis, and a common multiple of all differences. A few points
    may lie off it (MOST_STRAYS): values that are not finite, a mark for "nothing measured", outliers beyond
    21 bits. Raises CancelledError.
    """
    types = cloud.axis_types or (cloud.coords.dtype,) * 3
    if not len(cloud):
        return OnGrid(Grid((Lattice(INTEGER),) * 3, 1, types), np.empty((0, 3), np.int64), np.empty(0, bool))
    finite = cloud.finite
    axes = []
    for k in range(3):
        found = axis_numbers(np.ascontiguousarray(cloud.coords[:, k], types[k]), finite, job)
        if found is None:
            return f"the coordinates of axis {'xyz'[k]} lie on no lattice"
        axes.append(found)
    on = finite & axes[0].fits & axes[1].fits & axes[2].fits
    for axis in axes:
        on &= _window(axis.numbers, on)
    job.check()
    off = int(np.count_nonzero(finite & ~on))
    if off > MOST_STRAYS * int(np.count_nonzero(finite)):
        return _why(axes, finite, off)
    lattices = _lattices(axes, on)
    cells = np.empty((int(np.count_nonzero(on)), 3), np.int64)
    for k, (axis, lattice) in enumerate(zip(axes, lattices, strict=True)):
        numbers = axis.numbers if on.all() else axis.numbers[on]
        plain = lattice.base == 0 and lattice.step == 1
        cells[:, k] = numbers if plain else (numbers - lattice.base) // lattice.step
        job.check()
    depth = max(int(cells.max(initial=0)).bit_length(), 1)
    grid = Grid((lattices[0], lattices[1], lattices[2]), depth, types)
    return (
        OnGrid(grid, cells, on, True)
        if grid.fits
        else "the lattice of the coordinates does not fit into 64 bits"
    )


def axis_numbers(values: Array, finite: BoolArray, job: JobContext) -> AxisNumbers | None:
    """The lattice of one axis (n,) on which nearly all values lie; None without one."""
    if values.dtype.kind in "iu":
        fits = values < _LIMIT if values.dtype.kind == "u" else (values > -_LIMIT) & (values < _LIMIT)
        return AxisNumbers(
            np.where(fits, values, 0).astype(np.int64, copy=False), np.asarray(fits), INTEGER, 0
        )
    best: tuple[int, AxisNumbers] | None = None
    enough = (1 - MOST_STRAYS) * int(np.count_nonzero(finite))
    for kind, places in candidates(values) or [(INTEGER, 0)]:
        numbers, fits = whole_numbers(values, kind, places, job)
        fits &= finite
        if np.count_nonzero(fits) < enough:
            continue
        near = fits & _window(numbers, fits)
        bits = 64 if np.count_nonzero(near) < max(enough, 1) else _bits(numbers[near])
        if best is None or bits < best[0]:
            best = bits, AxisNumbers(numbers, fits, kind, places)
    return None if best is None else best[1]


def _window(numbers: Int64Array, on: BoolArray) -> BoolArray:
    """(n,) which of the numbers lie within 2**21 steps of each other, around their middle."""
    some = numbers if on.all() else numbers[on]
    if not len(some):
        return on
    step = common_step(some)
    if (int(some.max()) - int(some.min())) // step < 1 << MAX_DEPTH:
        return on
    # Steps of few outliers may differ from those of all others: the step of the middle counts.
    low, middle, high = (int(v) for v in np.quantile(some, (0.02, 0.5, 0.98), method="nearest"))
    inner = some[(some >= low) & (some <= high)]
    step = common_step(inner)
    reach = (1 << (MAX_DEPTH - 1)) * step
    near = (numbers >= middle - reach) & (numbers < middle + reach)
    if high - low < reach:  # keep as many as fit beside the bulk
        near = (numbers >= high - 2 * reach + step) & (numbers <= low + 2 * reach - step) & near
    return np.asarray(on & near & ((numbers - low) % step == 0), bool)


def _lattices(axes: list[AxisNumbers], on: BoolArray) -> list[Lattice]:
    bounds, steps = [], []
    for axis in axes:
        some = axis.numbers[on]
        bounds.append((int(some.min()), int(some.max())) if len(some) else (0, 0))
        steps.append(common_step(some))
    low, high = min(b[0] for b in bounds), max(b[1] for b in bounds)
    flat = [bound[0] == bound[1] for bound in bounds]
    few = int(np.count_nonzero(on)) < _FEW  # whose steps are chance
    if few and max(b[1] - b[0] for b in bounds) < 1 << MAX_DEPTH:
        steps = [1] * 3
    common = math.gcd(*(step for step, alone in zip(steps, flat) if not alone)) or 1
    own = low >= 0 and high < 1 << MAX_DEPTH and all(axis.kind == INTEGER for axis in axes)
    if own and common == 1:  # the file's own grid: blocks stay aligned with it
        return [Lattice(INTEGER) for _ in axes]
    if len({(axis.kind, axis.places) for axis in axes}) == 1:
        steps = [common if alone else step for step, alone in zip(steps, flat)]
    return [
        Lattice(axis.kind, bound[0], step, axis.places)
        for axis, bound, step in zip(axes, bounds, steps, strict=True)
    ]


def _bits(numbers: Int64Array) -> int:
    """Bits that the cells of these numbers take, with the step that they have in common."""
    return ((int(numbers.max()) - int(numbers.min())) // common_step(numbers)).bit_length()


def _why(axes: list[AxisNumbers], finite: BoolArray, strays: int) -> str:
    """Why a grid would leave out too many points."""
    need = 0
    for axis in axes:
        some = axis.numbers[axis.fits & finite]
        if len(some):
            need = max(need, _bits(some))
    if need > MAX_DEPTH:
        return f"the coordinates span {need} bits, and a stream holds {MAX_DEPTH}"
    return f"{strays:,} points lie on no common lattice"


def fits_exactly(transform: Transform, depth: int) -> bool:
    """Whether doubles tell the cells of a grid apart."""
    far = [abs(o) + transform.scale * (1 << depth) for o in transform.origin]
    return max(far) < EXACT * transform.scale and math.isfinite(max(far))
