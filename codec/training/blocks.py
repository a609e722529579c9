"""Whole aligned 64^3 blocks, each once per epoch, as in the paper (section 4.1)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from octavox.codec.blocks import BLOCK_SIZE
from octavox.codec.cloud.morton import morton_encode

from .clouds import TrainingCloud
from .crops import Augmentation, Batch, assemble, augmented

BATCH = 8  # blocks per step in the paper

_BITS = BLOCK_SIZE.bit_length() - 1  # per axis, within a block


@dataclass(frozen=True)
class BlockSet:
    """voxels: for each block its (n, 3) uint8 local coordinates; blocks by cloud, then in Morton order."""

    voxels: list[npt.NDArray[np.uint8]]

    @staticmethod
    def of(clouds: list[TrainingCloud]) -> BlockSet:
        """All occupied blocks of the clouds; of a cloud with selected blocks, the selected ones."""
        voxels: list[npt.NDArray[np.uint8]] = []
        for cloud in clouds:
            codes = morton_encode(cloud.coords, cloud.depth)
            order = np.argsort(codes, kind="stable")
            starts = np.flatnonzero(np.diff(codes[order] >> 3 * _BITS)) + 1
            local = (cloud.coords[order] % BLOCK_SIZE).astype(np.uint8)
            voxels += np.split(local, starts)
        return BlockSet(voxels)

    def __len__(self) -> int:
        return len(self.voxels)

    def chosen(self, batch: int, seed: int, step: int) -> list[int]:
        """The blocks of one step. Each epoch is a permutation of all of them; a step may span two epochs."""
        out: list[int] = []
        for drawn in range(step * batch, (step + 1) * batch):
            epoch, place = divmod(drawn, len(self))
            if not out or place == 0:
                order = np.random.default_rng([seed, epoch, len(self)]).permutation(len(self))
            out.append(int(order[place]))
        return out

    def batch(self, batch: int, seed: int, step: int, rng: np.random.Generator) -> Batch:
        """The blocks of one step, each augmented. None is halved, so all stay blocks of 64."""
        aug = Augmentation(halve=0.0)
        blocks = [self.voxels[i].astype(np.int64) for i in self.chosen(batch, seed, step)]
        return assemble([(BLOCK_SIZE, augmented(local, BLOCK_SIZE, rng, aug)) for local in blocks])
