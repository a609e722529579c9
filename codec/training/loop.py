"""The training loop: Adam on the code length in bits per occupied voxel (paper sections 3.2 and 4.1)."""

from __future__ import annotations

import contextlib
import json
import math
import queue
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch

from octavox.codec.errors import InputError, WeightsError
from octavox.codec.files.atomic import atomic_file
from octavox.codec.models.devices import pick_device

from .clouds import TrainingCloud, find_clouds, read_training_cloud, split
from .densifier_task import DensifierTask
from .inter_task import InterTask
from .multiscale_task import MultiscaleTask
from .upsampler_task import UpsamplerTask
from .voxeldnn_task import VoxelDNNTask

POINTS = 25_000  # voxels per step of the multiscale network, at least


@dataclass(frozen=True)
class TrainingPlan:
    """Everything that decides the outcome of a run, besides the data. The model card lists it."""

    data: str
    steps: int = 5000
    sites: int = 40000  # about so many active sites per step
    learning_rate: float = 1e-3
    warmup: int = 100
    average: float = 0.999  # decay of the running average of the weights; the average is exported
    clip: float = 1.0
    seed: int = 1
    validate_every: int = 500
    validation_blocks: int = 3  # 64-blocks of each validation cloud
    device: str = "auto"
    batch: int | None = None  # whole 64^3 blocks per step (paper section 4.1) instead of crops by `sites`
    network: str = "voxeldnn"
    points: int | None = None  # voxels per step, of the multiscale network

    def record(self) -> dict[str, Any]:
        """For checkpoints and cards: the fields that the network uses."""
        unused = ("points", "network") if self.network == "voxeldnn" else ("sites", "batch")
        used = {name: v for name, v in asdict(self).items() if name not in unused}
        return {name: v for name, v in used.items() if name != "batch" or v is not None}


class Batch(Protocol):
    """The data of one step. points: the number of its voxels."""

    points: int

    def to(self, device: torch.device) -> Any: ...


class Task(Protocol):
    """A network, its batches, its loss and its quantized file.

    name: of its files; title, about, sample: texts for its card. betas: of Adam.
    """

    name: str
    title: str
    about: str
    sample: str
    betas: tuple[float, float]

    def model(self) -> Any:
        """A fresh network (a torch module)."""

    def state(self, path: Path) -> tuple[dict[str, torch.Tensor], bytes]:
        """The network's state dict in floats, from a weights file, and the file's id. Raises WeightsError."""

    def batch(self, step: int) -> Any:
        """The Batch of step `step`; it depends on the data, the seed and the step alone."""

    def validation_batches(self, clouds: list[TrainingCloud]) -> Any:
        """One fixed Batch of each validation cloud."""

    def bits(self, model: Any, batch: Any, half: bool) -> torch.Tensor:
        """Code length of a batch in bits (scalar). half: mixed precision."""

    def quantized(self, model: Any, steps: int) -> bytes:
        """The bytes of the weights file of a network that was trained for `steps` steps."""

    def integer_bits(self, path: Path, batches: Any) -> list[float]:
        """Code length of each batch under the integer network of a weights file."""


def task_of(plan: TrainingPlan, training: list[TrainingCloud]) -> Task:
    """The Task of a plan. InputError for an unknown network."""
    if plan.network == "voxeldnn":
        return VoxelDNNTask(training, plan.seed, plan.sites, plan.validation_blocks, plan.batch)
    if plan.network == "multiscale":
        return MultiscaleTask(training, plan.seed, plan.points or POINTS, plan.validation_blocks)
    if plan.network == "upsampler":
        return UpsamplerTask(training, plan.seed, plan.points or POINTS, plan.validation_blocks)
    if plan.network == "densifier":
        return DensifierTask(training, plan.seed, plan.points or POINTS)
    if plan.network == "inter":
        return InterTask(training, plan.seed, plan.points or POINTS, plan.validation_blocks)
    raise InputError(
        f"unknown network '{plan.network}'; known: voxeldnn, multiscale, upsampler, densifier, inter",
        field="network",
    )


def learning_rate(plan: TrainingPlan, step: int) -> float:
    """Linear warm-up, then a cosine down to one hundredth."""
    if step < plan.warmup:
        return plan.learning_rate * (step + 1) / plan.warmup
    phase = (step - plan.warmup) / max(1, plan.steps - plan.warmup)
    return plan.learning_rate * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * min(1.0, phase))))


def _prefetch(make: Callable[[int], Batch], first: int, last: int, workers: int) -> Iterator[Batch]:
    """make(step) for steps first .. last - 1 in order, made ahead by threads. Errors are raised here."""
    lanes: list[queue.Queue[Batch | Exception]] = [queue.Queue(2) for _ in range(workers)]
    ended = threading.Event()

    def put(lane: int, made: Batch | Exception) -> None:
        while not ended.is_set():
            with contextlib.suppress(queue.Full):
                return lanes[lane].put(made, timeout=0.5)

    def fill(lane: int) -> None:
        try:
            for step in range(first + lane, last, workers):
                if ended.is_set():
                    return
                put(lane, make(step))
        except Exception as error:
            put(lane, error)

    for lane in range(workers):
        threading.Thread(target=fill, args=(lane,), name="octavox-batches", daemon=True).start()
    try:
        for step in range(first, last):
            made = lanes[(step - first) % workers].get()
            if isinstance(made, Exception):
                raise made
            yield made
    finally:
        ended.set()


class Trainer:
    """One run in one folder: checkpoint.pt to resume from, log.jsonl, and the averaged weights."""

    def __init__(
        self,
        plan: TrainingPlan,
        folder: Path,
        *,
        command: str = "",
        workers: int = 1,
        start: Path | None = None,
    ) -> None:
        """start: a weights file to begin with if the folder has no checkpoint. Raises WeightsError for it."""
        self.plan, self.folder, self.workers = plan, folder, workers
        self.says = True  # prints the entries of its log
        self.device = torch.device(pick_device(plan.device))
        data = Path(plan.data)
        self.training, self.validation = split(data, [read_training_cloud(p) for p in find_clouds(data)])
        self.task = task_of(plan, self.training)
        torch.manual_seed(plan.seed)
        self.model = self.task.model().to(self.device)
        self.begun = ""  # id of the weights that the run began with
        self.checkpoint = folder / "checkpoint.pt"
        if start is not None and not self.checkpoint.exists():
            try:
                state, identity = self.task.state(start)
            except WeightsError as fault:
                raise fault.in_file(start) from None
            self.model.load_state_dict(state)
            self.begun = identity.hex()
        self.average = {k: v.detach().clone() for k, v in self.model.state_dict().items()}
        self.optimizer = torch.optim.Adam(
            self.model.parameters(), lr=plan.learning_rate, betas=self.task.betas
        )
        self.step, self.seconds = 0, 0.0
        self.history: list[dict[str, Any]] = []  # command and first step of each run that changed the plan
        folder.mkdir(parents=True, exist_ok=True)
        if self.checkpoint.exists():
            self._resume()
        if not self.history or self.history[-1]["command"] != command:
            self.history.append({"step": self.step, "command": command})

    def _resume(self) -> None:
        state: dict[str, Any] = torch.load(self.checkpoint, map_location=self.device, weights_only=True)
        found = state["plan"].get("network", "voxeldnn")
        if found != self.plan.network:
            raise InputError(f"a checkpoint of network '{found}'", path=self.checkpoint, field="network")
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.average = state["average"]
        self.step, self.seconds = state["step"], state["seconds"]
        self.history, self.begun = state["history"], state.get("begun", "")

    def save(self) -> None:
        state = {
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "average": self.average,
            "step": self.step,
            "seconds": self.seconds,
            "plan": self.plan.record(),
            "history": self.history,
            "begun": self.begun,
        }
        with atomic_file(self.checkpoint) as file:
            torch.save(state, file)

    def averaged(self) -> Any:
        """The network with the running average of the weights."""
        model = self.task.model().to(self.device)
        model.load_state_dict(self.average)
        return model

    def validation_batches(self) -> Any:
        """A fixed Batch of each validation cloud."""
        return self.task.validation_batches(self.validation)

    def validate(self) -> dict[str, float]:
        """Bits per occupied voxel of each validation cloud's sample, and of all together."""
        model, rates, bits, points = self.averaged(), {}, 0.0, 0
        with torch.no_grad():
            for cloud, batch in zip(self.validation, self.validation_batches(), strict=True):
                cost = float(self.task.bits(model, batch.to(self.device), False))
                rates[cloud.name] = cost / batch.points
                bits, points = bits + cost, points + batch.points
        return {**rates, "all": bits / max(points, 1)}

    def _log(self, entry: dict[str, Any]) -> None:
        with (self.folder / "log.jsonl").open("a") as out:
            out.write(json.dumps(entry) + "\n")
        if self.says:
            print(json.dumps(entry), flush=True)

    def batch(self, step: int) -> Batch:
        """The Batch of step `step`; it depends on the data, the seed and the step alone."""
        made: Batch = self.task.batch(step)
        return made

    def run(self, *, minutes: float | None = None, until: int | None = None) -> bool:
        """Trains to the plan's last step, to step `until` or for `minutes`. True: the plan is complete."""
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
        rate = self.task.bits(self.model, batch, half) / batch.points
        rate.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.plan.clip)
        self.optimizer.step()
        decay = min(self.plan.average, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            for name, value in self.model.state_dict().items():
                self.average[name].lerp_(value, 1 - decay)
        return float(rate.detach())
