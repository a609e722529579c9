"""Points that a cloud lacks: how near `upsample` and `restore` come to the cloud that there was.

    python bench/upsample.py FOLDER                 all .ply clouds there
    python bench/upsample.py FOLDER --tmc3 BINARY   also what G-PCC damages

Results go to bench/results/upsample.json; docs/benchmarks.md is made from them.
"""

from __future__ import annotations

import argparse
import importlib
import math
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from bench.measure import GPCC, clouds_in, machine, run
from bench.output import Output
from octavox import codec

completing = importlib.import_module("octavox.codec.codecs.upsampling.completing")
densifier = importlib.import_module("octavox.codec.lossy.densifying").densifier
morton_decode = importlib.import_module("octavox.codec.cloud.morton").morton_decode
JobContext = importlib.import_module("octavox.codec.job").JobContext

RATIOS = (4, 8)
SEED = 1
LEVELS = (1, 2)
# Of G-PCC: what a row is called, and the options beside those of lossless coding.
_TRISOUP = ("--trisoupQuantizationBits=2", "--planarEnabled=1")
_PLAIN = ("--trisoupCentroidResidualEnabled=0", "--trisoupFaceVertexEnabled=0")
GPCC_KINDS: dict[str, tuple[str, ...]] = {
    "octree 1/2": ("--positionQuantizationScale=0.5", "--planarEnabled=1"),
    "octree 1/4": ("--positionQuantizationScale=0.25", "--planarEnabled=1"),
    "octree 3/4": ("--positionQuantizationScale=0.75", "--planarEnabled=1"),
    "trisoup 2": (*_TRISOUP, *_PLAIN, "--trisoupNodeSizeLog2=2"),
    "trisoup 3": (*_TRISOUP, "--trisoupNodeSizeLog2=3"),
    "trisoup 4": (*_TRISOUP, "--trisoupNodeSizeLog2=4"),
}


def distances(truth: codec.VoxelCloud, other: codec.PointCloud | codec.VoxelCloud) -> dict[str, float]:
    """D1 PSNR at the peak 2^depth - 1 (the worse direction), and the sum of both mean squared distances."""
    import open3d

    clouds = []
    for coords in (truth.coords, other.coords):
        clouds.append(open3d.geometry.PointCloud(open3d.utility.Vector3dVector(coords.astype(np.float64))))
    forth, back = (
        float((np.asarray(a.compute_point_cloud_distance(b)) ** 2).mean()) for a, b in (clouds, clouds[::-1])
    )
    peak = (1 << truth.depth) - 1
    return {"psnr": 10 * math.log10(3 * peak**2 / max(forth, back)), "cd": forth + back}


def upsampled(truth: codec.VoxelCloud, ratio: int) -> dict[str, Any]:
    """A random subset of the voxels, and what `upsample` makes of it."""
    rows = np.random.default_rng(SEED).permutation(len(truth))[: round(len(truth) / ratio)]
    few = codec.VoxelCloud.from_coords(truth.coords[rows], depth=truth.depth)
    began = time.perf_counter()
    found = codec.upsample(few, ratio)
    seconds = time.perf_counter() - began
    return {
        "what": f"{ratio}x",
        "given": len(few),
        "points": len(found.cloud),
        "before": distances(truth, few),
        "after": distances(truth, found.cloud),
        "told": told(truth, few, ratio),
        "seconds": seconds,
    }


def told(truth: codec.VoxelCloud, few: codec.VoxelCloud, ratio: int) -> float:
    """The PSNR that `upsample` would reach if it knew which cells of 2^3 voxels are occupied."""
    cells = np.unique(codec.morton_encode(truth.coords, truth.depth) >> 3)
    given = codec.morton_encode(few.coords, truth.depth)
    found = completing.completed(densifier(), given, truth.depth, float(ratio), JobContext(), cells=cells)
    return distances(truth, codec.VoxelCloud.from_coords(morton_decode(found), depth=truth.depth))["psnr"]


def restored(
    truth: codec.VoxelCloud, what: str, damaged: codec.PointCloud | codec.VoxelCloud
) -> dict[str, Any]:
    """What `restore` makes of a damaged cloud."""
    began = time.perf_counter()
    found = codec.restore(damaged)
    seconds = time.perf_counter() - began
    return {
        "what": what,
        "given": len(damaged),
        "points": len(found.cloud),
        "levels": found.report.levels,
        "before": distances(truth, damaged),
        "after": distances(truth, found.cloud),
        "seconds": seconds,
    }


def middles(truth: codec.VoxelCloud, levels: int) -> codec.VoxelCloud:
    """One voxel for each cell of so many levels above: its middle, rounded up."""
    half = 1 << (levels - 1)
    return codec.VoxelCloud.from_coords((truth.coords >> levels << levels) + half, depth=truth.depth)


def by_gpcc(tmc3: str, truth: codec.VoxelCloud, options: tuple[str, ...], folder: Path) -> codec.PointCloud:
    """What G-PCC gives back of a cloud."""
    source, stream, back = (folder / name for name in ("a.ply", "a.bin", "b.ply"))
    codec.write_ply(source, codec.PointCloud(truth.coords.astype(np.float32)))
    paths = (f"--compressedStreamPath={stream}", f"--reconstructedDataPath={back}")
    run(tmc3, *GPCC, *options, f"--uncompressedDataPath={source}", *paths)
    return codec.read_cloud(back)


def measure(path: Path, tmc3: str | None) -> dict[str, Any]:
    """All rows of one cloud."""
    truth, report = codec.voxelize(codec.read_cloud(path))
    truth = codec.VoxelCloud.from_coords(truth.coords, depth=report.depth)
    ups = [upsampled(truth, ratio) for ratio in RATIOS]
    backs = [restored(truth, f"middles, {k} dropped", middles(truth, k)) for k in LEVELS]
    with tempfile.TemporaryDirectory() as name:
        for what, options in GPCC_KINDS.items() if tmc3 else ():
            damaged = by_gpcc(str(tmc3), truth, options, Path(name))
            backs.append(restored(truth, f"G-PCC {what}", damaged))
    for row in (*ups, *backs):
        before, after = row["before"]["psnr"], row["after"]["psnr"]
        print(f"{path.stem}: {row['what']}: {before:.2f} dB to {after:.2f} dB", flush=True)
    row = {"cloud": path.stem, "points": len(truth), "depth": truth.depth}
    return {**row, "upsample": ups, "restore": backs}


def main() -> int:
    """Entry of the script."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, nargs="?", help="of .ply clouds")
    parser.add_argument("--tmc3", help="G-PCC's program, for clouds that it damages")
    Output.add_to(parser)
    args = parser.parse_args()
    output, began, clouds = Output("upsample", args), machine(), clouds_in(args.folder, parser)
    codec.upsample(codec.VoxelCloud.from_coords(np.arange(30).reshape(10, 3)), 2)  # compiles
    rows = [measure(path, args.tmc3) for path in clouds]
    output.keep({"machine": began, "clouds": rows})
    output.finish()
    return 0


if __name__ == "__main__":
    sys.exit(main())
