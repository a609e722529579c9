"""Batches as a table of docs/benchmarks.md."""

from __future__ import annotations

from typing import Any

BATCH = """## Many small clouds

Made by `make bench-batch` from `bench/results/batch.json`: generated clouds of 2,000 to 20,000 points
(`bench/batch.py` says how), each encoded by `octavox batch encode` with one worker and with two, and by a
shell loop of `octavox encode`. Measured on {date}, commit {commit}, {cores} cores of {processor}, Python
{python}, machine load {load} at the start. Times are of whole commands: the start of Python and of the
workers is in them. The runs took turns; each ratio is the median of the ratios of the turns. Of the loop a
part of the clouds was measured, spread over all of them, and the time multiplied. *Bare*: one process, then
two that share the list, which call `encode` and nothing else: what two gain there a batch can gain at most.

| codec | colours | clouds | turns | points | bytes | one worker | two workers | two against one \
| bare, one | bare, two | bare, two against one | loop (clouds measured) | two workers against the loop |
|---|---|---|---|---|---|---|---|---|---|---|---|---|---|
"""


def batch_part(results: dict[str, Any]) -> str:
    """One row for each codec."""
    return BATCH.format(**results["machine"]) + "".join(map(_line, results["rows"])) + "\n"


def _line(row: dict[str, Any]) -> str:
    cells = [
        row["codec"],
        "yes" if row["colours"] else "no",
        f"{row['clouds']:,}",
        str(len(row["turns"])),
        f"{row['points']:,}",
        f"{row['bytes']:,}",
        f"{row['one_seconds']:.1f} s",
        f"{row['two_seconds']:.1f} s",
        f"{row['faster_on_two']:.2f} times",
        f"{row['bare_one_seconds']:.1f} s",
        f"{row['bare_two_seconds']:.1f} s",
        f"{row['bare_faster_on_two']:.2f} times",
        f"{row['loop_seconds']:.0f} s ({row['looped']:,})",
        f"{row['faster_than_loop']:.1f} times",
    ]
    return f"| {' | '.join(cells)} |\n"
