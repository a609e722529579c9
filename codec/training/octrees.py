"""Random cubes of training clouds, augmented and laid out level by level for the multiscale network."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from octavox.codec.models.inter_weights import FULLNESS
from octavox.codec.models.multiscale import LevelBatch

from .clouds import TrainingCloud

Local = npt.NDArray[np.int64]  # (n, 3) voxels of one cube, local coordinates
_MARGIN = 2  # empty cells around a grid, so that every window lies within it


def _box(reach: int) -> npt.NDArray[np.int64]:
    """Offsets (n, 3) of a cubic window in raster order."""
    axis = np.arange(-reach, reach + 1)
    return np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), -1).reshape(-1, 3)


_AROUND, _NEAR = _box(2), _box(1)
_CAUSAL = _AROUND[: len(_AROUND) // 2]
_REFERENCE = _box(2)[(_box(2) > -2).all(1)]  # from one before a node's first child on
_CHILDREN = np.stack([np.arange(8) >> 2, np.arange(8) >> 1 & 1, np.arange(8) & 1], 1)


@dataclass(frozen=True)
class CubeAugmentation:
    """Probabilities per cube. coarser[k]: of dropping k octree levels.

    Thinning keeps a share of the voxels between 10**thin_range[0] and 10**thin_range[1].
    """

    bits: tuple[int, ...] = (6, 7)  # log2 of the edge
    bits_chances: tuple[float, ...] = (0.35, 0.65)
    coarser: tuple[float, ...] = (0.78, 0.16, 0.04, 0.02)
    thin: float = 0.08
    thin_range: tuple[float, float] = (-2.0, -0.05)
    jitter: float = 0.05


def cut_cube(
    cloud: TrainingCloud, bits: int, rng: np.random.Generator, aug: CubeAugmentation | None
) -> Local:
    """One cube of edge 2**bits around a random point; with `aug` also under a random cube symmetry."""
    edge = 1 << bits
    drop = int(rng.choice(len(aug.coarser), p=aug.coarser)) if aug else 0
    reach = edge << drop
    anchor = cloud.coords[rng.integers(len(cloud.coords))]
    low = (anchor - rng.integers(reach // 4, reach * 3 // 4, 3)).astype(np.int32)
    inside = np.ones(len(cloud.coords), bool)
    for axis in range(3):
        offset = cloud.coords[:, axis] - low[axis]
        inside &= (offset >= 0) & (offset < reach)
    local = (cloud.coords[inside].astype(np.int64) - low) >> drop
    if aug:
        local = _augmented(local, edge, rng, aug)
    return np.unique(local, axis=0) if drop or aug else local


def _augmented(local: Local, edge: int, rng: np.random.Generator, aug: CubeAugmentation) -> Local:
    if rng.random() < aug.thin:
        kept = rng.random(len(local)) < 10 ** rng.uniform(*aug.thin_range)
        local = local[kept] if kept.any() else local
    if rng.random() < aug.jitter:
        moved = rng.random(len(local)) < rng.uniform(0.02, 0.3)
        local = np.clip(local + rng.integers(-1, 2, local.shape) * moved[:, None], 0, edge - 1)
    local = local[:, rng.permutation(3)]
    return np.where(rng.random(3) < 0.5, edge - 1 - local, local)


@dataclass
class CubeBatch:
    """Levels, coarse to fine, of several cubes of one size. points: the number of voxels of all cubes."""

    levels: list[LevelBatch]
    points: int

    def to(self, device: torch.device) -> CubeBatch:
        return CubeBatch([level.to(device) for level in self.levels], self.points)


def _flat(offsets: npt.NDArray[np.int64], width: int) -> torch.Tensor:
    return torch.from_numpy((offsets[:, 0] * width + offsets[:, 1]) * width + offsets[:, 2])


def _cells(code: torch.Tensor, bits: int, width: int) -> torch.Tensor:
    """Flat indices of (cube, x, y, z) codes into grids of that width."""
    mask = (1 << bits) - 1
    cube, x, y, z = code >> 3 * bits, (code >> 2 * bits) & mask, (code >> bits) & mask, code & mask
    return ((cube * width + x + _MARGIN) * width + y + _MARGIN) * width + z + _MARGIN


def _parents(code: torch.Tensor, bits: int) -> torch.Tensor:
    """Codes, of bits - 1 bits per axis, of the parents of these cells."""
    mask, up = (1 << bits) - 1, bits - 1
    cube, x, y, z = code >> 3 * bits, (code >> 2 * bits) & mask, (code >> bits) & mask, code & mask
    return (cube << 3 * up) | ((x >> 1) << 2 * up) | ((y >> 1) << up) | (z >> 1)


def _cells_of_levels(cubes: list[Local], bits: int) -> list[torch.Tensor]:
    """Codes of the occupied cells of levels 0 to bits, sorted."""
    code = torch.cat(
        [
            torch.from_numpy((((k << bits) | c[:, 0]) << 2 * bits) | (c[:, 1] << bits) | c[:, 2])
            for k, c in enumerate(cubes)
        ]
    )
    codes = [torch.unique(code)]
    for depth in range(bits, 0, -1):
        codes.append(torch.unique(_parents(codes[-1], depth)))
    return codes[::-1]


def add_references(batch: CubeBatch, cubes: list[Local], references: list[Local], bits: int) -> None:
    """Gives the levels of these cubes their references."""
    nodes, before = _cells_of_levels(cubes, bits), _cells_of_levels(references, bits)
    for depth, level in enumerate(batch.levels):
        fine = (2 << depth) + 2 * _MARGIN
        full = torch.zeros(len(cubes) * fine**3, dtype=torch.uint8)
        cells = before[depth + 1]
        held = torch.ones_like(cells)
        if depth + 2 < len(before):
            held = torch.unique(_parents(before[depth + 2], depth + 2), return_counts=True)[1]
        full[_cells(cells, depth + 1, fine)] = held.to(torch.uint8)
        seen = full[_corners(nodes[depth], depth, fine)[:, None] + _flat(_REFERENCE, fine)]
        level.reference = torch.cat([(seen >= most).byte() for most in FULLNESS], 1)


def octree_levels(cubes: list[Local], bits: int) -> CubeBatch:
    """All levels of the octrees of cubes of edge 2**bits."""
    codes = _cells_of_levels(cubes, bits)
    levels = [
        _level(codes[depth - 1] if depth else None, codes[depth], codes[depth + 1], depth, bits, len(cubes))
        for depth in range(bits)
    ]
    return CubeBatch(levels, len(codes[-1]))


def _corners(nodes: torch.Tensor, depth: int, fine: int) -> torch.Tensor:
    """Flat indices of the first children of cells, in grids of width `fine`."""
    mask = (1 << depth) - 1
    cube, x, y, z = nodes >> 3 * depth, (nodes >> 2 * depth) & mask, (nodes >> depth) & mask, nodes & mask
    return ((cube * fine + 2 * x + _MARGIN) * fine + 2 * y + _MARGIN) * fine + 2 * z + _MARGIN


def _level(
    coarser: torch.Tensor | None,
    nodes: torch.Tensor,
    children: torch.Tensor,
    depth: int,
    bits: int,
    cubes: int,
) -> LevelBatch:
    n, width = len(nodes), (1 << depth) + 2 * _MARGIN
    grid = torch.zeros(cubes * width**3, dtype=torch.int32)
    place = _cells(nodes, depth, width)
    grid[place] = torch.arange(1, n + 1, dtype=torch.int32)
    around = (grid[place[:, None] + _flat(_AROUND, width)] > 0).byte()
    near = grid[place[:, None] + _flat(_NEAR, width)]
    fine = (2 << depth) + 2 * _MARGIN
    occupied = torch.zeros(cubes * fine**3, dtype=torch.uint8)
    occupied[_cells(children, depth + 1, fine)] = 1
    child = _corners(nodes, depth, fine) + _flat(_CHILDREN, fine)[:, None]
    causal = occupied[child[:, :, None] + _flat(_CAUSAL, fine)]
    mask = (1 << depth) - 1
    x, y, z = (nodes >> 2 * depth) & mask, (nodes >> depth) & mask, nodes & mask
    if coarser is None:
        parent = torch.zeros(n, dtype=torch.int64)
    else:
        parent = torch.searchsorted(coarser, _parents(nodes, depth)) + 1
    return LevelBatch(
        below=bits - 1 - depth,
        around=around,
        near=near,
        parent=parent,
        octant=((x & 1) << 2) | ((y & 1) << 1) | (z & 1),
        causal=causal,
        target=occupied[child],
    )


def random_cubes(
    clouds: list[TrainingCloud], points: int, rng: np.random.Generator, aug: CubeAugmentation
) -> CubeBatch:
    """Cubes of random clouds, of one size, until at least `points` voxels are gathered."""
    bits = int(rng.choice(aug.bits, p=aug.bits_chances))
    cubes: list[Local] = []
    while sum(map(len, cubes)) < points:
        cubes.append(cut_cube(clouds[rng.integers(len(clouds))], bits, rng, aug))
    return octree_levels(cubes, bits)


def validation_cubes(clouds: list[TrainingCloud], each: int, seed: int, bits: int = 7) -> list[CubeBatch]:
    """Fixed, unaugmented cubes of the validation clouds."""
    rng = np.random.default_rng(seed)
    return [octree_levels([cut_cube(c, bits, rng, None) for _ in range(each)], bits) for c in clouds]
