"""Rate and distortion of lossy geometry on the PLY clouds of a folder, beside G-PCC's trisoup and octree.

    python bench/rd.py FOLDER                every cloud at 0.5 to 3 levels left out
    python bench/rd.py FOLDER --tmc3 PATH    with G-PCC's curves measured in the same run
    python bench/rd.py FOLDER --rounds 5     times are the least of so many runs

Needs bjontegaard. Results go to bench/results/rd.json; docs/benchmarks.md and
docs/images/rate-distortion.svg are made from them.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.measure import ROOT, clouds_in, decoded_alone, machine, run
from bench.output import Output
from bench.rd_gpcc import Curve, compared, measured, noted
from octavox import codec

LEVELS = (0.5, 1.0, 1.5, 2.0, 2.5, 3.0)
BD_LEVELS = (1.0, 2.0, 3.0)  # of the curve that BD-rate compares
METHOD = "pchip"  # MPEG's and JVET's interpolation


def bits_of(cloud: Path, depth: int) -> int:
    """Bits of the peak: those that a name like body_vox10 says; else the depth of the coded grid."""
    found = re.search(r"_vox(\d+)$", cloud.stem)
    return int(found.group(1)) if found else depth


def bd_rate(anchor: Curve, tested: Curve) -> float | None:
    """Per cent of rate more at the same PSNR; None where the curves do not overlap."""
    import bjontegaard

    pairs = [list(zip(*sorted(curve))) for curve in (anchor, tested)]
    if min(pairs[0][1][-1], pairs[1][1][-1]) <= max(pairs[0][1][0], pairs[1][1][0]):
        return None
    ways = {"method": METHOD, "min_overlap": 0, "require_matching_points": False}
    return float(bjontegaard.bd_rate(*pairs[0], *pairs[1], **ways))


def halved_bytes(cloud: Path) -> int:
    """Bytes of the lossless stream of the cloud on a grid of half as many cells along each axis."""
    voxels = codec.voxelize(codec.read_cloud(cloud))[0]
    halved = codec.voxelize(codec.PointCloud(voxels.coords >> 1))[0]
    return len(codec.encode(halved).data)


def measure_level(cloud: Path, levels: float, rounds: int) -> dict[str, Any]:
    """One cloud with so many levels left out. Raises SystemExit where the encoder's figures are not so."""
    with tempfile.TemporaryDirectory() as folder:
        stream, back = Path(folder, "s.ovx"), Path(folder, "back.ply")
        told = json.loads(
            run(sys.executable, ROOT / "bench" / "rd_one.py", cloud, levels, rounds, stream).output
        )
        decoded_alone(stream, back)
        bits = bits_of(cloud, told["depth"])
        report, size = compared(cloud, back, bits), stream.stat().st_size
    said = told["lossy"]
    if abs(said["d1_mse"] - report.d1.mse) > 1e-6 * report.d1.mse:
        raise SystemExit(f"{cloud.stem}: the encoder says {said['d1_mse']}, but D1 is {report.d1.mse}")
    row = {
        "levels": levels,
        "bytes": size,
        "rate": 8 * size / told["points"],
        "points": told["points"],
        "decoded": report.points_b,
        "bits": bits,
        "d1": report.d1.psnr,
        "d2": report.d2.psnr,
        "hausdorff": report.d1.hausdorff,
        **{way: min(run[0] for run in told[way]) for way in ("encode", "decode")},
        **{f"{way}_cpu": min(run[1] for run in told[way]) for way in ("encode", "decode")},
    }
    print(f"{cloud.stem}, {levels:g}: {row['rate']:.4f} bits, D1 {row['d1']:.2f} dB", flush=True)
    return row


def measure(cloud: Path, rounds: int, tmc3: str | None) -> dict[str, Any]:
    """One cloud at all levels, and G-PCC's curves where there are such."""
    rows = [measure_level(cloud, levels, rounds) for levels in LEVELS]
    points, bits = rows[0]["points"], rows[0]["bits"]
    curves = measured(tmc3, cloud, points, bits) if tmc3 else noted(cloud.stem)
    own = [[row["rate"], row["d1"]] for row in rows if row["levels"] in BD_LEVELS]
    return {
        "cloud": cloud.stem,
        "points": points,
        "bits": bits,
        "halved_bytes": halved_bytes(cloud),
        "rows": rows,
        "gpcc": curves,
        "gpcc_from": "measured" if tmc3 else "noted",
        "bd": {name: found for name, curve in curves.items() if (found := bd_rate(curve, own)) is not None},
    }


def main() -> int:
    """Entry of the script."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", nargs="?", type=Path, help="folder of .ply clouds")
    parser.add_argument("--rounds", type=int, default=3, help="runs of which the fastest counts")
    parser.add_argument("--tmc3", help="G-PCC test model, measured beside")
    Output.add_to(parser)
    args = parser.parse_args()
    output, clouds = Output("rd", args), clouds_in(args.folder, parser)
    made: dict[str, Any] = {"machine": machine(), "rounds": args.rounds, "method": METHOD}
    made["clouds"] = []
    for cloud in clouds:
        made["clouds"].append(measure(cloud, args.rounds, args.tmc3))
        output.keep(made)
    output.finish()
    return 0


if __name__ == "__main__":
    sys.exit(main())
