"""The floor of clouds whose noise is known: what remains of their bits when the clean surface is given.

    python bench/floor.py --tmc3 PATH

A cloud is a height for each (x, y) of a square: the nearest whole number to a smooth surface plus Gaussian
noise. The noise of a row is independent (0), or each value keeps a share of the one before (a Gauss-Markov
chain). Given the surface, the entropy of a row is -log2 of its probability on average: for independent noise
a sum over heights, for a chain it is found with a particle filter (Monte Carlo). No coder of the cloud alone
can take fewer bits on average, as it does not know the surface. For independent noise the same is found of
the finest level alone, given all others.
"""

from __future__ import annotations

import argparse
import math
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import numpy.typing as npt

from bench.measure import gpcc_bytes
from bench.teacher_data import codec_bits, coded_cloud
from octavox import codec
from octavox.codec.training.clouds import TrainingCloud

Floats = npt.NDArray[np.float64]

SIDE = 256
PARTICLES = 200
SPAN = 4.5  # noises from the surface within which heights are counted
NOISES = ((0.0, 0.0), (0.25, 0.0), (0.5, 0.0), (0.7, 0.0), (0.5, 0.8), (0.7, 0.9))

_normal = np.vectorize(lambda x: 0.5 * math.erfc(-x / math.sqrt(2)))


def surface() -> Floats:
    """(SIDE, SIDE) heights of smooth hills, as steep as bodies are on average."""
    x, y = np.meshgrid(np.arange(SIDE), np.arange(SIDE), indexing="ij")
    return np.asarray(
        SIDE / 2 + 40 * np.sin(x / 41 + 0.3) * np.cos(y / 57) + 18 * np.sin((x + 2 * y) / 53), np.float64
    )


def heights(clean: Floats, noise: float, kept: float, dice: np.random.Generator) -> npt.NDArray[np.int64]:
    """Whole heights with noise. kept: of the noise of the value before in its row."""
    value, rows = dice.normal(0, 1, SIDE), []
    for column in range(SIDE):
        if column:
            value = kept * value + math.sqrt(1 - kept**2) * dice.normal(0, 1, SIDE)
        rows.append(np.rint(clean[:, column] + noise * value))
    return np.stack(rows, 1).astype(np.int64)


def _interval(clean: Floats, found: npt.NDArray[np.int64], mean: Floats, spread: float) -> Floats:
    """Probability of a height, where heights have this mean noise and spread."""
    low, high = found - 0.5 - clean - mean, found + 0.5 - clean - mean
    return np.asarray(_normal(high / spread) - _normal(low / spread), np.float64)


def floor_bits(
    clean: Floats, found: npt.NDArray[np.int64], noise: float, kept: float, dice: np.random.Generator
) -> float:
    """-log2 of the heights' probability, given the clean surface, a point."""
    if noise == 0:
        return 0.0
    if kept == 0:
        return float(-np.mean(np.log2(_interval(clean, found, np.zeros_like(clean), noise))))
    total, spread = 0.0, noise * math.sqrt(1 - kept**2)
    particles = np.zeros((SIDE, PARTICLES))
    for column in range(SIDE):
        here, own = clean[:, column, None], found[:, column, None]
        step = noise if column == 0 else spread
        weight = _interval(here, own, kept * particles if column else particles, step)
        total -= float(np.sum(np.log2(weight.mean(1))))
        # The particles are drawn anew by weight, then moved within the interval that the height leaves.
        place = np.cumsum(weight, 1) / weight.sum(1, keepdims=True)
        drawn = (dice.random((SIDE, 1)) + np.arange(PARTICLES)) / PARTICLES
        chosen = np.stack([np.searchsorted(row, at) for row, at in zip(place, drawn, strict=True)])
        chosen = np.minimum(chosen, PARTICLES - 1)
        mean = np.take_along_axis(kept * particles if column else particles, chosen, 1)
        low, high = own - 0.5 - here, own + 0.5 - here
        particles = _truncated(mean, step, low, high, dice)
    return total / SIDE**2


def finest_floor(clean: Floats, noise: float, low: int) -> float:
    """What remains of the finest level's bits when the clean surface and all coarser levels are given, a
    point, for independent noise; low: the height that becomes 0.

    Columns lie in squares of 2 by 2, which the nodes above the voxels cover. The level above says which
    halves of heights occur in a square, so the bits of the finest level are those of the four heights
    without those of this set.
    """
    if noise == 0:
        return 0.0
    first = np.rint(clean - SPAN * noise).astype(np.int64)
    steps = first[..., None] + np.arange(int(2 * SPAN * noise) + 2)
    chance = _interval(clean[..., None], steps, np.zeros((1, 1, 1)), noise)
    chance /= chance.sum(-1, keepdims=True)
    total = float(-(chance * np.log2(np.maximum(chance, 1e-300))).sum())
    half = (steps - low) >> 1
    for i in range(0, SIDE, 2):
        squares = [(slice(i + a, i + a + 1), slice(b, SIDE, 2)) for a in (0, 1) for b in (0, 1)]
        total -= _bits_of_sets([half[at][0] for at in squares], [chance[at][0] for at in squares])
    return total / SIDE**2


def _bits_of_sets(halves: list[npt.NDArray[np.int64]], chances: list[Floats]) -> float:
    """Entropy of the sets of four independent values, each with (n, k) values and chances; summed over n."""
    low = np.minimum.reduce([h.min(1) for h in halves])[:, None]
    masks, chance = np.int64(1) << (halves[0] - low), chances[0]
    for half, own in zip(halves[1:], chances[1:], strict=True):
        masks = (masks[:, :, None] | (np.int64(1) << (half - low))[:, None]).reshape(len(low), -1)
        chance = (chance[:, :, None] * own[:, None]).reshape(len(low), -1)
    order = np.argsort(masks, 1)
    masks, chance = np.take_along_axis(masks, order, 1), np.take_along_axis(chance, order, 1)
    new = np.ones(masks.shape, bool)
    new[:, 1:] = masks[:, 1:] != masks[:, :-1]
    sums = np.add.reduceat(chance.reshape(-1), np.flatnonzero(new.reshape(-1)))
    sums = sums[sums > 0]
    return float(-(sums * np.log2(sums)).sum())


def _truncated(mean: Floats, spread: float, low: Floats, high: Floats, dice: np.random.Generator) -> Floats:
    """Gaussian values within an interval, by cutting steps of 1/64 of it."""
    grid = np.linspace(0, 1, 65)[1:] - 1 / 128
    values = low[..., None] + (high - low)[..., None] * grid
    density = np.exp(-0.5 * ((values - mean[..., None]) / spread) ** 2) + 1e-300
    place = np.cumsum(density, -1)
    pick = (place < place[..., -1:] * dice.random(mean.shape)[..., None]).sum(-1)
    jitter = (dice.random(mean.shape) - 0.5) / 64
    return np.asarray(low + (high - low) * (grid[np.minimum(pick, 63)] + jitter), np.float64)


def main() -> int:
    """Entry of the script."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tmc3", help="G-PCC test model, to measure it beside")
    args = parser.parse_args()
    heads = ["noise, share kept", "floor", "octree", "multiscale", "finest level: floor", "multiscale"]
    print(" | ".join(heads + ["G-PCC"] * bool(args.tmc3)))
    clean = surface()
    x, y = np.meshgrid(np.arange(SIDE), np.arange(SIDE), indexing="ij")
    for noise, kept in NOISES:
        dice = np.random.default_rng(7)
        found = heights(clean, noise, kept, dice)
        coords = np.stack([x, y, found], -1).reshape(-1, 3)
        cloud = codec.voxelize(codec.PointCloud(coords - coords.min(0)))[0]
        cells = [floor_bits(clean, found, noise, kept, dice)]
        for name in ("octree", "multiscale"):
            data = codec.encode(cloud, options=codec.CodecOptions(codec=name)).data
            cells.append(8 * len(data) / len(cloud))
        finest = coded_cloud(TrainingCloud("hills", np.asarray(cloud.coords), cloud.depth)).levels[0]
        cells.append(math.nan if kept else finest_floor(clean, noise, int(found.min())))
        cells.append(codec_bits(finest) / len(cloud))
        if args.tmc3:
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder, "cloud.ply")
                codec.write_ply(path, codec.PointCloud(np.asarray(cloud.coords, np.float32)))
                cells.append(8 * gpcc_bytes(args.tmc3, path, Path(folder)) / len(cloud))
        print(" | ".join([f"{noise}, {kept}", *(f"{cell:.3f}" for cell in cells)]), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
