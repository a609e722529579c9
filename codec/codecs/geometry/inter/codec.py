"""Slices of codec "multiscale" with a reference: the frame before, moved onto the frame that is coded.

Each slice is coded with the reference or without it, whichever took fewer bytes for a part of the slice.
docs/inter-codec.md specifies what a stream holds besides.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np

from octavox.codec.cloud.morton import CodeArray
from octavox.codec.codecs.geometry.multiscale.codec import MultiscaleCodec
from octavox.codec.codecs.geometry.octree.learning import NETWORK_LEARNING
from octavox.codec.codecs.geometry.octree.params import MIN_TABLE_BITS, read_params, table_bits_for
from octavox.codec.codecs.geometry.octree.predictor import Network, Predictor
from octavox.codec.codecs.geometry.octree.slice_coder import SliceJob, SliceSettings, encode_slice
from octavox.codec.codecs.interface import GeometryStream
from octavox.codec.codecs.networks import Networks
from octavox.codec.errors import CorruptStreamError
from octavox.codec.models.inter_weights import load_inter
from octavox.codec.options import CodecOptions

from .network import InterNetwork, Reference

WEIGHTS_FILE = "inter.safetensors"
BLOCK_BITS = 6  # of the blocks that a trial consists of
FEWER_BITS = 4  # of the counters of slices that all have a reference: what is certain needs none
TRIAL_POINTS, TRIAL_SHARE = 10_000, 64  # of a slice, at least, and one in so many


def _load(path: Path, device: str) -> InterNetwork:
    return InterNetwork(load_inter(path), device)


NETWORKS = Networks("inter", WEIGHTS_FILE, _load)


class Trial(NamedTuple):
    """What a part of a frame takes with the reference. part: (n,) its sorted codes."""

    part: CodeArray
    bytes: int


class ReferenceCodec(MultiscaleCodec):
    """Codes one frame. reference: moved onto it. referring: the slices that use it; None: an encoder's trial
    decides, and says so in `referring`. tried: a part that was tried with the reference before.
    """

    senses = False  # a trial of the reference would run twice

    def __init__(
        self,
        network: InterNetwork,
        reference: Reference,
        depth: int,
        referring: set[int] | None = None,
        tried: Trial | None = None,
    ) -> None:
        super().__init__()
        self._tried = tried
        self._network, self._reference, self._depth = network, reference, depth
        self._trying = referring is None
        self.referring: set[int] = set() if referring is None else referring

    def predictor(
        self, net: Network | None, number: int, codes: CodeArray | None, threaded: bool
    ) -> Predictor | None:
        """See OctreeCodec."""
        if number not in self.referring:
            return super().predictor(net, number, codes, threaded)
        return self._network.predictor(self._reference, threaded)

    def table_bits(self, net: Network | None, slices: list[CodeArray]) -> int:
        """See OctreeCodec. Decides which slices use the reference."""
        if self._trying:
            self.referring.update(k for k, codes in enumerate(slices) if self._pays(net, codes))
        bits = super().table_bits(net, slices)
        return max(bits - FEWER_BITS, MIN_TABLE_BITS) if len(self.referring) == len(slices) else bits

    def _checked(self, stream: GeometryStream, options: CodecOptions) -> Network | None:
        net = super()._checked(stream, options)
        if read_params(stream.params, NETWORK_LEARNING).axes:
            reason = "a frame that uses the one before keeps its axes"
            raise CorruptStreamError(reason, field="params", byte=0)
        return net

    def _pays(self, net: Network | None, codes: CodeArray) -> bool:
        """Whether the reference saves bytes of a part of the slice."""
        part = trial_part(codes)
        alone = trial_bytes(part, self._depth, super().predictor(net, 0, part, True))
        if self._tried is not None and np.array_equal(self._tried.part, part):
            return self._tried.bytes < alone
        return trial_bytes(part, self._depth, self._network.predictor(self._reference, True)) < alone


def trial_bytes(part: CodeArray, depth: int, predictor: Predictor | None) -> int:
    """What these voxels take. part: (n,) sorted codes."""
    settings = SliceSettings(depth, table_bits_for(len(part), True), NETWORK_LEARNING)
    return len(encode_slice(part, settings, SliceJob(0, lambda *_: None, predictor)).payload)


def trial_part(codes: CodeArray) -> CodeArray:
    """Whole blocks from the middle of a slice's codes (n,), for a trial."""
    wanted = max(TRIAL_POINTS, len(codes) // TRIAL_SHARE)
    if len(codes) <= wanted:
        return codes
    first = int(np.searchsorted(codes, codes[(len(codes) - wanted) // 2] >> 3 * BLOCK_BITS << 3 * BLOCK_BITS))
    return codes[first : first + wanted]


def inter_network(options: CodecOptions) -> InterNetwork:
    """The network of the shipped weights, on the device of these options. Raises WeightsError, InputError."""
    device = options.device if options.device != "auto" else "cpu"
    return NETWORKS.on(device, CodecOptions())
