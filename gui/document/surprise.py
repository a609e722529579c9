"""The surprise of one block, ready to show: points with colours, legends, numbers.

Surprise is what a voxel cost in bits: -log2 of the probability that the codec gave to its state, occupied or
empty.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from octavox.codec import VoxelCloud, VoxelProbabilities, morton_encode

from . import text
from .colormap import HEAT_TABLE, Colors, Legend, Scale
from .display import CloudDisplay, prepare
from .words import tr

SCALE = Scale(0.0, 8.0, HEAT_TABLE)  # the same for every block, so that blocks can be compared
EXPECTED = 0.5  # an empty voxel with at least this probability was expected to be occupied
EXPECTED_COLOR = (38, 116, 104)  # far from the heat colours, and darker than most of them


@dataclass(frozen=True)
class Surprise:
    """The block of edge `size` at `origin` of a cloud.

    display: its occupied voxels in the colours of their code lengths, and the empty ones that were expected.
    """

    cloud: VoxelCloud
    origin: tuple[int, int, int]
    size: int
    found: VoxelProbabilities
    display: CloudDisplay

    def is_of(self, cloud: VoxelCloud, origin: npt.NDArray[np.int32], size: int) -> bool:
        """Whether this is about that block of that very cloud."""
        return self.cloud is cloud and self.size == size and self.origin == tuple(origin.tolist())

    @property
    def expected_empty(self) -> int:
        return int(_expected_empty(self.found).sum())

    @property
    def mean_bits(self) -> float:
        """Bits of an occupied voxel."""
        return mean_bits(self.found)

    @property
    def empty_bits(self) -> float:
        """Bits of all empty voxels."""
        return float(self.found.bits[~self.found.occupied].sum()) + self.found.other_bits

    @property
    def costliest(self) -> tuple[float, tuple[int, int, int]]:
        """Bits and coordinates of the voxel that cost most, be it occupied or empty."""
        worst = int(np.argmax(self.found.bits))
        x, y, z = self.found.coords[worst].tolist()
        return float(self.found.bits[worst]), (x, y, z)

    @property
    def legends(self) -> tuple[Legend, Legend]:
        clipped = bool((self.found.bits[self.found.occupied] > SCALE.high).any())
        note = tr("expected, p ≥ {p}  ({n})", p=text.number(EXPECTED), n=text.count(self.expected_empty))
        return (
            SCALE.legend("Surprise", "bits per voxel", clipped),
            Legend("Empty", swatches=((EXPECTED_COLOR, note),)),
        )


def mean_bits(found: VoxelProbabilities) -> float:
    """Bits of an occupied voxel of a block, on average."""
    return float(found.bits[found.occupied].mean())


def most_bits(found: VoxelProbabilities) -> float:
    """Bits of the voxel of a block that cost most, be it occupied or empty."""
    return float(found.bits.max())


def surprise_of(
    cloud: VoxelCloud, origin: tuple[int, int, int], size: int, found: VoxelProbabilities
) -> Surprise:
    """The surprise of a block from the probabilities that the library computed."""
    shown = np.flatnonzero(found.occupied | _expected_empty(found))
    shown = shown[np.argsort(morton_encode(found.coords[shown]))]  # clouds are in Morton order
    points = VoxelCloud(found.coords[shown], cloud.depth, cloud.transform, colors=_colors(found)[shown])
    return Surprise(cloud, origin, size, found, prepare(points))


def _expected_empty(found: VoxelProbabilities) -> npt.NDArray[np.bool_]:
    return ~found.occupied & (found.probability >= EXPECTED)


def _colors(found: VoxelProbabilities) -> Colors:
    """(N, 3): heat for the occupied, one other colour for the rest."""
    rest = np.array(EXPECTED_COLOR, np.uint8)
    return np.where(found.occupied[:, None], SCALE.colors_of(found.bits), rest)
