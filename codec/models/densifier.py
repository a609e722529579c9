"""The densifying network in floating point, for training: which voxels a thinned or damaged cloud lacks.

It is the upsampling network (`upsampler`), used on the grid of its input: each node also sees which of the
children of the 3^3 nodes around it the input has. There are four sets of weights: for inputs that are a
subset of a cloud's voxels and for damaged ones, and of both for the first level and the second.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import nn

from .densifier_weights import SEEN, SETS, weight_set
from .trunk import random_weights
from .upsampler import NodeTables, UpsamplerSet
from .upsampler_weights import CHILDREN
from .weight_sets import CHANNELS, WINDOW


@dataclass
class GivenTables(NodeTables):
    """given: (N, 8) uint8, which children of each node the input has."""

    given: torch.Tensor

    def seen(self) -> torch.Tensor:
        """(N, 216) uint8: those of the 3^3 nodes around each, nodes in raster order."""
        table = torch.cat([self.given.new_zeros(1, CHILDREN), self.given])
        return table.index_select(0, self.near.reshape(-1)).view(len(self.near), -1)


class DensifierSet(UpsamplerSet):
    """One set of weights. seen: (216, CHANNELS)."""

    def __init__(self) -> None:
        super().__init__()
        self.seen = random_weights(SEEN, CHANNELS, fan_in=WINDOW + SEEN, gain=2.0)

    def _begin(self, nodes: NodeTables, below: int, coarser: torch.Tensor | None) -> torch.Tensor:
        assert isinstance(nodes, GivenTables)
        return super()._begin(nodes, below, coarser) + nodes.seen().to(self.seen.dtype) @ self.seen


class Densifier(nn.Module):
    """All sets of weights."""

    def __init__(self) -> None:
        super().__init__()
        self.sets = nn.ModuleList(DensifierSet() for _ in range(SETS))

    def forward(
        self,
        nodes: GivenTables,
        case: tuple[bool, int],
        coarser: torch.Tensor | None,
        observe: Callable[[int, str, torch.Tensor], torch.Tensor] | None = None,
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Features (N, CHANNELS) of the nodes and logits (N, 8) of their children.

        case: whether the input is damaged, and its class of ratios. coarser: features of the first level, for
        the second. observe: as in `upsampler.Upsampler`.
        """
        damaged, ratio = case
        index = weight_set(damaged, second=coarser is not None)

        def watch(name: str, value: torch.Tensor) -> torch.Tensor:
            return value if observe is None else observe(index, name, value)

        found: tuple[torch.Tensor, torch.Tensor] = self.sets[index](nodes, ratio, coarser, watch)
        return found
