"""The multiscale network compiled for CPUs, in exact integers: the same as `models.multiscale_integer`.

The trunk (`trunk`, `foresight`) runs ahead of the coding loop; the head (`kernels.head`) for one child at a
time inside it, as it sees the children coded just before.
"""

from __future__ import annotations

import numpy as np

from ..kernels.dense import pack
from ..kernels.head import BEFORE, ROWS, Head
from ..models.multiscale_weights import HIDDEN, LevelWeights, MultiscaleWeights
from ..octree.slice_coder import Foresight
from .foresight import CompiledForesight
from .trunk import paired, trunk_of


def head_of(w: LevelWeights) -> Head:
    """The head of a set of weights."""
    causal = np.zeros((8, ROWS, HIDDEN), np.int16)
    row, column = np.divmod(np.arange(BEFORE), 5)
    causal[:, (6 * row + column)] = w.causal[:, :BEFORE]
    causal[:, ROWS - 2 :] = w.causal[:, BEFORE:]
    rounding = (1 << w.inner_shift.astype(np.int32)) >> 1  # which `pack` adds, and the bias holds
    return Head(
        paired(w.features),
        w.features_bias.reshape(-1),
        w.hidden_shift.astype(np.int32).reshape(-1),
        causal.reshape(-1),
        pack(w.inner, w.inner_bias - rounding, w.inner_shift),
        w.logit.astype(np.int16).reshape(-1),
        w.logit_bias.reshape(-1),
        w.logit_shift.astype(np.int32),
    )


class CompiledMultiscale:
    """See octree.codec.Network."""

    device = "cpu"

    def __init__(self, weights: MultiscaleWeights) -> None:
        self.identity = weights.identity
        self.trunks = [trunk_of(w) for w in weights.sets]
        self.heads = [head_of(w) for w in weights.sets]

    def foresight(self, ahead: bool) -> Foresight:
        """See Network."""
        return CompiledForesight(self, ahead)
