"""What one call does: the stages from voxels to a stream and back. Each stage owns its bits.

Geometry is the only stage so far. Its work is that of a codec; the container holds what comes out.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from .blocks import BlockPlace, VoxelProbabilities
from .cloud.cloud import VoxelCloud
from .cloud.morton import is_morton_sorted
from .codecs.interface import (
    SECTION_SLICE,
    DecodedGeometry,
    EncodedGeometry,
    GeometryStream,
    ProbabilityCodec,
)
from .codecs.registry import get_codec, get_codec_by_id
from .errors import CorruptStreamError, InputError
from .job import JobContext
from .options import CodecOptions
from .provenance import Stopwatch
from .report import BitBalance
from .stream import container
from .stream.accounting import bit_balance
from .stream.container import Header, Layout


@dataclass(frozen=True)
class Encoded:
    """A cloud that went through all stages. data: the whole file."""

    data: bytes
    header: Header
    geometry: EncodedGeometry
    bits: BitBalance


@dataclass(frozen=True)
class Decoded:
    """A stream that went through all stages. points and bytes: of what was decoded."""

    header: Header
    geometry: DecodedGeometry
    points: int
    bytes: int
    bits: BitBalance


def encode_voxels(
    cloud: VoxelCloud, input_points: int, options: CodecOptions, job: JobContext, clock: Stopwatch
) -> Encoded:
    """input_points: points of the source, before merging. Raises WeightsError, CancelledError."""
    codec = get_codec(options.codec)
    with clock.stage("encode"):
        coded = codec.encode(cloud, options, job)
    header = Header(
        codec_id=codec.id,
        depth=coded.stream.depth,
        points=coded.stream.points,
        input_points=input_points,
        coordinate_type=cloud.coordinate_type,
        transform=cloud.transform,
        weights_id=coded.stream.weights_id,
        params=coded.stream.params,
    )
    with clock.stage("write"):
        data = container.pack(header, coded.stream.sections)
    job.check()
    bits = bit_balance(len(data), container.parse(data), coded.blocks, coded.side_bits)
    return Encoded(data, header, coded, bits)


def decode_stream(
    data: bytes,
    options: CodecOptions,
    slices: Collection[int] | None,
    job: JobContext,
    clock: Stopwatch,
) -> Decoded:
    """slices: the numbers of those to decode, None for all. Raises as `api.decode`."""
    with clock.stage("read"):
        layout = container.parse(data)
        wanted = None if slices is None else _wanted(slices, layout)
        stream = _geometry(data, layout, wanted)
    header = layout.header
    points, size, unread = header.points, len(data), 0
    if wanted is not None:
        parts = [e for e in layout.entries if e.name in {f"slice {k}" for k in wanted}]
        points, size = sum(e.points for e in parts), sum(e.length for e in parts)
        unread = sum(e.length for e in layout.entries if e.name.startswith("slice")) - size
    with clock.stage("decode"):
        try:
            decoded = get_codec_by_id(header.codec_id).decode(stream, options, job)
        except CorruptStreamError as error:
            raise layout.locate(error) from error
    _check_decoded(decoded, points, header.depth)
    job.check()
    bits = bit_balance(len(data) - unread, layout, decoded.blocks, decoded.side_bits)
    return Decoded(header, decoded, points, size, bits)


def ask_codec(
    data: bytes, cloud: VoxelCloud, block: BlockPlace, options: CodecOptions, job: JobContext
) -> VoxelProbabilities:
    """What the codec of a stream expected of a block. Raises as `api.voxel_probabilities`."""
    layout = container.parse(data)
    codec = get_codec_by_id(layout.header.codec_id)
    if not isinstance(codec, ProbabilityCodec):
        raise InputError(f"codec '{codec.name}' does not say what it expected", field="codec")
    stream = _geometry(data, layout, None)
    try:
        return codec.voxel_probabilities(stream, cloud, block, options, job)
    except CorruptStreamError as error:
        raise layout.locate(error) from error


def _geometry(data: bytes, layout: Layout, wanted: tuple[int, ...] | None) -> GeometryStream:
    header, sections = layout.header, container.sections(data, layout, wanted)
    return GeometryStream(header.depth, header.points, header.params, header.weights_id, sections, wanted)


def _wanted(slices: Collection[int], layout: Layout) -> tuple[int, ...]:
    """The numbers, rising and once each; InputError for one that the stream has not."""
    count = sum(entry.kind == SECTION_SLICE for entry in layout.entries)
    for number in slices:
        if not 0 <= number < count:
            raise InputError(f"there is no slice {number}; the stream has {count}", field="slices")
    return tuple(sorted(set(slices)))


def _check_decoded(decoded: DecodedGeometry, points: int, depth: int) -> None:
    """A last guard: a stream never yields another number of voxels, or voxels out of order."""
    if len(decoded.coords) != points:
        raise CorruptStreamError(
            f"{len(decoded.coords):,} voxels decoded, {points:,} declared", field="points"
        )
    try:
        ordered = is_morton_sorted(decoded.coords, depth)
    except ValueError:
        ordered = False
    if not ordered:
        raise CorruptStreamError("the decoded voxels are not a set in Morton order", field="slices")
