"""Point clouds from plain text: XYZ, XYZRGB and PTS."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from octavox.codec.cloud.cloud import PointCloud
from octavox.codec.errors import InputError
from octavox.codec.files.reading import read_bytes
from octavox.codec.job import JobContext

Rows = list[tuple[int, str]]  # line number from 1, text


def read_text(path: Path, job: JobContext) -> PointCloud:
    """A cloud from lines of numbers: x y z, then what the file's suffix says.

    .xyz: further columns are not read. .xyzrgb: red green blue in 0 to 1. .pts: the number of points on the
    first line, then x y z, x y z i, x y z r g b, or x y z i r g b, with colours in 0 to 255.
    Lines beginning with # are comments. Raises InputError naming the line.
    """
    data = read_bytes(path)
    job.check()
    try:
        text = data.decode("ascii")
    except UnicodeDecodeError as error:
        raise InputError("a byte that is not ASCII in a text file", path=path, byte=error.start) from error
    rows = [
        (n, line) for n, line in enumerate(text.splitlines(), 1) if line.strip() and line.strip()[0] != "#"
    ]
    suffix = path.suffix.lower()
    if suffix == ".pts":
        rows = _counted(rows, path)
    table = _table(rows, path)
    _check(table, rows, path)
    positions, further = table[:, :3], table.shape[1] - 3
    colors, names = None, [f"column {k + 4}" for k in range(further)]
    if suffix == ".xyzrgb" and further >= 3:
        colors, names[:3] = _bytes(table[:, 3:6] * 255.0), ["red", "green", "blue"]
    elif suffix == ".pts" and further in (3, 4):
        colors, names[-3:] = _bytes(table[:, -3:]), ["red", "green", "blue"]
    with np.errstate(over="ignore"):
        single = np.array_equal(positions.astype(np.float32).astype(np.float64), positions)
    return PointCloud(
        positions=np.ascontiguousarray(positions),
        colors=colors,
        coordinate_type="float" if single else "double",
        properties=tuple(names),
        source=str(path),
    )


def _counted(rows: Rows, path: Path) -> Rows:
    """The rows after the first, which must hold their number."""
    first = rows[0][1].split() if rows else []
    if len(first) != 1 or not first[0].isdigit():
        raise InputError("the first line is not the number of points", path=path, field="count")
    if int(first[0]) != len(rows) - 1:
        raise InputError(
            f"truncated: line {rows[0][0]} declares {int(first[0]):,} points, {len(rows) - 1:,} follow",
            path=path,
            field="count",
        )
    return rows[1:]


def _table(rows: Rows, path: Path) -> npt.NDArray[np.float64]:
    """(N, K) numbers, K at least 3, as many in each line."""
    if not rows:
        return np.zeros((0, 3))
    try:
        table = np.loadtxt([line for _, line in rows], np.float64, comments=None, ndmin=2)
    except ValueError:
        raise _fault(rows, path) from None
    if table.shape[1] < 3:
        raise _fault(rows, path)
    return np.asarray(table, np.float64)


def _fault(rows: Rows, path: Path) -> InputError:
    """Names the first line that is not like the others."""
    width = max(len(rows[0][1].split()), 3)
    for number, line in rows:
        words = line.split()
        if len(words) != width:
            return InputError(f"line {number} has {len(words)} values instead of {width}", path=path)
        for word in words:
            try:
                float(word)
            except ValueError:
                return InputError(f"line {number}: '{word[:40]}' is not a number", path=path)
    return InputError("the text is not a table of numbers", path=path)


def _check(table: npt.NDArray[np.float64], rows: Rows, path: Path) -> None:
    finite = np.isfinite(table[:, :3])
    if not finite.all():
        k = int(np.argmin(finite.all(axis=1)))
        axis = int(np.argmin(finite[k]))
        raise InputError(
            f"vertex {k} has a coordinate that is not a finite number: {table[k, axis]} (line {rows[k][0]})",
            path=path,
            field=f"vertex.{'xyz'[axis]}",
        )


def _bytes(values: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    return np.asarray(np.clip(np.rint(np.nan_to_num(values)), 0, 255), np.uint8)
