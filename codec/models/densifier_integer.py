"""The densifying network in exact integers, by matrix products of torch: for any device."""

from __future__ import annotations

import torch

from .densifier import GivenTables
from .densifier_weights import DensifierFile, weight_set
from .exact import exact_products
from .upsampler_integer import IntegerNetwork


class IntegerDensifier(IntegerNetwork):
    """The network on one device."""

    def __init__(self, weights: DensifierFile, device: torch.device | str = "cpu") -> None:
        super().__init__(weights.sets, device)
        self.identity = weights.identity

    @exact_products()
    def __call__(
        self, nodes: GivenTables, case: tuple[bool, int], coarser: torch.Tensor | None
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Features (N, 32), integers 0..255 in float32, and logits (N, 8) int32 in 1/256 nat.

        See `densifier.Densifier.forward`.
        """
        damaged, ratio = case
        w = self.sets[weight_set(damaged, second=coarser is not None)]
        x = self.first_sums(w, nodes, ratio, coarser) + nodes.seen().float() @ w.seen
        return self.layers(w, nodes, x)
