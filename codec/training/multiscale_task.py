"""The training task of the multiscale network: its batches, its code length, its quantized file."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional as F

from octavox.codec.errors import InputError
from octavox.codec.models.multiscale import LevelBatch, MultiscaleNet
from octavox.codec.models.multiscale_integer import IntegerMultiscale
from octavox.codec.models.multiscale_weights import (
    LOGIT_FRACTION,
    SETS,
    LevelWeights,
    MultiscaleWeights,
    load_multiscale,
    multiscale_bytes,
)

from .clouds import TrainingCloud
from .dequantize import State, multiscale_state
from .fractions import search
from .multiscale_quantize import ACTIVATIONS, activation_fractions, quantize_multiscale
from .octrees import CubeAugmentation, CubeBatch, random_cubes, validation_cubes

CALIBRATION_BATCHES = 6  # of the training data
SEARCH_CLOUDS = 12  # training clouds; one cube of each decides the fraction bits


def cube_bits(logits: list[torch.Tensor], levels: list[LevelBatch]) -> torch.Tensor:
    """Code length of all children of all levels, in bits. The eighth child after seven empty ones is free."""
    total = logits[0].new_zeros(())
    for logit, level in zip(logits, levels, strict=True):
        nats = F.binary_cross_entropy_with_logits(logit, level.target.float(), reduction="none")
        coded = torch.ones_like(nats)
        coded[7] = (level.target[:7].sum(0) > 0).float()
        total = total + (nats * coded).sum()
    return total / math.log(2)


def _integer_bits(net: IntegerMultiscale, levels: list[LevelBatch]) -> float:
    unit = 2.0**-LOGIT_FRACTION
    return float(cube_bits([logit.float() * unit for logit in net.logits(levels)], levels))


class MultiscaleTask:
    """See loop.Task. points: at least so many voxels per step."""

    name = "multiscale"
    title = "Multiscale"
    about = "The network of docs/multiscale-codec.md, int8 weights for exact integer inference."
    sample = "cubes of edge 128 of each validation cloud, the network alone"
    betas = (0.9, 0.98)

    def __init__(self, training: list[TrainingCloud], seed: int, points: int, cubes: int) -> None:
        if any(cloud.blocks is not None for cloud in training):
            raise InputError(
                "the multiscale network needs whole clouds; make the dataset without --blocks and --most",
                field="data",
            )
        self._training, self._seed, self._points, self._cubes = training, seed, points, cubes

    def model(self) -> MultiscaleNet:
        """See loop.Task."""
        return MultiscaleNet()

    def state(self, path: Path) -> tuple[State, bytes]:
        """See loop.Task."""
        weights = load_multiscale(path)
        return multiscale_state(weights), weights.identity

    def batch(self, step: int) -> CubeBatch:
        """See loop.Task."""
        return self._cubes_of(np.random.default_rng([self._seed, step]))

    def validation_batches(self, clouds: list[TrainingCloud]) -> list[CubeBatch]:
        """See loop.Task."""
        return validation_cubes(clouds, self._cubes, seed=7)

    def bits(self, model: MultiscaleNet, batch: CubeBatch, half: bool) -> torch.Tensor:
        """See loop.Task."""
        device = batch.levels[0].target.device.type
        with torch.autocast(device, torch.bfloat16, enabled=half):
            logits = model(batch.levels)
        return cube_bits([logit.float() for logit in logits], batch.levels)

    def quantized(self, model: MultiscaleNet, steps: int) -> bytes:
        """See loop.Task."""
        rng = np.random.default_rng([self._seed, 10**6])
        batches = [self._cubes_of(rng).levels for _ in range(CALIBRATION_BATCHES)]

        def sets(found: dict[tuple[int, str], int]) -> tuple[LevelWeights, ...]:
            own = [{name: f for (k, name), f in found.items() if k == index} for index in range(SETS)]
            return quantize_multiscale(model, own)

        def rate(found: dict[tuple[int, str], int]) -> float:
            net = self._integer(sets(found))
            return sum(_integer_bits(net, batch.levels) for batch in plain)

        plain = self._plain_cubes(rng)
        measured = activation_fractions(model, batches)
        found = search({(k, name): f[name] for k, f in enumerate(measured) for name in ACTIVATIONS}, rate)
        metadata = {
            "steps": steps,
            "seed": self._seed,
            "activation_bits": [{name: found[k, name] for name in ACTIVATIONS} for k in range(SETS)],
        }
        return self._bytes(sets(found), metadata)

    def integer_bits(self, path: Path, batches: list[CubeBatch]) -> list[float]:
        """See loop.Task."""
        net = IntegerMultiscale(self._file(path), "cpu")
        return [_integer_bits(net, batch.levels) for batch in batches]

    def _cubes_of(self, rng: np.random.Generator) -> CubeBatch:
        """Those of one step."""
        return random_cubes(self._training, self._points, rng, CubeAugmentation())

    def _plain_cubes(self, rng: np.random.Generator) -> list[CubeBatch]:
        """Cubes of training clouds, not augmented."""
        chosen = rng.permutation(len(self._training))[:SEARCH_CLOUDS]
        return validation_cubes([self._training[i] for i in chosen], 1, self._seed)

    def _integer(self, sets: tuple[Any, ...]) -> IntegerMultiscale:
        return IntegerMultiscale(MultiscaleWeights(sets, {}, bytes(8)), "cpu")

    def _bytes(self, sets: tuple[Any, ...], metadata: dict[str, Any]) -> bytes:
        return multiscale_bytes(sets, metadata)

    def _file(self, path: Path) -> Any:
        return load_multiscale(path)
