"""The upsampling network in exact integers, by matrix products of torch: for any device.

The integers are held in float32: every partial sum stays below 2**24 (checked when weights load), so every
order of addition gives the same result. `codecs/upsampling/` has the same network in compiled loops.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from .exact import exact_products
from .upsampler import NodeTables
from .upsampler_weights import (
    CHANNELS,
    CONVOLUTIONS,
    LOGIT_LIMIT,
    UpsamplerFile,
    UpsamplerWeights,
    level_class,
    weight_set,
)
from .weights import MAX_ACTIVATION

BATCH = 1 << 16  # nodes


class FloatSet:
    """One set of weights as float32 tensors."""

    def __init__(self, w: UpsamplerWeights, device: torch.device) -> None:
        for name, value in vars(w).items():
            tensor = torch.from_numpy(value.astype(np.float32)).to(device)
            if name.endswith("shift"):
                tensor = torch.pow(2.0, -tensor)
            setattr(self, name, tensor)

    around: torch.Tensor
    around_bias: torch.Tensor
    seed: torch.Tensor
    around_shift: torch.Tensor
    conv: torch.Tensor
    conv_bias: torch.Tensor
    conv_shift: torch.Tensor
    hidden: torch.Tensor
    hidden_bias: torch.Tensor
    hidden_shift: torch.Tensor
    logit: torch.Tensor
    logit_bias: torch.Tensor
    logit_shift: torch.Tensor
    seen: torch.Tensor  # of `densifier_weights` alone


def _activation(total: torch.Tensor, scale: torch.Tensor) -> torch.Tensor:
    return (total * scale).floor_().clamp_(0, MAX_ACTIVATION)


class IntegerNetwork:
    """The layers of the network, on one device."""

    def __init__(self, sets: Sequence[UpsamplerWeights], device: torch.device | str = "cpu") -> None:
        self.device = torch.device(device)
        self.sets = [FloatSet(w, self.device) for w in sets]

    def first_sums(
        self, w: FloatSet, nodes: NodeTables, below: int, coarser: torch.Tensor | None
    ) -> torch.Tensor:
        """The sums (N, 32) of the first layer."""
        x = nodes.around.float() @ w.around + w.around_bias[level_class(below)]
        if coarser is not None:
            wide = w.seed.transpose(0, 1).reshape(CHANNELS, 8 * CHANNELS)
            every = (coarser @ wide).index_select(0, nodes.parent).view(-1, 8, CHANNELS)
            x = x + every[torch.arange(len(every), device=self.device), nodes.octant]
        return x

    def layers(self, w: FloatSet, nodes: NodeTables, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Features and logits, from the sums of the first layer."""
        x = _activation(x, w.around_shift)
        for i in range(0, CONVOLUTIONS, 2):
            h = self._conv(w, i, x, nodes.near).clamp_(0, MAX_ACTIVATION)
            x = (x + self._conv(w, i + 1, h, nodes.near)).clamp_(0, MAX_ACTIVATION)
        h = _activation(x @ w.hidden + w.hidden_bias, w.hidden_shift)
        logit = (h @ w.logit + w.logit_bias) * w.logit_shift
        return x, logit.floor_().clamp_(-LOGIT_LIMIT, LOGIT_LIMIT).int()

    def _conv(self, w: FloatSet, i: int, x: torch.Tensor, near: torch.Tensor) -> torch.Tensor:
        table = torch.cat([x.new_zeros(1, CHANNELS), x])
        out = torch.empty_like(x)
        for start in range(0, len(x), BATCH):  # the patches of a batch take 3.5 kB per node
            rows = near[start : start + BATCH]
            patch = table.index_select(0, rows.reshape(-1)).view(len(rows), -1)
            total = torch.addmm(w.conv_bias[i], patch, w.conv[i].reshape(-1, CHANNELS))
            out[start : start + BATCH] = (total * w.conv_shift[i]).floor_()
        return out


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
