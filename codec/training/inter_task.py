"""The training task of the inter network: cubes of frames, with the frame before as their reference."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from octavox.codec.errors import InputError
from octavox.codec.models.inter import inter_net
from octavox.codec.models.inter_weights import InterFile, inter_bytes, load_inter
from octavox.codec.models.multiscale import MultiscaleNet
from octavox.codec.models.multiscale_integer import IntegerMultiscale

from .clouds import TrainingCloud
from .dequantize import State, inter_state
from .multiscale_task import SEARCH_CLOUDS, MultiscaleTask
from .octrees import CubeBatch
from .pairs import FramePair, PairAugmentation, cut_pair, frame_pairs, pair_batch, random_pairs

EDGE_BITS = 7  # of the cubes that are not augmented


class InterTask(MultiscaleTask):
    """See MultiscaleTask. The training clouds hold frames of sequences, and single clouds where wanted."""

    name = "inter"
    title = "Inter"
    about = "The network of docs/inter-codec.md, int8 weights for exact integer inference."
    sample = "cubes of edge 128 of each validation frame, given the frame before; the network alone"

    def __init__(self, training: list[TrainingCloud], seed: int, points: int, cubes: int) -> None:
        super().__init__(training, seed, points, cubes)
        self._pairs = frame_pairs(training)
        if not self._pairs[0]:
            raise InputError("no frames of a sequence (files NAME_f00_vox10, NAME_f01_vox10)", field="data")

    def model(self) -> MultiscaleNet:
        """See loop.Task."""
        return inter_net()

    def state(self, path: Path) -> tuple[State, bytes]:
        """See loop.Task."""
        return inter_state(path)

    def validation_batches(self, clouds: list[TrainingCloud]) -> list[CubeBatch]:
        """See loop.Task. A cloud that is no frame has no reference."""
        rng, found = np.random.default_rng(7), frame_pairs(clouds)
        pairs = {pair.cloud.name: pair for pair in [*found[1], *found[0]]}
        return [self._plain(pairs[cloud.name], self._cubes, rng) for cloud in clouds]

    def _plain(self, pair: FramePair, cubes: int, rng: np.random.Generator) -> CubeBatch:
        return pair_batch([cut_pair(pair, EDGE_BITS, rng, None) for _ in range(cubes)], EDGE_BITS)

    def _cubes_of(self, rng: np.random.Generator) -> CubeBatch:
        return random_pairs(self._pairs, self._points, rng, PairAugmentation())

    def _plain_cubes(self, rng: np.random.Generator) -> list[CubeBatch]:
        pairs = self._pairs[0]
        chosen = rng.permutation(len(pairs))[:SEARCH_CLOUDS]
        return [self._plain(pairs[i], 1, rng) for i in chosen]

    def _integer(self, sets: tuple[Any, ...]) -> IntegerMultiscale:
        return IntegerMultiscale(InterFile(sets, {}, bytes(8)), "cpu")

    def _bytes(self, sets: tuple[Any, ...], metadata: dict[str, Any]) -> bytes:
        return inter_bytes(sets, metadata)

    def _file(self, path: Path) -> InterFile:
        return load_inter(path)
