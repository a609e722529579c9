"""Blocks cut at random from training clouds, augmented, and laid out for one training step."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from octavox.codec.blocks import BLOCK_SIZE
from octavox.codec.models.device_layout import DeviceLayout
from octavox.codec.models.sites import FIRST_ROW, KERNEL, WINDOW, background_neighbours

from .clouds import TrainingCloud

Local = npt.NDArray[np.int64]  # (n, 3) voxels of one block, local coordinates


@dataclass(frozen=True)
class Augmentation:
    """Probabilities per block. Halving drops an octree level of the crop; thinning removes random points."""

    halve: float = 0.25
    thin: float = 0.08
    jitter: float = 0.08
    sizes: tuple[int, ...] = (64, 32, 16, 8)
    size_chances: tuple[float, ...] = (0.35, 0.45, 0.15, 0.05)


def cut(cloud: TrainingCloud, size: int, rng: np.random.Generator, aug: Augmentation) -> Local:
    """One occupied block of edge `size` around a random point, rotated by one of the 48 cube symmetries.

    Where the cloud has selected blocks only (`cloud.blocks`), the crop lies within one of them, because the
    cloud lacks their surroundings.
    """
    factor = 2 if rng.random() < aug.halve else 1
    if cloud.blocks is not None and size * factor > BLOCK_SIZE:
        factor = 1
    reach = size * factor
    anchor = cloud.coords[rng.integers(len(cloud.coords))]
    low = anchor - rng.integers(0, reach, 3)
    if cloud.blocks is not None:
        corner = anchor // BLOCK_SIZE * BLOCK_SIZE
        low = np.clip(low, corner, corner + BLOCK_SIZE - reach)
    near = cloud.coords - low.astype(np.int32)
    local = near[((near >= 0) & (near < reach)).all(1)].astype(np.int64)
    if factor == 2:
        local >>= 1
    return augmented(local, size, rng, aug)


def augmented(local: Local, size: int, rng: np.random.Generator, aug: Augmentation) -> Local:
    """A block of edge `size` under one of the 48 cube symmetries; thinned or with noise, each by chance."""
    if rng.random() < aug.thin:
        kept = local[rng.random(len(local)) >= rng.uniform(0.02, 0.4)]
        local = kept if len(kept) else local
    if rng.random() < aug.jitter:
        moved = rng.random(len(local)) < rng.uniform(0.02, 0.3)
        local = np.clip(local + rng.integers(-1, 2, local.shape) * moved[:, None], 0, size - 1)
    local = local[:, rng.permutation(3)]
    flip = rng.random(3) < 0.5
    local = np.where(flip, size - 1 - local, local)
    return np.unique(local, axis=0)


@dataclass
class Batch:
    """Input and target of one step; see VoxelDNN.forward. target: (N,) occupancy of the active sites.

    idle, idle_occupied: (BACKGROUND_ROWS,) voxels, and occupied voxels, coded from each background state.
    """

    window: torch.Tensor
    near: torch.Tensor
    far: torch.Tensor
    target: torch.Tensor
    idle: torch.Tensor
    idle_occupied: torch.Tensor
    points: int
    blocks: int

    def to(self, device: torch.device) -> Batch:
        names = ("window", "near", "far", "target", "idle", "idle_occupied")
        moved = {n: getattr(self, n).to(device, non_blocking=True) for n in names}
        return Batch(**moved, points=self.points, blocks=self.blocks)


def _background_far() -> torch.Tensor:
    near = background_neighbours()
    far = np.zeros_like(near)
    site, tap = np.nonzero(near)
    far[near[site, tap] - 1, tap] = site + 1
    return torch.from_numpy(far)


def assemble(blocks: list[tuple[int, Local]]) -> Batch:
    """Lays out blocks (edge, voxels) and finds their active sites and the rows of their neighbours."""
    blocks = sorted(blocks, key=lambda b: -b[0])
    layout = DeviceLayout.of(np.array([size for size, _ in blocks]))
    index = np.repeat(np.arange(len(blocks)), [len(v) for _, v in blocks])
    at = torch.from_numpy(layout.layout.positions(index, np.concatenate([v for _, v in blocks])))
    occupied = torch.zeros(layout.total, dtype=torch.uint8)
    occupied[at] = 1
    rows = layout.rows()
    position = torch.nonzero((layout.dilate(occupied) > 0) & (rows > 0)).squeeze(1)
    idle_rows = rows.clone()
    idle_rows[position] = 0
    idle = torch.bincount(idle_rows, minlength=FIRST_ROW)[1:FIRST_ROW]
    idle_occupied = torch.bincount(idle_rows[at], minlength=FIRST_ROW)[1:FIRST_ROW]
    own = torch.arange(FIRST_ROW, FIRST_ROW + len(position), dtype=torch.int32)
    rows[position] = own
    kind = layout.size_class(position)
    window = occupied[position[:, None] + layout.stride_table(WINDOW)[kind]]
    step = layout.stride_table(KERNEL)[kind]
    near = rows[position[:, None] + step]
    ahead = rows[position[:, None] - step]
    far = torch.where(ahead >= FIRST_ROW, ahead, torch.zeros_like(ahead))
    return Batch(
        window=window,
        near=torch.cat([torch.from_numpy(background_neighbours()), near]),
        far=torch.cat([_background_far(), far]),
        target=occupied[position],
        idle=idle,
        idle_occupied=idle_occupied,
        points=len(at),
        blocks=len(blocks),
    )


def random_batch(
    clouds: list[TrainingCloud], sites: int, rng: np.random.Generator, aug: Augmentation
) -> Batch:
    """Blocks of random clouds until about `sites` active sites are gathered (about six per point)."""
    blocks: list[tuple[int, Local]] = []
    points = 0
    while points * 6 < sites:
        size = int(rng.choice(aug.sizes, p=aug.size_chances))
        local = cut(clouds[rng.integers(len(clouds))], size, rng, aug)
        blocks.append((size, local))
        points += len(local)
    return assemble(blocks)


def validation_batches(clouds: list[TrainingCloud], blocks_each: int, seed: int) -> list[Batch]:
    """Fixed, unaugmented 64-blocks of the validation clouds, a few at a time."""
    rng = np.random.default_rng(seed)
    plain = Augmentation(halve=0.0, thin=0.0, jitter=0.0)
    return [assemble([(64, cut(c, 64, rng, plain)) for _ in range(blocks_each)]) for c in clouds]
