"""Whether planes fitted to what is known correct codec "multiscale", on noisy hills or on coded clouds.

    python bench/planes.py                hills with independent noise, as in bench/floor.py
    python bench/planes.py --coded FOLDER clouds that `bench/teacher.py prepare` coded

To the children before a child in its 9^3 window, and to the nodes after its own in the 7^3 window, planes are
fitted with three Gaussian weights. A small network gets their distances, directions and residuals, or the 62
children before the child in its 5^3 window, or both, with the codec's logit, and adds to it. Prints the share
of the codec's bits on the finest level that is left, on clouds that the network has not seen.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from torch.nn import functional as F

from bench.floor import SIDE, heights
from bench.teacher import EDGE, HELD, PEOPLE
from bench.teacher_data import AROUND, BEFORE, CodedLevel, Patch, coded_cloud, random_patch, read_coded
from octavox.codec.training.clouds import TrainingCloud, is_validation

Floats = npt.NDArray[np.float32]

SCALES = (1.3, 2.2, 3.5)  # children, of the weights
NODE_WEIGHT = 2.0  # a node holds several voxels
NOISES = (0.25, 0.5, 0.7)
LEARNED, MEASURED, HILLS_EACH, CLOUDS_EACH = (1, 2, 3, 4), (11, 12), 5, 2  # seeds of hills, patches of each
BATCH, RATE, EPOCHS = 4096, 3e-3, 3
_OCTANTS = np.stack(np.unravel_index(np.arange(8), (2, 2, 2)), 1)
_AFTER = np.arange(len(AROUND)) > len(AROUND) // 2
_INNER = np.flatnonzero((np.abs(BEFORE) <= 2).all(1))


def _moments(offsets: npt.NDArray[np.float64], weights: npt.NDArray[np.float64]) -> Floats:
    """(n, 10) what a voxel at each offset adds to the weighted sums of 1, x, y, z and their products."""
    x, y, z = offsets.T
    columns = [np.ones_like(x), x, y, z, x * x, y * y, z * z, x * y, x * z, y * z]
    return np.asarray(np.stack(columns, 1) * weights[:, None], np.float32)


def _weights(offsets: npt.NDArray[np.float64], scale: float) -> npt.NDArray[np.float64]:
    return np.asarray(np.exp(-(offsets**2).sum(1) / (2 * scale**2)), np.float64)


def _plane(patch: Patch, scale: float) -> Floats:
    """(m, 16) what a plane says of each child of a patch."""
    before, around = patch.before.numpy().astype(np.float32), patch.around.numpy()[patch.node.numpy()]
    sums, start = before @ _moments(BEFORE.astype(float), _weights(BEFORE.astype(float), scale)), 0
    for octant, count in enumerate(patch.each):
        away = 2 * AROUND + 0.5 - _OCTANTS[octant]  # middles of the nodes
        rows = slice(start, start + count)
        sums[rows] += around[rows] @ _moments(away, _weights(away, scale) * _AFTER * NODE_WEIGHT)
        start += count
    weight = np.maximum(sums[:, 0], 1e-3)
    mean = sums[:, 1:4] / weight[:, None]
    spread = np.empty((len(weight), 3, 3))
    for column, (i, j) in enumerate([(0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2)], 4):
        spread[:, i, j] = spread[:, j, i] = sums[:, column] / weight - mean[:, i] * mean[:, j]
    values, vectors = np.linalg.eigh(spread + np.eye(3) * 1e-4)
    normal = vectors[:, :, 0]
    size = np.abs(normal)
    main = size.argmax(1)
    normal = normal * np.sign(normal[np.arange(len(normal)), main])[:, None]
    distance = -(mean * normal).sum(1)
    rough, wide = (np.sqrt(np.maximum(values[:, k], 1e-6)) for k in (0, 1))
    columns = [distance, np.abs(distance), rough, wide, distance / (rough + 0.2), np.log(weight)]
    columns += [*normal.T, *size.T, size.sum(1), distance / size.max(1), main == 0, main == 1]
    return np.stack(columns, 1).astype(np.float32)


@dataclass(frozen=True)
class Children:
    """planes, others (logit and octant), inner: inputs (m, k). logit, bit: (m,). kind: of the cloud."""

    planes: Floats
    others: Floats
    inner: Floats
    logit: Floats
    bit: Floats
    kind: str


def children_of(patch: Patch, kind: str) -> Children:
    """What the network is given of a patch."""
    logit = patch.logit.numpy()
    octant = np.eye(8, dtype=np.float32)[np.repeat(np.arange(8), patch.each)]
    others = np.concatenate([(logit / 4)[:, None], np.tanh(logit)[:, None], octant], 1)
    planes = np.concatenate([_plane(patch, scale) for scale in SCALES], 1)
    inner = patch.before.numpy()[:, _INNER].astype(np.float32)
    return Children(planes, others, inner, logit, patch.bit.numpy(), kind)


def hills(seeds: tuple[int, ...], each: int) -> Iterator[Children]:
    """Of hills with every noise."""
    dice = np.random.default_rng(5)
    x, y = np.meshgrid(np.arange(SIDE), np.arange(SIDE), indexing="ij")
    for seed in seeds:
        for noise in NOISES:
            own, clean = np.random.default_rng(seed), np.full((SIDE, SIDE), 200.0)
            for _ in range(4):
                wave, turn = own.uniform(25, 90), own.uniform(0, 2 * math.pi)
                along = x * math.cos(turn) + y * math.sin(turn)
                height, shift = own.uniform(0.1, 0.5) * wave, own.uniform(0, 6)
                clean += height * np.sin(2 * math.pi * along / (6 * wave) + shift)
            voxels = np.stack([x, y, heights(clean, noise, 0.0, own)], -1).reshape(-1, 3)
            voxels -= voxels.min(0)
            cloud = TrainingCloud("hills", voxels.astype(np.int32), int(voxels.max()).bit_length())
            yield from _drawn(coded_cloud(cloud).levels[0], each, dice, f"noise {noise}")


def _drawn(level: CodedLevel, each: int, dice: np.random.Generator, kind: str) -> Iterator[Children]:
    for _ in range(each):
        patch = random_patch(level, EDGE, dice)
        if patch is not None:
            yield children_of(patch, kind)


def clouds(paths: list[Path], each: int, seed: int) -> Iterator[Children]:
    """Of coded clouds."""
    dice = np.random.default_rng(seed)
    for path in paths:
        kind = path.stem.split("_")[0] if path.stem.startswith(PEOPLE) else "objects"
        yield from _drawn(read_coded(path).levels[0], each, dice, kind)


def shares(learned: list[Children], measured: list[Children], names: tuple[str, ...]) -> dict[str, float]:
    """The share of the codec's bits that is left, by kind and of all. names: inputs besides `others`."""
    torch.manual_seed(0)

    def inputs(own: Children) -> Floats:
        return np.concatenate([own.others, *(getattr(own, name) for name in names)], 1)

    every = np.concatenate([inputs(own) for own in learned])
    mean, spread = every.mean(0), every.std(0) + 1e-3

    def given(values: Floats) -> torch.Tensor:
        return torch.from_numpy(((values - mean) / spread).clip(-6, 6).astype(np.float32))

    x = given(every)
    logit = torch.from_numpy(np.concatenate([own.logit for own in learned]))
    bit = torch.from_numpy(np.concatenate([own.bit for own in learned]))
    net = nn.Sequential(nn.Linear(x.shape[1], 96), nn.ReLU(), nn.Linear(96, 48), nn.ReLU(), nn.Linear(48, 1))
    last = net[-1]
    assert isinstance(last, nn.Linear)
    nn.init.zeros_(last.weight)
    nn.init.zeros_(last.bias)
    optimizer = torch.optim.Adam(net.parameters(), RATE)
    batches = [rows for _ in range(EPOCHS) for rows in torch.randperm(len(x)).split(BATCH)]
    for step, rows in enumerate(batches):
        for group in optimizer.param_groups:
            group["lr"] = RATE * (1 - step / len(batches)) + 2e-5
        optimizer.zero_grad()
        F.binary_cross_entropy_with_logits(logit[rows] + net(x[rows])[:, 0], bit[rows]).backward()
        optimizer.step()
    took: dict[str, list[float]] = {}
    for own in measured:
        plain, wanted = torch.from_numpy(own.logit), torch.from_numpy(own.bit)
        with torch.no_grad():
            better = plain + net(given(inputs(own)))[:, 0]
        pair = [
            F.binary_cross_entropy_with_logits(v, wanted, reduction="sum").item() for v in (better, plain)
        ]
        for kind in (own.kind, "all"):
            took[kind] = [a + b for a, b in zip(took.get(kind, [0.0, 0.0]), pair, strict=True)]
    return {kind: round(better / plain, 4) for kind, (better, plain) in took.items()}


def main() -> int:
    """Entry of the script."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--coded", type=Path, metavar="FOLDER")
    args = parser.parse_args()
    torch.set_num_threads(1)
    if args.coded:
        paths = sorted(args.coded.glob("*.npz"))
        learned = list(clouds([p for p in paths if not is_validation(p.stem, HELD)][::2], CLOUDS_EACH, 1))
        measured = list(clouds([p for p in paths if is_validation(p.stem, HELD)], 1, 2))
    else:
        learned, measured = list(hills(LEARNED, HILLS_EACH)), list(hills(MEASURED, CLOUDS_EACH + 1))
    for names in (("inner",), ("planes",), ("planes", "inner")):
        print(", ".join(names), shares(learned, measured, names), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
