"""The training task of the upsampling network: cross-entropy of the children, on known and on guessed nodes."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from octavox.codec.errors import InputError
from octavox.codec.models.upsampler import Upsampler, most_likely

from .clouds import TrainingCloud
from .dequantize import State
from .guessing import GuessAugmentation, GuessBatch, among, batch_of, children_of, random_guesses, tables
from .octrees import cut_cube

Observe = Callable[[int, str, torch.Tensor], torch.Tensor]


def guess_levels(
    model: Upsampler, batch: GuessBatch, observe: Observe | None = None
) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """(logits (N, 8), target (N, 8) bool) of each guessed level, coarse to fine.

    The first level's nodes are known; those of the others are the network's own guesses, with as many voxels as
    there are in truth.
    """
    nodes = batch.codes[0]
    octant = parent = torch.zeros_like(nodes)
    features, found = None, []
    for step, truth in enumerate(batch.codes[1:]):
        depth = batch.bits - batch.steps + step
        known = tables(nodes, parent, octant, depth, batch.cubes)
        features, logits = model(known, batch.steps - 1 - step, features, observe)
        codes = children_of(nodes, depth)
        found.append((logits, among(truth, codes)))
        features = features.detach()
        if step + 1 < batch.steps:
            row, octant = torch.nonzero(most_likely(logits.detach(), len(truth)), as_tuple=True)
            nodes, order = torch.sort(codes[row, octant])
            parent, octant = row[order], octant[order]
    return found


class UpsamplerTask:
    """See loop.Task. points: at least so many voxels per step."""

    name = "upsampler"
    title = "Upsampler"
    about = "The network of docs/lossy-coding.md, int8 weights for exact integer inference."
    sample = "cubes of edge 128 of each validation cloud; bits of the children, given their parents alone"
    betas = (0.9, 0.98)

    def __init__(self, training: list[TrainingCloud], seed: int, points: int, cubes: int) -> None:
        if any(cloud.blocks is not None for cloud in training):
            raise InputError(
                "the upsampling network needs whole clouds; make the dataset without --blocks and --most",
                field="data",
            )
        self._training, self._seed, self._points, self._cubes = training, seed, points, cubes

    def model(self) -> Upsampler:
        """See loop.Task."""
        return Upsampler()

    def state(self, path: Path) -> tuple[State, bytes]:
        """See loop.Task."""
        raise NotImplementedError

    def batch(self, step: int) -> GuessBatch:
        """See loop.Task."""
        rng = np.random.default_rng([self._seed, step])
        return random_guesses(self._training, self._points, rng, GuessAugmentation())

    def validation_batches(self, clouds: list[TrainingCloud]) -> list[GuessBatch]:
        """See loop.Task."""
        rng = np.random.default_rng(7)
        return [batch_of([cut_cube(c, 7, rng, None) for _ in range(self._cubes)], 7, 2) for c in clouds]

    def bits(self, model: Upsampler, batch: GuessBatch, half: bool) -> torch.Tensor:
        """See loop.Task."""
        device = batch.codes[0].device.type
        with torch.autocast(device, torch.bfloat16, enabled=half):
            levels = guess_levels(model, batch)
        total = sum(
            F.binary_cross_entropy_with_logits(logits.float(), target.float(), reduction="sum")
            for logits, target in levels
        )
        return torch.as_tensor(total) / math.log(2)
