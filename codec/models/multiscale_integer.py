"""The multiscale network in exact integers, by matrix products of torch: for any device.

The integers are held in float32: every partial sum stays below 2**24 (checked when weights load), so every
order of addition gives the same result. `codec/codecs/geometry/multiscale/` has the same network in compiled
loops (trunk and head).
"""

from __future__ import annotations

import torch

from .exact import exact_products
from .inter import beside_children
from .inter_weights import InterFile
from .multiscale import LevelBatch
from .multiscale_weights import HIDDEN, MultiscaleWeights, level_class, weight_set
from .trunk import FloatSet, activation, integer_blocks, integer_seeds
from .weight_sets import CHANNELS

LOGIT_LIMIT = 3071  # as stretched probabilities are limited


class _LevelSet(FloatSet):
    """One set of weights."""

    features: torch.Tensor
    features_bias: torch.Tensor
    causal: torch.Tensor
    reference: torch.Tensor  # of the inter network
    beside: torch.Tensor
    inner: torch.Tensor
    inner_bias: torch.Tensor
    inner_shift: torch.Tensor


class IntegerMultiscale:
    """The network, or the inter network, on one device."""

    def __init__(self, weights: MultiscaleWeights | InterFile, device: torch.device | str = "cpu") -> None:
        self.device = torch.device(device)
        self.identity = weights.identity
        self._sets = [_LevelSet(w, self.device) for w in weights.sets]

    @exact_products()
    def trunk(self, level: LevelBatch, coarser: torch.Tensor | None) -> torch.Tensor:
        """Features (N, 32), integers 0..255 in float32, from the coarser level's."""
        w = self._sets[weight_set(level.below)]
        x = level.around.float() @ w.around + w.around_bias[level_class(level.below)]
        if level.reference is not None:
            x = x + level.reference.float() @ w.reference
        if coarser is not None:
            table = torch.cat([coarser.new_zeros(1, CHANNELS), coarser])
            x = x + integer_seeds(w, table, level.parent, level.octant)
        return integer_blocks(w, activation(x, w.around_shift), level.near)

    @exact_products()
    def head(self, level: LevelBatch, features: torch.Tensor) -> torch.Tensor:
        """Logits (8, N) int32 in 1/256 nat, within +-LOGIT_LIMIT."""
        w = self._sets[weight_set(level.below)]
        wide = w.features.transpose(0, 1).reshape(CHANNELS, 8 * HIDDEN)
        seen = (features @ wide).view(-1, 8, HIDDEN).transpose(0, 1) + w.features_bias[:, None]
        seen = seen + torch.bmm(level.causal.float(), w.causal)
        if level.reference is not None:
            seen = seen + torch.bmm(beside_children(level.reference).float(), w.beside)
        h = activation(seen, w.hidden_shift[:, None])
        h = activation(h @ w.inner + w.inner_bias, w.inner_shift)
        logit = ((h @ w.logit).squeeze(-1) + w.logit_bias) * w.logit_shift
        return logit.floor_().clamp_(-LOGIT_LIMIT, LOGIT_LIMIT).int()

    def logits(self, levels: list[LevelBatch]) -> list[torch.Tensor]:
        """(8, N) int32 of each level, coarse to fine."""
        features, out = None, []
        for level in levels:
            features = self.trunk(level, features)
            out.append(self.head(level, features))
        return out
