"""What a machine with a GPU has to show: the same bits as its CPU, times of both, and training.

    python -m bench.gpu                                on generated clouds and the bundled sample
    python -m bench.gpu --train FOLDER --minutes 10    and trains on the clouds of FOLDER

1. Every stage of every codec is coded on the CPU; the GPU codes it again, which has to give the same stream,
   and decodes the CPU's stream, which has to give the same points (`bench.exact`). As both streams are the
   same, the CPU decodes what the GPU coded.
2. Seconds of both for the sample and for a generated surface, the two alternating in one run.
3. Training on the GPU, on from the checkpoint of the run or from the shipped weights. With the weights that
   it ends with, CPU and GPU have to give the same stream of the sample, and each decodes the other's.

Exit code 0: all is well; 1: something differs or failed; 3: there is no GPU, and nothing was checked.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from bench import exact
from bench.measure import ROOT, machine, octavox, run, write_results
from octavox import codec

RESULTS = ROOT / "bench" / "results" / "gpu.json"
WEIGHTS = ROOT / "resources" / "weights" / "multiscale.safetensors"
SAMPLE = ROOT / "resources" / "samples" / "spot_vox8.ply"
NO_GPU = 3
GPU = "cuda"
# codec and slices; codec "octree" runs no network
TIMED = (("multiscale", 1), ("multiscale", 16), ("voxeldnn", 1))
ROUNDS, POINTS = 3, 500_000
LEARNING_RATE, STEPS = 4e-4, 20_000


def missing() -> str:
    """Why no GPU can be used here; empty where one can."""
    try:
        codec.encode(codec.PointCloud(np.zeros((1, 3), np.int32)), options=codec.CodecOptions(device=GPU))
    except codec.InputError as error:
        return str(error)
    return ""


def parity(device: str, codecs: list[str], clouds: int, small: bool = False) -> tuple[int, list[str]]:
    """How many comparisons of `bench.exact` there were on this device, and what differed.

    clouds: random ones besides. small: two stages alone.
    """
    words = ["--sets", exact.HERE, "--devices", device, "--threads", "1", "2"]
    words += ["--small"] if small else ["--sample"]
    with tempfile.TemporaryDirectory() as name:
        target = Path(name, "exact.json")
        options = [*words, "--codecs", *codecs, "--clouds", clouds, "--results", target]
        done = subprocess.run(
            [sys.executable, "-m", "bench.exact", *map(str, options)], cwd=ROOT, text=True, check=False
        )
        if not target.exists():
            return 0, [f"bench.exact ended with exit code {done.returncode} and no results"]
        found = json.loads(target.read_text())["found"]
    rows = [row for own in found.values() for row in own]
    return sum(row["compared"] for row in rows), [words for row in rows for words in row["differences"]]


def seconds(cloud: Path, name: str, slices: int, device: str, folder: Path) -> dict[str, float]:
    """The quicker of two warm runs, in a process of its own."""
    words = (cloud, name, device, 2, folder / "s.ovx", "normal", slices)
    told = json.loads(run(sys.executable, ROOT / "bench" / "one.py", *words).output)
    return {what: min(told[what]) for what in ("encode", "decode")}


def times(cloud: Path, name: str, slices: int, device: str, rounds: int) -> dict[str, Any]:
    """The smallest seconds of the CPU and of a device, which take turns."""
    best: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(rounds):
            for label, own in (("cpu", "cpu"), ("gpu", device)):
                found = seconds(cloud, name, slices, own, Path(folder))
                kept = best.setdefault(label, found)
                best[label] = {what: min(value, kept[what]) for what, value in found.items()}
    ratios = {what: round(best["gpu"][what] / best["cpu"][what], 3) for what in ("encode", "decode")}
    words = ", ".join(f"{what} {ratio:.2f}" for what, ratio in ratios.items())
    print(f"{cloud.stem}, {name}, slices: {slices}; time of the GPU over the CPU's: {words}", flush=True)
    return {"cloud": cloud.stem, "codec": name, "slices": slices, **best, "ratios": ratios}


def figures(device: str, points: int, rounds: int) -> list[dict[str, Any]]:
    """Times of the sample and of a generated surface."""
    with tempfile.TemporaryDirectory() as folder:
        hills = Path(folder, f"hills_{points}.ply")
        run(sys.executable, ROOT / "bench" / "scale.py", "--make", points, hills)
        return [times(c, name, n, device, rounds) for c in (SAMPLE, hills) for name, n in TIMED]


def training(folder: Path, out: Path, minutes: float, device: str) -> list[dict[str, Any]]:
    """Trains codec "multiscale" on from the checkpoint in `out`, or from the shipped weights; the log."""
    words: list[object] = ["train", folder, "--network", "multiscale", "-o", out, "--device", device]
    words += ["--steps", STEPS, "--learning-rate", LEARNING_RATE, "--minutes", minutes, "--workers", 4]
    if not (out / "checkpoint.pt").exists():
        words += ["--start", WEIGHTS]
    octavox(*words)
    return [json.loads(line) for line in (out / "log.jsonl").read_text().splitlines()]


def same_with(weights: Path, device: str, cloud: Path = SAMPLE) -> list[str]:
    """What differs between the CPU and a device with these weights."""
    streams, wrong = {}, []
    with tempfile.TemporaryDirectory() as name:
        for own, other in ((device, "cpu"), ("cpu", device)):
            stream = Path(name, f"{own}.ovx")
            octavox("encode", cloud, "-o", stream, "--weights", weights, "--device", own)
            streams[own] = stream.read_bytes()
            octavox("decode", stream, "-o", Path(name, "b.ply"), "--weights", weights, "--device", other)
            options = codec.CodecOptions(weights=str(weights), device=other)
            if not codec.verify(cloud, stream, options=options).identical:
                wrong.append(f"another cloud comes back, coded on {own}, decoded on {other}")
    return wrong + ["another stream on the GPU"] * (streams[device] != streams["cpu"])


def main(argv: list[str] | None = None) -> int:
    """See the module."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--codecs", nargs="+", choices=exact.CODECS, default=list(exact.CODECS))
    parser.add_argument("--clouds", type=int, default=50, help="random clouds besides (default: %(default)s)")
    parser.add_argument("--points", type=int, default=POINTS, help="of the generated surface")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="of the times")
    parser.add_argument("--train", type=Path, metavar="FOLDER", help="clouds to learn from")
    parser.add_argument("--run", type=Path, default=ROOT / "runs" / "gpu", help="folder of the checkpoint")
    parser.add_argument("--minutes", type=float, default=10.0, help="of training")
    parser.add_argument("--write", action="store_true", help=f"keep it in {RESULTS.relative_to(ROOT)}")
    args = parser.parse_args(argv)
    if reason := missing():
        print(f"No GPU: {reason}. Nothing was checked.", file=sys.stderr)
        return NO_GPU
    compared, wrong = parity(GPU, args.codecs, args.clouds)
    print(f"CPU and GPU: {compared} comparisons, {len(wrong)} differences", flush=True)
    results: dict[str, Any] = {"machine": machine(), "compared": compared, "differences": wrong}
    results["times"] = figures(GPU, args.points, args.rounds)
    if args.train:
        results["training"] = training(args.train, args.run, args.minutes, GPU)
        wrong += same_with(args.run / "multiscale.safetensors", GPU)
    else:
        print("No training: give --train FOLDER")
    if args.write:
        write_results(RESULTS, results)
    for words in wrong[:50]:
        print(words)
    print(f"{len(wrong)} differences" if wrong else "The GPU gives what the CPU gives.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
