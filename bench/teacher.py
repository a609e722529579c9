"""How far a large network gets that corrects codec "multiscale": a bound for what training could reach.

    python bench/teacher.py prepare FOLDER CLOUDS      codes the clouds of a folder and keeps what was said
    python bench/teacher.py train FOLDER RUN           trains on that; goes on from RUN's state or weights
    python bench/teacher.py test RUN CLOUDS            rates of clouds, of the codec alone and corrected

The network sees every child of the two finest levels whose probability is not beyond e^-5, with the codec's
own mixed logit, and begins at the codec's rate (bench/teacher_net.py). It is no codec: it is in floating
point, and far too slow. One object in four is for validation. bench/checkpoints is
the run of docs/decisions/0014-floor.md, without its optimizer: copy it to go on from there.
"""

from __future__ import annotations

import argparse
import itertools
import json
import math
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import torch
from torch.nn import functional as F

from bench.measure import references
from bench.teacher_data import (
    LEVELS,
    SURE,
    CodedCloud,
    CodedLevel,
    Patch,
    codec_bits,
    coded_cloud,
    patch_of,
    random_patch,
    read_coded,
    tiles,
    write_coded,
)
from bench.teacher_net import Teacher
from octavox.codec.training.clouds import find_clouds, is_validation, read_training_cloud

EDGE, PATCHES = 40, 2  # of a step: nodes along a cube, cubes
FINEST = 0.75  # share of the patches that are of the finest level
RATE, WARMUP, AVERAGE = 2e-3, 100, 0.995
VALIDATE, VALIDATION_PATCHES = 100, 2
KEEP = 25  # steps between two states that are written
HELD = 4  # one object in so many is for validation: those of `octavox train`, and more
PEOPLE = ("human", "upper")
STATE, LOG, WEIGHTS = "state.pt", "log.jsonl", "teacher.npz"


def nats(net: Teacher, patch: Patch) -> torch.Tensor:
    """Code length of the children of a patch, computed where the network is."""
    patch = patch.to(str(net.around.device))
    return F.binary_cross_entropy_with_logits(net(patch), patch.bit, reduction="sum")


def plain_nats(patch: Patch) -> float:
    """What the codec takes for them."""
    return F.binary_cross_entropy_with_logits(patch.logit, patch.bit, reduction="sum").item()


def prepare(folder: Path, clouds: Path) -> None:
    """Codes what is not there yet."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in find_clouds(clouds):
        cloud = read_training_cloud(path)
        if not (folder / f"{cloud.name}.npz").exists():
            write_coded(folder, coded_cloud(cloud))
            print(cloud.name, flush=True)


class Run:
    """A network in training; its state is a file."""

    def __init__(self, folder: Path, coded: Path, steps: int, device: str = "cpu") -> None:
        self.folder, self.steps, self.step, self.seconds = folder, steps, 0, 0.0
        clouds = [read_coded(path) for path in sorted(coded.glob("*.npz"))]
        held = [is_validation(c.name, HELD) for c in clouds]
        self.training = [c for c, out in zip(clouds, held, strict=True) if not out]
        self.validation = self._patches([c for c, out in zip(clouds, held, strict=True) if out])
        torch.manual_seed(5)
        self.net, self.average = Teacher().to(device), Teacher().to(device)
        self.average.load_state_dict(self.net.state_dict())
        self.optimizer = torch.optim.Adam(self.net.parameters(), RATE, betas=(0.9, 0.98))
        if (folder / STATE).exists():
            kept = torch.load(folder / STATE, map_location=device, weights_only=True)
            self.net.load_state_dict(kept["net"])
            self.average.load_state_dict(kept["average"])
            self.optimizer.load_state_dict(kept["optimizer"])
            self.step, self.seconds = kept["step"], kept["seconds"]
        elif (folder / WEIGHTS).exists():  # the optimizer begins anew
            for net in (self.net, self.average):
                net.load_state_dict(load(folder).state_dict())
            row = json.loads((folder / LOG).read_text().splitlines()[-1])
            self.step, self.seconds = row["step"], 60 * row["minutes"]

    @staticmethod
    def _patches(clouds: list[CodedCloud]) -> dict[str, list[Patch]]:
        """Fixed ones, by kind of cloud and level."""
        dice = np.random.default_rng(3)
        found: dict[str, list[Patch]] = {}
        for cloud, below in itertools.product(clouds, range(LEVELS)):
            kind = cloud.name.split("_")[0] if cloud.name.startswith(PEOPLE) else "objects"
            for _ in range(VALIDATION_PATCHES):
                patch = random_patch(cloud.levels[below], EDGE, dice)
                if patch is not None:
                    found.setdefault(f"{kind}, {below} above the finest", []).append(patch)
        return found

    def learn(self) -> float:
        """One step; what the network takes, as a share of what the codec takes."""
        dice = np.random.default_rng([11, self.step])
        progress = self.step / self.steps
        for group in self.optimizer.param_groups:
            group["lr"] = (
                RATE
                * min(1, (self.step + 1) / WARMUP)
                * (0.02 + 0.98 * (1 + math.cos(math.pi * progress)) / 2)
            )
        self.optimizer.zero_grad(set_to_none=True)
        took = plain = 0.0
        for _ in range(PATCHES):
            cloud = self.training[dice.integers(len(self.training))]
            patch = random_patch(cloud.levels[int(dice.random() >= FINEST)], EDGE, dice)
            if patch is not None:
                loss = nats(self.net, patch)
                (loss / len(patch.bit)).backward()
                took += loss.item()
                plain += plain_nats(patch)
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), 1.0)
        self.optimizer.step()
        self.step += 1
        kept = min(AVERAGE, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            for name, value in self.average.state_dict().items():
                value.lerp_(self.net.state_dict()[name], 1 - kept)
        return took / max(plain, 1e-9)

    def validate(self) -> dict[str, float]:
        """The share of the codec's bits that is left, by kind of cloud and level."""
        found = {}
        with torch.no_grad():
            for name, patches in self.validation.items():
                took = sum(nats(self.average, patch).item() for patch in patches)
                found[name] = round(took / sum(plain_nats(patch) for patch in patches), 5)
        return found

    def keep(self) -> None:
        """Writes state and weights."""
        kept = {
            "net": self.net.state_dict(),
            "average": self.average.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "step": self.step,
            "seconds": self.seconds,
        }
        torch.save(kept, self.folder / "state.new")
        (self.folder / "state.new").replace(self.folder / STATE)
        weights = {
            name: value.cpu().numpy().astype(np.float16) for name, value in self.average.state_dict().items()
        }
        np.savez_compressed(self.folder / WEIGHTS, **weights)


def train(run: Run, minutes: float) -> None:
    """Trains for so long, or to the last step."""
    begun, recent = time.monotonic(), []
    spent = run.seconds - time.process_time()
    while run.step < run.steps and time.monotonic() < begun + 60 * minutes:
        recent.append(run.learn())
        run.seconds = spent + time.process_time()
        if run.step % VALIDATE == 0 or run.step == run.steps:
            shares = run.validate()
            row: dict[str, Any] = {
                "step": run.step,
                "minutes": round(run.seconds / 60, 1),  # of the processor
                "training": float(np.mean(recent)),
            }
            row |= {"validation": shares}
            print(json.dumps(row), flush=True)
            with (run.folder / LOG).open("a") as log:
                log.write(json.dumps(row) + "\n")
            recent.clear()
        if run.step % KEEP == 0:
            run.keep()
    run.keep()


def load(folder: Path) -> Teacher:
    """The network whose weights a run kept."""
    net = Teacher()
    with np.load(folder / WEIGHTS) as held:
        net.load_state_dict({name: torch.from_numpy(held[name].astype(np.float32)) for name in held.files})
    return net


def saved_bits(net: Teacher, level: CodedLevel, most: int) -> float:
    """How many bits of a level the network saves. most: so many cubes are measured, drawn at random, and
    stand for the others."""
    corners = tiles(level, EDGE)
    chosen = np.random.default_rng(3).permutation(len(corners))[:most]
    saved = looked_at = 0.0
    with torch.no_grad():
        for k in chosen:
            patch = patch_of(level, corners[k], EDGE)
            if patch is not None:
                looked_at += plain_nats(patch)
                saved += plain_nats(patch) - nats(net, patch).item()
    return codec_bits(level, SURE) * saved / max(looked_at, 1e-9)


def test(folder: Path, clouds: Path, most: int) -> None:
    """Prints rates of clouds, bits a point. most: see `saved_bits`."""
    net, known = load(folder), references()["gpcc_v23"]
    heads = ["cloud", "codec", "finest, level above", "share left of them", "with teacher"]
    print(" | ".join([*heads, "G-PCC v23", "codec / v23", "teacher / v23"]))
    for path in find_clouds(clouds):
        cloud = coded_cloud(read_training_cloud(path))
        own = [codec_bits(level) for level in cloud.levels]
        saved = [saved_bits(net, level, most) for level in cloud.levels]
        rate, better = cloud.bits / cloud.points, (cloud.bits - sum(saved)) / cloud.points
        left = ", ".join(f"{1 - s / bits:.4f}" for s, bits in zip(saved, own, strict=True))
        cells = [
            cloud.name,
            f"{rate:.4f}",
            ", ".join(f"{b / cloud.points:.4f}" for b in own),
            left,
            f"{better:.4f}",
        ]
        if cloud.name in known:
            gpcc = known[cloud.name]
            cells += [f"{gpcc:.3f}", f"{rate / gpcc:.3f}", f"{better / gpcc:.3f}"]
        print(" | ".join(cells), flush=True)


def main() -> int:
    """Entry of the script."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=["prepare", "train", "test"])
    parser.add_argument("first", type=Path)
    parser.add_argument("second", type=Path)
    parser.add_argument("--minutes", type=float, default=1e9)
    parser.add_argument("--steps", type=int, default=6000, help="of the whole plan")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu", help="of training")
    words = "cubes of each level that are measured; they stand for the others"
    parser.add_argument("--cubes", type=int, default=10**9, help=words)
    args = parser.parse_args()
    torch.set_num_threads(1)
    if args.what == "prepare":
        prepare(args.first, args.second)
    elif args.what == "train":
        args.second.mkdir(parents=True, exist_ok=True)
        train(Run(args.second, args.first, args.steps, args.device), args.minutes)
    else:
        test(args.first, args.second, args.cubes)
    return 0


if __name__ == "__main__":
    sys.exit(main())
