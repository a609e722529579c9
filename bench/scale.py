"""Time and memory against the number of points, on generated clouds: a hilly surface with noise.

    python bench/scale.py                      0.5, 1, 3, 10 and 20 million points
    python bench/scale.py --points 500000      other numbers

Results go to bench/results/scale.json; docs/benchmarks.md is made from them.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from bench.measure import ROOT, machine, octavox, run
from bench.output import Output
from octavox import codec

POINTS = (500_000, 1_000_000, 3_000_000, 10_000_000, 20_000_000)
CODECS = ("octree", "multiscale")
RUNS = 3


def hills(points: int) -> codec.VoxelCloud:
    """A surface over a square, one voxel a column, with waves of many lengths and noise: exactly `points`."""
    side = int(np.ceil(points**0.5))
    place = np.arange(points, dtype=np.int64)
    x, y = place // side, place % side
    height = np.zeros(points)
    for length in (37.0, 111.0, 450.0, 1900.0):
        height += length / 12 * (np.sin(x / length) + np.cos((x + 2 * y) / (1.7 * length)))
    height += np.random.default_rng(1).normal(0.0, 0.4, points)
    z = np.rint(height - height.min()).astype(np.int64)
    cloud = codec.PointCloud(np.stack([x, y, z], 1))
    return codec.voxelize(cloud)[0]


def measure(points: int, name: str) -> dict[str, Any]:
    """One size through one codec."""
    with tempfile.TemporaryDirectory() as folder:
        cloud, stream = Path(folder, "c.ply"), Path(folder, "c.ovx")
        # In a process of its own: the memory of the one that starts them counts as theirs.
        run(sys.executable, __file__, "--make", points, cloud)
        told = json.loads(
            run(sys.executable, ROOT / "bench" / "one.py", cloud, name, "cpu", RUNS, stream).output
        )
        checked = octavox("verify", cloud, stream)
        info = json.loads(octavox("info", stream, "--json").output)
        slices = [s["name"] for s in info["sections"] if s["name"].startswith("slice")]
        alone = octavox("decode", stream, "-o", Path(folder, "s.ply"), "--slice", len(slices) // 2)
    result = {
        "codec": name,
        "points": points,
        "bpov": info["bpov"],
        "slices": len(slices),
        "encode_seconds": median(told["encode"]),
        "decode_seconds": median(told["decode"]),
        "memory": told["memory"],
        "slice_seconds": round(alone.seconds, 2),
        "slice_memory": alone.memory,
        "identical": checked.output.startswith("identical"),
    }
    print(
        f"{points:,} points, {name}: {result['encode_seconds']} s, {told['memory'] / 1e6:.0f} MB", flush=True
    )
    return result


def main() -> int:
    """Entry of the script."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--points", nargs="+", type=int, default=list(POINTS), help="sizes")
    parser.add_argument("--codecs", nargs="+", default=list(CODECS), choices=list(CODECS))
    Output.add_to(parser)
    parser.add_argument("--make", nargs=2, metavar=("POINTS", "FILE"), help="only write a generated cloud")
    args = parser.parse_args()
    if args.make:
        codec.write_ply(args.make[1], hills(int(args.make[0])))
        return 0
    output, began = Output("scale", args), machine()
    rows = [measure(points, name) for points in args.points for name in args.codecs]
    output.keep({"machine": began, "rows": rows})
    output.finish()
    return 0 if all(row["identical"] for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
