"""The stage of geometry for a frame that may be coded with the frame before."""

from __future__ import annotations

from dataclasses import dataclass, replace

from octavox.codec.cloud.cloud import VoxelCloud
from octavox.codec.cloud.grid import Grid
from octavox.codec.cloud.morton import CodeArray, morton_encode
from octavox.codec.codecs.geometry.inter.codec import ReferenceCodec, inter_network
from octavox.codec.codecs.geometry.inter.motion import block_bounds, find_motion, moved
from octavox.codec.codecs.geometry.inter.network import Reference
from octavox.codec.codecs.interface import DecodedGeometry, EncodedGeometry, GeometryStream
from octavox.codec.errors import CorruptStreamError, WeightsError
from octavox.codec.job import JobContext, Progress
from octavox.codec.options import CodecOptions

from .frame import ReferenceFrame
from .motion_chunk import FIELD, Motion, pack_motion, parse_motion


@dataclass(frozen=True)
class Referring:
    """Geometry that may use the frame before. motion: payload of the chunk; None where no slice uses it.

    weights_id: of the inter network.
    """

    coded: EncodedGeometry
    motion: bytes | None
    weights_id: bytes


def encode_geometry(
    voxels: VoxelCloud, grid: Grid, before: ReferenceFrame, options: CodecOptions, job: JobContext
) -> Referring | None:
    """Geometry by the frame before where that saves bytes; None where the frames cannot be compared.

    Raises WeightsError, CancelledError.
    """
    placed = before.on(grid, voxels.depth) if len(voxels) else None
    if placed is None:
        return None
    job.report(Progress("encode", 0, len(voxels)))
    codes = placed[0]
    vectors = find_motion(codes, morton_encode(voxels.coords, voxels.depth))
    job.check()
    network = inter_network(options)
    codec = ReferenceCodec(
        network, _reference(codes, Motion(frozenset(), vectors), voxels.depth), voxels.depth
    )
    coded = codec.encode(voxels, replace(options, effort="normal"), job)
    if not codec.referring:
        return Referring(coded, None, network.identity)
    motion = Motion(frozenset(codec.referring), vectors)
    return Referring(coded, pack_motion(motion, len(coded.stream.sections)), network.identity)


def decode_geometry(
    stream: GeometryStream,
    motion: tuple[bytes, int],
    weights_id: bytes,
    codes: CodeArray,
    options: CodecOptions,
    job: JobContext,
) -> DecodedGeometry:
    """Inverse. motion: payload of the chunk, and its first byte. codes: of the frame before, on this grid.

    Raises CorruptStreamError, WeightsError, CancelledError.
    """
    count = len(stream.sections)
    found = parse_motion(*motion, count, len(block_bounds(codes)) - 1)
    network = inter_network(options)
    if network.identity != weights_id:
        raise WeightsError(f"the stream needs weights {weights_id.hex()}, these are {network.identity.hex()}")
    reference = _reference(codes, found, stream.depth)
    codec = ReferenceCodec(network, reference, stream.depth, set(found.slices))
    return codec.decode(stream, options, job)


def placed_codes(before: ReferenceFrame, grid: Grid, depth: int, byte: int) -> CodeArray:
    """Of a decoder. Raises CorruptStreamError where the frames cannot be compared."""
    placed = before.on(grid, depth)
    if placed is None:
        raise CorruptStreamError("the frame before lies on another grid", field=FIELD, byte=byte)
    return placed[0]


def _reference(codes: CodeArray, motion: Motion, depth: int) -> Reference:
    return Reference(moved(codes, motion.vectors, depth))
