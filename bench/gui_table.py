"""The window's figures as a table of docs/benchmarks.md."""

from __future__ import annotations

from typing import Any

GUI = """
## The window

Made by `make bench-gui ARGS=--write` from `bench/results/gui.json`: software OpenGL on a virtual display of
1280x800, a generated surface (voxeldnn: the sample), jobs in the order of the rows, each run three times (a
video once).

- *gaps*: for each run, the longest time between two iterations of the GUI thread's event loop.
- *held*: the longest gap without the time for which the thread waited for a processor, as the scheduler
  reports it; median of the runs.
- *work*: the most processor time that the thread itself used in one gap; median of the runs.

Other work on the machine makes everything but *work* too long.

| | target |{heads}
|---|---|{lines}
"""


def gui_part(results: dict[str, Any]) -> str:
    """One column for each cloud, by its points."""
    runs = [results[key] for key in sorted(results, key=int)]
    heads = "".join(
        f" {r['orbit']['points']:,} points ({r['machine']['date']}, {r['machine']['cores']} cores, "
        f"load {r['machine']['load']}) |"
        for r in runs
    )
    rows: list[tuple[str, str, list[str]]] = [
        ("window painted", "1.5 s", [f"{r['start_s']:.2f} s" for r in runs]),
        ("first points of a PLY", "1.5 s for 1 M", [f"{r['open']['first_points_s']:.2f} s" for r in runs]),
        ("all points", "", [f"{r['open']['all_points_s']:.2f} s" for r in runs]),
        (
            "pictures per second while orbiting",
            "20",
            [f"{r['orbit']['pictures_a_second']:.1f}" for r in runs],
        ),
        (
            "four views of such a cloud each: pictures per second; gap; held, work",
            "50 ms",
            [_four(r.get("four")) for r in runs],
        ),
        ("memory with the cloud open", "", [f"{r['memory'] / 1e6:,.0f} MB" for r in runs]),
        ("100,000 blocks, sort", "100 ms", [f"{r['table']['sort_ms']:.0f} ms" for r in runs]),
        ("100,000 blocks, filter", "100 ms", [f"{r['table']['filter_ms']:.0f} ms" for r in runs]),
    ]
    for key in dict.fromkeys(key for r in runs for key in r.get("jobs", {})):
        rows.append((f"{key}: gaps; held, work", "50 ms", [_gaps(r.get("jobs", {}).get(key)) for r in runs]))
    ends = [f"{r['cancel_s']:.2f} s" if "cancel_s" in r else "" for r in runs]
    rows.append(("cancel to idle, longest of five", "0.5 s", ends))
    lines = "".join(f"\n| {name} | {target} | {' | '.join(cells)} |" for name, target, cells in rows)
    return GUI.format(heads=heads, lines="---|" * len(runs) + lines)


def _four(found: dict[str, Any] | None) -> str:
    if found is None:
        return ""
    orbit = found["orbit"]
    longest = f"{orbit['gap_ms']:.0f} ms; {orbit['held_ms']:.0f}, {orbit['longest_work_ms']:.0f} ms"
    return f"{orbit['pictures_a_second']:.1f}; {longest}"


def _gaps(job: dict[str, Any] | None) -> str:
    if job is None:
        return ""
    gaps = ", ".join(f"{gap:.0f}" for gap in job["gaps_ms"])
    return f"{gaps} ms; {job['held_ms']:.0f}, {job['work_ms']:.0f} ms"
