"""Cubes of training clouds, thinned or damaged, whose voxels are to be found again."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch

from octavox.codec.models.densifier import GivenTables
from octavox.codec.models.densifier_weights import ratio_class

from .clouds import TrainingCloud
from .damage import damaged
from .guessing import batch_of, tables
from .octrees import _NEAR, CubeAugmentation, Local, cut_cube

LEVELS = 2  # that are found, one after the other
RATIOS = (2.0, 16.0)
SPARE = (1.1, 1.5)  # how many times as many nodes as in truth are kept of the first level
DAMAGED = 0.35  # of the voxels of a batch


@dataclass
class DensifyPart:
    """Cubes of edge 2**bits.

    codes, given: sorted, of the occupied cells of levels bits - 2, bits - 1 and bits, in truth and of the
    input. ratio: class of the ratio of their voxels; 0 for a damaged input. spare: how many times as many
    nodes as in truth are kept of the first level.
    """

    codes: list[torch.Tensor]
    given: list[torch.Tensor]
    bits: int
    cubes: int
    damaged: bool
    ratio: int
    spare: float = 1.3

    @property
    def points(self) -> int:
        """The number of voxels in truth."""
        return len(self.codes[-1])

    def to(self, device: torch.device) -> DensifyPart:
        moved = [[code.to(device) for code in codes] for codes in (self.codes, self.given)]
        return replace(self, codes=moved[0], given=moved[1])


@dataclass
class DensifyBatch:
    """Parts that make one step."""

    parts: list[DensifyPart]

    @property
    def points(self) -> int:
        """The number of voxels in truth."""
        return sum(part.points for part in self.parts)

    def to(self, device: torch.device) -> DensifyBatch:
        return DensifyBatch([part.to(device) for part in self.parts])


def dilated(nodes: torch.Tensor, depth: int) -> torch.Tensor:
    """Sorted codes of the cells of the 3^3 around these nodes, within their cubes of edge 2**depth."""
    mask = (1 << depth) - 1
    cube, x, y, z = nodes >> 3 * depth, (nodes >> 2 * depth) & mask, (nodes >> depth) & mask, nodes & mask
    near = torch.from_numpy(_NEAR).to(nodes.device)
    x, y, z = (axis[:, None] + near[:, k] for k, axis in enumerate((x, y, z)))
    inside = (x >= 0) & (x <= mask) & (y >= 0) & (y <= mask) & (z >= 0) & (z <= mask)
    codes = (cube[:, None] << 3 * depth) | (x << 2 * depth) | (y << depth) | z
    found: torch.Tensor = torch.unique(codes[inside])
    return found


def given_tables(
    nodes: torch.Tensor,
    known: torch.Tensor,
    above: tuple[torch.Tensor, torch.Tensor],
    depth: int,
    cubes: int,
) -> GivenTables:
    """The tables of nodes of cubes of edge 2**depth. known: (N, 8) children that the input has.

    above: parents and octants.
    """
    plain = tables(nodes, *above, depth, cubes)
    return GivenTables(plain.around, plain.near, plain.octant, plain.parent, known.byte())


def part_of(cubes: list[Local], inputs: list[Local], bits: int, case: tuple[bool, int]) -> DensifyPart:
    """The levels of cubes of edge 2**bits and of their inputs. case: damaged, class of ratios."""
    truth, given = (batch_of(some, bits, LEVELS).codes for some in (cubes, inputs))
    return DensifyPart(truth, given, bits, len(cubes), *case)


def subset(local: Local, ratio: float, rng: np.random.Generator) -> Local:
    """About 1 / ratio of the voxels, at random; at least one."""
    kept = rng.random(len(local)) * ratio < 1
    kept[rng.integers(len(local))] = True
    return local[kept]


def _gather(
    clouds: list[TrainingCloud], points: int, bits: int, rng: np.random.Generator, aug: CubeAugmentation
) -> list[Local]:
    cubes: list[Local] = []
    while sum(map(len, cubes)) < points:
        cubes.append(cut_cube(clouds[rng.integers(len(clouds))], bits, rng, aug))
    return cubes


def random_part(
    clouds: list[TrainingCloud], points: int, rng: np.random.Generator, aug: CubeAugmentation, harm: bool
) -> DensifyPart:
    """Cubes of random clouds until at least `points` voxels are gathered. harm: damaged ones."""
    bits = int(rng.choice(aug.bits, p=aug.bits_chances))
    cubes = _gather(clouds, points, bits, rng, aug)
    if harm:
        inputs, ratio = [damaged(cube, 1 << bits, rng) for cube in cubes], 0
    else:
        more = float(np.exp2(rng.uniform(*np.log2(RATIOS))))
        inputs, ratio = [subset(cube, more, rng) for cube in cubes], ratio_class(more)
    part = part_of(cubes, inputs, bits, (harm, ratio))
    return replace(part, spare=float(rng.uniform(*SPARE)))


DENSIFY_AUGMENTATION = CubeAugmentation(
    bits=(6, 7),
    bits_chances=(0.5, 0.5),
    coarser=(0.8, 0.16, 0.04),
    thin=0.05,
    thin_range=(-1.0, -0.05),
    jitter=0.03,
)


def random_batch(clouds: list[TrainingCloud], points: int, rng: np.random.Generator) -> DensifyBatch:
    """One part of thinned and one of damaged cubes, with at least `points` voxels together."""
    sizes = (round(points * (1 - DAMAGED)), round(points * DAMAGED))
    return DensifyBatch(
        [
            random_part(clouds, size, rng, DENSIFY_AUGMENTATION, harm)
            for size, harm in zip(sizes, (False, True), strict=True)
        ]
    )


def validation_batch(cloud: TrainingCloud, bits: int, rng: np.random.Generator) -> DensifyBatch:
    """A cube of a cloud, of a quarter and an eighth of its voxels, and damaged."""
    own = cut_cube(cloud, bits, rng, None)
    parts = [
        part_of([own], [subset(own, ratio, rng)], bits, (False, ratio_class(ratio))) for ratio in (4.0, 8.0)
    ]
    return DensifyBatch([*parts, part_of([own], [damaged(own, 1 << bits, rng)], bits, (True, 0))])
