"""The interface of a coder of attributes: what it takes and returns, and what it must hold to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from octavox.codec.arrays import Float32Array, FloatArray, Int64Array, IntArray
from octavox.codec.job import JobContext

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Layout:
    """Where the points are that columns belong to.

    cells: (N, 3) voxel of each point, in each part in Morton order; points of one voxel follow each other. Of
    the values of lists, which lie nowhere: (0, 3). bounds: (P + 1,) first row of each part; a part is coded
    and decoded without the others. threads: at most so many; None: one for each core.
    """

    cells: IntArray
    bounds: Int64Array
    threads: int | None = None

    @property
    def rows(self) -> int:
        """How many rows columns have."""
        return int(self.bounds[-1])

    @property
    def parts(self) -> list[slice]:
        """The rows of each part."""
        return [slice(int(a), int(b)) for a, b in zip(self.bounds[:-1], self.bounds[1:])]


@dataclass(frozen=True)
class CodedColumns:
    """Columns that were coded together, free of the container.

    params: settings of the coder. payloads: one a part. part_bits: (P, C) of each column in each part;
    together those of all payloads, but for what they share. costs: (N, C) bits of each value where the coder
    knows them; their sums are part_bits.
    """

    params: bytes
    payloads: list[bytes]
    part_bits: FloatArray
    costs: Float32Array | None = None

    @property
    def bits(self) -> FloatArray:
        """(C,) bits of each column."""
        return np.asarray(self.part_bits.sum(axis=0), np.float64)


@dataclass(frozen=True)
class DecodedColumns:
    """columns: each with its type. part_bits, costs: as in `CodedColumns`."""

    columns: list[Array]
    part_bits: FloatArray
    costs: Float32Array | None = None

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
