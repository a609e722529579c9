"""This checkout against another one: bytes and times of the codecs, in alternating runs.

    python bench/against.py BASE CLOUDS [--codecs octree multiscale] [--rounds 5]

BASE is a checkout of an earlier commit (`git worktree add BASE COMMIT`). Each round runs each checkout once
for each cloud and codec, in processes of their own, the order of the two changing from round to round. Of a
process the fastest of three warm runs counts. Prints the ratio, this checkout over BASE, of the medians over
the rounds, and the median of these ratios.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.measure import ROOT, clouds_in, machine

RUNS = 3
WAYS = ("encode", "decode")
Found = dict[str, list[float]]


def once(checkout: Path, cloud: Path, codec: str, stream: Path) -> dict[str, float]:
    """Seconds of the fastest run each way, and the bytes."""
    command = [sys.executable, str(checkout / "bench" / "one.py"), str(cloud), codec, "cpu", str(RUNS)]
    done = subprocess.run([*command, str(stream)], cwd=checkout, capture_output=True, text=True, check=True)
    told = json.loads(done.stdout.splitlines()[-1])
    return {"encode": min(told["encode"]), "decode": min(told["decode"]), "bytes": stream.stat().st_size}


def compare(base: Path, cloud: Path, codec: str, rounds: int, folder: Path) -> tuple[float, float, float]:
    """Ratios of encoding time, decoding time and bytes."""
    found: dict[Path, Found] = {checkout: {way: [] for way in (*WAYS, "bytes")} for checkout in (base, ROOT)}
    for number in range(rounds):
        for checkout in (base, ROOT) if number % 2 == 0 else (ROOT, base):
            for way, value in once(checkout, cloud, codec, folder / "s.ovx").items():
                found[checkout][way].append(value)
    encode, decode, size = (
        statistics.median(found[ROOT][way]) / statistics.median(found[base][way]) for way in (*WAYS, "bytes")
    )
    return encode, decode, size


def main() -> int:
    """Entry of the script."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("base", type=Path, help="a checkout of the commit to compare with")
    parser.add_argument("clouds", type=Path, help="folder of .ply clouds")
    parser.add_argument("--codecs", nargs="+", default=["octree", "multiscale"])
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    print(json.dumps(machine()))
    rows = []
    with tempfile.TemporaryDirectory() as name:
        for cloud in clouds_in(args.clouds, parser):
            for codec in args.codecs:
                row = compare(args.base.resolve(), cloud, codec, args.rounds, Path(name))
                rows.append(row)
                numbers = "  ".join(f"{value:.4f}" for value in row)
                print(f"{cloud.stem:32}{codec:12}{numbers}", flush=True)
    medians = "  ".join(f"{statistics.median(column):.4f}" for column in zip(*rows))
    print(f"{'median (encode, decode, bytes)':44}{medians}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
