"""Guessed levels decoded as docs/lossy-coding.md says, plainly: dictionaries of cells, products of numpy."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from octree_reference import SQUASH
from safetensors.numpy import load_file

from octavox.codec.coding.logistic import STRETCH_OFFSET

Cell = tuple[int, int, int]


def window(reach: int) -> list[Cell]:
    axis = range(-reach, reach + 1)
    return [(dx, dy, dz) for dx in axis for dy in axis for dz in axis]


def clamp(x: np.ndarray) -> np.ndarray:
    return np.clip(x, 0, 255)


def network(
    tensors: dict[str, np.ndarray], cells: list[Cell], below: int, parents: dict[Cell, np.ndarray] | None
) -> tuple[dict[Cell, np.ndarray], dict[Cell, np.ndarray]]:
    """Features and logits of each node."""
    chosen = (2 if parents is not None else 0) + min(below, 1)
    w = {n.split(".", 1)[1]: t.astype(np.int64) for n, t in tensors.items() if n.startswith(f"{chosen}.")}
    there = set(cells)
    x = {}
    for c in cells:
        total = w["around_bias"][min(below, 3)].copy()
        for number, (dx, dy, dz) in enumerate(window(2)):
            if (c[0] + dx, c[1] + dy, c[2] + dz) in there:
                total += w["around"][number]
        if parents is not None:
            octant = 4 * (c[0] & 1) + 2 * (c[1] & 1) + (c[2] & 1)
            total += parents[c[0] >> 1, c[1] >> 1, c[2] >> 1] @ w["seed"][octant]
        x[c] = clamp(total >> w["around_shift"])
    for i in (0, 2, 4):
        h = {c: clamp(summed(w, i, x, c)) for c in cells}
        x = {c: clamp(x[c] + summed(w, i + 1, h, c)) for c in cells}
    logits = {}
    for c in cells:
        hidden = clamp((w["hidden_bias"] + x[c] @ w["hidden"]) >> w["hidden_shift"])
        logits[c] = np.clip((w["logit_bias"] + hidden @ w["logit"]) >> w["logit_shift"], -4095, 4095)
    return x, logits


def summed(w: dict[str, np.ndarray], i: int, x: dict[Cell, np.ndarray], c: Cell) -> np.ndarray:
    total = w["conv_bias"][i].copy()
    for t, (dx, dy, dz) in enumerate(window(1)):
        other = (c[0] + dx, c[1] + dy, c[2] + dz)
        if other in x:
            total += x[other] @ w["conv"][i, t]
    return total >> w["conv_shift"][i]


def morton(c: Cell) -> int:
    return sum(((v >> b) & 1) << (3 * b + 2 - k) for k, v in enumerate(c) for b in range(21))


def children_kept(logits: dict[Cell, np.ndarray], count: int) -> list[Cell]:
    kept, others = [], []
    for c, values in logits.items():
        best = int(np.argmax(values))
        for k in range(8):
            child = (2 * c[0] + (k >> 2), 2 * c[1] + (k >> 1 & 1), 2 * c[2] + (k & 1))
            (kept if k == best else others).append((-int(values[k]), morton(child), child))
    return [child for _, _, child in kept + sorted(others)[: count - len(kept)]]


def guessed(weights: Path, cells: list[Cell], counts: list[int]) -> list[Cell]:
    """The voxels of a slice with these nodes, in Morton order."""
    tensors, features = load_file(weights), None
    for step, count in enumerate(counts):
        features, logits = network(tensors, cells, len(counts) - 1 - step, features)
        cells = children_kept(logits, count)
    return sorted(cells, key=morton)


def partly(weights: Path, cells: list[Cell], below: int, nodes: int, count: int) -> dict[Cell, set[Cell]]:
    """The nodes of a slice whose children are guessed, and these, of a level that is coded in part.

    cells: the nodes. below: levels that are left out. nodes, count: the first numbers of the chunk GUESS.
    """
    _, logits = network(load_file(weights), cells, below, None)
    errors = {c: sum(SQUASH[STRETCH_OFFSET - min(abs(int(v)), 3071)] for v in logits[c]) for c in cells}
    chosen = sorted(cells, key=lambda c: (errors[c], morton(c)))[:nodes]
    kept = children_kept({c: logits[c] for c in sorted(chosen, key=morton)}, count)
    found: dict[Cell, set[Cell]] = {c: set() for c in chosen}
    for x, y, z in kept:
        found[x >> 1, y >> 1, z >> 1].add((x, y, z))
    return found
