"""The training task of the densifying network: cross-entropy of the voxels of a thinned or damaged cube."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from octavox.codec.errors import InputError
from octavox.codec.models.densifier import Densifier, GivenTables
from octavox.codec.models.densifier_integer import IntegerDensifier
from octavox.codec.models.densifier_weights import (
    DENSIFIER_LAYOUT,
    SETS,
    DensifierFile,
    DensifierWeights,
    load_densifier,
)
from octavox.codec.models.upsampler_weights import LOGIT_FRACTION, load_upsampler, upsampler_bytes
from octavox.codec.models.weights import read_tensors

from .clouds import TrainingCloud
from .densifying import (
    DensifyBatch,
    DensifyPart,
    dilated,
    given_tables,
    random_batch,
    validation_batch,
)
from .dequantize import State, densifier_state, state_of_upsampler
from .fractions import search
from .guessing import among, children_of
from .upsampler_quantize import ACTIVATIONS, Observe, quantize_densifier, upsampler_fractions

EDGE_BITS = 7  # of the cubes of validation
CALIBRATION_BATCHES = 4  # of the training data
SEARCH_CLOUDS, SEARCH_BITS = 8, 6  # training clouds; one cube of each decides the fraction bits

# A network: features and logits (N, 8), of nodes, the case, the features of the first level.
Predict = Callable[[GivenTables, tuple[bool, int], torch.Tensor | None], tuple[torch.Tensor, torch.Tensor]]
# Of each level: logits, whether they are voxels in truth, whether they count in the loss; (N, 8) each.
Found = list[tuple[torch.Tensor, torch.Tensor, torch.Tensor]]


def likeliest(logits: torch.Tensor, known: torch.Tensor, count: int) -> torch.Tensor:
    """(N, 8) bool: the known children, then the likeliest until there are `count`; in order where equal."""
    flat = torch.where(known, math.inf, logits).reshape(-1)
    count = min(max(count, int(known.sum())), flat.numel())
    kept = torch.zeros_like(flat, dtype=torch.bool)
    kept[torch.sort(flat, descending=True, stable=True).indices[:count]] = True
    return kept.view_as(logits)


def find_levels(predict: Predict, part: DensifyPart) -> Found:
    """Both levels of a part. The second has the nodes that the network found on the first."""
    depth, case = part.bits - len(part.codes) + 1, (part.damaged, part.ratio)
    nodes = dilated(part.given[0], depth)
    octant = parent = torch.zeros_like(nodes)
    features, found = None, []
    for step, (truth, given) in enumerate(zip(part.codes[1:], part.given[1:], strict=True)):
        codes = children_of(nodes, depth + step)
        known, target = among(given, codes), among(truth, codes)
        placed = given_tables(nodes, known, (parent, octant), depth + step, part.cubes)
        features, logits = predict(placed, case, features)
        counted = torch.ones_like(known) if part.damaged else ~known
        found.append((logits, target, counted))
        features = features.detach()
        if step == 0:
            kept = likeliest(logits.detach().float(), known, round(part.spare * len(truth)))
            row, octant = torch.nonzero(kept, as_tuple=True)
            nodes, order = torch.sort(codes[row, octant])
            parent, octant = row[order], octant[order]
    return found


def found_bits(levels: Found, unit: float = 1.0) -> torch.Tensor:
    """Code length in bits of all children that count. unit: of the logits, in nats."""
    total = torch.zeros(())
    for logits, target, counted in levels:
        nats = F.binary_cross_entropy_with_logits(logits.float() * unit, target.float(), reduction="none")
        total = total.to(nats.device) + (nats * counted).sum()
    return total / math.log(2)


class DensifierTask:
    """See loop.Task. points: at least so many voxels per step."""

    name = "densifier"
    title = "Densifier"
    about = "The network of docs/densifying.md, int8 weights for exact integer inference."
    sample = (
        "a cube of edge 128 of each validation cloud, of a quarter and an eighth of its voxels and damaged; "
        "bits of what is not given, on the finest level and the one before"
    )
    betas = (0.9, 0.98)

    def __init__(self, training: list[TrainingCloud], seed: int, points: int) -> None:
        if any(cloud.blocks is not None for cloud in training):
            raise InputError(
                "the densifying network needs whole clouds; make the dataset without --blocks and --most",
                field="data",
            )
        self._training, self._seed, self._points = training, seed, points

    def model(self) -> Densifier:
        """See loop.Task."""
        return Densifier()

    def batch(self, step: int) -> DensifyBatch:
        """See loop.Task."""
        return random_batch(self._training, self._points, np.random.default_rng([self._seed, step]))

    def validation_batches(self, clouds: list[TrainingCloud]) -> list[DensifyBatch]:
        """See loop.Task."""
        rng = np.random.default_rng(7)
        return [validation_batch(cloud, EDGE_BITS, rng) for cloud in clouds]

    def bits(self, model: Densifier, batch: DensifyBatch, half: bool) -> torch.Tensor:
        """See loop.Task."""
        device = batch.parts[0].codes[0].device.type
        with torch.autocast(device, torch.bfloat16, enabled=half):
            return torch.stack([found_bits(find_levels(model, part)) for part in batch.parts]).sum()

    def state(self, path: Path) -> tuple[State, bytes]:
        """See loop.Task. The file may hold an upsampling network, too."""
        if "0.seen" not in read_tensors(path)[0]:
            begun = load_upsampler(path)
            return state_of_upsampler(begun), begun.identity
        weights = load_densifier(path)
        return densifier_state(weights), weights.identity

    def quantized(self, model: Densifier, steps: int) -> bytes:
        """See loop.Task."""
        rng = np.random.default_rng([self._seed, 10**6])
        batches = [random_batch(self._training, self._points, rng) for _ in range(CALIBRATION_BATCHES)]
        chosen = [self._training[i] for i in rng.permutation(len(self._training))[:SEARCH_CLOUDS]]
        plain = [validation_batch(cloud, SEARCH_BITS, rng) for cloud in chosen]

        def observed(observe: Observe) -> None:
            for batch in batches:
                for part in batch.parts:
                    find_levels(partial(model, observe=observe), part)

        def sets(found: dict[tuple[int, str], int]) -> tuple[DensifierWeights, ...]:
            own = [{name: f for (k, name), f in found.items() if k == index} for index in range(SETS)]
            return quantize_densifier(model, own)

        def rate(found: dict[tuple[int, str], int]) -> float:
            net = IntegerDensifier(DensifierFile(sets(found), {}, bytes(8)))
            return sum(_integer_bits(net, batch) for batch in plain)

        measured = upsampler_fractions(observed, SETS)
        found = search({(k, name): f[name] for k, f in enumerate(measured) for name in ACTIVATIONS}, rate)
        metadata = {
            "steps": steps,
            "seed": self._seed,
            "activation_bits": [{name: found[k, name] for name in ACTIVATIONS} for k in range(SETS)],
        }
        return upsampler_bytes(sets(found), metadata, DENSIFIER_LAYOUT)

    def integer_bits(self, path: Path, batches: list[DensifyBatch]) -> list[float]:
        """See loop.Task."""
        net = IntegerDensifier(load_densifier(path))
        return [_integer_bits(net, batch) for batch in batches]


def _integer_bits(net: IntegerDensifier, batch: DensifyBatch) -> float:
    return sum(float(found_bits(find_levels(net, part), 2.0**-LOGIT_FRACTION)) for part in batch.parts)
