"""The multiscale network in floating point, for training.

Level by level, coarse to fine. *Trunk*: features of each occupied node of a level from the nodes around it
(5^3 occupancy, then two residual blocks of 3^3 convolutions over occupied nodes), seeded with the features
of the node's parent. *Head*: for each of the eight children, in raster order over the level, a hidden layer
sees the node's features and the 62 children before this one in its 5^3 window; one more hidden layer gives
the logit. So only two small matrix products have to wait for the preceding voxel; the trunk needs the coarser
level alone.

The finest level, the one above it, and all others have weights of their own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import nn

from .multiscale_weights import (
    CAUSAL,
    HIDDEN,
    INNER,
    LEVEL_CLASSES,
    SETS,
    level_class,
    weight_set,
)
from .trunk import Observer, Trunk, random_weights
from .weight_sets import CHANNELS

CONVOLUTIONS = 4


@dataclass
class LevelBatch:
    """One octree level of one or several clouds: N nodes whose children are to be coded.

    below: levels below the children's (0: they are voxels). around: (N, 125) uint8 occupancy of the 5^3 nodes
    around each node. near: (N, 27) int32 rows of the 3^3 nodes, 0 for none and i + 1 for node i. parent: (N,)
    int64, likewise, in the coarser level. octant: (N,) which child of its parent a node is. causal:
    (8, N, 62) uint8 children before child k of each node. target: (8, N) uint8 occupancy of the children.
    reference: (N, 192) uint8 children of the frame before, see `inter`; None without one.
    """

    below: int
    around: torch.Tensor
    near: torch.Tensor
    parent: torch.Tensor
    octant: torch.Tensor
    causal: torch.Tensor
    target: torch.Tensor
    reference: torch.Tensor | None = None

    def to(self, device: torch.device) -> LevelBatch:
        names = ("around", "near", "parent", "octant", "causal", "target", "reference")
        there = {n: getattr(self, n) for n in names if getattr(self, n) is not None}
        moved = {n: value.to(device, non_blocking=True) for n, value in there.items()}
        return LevelBatch(below=self.below, **moved)


class LevelNet(Trunk):
    """One set of weights: (inputs, outputs), or (octants or taps, inputs, outputs)."""

    def __init__(self) -> None:
        super().__init__(LEVEL_CLASSES, CONVOLUTIONS)
        self.features = random_weights(8, CHANNELS, HIDDEN, fan_in=CHANNELS, gain=0.7)
        self.features_bias = nn.Parameter(torch.zeros(8, HIDDEN))
        self.causal = random_weights(8, CAUSAL, HIDDEN, fan_in=CAUSAL, gain=1.5)
        self.inner = random_weights(HIDDEN, INNER, fan_in=HIDDEN, gain=1.0)
        self.inner_bias = nn.Parameter(torch.zeros(INNER))
        self.logit = random_weights(INNER, 1, fan_in=INNER, gain=0.3)
        self.logit_bias = nn.Parameter(torch.full((8, 1), -0.5))

    def forward(
        self, level: LevelBatch, coarser: torch.Tensor | None, observe: Observer
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Features (N, CHANNELS) of the nodes and logits (8, N) of their children.

        coarser: features of the coarser level's nodes, or None at the root.
        """
        x = self._first(level)
        if coarser is not None:
            x = x + self._seeds(level, coarser)
        x = observe("stream", torch.relu(x))
        x = self.blocks(x, level.near, observe)
        h = observe("hidden", torch.relu(self._seen(level, x)))
        h = observe("inner", torch.relu(h @ self.inner + self.inner_bias))
        return x, observe("logit", (h @ self.logit).squeeze(-1) + self.logit_bias)

    def _first(self, level: LevelBatch) -> torch.Tensor:
        """Sums (N, CHANNELS) over what is around the nodes."""
        return level.around.to(self.around.dtype) @ self.around + self.level_bias[level_class(level.below)]

    def _seen(self, level: LevelBatch, x: torch.Tensor) -> torch.Tensor:
        """Sums (8, N, HIDDEN) over the features x and the children before."""
        wide = self.features.transpose(0, 1).reshape(CHANNELS, 8 * HIDDEN)
        seen = (x @ wide + self.features_bias.reshape(-1)).view(len(x), 8, HIDDEN).transpose(0, 1)
        return seen + torch.bmm(level.causal.to(self.causal.dtype), self.causal)

    def _seeds(self, level: LevelBatch, coarser: torch.Tensor) -> torch.Tensor:
        """(N, CHANNELS): the parents' features through the matrix of each node's octant."""
        table = torch.cat([coarser.new_zeros(1, CHANNELS), coarser])
        wide = self.seed.transpose(0, 1).reshape(CHANNELS, 8 * CHANNELS)
        every = (table.index_select(0, level.parent) @ wide).view(-1, 8, CHANNELS)
        return every[torch.arange(len(every), device=every.device), level.octant]


class MultiscaleNet(nn.Module):
    """All sets of weights. level: the network of one of them."""

    def __init__(self, level: Callable[[], LevelNet] = LevelNet) -> None:
        super().__init__()
        self.sets = nn.ModuleList(level() for _ in range(SETS))

    def forward(
        self,
        levels: list[LevelBatch],
        observe: Callable[[int, str, torch.Tensor], torch.Tensor] | None = None,
    ) -> list[torch.Tensor]:
        """Logits (8, N) of each level, coarse to fine.

        observe(set, name, value) receives each activation and returns the value to use instead, to measure
        it or to round it as the integer network does. "step" is what a residual block adds to the stream.
        """
        features, logits = None, []
        for level in levels:
            index = weight_set(level.below)

            def watch(name: str, value: torch.Tensor, index: int = index) -> torch.Tensor:
                return value if observe is None else observe(index, name, value)

            features, logit = self.sets[index](level, features, watch)
            logits.append(logit)
        return logits
