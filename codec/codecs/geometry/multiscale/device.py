"""The trunk of the multiscale network on a torch device; the head stays with the coding loop, on the CPU.

It computes the same integers as the compiled trunk, so the bytes are the same.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import torch

from octavox.codec.arrays import Int64Array, UInt8Array, UInt64Array
from octavox.codec.codecs.geometry.octree.levels import NO_REMAINING_CODES, Nodes
from octavox.codec.codecs.geometry.octree.neighbours import Neighbours, NeighbourSearch
from octavox.codec.codecs.geometry.octree.predictor import Predictor
from octavox.codec.models.multiscale import LevelBatch
from octavox.codec.models.multiscale_integer import IntegerMultiscale
from octavox.codec.models.multiscale_weights import MultiscaleWeights
from octavox.codec.models.weight_sets import CHANNELS, WINDOW

from .network import head_of
from .predictor import HeadPredictor
from .trunk import REFERENCE_WORDS, Before, find_parents, nodes_around, reference_around


class DeviceMultiscale:
    """See octree.predictor.Network."""

    def __init__(self, weights: MultiscaleWeights, device: str) -> None:
        self.identity, self.device = weights.identity, device
        self.net = IntegerMultiscale(weights, device)
        self.heads = [head_of(w) for w in weights.sets]

    def predictor(self, threaded: bool) -> Predictor:
        """See Network."""
        return HeadPredictor(Levels(self.net), self.heads, threaded)


class _Level:
    """See predictor.Source. All features are complete from the beginning."""

    def __init__(self, features: UInt8Array, reference: UInt64Array) -> None:
        self.features, self.done, self.reference = features, len(features) // CHANNELS, reference

    def advance(self) -> None:
        """See Source."""


class Levels:
    """The trunk from level to level, coarse to fine. before: see `trunk.TrunkRuns`."""

    def __init__(self, net: IntegerMultiscale, before: Callable[[int], Before] | None = None) -> None:
        self._net, self._before = net, before
        self._key: Int64Array = np.empty(0, np.int64)
        self._features: torch.Tensor | None = None

    def __call__(self, below: int, nodes: Nodes, near: NeighbourSearch) -> _Level:
        near.until(len(nodes.key))
        words: UInt64Array = np.zeros(0, np.uint64)
        batch = level_batch(below, nodes.key, near.found, self._key)
        if self._before is not None:
            n = len(nodes.key)
            words = np.zeros(REFERENCE_WORDS * n, np.uint64)
            reference_around(nodes.key, NO_REMAINING_CODES, self._before(below), words, 0, n)
            bits = np.unpackbits(words.view(np.uint8).reshape(n, -1), axis=1, bitorder="little")
            batch.reference = _tensor(bits)
        self._key = nodes.key
        self._features = self._net.trunk(batch.to(self._net.device), self._features)
        return _Level(self._features.to(torch.uint8).cpu().numpy().reshape(-1), words)


def level_batch(below: int, key: Int64Array, near: Neighbours, coarser: Int64Array) -> LevelBatch:
    """The trunk's input for a level, in the form that training uses; without the children."""
    words = np.zeros(2 * len(key), np.uint64)
    nodes_around(key, NO_REMAINING_CODES, words, 0, len(key))
    around = np.unpackbits(words.view(np.uint8).reshape(-1, 16), axis=1, count=WINDOW, bitorder="little")
    there = ((near.mask[:, None] >> np.arange(27)) & 1).reshape(-1, 9, 3)
    rows = (near.first[:, :, None] + np.cumsum(there, 2)) * there  # 0 for none and i + 1 for node i
    parent, octant = np.empty(len(key), np.int32), np.empty(len(key), np.uint8)
    find_parents(key, coarser, parent, octant, 0, len(key))
    return LevelBatch(
        below=below,
        around=_tensor(around),
        near=_tensor(rows.reshape(-1, 27).astype(np.int32)),
        parent=_tensor(parent.astype(np.int64) + 1),
        octant=_tensor(octant.astype(np.int64)),
        causal=torch.empty(0),
        target=torch.empty(0),
    )


def _tensor(values: npt.NDArray[np.generic]) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(values))
