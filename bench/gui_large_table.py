"""The figures of large clouds in the window, as a table of docs/benchmarks.md."""

from __future__ import annotations

from typing import Any

LARGE = """
## Large clouds in the window

Made by `make bench-gui-large ARGS=--write` from `bench/results/gui_large.json`: a generated town as a LAS
file of point format 2, whose points stay on disk, in a window of 1280x800 drawn in software. *Closer* is the
camera at a quarter of its distance, four times. *Stalls* are the longest times between two iterations of the
event loop while the file is looked through and points are read; *held* is the longest without waiting for a
processor, *work* the most processor time that the thread itself used. Other work on the machine makes all but
*work* too long.

| |{heads}
|---|{lines}
"""


def gui_large_part(results: dict[str, Any]) -> str:
    """One column for each cloud, by its points."""
    runs = [results[key] for key in sorted(results, key=int)]
    heads = "".join(
        f" {r['points']:,} points ({r['machine']['date']}, {r['machine']['cores']} cores, "
        f"load {r['machine']['load']}) |"
        for r in runs
    )
    rows: list[tuple[str, list[str]]] = [
        ("size of the file", [f"{r['bytes'] / 1e9:.2f} GB" for r in runs]),
        ("first picture", [f"{r['first_s']:.1f} s" for r in runs]),
        ("looked through", [f"{r['looked_s']:.1f} s" for r in runs]),
        ("all points of the first view", [f"{r['read_s']:.1f} s" for r in runs]),
        ("points in the view, at most", [f"{r['budget']:,}" for r in runs]),
        ("closer: points, until they are drawn", [_closer(r["closer"]) for r in runs]),
        ("pictures per second while orbiting", [f"{r['orbit']['pictures_a_second']:.1f}" for r in runs]),
        ("most memory of the process", [f"{r['memory'] / 1e9:.2f} GB" for r in runs]),
        ("stalls: gap; held, work", [_gaps(r["stalls"]) for r in runs]),
    ]
    lines = "".join(f"\n| {name} |{''.join(f' {cell} |' for cell in cells)}" for name, cells in rows)
    return LARGE.format(heads=heads, lines=lines).replace("|---|", "|---|" + "---|" * len(runs))


def _closer(found: list[dict[str, float]]) -> str:
    return ", ".join(f"{one['points']:,.0f} in {one['seconds']:.1f} s" for one in found)


def _gaps(found: dict[str, float]) -> str:
    return f"{found['gap_ms']:.0f}; {found['held_ms']:.0f}, {found['work_ms']:.0f} ms"
