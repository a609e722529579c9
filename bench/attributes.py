"""Bits a point and time of the attribute coder on each cloud of a folder, beside G-PCC v23's bits.

    python -m bench.attributes FOLDER [--slices 2] [--only NAME] [--rounds 3]

FOLDER has colour/ and formats/; generated clouds are added. Times are seconds per million points, wall clock
and CPU, the least of the rounds; the first round compiles.
"""

from __future__ import annotations

import argparse
import importlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np

from bench.attribute_clouds import AttributeCloud, attribute_clouds
from bench.measure import machine

T = TypeVar("T")
coder = importlib.import_module(
    "octavox.codec.codecs.attributes.spatial.coder"
)  # no part of the library's API


def _timed(work: Callable[[], T], rounds: int) -> tuple[T, float, float]:
    """The result of a call, and the least wall and CPU seconds of several."""
    wall, cpu = [], []
    for _ in range(rounds):
        started, used = time.perf_counter(), time.process_time()
        result = work()
        wall.append(time.perf_counter() - started)
        cpu.append(time.process_time() - used)
    return result, min(wall), min(cpu)


def measure(cloud: AttributeCloud, slices: int, rounds: int) -> str:
    """One line of the table. Raises SystemExit where the columns do not come back."""
    n = len(cloud.cells)
    bounds = np.linspace(0, n, slices + 1).astype(np.int64)
    stream, wall, cpu = _timed(lambda: coder.encode_spatial(cloud.cells, cloud.columns, bounds), rounds)
    back, wall_back, cpu_back = _timed(
        lambda: coder.decode_spatial(cloud.cells, stream.params, stream.payloads, bounds), rounds
    )
    for a, b in zip(cloud.columns, back, strict=True):
        if a.dtype != b.dtype or not np.array_equal(a, b):
            raise SystemExit(f"{cloud.name}: not lossless")
    size = len(stream.params) + sum(map(len, stream.payloads))
    rate = 8 * size / n
    ratio = f"{rate / cloud.reference:.3f}" if cloud.reference else ""
    times = " | ".join(f"{1e6 * t / n:.2f}" for t in (wall, wall_back, cpu, cpu_back))
    return f"| {cloud.name} | {n:,} | {rate:.4f} | {cloud.reference or ''} | {ratio} | {times} |"


def main() -> None:
    """The table of all clouds."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--slices", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--only", default="")
    given = parser.parse_args()
    print(" ".join(f"{k}: {v}" for k, v in machine().items()))
    print("| cloud | points | bits a point | v23 | ratio | encode s/M | decode s/M | CPU | CPU |")
    print("|---|---|---|---|---|---|---|---|---|")
    for cloud in attribute_clouds(given.folder):
        if given.only in cloud.name:
            print(measure(cloud, given.slices, given.rounds), flush=True)


if __name__ == "__main__":
    main()
