"""Plain data that every part of Octavox speaks: clouds, blocks, progress, reports. numpy only."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from .errors import CancelledError

MAX_DEPTH = 21
PART = 1 << 16  # rows that work on a whole cloud takes at a time: they fit the cache, and a cancel is heard
BLOCK_SIZE = 64
BLOCK_SIZES = (64, 32, 16, 8, 4)
EFFORTS = ("normal", "high")

IntArray = npt.NDArray[np.int32]
FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Transform:
    """Maps voxel coordinates c (integers in [0, 2**depth)) to file coordinates: origin + scale * c."""

    origin: tuple[float, float, float] = (0.0, 0.0, 0.0)
    scale: float = 1.0


@dataclass
class PointCloud:
    """A cloud as read from a file, before voxelization.

    positions: (N, 3) float64 or int64, as stored. colors: (N, 3) uint8 or None.
    coordinate_type: PLY name of the stored type ("float", "double", "int", "short", ...).
    properties: names of the further vertex properties, which this version does not store.
    """

    positions: npt.NDArray[Any]
    colors: npt.NDArray[np.uint8] | None = None
    coordinate_type: str = "float"
    properties: tuple[str, ...] = ()
    comments: tuple[str, ...] = ()
    source: str | None = None


@dataclass
class VoxelCloud:
    """Occupied voxels: unique, in Morton order (x most significant), each coordinate in [0, 2**depth).

    coords: (N, 3) int32. depth: octree levels, 1 to 21. colors: (N, 3) uint8 (mean of merged points) or None.
    """

    coords: IntArray
    depth: int
    transform: Transform = field(default_factory=Transform)
    coordinate_type: str = "float"
    colors: npt.NDArray[np.uint8] | None = None

    def __len__(self) -> int:
        return len(self.coords)


@dataclass(frozen=True)
class BlockPlace:
    """Where a block lies. origin: low corner in voxels, multiples of the edge `size`.

    slice: that holds it; None where it is to be found by the whole cloud.
    """

    origin: tuple[int, int, int]
    size: int
    slice: int | None = None


@dataclass(frozen=True)
class VoxelizationReport:
    """What voxelization did to the input. Distances are in the file's units."""

    input_points: int
    points: int
    merged: int  # input points that fell into an already occupied voxel
    depth: int
    voxel_size: float
    moved_mean: float  # distance from an input point to its voxel's reconstruction
    moved_max: float
    shifted: tuple[float, float, float]  # origin subtracted before coding
    exact: bool  # every distinct input position comes back exactly
    dropped: tuple[str, ...]  # vertex properties that are not stored


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
class Progress:
    """One step of a running job, sent from the worker thread.

    stage: "read", "partition", "search", "encode", "decode", "write". done and total count voxels, sites or
    tries, so that done / total grows evenly with time. blocks: rows that became final with this step, or
    None.
    coords: (n, 3) int32 voxels decoded with this step, or None.
    """

    stage: str
    done: int
    total: int
    blocks: BlockTable | None = None
    coords: IntArray | None = None


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


ProgressCallback = Callable[[Progress], None]


class CancelToken:
    """Set from any thread; the job notices at its next step and raises CancelledError."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def cancel(self) -> None:
        self._event.set()

    @property
    def cancelled(self) -> bool:
        return self._event.is_set()

    def raise_if_cancelled(self) -> None:
        if self._event.is_set():
            raise CancelledError("cancelled")


@dataclass(frozen=True)
class CodecOptions:
    """What a caller may choose. None means the codec's default."""

    codec: str = "multiscale"
    max_level: int = 4  # 1: blocks of 64 only ... 5: down to blocks of 4 (Algorithm 1)
    block_size: int = BLOCK_SIZE  # of the block table of octree and multiscale; never changes the bytes
    slices: int | None = None  # octree, multiscale: about so many, which code in parallel; None: by points
    effort: str = "normal"  # high: octree and multiscale try what suits the cloud before they code it
    device: str = "auto"  # auto, cpu or cuda
    threads: int | None = None
    batch_sites: int | None = None  # sites per network batch; never changes the bytes
    weights: str | None = None  # path of a weights file; None: the shipped ones


@dataclass
class JobContext:
    """Progress and cancellation of one job, handed down to the codecs."""

    progress: ProgressCallback | None = None
    cancel: CancelToken | None = None

    def report(self, step: Progress) -> None:
        self.check()
        if self.progress is not None:
            self.progress(step)

    def check(self) -> None:
        if self.cancel is not None:
            self.cancel.raise_if_cancelled()

    def parts(self, rows: int, step: int = PART) -> Iterator[slice]:
        """Slices that cut arrays of so many rows into parts; looks at the cancel token before each."""
        for first in range(0, rows, step):
            self.check()
            yield slice(first, min(rows, first + step))
