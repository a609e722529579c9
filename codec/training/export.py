"""A finished run becomes files: quantized weights, and a model card with their rates."""

from __future__ import annotations

import hashlib
import json
import os
import platform
from pathlib import Path
from typing import Any

import torch

from octavox.codec.files.atomic import write_atomically
from octavox.codec.models.weights import ID_BYTES

from .clouds import find_clouds, read_dataset
from .curve import draw_curve
from .loop import Trainer


def _rates(trainer: Trainer, path: Path) -> dict[str, Any]:
    """Validation bpov of the float and of the integer network, for each cloud and for all together."""
    batches = trainer.validation_batches()
    bits = trainer.task.integer_bits(path, batches)
    points = [batch.points for batch in batches]
    names = [cloud.name for cloud in trainer.validation]
    integer = {name: round(b / n, 4) for name, b, n in zip(names, bits, points, strict=True)}
    return {
        "float": {k: round(v, 4) for k, v in trainer.validate().items()},
        "integer": {**integer, "all": round(sum(bits) / max(sum(points), 1), 4)},
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
    """How a dataset was made, as a paragraph of the card; empty for a folder of other clouds."""
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
    task = trainer.task
    data = task.quantized(trainer.averaged().cpu(), trainer.step)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{task.name}.safetensors"
    write_atomically(path, data)
    log, curve = trainer.folder / "log.jsonl", folder / f"{task.name}.png"
    drawn = curve.name if log.exists() and draw_curve(log, curve) else None
    identity = hashlib.sha256(data).digest()[:ID_BYTES]
    card = _card(trainer, path.name, identity, _rates(trainer, path), drawn)
    write_atomically(folder / f"{task.name}.md", card.encode())
    return path


def _card(trainer: Trainer, name: str, identity: bytes, rates: dict[str, Any], curve: str | None) -> str:
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
    begun = ""
    if trainer.begun:
        begun = (
            f"Step 0 began with the weights of id `{trainer.begun}`; the data and licences of their card "
            "count, too.\n\n"
        )
    picture = f"\n![Rate over the steps]({curve})\n" if curve else ""
    return f"""# {trainer.task.title} weights

`{name}`, id `{identity.hex()}` (first 8 bytes of its SHA-256).
{trainer.task.about}

## How it was made

{runs}

{begun}Every step is a function of the seed, the step and the data; sums of floats differ between machines, so
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

Bits per occupied voxel on a fixed sample of {trainer.task.sample}, before
and after quantization.

| cloud | float | integer |
|---|---|---|
{rows}
{picture}"""
