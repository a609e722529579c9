"""Octree levels of cubes of training clouds, whose last levels are to be guessed."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch

from octavox.codec.models.upsampler import NodeTables

from .clouds import TrainingCloud
from .octrees import (
    _AROUND,
    _CHILDREN,
    _MARGIN,
    _NEAR,
    CubeAugmentation,
    Local,
    _cells,
    _flat,
    _parents,
    cut_cube,
)


@dataclass
class GuessBatch:
    """Cubes of edge 2**bits. codes: of the occupied cells of levels bits - steps to bits, sorted.

    A code holds (cube, x, y, z) in raster order. points: the number of voxels. spare: how many times as many
    nodes as there are in truth are kept of guessed levels that are guessed from in turn.
    """

    codes: list[torch.Tensor]
    bits: int
    cubes: int
    points: int
    spare: float = 1.15

    @property
    def steps(self) -> int:
        """Levels to guess."""
        return len(self.codes) - 1

    def to(self, device: torch.device) -> GuessBatch:
        return replace(self, codes=[code.to(device) for code in self.codes])


def batch_of(cubes: list[Local], bits: int, steps: int) -> GuessBatch:
    """The last levels of the octrees of cubes of edge 2**bits."""
    code = torch.cat(
        [
            torch.from_numpy((((k << bits) | c[:, 0]) << 2 * bits) | (c[:, 1] << bits) | c[:, 2])
            for k, c in enumerate(cubes)
        ]
    )
    codes = [torch.unique(code)]
    for depth in range(bits, bits - steps, -1):
        codes.append(torch.unique(_parents(codes[-1], depth)))
    return GuessBatch(codes[::-1], bits, len(cubes), len(codes[0]))


def tables(
    nodes: torch.Tensor, parent: torch.Tensor, octant: torch.Tensor, depth: int, cubes: int
) -> NodeTables:
    """The tables of nodes of cubes of edge 2**depth."""
    width = (1 << depth) + 2 * _MARGIN
    grid = torch.zeros(cubes * width**3, dtype=torch.int32, device=nodes.device)
    place = _cells(nodes, depth, width)
    grid[place] = torch.arange(1, len(nodes) + 1, dtype=torch.int32, device=nodes.device)
    around = (grid[place[:, None] + _flat(_AROUND, width).to(nodes.device)] > 0).byte()
    near = grid[place[:, None] + _flat(_NEAR, width).to(nodes.device)]
    return NodeTables(around, near, octant, parent)


def children_of(nodes: torch.Tensor, depth: int) -> torch.Tensor:
    """(N, 8) codes, with depth + 1 bits per axis, of all children of nodes."""
    mask, down = (1 << depth) - 1, depth + 1
    cube, x, y, z = nodes >> 3 * depth, (nodes >> 2 * depth) & mask, (nodes >> depth) & mask, nodes & mask
    child = torch.from_numpy(_CHILDREN).to(nodes.device)
    x, y, z = (2 * axis[:, None] + child[:, k] for k, axis in enumerate((x, y, z)))
    return (cube[:, None] << 3 * down) | (x << 2 * down) | (y << down) | z


def among(codes: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    """Whether each of these is among `codes`, which are sorted."""
    at = torch.searchsorted(codes, wanted).clamp_(max=len(codes) - 1)
    return codes[at] == wanted


@dataclass(frozen=True)
class GuessAugmentation(CubeAugmentation):
    """steps[k]: probability that k + 1 levels are guessed. spare: range of that of `GuessBatch`."""

    bits: tuple[int, ...] = (7,)
    bits_chances: tuple[float, ...] = (1.0,)
    coarser: tuple[float, ...] = (0.85, 0.13, 0.02)
    thin: float = 0.05
    thin_range: tuple[float, float] = (-1.0, -0.05)
    jitter: float = 0.03
    steps: tuple[float, ...] = (0.4, 0.35, 0.25)
    spare: tuple[float, float] = (1.0, 1.3)


def random_guesses(
    clouds: list[TrainingCloud], points: int, rng: np.random.Generator, aug: GuessAugmentation
) -> GuessBatch:
    """Cubes of random clouds until at least `points` voxels are gathered, for each level that is guessed."""
    bits = int(rng.choice(aug.bits, p=aug.bits_chances))
    steps = 1 + int(rng.choice(len(aug.steps), p=aug.steps))
    cubes: list[Local] = []
    while sum(map(len, cubes)) < points:
        cubes.append(cut_cube(clouds[rng.integers(len(clouds))], bits, rng, aug))
    return replace(batch_of(cubes, bits, steps), spare=float(rng.uniform(*aug.spare)))
