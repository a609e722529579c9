"""The geometry codecs by name and by permanent id, and the interface that each fulfils."""

from __future__ import annotations

import importlib
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from .errors import InputError, UnsupportedStreamError
from .types import BlockPlace, BlockTable, CodecOptions, IntArray, JobContext, VoxelCloud, VoxelProbabilities

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

    wanted: for decoding, which slices; None for all of them.
    """

    depth: int
    points: int
    params: bytes = b""
    weights_id: bytes = bytes(8)
    sections: list[Section] = field(default_factory=list)
    wanted: tuple[int, ...] | None = None

    @property
    def chosen(self) -> tuple[int, ...]:
        """Numbers of the slices that are to be decoded, rising."""
        count = sum(section.kind == SECTION_SLICE for section in self.sections)
        return tuple(range(count)) if self.wanted is None else self.wanted


@dataclass(frozen=True)
class EncodedGeometry:
    stream: GeometryStream
    blocks: BlockTable
    side_bits: dict[str, float] = field(default_factory=dict)
    device: str = "cpu"  # where its network ran: cpu or cuda


@dataclass(frozen=True)
class DecodedGeometry:
    coords: IntArray
    blocks: BlockTable
    side_bits: dict[str, float] = field(default_factory=dict)
    device: str = "cpu"


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
    """A codec that can say what it expected of each voxel."""

    def voxel_probabilities(
        self,
        stream: GeometryStream,
        cloud: VoxelCloud,
        block: BlockPlace,
        options: CodecOptions,
        job: JobContext,
    ) -> VoxelProbabilities:
        """Of a block of a stream that it made of this cloud.

        Raises InputError where there is no such block or nothing in it, WeightsError, CorruptStreamError,
        CancelledError.
        """


# Permanent: an id is never used again for another format. Modules load on first use.
_CODECS: dict[str, tuple[int, str]] = {
    "octree": (1, "octree.codec"),
    "voxeldnn": (2, "voxeldnn.codec"),
    "multiscale": (3, "multiscale.codec"),
}


def codec_names() -> tuple[str, ...]:
    """Names that `get_codec` takes."""
    return tuple(_CODECS)


def codec_name(codec_id: int) -> str | None:
    """Name of the codec with that permanent id, or None; loads nothing."""
    return next((name for name, (known, _) in _CODECS.items() if known == codec_id), None)


def get_codec(name: str) -> GeometryCodec:
    """The codec called `name`; InputError if there is none."""
    if name not in _CODECS:
        raise InputError(f"unknown codec '{name}'; known: {', '.join(_CODECS)}", field="codec")
    module = importlib.import_module(f"{__package__}.{_CODECS[name][1]}")
    codec: GeometryCodec = module.CODEC
    return codec


def get_codec_by_id(codec_id: int) -> GeometryCodec:
    """The codec that wrote a stream; UnsupportedStreamError if this release has none with that id."""
    for name, (known, _) in _CODECS.items():
        if known == codec_id:
            return get_codec(name)
    raise UnsupportedStreamError(f"codec id {codec_id} is not known to this release", field="codec id")
