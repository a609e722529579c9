"""What each part of the codecs is worth: one thing changed in a copy of the source.

    python bench/parts.py FOLDER       every .ply in it
    python bench/parts.py --write      only write the document anew from the last results

Results go to
bench/results/parts.json; docs/benchmarks.md is made from them.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.documents import DOCUMENT, document
from bench.measure import ROOT, clouds_in, machine, octavox, run

RESULTS = ROOT / "bench" / "results" / "parts.json"
BOTH, ALL = ("octree", "multiscale"), ("octree", "multiscale", "voxeldnn")
MIXING, CONTEXTS = "codec/codecs/geometry/octree/mixing.py", "codec/codecs/geometry/octree/contexts.py"
LEARNING = "codec/codecs/geometry/octree/learning.py"


@dataclass(frozen=True)
class Variant:
    """changes: (file, text found once in it, what takes its place)."""

    title: str
    changes: tuple[tuple[str, str, str], ...]
    codecs: tuple[str, ...] = BOTH


VARIANTS = (
    Variant("as it is", (), ALL),
    Variant(
        "network alone: no weight of a mixer learns",
        (
            (MIXING, "if abs(error) >= m.pace[1]", "if abs(error) >= 1 << 30"),
            ("codec/codecs/geometry/voxeldnn/refine.py", "SURE = 64", "SURE = 1 << 30"),
        ),
        ALL[1:],
    ),
    Variant(
        "contexts: of what comes after, the nodes around the parent alone",
        (
            (CONTEXTS, "words[1] = (np.int64(_LATER[half, here]) >> 13)", "words[1] = np.int64(0)"),
            (CONTEXTS, " | (next_ << 12) | (last << 37)", ""),
        ),
    ),
    Variant(
        "contexts: of what came before, a window of 3^3 and two voxels of the row",
        (
            (CONTEXTS, "words[0] = (window.before >> zb)", "words[0] = (window.before >> zb) & _NARROW"),
            (
                CONTEXTS,
                "_NEAR_5 = 31 | 31 << LANE",
                "_NARROW, _NEAR_5 = sum(14 << LANE * r for r in (6, 7, 8)), 14 << LANE",
            ),
        ),
        BOTH[:1],  # what the network sees goes through the same words
    ),
    Variant(
        "one set of weights a mixer",
        tuple(
            (MIXING, f"(m.sets[{at}] | before)", f"(_STARTS[{k}] + 0 * before)")
            for k, at in enumerate(("at", "at + 1", "at + 2"))
        ),
    ),
    Variant(
        "weights learn at half the rate",
        ((LEARNING, "rate: int = 10", "rate: int = 5"), (LEARNING, "(rate=10", "(rate=5")),
    ),
    Variant(
        "at twice the rate",
        ((LEARNING, "rate: int = 10", "rate: int = 20"), (LEARNING, "(rate=10", "(rate=20")),
    ),
    Variant("no faster start", ((LEARNING, "self.start * 16", "self.start * 0"),)),
    Variant("counts up to 60", ((LEARNING, "memory: int = 255", "memory: int = 60"),)),
    Variant(
        "slices of 400,000 points",
        (("codec/codecs/geometry/octree/slicing.py", "= 1_500_000 ", "= 400_000 "),),
    ),
)


def changed_copy(variant: Variant, folder: Path) -> None:
    """A copy of the library in `folder`, with the variant's changes.

    ValueError if the source has moved on.
    """
    skip = shutil.ignore_patterns("__pycache__", "samples", "images")
    for name in ("octavox", "codec", "resources", "bench"):
        shutil.copytree(ROOT / name, folder / name, ignore=skip)
    for name, found, put in variant.changes:
        path = folder / name
        text = path.read_text()
        if text.count(found) != 1:
            raise ValueError(f"{name} holds {found!r} {text.count(found)} times")
        path.write_text(text.replace(found, put))


def measure(variant: Variant, clouds: list[Path], codecs: list[str]) -> list[dict[str, Any]]:
    """Sizes and times of a variant."""
    rows = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        changed_copy(variant, folder)
        for cloud in clouds:
            for codec in sorted(set(variant.codecs) & set(codecs)):
                stream = folder / "s.ovx"
                one = run(sys.executable, folder / "bench" / "one.py", cloud, codec, "cpu", 1, stream)
                told, size = json.loads(one.output), stream.stat().st_size
                points = json.loads(octavox("info", stream, "--json").output)["input_points"]
                rows.append(
                    {
                        "variant": variant.title,
                        "cloud": cloud.stem,
                        "codec": codec,
                        "bpov": 8 * size / points,
                        "encode_seconds": told["encode"][0],
                    }
                )
                print(f"{variant.title}: {cloud.stem}, {codec}, {size:,} bytes", flush=True)
    return rows


def main() -> int:
    """Entry of the script."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", nargs="?", type=Path, help="folder of .ply clouds")
    parser.add_argument("--codecs", nargs="+", default=list(ALL), choices=list(ALL))
    parser.add_argument("--write", action="store_true", help="write the document from the last results")
    args = parser.parse_args()
    if not args.write:
        clouds, began = clouds_in(args.folder, parser), machine()
        rows = [row for variant in VARIANTS for row in measure(variant, clouds, args.codecs)]
        RESULTS.parent.mkdir(parents=True, exist_ok=True)
        RESULTS.write_text(json.dumps({"machine": began, "rows": rows}, indent=1) + "\n")
    DOCUMENT.write_text(document())
    print(DOCUMENT)
    return 0


if __name__ == "__main__":
    sys.exit(main())
