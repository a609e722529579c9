"""Frames that are coded with the frame before, beside the same frames each coded alone.

    python bench/sequences.py FOLDER              clouds of one name with _f00, _f01, ... before their suffix
    python bench/sequences.py FOLDER --rounds 5   times of more rounds

Both ways take turns in one process, so that other work on the machine falls on both. A process of its own
decodes the sequence, and its frames are compared with the clouds.
"""

from __future__ import annotations

import argparse
import importlib
import io
import json
import lzma
import re
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from bench.measure import machine, octavox
from bench.output import Output
from octavox import codec

NAME = re.compile(r"(.+)_f(\d+)(_vox\d+)?\.(ply|vox)(\.xz)?")
GROUP = 16
GEOMETRY, REST = ("geometry", "motion"), ("header", "container")


def sequences_in(folder: Path) -> dict[str, list[Path]]:
    """The files of each sequence, in the order of their frames."""
    found: dict[str, list[tuple[int, Path]]] = defaultdict(list)
    for path in folder.iterdir():
        if match := NAME.fullmatch(path.name):
            found[match[1]].append((int(match[2]), path))
    return {name: [path for _, path in sorted(frames)] for name, frames in sorted(found.items())}


def cloud_of(path: Path) -> codec.PointCloud:
    """A frame, which may be packed by xz."""
    if path.name.endswith(".vox.xz"):
        clouds: Any = importlib.import_module("octavox.codec.training.clouds")
        return codec.PointCloud(clouds.read_training_cloud(path).coords)
    if path.suffix != ".xz":
        return codec.read_cloud(path)
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder, path.stem)
        plain.write_bytes(lzma.decompress(path.read_bytes()))
        return codec.read_cloud(plain)


def coded(clouds: list[codec.PointCloud], group: int) -> tuple[bytes, list[dict[str, Any]]]:
    """A sequence, and what each frame took: bytes by component, seconds to encode and to decode."""
    file, frames = io.BytesIO(), []
    with codec.SequenceWriter(file, group=group) as writer:
        for cloud in clouds:
            started = time.perf_counter()
            report = writer.append(cloud).report
            frames.append({"encode": time.perf_counter() - started, "bytes": dict(report.components)})
    with codec.open(file.getvalue()) as sequence:
        for number, frame in enumerate(frames):
            started = time.perf_counter()
            sequence[number]
            frame["decode"] = time.perf_counter() - started
    return file.getvalue(), frames


def is_exact(clouds: list[codec.PointCloud], stream: bytes) -> bool:
    """Whether another process gets the clouds of the stream alone."""
    with tempfile.TemporaryDirectory() as name:
        Path(name, "only.ovx").write_bytes(stream)
        octavox("decode", "only.ovx", "-o", "back_%04d.ply", cwd=Path(name))
        backs = [codec.read_cloud(path) for path in sorted(Path(name).glob("back_*.ply"))]
    pairs = zip(clouds, backs, strict=True)
    return all(np.array_equal(records_of(cloud), records_of(back)) for cloud, back in pairs)


def records_of(cloud: codec.PointCloud) -> np.ndarray[Any, Any]:
    """(N, 3 + C) coordinates and properties, in an order that does not depend on that of the points."""
    columns = [np.asarray(cloud.attributes[name]) for name in sorted(cloud.attributes)]
    found = np.column_stack([cloud.coords, *columns]).astype(np.float64)
    return found[np.lexsort(found.T)]


def measure(name: str, clouds: list[codec.PointCloud], rounds: int) -> list[dict[str, Any]]:
    """One row for each frame that has a frame before."""
    coded(clouds[:2], 1), coded(clouds[:2], GROUP)  # compiles
    turns = [(coded(clouds, 1), coded(clouds, GROUP)) for _ in range(rounds)]
    (_, alone), (stream, after) = turns[0]
    exact, rows = is_exact(clouds, stream), []
    for k in range(1, len(clouds)):
        row: dict[str, Any] = {"sequence": name, "frame": k, "points": len(clouds[k]), "exact": exact}
        for way, frames in (("alone", alone), ("after", after)):
            sizes = frames[k]["bytes"]
            row[f"{way}_bytes"] = sum(sizes.values())
            row[f"{way}_geometry"] = sum(sizes.get(part, 0) for part in GEOMETRY)
            row[f"{way}_properties"] = sum(
                size for part, size in sizes.items() if part not in GEOMETRY + REST
            )
        for work in ("encode", "decode"):
            row[f"{work}_seconds"] = median(b[1][k][work] for _, b in turns)
            row[f"{work}_ratio"] = median(b[1][k][work] / a[1][k][work] for a, b in turns)
        print(json.dumps(row), flush=True)
        rows.append(row)
    return rows


def main() -> int:
    """Entry of the script."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="clouds of sequences")
    parser.add_argument("--rounds", type=int, default=3)
    Output.add_to(parser)
    args = parser.parse_args()
    if not (found := sequences_in(args.folder)):
        parser.error("a folder with clouds such as walk_f00.ply, walk_f01.ply is needed")
    output, began, rows = Output("sequences", args), machine(), []
    for name, paths in found.items():
        rows += measure(name, [cloud_of(path) for path in paths], args.rounds)
    output.keep({"machine": began, "rounds": args.rounds, "rows": rows})
    output.finish()
    return 0


if __name__ == "__main__":
    sys.exit(main())
