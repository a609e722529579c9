"""The training task of VoxelDNN: its batches, its code length, its quantized file."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from octavox.codec.models.integer import IntegerVoxelDNN
from octavox.codec.models.sites import BACKGROUND_ROWS
from octavox.codec.models.voxeldnn import VoxelDNN
from octavox.codec.models.weights import (
    LOGIT_BIAS,
    LOGIT_SCALE_BITS,
    VoxelDNNWeights,
    load_weights,
    weights_bytes,
)

from .blocks import BlockSet
from .clouds import TrainingCloud
from .crops import Augmentation, Batch, random_batch, validation_batches
from .dequantize import State, voxeldnn_state
from .fractions import search
from .quantize import activation_bits, quantize

CALIBRATION_BATCHES = 6  # of the training data
SEARCH_CLOUDS = 24  # training clouds; one 64-block of each decides the fraction bits
GPU_CHUNK = (
    1 << 16
)  # sites in one matrix product: larger than on a CPU, where the patches should fit its caches


def bits_of(model: VoxelDNN, batch: Batch, *, half: bool = False) -> torch.Tensor:
    """Code length of every voxel of the batch's blocks under the model, in bits (scalar).

    half: mixed precision, products of bfloat16 with sums, weights, residual stream and logits in float32.
    """
    device = batch.window.device.type
    more = {} if device == "cpu" else {"chunk": GPU_CHUNK}
    with torch.autocast(device, torch.bfloat16, enabled=half):
        logits = model(batch.window.float(), batch.near, batch.far, **more)
    return code_length_bits(logits.float(), batch)


def code_length_bits(logits: torch.Tensor, batch: Batch) -> torch.Tensor:
    """Code length in bits (scalar) of the batch's voxels, given logits as VoxelDNN.forward returns them."""
    active, idle = logits[BACKGROUND_ROWS:], logits[:BACKGROUND_ROWS]
    nats = F.binary_cross_entropy_with_logits(active, batch.target.float(), reduction="sum")
    empty = (batch.idle - batch.idle_occupied).float()
    nats = nats + (empty * F.softplus(idle) + batch.idle_occupied.float() * F.softplus(-idle)).sum()
    return nats / math.log(2)


def integer_bits(net: IntegerVoxelDNN, batch: Batch, chunk: int = 1024) -> float:
    """Code length of the batch's blocks under the integer network, in bits."""
    near = batch.near[BACKGROUND_ROWS:]
    x1, h1 = zip(*[net.stage1(w) for w in torch.split(batch.window, chunk)], strict=True)
    table = torch.cat([net.h1, *h1])
    spans = list(zip(torch.split(near, chunk), x1, strict=True))
    x2, h2 = zip(*[net.stage2(table, n, x) for n, x in spans], strict=True)
    table = torch.cat([net.h2, *h2])
    index = [net.stage3(table, n, x) for n, x in zip(torch.split(near, chunk), x2, strict=True)]
    active = (torch.cat(index).float() - LOGIT_BIAS) / (1 << LOGIT_SCALE_BITS)
    idle = (torch.from_numpy(net.background_logits).float() - LOGIT_BIAS) / (1 << LOGIT_SCALE_BITS)
    return float(code_length_bits(torch.cat([idle, active]), batch))


class VoxelDNNTask:
    """See loop.Task. sites: about so many active sites per step; batch: whole blocks per step, no crops."""

    name = "voxeldnn"
    title = "VoxelDNN"
    about = (
        "VoxelDNN as in section 3.2 of\nthe paper, int8 weights for exact integer inference;"
        " see docs/voxeldnn-codec.md."
    )
    sample = "64-blocks of each validation cloud, blocks of 64 alone"
    betas = (0.9, 0.999)

    def __init__(
        self, training: list[TrainingCloud], seed: int, sites: int, blocks: int, batch: int | None
    ) -> None:
        self._training, self._seed, self._sites = training, seed, sites
        self._blocks, self._batch = blocks, batch
        self._set = BlockSet.of(training) if batch else None

    def model(self) -> VoxelDNN:
        """See loop.Task."""
        return VoxelDNN()

    def state(self, path: Path) -> tuple[State, bytes]:
        """See loop.Task."""
        weights = load_weights(path)
        return voxeldnn_state(weights), weights.identity

    def batch(self, step: int) -> Batch:
        """See loop.Task."""
        rng = np.random.default_rng([self._seed, step])
        if self._set is not None and self._batch:
            return self._set.batch(self._batch, self._seed, step, rng)
        return random_batch(self._training, self._sites, rng, Augmentation())

    def validation_batches(self, clouds: list[TrainingCloud]) -> list[Batch]:
        """See loop.Task."""
        return validation_batches(clouds, self._blocks, seed=7)

    def bits(self, model: VoxelDNN, batch: Batch, half: bool) -> torch.Tensor:
        """See loop.Task."""
        return bits_of(model, batch, half=half)

    def quantized(self, model: VoxelDNN, steps: int) -> bytes:
        """See loop.Task."""
        rng = np.random.default_rng([self._seed, 10**6])
        batches = [
            random_batch(self._training, self._sites, rng, Augmentation()) for _ in range(CALIBRATION_BATCHES)
        ]

        def rate(fractions: dict[str, int]) -> float:
            net = IntegerVoxelDNN(VoxelDNNWeights(quantize(model, dict(fractions)), {}, bytes(8)), "cpu")
            return sum(integer_bits(net, batch) for batch in plain)

        chosen = rng.permutation(len(self._training))[:SEARCH_CLOUDS]
        plain = validation_batches([self._training[i] for i in chosen], 1, self._seed)
        bits = activation_bits(model, batches)
        given = {name: f for name, f in bits.items() if name not in ("window", "logit")}
        bits |= search(given, lambda fractions: rate({**bits, **fractions}))
        layers = quantize(model, bits)
        return weights_bytes(layers, {"steps": steps, "seed": self._seed, "activation_bits": bits})

    def integer_bits(self, path: Path, batches: list[Batch]) -> list[float]:
        """See loop.Task."""
        net = IntegerVoxelDNN(load_weights(path), "cpu")
        return [integer_bits(net, batch) for batch in batches]
