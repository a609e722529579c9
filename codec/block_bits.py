"""What the blocks of a cloud cost: the bits of each component, by block.

Geometry says of each block what it took. Coders of properties say it of each point or of each part, a run of
points; a part's bits are spread evenly over its points.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from .arrays import BoolArray, Float32Array, FloatArray, Int64Array, IntArray
from .blocks import BlockTable
from .cloud.morton import morton_encode

GEOMETRY = "geometry"
LAST = ("duplicates", "remainders")  # of the components: after the properties


@dataclass
class Spent:
    """Bits of a component. parts: (P,) of the parts as such. points: (N,) arrays of each point, summed."""

    parts: FloatArray
    points: list[Float32Array] = field(default_factory=list)

    def total(self) -> float:
        """All of them."""
        return float(self.parts.sum()) + sum(float(own.sum(dtype=np.float64)) for own in self.points)

    def of_points(self, bounds: Int64Array) -> Float32Array:
        """(N,) bits of each point. bounds: (P + 1,) first point of each part."""
        sizes = np.diff(bounds)
        shares = (self.parts / np.maximum(sizes, 1)).astype(np.float32)
        found = np.repeat(shares, sizes)
        for own in self.points:
            found += own
        return found

    def of_runs(self, bounds: Int64Array, runs: Int64Array) -> FloatArray:
        """(B,) bits of runs of points, first and end of each (B, 2)."""
        total = np.concatenate([[0.0], np.cumsum(self.parts)])
        found = np.diff(np.interp(runs, bounds, total), axis=1)[:, 0]
        for own in self.points:
            total = np.concatenate([[0.0], np.cumsum(own, dtype=np.float64)])
            found += np.diff(total[runs], axis=1)[:, 0]
        return np.asarray(found, np.float64)


@dataclass(frozen=True)
class Placed:
    """Where the points of a layout lie, and what they took.

    starts: (M + 1,) first point of each voxel, the voxels slice by slice, in a slice in Morton order. bounds:
    (P + 1,) first point of each part. spent: by component. rows: (N,) place of each point among the points
    by voxel, in Morton order; None where that is their order here.
    """

    starts: Int64Array
    bounds: Int64Array
    spent: Mapping[str, Spent] = field(default_factory=dict)
    rows: Int64Array | None = None

    def of_points(self) -> dict[str, Float32Array]:
        """(N,) bits of each point, the points by voxel, of the components that say them of points."""
        known = {name: spent for name, spent in self.spent.items() if spent.points}
        return {name: self._by_voxel(spent.of_points(self.bounds)) for name, spent in known.items()}

    def _by_voxel(self, bits: Float32Array) -> Float32Array:
        if self.rows is None:
            return bits
        found = np.empty_like(bits)
        found[self.rows] = bits
        return found


def bits_of_blocks(
    blocks: BlockTable,
    cells: IntArray,
    slices: Sequence[slice | BoolArray],
    numbers: Sequence[int],
    placed: Placed | None,
) -> dict[str, FloatArray]:
    """(B,) bits of each component, by its name; those of the geometry are bits and flags.

    cells: (M, 3) voxels. slices: where those of each slice lie among them, in Morton order. numbers: of the
    slices, as blocks name them.
    """
    found: dict[str, FloatArray] = {GEOMETRY: np.asarray(blocks.bits + blocks.flag_bits, np.float64)}
    if placed is None or not placed.spent:
        return found
    runs = placed.starts[_runs(blocks, cells, slices, numbers)]
    names = sorted(placed.spent, key=lambda name: name in LAST)
    return found | {name: placed.spent[name].of_runs(placed.bounds, runs) for name in names}


def _runs(
    blocks: BlockTable, cells: IntArray, slices: Sequence[slice | BoolArray], numbers: Sequence[int]
) -> Int64Array:
    """(B, 2) first and end of each block among the voxels, slice by slice."""
    first = morton_encode(blocks.origin)
    last = first + (blocks.size.astype(np.int64) ** 3 - 1)
    runs, before = np.zeros((len(blocks), 2), np.int64), 0
    for number, own in zip(numbers, slices, strict=True):
        codes, rows = morton_encode(cells[own]), blocks.slice == number
        runs[rows, 0] = before + np.searchsorted(codes, first[rows])
        runs[rows, 1] = before + np.searchsorted(codes, last[rows], side="right")
        before += len(codes)
    return runs
