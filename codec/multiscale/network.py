"""The multiscale network compiled for CPUs, in exact integers: the same as `models.multiscale_integer`.

The trunk (`trunk`), and what it adds to the head (`sums`), run ahead of the coding loop (`foresight`); the
rest of the head (`kernels.head`) for one child at a time inside it, as it sees the children just coded.
"""

from __future__ import annotations

import numpy as np

from ..kernels.head import ROW_STRIDE, ROWS, Head
from ..kernels.memory import aligned
from ..models.multiscale_weights import CAUSAL, HIDDEN, LevelWeights, MultiscaleWeights
from ..octree.slice_coder import Foresight
from .foresight import HeadForesight
from .trunk import TrunkRuns, paired, trunk_of


def head_of(w: LevelWeights) -> Head:
    """The head of a set of weights."""
    bits = (np.arange(ROW_STRIDE)[:, None] >> np.arange(5)) & 1
    weights = np.zeros((8, ROWS, 5, HIDDEN), np.int32)
    weights.reshape(8, -1, HIDDEN)[:, :CAUSAL] = w.causal  # the child's own row holds two
    return Head(
        paired(w.features),
        aligned(w.features_bias),
        aligned(w.hidden_shift.astype(np.int32)),
        aligned(np.einsum("pb,orbh->orph", bits, weights).astype(np.int32)),
        paired(w.inner),
        aligned(w.inner_bias),
        aligned(w.inner_shift.astype(np.int32)),
        aligned(w.logit.astype(np.int32)),
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
        return HeadForesight(TrunkRuns(self.trunks), self.heads, ahead)
