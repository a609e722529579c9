"""The multiscale network in exact integers, by matrix products of torch: for any device.

The integers are held in float32: every partial sum stays below 2**24 (checked when weights load), so every
order of addition gives the same result. `codec/codecs/geometry/multiscale/` has the same network in compiled
loops (trunk and head).
"""

from __future__ import annotations

import numpy as np
import torch

from .exact import exact_products
from .multiscale import LevelBatch
from .multiscale_weights import CHANNELS, HIDDEN, LevelWeights, MultiscaleWeights, level_class, weight_set
from .weights import MAX_ACTIVATION

BATCH = 1 << 16  # nodes
LOGIT_LIMIT = 3071  # as stretched probabilities are limited


class _Level:
    """One set of weights as float32 tensors."""

    def __init__(self, w: LevelWeights, device: torch.device) -> None:
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
    features: torch.Tensor
    features_bias: torch.Tensor
    causal: torch.Tensor
    hidden_shift: torch.Tensor
    inner: torch.Tensor
    inner_bias: torch.Tensor
    inner_shift: torch.Tensor
    logit: torch.Tensor
    logit_bias: torch.Tensor
    logit_shift: torch.Tensor


def _activation(total: torch.Tensor, scale: torch.Tensor) -> torch.Tensor:
    return (total * scale).floor_().clamp_(0, MAX_ACTIVATION)


class IntegerMultiscale:
    """The network on one device."""

    def __init__(self, weights: MultiscaleWeights, device: torch.device | str = "cpu") -> None:
        self.device = torch.device(device)
        self.identity = weights.identity
        self._sets = [_Level(w, self.device) for w in weights.sets]

    @exact_products()
    def trunk(self, level: LevelBatch, coarser: torch.Tensor | None) -> torch.Tensor:
        """Features (N, 32), integers 0..255 in float32, from the coarser level's."""
        w = self._sets[weight_set(level.below)]
        x = level.around.float() @ w.around + w.around_bias[level_class(level.below)]
        if coarser is not None:
            table = torch.cat([coarser.new_zeros(1, CHANNELS), coarser])
            wide = w.seed.transpose(0, 1).reshape(CHANNELS, 8 * CHANNELS)
            every = (table.index_select(0, level.parent) @ wide).view(-1, 8, CHANNELS)
            x = x + every[torch.arange(len(every), device=self.device), level.octant]
        x = _activation(x, w.around_shift)
        for i in (0, 2):
            h = self._conv(w, i, x, level.near).clamp_(0, MAX_ACTIVATION)
            x = (x + self._conv(w, i + 1, h, level.near)).clamp_(0, MAX_ACTIVATION)
        return x

    def _conv(self, w: _Level, i: int, x: torch.Tensor, near: torch.Tensor) -> torch.Tensor:
        table = torch.cat([x.new_zeros(1, CHANNELS), x])
        out = torch.empty_like(x)
        for start in range(0, len(x), BATCH):  # the patches of a batch take 3.5 kB per node
            rows = near[start : start + BATCH]
            patch = table.index_select(0, rows.reshape(-1)).view(len(rows), -1)
            total = torch.addmm(w.conv_bias[i], patch, w.conv[i].reshape(-1, CHANNELS))
            out[start : start + BATCH] = (total * w.conv_shift[i]).floor_()
        return out

    @exact_products()
    def head(self, level: LevelBatch, features: torch.Tensor) -> torch.Tensor:
        """Logits (8, N) int32 in 1/256 nat, within +-LOGIT_LIMIT."""
        w = self._sets[weight_set(level.below)]
        wide = w.features.transpose(0, 1).reshape(CHANNELS, 8 * HIDDEN)
        seen = (features @ wide).view(-1, 8, HIDDEN).transpose(0, 1) + w.features_bias[:, None]
        h = _activation(seen + torch.bmm(level.causal.float(), w.causal), w.hidden_shift[:, None])
        h = _activation(h @ w.inner + w.inner_bias, w.inner_shift)
        logit = ((h @ w.logit).squeeze(-1) + w.logit_bias) * w.logit_shift
        return logit.floor_().clamp_(-LOGIT_LIMIT, LOGIT_LIMIT).int()

    def logits(self, levels: list[LevelBatch]) -> list[torch.Tensor]:
        """(8, N) int32 of each level, coarse to fine."""
        features, out = None, []
        for level in levels:
            features = self.trunk(level, features)
            out.append(self.head(level, features))
        return out
