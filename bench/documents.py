"""What the benchmarks write: tables and pictures, made from their results only."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bench.attributes_table import attributes_part
from bench.batch_table import batch_part
from bench.files_table import files_part
from bench.gui_large_table import gui_large_part
from bench.gui_table import gui_part
from bench.interpolate_table import interpolate_part
from bench.measure import ROOT, references
from bench.rd_table import rd_part
from bench.sequences_table import sequences_part
from bench.slices_table import slices_part
from bench.sparse_table import sparse_part
from bench.upsample_table import upsample_part

RESULTS = ROOT / "bench" / "results"
DOCUMENT = ROOT / "docs" / "benchmarks.md"
SIZES = (64, 32, 16, 8)

CODECS = """## All codecs

Made by `make bench CLOUDS=folder` from `bench/results/codecs.json`. Measured on {date}, commit {commit},
{cores} cores of {processor}, Python {python}, machine load {load} at the start (above 0.5 the times are too
long).

- *bpov*: bits of the whole file, divided by the points of the input. *of v12*, *of v23*: that rate divided by
  the rate of G-PCC (TMC13, octree, lossless, the better of planar on and off; in rows of its own with planar
  on).
- *encode*, *decode*: from file to file in a warm process, reading and writing included; median of 5 runs
  (voxeldnn: one run, only clouds of up to {slow_points:,} points; "high": `--effort high`, one run).
- *memory*: the peak of that process.
- *start*: imports, loading weights, and loading compiled code from the cache, once per process.
- *identical*: a process that had nothing but the bitstream decoded it, and the voxels were equal.

A row that names a commit was measured at that commit and kept (`--keep`).

| cloud | points | codec | device | bytes | bpov | of v12 | of v23 | encode | decode | s per million points \
| start | memory | identical |
|---|---|---|---|---|---|---|---|---|---|---|---|---|---|
"""
SCALE = """## Time and memory by size

Made by `make bench-scale` from `bench/results/scale.json`: generated clouds, a hilly surface with noise.
Measured on {date}, commit {commit}, {cores} cores of {processor}, Python {python}, machine load {load} at the
start. Times are from file to file in a warm process, reading and writing included, medians of three runs.
Memory is the peak of that process, which encodes and decodes. *A slice alone*: `octavox decode --slice K`, in
a process of its own.

| points | codec | bpov | slices | encode | decode | s per million points | memory | MB per million points \
| a slice alone | its memory | identical |
|---|---|---|---|---|---|---|---|---|---|---|---|
"""
CODECS_PICTURE = """
![Rate against time](images/rate-time.png)

"""
PARTS = """## What each part is worth

Made by `make bench-parts CLOUDS=folder` from `bench/results/parts.json`: each row changes one part of a codec
(`codec/codecs/variants.py`) and leaves the rest as it is. Measured on {date}, commit {commit}, {cores} cores
of {processor}, Python {python}. A cell has the bits per occupied voxel of the whole file, and the change
against the first row. The load of the machine changes no byte.

"""
INTRODUCTION = """## The paper's Table 1

Made by `make bench-paper CLOUDS=folder` from `bench/results/paper.json`. Measured on {date}, commit
{commit}, {cores} cores of {processor}, Python {python}.

Bits of the whole file, header included, divided by the points of the input, and the gain over G-PCC (TMC13
v12, octree, lossless, the better of planar on and off).

"""
PAPER_ROWS = """

The paper's own rows. {note}

**The clouds differ**: the paper's are captured people and are not freely available; G-PCC v12 spends
0.95 to 1.23 bpov on them. Anyone who has them can run the same command.

"""
TIMES = """

### Blocks by size (the paper's Figure 4)

![Share of points by block size](images/block-sizes.png)

### Time and memory

Whole processes, reading and writing included, with compiled code in the cache. Machine load {load} at the
start, from other work; above 0.5 the times are too long.

| cloud | points | encode, 64 alone | encode, four levels | decode | memory, encode | memory, decode | \
flags and tree | identical |
|---|---|---|---|---|---|---|---|---|
"""


def codecs_part(results: dict[str, Any]) -> str:
    """All codecs on all clouds."""
    lines = [CODECS.format(**results["machine"])]
    for cloud in results["clouds"]:
        for row in cloud["rows"]:
            lines.append(_codec_line(cloud, row))
        if "tmc3" in cloud:
            lines.append(_tmc3_line(cloud))
    return "".join(lines) + CODECS_PICTURE


def _share(rate: float, reference: float | None) -> str:
    return "" if reference is None else f"{rate / reference:.3f}"


def _variant(row: dict[str, Any]) -> str:
    return str(row["codec"]) + ("" if row.get("effort", "normal") == "normal" else f", {row['effort']}")


def _codec_line(cloud: dict[str, Any], row: dict[str, Any]) -> str:
    per_million = [1e6 * row[k] / cloud["points"] for k in ("encode_seconds", "decode_seconds")]
    cells = [
        cloud["cloud"],
        f"{cloud['points']:,}",
        _variant(row) + (f" ({row['measured']['commit']})" if "measured" in row else ""),
        row["device"],
        f"{row['bytes']:,}",
        f"{row['bpov']:.4f}",
        _share(row["bpov"], cloud["gpcc_v12"]),
        _share(row["bpov"], cloud["gpcc_v23"]),
        f"{row['encode_seconds']:.2f} s",
        f"{row['decode_seconds']:.2f} s",
        f"{per_million[0]:.2f} / {per_million[1]:.2f}",
        f"{row['start_seconds']:.2f} s",
        f"{row['memory'] / 1e6:.0f} MB",
        "yes" if row["identical"] else "NO",
    ]
    return f"| {' | '.join(cells)} |\n"


def _tmc3_line(cloud: dict[str, Any]) -> str:
    row = cloud["tmc3"]
    rate = 8 * row["bytes"] / cloud["points"]
    times = f"{row['encode_seconds']:.2f} s | {row['decode_seconds']:.2f} s"
    return f"| {cloud['cloud']} | | G-PCC | cpu | {row['bytes']:,} | {rate:.4f} | | | {times} | | | | |\n"


def scale_part(results: dict[str, Any]) -> str:
    """Time and memory against the number of points."""
    return SCALE.format(**results["machine"]) + "".join(map(_scale_line, results["rows"])) + "\n"


def _scale_line(row: dict[str, Any]) -> str:
    millions = row["points"] / 1e6
    cells = [
        f"{row['points']:,}",
        row["codec"],
        f"{row['bpov']:.4f}",
        str(row["slices"]),
        f"{row['encode_seconds']:.1f} s",
        f"{row['decode_seconds']:.1f} s",
        f"{row['encode_seconds'] / millions:.2f} / {row['decode_seconds'] / millions:.2f}",
        f"{row['memory'] / 1e6:.0f} MB",
        f"{row['memory'] / 1e6 / millions:.0f}",
        f"{row['slice_seconds']:.1f} s",
        f"{row['slice_memory'] / 1e6:.0f} MB",
        "yes" if row["identical"] else "NO",
    ]
    return f"| {' | '.join(cells)} |\n"


def parts_part(results: dict[str, Any]) -> str:
    """A table for each codec: variants by clouds."""
    text, rows = PARTS.format(**results["machine"]), results["rows"]
    for codec in dict.fromkeys(row["codec"] for row in rows):
        own = {(r["variant"], r["cloud"]): r["bpov"] for r in rows if r["codec"] == codec}
        clouds = list(dict.fromkeys(cloud for _, cloud in own))
        variants = list(dict.fromkeys(variant for variant, _ in own))
        base = {cloud: own[variants[0], cloud] for cloud in clouds}
        text += f"| {codec} | {' | '.join(clouds)} |\n|---|{'---|' * len(clouds)}\n"
        for variant in variants:
            cells = [_changed(own[variant, cloud], base[cloud]) for cloud in clouds]
            text += f"| {variant} | {' | '.join(cells)} |\n"
        text += "\n"
    return text


def _changed(rate: float, base: float) -> str:
    return f"{rate:.4f}" + ("" if rate == base else f" ({100 * (rate / base - 1):+.2f} %)")


def codecs_picture(clouds: list[dict[str, Any]], folder: Path) -> None:
    """Each cloud and codec as a point: rate over G-PCC v23's against seconds per million points to decode."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7.0, 4.6))
    found: dict[str, list[tuple[float, float]]] = {}
    for cloud in clouds:
        for row in cloud["rows"]:
            if cloud["gpcc_v23"]:
                took = 1e6 * row["decode_seconds"] / cloud["points"]
                found.setdefault(f"{_variant(row)}, {row['device']}", []).append(
                    (took, row["bpov"] / cloud["gpcc_v23"])
                )
    for name, points in sorted(found.items()):
        seconds, rates = zip(*points)
        axes.scatter(seconds, rates, label=name, s=28)
    axes.axhline(1.0, color="#888888", linewidth=1, label="G-PCC v23")
    axes.set_xscale("log")
    axes.set_xlabel("seconds per million points to decode")
    axes.set_ylabel("rate over G-PCC v23's")
    axes.legend()
    figure.tight_layout()
    folder.mkdir(parents=True, exist_ok=True)
    figure.savefig(folder / "rate-time.png", dpi=110)
    pyplot.close(figure)


def paper_part(results: dict[str, Any]) -> str:
    """The paper's table and figure."""
    clouds, paper = results["clouds"], references()["paper"]
    ours = {c["cloud"]: [c["gpcc"], *(8 * v["bytes"] / c["points"] for v in c["levels"])] for c in clouds}
    return "".join(
        (
            INTRODUCTION.format(**results["machine"]),
            "\n".join(table(averaged(ours))),
            PAPER_ROWS.format(note=paper["note"]),
            "\n".join(table(averaged(paper["rows"]))),
            TIMES.format(**results["machine"]),
            *(_times(cloud) for cloud in clouds),
        )
    )


def _times(cloud: dict[str, Any]) -> str:
    first, last = cloud["levels"][0], cloud["levels"][-1]
    cells = [
        cloud["cloud"],
        f"{cloud['points']:,}",
        *(f"{s:.1f} s" for s in (first["encode_seconds"], last["encode_seconds"], cloud["decode_seconds"])),
        *(f"{m / 1e6:.0f} MB" for m in (last["encode_memory"], cloud["decode_memory"])),
        f"{100 * last['flags_and_tree']:.2f} %",
        "yes" if cloud["identical"] else "NO",
    ]
    return f"| {' | '.join(cells)} |\n"


def gain(rate: float, gpcc: float | None) -> str:
    """Saving against G-PCC, as the paper prints it."""
    return "" if gpcc is None else f"{100 * (1 - rate / gpcc):.2f} %"


def table(rows: dict[str, list[float | None]]) -> list[str]:
    """Rows of name -> [G-PCC, bpov at each level] in the form of Table 1."""
    heads = ["block 64", "64 + 32", "64 + 32 + 16", "64 + 32 + 16 + 8"]
    lines = ["| cloud | G-PCC v12 | " + " | ".join(f"{h} | gain" for h in heads) + " |"]
    lines.append("|---|" + "---|" * (1 + 2 * len(heads)))
    for name, (gpcc, *rates) in rows.items():
        cells = [f"{r:.4f} | {gain(r, gpcc)}" for r in rates if r is not None]
        lines.append(f"| {name} | {'' if gpcc is None else f'{gpcc:.4f}'} | {' | '.join(cells)} |")
    return lines


def averaged(rows: dict[str, list[float | None]]) -> dict[str, list[float | None]]:
    """The rows and their average, over the clouds that have a G-PCC rate."""
    whole = [row for row in rows.values() if row[0] is not None]
    mean: list[float | None] = [
        sum(x for x in column if x is not None) / len(whole) for column in zip(*whole)
    ]
    return {**rows, "**average**": mean} if whole else rows


def paper_picture(clouds: list[dict[str, Any]], folder: Path) -> None:
    """Stacked bars: share of the points in blocks of each size, at four levels."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(max(6.0, 1.1 * len(clouds)), 4.2))
    names, base = [c["cloud"] for c in clouds], [0.0] * len(clouds)
    for size, color in zip(SIZES, ("#3b4cc0", "#8a5bc9", "#e0658b", "#f6c544")):
        shares = [100 * c["levels"][-1]["share_of_points"].get(str(size), 0.0) for c in clouds]
        axes.bar(names, shares, bottom=base, label=f"{size}", color=color)
        base = [a + b for a, b in zip(base, shares)]
    axes.set_ylabel("points, %")
    axes.set_ylim(0, 100)
    axes.tick_params(axis="x", rotation=35)
    axes.legend(title="block", loc="lower right")
    figure.tight_layout()
    folder.mkdir(parents=True, exist_ok=True)
    figure.savefig(folder / "block-sizes.png", dpi=110)


def document(results: Path = RESULTS) -> str:
    """The text of docs/benchmarks.md, from those results that a folder has."""
    parts = [
        "# Benchmarks\n\nThe commands named below write this page from their results; do not edit it.\n"
        "[glossary.md](glossary.md) defines the terms.\n\n"
    ]
    for name, write in (
        ("files", files_part),
        ("attributes", attributes_part),
        ("rd", rd_part),
        ("codecs", codecs_part),
        ("scale", scale_part),
        ("sparse", sparse_part),
        ("slices", slices_part),
        ("sequences", sequences_part),
        ("batch", batch_part),
        ("parts", parts_part),
        ("upsample", upsample_part),
        ("interpolate", interpolate_part),
        ("paper", paper_part),
        ("gui", gui_part),
        ("gui_large", gui_large_part),
    ):
        path = results / f"{name}.json"
        if path.exists():
            parts.append(write(json.loads(path.read_text())))
    return "".join(parts)
