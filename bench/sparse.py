"""Sparse clouds, generated: what coding isolated points directly saves in bits and time.

    python bench/sparse.py                  all clouds
    python bench/sparse.py --points 3000    smaller ones

Results go to bench/results/sparse.json; docs/benchmarks.md is made from them.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import numpy.typing as npt

from bench.measure import machine, octavox
from bench.output import Output
from bench.parts import run_variant
from octavox import codec

POINTS = 200_000
CODECS = ("octree", "multiscale")
VARIANTS = ("none", "no-direct-coding")
Voxels = npt.NDArray[np.int64]


def scattered(points: int) -> Voxels:
    """Anywhere in a cube of 2^17."""
    return np.random.default_rng(1).integers(0, 1 << 17, (points, 3))


def clusters(points: int) -> Voxels:
    """Two hundred round clouds of points, as of leaves and branches, in a cube of 2^16."""
    dice = np.random.default_rng(2)
    middle = dice.uniform(0.1, 0.9, (200, 3))[dice.integers(0, 200, points)]
    return (np.clip(middle + dice.normal(0, 0.03, (points, 3)), 0, 1) * 0xFFFF).astype(np.int64)


def scan(points: int) -> Voxels:
    """Sixty-four rings of a laser on flat ground among boxes, 2 mm steps, noise of 2 cm."""
    dice = np.random.default_rng(3)
    azimuth = np.repeat(np.linspace(0, 2 * np.pi, points // 64 + 1, endpoint=False), 64)
    azimuth += dice.normal(0, 2e-4, len(azimuth))
    elevation = np.radians(np.tile(np.linspace(2.0, -24.8, 64), points // 64 + 1))
    ray = np.stack([np.cos(elevation) * np.cos(azimuth), np.cos(elevation) * np.sin(azimuth)], 1)
    ray = np.column_stack([ray, np.sin(elevation)])
    eye = np.array([0.0, 0.0, 1.73])
    with np.errstate(divide="ignore"):
        reach = np.where(ray[:, 2] < 0, -eye[2] / ray[:, 2], np.inf)
        for _ in range(60):
            middle = dice.uniform(-60, 60, 2)
            middle[1] += np.sign(middle[1]) * 6
            size = np.append(dice.uniform(0.3, 4, 2), dice.uniform(1, 8))
            low, high = np.append(middle, 0) - size * [1, 1, 0], np.append(middle, 0) + size
            one, other = (low - eye) / ray, (high - eye) / ray
            enter, leave = np.minimum(one, other).max(1), np.maximum(one, other).min(1)
            reach = np.where((enter < leave) & (enter > 0) & (enter < reach), enter, reach)
    seen = reach < 100
    reach = reach + dice.normal(0, 0.02, len(reach))
    voxels = np.floor((eye + ray[seen] * reach[seen, None]) / 0.002).astype(np.int64)
    return np.asarray(voxels - voxels.min(0), np.int64)


def lattice(points: int) -> Voxels:
    """Anywhere on a lattice of every 16th voxel."""
    return 16 * np.random.default_rng(4).integers(0, 1 << 12, (points, 3))


def heights(points: int) -> Voxels:
    """A height at every 32nd voxel of a square."""
    side = int(points**0.5)
    x, y = np.meshgrid(np.arange(side), np.arange(side), indexing="ij")
    z = 2000 + 1500 * np.sin(x / 70) * np.cos(y / 50) + np.random.default_rng(5).normal(0, 20, x.shape)
    return np.stack([32 * x, 32 * y, z.astype(np.int64)], -1).reshape(-1, 3)


CLOUDS: tuple[Callable[[int], Voxels], ...] = (scattered, clusters, scan, lattice, heights)


def measure(variant: str, codecs: list[str], folder: Path) -> list[dict[str, Any]]:
    """Rates and times of a variant."""
    title, rows = codec.VARIANTS[variant].title, []
    with tempfile.TemporaryDirectory() as name:
        for kind in CLOUDS:
            for which in codecs:
                cloud, stream = folder / f"{kind.__name__}.ply", Path(name, "s.ovx")
                told = run_variant(variant, cloud, which, 3, stream)
                info = json.loads(octavox("info", stream, "--json").output)
                checked = octavox("verify", cloud, stream)
                row = {
                    "variant": title,
                    "cloud": kind.__name__,
                    "codec": which,
                    "points": info["points"],
                    "depth": info["depth"],
                    "bpov": 8 * stream.stat().st_size / info["points"],
                    "encode_seconds": sorted(told["encode"])[1],
                    "decode_seconds": sorted(told["decode"])[1],
                    "identical": checked.output.startswith("identical"),
                }
                print(f"{title}: {kind.__name__}, {which}: {row['bpov']:.3f} bpov", flush=True)
                rows.append(row)
    return rows


def main() -> int:
    """Entry of the script."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--points", type=int, default=POINTS, help="of each cloud, about")
    parser.add_argument("--codecs", nargs="+", default=list(CODECS), choices=list(CODECS))
    Output.add_to(parser)
    args = parser.parse_args()
    output, began = Output("sparse", args), machine()
    with tempfile.TemporaryDirectory() as name:
        for kind in CLOUDS:
            points = codec.PointCloud(kind(args.points))
            codec.write_ply(Path(name, f"{kind.__name__}.ply"), codec.voxelize(points)[0])
        rows = [row for variant in VARIANTS for row in measure(variant, args.codecs, Path(name))]
    output.keep({"machine": began, "rows": rows})
    output.finish()
    return 0 if all(row["identical"] for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
