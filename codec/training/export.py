"""From a finished run to what ships: quantized weights, their rates, and the model card."""

from __future__ import annotations

import hashlib
import json
import os
import platform
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ..models.integer import IntegerVoxelDNN
from ..models.sites import BACKGROUND_ROWS
from ..models.weights import LOGIT_BIAS, LOGIT_SCALE_BITS, VoxelDNNWeights, load_weights, weights_bytes
from .clouds import find_clouds, read_dataset
from .crops import Augmentation, Batch, random_batch
from .curve import CURVE_NAME, draw_curve
from .loop import Trainer, code_length_bits
from .quantize import activation_bits, quantize

WEIGHTS_NAME = "voxeldnn.safetensors"
CARD_NAME = "voxeldnn.md"
CALIBRATION_BATCHES = 6


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


def _rates(trainer: Trainer, weights: VoxelDNNWeights) -> dict[str, Any]:
    """Validation bpov (64-blocks) of the float and of the integer network, by cloud and over all."""
    net = IntegerVoxelDNN(weights, "cpu")
    bits, points, by_cloud = 0.0, 0, {}
    for cloud, batch in zip(trainer.validation, trainer.validation_batches(), strict=True):
        cost = integer_bits(net, batch)
        by_cloud[cloud.name] = round(cost / batch.points, 4)
        bits, points = bits + cost, points + batch.points
    return {
        "float": {k: round(v, 4) for k, v in trainer.validate().items()},
        "integer": {**by_cloud, "all": round(bits / points, 4)},
    }


def _data_digest(folder: Path) -> str:
    """SHA-256 over the names and contents of the training clouds."""
    digest = hashlib.sha256()
    for path in find_clouds(folder):
        digest.update(path.name.encode() + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _device(trainer: Trainer) -> str:
    if trainer.device.type != "cuda":
        return trainer.device.type
    return f"{torch.cuda.get_device_name(trainer.device)}, products in bfloat16"


def _selection(data: Path) -> str:
    """How a dataset was made: a paragraph of the card, or nothing for a folder of other clouds."""
    record = read_dataset(data)
    if record is None:
        return ""
    counts = record["counts"]
    return f"""
A dataset of {counts["blocks"]:,} occupied blocks of 64^3 ({counts["blocks_training"]:,} train, \
{counts["blocks_validation"]:,} validate), the densest first, by `octavox dataset` with

    {json.dumps(record["options"])}
"""


def export(trainer: Trainer, folder: Path) -> Path:
    """Writes the weights and the card of a run's averaged weights into `folder`; returns the path."""
    rng = np.random.default_rng([trainer.plan.seed, 10**6])
    clouds, sites = trainer.training, trainer.plan.sites
    batches = [random_batch(clouds, sites, rng, Augmentation()) for _ in range(CALIBRATION_BATCHES)]
    model = trainer.averaged().cpu()
    bits = activation_bits(model, batches)
    layers = quantize(model, bits)
    metadata = {"steps": trainer.step, "seed": trainer.plan.seed, "activation_bits": bits}
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / WEIGHTS_NAME
    beside = path.with_suffix(".tmp")
    beside.write_bytes(weights_bytes(layers, metadata))
    os.replace(beside, path)
    weights = load_weights(path)
    log = trainer.folder / "log.jsonl"
    curve = log.exists() and draw_curve(log, folder / CURVE_NAME)
    (folder / CARD_NAME).write_text(_card(trainer, weights, _rates(trainer, weights), curve))
    return path


def _card(trainer: Trainer, weights: VoxelDNNWeights, rates: dict[str, Any], curve: bool) -> str:
    data = Path(trainer.plan.data)
    licences = data / "LICENCES.md"
    terms = "No licence file lies beside the data."
    if licences.exists():
        terms = licences.read_text().replace("# ", "### ", 1)
    rows = "\n".join(
        f"| {name} | {rates['float'][name]:.4f} | {value:.4f} |" for name, value in rates["integer"].items()
    )
    runs = "\n".join(
        f"    python main.py train {r['command']}  # from step {r['step']}" for r in trainer.history
    )
    picture = f"\n![Rate over the steps]({CURVE_NAME})\n" if curve else ""
    return f"""# VoxelDNN weights

`{WEIGHTS_NAME}`, id `{weights.identity.hex()}` (first 8 bytes of its SHA-256). VoxelDNN as in section 3.2 of
the paper, int8 weights for exact integer inference; see docs/voxeldnn-codec.md.

## How it was made

{runs}

Every step is a function of the seed, the step and the data; sums of floats differ between machines, so
a repetition gives a network of the same kind and rate, not the same bytes. The plan of the last run:

    {json.dumps({**trainer.plan.record(), "data": data.name})}

{trainer.step} steps, {trainer.seconds / 60:.0f} minutes of computing on {_device(trainer)} \
({platform.machine()}, {os.cpu_count()} cores, torch {torch.__version__}).

## Data

{len(trainer.training)} clouds for training, {len(trainer.validation)} for validation (chosen by a hash of the
name, versions of one object on one side). SHA-256 over names and contents: `{_data_digest(data)}`.
{_selection(data)}
{terms}
## Validation rate

Bits per occupied voxel on a fixed sample of 64-blocks of each validation cloud, blocks of 64 alone, before
and after quantization.

| cloud | float | integer |
|---|---|---|
{rows}
{picture}"""
