"""Pairs of frames for the inter network: cubes of a frame, and of the frame before, moved onto it.

Frames of a sequence are files named NAME_fNN_voxD. Other clouds come with references made of themselves.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from octavox.codec.cloud.morton import distinct, morton_decode, morton_encode

from .clouds import Coords, TrainingCloud
from .octrees import CubeAugmentation, CubeBatch, Local, add_references, octree_levels

_FRAME = re.compile(r"(.+)_f(\d+)_vox(\d+)$")


@dataclass(frozen=True)
class FramePair:
    """A cloud, and the reference that its blocks' motion makes of another frame; None for a single cloud."""

    cloud: TrainingCloud
    reference: Coords | None


@dataclass(frozen=True)
class PairAugmentation(CubeAugmentation):
    """Chances of references: none, of another place on the grid (where levels are dropped), a noisy copy.

    shift: of moving a sequence's reference by a voxel, as wrong vectors would.
    """

    thin: float = 0.04
    jitter: float = 0.03
    coarser: tuple[float, ...] = (0.85, 0.1, 0.03, 0.02)
    single: tuple[float, ...] = (0.2, 0.3, 0.5)
    shift: float = 0.05
    sequences: float = 0.5


def frame_pairs(clouds: list[TrainingCloud]) -> tuple[list[FramePair], list[FramePair]]:
    """(pairs of neighbouring frames, in both directions; single clouds)."""
    frames: dict[tuple[str, str], dict[int, TrainingCloud]] = {}
    single = []
    for cloud in clouds:
        match = _FRAME.match(cloud.name)
        if match:
            frames.setdefault((match[1], match[3]), {})[int(match[2])] = cloud
        else:
            single.append(FramePair(cloud, None))
    pairs = []
    for found in frames.values():
        for number, cloud in found.items():
            for other in (number - 1, number + 1):
                if other in found:
                    pairs.append(FramePair(cloud, _moved(found[other], cloud)))
    return pairs, single


def _moved(before: TrainingCloud, cloud: TrainingCloud) -> Coords:
    from octavox.codec.codecs.geometry.inter.motion import find_motion, moved  # compiled code

    own = distinct(morton_encode(before.coords, before.depth))
    vectors = find_motion(own, distinct(morton_encode(cloud.coords, cloud.depth)))
    return morton_decode(moved(own, vectors, cloud.depth)[0])


def _inside(coords: Coords, low: Coords, reach: int) -> Local:
    kept = np.ones(len(coords), bool)
    for axis in range(3):
        offset = coords[:, axis] - low[axis]
        kept &= (offset >= 0) & (offset < reach)
    return coords[kept].astype(np.int64) - low


def _noisy(local: Local, edge: int, rng: np.random.Generator) -> Local:
    """A copy of which some voxels are gone and some have moved by one."""
    kept = local[rng.random(len(local)) >= rng.uniform(0, 0.3)]
    there = rng.random(len(kept)) < rng.uniform(0, 0.7)
    moves = rng.integers(-1, 2, kept.shape) * there[:, None]
    return np.asarray(np.clip(kept + moves, 0, edge - 1), np.int64)


def cut_pair(
    pair: FramePair, bits: int, rng: np.random.Generator, aug: PairAugmentation | None
) -> tuple[Local, Local]:
    """A cube of edge 2**bits around a random point of the cloud, and the same of the reference."""
    edge, drop, kind = 1 << bits, 0, 0
    if aug:
        drop = int(rng.choice(len(aug.coarser), p=aug.coarser))
        kind = int(rng.choice(3, p=aug.single))
        if pair.reference is None and kind == 1:
            drop = max(drop, 1)
    reach = edge << drop
    coords = pair.cloud.coords
    anchor = coords[rng.integers(len(coords))]
    low = (anchor - rng.integers(reach // 4, reach * 3 // 4, 3)).astype(np.int32)
    full = _inside(coords, low, reach)
    local = np.unique(full >> drop, axis=0) if drop else full
    if pair.reference is not None:
        before = _inside(pair.reference, low, reach) >> drop
        if aug and rng.random() < aug.shift:
            before = np.clip(before + rng.integers(-1, 2, 3), 0, edge - 1)
    elif kind == 1:
        before = np.clip((full + rng.integers(0, 1 << drop, 3)) >> drop, 0, edge - 1)
    else:
        before = _noisy(local, edge, rng) if kind == 2 else local[:0]
    if not aug:
        return local, np.unique(before, axis=0)
    if rng.random() < aug.thin:
        kept = rng.random(len(local)) < 10 ** rng.uniform(*aug.thin_range)
        local = local[kept] if kept.any() else local
    if rng.random() < aug.jitter:
        there = rng.random(len(local)) < rng.uniform(0.02, 0.3)
        local = np.clip(local + rng.integers(-1, 2, local.shape) * there[:, None], 0, edge - 1)
    axes, flipped = rng.permutation(3), rng.random(3) < 0.5

    def turned(voxels: Local) -> Local:
        return np.unique(np.where(flipped, edge - 1 - voxels[:, axes], voxels[:, axes]), axis=0)

    return turned(local), turned(before)


def pair_batch(cubes: list[tuple[Local, Local]], bits: int) -> CubeBatch:
    """All levels of the octrees of cubes of edge 2**bits, with their references."""
    local = [cube for cube, _ in cubes]
    batch = octree_levels(local, bits)
    add_references(batch, local, [before for _, before in cubes], bits)
    return batch


def random_pairs(
    pairs: tuple[list[FramePair], list[FramePair]],
    points: int,
    rng: np.random.Generator,
    aug: PairAugmentation,
) -> CubeBatch:
    """Cubes of random pairs, of one size, until at least `points` voxels are gathered."""
    bits = int(rng.choice(aug.bits, p=aug.bits_chances))
    cubes: list[tuple[Local, Local]] = []
    while sum(len(cube) for cube, _ in cubes) < points:
        kind = pairs[0] if pairs[0] and (not pairs[1] or rng.random() < aug.sequences) else pairs[1]
        cubes.append(cut_pair(kind[rng.integers(len(kind))], bits, rng, aug))
    return pair_batch(cubes, bits)
