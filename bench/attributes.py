"""Bits a point and time of the coder of attributes on each cloud of a folder, beside what others take.

    python -m bench.attributes FOLDER [--slices 2] [--only NAME] [--rounds 3] [-o FOLDER | --write]

FOLDER has colour/, formats/ and sequences/; generated clouds are added. Times are seconds per million points,
wall clock and CPU, the least of the rounds. --write writes
bench/results/attributes.json and docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import importlib
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from bench.attribute_clouds import COLOURS, AttributeCloud, attribute_clouds
from bench.attributes_table import ATTRIBUTES, line
from bench.measure import machine
from bench.output import Output
from bench.rivals import draco_bytes, xz_bytes, zstd_bytes
from octavox import codec

T = TypeVar("T")
# No parts of the library's API.
coder = importlib.import_module("octavox.codec.codecs.attributes.spatial.coder")
bounded = importlib.import_module("octavox.codec.codecs.attributes.spatial.codec").CODER
Layout = importlib.import_module("octavox.codec.codecs.attributes.interface").Layout
JobContext = importlib.import_module("octavox.codec.job").JobContext
color_loss = importlib.import_module("octavox.codec.color_loss").color_loss
BOUNDS = (1, 2, 4, 8)  # of colours


def _timed(work: Callable[[], T], rounds: int) -> tuple[T, float, float]:
    """The result of a call, and the least wall and CPU seconds of several."""
    wall, cpu = [], []
    for _ in range(rounds):
        started, used = time.perf_counter(), time.process_time()
        result = work()
        wall.append(time.perf_counter() - started)
        cpu.append(time.process_time() - used)
    return result, min(wall), min(cpu)


def growth(cloud: AttributeCloud, size_of: Callable[[codec.PointCloud], int | None]) -> float | None:
    """Bits a point by which a file of another format grows if the values are in it."""
    if not cloud.names:
        return None
    cells = cloud.cells.astype(np.int32)
    sizes = [
        size_of(codec.PointCloud(cells, attributes=columns))
        for columns in ({}, dict(zip(cloud.names, cloud.columns, strict=True)))
    ]
    return None if None in sizes else 8 * (sizes[1] - sizes[0]) / len(cells)  # type: ignore[operator]


def laz_size(cloud: codec.PointCloud) -> int | None:
    """Bytes of a LAZ file; None where it does not keep the properties."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.laz")
        lost = codec.write_cloud(path, cloud)
        return None if lost else path.stat().st_size


def draco_size(cloud: codec.PointCloud) -> int | None:
    """Bytes of Draco; None where colours are not of 8 bits."""
    if any(column.dtype != np.uint8 for column in cloud.attributes.values()):  # type: ignore[union-attr]
        return None
    return draco_bytes(cloud)


def within(cloud: AttributeCloud) -> dict[str, dict[str, float]]:
    """Rate and PSNR of Y of 8-bit colours by how far each component may be off."""
    if cloud.names != COLOURS or any(column.dtype != np.uint8 for column in cloud.columns):
        return {}
    layout, found = Layout(cloud.cells, np.array([0, len(cloud.cells)], np.int64), 1), {}
    for bound in BOUNDS:
        coded = bounded.encode_within(cloud.columns, [bound] * 3, layout, JobContext())
        types = [column.dtype for column in cloud.columns]
        back = bounded.decode(coded.params, coded.payloads, types, layout, JobContext()).columns
        loss = color_loss(cloud.columns, back, bound)
        if loss.largest > bound:
            raise SystemExit(f"{cloud.name}: off by {loss.largest}, not by at most {bound}")
        rate = 8 * (len(coded.params) + sum(map(len, coded.payloads))) / len(cloud.cells)
        found[str(bound)] = {"rate": rate, "psnr": loss.psnr_y or float("inf")}
    return found


def measure(cloud: AttributeCloud, slices: int, rounds: int) -> dict[str, Any]:
    """One row of the table. Raises SystemExit where the columns do not come back."""
    n = len(cloud.cells)
    bounds = np.linspace(0, n, slices + 1).astype(np.int64)
    few = [column[:500] for column in cloud.columns]  # loads what is compiled
    coder.encode_spatial(cloud.cells[:500], few, [0, 500])
    stream, wall, cpu = _timed(lambda: coder.encode_spatial(cloud.cells, cloud.columns, bounds), rounds)
    back, wall_back, cpu_back = _timed(
        lambda: coder.decode_spatial(cloud.cells, stream.params, stream.payloads, bounds), rounds
    )
    for a, b in zip(cloud.columns, back.columns, strict=True):
        if a.dtype != b.dtype or not np.array_equal(a, b):
            raise SystemExit(f"{cloud.name}: not lossless")
    raw = b"".join(np.ascontiguousarray(column).tobytes() for column in cloud.columns)
    seconds = {"encode": wall, "decode": wall_back, "encode_cpu": cpu, "decode_cpu": cpu_back}
    return {
        "cloud": cloud.name,
        "points": n,
        "rate": 8 * (len(stream.params) + sum(map(len, stream.payloads))) / n,
        "gpcc": cloud.reference,
        "laz": growth(cloud, laz_size),
        "draco": growth(cloud, draco_size),
        "xz": 8 * xz_bytes(raw) / n,
        "zstd": 8 * zstd_bytes(raw) / n,
        "within": within(cloud),
        **{name: 1e6 * value / n for name, value in seconds.items()},
    }


def main() -> None:
    """The table of all clouds."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--slices", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--only", default="")
    Output.add_to(parser)
    given = parser.parse_args()
    output = Output("attributes", given)
    found: dict[str, Any] = {"machine": machine(), "slices": given.slices, "rounds": given.rounds, "rows": []}
    print(ATTRIBUTES.format(**found["machine"], slices=given.slices, rounds=given.rounds), end="")
    for cloud in attribute_clouds(given.folder):
        if given.only in cloud.name:
            found["rows"].append(measure(cloud, given.slices, given.rounds))
            print(line(found["rows"][-1]), end="", flush=True)
            output.keep(found)
    output.finish()


if __name__ == "__main__":
    main()
