"""Blocks: where they lie, what each cost, and what a codec expected of the voxels of one."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from .arrays import FloatArray, IntArray
from .html import html_table
from .optional import optional_package

BLOCK_SIZE = 64
BLOCK_SIZES = (64, 32, 16, 8, 4)
ROWS_SHOWN = 10  # of a table, in a notebook


@dataclass(frozen=True)
class BlockPlace:
    """Where a block lies. origin: low corner in voxels, multiples of the edge `size`.

    slice: that holds it; None where it is to be found by the whole cloud.
    """

    origin: tuple[int, int, int]
    size: int
    slice: int | None = None


@dataclass
class BlockTable:
    """One row per coded block, in coding order; all columns have the same length B.

    origin: (B, 3) int32 low corner in voxels. size: (B,) int32 edge in voxels. points: (B,) int64.
    bits: (B,) float64 code length of the occupancy symbols, -log2 p summed. flag_bits: (B,) float64 share
    of octree and partition flags. slice: (B,) int32. unsplit_bits / split_bits: (B,) float64 cost of coding
    the block's region whole, and as its eight children (NaN where not tried).
    """

    origin: IntArray
    size: IntArray
    points: npt.NDArray[np.int64]
    bits: FloatArray
    flag_bits: FloatArray
    slice: IntArray
    unsplit_bits: FloatArray
    split_bits: FloatArray

    def __len__(self) -> int:
        return len(self.size)

    def place(self, row: int) -> BlockPlace:
        """Where the block of a row lies."""
        x, y, z = self.origin[row].tolist()
        return BlockPlace((x, y, z), int(self.size[row]), int(self.slice[row]))

    @property
    def bpov(self) -> FloatArray:
        """(B,) bits per occupied voxel, flags included."""
        return np.asarray((self.bits + self.flag_bits) / np.maximum(self.points, 1), np.float64)

    def to_pandas(self) -> Any:
        """A `pandas.DataFrame` with one row per block: x, y, z of its low corner, the other columns, bpov.

        Raises InputError where pandas is not installed.

            >>> import octavox as ov
            >>> table = ov.encode(ov.PointCloud([[1, 2, 3], [70, 2, 3]])).blocks.to_pandas()
            >>> table[["x", "y", "z", "size", "points"]].to_numpy().tolist()
            [[0, 0, 0, 64, 1], [64, 0, 0, 64, 1]]
        """
        pandas = optional_package("pandas", "a data frame")
        columns: dict[str, npt.NDArray[Any]] = {axis: self.origin[:, k] for k, axis in enumerate("xyz")}
        columns |= {f.name: getattr(self, f.name) for f in fields(self) if f.name != "origin"}
        return pandas.DataFrame({**columns, "bpov": self.bpov}, copy=True)

    def _repr_html_(self) -> str:
        """What a notebook shows: the first blocks."""
        head = ("slice", "origin", "size", "points", "bits", "bpov")
        rows = [
            (
                int(self.slice[k]),
                ", ".join(map(str, self.origin[k].tolist())),
                int(self.size[k]),
                f"{int(self.points[k]):,}",
                f"{float(self.bits[k] + self.flag_bits[k]):,.1f}",
                f"{float(self.bpov[k]):.4f}",
            )
            for k in range(min(len(self), ROWS_SHOWN))
        ]
        more = f", the first {ROWS_SHOWN}" if len(self) > ROWS_SHOWN else ""
        return html_table(f"BlockTable: {len(self):,} blocks{more}", rows, head)

    @staticmethod
    def make(
        origin: npt.ArrayLike,
        size: npt.ArrayLike,
        points: npt.ArrayLike,
        bits: npt.ArrayLike,
        flag_bits: npt.ArrayLike = 0.0,
        slice: npt.ArrayLike = 0,
        unsplit_bits: npt.ArrayLike = np.nan,
        split_bits: npt.ArrayLike = np.nan,
    ) -> BlockTable:
        """A table from arrays or scalars; scalars are repeated for every row."""
        corner = np.asarray(origin, np.int32).reshape(-1, 3)
        n = len(corner)

        def column(value: npt.ArrayLike, dtype: type) -> npt.NDArray[Any]:
            return np.array(np.broadcast_to(np.asarray(value, dtype), (n,)))

        return BlockTable(
            corner,
            column(size, np.int32),
            column(points, np.int64),
            column(bits, np.float64),
            column(flag_bits, np.float64),
            column(slice, np.int32),
            column(unsplit_bits, np.float64),
            column(split_bits, np.float64),
        )

    @staticmethod
    def empty() -> BlockTable:
        return BlockTable.make(np.empty((0, 3), np.int32), [], [], [])

    @staticmethod
    def concatenate(tables: list[BlockTable]) -> BlockTable:
        if not tables:
            return BlockTable.empty()
        columns = [np.concatenate([getattr(t, f.name) for t in tables]) for f in fields(BlockTable)]
        return BlockTable(*columns)


@dataclass(frozen=True)
class VoxelProbabilities:
    """What a codec expected of the voxels of one block, and what they cost.

    Holds every occupied voxel, and of the empty ones those that were coded beside it: with codec "voxeldnn"
    all with an occupied voxel in their context, with the others the eight children of each node of edge 2.
    The rest, all empty, cost other_bits together, the levels above the voxels coarser_bits (0 for
    "voxeldnn"), so that bits.sum() + other_bits + coarser_bits is the block's code length without flags.
    coords: (N, 3) int32 cloud coordinates. probability: (N,) float64 of being occupied. occupied: (N,) bool.
    bits: (N,) float64 code length.
    """

    coords: IntArray
    probability: FloatArray
    occupied: npt.NDArray[np.bool_]
    bits: FloatArray
    other_bits: float
    coarser_bits: float = 0.0
