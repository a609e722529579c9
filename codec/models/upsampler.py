"""The upsampling network in floating point, for training: the children of occupied nodes, all at once.

From the nodes of an octree level alone (5^3 occupancy, then residual blocks of 3^3 convolutions over
occupied nodes, as the trunk of the multiscale network) a small head gives eight logits a node, one for each
child. The idea is that of PU-Dense (arXiv 2110.09058): a sparse network over occupied voxels, cross-entropy,
the likeliest are kept. Where several levels are guessed one after the other, each node is also given its
parent's features.

There are four sets of weights: for nodes that are known or guessed, and for children that are voxels or not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import nn

from .trunk import Observer, Trunk, random_weights
from .upsampler_weights import (
    CHILDREN,
    CONVOLUTIONS,
    HIDDEN,
    LEVEL_CLASSES,
    SETS,
    level_class,
    weight_set,
)
from .weight_sets import CHANNELS


@dataclass
class NodeTables:
    """N occupied nodes of one level.

    around: (N, 125) uint8 occupancy of the 5^3 nodes around each. near: (N, 27) int32 rows of the 3^3 nodes,
    0 for none and i + 1 for node i. octant: (N,) int64, which child of its parent a node is. parent: (N,)
    int64 rows of the coarser level's features.
    """

    around: torch.Tensor
    near: torch.Tensor
    octant: torch.Tensor
    parent: torch.Tensor


class UpsamplerSet(Trunk):
    """One set of weights: (inputs, outputs), or (octants or taps, inputs, outputs)."""

    def __init__(self) -> None:
        super().__init__(LEVEL_CLASSES, CONVOLUTIONS)
        self.hidden = random_weights(CHANNELS, HIDDEN, fan_in=CHANNELS, gain=1.0)
        self.hidden_bias = nn.Parameter(torch.zeros(HIDDEN))
        self.logit = random_weights(HIDDEN, CHILDREN, fan_in=HIDDEN, gain=0.3)
        self.logit_bias = nn.Parameter(torch.zeros(CHILDREN))

    def _begin(self, nodes: NodeTables, below: int, coarser: torch.Tensor | None) -> torch.Tensor:
        """The first layer (N, CHANNELS), before its activation."""
        x = nodes.around.to(self.around.dtype) @ self.around + self.level_bias[level_class(below)]
        if coarser is not None:
            wide = self.seed.transpose(0, 1).reshape(CHANNELS, 8 * CHANNELS)
            every = (coarser @ wide).index_select(0, nodes.parent).view(-1, 8, CHANNELS)
            x = x + every[torch.arange(len(every), device=every.device), nodes.octant]
        return x

    def forward(
        self, nodes: NodeTables, below: int, coarser: torch.Tensor | None, observe: Observer
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Features (N, CHANNELS) of the nodes and logits (N, 8) of their children.

        below: levels below the children's. coarser: features of the coarser level, where it was guessed from.
        """
        x = self._begin(nodes, below, coarser)
        x = observe("stream", torch.relu(x))
        x = self.blocks(x, nodes.near, observe)
        h = observe("hidden", torch.relu(x @ self.hidden + self.hidden_bias))
        return x, observe("logit", h @ self.logit + self.logit_bias)


class Upsampler(nn.Module):
    """All sets of weights."""

    def __init__(self) -> None:
        super().__init__()
        self.sets = nn.ModuleList(UpsamplerSet() for _ in range(SETS))

    def forward(
        self,
        nodes: NodeTables,
        below: int,
        coarser: torch.Tensor | None,
        observe: Callable[[int, str, torch.Tensor], torch.Tensor] | None = None,
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """See UpsamplerSet.forward.

        observe(set, name, value) receives each activation and returns the value to use instead. "step" is
        what a residual block adds to the stream.
        """
        index = weight_set(below, guessed=coarser is not None)

        def watch(name: str, value: torch.Tensor) -> torch.Tensor:
            return value if observe is None else observe(index, name, value)

        found: tuple[torch.Tensor, torch.Tensor] = self.sets[index](nodes, below, coarser, watch)
        return found


def most_likely(logits: torch.Tensor, count: int) -> torch.Tensor:
    """(N, 8) bool: the children that are kept.

    Of each node the likeliest child, then the likeliest of all others until there are `count` (or all); the
    first in order where logits are equal.
    """
    best = logits.argmax(1)
    flat = logits.reshape(-1).clone()
    flat[torch.arange(len(logits), device=logits.device) * CHILDREN + best] = float("inf")
    count = min(max(count, len(logits)), flat.numel())
    order = torch.sort(flat, descending=True, stable=True).indices[:count]
    kept = torch.zeros_like(flat, dtype=torch.bool)
    kept[order] = True
    return kept.view_as(logits)
