"""Upsampled and restored clouds as tables of docs/benchmarks.md."""

from __future__ import annotations

from typing import Any

from bench.measure import references

UPSAMPLE = """## Upsampling and restoring

Made by `make bench-upsample CLOUDS=folder` from `bench/results/upsample.json`. Measured on {date}, commit
{commit}, {cores} cores of {processor}, Python {python}, machine load {load} at the start.

PU-Dense's protocol: of each cloud a random subset of the voxels is given, on the same grid; `octavox
upsample` adds points until there are as many as before. *D1*: PSNR in dB, peak 2^depth - 1, the worse
direction, against the whole cloud. *told*: the gain if the network knew which cells of 2^3 voxels are
occupied, and only had to find their voxels: on dense clouds an estimate of what is left to gain on the first
level (the RGB-D scan pcl_mOSD_learn13_vox9 gains less when it is told, so there it says nothing). *CD*: the
sum of both mean squared distances, in squared voxels. *s*: of one call in a warm process.

| cloud | points | ratio | D1 of the input | D1 | gain | told | CD of the input | CD | s |
|---|---|---|---|---|---|---|---|---|---|
"""
PUBLISHED = "| *{cloud}* | | {ratio} | {before:.2f} | {after:.2f} | {gain:.2f} | | | {cd:.3f} | |\n"
NOTE = """
In italics: {note} **The clouds differ**: those of 8iVFB are captured people that may not be had here, so no
row of ours can be held against a published one. Anyone who has them can run the same command.

What `octavox restore` gives back of damaged clouds. *middles*: one voxel for each cell that has any, of the
first or second level above the voxels, as of a codec that drops levels. {gpcc}

| cloud | damaged by | points | D1 before | points after | D1 after | gain | levels finer | s |
|---|---|---|---|---|---|---|---|---|
"""
BY_GPCC = """*G-PCC*: decoded by its test model TMC13 v23: octree with that scale, or trisoup with that
logarithm of the node size."""


def upsample_part(results: dict[str, Any]) -> str:
    """A row for each cloud and ratio, and for each cloud and damage."""
    lines = [UPSAMPLE.format(**results["machine"])]
    for cloud in results["clouds"]:
        lines += [_upsampled(cloud, row) for row in cloud["upsample"]]
    published = references()["pu_dense"]
    lines += [PUBLISHED.format(**row, gain=row["after"] - row["before"]) for row in published["rows"]]
    rows = [(cloud, row) for cloud in results["clouds"] for row in cloud["restore"]]
    gpcc = BY_GPCC if any(row["what"].startswith("G-PCC") for _, row in rows) else ""
    lines.append(NOTE.format(note=published["note"], gpcc=gpcc))
    lines += [_restored(cloud, row) for cloud, row in rows]
    return "".join(lines) + "\n"


def _upsampled(cloud: dict[str, Any], row: dict[str, Any]) -> str:
    before, after = row["before"], row["after"]
    cells = [
        cloud["cloud"],
        f"{cloud['points']:,}",
        row["what"],
        f"{before['psnr']:.2f}",
        f"{after['psnr']:.2f}",
        f"{after['psnr'] - before['psnr']:.2f}",
        f"{row['told'] - before['psnr']:.2f}" if "told" in row else "",
        f"{before['cd']:.3f}",
        f"{after['cd']:.3f}",
        f"{row['seconds']:.1f}",
    ]
    return f"| {' | '.join(cells)} |\n"


def _restored(cloud: dict[str, Any], row: dict[str, Any]) -> str:
    before, after = row["before"]["psnr"], row["after"]["psnr"]
    cells = [
        cloud["cloud"],
        row["what"],
        f"{row['given']:,}",
        f"{before:.2f}",
        f"{row['points']:,}",
        f"{after:.2f}",
        f"{after - before:.2f}",
        str(row["levels"]),
        f"{row['seconds']:.1f}",
    ]
    return f"| {' | '.join(cells)} |\n"
