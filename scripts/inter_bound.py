"""How much a frame could gain from the frame before, whatever the codec: `python scripts/inter_bound.py A B`.

A, B: two frames of a sequence on one grid of whole numbers. One half of B, split across y, is for learning,
the other for measuring. Two questions are asked, of the finest level and of the one above it:

1. A small network gets the probability that codec "multiscale" has for a child, and what lies around: the
   children before it; then also those of A, moved by the vectors of its blocks. What it takes, as a share of
   what codec "multiscale" takes. What it cannot use is not there, or takes a larger network to see.
2. The shipped inter network goes on learning on one half, with A and without: bits of each level on the other
   half, a voxel. It is the best that could come of weights made for this very sequence.

These are bounds for decisions (docs/decisions/0011-inter.md), not results: both have seen half of B.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch.nn.functional import binary_cross_entropy_with_logits

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.sequences import cloud_of
from octavox import codec
from octavox.codec.cloud.morton import distinct, morton_decode, morton_encode
from octavox.codec.codecs.geometry.inter.motion import find_motion, moved
from octavox.codec.codecs.geometry.multiscale.codec import CODEC
from octavox.codec.codecs.geometry.octree.learning import NETWORK_LEARNING
from octavox.codec.codecs.geometry.octree.levels import raster_to_coords
from octavox.codec.codecs.geometry.octree.params import table_bits_for
from octavox.codec.codecs.geometry.octree.slice_coder import (
    SliceJob,
    SliceSettings,
    TracedLevel,
    encode_slice,
)
from octavox.codec.codecs.geometry.octree.walk import DIRECT, IMPLIED, NOT_CODED
from octavox.codec.models.inter import inter_net
from octavox.codec.training.clouds import TrainingCloud
from octavox.codec.training.dequantize import inter_state
from octavox.codec.training.multiscale_task import cube_bits
from octavox.codec.training.pairs import FramePair, PairAugmentation, cut_pair, pair_batch
from octavox.resources import find

Ints = npt.NDArray[np.int64]
SURE = 6  # nat: surer children of codec "multiscale" cost nothing, and are left out
BATCH, RATE, EPOCHS = 2048, 2e-3, 3
CUBE_BITS, CUBES, PLAIN = 7, 2, 4  # of the network's batches; batches that are measured
STEP_RATE, AVERAGE = 4e-4, 0.97
LEVELS = 4
_AROUND = np.stack(np.unravel_index(np.arange(125), (5, 5, 5)), 1) - 2
_NEAR = np.flatnonzero((np.abs(_AROUND) <= 1).all(1))
_FINER = np.stack(np.unravel_index(np.arange(216), (6, 6, 6)), 1) - 2
_AUGMENTATION = PairAugmentation(thin=0, jitter=0, shift=0, coarser=(1.0, 0.0, 0.0, 0.0))


@dataclass(frozen=True)
class Frames:
    """codes: (n,) of B; reference: (m,) of A, moved onto it. depth: bits per axis."""

    codes: Ints
    reference: Ints
    depth: int

    def above(self) -> Frames:
        """Both one level coarser."""
        return Frames(distinct(self.codes >> 3), distinct(self.reference >> 3), self.depth - 1)


def frames_of(first: str, second: str) -> Frames:
    """Raises InputError."""
    coords = [np.asarray(cloud_of(Path(path)).coords) for path in (first, second)]
    if any((own < 0).any() or (own != np.rint(own)).any() for own in coords):
        raise codec.InputError("frames on a grid of whole numbers are needed")
    depth = max(int(max(own.max() for own in coords)).bit_length(), 1)
    before, now = (distinct(np.sort(morton_encode(own.astype(np.int64), depth))) for own in coords)
    return Frames(now, moved(before, find_motion(before, now), depth)[0], depth)


@dataclass(frozen=True)
class Children:
    """Children that were coded. coords: (n, 3); logit: (n,) nat, of codec "multiscale"; bit: (n,)."""

    coords: Ints
    logit: npt.NDArray[np.float64]
    bit: npt.NDArray[np.float32]


def coded_children(frames: Frames) -> Children:
    """Those of the finest level that cost anything."""
    network = CODEC.network(codec.CodecOptions())
    assert network is not None  # codec "multiscale" has one
    settings = SliceSettings(frames.depth, table_bits_for(len(frames.codes), True), NETWORK_LEARNING)
    finest = TracedLevel()
    encode_slice(frames.codes, settings, SliceJob(0, lambda *_: None, network.predictor(False), (finest,)))
    octants = np.stack(np.unravel_index(np.arange(8), (2, 2, 2)), 1)
    coords = (2 * raster_to_coords(finest.nodes.key).astype(np.int64)[:, None] + octants).reshape(-1, 3)
    trace = finest.trace.reshape(-1).astype(np.int64)
    logit = (trace >> 1) / 256
    coded = (trace != NOT_CODED) & (trace != IMPLIED) & (trace != DIRECT) & (np.abs(logit) < SURE)
    return Children(coords[coded], logit[coded], (trace[coded] & 1).astype(np.float32))


def seen(codes: Ints, depth: int, places: Ints, offsets: Ints) -> npt.NDArray[np.uint8]:
    """(n, offsets) whether these codes have the places at each offset."""
    margin = 8
    edge = (1 << depth) + 2 * margin
    grid = np.zeros(edge**3, bool)
    x, y, z = (morton_decode(codes).astype(np.int64) + margin).T
    grid[(x * edge + y) * edge + z] = True
    found = []
    for offset in offsets:
        x, y, z = (places + offset + margin).T
        found.append(grid[(x * edge + y) * edge + z])
    return np.stack(found, 1).astype(np.uint8)


def share(children: Children, inputs: npt.NDArray[np.uint8], seed: int = 0) -> float:
    """What a network takes of the second half that learned on the first, as a share of codec "multiscale"."""
    torch.manual_seed(seed)
    y = children.coords[:, 1]
    middle = np.median(y)
    logit, bit = torch.from_numpy(children.logit.astype(np.float32)), torch.from_numpy(children.bit)
    given = torch.from_numpy(inputs)
    net = torch.nn.Sequential(
        torch.nn.Linear(inputs.shape[1] + 1, 96),
        torch.nn.ReLU(),
        torch.nn.Linear(96, 48),
        torch.nn.ReLU(),
        torch.nn.Linear(48, 1),
    )
    last: Any = net[-1]
    torch.nn.init.zeros_(last.weight)
    torch.nn.init.zeros_(last.bias)
    optimizer = torch.optim.Adam(net.parameters(), lr=RATE)

    def loss(rows: torch.Tensor, reduction: str = "mean") -> torch.Tensor:
        own = net(torch.cat([given[rows].float(), logit[rows][:, None]], 1))[:, 0] + logit[rows]
        return binary_cross_entropy_with_logits(own, bit[rows], reduction=reduction)

    rng, learned = np.random.default_rng(seed), np.flatnonzero(y < middle - 4)
    steps, step = max(EPOCHS * (len(learned) // BATCH), 1), 0
    for _ in range(EPOCHS):
        rng.shuffle(learned)
        for start in range(0, len(learned) - BATCH, BATCH):
            for group in optimizer.param_groups:
                group["lr"] = RATE * (1 - step / steps) + 1e-5
            optimizer.zero_grad()
            loss(torch.from_numpy(learned[start : start + BATCH])).backward()
            optimizer.step()
            step += 1
    measured = torch.from_numpy(np.flatnonzero(y >= middle + 4))
    with torch.no_grad():
        took = sum(float(loss(rows, "sum")) for rows in measured.split(1 << 16))
    plain = binary_cross_entropy_with_logits(logit[measured], bit[measured], reduction="sum")
    return took / float(plain)


def shares(frames: Frames, finer: Frames | None) -> dict[str, float]:
    """By what is seen. finer: one level finer, where there is one."""
    children = coded_children(frames)
    places, depth = children.coords, frames.depth
    octant = np.eye(8, dtype=np.uint8)[(places & 1) @ np.array([4, 2, 1])]
    before = seen(frames.codes, depth, places, _AROUND[:62])
    there = seen(frames.reference, depth, places, _AROUND)
    alone = np.concatenate([octant, before], 1)
    found = {
        "children before it": alone,
        "and 27 of A": np.concatenate([alone, there[:, _NEAR]], 1),
        "and 125 of A": np.concatenate([alone, there], 1),
    }
    if finer is not None:
        more = seen(finer.reference, finer.depth, 2 * places, _FINER)
        found["and 6^3 voxels of A"] = np.concatenate([alone, there, more], 1)
    return {name: share(children, inputs) for name, inputs in found.items()}


def adapted(frames: Frames, with_reference: bool, steps: int) -> list[list[float]]:
    """Bits a voxel of the finest levels, coarser ones last, and of all; before and after so many steps."""
    coords, reference = morton_decode(frames.codes), morton_decode(frames.reference)
    middle = int(np.median(coords[:, 1]))

    def half(own: Any, second: bool) -> Any:
        return own[own[:, 1] >= middle + 8] if second else own[own[:, 1] < middle - 8]

    def pair(second: bool) -> FramePair:
        other = half(reference, second)
        cloud = TrainingCloud("B", half(coords, second), frames.depth)
        return FramePair(cloud, other if with_reference else other[:0])

    rng = np.random.default_rng(7)
    plain = [
        pair_batch([cut_pair(pair(True), CUBE_BITS, rng, None) for _ in range(CUBES)], CUBE_BITS)
        for _ in range(PLAIN)
    ]
    net, average = inter_net(), inter_net()
    net.load_state_dict(inter_state(find("weights/inter.safetensors"))[0])
    average.load_state_dict(net.state_dict())

    def rates() -> list[float]:
        bits, points = np.zeros(CUBE_BITS), sum(batch.points for batch in plain)
        with torch.no_grad():
            for batch in plain:
                for level, logits in zip(batch.levels, average(batch.levels), strict=True):
                    bits[level.below] += float(cube_bits([logits], [level]))
        return [*(bits[:LEVELS] / points).tolist(), float(bits.sum() / points)]

    found = [rates()]
    optimizer, learned = torch.optim.Adam(net.parameters(), lr=STEP_RATE, betas=(0.9, 0.98)), pair(False)
    for step in range(steps):
        cubes = [
            cut_pair(learned, CUBE_BITS, np.random.default_rng([3, step, k]), _AUGMENTATION)
            for k in range(CUBES)
        ]
        batch = pair_batch(cubes, CUBE_BITS)
        for group in optimizer.param_groups:
            group["lr"] = STEP_RATE * min(1, (step + 1) / 20) * (1 - 0.9 * step / steps)
        optimizer.zero_grad(set_to_none=True)
        (cube_bits(net(batch.levels), batch.levels) / batch.points).backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        kept = min(AVERAGE, (1 + step) / (10 + step))
        with torch.no_grad():
            for name, value in average.state_dict().items():
                value.lerp_(net.state_dict()[name], 1 - kept)
    return [*found, rates()]


def main() -> int:
    """Prints both bounds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("first", metavar="A")
    parser.add_argument("second", metavar="B")
    parser.add_argument("--steps", type=int, default=100, help="of learning of the inter network; 0: none")
    args = parser.parse_args()
    frames = frames_of(args.first, args.second)
    for name, own, finer in (("finest level", frames, None), ("level above it", frames.above(), frames)):
        print(f'{name}, share of codec "multiscale":')
        for what, value in shares(own, finer).items():
            print(f"  {what:<22}{value:.4f}", flush=True)
    if args.steps:
        print("inter network, bits a voxel: four finest levels, the finest first; all")
        for with_reference in (True, False):
            for steps, rates in zip(
                (0, args.steps), adapted(frames, with_reference, args.steps), strict=True
            ):
                words = f"{'with' if with_reference else 'without'} A, {steps} steps"
                print(f"  {words:<22}" + "  ".join(f"{rate:.4f}" for rate in rates), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
