"""Sparse clouds as a table of docs/benchmarks.md."""

from __future__ import annotations

from typing import Any

SPARSE = """## Sparse clouds

Made by `make bench-sparse` from `bench/results/sparse.json`: generated clouds (`bench/sparse.py` says how).
Each is coded twice: by default, with isolated points coded directly, and with all points coded *by contexts*.
Measured on {date}, commit {commit}, {cores} cores of {processor}, Python {python}, machine load {load} at the
start. Times are from file to file in a warm process, medians of three runs.

| cloud | points | depth | codec | bpov | by contexts | saved | s per million points | by contexts \
| identical |
|---|---|---|---|---|---|---|---|---|---|
"""


def sparse_part(results: dict[str, Any]) -> str:
    """One row for each cloud and codec."""
    first = results["rows"][0]["variant"]
    others = {(r["cloud"], r["codec"]): r for r in results["rows"] if r["variant"] != first}
    lines = []
    for row in (r for r in results["rows"] if r["variant"] == first):
        other = others[row["cloud"], row["codec"]]
        cells = [
            row["cloud"],
            f"{row['points']:,}",
            str(row["depth"]),
            row["codec"],
            f"{row['bpov']:.4f}",
            f"{other['bpov']:.4f}",
            f"{100 * (1 - row['bpov'] / other['bpov']):.2f} %",
            _pace(row),
            _pace(other),
            "yes" if row["identical"] and other["identical"] else "NO",
        ]
        lines.append(f"| {' | '.join(cells)} |\n")
    return SPARSE.format(**results["machine"]) + "".join(lines) + "\n"


def _pace(row: dict[str, Any]) -> str:
    return " / ".join(f"{1e6 * row[k] / row['points']:.2f}" for k in ("encode_seconds", "decode_seconds"))
