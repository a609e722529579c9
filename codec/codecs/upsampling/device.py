"""The upsampling network on a torch device. It computes the same integers as the compiled one."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch

from octavox.codec.arrays import Int32Array, Int64Array
from octavox.codec.codecs.geometry.multiscale.trunk import find_parents, nodes_around
from octavox.codec.codecs.geometry.octree.levels import NO_REMAINING_CODES
from octavox.codec.codecs.geometry.octree.neighbours import find_neighbours
from octavox.codec.job import JobContext
from octavox.codec.models.upsampler import NodeTables
from octavox.codec.models.upsampler_integer import IntegerUpsampler
from octavox.codec.models.upsampler_weights import UpsamplerFile
from octavox.codec.models.weight_sets import CHANNELS, WINDOW

from .network import Features


class DeviceUpsampler:
    """See guess.Upsampler."""

    def __init__(self, weights: UpsamplerFile, device: str) -> None:
        self.identity, self.device = weights.identity, device
        self._net = IntegerUpsampler(weights, device)

    def predict(
        self, key: Int64Array, below: int, coarser: Features, job: JobContext, threads: int | None = None
    ) -> tuple[Features, Int32Array]:
        """See network.CompiledUpsampler.predict."""
        job.check()
        above, features = coarser
        given = None
        if len(features):
            given = _tensor(features.reshape(-1, CHANNELS).astype(np.float32)).to(self._net.device)
        found, logits = self._net(self._tables(key, above), below, given)
        own = found.to(torch.uint8).cpu().numpy().reshape(-1)
        return (key, own), logits.cpu().numpy()

    def _tables(self, key: Int64Array, coarser: Int64Array) -> NodeTables:
        near, words = find_neighbours(key), np.zeros(2 * len(key), np.uint64)
        nodes_around(key, NO_REMAINING_CODES, words, 0, len(key))
        around = np.unpackbits(words.view(np.uint8).reshape(-1, 16), axis=1, count=WINDOW, bitorder="little")
        there = ((near.mask[:, None] >> np.arange(27)) & 1).reshape(-1, 9, 3)
        rows = (near.first[:, :, None] + np.cumsum(there, 2)) * there  # 0 for none and i + 1 for node i
        parent, octant = np.zeros(len(key), np.int32), np.zeros(len(key), np.uint8)
        if len(coarser):
            find_parents(key, coarser, parent, octant, 0, len(key))
        parts = (
            around,
            rows.reshape(-1, 27).astype(np.int32),
            octant.astype(np.int64),
            parent.astype(np.int64),
        )
        return NodeTables(*(_tensor(part).to(self._net.device) for part in parts))


def _tensor(values: npt.NDArray[np.generic]) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(values))
