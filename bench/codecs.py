"""Every codec on every device on a folder of clouds: size, gain over G-PCC, time, memory, identity.

    python bench/codecs.py FOLDER              every .ply in it
    python bench/codecs.py FOLDER --tmc3 PATH  with a G-PCC binary timed in the same run
    python bench/codecs.py FOLDER --slow-points 10000000    voxeldnn on clouds of over a million points, too
    python bench/codecs.py FOLDER --codecs octree --keep    the other codecs' rows stay as they were measured

Results go to codecs.json in a folder, or with --write to bench/results; benchmarks.md and rate-time.png are
made from them.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.measure import ROOT, clouds_in, decoded_alone, gpcc_run, machine, octavox, references, run
from bench.output import Output
from octavox import codec

RUNS = {"octree": 5, "multiscale": 5, "voxeldnn": 1}
EFFORTS = dict.fromkeys(("octree", "multiscale"), codec.EFFORTS)  # else one effort
SLOW = ("voxeldnn",)


def devices_of(name: str) -> tuple[str, ...]:
    """What this machine can run a codec's network on."""
    import torch

    return ("cpu", "cuda") if name != "octree" and torch.cuda.is_available() else ("cpu",)


def voxels_of(path: Path) -> bytes:
    """A file's voxels, unique and in Morton order."""
    return codec.voxelize(codec.read_cloud(path))[0].coords.tobytes()


def measure(cloud: Path, name: str, device: str, effort: str) -> dict[str, Any]:
    """One cloud through one codec on one device."""
    runs = RUNS[name] if effort == "normal" else 1
    with tempfile.TemporaryDirectory() as folder:
        stream = Path(folder) / "s.ovx"
        times = json.loads(
            run(sys.executable, ROOT / "bench" / "one.py", cloud, name, device, runs, stream, effort).output
        )
        alone = Path(folder, "alone.ply")
        decoded_alone(stream, alone)
        identical = voxels_of(alone) == voxels_of(cloud)
        info = json.loads(octavox("info", stream, "--json").output)
        size = stream.stat().st_size
    result = {
        "codec": name,
        "device": device,
        "effort": effort,
        "bytes": size,
        "bpov": 8 * size / info["input_points"],
        "encode_seconds": median(times["encode"]),
        "decode_seconds": median(times["decode"]),
        "memory": times["memory"],
        "start_seconds": round(times["import"] + times["first_use"], 2),
        "identical": identical,
        "points": info["input_points"],
    }
    told = f"{result['bpov']:.4f} bpov, {result['encode_seconds']} s"
    print(f"{cloud.stem}, {name} on {device}, {effort}: {told}", flush=True)
    return result


def measure_cloud(cloud: Path, names: list[str], slow_points: int, tmc3: str | None) -> dict[str, Any]:
    """One cloud through all codecs, beside what G-PCC makes of it."""
    known = references()
    rows = []
    points = len(codec.read_cloud(cloud).positions)
    for name in names:
        if name in SLOW and points > slow_points:
            continue
        for device in devices_of(name):
            for effort in EFFORTS.get(name, ("normal",)):
                rows.append(measure(cloud, name, device, effort))
    row: dict[str, Any] = {
        "cloud": cloud.stem,
        "points": points,
        "gpcc_v12": known["gpcc_v12"].get(cloud.stem),
        "gpcc_v23": known["gpcc_v23"].get(cloud.stem),
        "rows": rows,
    }
    if tmc3:
        row["tmc3"] = gpcc_run(tmc3, cloud)
    return row


def kept_rows(names: list[str], last: Any) -> dict[str, list[dict[str, Any]]]:
    """Of the last results, by cloud: the rows of other codecs than `names`, each with its commit and date."""
    if last is None:
        return {}
    measured = {key: last["machine"][key] for key in ("commit", "date")}
    return {
        cloud["cloud"]: [{"measured": measured, **row} for row in cloud["rows"] if row["codec"] not in names]
        for cloud in last["clouds"]
    }


def main() -> int:
    """Entry of the script."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", nargs="?", type=Path, help="folder of .ply clouds")
    parser.add_argument("--codecs", nargs="+", default=list(RUNS), choices=list(RUNS))
    parser.add_argument("--keep", action="store_true", help="keep what was measured of the other codecs")
    parser.add_argument("--slow-points", type=int, default=1_000_000, help=f"most points for {SLOW[0]}")
    parser.add_argument("--tmc3", help="G-PCC test model, timed beside")
    Output.add_to(parser)
    args = parser.parse_args()
    output, clouds = Output("codecs", args), clouds_in(args.folder, parser)
    made: dict[str, Any] = {"machine": {**machine(), "slow_points": args.slow_points}, "clouds": []}
    kept = kept_rows(args.codecs, output.last()) if args.keep else {}
    for cloud in clouds:
        row = measure_cloud(cloud, args.codecs, args.slow_points, args.tmc3)
        row["rows"] += kept.get(cloud.stem, [])
        made["clouds"].append(row)
        output.keep(made)
    output.finish()
    return 0 if all(row["identical"] for c in made["clouds"] for row in c["rows"]) else 1


if __name__ == "__main__":
    sys.exit(main())
