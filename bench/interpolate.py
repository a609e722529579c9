"""Frames between two frames: how near `interpolate` comes to the frame that there was.

    python bench/interpolate.py FOLDER     all .ply frames there, called NAME_fNUMBER...

Each frame that has one before and one after it is made from these two.
"""

from __future__ import annotations

import argparse
import importlib
import re
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from bench.measure import clouds_in, machine
from bench.output import Output
from bench.upsample import distances
from octavox import codec

between = importlib.import_module("octavox.codec.codecs.upsampling.between")
densifier = importlib.import_module("octavox.codec.lossy.densifying").densifier
morton_decode = importlib.import_module("octavox.codec.cloud.morton").morton_decode
JobContext = importlib.import_module("octavox.codec.job").JobContext

_FRAME = re.compile(r"(.*_f)(\d+)(.*)")


def triples(paths: list[Path]) -> list[tuple[Path, Path, Path]]:
    """Three frames in a row each, of all sequences."""
    named = {}
    for path in paths:
        if match := _FRAME.fullmatch(path.stem):
            named[match[1], match[3], int(match[2])] = path
    found = []
    for (start, end, number), path in sorted(named.items()):
        around = [named.get((start, end, number + step)) for step in (-1, 1)]
        if around[0] and around[1]:
            found.append((around[0], path, around[1]))
    return found


def voxels(path: Path, depth: int | None = None) -> codec.VoxelCloud:
    """A frame of integers on the grid of its sequence."""
    return codec.VoxelCloud.from_coords(codec.read_cloud(path).coords.astype(np.int64), depth=depth)


def thinned(codes: np.ndarray, first: np.ndarray, wanted: int) -> np.ndarray:
    """The first codes, and others evenly along Morton order, until there are so many."""
    rest = np.setdiff1d(codes, first)
    count = max(min(wanted - len(first), len(rest)), 0)
    return np.sort(np.concatenate([first, rest[np.arange(count) * len(rest) // max(count, 1)]]))


def measure(before: Path, path: Path, after: Path) -> dict[str, Any]:
    """One row: D1 of what stands for the frame."""
    depth = max(voxels(p).depth for p in (before, path, after))
    a, truth, b = (voxels(p, depth) for p in (before, path, after))
    wanted = (len(a) + len(b) + 1) // 2
    codes = [codec.morton_encode(frame.coords, depth) for frame in (a, b)]

    def psnr(found: np.ndarray) -> float:
        cloud = codec.VoxelCloud.from_coords(morton_decode(found), depth=depth)
        return distances(truth, cloud)["psnr"]

    job, half = JobContext(), between.share_of(0.5)
    began = time.perf_counter()  # what `interpolate` does, in steps
    motion = between.find_motion(*codes, job, None)
    found = between.between(*codes, motion, half, depth, densifier, job, None)
    seconds = time.perf_counter() - began
    one, other = (
        between.moved(own, vectors, half, depth)[0]
        for own, vectors in zip(codes, (motion.there, motion.back))
    )
    row = {
        "frame": path.stem,
        "points": len(truth),
        "a": distances(truth, a)["psnr"],
        "b": distances(truth, b)["psnr"],
        "union": psnr(thinned(np.union1d(*codes), np.empty(0, np.int64), wanted)),
        "moved_a": psnr(one),
        "moved": psnr(thinned(np.union1d(one, other), np.intersect1d(one, other), wanted)),
        "found": psnr(found.codes),
        "count": len(found.codes),
        "shared": found.shared,
        "motion": float(np.sqrt(((motion.there / 256) ** 2).sum(axis=1)).mean()),
        "seconds": seconds,
    }
    print({k: round(v, 2) if isinstance(v, float) else v for k, v in row.items()}, flush=True)
    return row


def main() -> int:
    """Entry of the script."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="of .ply frames")
    Output.add_to(parser)
    args = parser.parse_args()
    output, began, frames = Output("interpolate", args), machine(), triples(clouds_in(args.folder, parser))
    if not frames:
        parser.error("no three frames in a row there: NAME_f00.ply, NAME_f01.ply, NAME_f02.ply")
    warm = np.arange(60).reshape(20, 3)
    a, b = (codec.VoxelCloud.from_coords(c) for c in (warm, warm[:19] * 2))
    codec.interpolate(a, b)  # compiles
    output.keep({"machine": began, "frames": [measure(*three) for three in frames]})
    output.finish()
    return 0


if __name__ == "__main__":
    sys.exit(main())
