"""The training loop: Adam on the code length in bits per occupied voxel (paper sections 3.2 and 4.1)."""

from __future__ import annotations

import json
import math
import os
import queue
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional as F

from ..models.sites import BACKGROUND_ROWS
from ..models.voxeldnn import VoxelDNN
from .clouds import TrainingCloud, find_clouds, is_validation, read_training_cloud
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


def bits_of(model: VoxelDNN, batch: Batch, *, half: bool = False) -> torch.Tensor:
    """Code length of every voxel of the batch's blocks under the model, in bits (scalar)."""
    with torch.autocast(batch.window.device.type, torch.bfloat16, enabled=half):
        logits = model(batch.window.float(), batch.near, batch.far)
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


def _prefetch(clouds: list[TrainingCloud], plan: TrainingPlan, first: int, workers: int) -> Iterator[Batch]:
    """Batches of steps first, first + 1, ... in order; each is a function of the seed and the step alone."""
    lanes: list[queue.Queue[Batch]] = [queue.Queue(2) for _ in range(workers)]

    def fill(lane: int) -> None:
        for step in range(first + lane, plan.steps, workers):
            rng = np.random.default_rng([plan.seed, step])
            lanes[lane].put(random_batch(clouds, plan.sites, rng, Augmentation()))

    for lane in range(workers):
        threading.Thread(target=fill, args=(lane,), daemon=True).start()
    for step in range(first, plan.steps):
        yield lanes[(step - first) % workers].get()


def pick_device(name: str) -> torch.device:
    """The device called auto (a GPU if there is one), cpu or cuda."""
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(name)


class Trainer:
    """One run in one folder: checkpoint.pt to resume from, log.jsonl, and the averaged weights."""

    def __init__(self, plan: TrainingPlan, folder: Path, *, command: str = "", workers: int = 1) -> None:
        self.plan, self.folder, self.workers = plan, folder, workers
        self.device = pick_device(plan.device)
        paths = find_clouds(Path(plan.data))
        clouds = [read_training_cloud(p) for p in paths]
        self.training = [c for c in clouds if not is_validation(c.name)]
        self.validation = [c for c in clouds if is_validation(c.name)]
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
            "plan": asdict(self.plan),
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

    def run(self, *, minutes: float | None = None, until: int | None = None) -> bool:
        """Trains to the plan's last step, to step `until` or for `minutes`. True when the plan is done."""
        if until is not None and self.step >= until:
            return False
        begun, half, recent = time.monotonic(), self.device.type == "cuda", []
        for batch in _prefetch(self.training, self.plan, self.step, self.workers):
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
