"""The stage of geometry for a frame that may be coded with the frame before."""

from __future__ import annotations

from dataclasses import dataclass, replace

from octavox.codec.cloud.cloud import VoxelCloud
from octavox.codec.cloud.morton import morton_encode
from octavox.codec.codecs.geometry.inter.codec import ReferenceCodec, inter_network
from octavox.codec.codecs.geometry.inter.motion import find_motion
from octavox.codec.codecs.geometry.inter.network import Reference
from octavox.codec.codecs.interface import DecodedGeometry, EncodedGeometry, GeometryStream
from octavox.codec.errors import WeightsError
from octavox.codec.job import JobContext, Progress
from octavox.codec.options import CodecOptions

from .frame import PlacedFrame
from .motion_chunk import Motion, pack_motion


@dataclass(frozen=True)
class Referring:
    """Geometry that may use the frame before. motion: payload of the chunk; None where no slice uses it.

    weights_id: of the inter network. before: the frame before, moved.
    """

    coded: EncodedGeometry
    motion: bytes | None
    weights_id: bytes
    before: PlacedFrame


def encode_geometry(
    voxels: VoxelCloud, before: PlacedFrame, options: CodecOptions, job: JobContext
) -> Referring:
    """Geometry by the frame before, in the slices where that saves bytes.

    Raises WeightsError, CancelledError.
    """
    job.report(Progress("encode", 0, len(voxels)))
    vectors = find_motion(before.codes, morton_encode(voxels.coords, voxels.depth))
    job.check()
    network, moved = inter_network(options), before.moved(vectors, voxels.depth)
    codec = ReferenceCodec(network, Reference(moved.codes), voxels.depth)
    coded = codec.encode(voxels, replace(options, effort="normal"), job)
    if not codec.referring:
        return Referring(coded, None, network.identity, before)
    motion = Motion(frozenset(codec.referring), vectors)
    return Referring(coded, pack_motion(motion, len(coded.stream.sections)), network.identity, moved)


def decode_geometry(
    stream: GeometryStream,
    motion: Motion,
    weights_id: bytes,
    before: PlacedFrame,
    options: CodecOptions,
    job: JobContext,
) -> DecodedGeometry:
    """Inverse. before: moved. Raises CorruptStreamError, WeightsError, CancelledError."""
    network = inter_network(options)
    if network.identity != weights_id:
        raise WeightsError(f"the stream needs weights {weights_id.hex()}, these are {network.identity.hex()}")
    codec = ReferenceCodec(network, Reference(before.codes), stream.depth, set(motion.slices))
    return codec.decode(stream, options, job)
