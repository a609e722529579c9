"""Clouds to plain text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

import numpy as np

from octavox.codec.cloud.cloud import COLOURS, PointCloud
from octavox.codec.cloud.columns import Array, Column, ListColumn
from octavox.codec.job import JobContext

from .registry import WriteOptions
from .tables import AXES
from .text_rows import has_payload, text_rows


@dataclass(frozen=True)
class TextExtra:
    """What only text knows: what separated the values, and whether the columns had names."""

    delimiter: str = " "
    header: bool = False


def write_text_file(
    file: BinaryIO, cloud: PointCloud, job: JobContext, options: WriteOptions
) -> tuple[str, ...]:
    """Writes a point a line, so that each number comes back as it was.

    .csv: a header line, commas. .xyz, .txt, .asc: blanks; columns beyond x, y, z are named in a comment.
    .xyzrgb: x y z and shares of 1 for red green blue. .pts: the number of points, x y z, intensity, red green
    blue. Returns the names of what has no place; types are never kept.
    """
    suffix = options.suffix or ".xyz"
    lost = [f"element {e.name}" for e in cloud.info.elements if e.count]
    columns = _columns(cloud, lost)
    separator = "," if suffix == ".csv" else " "
    if suffix == ".pts":
        columns = _pts(columns, lost)
        file.write(b"%d\n" % len(cloud))
    elif suffix == ".xyzrgb":
        columns = _xyzrgb(cloud, columns, lost)
    else:
        file.write(_head(cloud, columns, separator, suffix))
    if suffix in (".pts", ".xyzrgb") and cloud.info.comments:
        lost.append("comments")
    lost += [f"bits of NaN in {name}" for name, c in columns.items() if has_payload(c)]
    for part in job.parts(len(cloud), 1 << 12):
        file.write(text_rows([c[part] for c in columns.values()], separator))
    return tuple(lost)


def _head(cloud: PointCloud, columns: dict[str, Array], separator: str, suffix: str) -> bytes:
    lines = [b"#" + comment.replace(b"\n", b" ").rstrip() for comment in cloud.info.comments]
    names = separator.join("_".join(name.replace(",", " ").split()) for name in columns)
    if suffix == ".csv":
        lines.append(names.encode("utf-8", "surrogateescape"))
    elif len(columns) > len(AXES) or cloud.info.comments:
        lines.append(b"# " + names.encode("utf-8", "surrogateescape"))
    return b"".join(line + b"\n" for line in lines)


def _columns(cloud: PointCloud, lost: list[str]) -> dict[str, Array]:
    """Columns of one number each; names of others go to `lost`."""
    positions = cloud.positions
    columns = {axis: positions[:, k] for k, axis in enumerate(AXES)}
    if cloud.axis_types is not None and not cloud.scaled:
        columns = {a: c.astype(t) for (a, c), t in zip(columns.items(), cloud.axis_types, strict=True)}
    for name, column in cloud.attributes.items():
        parts = _parts(name, column)
        if not parts or any(key in columns for key in parts):
            lost.append(name)
        else:
            columns |= parts
    return columns


def _parts(name: str, column: Column) -> dict[str, Array]:
    if isinstance(column, ListColumn):
        return {}
    if column.ndim == 1:
        return {name: column.astype(np.uint8) if column.dtype.kind == "b" else column}
    return {f"{name}_{k}": column[:, k] for k in range(column.shape[1])}


def _pts(columns: dict[str, Array], lost: list[str]) -> dict[str, Array]:
    names = [*AXES]
    if "intensity" in columns:
        names.append("intensity")
    if all(c in columns for c in COLOURS[:3]):
        names += COLOURS[:3]
    lost += [name for name in columns if name not in names]
    return {name: columns[name] for name in names}


def _xyzrgb(cloud: PointCloud, columns: dict[str, Array], lost: list[str]) -> dict[str, Array]:
    found = {axis: columns[axis] for axis in AXES}
    shares = [columns.get(name) for name in COLOURS[:3]]
    lost += [name for name in columns if name not in (*AXES, *COLOURS[:3])]
    colors = cloud.colors
    for k, (name, share) in enumerate(zip(COLOURS, shares)):
        if share is None or share.dtype.kind == "f":
            found[name] = np.zeros(len(cloud)) if share is None else share
        else:
            found[name] = np.asarray(colors)[:, k] / 255.0
            if share.dtype != np.uint8:
                lost.append(name)
    return found
