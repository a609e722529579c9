"""The training task of the upsampling network: cross-entropy of the children of known and guessed nodes."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from octavox.codec.errors import InputError
from octavox.codec.models.upsampler import NodeTables, Upsampler, most_likely
from octavox.codec.models.upsampler_integer import IntegerUpsampler
from octavox.codec.models.upsampler_weights import (
    LOGIT_FRACTION,
    SETS,
    UpsamplerFile,
    UpsamplerWeights,
    load_upsampler,
    upsampler_bytes,
)

from .clouds import TrainingCloud
from .dequantize import State, upsampler_state
from .fractions import search
from .guessing import GuessAugmentation, GuessBatch, among, batch_of, children_of, random_guesses, tables
from .octrees import cut_cube
from .upsampler_quantize import ACTIVATIONS, Observe, quantize_upsampler, upsampler_fractions

EDGE_BITS = 7  # of the cubes that are not augmented
CALIBRATION_BATCHES = 3  # of each kind, of the training data
SEARCH_CLOUDS = 12  # training clouds; one cube of each decides the fraction bits

# A network: features and logits (N, 8), of nodes, levels below their children, the coarser features.
Predict = Callable[[NodeTables, int, torch.Tensor | None], tuple[torch.Tensor, torch.Tensor]]
Guessed = list[tuple[torch.Tensor, torch.Tensor]]


def guess_levels(predict: Predict, batch: GuessBatch) -> Guessed:
    """(logits (N, 8), target (N, 8) bool) of each guessed level, coarse to fine.

    The first level's nodes are known; those of the others are the network's own guesses, some more than there
    are in truth.
    """
    nodes = batch.codes[0]
    octant = parent = torch.zeros_like(nodes)
    features, found = None, []
    for step, truth in enumerate(batch.codes[1:]):
        depth = batch.bits - batch.steps + step
        known = tables(nodes, parent, octant, depth, batch.cubes)
        features, logits = predict(known, batch.steps - 1 - step, features)
        codes = children_of(nodes, depth)
        found.append((logits, among(truth, codes)))
        features = features.detach()
        if step + 1 < batch.steps:
            kept = most_likely(logits.detach().float(), round(batch.spare * len(truth)))
            row, octant = torch.nonzero(kept, as_tuple=True)
            nodes, order = torch.sort(codes[row, octant])
            parent, octant = row[order], octant[order]
    return found


def guess_bits(levels: Guessed, unit: float = 1.0) -> torch.Tensor:
    """Code length of all children in bits. unit: of the logits, in nats."""
    total = torch.zeros(())
    for logits, target in levels:
        nats = F.binary_cross_entropy_with_logits(logits.float() * unit, target.float(), reduction="sum")
        total = total.to(nats.device) + nats
    return total / math.log(2)


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
        weights = load_upsampler(path)
        return upsampler_state(weights), weights.identity

    def batch(self, step: int) -> GuessBatch:
        """See loop.Task."""
        rng = np.random.default_rng([self._seed, step])
        return random_guesses(self._training, self._points, rng, GuessAugmentation())

    def validation_batches(self, clouds: list[TrainingCloud]) -> list[GuessBatch]:
        """See loop.Task."""
        rng = np.random.default_rng(7)
        return [
            batch_of([cut_cube(c, EDGE_BITS, rng, None) for _ in range(self._cubes)], EDGE_BITS, 2)
            for c in clouds
        ]

    def bits(self, model: Upsampler, batch: GuessBatch, half: bool) -> torch.Tensor:
        """See loop.Task."""
        device = batch.codes[0].device.type
        with torch.autocast(device, torch.bfloat16, enabled=half):
            return guess_bits(guess_levels(model, batch))

    def quantized(self, model: Upsampler, steps: int) -> bytes:
        """See loop.Task."""
        rng = np.random.default_rng([self._seed, 10**6])
        everything = GuessAugmentation(steps=(0.0, 0.0, 0.0, 1.0))
        first = GuessAugmentation(steps=(1.0,))
        kinds = [everything, first] * CALIBRATION_BATCHES
        batches = [random_guesses(self._training, self._points, rng, kind) for kind in kinds]

        def observed(observe: Observe) -> None:
            for batch in batches:
                guess_levels(partial(model, observe=observe), batch)

        def sets(found: dict[tuple[int, str], int]) -> tuple[UpsamplerWeights, ...]:
            own = [{name: f for (k, name), f in found.items() if k == index} for index in range(SETS)]
            return quantize_upsampler(model, own)

        def rate(found: dict[tuple[int, str], int]) -> float:
            net = IntegerUpsampler(UpsamplerFile(sets(found), {}, bytes(8)), "cpu")
            return sum(_integer_bits(net, batch) for batch in plain)

        chosen = rng.permutation(len(self._training))[:SEARCH_CLOUDS]
        cubes = [cut_cube(self._training[i], EDGE_BITS, rng, None) for i in chosen]
        plain = [batch_of([cube], EDGE_BITS, 1 + 2 * (k % 2)) for k, cube in enumerate(cubes)]
        measured = upsampler_fractions(observed)
        found = search({(k, name): f[name] for k, f in enumerate(measured) for name in ACTIVATIONS}, rate)
        metadata = {
            "steps": steps,
            "seed": self._seed,
            "activation_bits": [{name: found[k, name] for name in ACTIVATIONS} for k in range(SETS)],
        }
        return upsampler_bytes(sets(found), metadata)

    def integer_bits(self, path: Path, batches: list[GuessBatch]) -> list[float]:
        """See loop.Task."""
        net = IntegerUpsampler(load_upsampler(path), "cpu")
        return [_integer_bits(net, batch) for batch in batches]


def _integer_bits(net: IntegerUpsampler, batch: GuessBatch) -> float:
    return float(guess_bits(guess_levels(net, batch), 2.0**-LOGIT_FRACTION))
