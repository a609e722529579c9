"""Interpolated frames as a table of docs/benchmarks.md."""

from __future__ import annotations

from typing import Any

INTERPOLATE = """## Interpolated frames

Made by `make bench-interpolate CLOUDS=folder` from `bench/results/interpolate.json`. Measured on {date},
commit {commit}, {cores} cores of {processor}, Python {python}, machine load {load} at the start (above 0.5
the times are too long).

Each frame that has one before (A) and one after it (B) is made from these two by `octavox interpolate`, at
0.5. The figures are D1 PSNR in dB against the true frame, peak 2^depth - 1, the worse direction. *A*, *B*:
one of them repeated. *union*: the voxels of both, thinned evenly to the number of points. *A moved*: by half
of the motion. *motion*: both moved, the voxels that both have and others, thinned evenly. *interpolate*: the
same, the others chosen by the network. *way*: of a voxel from A to B, the mean, in voxels. *both*: share of
the points to which both frames move. *s*: of one call in a warm process. `motion` and `testmotion` are
generated bodies, with a capture noise that is new in each frame and different in each motion; the network was
not trained on them. The noise of the true frame cannot be known, which bounds what any method reaches.

| frame | points | A | B | union | A moved | motion | interpolate | gain | way | both | s |
|---|---|---|---|---|---|---|---|---|---|---|---|
"""


def interpolate_part(results: dict[str, Any]) -> str:
    """A row for each frame, and their means."""
    rows = results["frames"]
    return INTERPOLATE.format(**results["machine"]) + "".join(map(_line, rows)) + _means(rows) + "\n"


def _line(row: dict[str, Any]) -> str:
    cells = [
        row["frame"],
        f"{row['points']:,}",
        *(f"{row[k]:.2f}" for k in ("a", "b", "union", "moved_a", "moved", "found")),
        f"{row['found'] - max(row['a'], row['b']):.2f}",
        f"{row['motion']:.1f}",
        f"{100 * row['shared'] / row['count']:.0f} %",
        f"{row['seconds']:.1f}",
    ]
    return f"| {' | '.join(cells)} |\n"


def _means(rows: list[dict[str, Any]]) -> str:
    columns = ("a", "b", "union", "moved_a", "moved", "found")
    means = [sum(row[k] for row in rows) / len(rows) for k in columns]
    gain = sum(row["found"] - max(row["a"], row["b"]) for row in rows) / len(rows)
    return f"| **mean** | | {' | '.join(f'{m:.2f}' for m in means)} | {gain:.2f} | | | |\n"
