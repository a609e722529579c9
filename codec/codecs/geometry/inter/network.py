"""The inter network for slices that have a reference: compiled for CPUs, or with its trunk on a device."""

from __future__ import annotations

from hashlib import sha256
from threading import Lock, Thread

import numpy as np

from octavox.codec.cloud.morton import CodeArray
from octavox.codec.codecs.geometry.multiscale.head import child_logit
from octavox.codec.codecs.geometry.multiscale.predictor import HeadPredictor, Source, Trunk
from octavox.codec.codecs.geometry.multiscale.trunk import REFERENCE_WORDS, Before, TrunkRuns, trunk_of
from octavox.codec.codecs.geometry.octree.learning import Learning
from octavox.codec.codecs.geometry.octree.mixing import Mixing
from octavox.codec.codecs.geometry.octree.ordered import nodes_of
from octavox.codec.codecs.geometry.octree.predictor import Predictor
from octavox.codec.codecs.geometry.octree.walk import make_walk
from octavox.codec.models.inter_weights import FULLNESS, InterFile

from .head import InterHead, InterPrior, begin_beside, inter_head, new_prior
from .mixing import ALL, FEW, Contexts, models_of, new_mixing

_PREPARED = 10  # levels above the voxels, of those that are prepared: the others are small
_SMALL = 1 << 16  # voxels: of fewer, levels are made when they are needed
_walks = {
    contexts: make_walk(name, begin_beside, child_logit, models_of(name, contexts))
    for name, contexts in (("reference", ALL), ("few", FEW))
}


def above_sorted(codes: CodeArray) -> CodeArray:
    """The distinct codes above sorted ones (n,)."""
    above = codes >> 3
    return np.asarray(above[np.diff(above, prepend=-1) != 0], np.int64)


class Reference:
    """The frame before, moved onto the frame that is coded. codes: (n,) its sorted Morton codes."""

    def __init__(self, codes: CodeArray) -> None:
        self._codes, self._lock = [codes], Lock()  # by level
        self._levels: dict[int, Before] = {}
        self._prepared = False

    @property
    def digest(self) -> bytes:
        """Of its voxels."""
        return sha256(self._codes[0].tobytes()).digest()

    def prepare(self) -> None:
        """Begins to make its levels, coarse to fine, in a thread of its own; once, and if they are large."""
        if self._prepared or len(self._codes[0]) < _SMALL:
            return
        self._prepared = True
        Thread(target=self._prepare, name="octavox-reference", daemon=True).start()

    def _prepare(self) -> None:
        for above in range(_PREPARED, -1, -1):
            self.level(above)

    def level(self, above: int) -> Before:
        """Its occupied nodes, so many levels above the voxels."""
        found = self._levels.get(above)
        if found is not None:
            return found
        with self._lock:
            if above not in self._levels:
                self._levels[above] = self._made(above)
            return self._levels[above]

    def _made(self, above: int) -> Before:
        while len(self._codes) <= above:
            self._codes.append(above_sorted(self._codes[-1]))
        nodes = nodes_of(self._codes[above])
        full = np.zeros(len(nodes.key) if above else 0, np.uint8)
        if above:
            children = self._codes[above - 1]
            held = np.diff(np.append(np.flatnonzero(np.diff(children >> 3, prepend=-1)), len(children)))
            full[nodes.order] = sum((held >= most).astype(np.uint8) for most in FULLNESS[1:])
        return Before(nodes.key, full)


class InterPredictor(HeadPredictor):
    """See octree.predictor.Predictor."""

    def __init__(
        self,
        trunk: Trunk,
        heads: list[InterHead],
        reference: Reference,
        contexts: Contexts,
        threaded: bool,
    ) -> None:
        super().__init__(trunk, [own.head for own in heads], threaded)
        self.walk, self._contexts = _walks[contexts], contexts
        self._inter, self._reference = heads, reference

    @property
    def prediction(self) -> bytes:
        """See Predictor."""
        return self._reference.digest

    def mixing(self, table_bits: int, learning: Learning) -> Mixing:
        """See Predictor."""
        return new_mixing(table_bits, learning, self._contexts)

    def _prior(self, index: int, source: Source) -> InterPrior:
        return new_prior(self._inter[index], source.features, source.reference)


class InterNetwork:
    """Weights on a device, "cpu" or one of torch. They predict slices that have a reference."""

    def __init__(self, weights: InterFile, device: str) -> None:
        self.identity, self.device = weights.identity, device
        self._heads = [inter_head(w, REFERENCE_WORDS if k else 1) for k, w in enumerate(weights.sets)]
        if device == "cpu":
            self._trunks = [trunk_of(w, w.reference) for w in weights.sets]
        else:
            from octavox.codec.models.multiscale_integer import IntegerMultiscale

            self._net = IntegerMultiscale(weights, device)

    def predictor(self, reference: Reference, threaded: bool, few: bool = True) -> Predictor:
        """A new predictor, for one slice. threaded: it may use a thread of its own. few: see `Params`."""
        if threaded:
            reference.prepare()
        contexts = FEW if few else ALL
        return InterPredictor(self._trunk(reference), self._heads, reference, contexts, threaded)

    def _trunk(self, reference: Reference) -> Trunk:
        if self.device == "cpu":
            return TrunkRuns(self._trunks, reference.level)
        from octavox.codec.codecs.geometry.multiscale.device import Levels

        return Levels(self._net, reference.level)
