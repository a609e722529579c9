"""Many small clouds: a batch on one and on two workers, beside a shell loop of `octavox encode`.

    python bench/batch.py                  200 generated clouds of 2,000 to 20,000 points
    python bench/batch.py --clouds 20      fewer

Beside them the same work by bare processes, which share the list and know nothing of one another: what two
of them gain against one is what a second core of this machine can give at most.

All runs are in turns, each in a process of its own, so that other work on the machine falls on all of them.
Results go to bench/results/batch.json; docs/benchmarks.md is made from them.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from itertools import product
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from bench.measure import ROOT, machine, octavox
from bench.output import Output
from octavox import codec

BARE = """
import sys
from pathlib import Path
from octavox import codec
part, parts, source, target, which = sys.argv[1:]
options = codec.CodecOptions(codec=which, threads=1)
for file in sorted(Path(source).glob("*.ply"))[int(part) :: int(parts)]:
    Path(target, file.stem).write_bytes(codec.encode(file, options=options).data)
"""
CLOUDS, LEAST, MOST = 200, 2_000, 20_000
NUMBERS = ("one", "two")
LOOP = 20  # clouds of the loop that are measured in each turn


def make_clouds(folder: Path, count: int, colours: bool) -> list[Path]:
    """Bumpy spheres on a lattice, of LEAST to MOST points, each number as likely as the others.

    colours: with smooth colours and some noise in them.
    """
    files = []
    for k in range(count):
        dice = np.random.default_rng(k)
        points = int(dice.integers(LEAST, MOST + 1))
        ray = dice.normal(size=(points, 3))
        ray /= np.linalg.norm(ray, axis=1)[:, None]
        bumps = 1 + 0.1 * np.sin(7 * ray[:, :1] + k) * np.cos(5 * ray[:, 1:2])
        files.append(folder / f"cloud{k:03d}.ply")
        cloud = codec.PointCloud(np.round(ray * bumps * 200).astype(np.int16))
        if colours:
            shades = 128 + 90 * ray * bumps + dice.normal(0, 4, (points, 3))
            channels = np.clip(shades, 0, 255).astype(np.uint8).T
            cloud = codec.PointCloud(
                cloud.coords, attributes=dict(zip(("red", "green", "blue"), channels, strict=True))
            )
        codec.write_cloud(files[-1], cloud)
    return files


def batch_seconds(folder: Path, workers: int, which: str) -> tuple[float, dict[str, Any]]:
    """Wall seconds of a whole batch, the start of Python and of the workers included, and its report."""
    with tempfile.TemporaryDirectory() as target:
        words = ("batch", "encode", folder, "-o", target, "--codec", which, "--workers", workers, "--json")
        done = octavox(*words)
        report: dict[str, Any] = json.loads(done.output[done.output.index("{") :])
        for row in report["rows"][::10]:
            stream = Path(target, row["target"]).read_bytes()
            assert codec.verify(row["input"], stream).identical
        return done.seconds, report


def bare_seconds(folder: Path, count: int, which: str) -> float:
    """Wall seconds of so many processes that share the clouds, without any scheduler."""
    with tempfile.TemporaryDirectory() as target:
        started = time.perf_counter()
        running = [
            subprocess.Popen(
                [sys.executable, "-c", BARE, str(part), str(count), str(folder), target, which], cwd=ROOT
            )
            for part in range(count)
        ]
        if max(process.wait() for process in running):
            raise RuntimeError("a process failed")
        return time.perf_counter() - started


def loop_seconds(files: list[Path], which: str) -> float:
    """Wall seconds of one call of the command line for each file, one after the other."""
    with tempfile.TemporaryDirectory() as target:
        return sum(
            octavox("encode", file, "-o", Path(target, f"{file.stem}.ovx"), "--codec", which, "-q").seconds
            for file in files
        )


def measure(
    count: int, rounds: int, kind: tuple[str, bool], before: list[dict[str, float]]
) -> dict[str, Any]:
    """Times of the batch and of the loop, in turns, after those that were measured before."""
    which, colours = kind
    codec.prepare([which])
    turns = list(before)
    with tempfile.TemporaryDirectory() as name:
        files = make_clouds(Path(name), count, colours)
        part = files[:: max(1, count // LOOP)]
        for _ in range(rounds):
            one, _ = batch_seconds(Path(name), 1, which)
            two, report = batch_seconds(Path(name), 2, which)
            loop = loop_seconds(part, which) * count / len(part)
            bare = {
                f"bare_{words}": bare_seconds(Path(name), k + 1, which) for k, words in enumerate(NUMBERS)
            }
            turns.append({"one": one, "two": two, "loop": loop, **bare})
            words = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in turns[-1].items())
            print(f"{which}, colours {colours}: {words}", flush=True)
        rows = report["rows"]
        return {
            "codec": which,
            "colours": colours,
            "clouds": count,
            "points": sum(row["points"] for row in rows),
            "bytes": sum(row["bytes"] for row in rows),
            "failed": report["failed"],
            "looped": len(part),
            "turns": turns,
            **{f"{name}_seconds": median(turn[name] for turn in turns) for name in turns[0]},
            "faster_on_two": median(turn["one"] / turn["two"] for turn in turns),
            "bare_faster_on_two": median(turn["bare_one"] / turn["bare_two"] for turn in turns),
            "faster_than_loop": median(turn["loop"] / turn["two"] for turn in turns),
        }


def main() -> int:
    """Entry of the script."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--clouds", type=int, default=CLOUDS)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--codecs", nargs="+", default=["multiscale"])
    parser.add_argument("--add", action="store_true", help="add turns to the last results")
    Output.add_to(parser)
    args = parser.parse_args()
    output = Output("batch", args)
    began, known = machine(), {}
    if args.add and (last := output.last()) is not None:
        began = last["machine"]
        known = {(row["codec"], row["colours"]): row for row in last["rows"]}
    for kind in product(args.codecs, (False, True)):
        before = known[kind]["turns"] if kind in known else []
        known[kind] = measure(args.clouds, args.rounds, kind, before)
    output.keep({"machine": began, "rows": list(known.values())})
    output.finish()
    return 0


if __name__ == "__main__":
    sys.exit(main())
