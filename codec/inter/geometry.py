"""The stage of geometry for a frame that may be coded with the frame before."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from octavox.codec.cloud.cloud import VoxelCloud
from octavox.codec.cloud.morton import CodeArray, morton_encode, near_blocks
from octavox.codec.codecs.geometry.inter.codec import (
    ReferenceCodec,
    Trial,
    inter_network,
    trial_bytes,
    trial_part,
)
from octavox.codec.codecs.geometry.inter.motion import find_motion
from octavox.codec.codecs.geometry.inter.network import InterNetwork, Reference
from octavox.codec.codecs.geometry.multiscale.codec import CODEC as MULTISCALE
from octavox.codec.codecs.geometry.octree.codec import coded_bytes
from octavox.codec.codecs.geometry.octree.isolated import mostly_isolated
from octavox.codec.codecs.geometry.octree.predictor import Network
from octavox.codec.codecs.interface import EncodedGeometry
from octavox.codec.errors import WeightsError
from octavox.codec.job import JobContext, Progress
from octavox.codec.options import CodecOptions
from octavox.codec.parallel import both, thread_count

from .frame import BLOCK_BITS, PlacedFrame
from .motion_chunk import Motion, pack_motion

REFERRING = "multiscale"  # the codec whose slices may be coded with the frame before


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
    network, moving = inter_network(options), _Moving(voxels, before, options.threads, job)
    moved, tried = before, None
    if moving.bytes:
        moved, tried = moving.chosen(network, MULTISCALE.network(options))
    threads = thread_count(options.threads)
    codec = ReferenceCodec(network, Reference(moved.codes), voxels.depth, tried=tried, threads=threads)
    coded, motion = codec.encode(voxels, replace(options, effort="normal"), job), b""
    if codec.referring:
        own = Motion(frozenset(codec.referring), moving.vectors)
        motion = pack_motion(own, len(coded.stream.sections))
    if mostly_isolated(
        voxels
    ):  # a scan's sensor may tell more than the frame before; a stream has one of them
        alone = MULTISCALE.encode(voxels, options, job)
        if coded_bytes(alone) <= coded_bytes(coded) + len(motion):
            return Referring(alone, None, network.identity, before)
    if not motion:
        return Referring(coded, None, network.identity, before)
    return Referring(coded, motion, network.identity, moved)


class _Moving:
    """Vectors of the blocks of the frame before. bytes: what they take, beyond those of blocks at rest."""

    def __init__(self, voxels: VoxelCloud, before: PlacedFrame, threads: int | None, job: JobContext) -> None:
        self._before, self._depth, self._threads = before, voxels.depth, thread_count(threads)
        self._codes = morton_encode(voxels.coords, voxels.depth)
        self.vectors = find_motion(before.codes, self._codes, self._threads)
        job.check()
        one = frozenset({0})
        still = pack_motion(Motion(one, np.zeros_like(self.vectors)), 1)
        self.bytes = len(pack_motion(Motion(one, self.vectors), 1)) - len(still)

    def chosen(self, network: InterNetwork, alone: Network) -> tuple[PlacedFrame, Trial]:
        """The frame before, moved if that saves more than the vectors take; they are 0 otherwise.

        That is judged by a part of the frame, whose trial comes with it. alone: predicts frames alone.
        """
        part, depth, threaded = trial_part(self._codes), self._depth, self._threads > 1

        def size(codes: CodeArray) -> int:
            reference = Reference(codes[near_blocks(codes, part, BLOCK_BITS)])
            return trial_bytes(part, depth, network.predictor(reference, threaded))

        still, moved = both(
            self._threads,
            lambda: size(self._before.codes),
            lambda: self._before.moved(self.vectors, depth),
        )
        own, single = both(
            self._threads,
            lambda: size(moved.codes),
            lambda: trial_bytes(part, depth, alone.predictor(threaded)),
        )
        if (still - own) * len(self._codes) > self.bytes * len(part):
            return moved, Trial(part, own, single)
        self.vectors[:] = 0
        return self._before, Trial(part, still, single)


def codec_after(
    moved: CodeArray, depth: int, motion: Motion, weights_id: bytes, options: CodecOptions
) -> ReferenceCodec:
    """What decodes geometry that is coded so. moved: the frame before. Raises WeightsError, InputError."""
    network = inter_network(options)
    if network.identity != weights_id:
        raise WeightsError(f"the stream needs weights {weights_id.hex()}, these are {network.identity.hex()}")
    return ReferenceCodec(network, Reference(moved), depth, set(motion.slices))
