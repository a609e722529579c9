"""The inter network for slices that have a reference: compiled for CPUs, or with its trunk on a device."""

from __future__ import annotations

from threading import Lock

import numpy as np

from octavox.codec.arrays import Int64Array
from octavox.codec.cloud.morton import CodeArray, distinct, morton_decode
from octavox.codec.codecs.geometry.multiscale.predictor import HeadPredictor, Source, Trunk
from octavox.codec.codecs.geometry.multiscale.trunk import TrunkRuns, trunk_of
from octavox.codec.codecs.geometry.octree.levels import coords_to_raster
from octavox.codec.codecs.geometry.octree.predictor import Predictor
from octavox.codec.models.inter_weights import InterFile

from .head import InterHead, InterPrior, inter_head, new_prior, walk_with_reference


class Reference:
    """The frame before, moved onto the frame that is coded. codes: (n,) its sorted Morton codes."""

    def __init__(self, codes: CodeArray) -> None:
        self._codes, self._lock = codes, Lock()
        self._keys: dict[int, Int64Array] = {}

    def keys(self, above: int) -> Int64Array:
        """(m,) sorted raster keys of its occupied nodes, so many levels above the voxels."""
        with self._lock:
            if above not in self._keys:
                nodes = distinct(self._codes >> 3 * above) if above else self._codes
                self._keys[above] = np.sort(coords_to_raster(morton_decode(nodes)))
            return self._keys[above]


class InterPredictor(HeadPredictor):
    """See octree.predictor.Predictor."""

    def __init__(self, trunk: Trunk, heads: list[InterHead], threaded: bool) -> None:
        super().__init__(trunk, [own.head for own in heads], threaded)
        self.walk, self._inter = walk_with_reference, heads

    def _prior(self, index: int, source: Source) -> InterPrior:
        return new_prior(self._inter[index], source.features, source.reference)


class InterNetwork:
    """Weights on a device, "cpu" or one of torch. They predict slices that have a reference."""

    def __init__(self, weights: InterFile, device: str) -> None:
        self.identity, self.device = weights.identity, device
        self._heads = [inter_head(w) for w in weights.sets]
        if device == "cpu":
            self._trunks = [trunk_of(w, w.reference) for w in weights.sets]
        else:
            from octavox.codec.models.multiscale_integer import IntegerMultiscale

            self._net = IntegerMultiscale(weights, device)

    def predictor(self, reference: Reference, threaded: bool) -> Predictor:
        """A new predictor, for one slice. threaded: it may use a thread of its own."""
        return InterPredictor(self._trunk(reference), self._heads, threaded)

    def _trunk(self, reference: Reference) -> Trunk:
        if self.device == "cpu":
            return TrunkRuns(self._trunks, reference.keys)
        from octavox.codec.codecs.geometry.multiscale.device import Levels

        return Levels(self._net, reference.keys)
