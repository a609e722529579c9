"""The upsampling network in exact integers, by matrix products of torch: for any device.

The integers are held in float32: every partial sum stays below 2**24 (checked when weights load), so every
order of addition gives the same result. `codecs/upsampling/` has the same network in compiled loops.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch

from .exact import exact_products
from .trunk import FloatSet, activation, integer_blocks, integer_seeds
from .upsampler import NodeTables
from .upsampler_weights import LOGIT_LIMIT, UpsamplerFile, UpsamplerWeights, level_class, weight_set


class UpsamplerFloats(FloatSet):
    """One set of weights. seen: of `densifier_weights` alone."""

    hidden: torch.Tensor
    hidden_bias: torch.Tensor
    seen: torch.Tensor


class IntegerNetwork:
    """The layers of the network, on one device."""

    def __init__(self, sets: Sequence[UpsamplerWeights], device: torch.device | str = "cpu") -> None:
        self.device = torch.device(device)
        self.sets = [UpsamplerFloats(w, self.device) for w in sets]

    def first_sums(
        self, w: UpsamplerFloats, nodes: NodeTables, below: int, coarser: torch.Tensor | None
    ) -> torch.Tensor:
        """The sums (N, 32) of the first layer."""
        x = nodes.around.float() @ w.around + w.around_bias[level_class(below)]
        if coarser is not None:
            x = x + integer_seeds(w, coarser, nodes.parent, nodes.octant)
        return x

    def layers(
        self, w: UpsamplerFloats, nodes: NodeTables, x: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Features and logits, from the sums of the first layer."""
        x = integer_blocks(w, activation(x, w.around_shift), nodes.near)
        h = activation(x @ w.hidden + w.hidden_bias, w.hidden_shift)
        logit = (h @ w.logit + w.logit_bias) * w.logit_shift
        return x, logit.floor_().clamp_(-LOGIT_LIMIT, LOGIT_LIMIT).int()


class IntegerUpsampler(IntegerNetwork):
    """The network on one device."""

    def __init__(self, weights: UpsamplerFile, device: torch.device | str = "cpu") -> None:
        super().__init__(weights.sets, device)
        self.identity = weights.identity

    @exact_products()
    def __call__(
        self, nodes: NodeTables, below: int, coarser: torch.Tensor | None
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Features (N, 32), integers 0..255 in float32, and logits (N, 8) int32 in 1/256 nat.

        See `upsampler.UpsamplerSet.forward`.
        """
        w = self.sets[weight_set(below, guessed=coarser is not None)]
        return self.layers(w, nodes, self.first_sums(w, nodes, below, coarser))
