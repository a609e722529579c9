"""The interface of a geometry codec: what it takes and returns, and what it must hold to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from octavox.codec.arrays import Int32Array, Int64Array, UInt8Array
from octavox.codec.blocks import BlockPlace, BlockTable, VoxelProbabilities
from octavox.codec.cloud.cloud import VoxelCloud
from octavox.codec.job import JobContext
from octavox.codec.options import CodecOptions

SECTION_TREE = 1  # block tree shared by all slices
SECTION_SLICE = 2  # one independently decodable slice


@dataclass(frozen=True)
class Section:
    """One checksummed part of the file. points: occupied voxels that it holds (0 for a tree)."""

    kind: int
    payload: bytes
    points: int = 0


@dataclass(frozen=True)
class GeometryStream:
    """A coded cloud, free of the container. params: codec-specific, at most 64 bytes.

    wanted: the slices to decode; None for all of them.
    """

    depth: int
    points: int
    params: bytes = b""
    weights_id: bytes = bytes(8)
    sections: list[Section] = field(default_factory=list)
    wanted: tuple[int, ...] | None = None

    @property
    def chosen(self) -> tuple[int, ...]:
        """Numbers of the slices to decode, in rising order."""
        count = sum(section.kind == SECTION_SLICE for section in self.sections)
        return tuple(range(count)) if self.wanted is None else self.wanted


@dataclass(frozen=True)
class EncodedGeometry:
    """slice_of: (N,) number of the slice that holds each voxel of the cloud, in Morton order; None where the
    slices are runs of the voxels, one after the other. level_ends: of a LevelCodec, for each slice the bytes
    of its payload that each number of levels takes, from one level on. coords: the voxels that a decoder
    gets, in Morton order, where they are not those of the cloud. level_bits: code length of each octree
    level, coarsest first; () where the codec does not code by level.
    """

    stream: GeometryStream
    blocks: BlockTable
    side_bits: dict[str, float] = field(default_factory=dict)
    device: str = "cpu"  # where its network ran: cpu or cuda
    slice_of: Int32Array | None = None
    level_ends: list[list[int]] = field(default_factory=list)
    coords: Int32Array | None = None
    level_bits: tuple[float, ...] = ()


@dataclass(frozen=True)
class DecodedGeometry:
    """coords: (N, 3) voxels in Morton order. slice_of, level_bits: as in `EncodedGeometry`. guessed: (N,) of
    how many levels each voxel is a guess; None where all were coded."""

    coords: Int32Array
    blocks: BlockTable
    side_bits: dict[str, float] = field(default_factory=dict)
    device: str = "cpu"
    slice_of: Int32Array | None = None
    guessed: UInt8Array | None = None
    level_bits: tuple[float, ...] = ()


class GeometryCodec(Protocol):
    """Lossless coding of a VoxelCloud. Implementations are stateless and thread-safe.

    encode raises WeightsError or CancelledError. decode raises CorruptStreamError for any stream that
    encode cannot have made, WeightsError when stream.weights_id names other weights, CancelledError.
    Fault offsets in errors are relative to the section; `field` is "slice K" or "tree".
    """

    name: str
    id: int

    def encode(self, cloud: VoxelCloud, options: CodecOptions, job: JobContext) -> EncodedGeometry: ...

    def decode(self, stream: GeometryStream, options: CodecOptions, job: JobContext) -> DecodedGeometry: ...


@runtime_checkable
class ProbabilityCodec(GeometryCodec, Protocol):
    """A codec that can report the probability that it gave to each voxel."""

    def voxel_probabilities(
        self,
        stream: GeometryStream,
        cloud: VoxelCloud,
        block: BlockPlace,
        options: CodecOptions,
        job: JobContext,
    ) -> VoxelProbabilities:
        """The probabilities of a block of a stream that this codec made of this cloud.

        Raises InputError where there is no such block or nothing in it, WeightsError, CorruptStreamError,
        CancelledError.
        """


# Of the number of a slice, its Morton codes (None in a decoder), and the raster keys (n,) of its finest
# nodes: the children (n,) of these that need not be coded, bit k for child k; 0 where they are coded.
SliceGuess = Callable[[int, Int64Array | None, Int64Array], UInt8Array]


@runtime_checkable
class LevelCodec(GeometryCodec, Protocol):
    """A codec whose slices hold one level of the octree after the other.

    Both directions may be given a guess at some of the voxels, which are not coded.
    """

    def encode(
        self, cloud: VoxelCloud, options: CodecOptions, job: JobContext, guess: SliceGuess | None = None
    ) -> EncodedGeometry: ...

    def decode(
        self, stream: GeometryStream, options: CodecOptions, job: JobContext, guess: SliceGuess | None = None
    ) -> DecodedGeometry: ...

    def decode_levels(
        self, stream: GeometryStream, levels: int, options: CodecOptions, job: JobContext
    ) -> Int32Array:
        """(M, 3) the nodes of the chosen slices on this level, from 1 to the depth, in Morton order.

        stream: the payloads of its slices may end after the levels that are wanted. Raises as `decode`.
        """
