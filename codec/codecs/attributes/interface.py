"""The interface of a coder of attributes: what it takes and returns, and what it must hold to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from octavox.codec.arrays import Float32Array, FloatArray, Int64Array, IntArray
from octavox.codec.cloud.morton import morton_encode, near_blocks
from octavox.codec.job import JobContext

Array = npt.NDArray[Any]
PART_OF_SLICE = 1 << 20
_RUNS = 8  # of a sample


@dataclass(frozen=True)
class FrameBefore:
    """The points of the frame before. codes: (m,) sorted Morton codes of voxels, on the grid of this frame.

    columns: (m,) values of the columns that are coded together, with the same types. learned: what their
    coder had learned at the end of each part, or of the first ones; opaque.
    """

    codes: Int64Array
    columns: list[Array]
    learned: tuple[object, ...] = ()

    def near(self, cells: IntArray) -> FrameBefore | None:
        """Its points in or beside blocks of 8^3 with some of these cells (n, 3); None: there are none."""
        rows = near_blocks(self.codes, morton_encode(cells), 3)
        if not rows.any():
            return None
        return replace(self, codes=self.codes[rows], columns=[column[rows] for column in self.columns])


@dataclass(frozen=True)
class Layout:
    """Where the points are that columns belong to.

    cells: (N, 3) voxel of each point, in each part in Morton order; points of one voxel follow each other. Of
    the values of lists, which lie nowhere: (0, 3). bounds: (P + 1,) first row of each part; a part is coded
    and decoded without the others. threads: at most so many; None: one for each core. before: what coder
    "referring" also sees. numbers: (P,) of the parts: their slice + PART_OF_SLICE * their place in it; empty:
    0, 1, 2, ...
    """

    cells: IntArray
    bounds: Int64Array
    threads: int | None = None
    before: FrameBefore | None = None
    numbers: tuple[int, ...] = ()

    @property
    def rows(self) -> int:
        """How many rows columns have."""
        return int(self.bounds[-1])

    def sample(self, most: int) -> tuple[Int64Array, Layout]:
        """About `most` rows, or all, in a few runs from everywhere, and their layout, in as few parts."""
        if self.rows <= most:
            return np.arange(self.rows), self
        starts = np.linspace(0, self.rows - most // _RUNS, _RUNS).astype(np.int64)
        rows = np.unique(starts[:, None] + np.arange(most // _RUNS))
        bounds = np.unique(np.searchsorted(rows, self.bounds))
        before = None if self.before is None else self.before.near(self.cells[rows])
        return rows, Layout(self.cells[rows], bounds, self.threads, before)

    @property
    def parts(self) -> list[slice]:
        """The rows of each part."""
        return [slice(int(a), int(b)) for a, b in zip(self.bounds[:-1], self.bounds[1:])]


@dataclass(frozen=True)
class CodedColumns:
    """Columns that were coded together, free of the container.

    params: settings of the coder. payloads: one a part. part_bits: (P, C) of each column in each part;
    together those of all payloads, but for what they share. costs: (N, C) bits of each value where the coder
    knows them; their sums are part_bits. columns: what a decoder has, where that is not what was given.
    learned: at the ends of parts, for a coder of the next frame that can begin there.
    """

    params: bytes
    payloads: list[bytes]
    part_bits: FloatArray
    costs: Float32Array | None = None
    columns: list[Array] | None = None
    learned: tuple[object, ...] = ()

    @property
    def bits(self) -> FloatArray:
        """(C,) bits of each column."""
        return np.asarray(self.part_bits.sum(axis=0), np.float64)


@dataclass(frozen=True)
class DecodedColumns:
    """columns: each with its type. part_bits, costs, learned: as in `CodedColumns`."""

    columns: list[Array]
    part_bits: FloatArray
    costs: Float32Array | None = None
    learned: tuple[object, ...] = ()

    @property
    def bits(self) -> FloatArray:
        """(C,) bits of each column."""
        return np.asarray(self.part_bits.sum(axis=0), np.float64)


class AttributeCoder(Protocol):
    """Lossless coding of columns of numbers. Implementations are stateless and thread-safe.

    encode raises CancelledError. decode raises CorruptStreamError for what encode cannot have made, with
    field "part K" and a byte that counts in the payload; CancelledError.
    """

    name: str
    id: int

    def encode(self, columns: list[Array], layout: Layout, job: JobContext) -> CodedColumns: ...

    def decode(
        self,
        params: bytes,
        payloads: list[bytes],
        types: list[np.dtype[Any]],
        layout: Layout,
        job: JobContext,
    ) -> DecodedColumns: ...


@runtime_checkable
class BoundedCoder(AttributeCoder, Protocol):
    """A coder that codes integers more cheaply where they need not come back exactly."""

    def encode_within(
        self, columns: list[Array], errors: list[int], layout: Layout, job: JobContext
    ) -> CodedColumns:
        """As encode; what a decoder has of each column is off by at most its error."""
