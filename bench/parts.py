"""What each part of the codecs is worth: one thing changed, see `codec.VARIANTS`.

    python bench/parts.py FOLDER       every .ply in it

Results go to bench/results/parts.json; docs/benchmarks.md is made from them.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.measure import ROOT, clouds_in, machine, octavox, run
from bench.output import Output
from octavox import codec

CODECS = codec.VARIANTS["none"].codecs
NOT_HERE = "no-direct-coding"  # bench/sparse.py measures it


def run_variant(name: str, cloud: Path, which: str, runs: int, stream: Path) -> dict[str, Any]:
    """What bench/one.py prints about one cloud under a variant. The stream's folder is the variant's own."""
    one = run(
        sys.executable, ROOT / "bench" / "one.py", cloud, which, "cpu", runs, stream, "normal", "-", name
    )
    told: dict[str, Any] = json.loads(one.output)
    return told


def measure(name: str, clouds: list[Path], codecs: list[str]) -> list[dict[str, Any]]:
    """Sizes and times of a variant."""
    variant, rows = codec.VARIANTS[name], []
    with tempfile.TemporaryDirectory() as folder:
        stream = Path(folder, "s.ovx")
        for cloud in clouds:
            for which in sorted(set(variant.codecs) & set(codecs)):
                told = run_variant(name, cloud, which, 1, stream)
                size = stream.stat().st_size
                points = json.loads(octavox("info", stream, "--json").output)["input_points"]
                rows.append(
                    {
                        "variant": variant.title,
                        "cloud": cloud.stem,
                        "codec": which,
                        "bpov": 8 * size / points,
                        "encode_seconds": told["encode"][0],
                    }
                )
                print(f"{variant.title}: {cloud.stem}, {which}, {size:,} bytes", flush=True)
    return rows


def main() -> int:
    """Entry of the script."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", nargs="?", type=Path, help="folder of .ply clouds")
    parser.add_argument(
        "--codecs",
        nargs="+",
        default=list(codec.VARIANTS["none"].codecs),
        choices=list(codec.VARIANTS["none"].codecs),
    )
    Output.add_to(parser)
    args = parser.parse_args()
    output, clouds, began = Output("parts", args), clouds_in(args.folder, parser), machine()
    names = [name for name in codec.VARIANTS if name != NOT_HERE]
    rows = [row for name in names for row in measure(name, clouds, args.codecs)]
    output.keep({"machine": began, "rows": rows})
    output.finish()
    return 0


if __name__ == "__main__":
    sys.exit(main())
