"""What more slices cost in bytes, and save in time on a machine with that many processors.

    python bench/slices.py FOLDER                  the PLY clouds of a folder, codec multiscale
    python bench/slices.py FOLDER --device cuda    the network's trunk on a GPU

Results go to bench/results/slices.json; docs/benchmarks.md is made from them.
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

from bench.measure import ROOT, clouds_in, machine, octavox, run
from bench.output import Output

SLICES = (1, 2, 4, 8, 16)
RUNS = 3


def measure(cloud: Path, name: str, device: str, slices: int) -> dict[str, Any]:
    """One cloud in so many slices; times as bench/one.py takes them, medians."""
    with tempfile.TemporaryDirectory() as folder:
        stream = Path(folder, "c.ovx")
        words = (cloud, name, device, RUNS, stream, "normal", slices)
        told = json.loads(run(sys.executable, ROOT / "bench" / "one.py", *words).output)
        octavox("verify", cloud, stream)  # ends the benchmark if one voxel differs
        info = json.loads(octavox("info", stream, "--json").output)
        size = stream.stat().st_size
    made = sum(section["name"].startswith("slice") for section in info["sections"])
    row = {"cloud": cloud.stem, "codec": name, "device": device, "slices": made, "points": info["points"]}
    row |= {"bytes": size, "encode": median(told["encode"]), "decode": median(told["decode"])}
    print(f"{cloud.stem}, {made} slices: {size:,} bytes, {row['encode']} s, {row['decode']} s", flush=True)
    return row


def main() -> int:
    """Entry of the script."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--codec", choices=("octree", "multiscale"), default="multiscale")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    Output.add_to(parser)
    args = parser.parse_args()
    output, clouds = Output("slices", args), clouds_in(args.folder, parser)
    results: dict[str, Any] = {"machine": machine()}
    results["rows"] = [measure(c, args.codec, args.device, n) for c in clouds for n in SLICES]
    output.keep(results)
    output.finish()
    return 0


if __name__ == "__main__":
    sys.exit(main())
