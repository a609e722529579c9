"""The multiscale network with the frame before among its inputs, in floating point, for training.

The *reference* is the frame before, moved by the vectors of its blocks. Of a node, the network sees the 4^3
children of the reference in and around it: its own eight and those next to them. In the trunk all 64 are
inputs of the first layer. In the head, the 27 around a child are inputs of the hidden layer. Where they are
no voxels, it also sees which of them have 3 and which have 6 children of their own: so it knows more closely
where the surface was.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from .inter_weights import BESIDE, CELLS, CHILD_CELLS, FULLNESS, REFERENCE
from .multiscale import LevelBatch, LevelNet, MultiscaleNet
from .multiscale_weights import HIDDEN
from .weight_sets import CHANNELS


class InterLevelNet(LevelNet):
    """One set of weights. It ignores the reference at first, so that it can begin as an intra network."""

    def __init__(self) -> None:
        super().__init__()
        self.reference = nn.Parameter(torch.zeros(REFERENCE, CHANNELS))
        self.beside = nn.Parameter(torch.zeros(8, BESIDE, HIDDEN))

    def _first(self, level: LevelBatch) -> torch.Tensor:
        return super()._first(level) + _reference(level).to(self.reference.dtype) @ self.reference

    def _seen(self, level: LevelBatch, x: torch.Tensor) -> torch.Tensor:
        beside = beside_children(_reference(level))
        return super()._seen(level, x) + torch.bmm(beside.to(self.beside.dtype), self.beside)


def beside_children(reference: torch.Tensor) -> torch.Tensor:
    """(N, 192) children of the reference -> (8, N, 81) those around each child of the nodes."""
    every = np.concatenate([CHILD_CELLS.astype(np.int64) + CELLS * k for k in range(len(FULLNESS))], 1)
    cells = torch.from_numpy(every).to(reference.device)
    return reference[:, cells].transpose(0, 1)


def _reference(level: LevelBatch) -> torch.Tensor:
    assert level.reference is not None, "no reference"
    return level.reference


def inter_net() -> MultiscaleNet:
    """All sets of weights."""
    return MultiscaleNet(InterLevelNet)
