"""Frames that are coded with the frame before, as a table of docs/benchmarks.md."""

from __future__ import annotations

from typing import Any

SEQUENCES = """## Frames that use the frame before

Made by `make bench-sequences CLOUDS=folder` from `bench/results/sequences.json`: codec multiscale, lossless,
the frames of each sequence coded with the frame before, beside the same frames each coded alone. Measured on
{date}, commit {commit}, {cores} cores of {processor}, Python {python}, machine load {load} at the start.
Times are from points to bytes and back in a warm process; the two ways took turns, and each ratio is the
median of the ratios of {rounds} rounds. *Geometry* has the vectors of the blocks in it. *Exact*: a process
that had nothing but the sequence decoded it, and every frame was identical.

| sequence | frame | points | bytes | geometry against alone | properties against alone | all against alone \
| encode | against alone | decode | against alone | exact |
|---|---|---|---|---|---|---|---|---|---|---|---|
"""


def sequences_part(results: dict[str, Any]) -> str:
    """One row for each frame."""
    head = SEQUENCES.format(**results["machine"], rounds=results["rounds"])
    return head + "".join(map(_line, results["rows"])) + "\n"


def _line(row: dict[str, Any]) -> str:
    def against(part: str) -> str:
        return f"{row[f'after_{part}'] / row[f'alone_{part}']:.4f}" if row[f"alone_{part}"] else ""

    cells = [
        row["sequence"],
        str(row["frame"]),
        f"{row['points']:,}",
        f"{row['after_bytes']:,}",
        against("geometry"),
        against("properties"),
        against("bytes"),
        f"{row['encode_seconds']:.2f} s",
        f"{row['encode_ratio']:.2f} times",
        f"{row['decode_seconds']:.2f} s",
        f"{row['decode_ratio']:.2f} times",
        "yes" if row["exact"] else "**no**",
    ]
    return f"| {' | '.join(cells)} |\n"
