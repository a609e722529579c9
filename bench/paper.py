"""Table 1 and Figure 4 of the VoxelDNN paper, on a folder of clouds of your own.

    python bench/paper.py FOLDER               every .ply in it: blocks of 64, then down to 32, 16 and 8
    python bench/paper.py FOLDER --tmc3 PATH   with G-PCC's columns measured by that binary

Results go to bench/results/paper.json; docs/benchmarks.md and docs/images/block-sizes.png are made from them.
Each cloud is decoded in a process that has the bitstream alone, and compared.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.measure import clouds_in, decoded_alone, gpcc_bytes, machine, octavox, references
from bench.output import Output
from octavox import codec

LEVELS = (1, 2, 3, 4)


def measure(cloud: Path, tmc3: str | None) -> dict[str, Any]:
    """One cloud at all levels, decoded again at the deepest."""
    known, levels = references(), []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for level in LEVELS:
            stream, report = folder / f"{level}.ovx", folder / f"{level}.json"
            done = octavox(
                "encode", cloud, "-o", stream, "--codec", "voxeldnn", "--max-level", level, "--report", report
            )
            told = json.loads(report.read_text())
            levels.append(
                {
                    "bytes": stream.stat().st_size,
                    "encode_seconds": round(done.seconds, 2),
                    "encode_memory": done.memory,
                    "share_of_points": {row["size"]: row["share_of_points"] for row in told["by_size"]},
                    "flags_and_tree": 1 - told["bits"]["occupancy"] / told["bits"]["total"],
                }
            )
            print(
                f"{cloud.stem}: level {level}, {levels[-1]['bytes']:,} bytes, {done.seconds:.0f} s",
                flush=True,
            )
        back = decoded_alone(stream)
        checked = octavox("verify", cloud, stream)
        points = int(told["input_points"])
        gpcc = 8 * gpcc_bytes(tmc3, cloud, folder) / points if tmc3 else known["gpcc_v12"].get(cloud.stem)
    return {
        "cloud": cloud.stem,
        "points": points,
        "gpcc": gpcc,
        "levels": levels,
        "decode_seconds": round(back.seconds, 2),
        "decode_memory": back.memory,
        "identical": checked.output.startswith("identical"),
    }


def warm_up(cloud: Path) -> None:
    """Fills the cache of compiled code, so that the first cloud is timed as the others are."""
    with tempfile.TemporaryDirectory() as folder:
        small, stream = Path(folder, "small.ply"), Path(folder, "small.ovx")
        coords = codec.voxelize(codec.read_cloud(cloud))[0].coords[:3000]
        codec.write_ply(small, codec.VoxelCloud(coords, codec.MAX_DEPTH))
        octavox("encode", small, "-o", stream, "--codec", "voxeldnn")
        decoded_alone(stream)


def main() -> int:
    """Entry of the script."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", nargs="?", type=Path, help="folder of .ply clouds")
    parser.add_argument("--tmc3", help="G-PCC test model, to measure its columns here")
    Output.add_to(parser)
    args = parser.parse_args()
    output, clouds = Output("paper", args), clouds_in(args.folder, parser)
    warm_up(clouds[0])
    rows = [measure(c, args.tmc3) for c in clouds]
    output.keep({"machine": machine(), "clouds": rows})
    output.finish()
    return 0 if all(row["identical"] for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
