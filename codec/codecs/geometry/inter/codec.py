"""Slices of codec "multiscale" with a reference: the frame before, moved onto the frame that is coded.

Each slice is coded with the reference or without it, whichever took fewer bytes for a part of the slice.
docs/inter-codec.md specifies what a stream holds besides.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from octavox.codec.cloud.morton import CodeArray
from octavox.codec.codecs.geometry.multiscale.codec import MultiscaleCodec
from octavox.codec.codecs.geometry.octree.direct import NEVER
from octavox.codec.codecs.geometry.octree.learning import NETWORK_LEARNING
from octavox.codec.codecs.geometry.octree.params import (
    MIN_TABLE_BITS,
    Params,
    read_params,
    table_bits_for,
)
from octavox.codec.codecs.geometry.octree.predictor import Network, Predictor
from octavox.codec.codecs.geometry.octree.slice_coder import SliceJob, SliceSettings, encode_slice
from octavox.codec.codecs.interface import GeometryStream
from octavox.codec.codecs.networks import Networks
from octavox.codec.errors import CorruptStreamError
from octavox.codec.models.inter_weights import load_inter
from octavox.codec.options import CodecOptions
from octavox.codec.parallel import both

from .network import InterNetwork, Reference

WEIGHTS_FILE = "inter.safetensors"
BLOCK_BITS = 6  # of the blocks that a trial consists of
FEWER_BITS = 4  # of the counters of slices that all have a reference: what is certain needs none
TRIAL_POINTS, TRIAL_SHARE = 10_000, 64  # of a slice, at least, and one in so many


def _load(path: Path, device: str) -> InterNetwork:
    return InterNetwork(load_inter(path), device)


NETWORKS = Networks("inter", WEIGHTS_FILE, _load)


class Trial(NamedTuple):
    """What a part of a frame takes with the reference, and alone. part: (n,) its sorted codes."""

    part: CodeArray
    bytes: int
    alone: int


class ReferenceCodec(MultiscaleCodec):
    """Codes one frame. reference: moved onto it. referring: the slices that use it; None: an encoder's trial
    decides, and says so in `referring`. tried: a part that was tried before. threads: of a trial.
    """

    senses = False  # a trial of the reference would run twice

    def __init__(
        self,
        network: InterNetwork,
        reference: Reference,
        depth: int,
        referring: set[int] | None = None,
        tried: Trial | None = None,
        threads: int = 1,
    ) -> None:
        super().__init__()
        self._tried, self._threads = tried, threads
        self._network, self._reference, self._depth = network, reference, depth
        self._trying = referring is None
        self.referring: set[int] = set() if referring is None else referring
        self._few = False

    def predictor(
        self, net: Network | None, number: int, codes: CodeArray | None, threaded: bool
    ) -> Predictor | None:
        """See OctreeCodec."""
        if number not in self.referring:
            return super().predictor(net, number, codes, threaded)
        return self._network.predictor(self._reference, threaded, self._few)

    def all_refer(self, slices: int) -> bool:
        """See OctreeCodec."""
        return len(self.referring) == slices

    def fitted(self, params: Params, net: Network | None, slices: list[CodeArray]) -> Params:
        """See OctreeCodec. Decides which slices use the reference."""
        if self._trying:
            self.referring.update(k for k, codes in enumerate(slices) if self._pays(net, codes))
        params = super().fitted(params, net, slices)
        if not self.all_refer(len(slices)):
            return params
        self._few = params.direct_from == NEVER
        bits = max(params.table_bits - FEWER_BITS, MIN_TABLE_BITS)
        return replace(params, table_bits=bits, few=self._few)

    def _checked(self, stream: GeometryStream, options: CodecOptions) -> Network | None:
        net = super()._checked(stream, options)
        params = read_params(stream.params, NETWORK_LEARNING)
        self._few = params.few
        if params.axes:
            reason = "a frame that uses the one before keeps its axes"
            raise CorruptStreamError(reason, field="params", byte=0)
        return net

    def _pays(self, net: Network | None, codes: CodeArray) -> bool:
        """Whether the reference saves bytes of a part of the slice."""
        part, tried, threaded = trial_part(codes), self._tried, self._threads > 1
        if tried is not None and np.array_equal(tried.part, part):
            return tried.bytes < tried.alone
        own, alone = both(
            self._threads,
            lambda: trial_bytes(part, self._depth, self._network.predictor(self._reference, threaded)),
            lambda: trial_bytes(
                part, self._depth, super(ReferenceCodec, self).predictor(net, 0, part, threaded)
            ),
        )
        return own < alone


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
