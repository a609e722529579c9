"""Coder "rows" on scan files in the order of their records: `python -m bench.rows FILE ...`.

Prints for each file bits a point, whole and by column, what LAZ (lazrs) and `xz -9e` take for the file, and
the processor's seconds for a million rows each way.
"""

from __future__ import annotations

import importlib
import io
import lzma
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from octavox.codec import read_cloud

Array = npt.NDArray[Any]
# No parts of the library's API.
CODER = importlib.import_module("octavox.codec.codecs.attributes.rows.coder").CODER
Layout = importlib.import_module("octavox.codec.codecs.attributes.interface").Layout
JobContext = importlib.import_module("octavox.codec.job").JobContext
axis_columns = importlib.import_module("octavox.codec.cloud.records").axis_columns

PART_ROWS = 1 << 18


def named_columns(path: Path) -> dict[str, Array]:
    """The columns of a file, coordinates first, one number wide."""
    cloud = read_cloud(str(path))
    found = dict(zip("xyz", axis_columns(cloud), strict=True))
    for name, column in cloud.attributes.items():
        values = np.asarray(getattr(column, "values", column))
        for k, part in enumerate(np.atleast_2d(values.T)):
            found[name if values.ndim == 1 else f"{name}.{k}"] = np.ascontiguousarray(part)
    return found


def laz_bytes(path: Path) -> int | None:
    """The size of a LAS file as LAZ; None for other files."""
    if path.suffix not in (".las", ".laz"):
        return None
    laspy = importlib.import_module("laspy")
    read = laspy.read(path)
    plain = laspy.LasData(laspy.LasHeader(point_format=read.header.point_format, version=read.header.version))
    plain.header.scales, plain.header.offsets = read.header.scales, read.header.offsets
    plain.points = read.points
    out = io.BytesIO()
    plain.write(out, do_compress=True)
    return len(out.getvalue())


def measure(path: Path) -> str:
    """One line of the table, and one of columns."""
    columns = named_columns(path)
    rows = len(columns["x"])
    parts = max(round(rows / PART_ROWS), 1)
    layout = Layout(np.empty((0, 3), np.int32), np.linspace(0, rows, parts + 1).astype(np.int64), 1)
    given = list(columns.values())
    start = time.process_time()
    coded = CODER.encode(given, layout, JobContext())
    middle = time.process_time()
    types = [column.dtype for column in given]
    found = CODER.decode(coded.params, coded.payloads, types, layout, JobContext()).columns
    end = time.process_time()
    if any(a.tobytes() != b.tobytes() for a, b in zip(given, found, strict=True)):
        raise SystemExit(f"{path}: not what went in")
    size = len(coded.params) + sum(map(len, coded.payloads))
    laz = laz_bytes(path)
    others = f"xz {len(lzma.compress(path.read_bytes(), preset=9 | lzma.PRESET_EXTREME)):,}"
    others += "" if laz is None else f", LAZ {laz:,} ({8 * laz / rows:.2f}), ratio {size / laz:.3f}"
    speed = f"{(middle - start) * 1e6 / rows:.1f} and {(end - middle) * 1e6 / rows:.1f} s a million rows"
    by_column = ", ".join(f"{n} {b / rows:.2f}" for n, b in zip(columns, coded.bits) if b)
    return (
        f"{path.name}: {size:,} bytes, {8 * size / rows:.2f} bits a point; {others}; {speed}\n  {by_column}"
    )


def main() -> None:
    """Measures each file, after a first run that compiles."""
    paths = [Path(name) for name in sys.argv[1:]]
    small: list[Array] = [np.arange(64, dtype=np.int32) ** 2, np.arange(64, dtype=np.uint8) % 3]
    layout = Layout(np.empty((0, 3), np.int32), np.array([0, 64], np.int64), 1)
    made = CODER.encode(small, layout, JobContext())
    CODER.decode(made.params, made.payloads, [c.dtype for c in small], layout, JobContext())
    for path in paths:
        print(measure(path))


if __name__ == "__main__":
    main()
