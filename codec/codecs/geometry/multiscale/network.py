"""The multiscale network compiled for CPUs, in exact integers: the same as `models.multiscale_integer`.

The trunk (`trunk`) runs ahead of the coding loop (`predictor`). The head (`head`) runs in the loop, since it
uses the children that were just coded.
"""

from __future__ import annotations

import numpy as np

from octavox.codec.arrays import Int16Array, Int32Array
from octavox.codec.codecs.geometry.octree.predictor import Predictor
from octavox.codec.coding.kernels.dense import quads
from octavox.codec.coding.kernels.memory import aligned
from octavox.codec.models.multiscale_weights import CAUSAL, HIDDEN, LevelWeights, MultiscaleWeights

from .head import ROW_STRIDE, ROWS, Head
from .predictor import HeadPredictor
from .trunk import TrunkRuns, trunk_of


def row_sums(causal: Int16Array) -> tuple[Int16Array | Int32Array, Int32Array]:
    """Sums of weights (8, ROWS, ROW_STRIDE, 64) for each pattern of a row's bits, and (8, 64) to add to them.

    Each range of sums is moved to the middle of int16; if one does not fit, all are int32. Sums of half the
    width need half the room in the nearest caches.
    """
    weights = np.zeros((8, ROWS, 5, HIDDEN), np.int32)
    weights.reshape(8, -1, HIDDEN)[:, :CAUSAL] = causal  # the child's own row holds two
    return pattern_sums(weights, ROW_STRIDE)


def pattern_sums(weights: Int32Array, patterns: int) -> tuple[Int16Array | Int32Array, Int32Array]:
    """The same of rows of weights (8, rows, bits, 64), as (8, rows, patterns, 64)."""
    bits = (np.arange(patterns)[:, None] >> np.arange(weights.shape[2])) & 1
    sums = np.einsum("pb,orbh->orph", bits, weights)
    low, high = sums.min(2), sums.max(2)
    middle = (low + high + 1) >> 1
    sums -= middle[:, :, None]
    kind = np.int16 if np.all(high - low < 1 << 16) else np.int32
    return sums.astype(kind), middle.sum(1).astype(np.int32)


def head_of(w: LevelWeights) -> Head:
    """The head of a set of weights."""
    causal, lacking = row_sums(w.causal)
    return Head(
        quads(w.features),
        aligned(w.features_bias + lacking),
        aligned(w.hidden_shift.astype(np.int32)),
        aligned(causal),
        quads(w.inner),
        aligned(w.inner_bias),
        aligned(w.inner_shift.astype(np.int32)),
        aligned(w.logit.astype(np.int32)),
        w.logit_bias.reshape(-1),
        w.logit_shift.astype(np.int32),
    )


class CompiledMultiscale:
    """See octree.predictor.Network."""

    device = "cpu"

    def __init__(self, weights: MultiscaleWeights) -> None:
        self.identity = weights.identity
        self.trunks = [trunk_of(w) for w in weights.sets]
        self.heads = [head_of(w) for w in weights.sets]

    def predictor(self, threaded: bool) -> Predictor:
        """See Network."""
        return HeadPredictor(TrunkRuns(self.trunks), self.heads, threaded)
