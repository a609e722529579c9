"""The network of codec "multiscale" node by node, written from docs/multiscale-codec.md: slow, and simple.

For decode_slice of octree_reference.py. Integers of 64 bits, so nothing here depends on sums being small.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from octree_reference import CUBE, WINDOW, Cells, Model, Voxel, held, parent, shifted

Ints = npt.NDArray[np.int64]


def octant(voxel: Voxel) -> int:
    """Which child of its node a voxel is."""
    return 4 * (voxel[0] & 1) + 2 * (voxel[1] & 1) + (voxel[2] & 1)


def act(total: Ints, shift: Ints) -> Ints:
    return np.clip(total >> shift, 0, 255)


class MultiscaleReference:
    """See octree_reference.Network. One object for one slice. tensors: those of the weights file, by name."""

    def __init__(self, tensors: dict[str, npt.NDArray[Any]]) -> None:
        self.sets: list[dict[str, Ints]] = [{}, {}, {}]
        for name, tensor in tensors.items():
            number, _, short = name.partition(".")
            self.sets[int(number)][short] = tensor.astype(np.int64)
        self.features: dict[Voxel, Ints] = {}  # (32,) of each node of the level

    def start(self, below: int, nodes: list[Voxel]) -> None:
        w = self.w = self.sets[min(below, 2)]
        coarser, there = self.features, set(nodes)
        x: dict[Voxel, Ints] = {}
        for node in nodes:
            total = w["around_bias"][min(max(below - 2, 0), 7)].copy()
            for i, offset in enumerate(WINDOW):
                if shifted(node, offset) in there:
                    total += w["around"][i]
            if coarser:
                total += coarser[parent(node)] @ w["seed"][octant(node)]
            total += self.more_of_node(node)
            x[node] = act(total, w["around_shift"])
        for j in (0, 2):
            h = {n: act(self.convolution(j, n, x), w["conv_shift"][j]) for n in nodes}
            steps = {n: self.convolution(j + 1, n, h) >> w["conv_shift"][j + 1] for n in nodes}
            x = {n: np.clip(x[n] + steps[n], 0, 255) for n in nodes}
        self.features = x

    def convolution(self, j: int, node: Voxel, values: dict[Voxel, Ints]) -> Ints:
        """(32,) sums of convolution j at a node."""
        total = self.w["conv_bias"][j].copy()
        for tap, offset in enumerate(CUBE):
            other = shifted(node, offset)
            if other in values:
                total += values[other] @ self.w["conv"][j, tap]
        return total

    def logit(self, child: Voxel, known: Cells) -> int:
        w, k = self.w, octant(child)
        total = w["features_bias"][k] + self.features[parent(child)] @ w["features"][k]
        for i, offset in enumerate(WINDOW[:62]):
            if shifted(child, offset) in known:
                total += w["causal"][k, i]
        total = total + self.more_of_child(child)
        g = act(total, w["hidden_shift"][k])
        f = act(w["inner_bias"] + g @ w["inner"], w["inner_shift"])
        return held(int((w["logit_bias"][k, 0] + f @ w["logit"][:, 0]) >> w["logit_shift"][0]))

    def more_of_node(self, node: Voxel) -> Ints:
        """What else is added in the trunk."""
        return np.zeros(32, np.int64)

    def more_of_child(self, child: Voxel) -> Ints:
        """What else is added in the head."""
        return np.zeros(64, np.int64)

    def words(self, child: Voxel, known: Cells) -> tuple[int, ...]:
        return ()

    def model(self, table_bits: int, learning: tuple[int, ...]) -> Model:
        return Model(table_bits, True, learning)
