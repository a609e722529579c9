"""The figures of large clouds in the window, as a table of docs/benchmarks.md."""

from __future__ import annotations

from typing import Any

KINDS = ("las", "laz", "ovx")
LARGE = """
## Large clouds in the window

Made by `make bench-gui-large ARGS=--write` from `bench/results/gui_large.json`: a generated town as a LAS
file of point format 2, whose points stay on disk; as LAZ, which is unpacked into a temporary file while it is
looked through; and its surface in voxels as a bitstream of codec octree, decoded where one looks. The
window has 1280x800 pixels and is drawn in software. *Closer* is the camera at a quarter of its distance, four
times. *Stalls* are the longest times between two iterations of the event loop while the file is opened and
looked through and points are read; *held* is the longest without waiting for a processor, *work* the most
processor time that the thread itself used. Other work on the machine makes all but *work* too long.

| |{heads}
|---|{lines}
"""


def gui_large_part(results: dict[str, Any]) -> str:
    """One column for each file, by its kind and its points."""
    runs = sorted(results.values(), key=lambda r: (KINDS.index(r["kind"]), r["points"]))
    heads = "".join(
        f" {r['kind'].upper()}, {r['points']:,} {_what(r)} ({r['machine']['date']}, "
        f"{r['machine']['cores']} cores, load {r['machine']['load']}) |"
        for r in runs
    )
    rows: list[tuple[str, list[str]]] = [
        ("size of the file", [f"{r['bytes'] / 1e9:.2f} GB" for r in runs]),
        ("first picture", [f"{r['first_s']:.1f} s" for r in runs]),
        ("looked through", [_seconds(r["looked_s"]) for r in runs]),
        ("all points of the first view", [f"{r['read_s']:.1f} s" for r in runs]),
        ("points in the view, at most", [f"{r['budget']:,}" for r in runs]),
        ("closer: points, until they are drawn", [_closer(r["closer"]) for r in runs]),
        ("pictures per second while orbiting", [f"{r['orbit']['pictures_a_second']:.1f}" for r in runs]),
        ("most memory of the process", [f"{r['memory'] / 1e9:.2f} GB" for r in runs]),
        ("stalls: gap; held, work", [_gaps(r["stalls"]) for r in runs]),
    ]
    lines = "".join(f"\n| {name} |{''.join(f' {cell} |' for cell in cells)}" for name, cells in rows)
    return LARGE.format(heads=heads, lines=lines).replace("|---|", "|---|" + "---|" * len(runs))


def _what(run: dict[str, Any]) -> str:
    return "voxels" if run["kind"] == "ovx" else "points"


def _seconds(found: float | None) -> str:
    return "" if found is None else f"{found:.1f} s"


def _closer(found: list[dict[str, float]]) -> str:
    return ", ".join(f"{one['points']:,.0f}{_cells(one)} in {one['seconds']:.1f} s" for one in found)


def _cells(one: dict[str, float]) -> str:
    """How large the finest cells of a bitstream are."""
    return f" (cells of {one['cell']:.0f}³)" if "cell" in one else ""


def _gaps(found: dict[str, float]) -> str:
    return f"{found['gap_ms']:.0f}; {found['held_ms']:.0f}, {found['work_ms']:.0f} ms"
