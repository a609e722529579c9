"""What a frame is coded with: the frame before, as a decoder has it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from octavox.codec.arrays import Int32Array, Int64Array
from octavox.codec.cloud.columns import Column, ListColumn
from octavox.codec.cloud.grid import Grid
from octavox.codec.cloud.lattice import REGULAR, Lattice
from octavox.codec.cloud.morton import CodeArray, morton_encode
from octavox.codec.codecs.attributes.interface import Array

BLOCK_BITS = 5  # log2 of the edge of a block
MOST_DEPTH = 20  # of frames that are coded with another one: steps beside a voxel must not leave its axis
Together = tuple[tuple[str, int], ...]  # columns of one group: a property and the component
_FAR = 1 << 40  # cells: lattices that are farther apart have nothing in common


@dataclass(frozen=True)
class ReferenceFrame:
    """coords: (M, 3) voxels in Morton order. grid: where they lie. columns: of the points, whose values are
    exact; rows: (M,) of the first point of each voxel; None: there is one for each, in their order. learned:
    what the coders of groups of columns had learned.
    """

    coords: Int32Array
    grid: Grid
    columns: dict[str, Column] = field(default_factory=dict)
    rows: Int64Array | None = None
    learned: Mapping[Together, tuple[object, ...]] = field(default_factory=dict)

    def on(self, grid: Grid, depth: int) -> PlacedFrame | None:
        """Its voxels on another grid of the same steps.

        None where the steps differ, or no voxel lies on that grid.
        """
        steps = [_shift(own, other) for own, other in zip(self.grid.axes, grid.axes, strict=True)]
        if any(step is None for step in steps) or depth > MOST_DEPTH:
            return None
        coords = self.coords
        if any(steps):
            coords = coords + np.array(steps, np.int64)
        inside = np.ones(len(coords), np.bool_)
        if len(coords) and (coords.min() < 0 or coords.max() >= 1 << depth):
            inside = np.asarray(((coords >= 0) & (coords < 1 << depth)).all(1))
        if not inside.any():
            return None
        codes, rows = morton_encode(coords[inside], depth), np.flatnonzero(inside)
        if not (codes[1:] > codes[:-1]).all():
            order = np.argsort(codes)
            codes, rows = codes[order], rows[order]
        return PlacedFrame(self, codes, rows)


@dataclass(frozen=True)
class PlacedFrame:
    """The frame before on the grid of the next. codes: (m,) sorted Morton codes; rows: (m,) its voxels."""

    frame: ReferenceFrame
    codes: CodeArray
    rows: Int64Array

    def moved(self, vectors: npt.NDArray[np.int16], depth: int) -> PlacedFrame:
        """Its blocks moved by these vectors (B, 3). Where nothing is left, where it was."""
        if not vectors.any():
            return self
        from octavox.codec.codecs.geometry.inter.motion import moved  # compiled code

        codes, rows = moved(self.codes, vectors, depth)
        return PlacedFrame(self.frame, codes, self.rows[rows]) if len(codes) else self

    @property
    def blocks(self) -> int:
        """How many blocks have a vector."""
        return int((np.diff(self.codes >> 3 * BLOCK_BITS, prepend=-1) != 0).sum())

    def learned(self, together: Together) -> tuple[object, ...]:
        """See properties.Earlier."""
        return self.frame.learned.get(together, ())

    def columns(self, name: str) -> list[Array]:
        """See properties.Earlier."""
        column, points = self.frame.columns.get(name), self.frame.rows
        if column is None or isinstance(column, ListColumn):
            return []
        own = column[self.rows if points is None else points[self.rows]]
        return [own] if own.ndim == 1 else [np.ascontiguousarray(part) for part in own.T]


def _shift(own: Lattice, other: Lattice) -> int | None:
    """Cells from a lattice to another of the same steps; None where there is no such number."""
    if own.kind != other.kind:
        return None
    if own.kind == REGULAR:
        if own.scale != other.scale:
            return None
        cells = (own.origin - other.origin) / own.scale
        return int(np.rint(cells)) if abs(cells) < _FAR else None
    if own.step != other.step or own.places != other.places:
        return None
    cells, rest = divmod(own.base - other.base, own.step)
    return cells if not rest and abs(cells) < _FAR else None
