"""The costs of slices as a table of docs/benchmarks.md."""

from __future__ import annotations

from typing import Any

SLICES = """## Slices

Made by `make bench-slices CLOUDS=folder` from `bench/results/slices.json`: codec {codec} on {device},
`--slices N`, which up to N processors code in parallel. Measured on {date}, commit {commit}, on **{cores}
cores** of {processor}, so {cores} slices at most are coded at the same time. Times are from file to file in a
warm process, medians of three runs; every decoded cloud was identical.

| cloud | points | slices | bytes | more | encode | decode | s per million points |
|---|---|---|---|---|---|---|---|
"""


def slices_part(results: dict[str, Any]) -> str:
    """One row for each cloud and number of slices."""
    rows, lines = results["rows"], []
    least: dict[str, int] = {}
    for row in rows:
        base = least.setdefault(row["cloud"], row["bytes"])
        more = 100 * (row["bytes"] / base - 1)
        seconds = [row["encode"], row["decode"]]
        pace = " / ".join(f"{1e6 * value / row['points']:.2f}" for value in seconds)
        cells = [row["cloud"], f"{row['points']:,}", str(row["slices"]), f"{row['bytes']:,}", f"{more:.1f} %"]
        lines.append("| " + " | ".join([*cells, *(f"{value:.2f} s" for value in seconds), pace]) + " |\n")
    return SLICES.format(**results["machine"], **{k: rows[0][k] for k in ("codec", "device")}) + "".join(
        [*lines, "\n"]
    )
