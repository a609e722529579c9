"""The training loop: Adam on the code length in bits per occupied voxel (paper sections 3.2 and 4.1)."""

from __future__ import annotations

import json
import math
import os
import queue
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional as F

from ..errors import InputError
from ..models.sites import BACKGROUND_ROWS
from ..models.voxeldnn import VoxelDNN
from .blocks import BlockSet
from .clouds import find_clouds, read_training_cloud, split
from .crops import Augmentation, Batch, random_batch, validation_batches


@dataclass(frozen=True)
class TrainingPlan:
    """Everything that decides the outcome of a run, with the data. Written into the model card."""

    data: str
    steps: int = 5000
    sites: int = 40000  # active sites a step, about
    learning_rate: float = 1e-3
    warmup: int = 100
    average: float = 0.999  # decay of the running average of the weights, which is what ships
    clip: float = 1.0
    seed: int = 1
    validate_every: int = 500
    validation_blocks: int = 3  # 64-blocks of each validation cloud
    device: str = "auto"
    batch: int | None = None  # whole 64^3 blocks a step (paper section 4.1), instead of crops by `sites`

    def record(self) -> dict[str, Any]:
        """For checkpoints and cards; without `batch` where it is not used."""
        return {name: v for name, v in asdict(self).items() if name != "batch" or v is not None}


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


def learning_rate(plan: TrainingPlan, step: int) -> float:
    """Linear warm-up, then a cosine down to one hundredth."""
    if step < plan.warmup:
        return plan.learning_rate * (step + 1) / plan.warmup
    phase = (step - plan.warmup) / max(1, plan.steps - plan.warmup)
    return plan.learning_rate * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * min(1.0, phase))))


def _prefetch(make: Callable[[int], Batch], first: int, last: int, workers: int) -> Iterator[Batch]:
    """make(step) of steps first .. last - 1 in order, made ahead by threads. Their errors are raised here."""
    lanes: list[queue.Queue[Batch | Exception]] = [queue.Queue(2) for _ in range(workers)]

    def fill(lane: int) -> None:
        try:
            for step in range(first + lane, last, workers):
                lanes[lane].put(make(step))
        except Exception as error:
            lanes[lane].put(error)

    for lane in range(workers):
        threading.Thread(target=fill, args=(lane,), daemon=True).start()
    for step in range(first, last):
        made = lanes[(step - first) % workers].get()
        if isinstance(made, Exception):
            raise made
        yield made


def pick_device(name: str) -> torch.device:
    """The device called auto (a GPU if there is one), cpu or cuda. InputError for cuda without a GPU."""
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    elif name == "cuda" and not torch.cuda.is_available():
        build = f"torch {torch.__version__} finds none" if torch.version.cuda else "this torch has no CUDA"
        raise InputError(f"no CUDA GPU can be used: {build}", field="device")
    return torch.device(name)


class Trainer:
    """One run in one folder: checkpoint.pt to resume from, log.jsonl, and the averaged weights."""

    def __init__(self, plan: TrainingPlan, folder: Path, *, command: str = "", workers: int = 1) -> None:
        self.plan, self.folder, self.workers = plan, folder, workers
        self.device = pick_device(plan.device)
        data = Path(plan.data)
        self.training, self.validation = split(data, [read_training_cloud(p) for p in find_clouds(data)])
        self.blocks = BlockSet.of(self.training) if plan.batch else None
        torch.manual_seed(plan.seed)
        self.model = VoxelDNN().to(self.device)
        self.average = {k: v.detach().clone() for k, v in self.model.state_dict().items()}
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=plan.learning_rate)
        self.step, self.seconds = 0, 0.0
        self.history: list[dict[str, Any]] = []  # command and first step of each run that changed the plan
        folder.mkdir(parents=True, exist_ok=True)
        self.checkpoint = folder / "checkpoint.pt"
        if self.checkpoint.exists():
            self._resume()
        if not self.history or self.history[-1]["command"] != command:
            self.history.append({"step": self.step, "command": command})

    def _resume(self) -> None:
        state: dict[str, Any] = torch.load(self.checkpoint, map_location=self.device, weights_only=True)
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.average = state["average"]
        self.step, self.seconds = state["step"], state["seconds"]
        self.history = state["history"]

    def save(self) -> None:
        state = {
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "average": self.average,
            "step": self.step,
            "seconds": self.seconds,
            "plan": self.plan.record(),
            "history": self.history,
        }
        beside = self.checkpoint.with_suffix(".tmp")
        torch.save(state, beside)
        os.replace(beside, self.checkpoint)

    def averaged(self) -> VoxelDNN:
        model = VoxelDNN().to(self.device)
        model.load_state_dict(self.average)
        return model

    def validation_batches(self) -> list[Batch]:
        """A fixed sample of blocks of each validation cloud."""
        return validation_batches(self.validation, self.plan.validation_blocks, seed=7)

    def validate(self) -> dict[str, float]:
        """Bits per occupied voxel of each validation cloud's sample of 64-blocks, and over all."""
        model, rates, bits, points = self.averaged(), {}, 0.0, 0
        with torch.no_grad():
            for cloud, batch in zip(self.validation, self.validation_batches(), strict=True):
                cost = float(bits_of(model, batch.to(self.device)))
                rates[cloud.name] = cost / batch.points
                bits, points = bits + cost, points + batch.points
        return {**rates, "all": bits / max(points, 1)}

    def _log(self, entry: dict[str, Any]) -> None:
        with (self.folder / "log.jsonl").open("a") as out:
            out.write(json.dumps(entry) + "\n")
        print(json.dumps(entry), flush=True)

    def batch(self, step: int) -> Batch:
        """What step `step` learns from: a function of the data, the seed and the step alone."""
        rng = np.random.default_rng([self.plan.seed, step])
        if self.blocks is not None and self.plan.batch:
            return self.blocks.batch(self.plan.batch, self.plan.seed, step, rng)
        return random_batch(self.training, self.plan.sites, rng, Augmentation())

    def run(self, *, minutes: float | None = None, until: int | None = None) -> bool:
        """Trains to the plan's last step, to step `until` or for `minutes`. True when the plan is done."""
        if until is not None and self.step >= until:
            return False
        begun, half, recent = time.monotonic(), self.device.type == "cuda", []
        for batch in _prefetch(self.batch, self.step, self.plan.steps, self.workers):
            t = time.monotonic()
            recent.append(self._advance(batch.to(self.device), half))
            self.step += 1
            self.seconds += time.monotonic() - t
            if self.step % 50 == 0:
                self._log({"step": self.step, "bpov": float(np.mean(recent)), "seconds": round(self.seconds)})
                recent = []
            last = self.step == self.plan.steps
            over = self.step == until or (minutes is not None and time.monotonic() - begun > 60 * minutes)
            if last or over or self.step % self.plan.validate_every == 0:
                self.save()
                self._log({"step": self.step, "validation": self.validate()})
            if over:
                break
        return self.step >= self.plan.steps

    def _advance(self, batch: Batch, half: bool) -> float:
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate(self.plan, self.step)
        self.optimizer.zero_grad(set_to_none=True)
        rate = bits_of(self.model, batch, half=half) / batch.points
        rate.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.plan.clip)
        self.optimizer.step()
        decay = min(self.plan.average, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            for name, value in self.model.state_dict().items():
                self.average[name].lerp_(value, 1 - decay)
        return float(rate.detach())
