"""A large network in floating point beside the shipped one, on clouds whose floor `bench/floor.py` knows.

    python bench/teacher.py train FOLDER [--minutes 30]    trains on random hills, on from FOLDER's checkpoint
    python bench/teacher.py test FOLDER                    bits of the finest level of the clouds of floor.py

The teacher sees the finest level alone: the 7^3 nodes around each node, two residual blocks of convolutions
over 3^3 nodes with 128 channels, and the 171 children before each child in its 7^3 window. It is a bound for
what training could reach, not a codec.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from torch.nn import functional as F

from bench.floor import NOISES, SIDE, heights, surface

CHANNELS, HIDDEN, REACH = 128, 256, 3
PATCH = 48  # edge of a patch of a training step

_BOX = np.stack(np.meshgrid(*[np.arange(-REACH, REACH + 1)] * 3, indexing="ij"), -1).reshape(-1, 3)
_BEFORE = _BOX[: len(_BOX) // 2]
_NEAR = np.stack(np.meshgrid(*[np.arange(-1, 2)] * 3, indexing="ij"), -1).reshape(-1, 3)
_CHILDREN = np.stack([np.arange(8) >> 2, np.arange(8) >> 1 & 1, np.arange(8) & 1], 1)


class Batch:
    """The finest level of voxels (N, 3): what is around nodes, before children, and the children."""

    def __init__(self, voxels: npt.NDArray[np.int64]) -> None:
        margin = 2 * REACH + 2
        voxels = voxels - voxels.min(0) // 2 * 2 + 2 * margin
        nodes = np.unique(voxels >> 1, axis=0)
        full = np.zeros(voxels.max(0) + 2 * margin, np.uint8)
        full[tuple(voxels.T)] = 1
        rows = np.zeros(nodes.max(0) + margin, np.int64)
        rows[tuple(nodes.T)] = np.arange(1, len(nodes) + 1)
        around = rows[tuple((nodes[:, None] + _BOX).transpose(2, 0, 1))] > 0
        self.around = torch.from_numpy(around.astype(np.float32))
        self.near = torch.from_numpy(rows[tuple((nodes[:, None] + _NEAR).transpose(2, 0, 1))])
        child = 2 * nodes[:, None] + _CHILDREN
        before = full[tuple((child[:, :, None] + _BEFORE).transpose(3, 0, 1, 2))]
        self.before = torch.from_numpy(before)
        self.target = torch.from_numpy(full[tuple(child.transpose(2, 0, 1))].astype(np.float32))
        self.points = len(voxels)


class Teacher(nn.Module):
    """See the module."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(len(_BOX), CHANNELS)
        self.convolutions = nn.ModuleList(nn.Linear(27 * CHANNELS, CHANNELS) for _ in range(4))
        self.node = nn.Linear(CHANNELS, 8 * HIDDEN)
        self.child = nn.Linear(len(_BEFORE), HIDDEN, bias=False)
        self.inner = nn.Linear(HIDDEN, 64)
        self.last = nn.Linear(64, 1)

    def forward(self, batch: Batch, part: slice = slice(None)) -> torch.Tensor:
        """Logits (n, 8) of the children of the nodes in `part`."""
        x = torch.relu(self.first(batch.around))
        for one, other in zip(self.convolutions[::2], self.convolutions[1::2], strict=True):
            x = torch.relu(x + self._over(other, torch.relu(self._over(one, x, batch)), batch))
        h = self.node(x[part]).view(-1, 8, HIDDEN) + self.child(batch.before[part].float())
        return torch.as_tensor(self.last(torch.relu(self.inner(torch.relu(h)))).squeeze(-1))

    def _over(self, layer: nn.Module, x: torch.Tensor, batch: Batch) -> torch.Tensor:
        table = torch.cat([x.new_zeros(1, CHANNELS), x])
        return torch.as_tensor(layer(table[batch.near].reshape(len(x), -1)))


def code_length(logits: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """Bits of the children; the eighth after seven empty ones is free."""
    nats = F.binary_cross_entropy_with_logits(logits, target, reduction="none")
    coded = torch.ones_like(nats)
    coded[:, 7] = (target[:, :7].sum(1) > 0).float()
    return (nats * coded).sum() / math.log(2)


def hills(dice: np.random.Generator) -> npt.NDArray[np.int64]:
    """Voxels of a patch of random hills with noise of the kinds that floor.py has."""
    x, y = np.meshgrid(np.arange(SIDE), np.arange(SIDE), indexing="ij")
    clean = np.full((SIDE, SIDE), 200.0)
    for _ in range(4):
        wave, turn = dice.uniform(25, 90), dice.uniform(0, 2 * math.pi)
        along = x * math.cos(turn) + y * math.sin(turn)
        clean += dice.uniform(0.1, 0.5) * wave * np.sin(2 * math.pi * along / (6 * wave) + dice.uniform(0, 6))
    found = heights(clean, float(dice.uniform(0.0, 0.8)), float(dice.choice([0.0, 0.8, 0.9])), dice)
    a, b = dice.integers(0, SIDE - PATCH, 2)
    part = np.stack([x, y, found], -1)[a : a + PATCH, b : b + PATCH].reshape(-1, 3)
    return part + dice.integers(0, 2, 3)


def train(folder: Path, minutes: float) -> None:
    """Trains for so long; writes the checkpoint every 50 steps."""
    path, net = folder / "teacher.pt", Teacher()
    optimizer, step, best = torch.optim.Adam(net.parameters(), 1e-3), 0, time.monotonic() + 60 * minutes
    if path.exists():
        kept = torch.load(path, weights_only=True)
        net.load_state_dict(kept["net"])
        optimizer.load_state_dict(kept["optimizer"])
        step = kept["step"]
    recent: list[float] = []
    while time.monotonic() < best:
        batch = Batch(hills(np.random.default_rng([11, step])))
        for group in optimizer.param_groups:
            group["lr"] = 1e-3 * min(1.0, (step + 1) / 30) / (1 + step / 600)
        optimizer.zero_grad()
        bits = code_length(net(batch), batch.target) / batch.points
        bits.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        step += 1
        recent.append(bits.item())
        if step % 50 == 0:
            print(f"{step} steps, {np.mean(recent[-50:]):.4f} bits a point", flush=True)
            kept = {"net": net.state_dict(), "optimizer": optimizer.state_dict(), "step": step}
            torch.save(kept, path.with_suffix(".new"))
            path.with_suffix(".new").replace(path)


def test(folder: Path) -> None:
    """Prints the finest level's bits of the teacher on the clouds of floor.py."""
    net, kept = Teacher(), torch.load(folder / "teacher.pt", weights_only=True)
    net.load_state_dict(kept["net"])
    print(f"teacher after {kept['step']} steps; bits a point of the finest level")
    print("noise, share kept | teacher")
    x, y = np.meshgrid(np.arange(SIDE), np.arange(SIDE), indexing="ij")
    for noise, share in NOISES:
        found = heights(surface(), noise, share, np.random.default_rng(7))
        voxels = np.stack([x, y, found], -1).reshape(-1, 3)
        voxels -= voxels.min(0)
        batch, bits = Batch(voxels), 0.0
        with torch.no_grad():
            for at in range(0, len(batch.target), 8000):
                part = slice(at, at + 8000)
                bits += float(code_length(net(batch, part), batch.target[part]))
        print(f"{noise}, {share} | {bits / batch.points:.3f}", flush=True)


def main() -> int:
    """Entry of the script."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=["train", "test"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--minutes", type=float, default=30.0)
    args = parser.parse_args()
    torch.set_num_threads(1)
    if args.what == "train":
        args.folder.mkdir(parents=True, exist_ok=True)
        train(args.folder, args.minutes)
    else:
        test(args.folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
