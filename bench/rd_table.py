"""Rate and distortion of lossy geometry, as tables of docs/benchmarks.md, and what was wanted."""

from __future__ import annotations

from typing import Any

LOSSY = """## Lossy geometry

Made by `make bench-rd CLOUDS=folder` from `bench/results/rd.json`. Measured on {date}, commit {commit},
{cores} cores of {processor}, Python {python}, machine load {load} at the start (above 0.5 the times are too
long). `--keep voxels --drop-levels K`, codec multiscale. A process that had nothing but the bitstream decoded
each one; its D1 is what the encoder had reported.

- *bits*: of the whole file, divided by the points of the source. *points*: that come back, of those of the
  source.
- *D1*, *D2*: PSNR in dB at the peak 2^bits - 1 voxels, the worse of both directions, as `octavox compare`
  measures it; normals are estimated from the source. *Hausdorff*: the largest distance, in voxels.
- *encode*, *decode*: seconds for a million points of the source, from file to file in a warm process, the
  least of {rounds} runs; *CPU*: of all processors.

![D1 against rate](images/rate-distortion.svg)

| cloud | K | bytes | bits | points | D1 | D2 | Hausdorff | encode | decode | CPU | CPU |
|---|---|---|---|---|---|---|---|---|---|---|---|
"""
GPCC = """
G-PCC (TMC13 v23): bits per point of the source, and D1. Trisoup with nodes of 32 to 4 voxels; octree with
positions scaled by 1/4, 1/2 and 3/4. {source}

| cloud | {heads} |
|---|{dashes}
"""
NOTED = "`bench/gpcc_lossy.json` says how these were measured; TMC3=binary measures them anew."
MEASURED = "Measured in the same run."
HEADS = [f"trisoup {2**node}" for node in (5, 4, 3, 2)] + [
    f"octree {scale}" for scale in ("1/4", "1/2", "3/4")
]
GOALS = """
What was wanted of this codec. *BD-rate*: Bjontegaard's mean difference in rate at equal D1, of one, two and
three levels left out, by the package bjontegaard ({method}) over the range that both curves have. *halved*:
bytes with one level left out, divided by those of the lossless stream of the cloud on a grid of half as many
cells.

| cloud | what | measured | wanted | |
|---|---|---|---|---|
"""
PSNR = {  # D1 in dB, by levels left out
    "basketball_player_1_vox10": {1: 74.8, 2: 70.0},
    "human_heldout_500_vox10": {1: 74.6, 2: 69.9},
    "stanford_bunny_vox9": {1: 69.0, 2: 64.8},
    "statue_Nymph_vox9": {1: 68.0, 2: 62.0},
}
TRISOUP = {"basketball_player_1_vox10": -60.0, "human_heldout_500_vox10": -60.0}
OTHERS, OCTREE = -45.0, -90.0  # BD-rate in per cent
HALVED, SECONDS = 1.03, 1.0


def goals(cloud: dict[str, Any]) -> list[tuple[str, str, str, bool]]:
    """What, its measure, what was wanted, and whether it was reached."""
    rows = {row["levels"]: row for row in cloud["rows"]}
    found = []
    for levels, wanted in PSNR.get(cloud["cloud"], {}).items():
        d1 = rows[levels]["d1"]
        found.append((f"D1, K = {levels}", f"{d1:.2f} dB", f"at least {wanted} dB", d1 >= wanted))
    share = rows[1.0]["bytes"] / cloud["halved_bytes"]
    found.append(("halved", f"{share:.4f}", f"at most {HALVED}", share <= HALVED))
    limits = {"trisoup": TRISOUP.get(cloud["cloud"], OTHERS), "octree": OCTREE}
    for name, bd in cloud["bd"].items():
        limit = limits[name]
        words = f"BD-rate over G-PCC {name}", f"{bd:+.1f} %", f"at most {limit:+.0f} %"
        found.append((*words, bd <= limit))
    for way in ("encode", "decode"):
        most = max(per_million(row, way) for row in cloud["rows"])
        words = f"{way}, slowest", f"{most:.2f} s a million points", f"at most {SECONDS:.0f} s"
        found.append((*words, most <= SECONDS))
    return found


def per_million(row: dict[str, Any], way: str) -> float:
    """Seconds for a million points of the source."""
    return float(1e6 * row[way] / row["points"])


def line(cloud: str, row: dict[str, Any]) -> str:
    """One line of the first table."""
    cells = [
        cloud,
        f"{row['levels']:g}",
        f"{row['bytes']:,}",
        f"{row['rate']:.4f}",
        f"{100 * row['decoded'] / row['points']:.1f} %",
        f"{row['d1']:.2f}",
        f"{row['d2']:.2f}",
        f"{row['hausdorff']:.2f}",
        *(f"{per_million(row, way):.2f}" for way in ("encode", "decode", "encode_cpu", "decode_cpu")),
    ]
    return f"| {' | '.join(cells)} |\n"


def rd_part(results: dict[str, Any]) -> str:
    """All clouds: ours, G-PCC's, and what was wanted."""
    clouds = results["clouds"]
    text = LOSSY.format(**results["machine"], rounds=results["rounds"])
    text += "".join(line(cloud["cloud"], row) for cloud in clouds for row in cloud["rows"])
    if any(cloud["gpcc"] for cloud in clouds):
        source = MEASURED if all(cloud["gpcc_from"] == "measured" for cloud in clouds) else NOTED
        text += GPCC.format(heads=" | ".join(HEADS), dashes="---|" * len(HEADS), source=source)
        for cloud in clouds:
            points = [*cloud["gpcc"].get("trisoup", ()), *cloud["gpcc"].get("octree", ())]
            if points:
                cells = [f"{rate:.4f}, {psnr:.1f} dB" for rate, psnr in points]
                text += f"| {' | '.join([cloud['cloud'], *cells])} |\n"
    text += GOALS.format(method=results["method"])
    for cloud in clouds:
        for what, value, wanted, reached in goals(cloud):
            cells = [cloud["cloud"], what, value, wanted, "met" if reached else "**not met**"]
            text += f"| {' | '.join(cells)} |\n"
    return text + "\n"
