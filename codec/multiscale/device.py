"""The trunk of the multiscale network on a torch device; the head stays with the coding loop, on the CPU.

The integers are those of the compiled trunk, so the bytes are too.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch

from ..kernels.head import Guide, new_guide
from ..models.multiscale import LevelBatch
from ..models.multiscale_integer import IntegerMultiscale
from ..models.multiscale_weights import WINDOW, MultiscaleWeights, weight_set
from ..octree.levels import Neighbours
from .network import head_of
from .trunk import Keys, nodes_around, parents


class DeviceMultiscale:
    """See octree.codec.Network."""

    def __init__(self, weights: MultiscaleWeights, device: str) -> None:
        self.identity, self.device = weights.identity, device
        self.net = IntegerMultiscale(weights, device)
        self.heads = [head_of(w) for w in weights.sets]

    def foresight(self, ahead: bool) -> DeviceForesight:
        """See Network. The device needs no thread to be ahead."""
        return DeviceForesight(self)


class DeviceForesight:
    """See octree.slice_coder.Foresight."""

    def __init__(self, net: DeviceMultiscale) -> None:
        self._net = net
        self._key: Keys = np.empty(0, np.int64)
        self._features: torch.Tensor | None = None

    def level(self, below: int, key: Keys, near: Neighbours) -> Guide:
        """See Foresight."""
        net = self._net.net
        batch = level_batch(below, key, near, self._key).to(net.device)
        self._key, self._features = key, net.trunk(batch, self._features)
        features = self._features.to(torch.int16).cpu().numpy().reshape(-1)
        return new_guide(self._net.heads[weight_set(below)], features)

    def wait(self, nodes: int) -> None:
        """See Foresight. Everything is there when `level` returns."""

    def close(self) -> None:
        """See Foresight."""


def level_batch(below: int, key: Keys, near: Neighbours, coarser: Keys) -> LevelBatch:
    """What the trunk needs of a level, as training lays it out; without the children."""
    words = np.zeros(2 * len(key), np.uint64)
    nodes_around(key, words, 0, len(key))
    around = np.unpackbits(words.view(np.uint8).reshape(-1, 16), axis=1, count=WINDOW, bitorder="little")
    there = ((near.mask[:, None] >> np.arange(27)) & 1).reshape(-1, 9, 3)
    rows = (near.first[:, :, None] + np.cumsum(there, 2)) * there  # 0 for none and i + 1 for node i
    parent, octant = parents(key, coarser)
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
