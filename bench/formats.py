"""Reads the point clouds of folders, writes them back and compares every record.

    python bench/formats.py FOLDER...
    python bench/formats.py FOLDER... --write     also into bench/results/formats.json, for docs/formats.md

Files packed by xz are unpacked first. Prints a table: points and columns, seconds to read and to write,
whether every coordinate, column, element and comment came back bit for bit, and whether the file itself did.
"""

from __future__ import annotations

import argparse
import lzma
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from bench.measure import machine
from bench.output import Output
from octavox.codec import InputError, PointCloud, ReadOptions, WriteOptions, read_cloud, write_cloud

HEAD = "file | points | columns | read s | write s | records | bytes"
MESHES = (".obj", ".off")  # whose vertices are the points here
COPY = {".stl": ".ply", ".glb": ".ply", ".gltf": ".ply"}  # formats that are read alone


def clouds(folders: list[str]) -> Iterator[Path]:
    """The files of folders that are read."""
    for folder in folders:
        for path in sorted(Path(folder).iterdir()):
            name = path.name.removesuffix(".xz")
            if path.is_file() and Path(name).suffix.lower() not in ("", ".md", ".py", ".json"):
                yield path


def arrays_of(column: Any) -> list[np.ndarray]:
    """The arrays of a column; two for one of lists."""
    return [column] if isinstance(column, np.ndarray) else [column.lengths, column.values]


def differences(a: PointCloud, b: PointCloud) -> list[str]:
    """Names of what two clouds do not have in common, bit for bit."""
    found = (
        []
        if a.coords.dtype == b.coords.dtype and a.coords.tobytes() == b.coords.tobytes()
        else ["coordinates"]
    )
    found += ["scale"] if (a.scale, a.offset) != (b.scale, b.offset) else []
    found += ["comments"] if a.info.comments != b.info.comments else []
    tables = [("", a.attributes, b.attributes)]
    found += ["elements"] if [e.name for e in a.info.elements] != [e.name for e in b.info.elements] else []
    tables += [(f"{x.name}.", x.columns, y.columns) for x, y in zip(a.info.elements, b.info.elements)]
    for prefix, ours, theirs in tables:
        found += [f"{prefix}{name}" for name in ours.keys() ^ theirs.keys()]
        for name in ours.keys() & theirs.keys():
            pairs = list(zip(arrays_of(ours[name]), arrays_of(theirs[name])))
            if any(x.dtype != y.dtype or x.tobytes() != y.tobytes() for x, y in pairs):
                found.append(f"{prefix}{name}")
    return found


def row(path: Path, folder: Path) -> tuple[list[str], bool]:
    """The row of a file, and whether its records came back."""
    plain = path
    if path.suffix == ".xz":
        plain = folder / path.name.removesuffix(".xz")
        plain.write_bytes(lzma.decompress(path.read_bytes()))
    suffix = plain.suffix.lower()
    options = ReadOptions(mesh="vertices") if suffix in (*MESHES, *COPY) else ReadOptions()
    started = time.perf_counter()
    cloud = read_cloud(plain, options=options)
    read = time.perf_counter() - started
    target = folder / f"back{COPY.get(suffix, suffix)}"
    with plain.open("rb") as file:
        head = file.read(1 << 14)
    started = time.perf_counter()
    form = WriteOptions(
        ascii=b"format ascii" in head or b"DATA ascii" in head, compressed=b"_compressed" in head
    )
    lost = write_cloud(target, cloud, options=form)
    written = time.perf_counter() - started
    changed = [*lost, *differences(cloud, read_cloud(target))]
    same = target.stat().st_size == plain.stat().st_size and target.read_bytes() == plain.read_bytes()
    numbers = [f"{len(cloud):,}", str(len(cloud.attributes)), f"{read:.2f}", f"{written:.2f}"]
    return [plain.name, *numbers, ", ".join(changed) or "equal", "equal" if same else "differ"], not changed


def main() -> int:
    """Entry of the script; 1 where a record did not come back."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folders", nargs="+", metavar="FOLDER")
    Output.add_to(parser)
    args = parser.parse_args()
    sound, rows = True, []
    print(f"| {HEAD} |\n|{'---|' * len(HEAD.split('|'))}")
    for path in clouds(args.folders):
        with tempfile.TemporaryDirectory() as folder:
            try:
                cells, same = row(path, Path(folder))
            except InputError as error:
                cells, same = [path.name, error.reason, *[""] * 5], False
        sound = sound and same
        rows.append(cells)
        print(f"| {' | '.join(cells)} |", flush=True)
    Output("formats", args).keep({"machine": machine(), "head": HEAD.split(" | "), "rows": rows})
    return 0 if sound else 1


if __name__ == "__main__":
    sys.exit(main())
