"""`octavox dataset`: from meshes and clouds to a folder for `octavox train`."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from .build import VALIDATION_SHARE, DatasetOptions, build
from .meshes import Sampling
from .sources import MESH_DEPTH, source_suffixes


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options of `dataset` on `parser`."""
    add = parser.add_argument
    add(
        "inputs",
        nargs="+",
        metavar="IN",
        help=f"meshes, clouds, or folders of them: {', '.join(source_suffixes())}",
    )
    add("-o", "--out", required=True, metavar="FOLDER", help="a new folder")
    depths = f"bits per axis, one or several (default: {MESH_DEPTH} for meshes, a cloud's own)"
    add("--depth", type=int, nargs="+", default=[], metavar="N", help=depths)
    add("--largest", type=int, metavar="N", help="keep the N objects with the most voxels (the paper: 200)")
    add("--blocks", type=int, metavar="N", help="keep the N densest 64^3 blocks of each cloud (default: all)")
    add("--most", type=int, metavar="M", help="keep the M densest blocks of all clouds (default: all)")
    add("--points", type=int, metavar="N", help="samples of a mesh (default: from its area)")
    dense = "samples per area of a voxel's face (default: enough that hardly any hole remains)"
    add("--oversampling", type=float, metavar="X", help=dense)
    noise = "unevenness of sampled meshes as in captures, in voxels (default 0)"
    add("--noise", type=float, default=0.0, metavar="SIGMA", help=noise)
    share = "about one object in N is for validation (default %(default)s)"
    add("--validation", type=int, default=VALIDATION_SHARE, metavar="N", help=share)
    add("--seed", type=int, default=1)
    add("--skip-bad", action="store_true", help="leave out files that cannot be read, and continue")


def run(args: argparse.Namespace) -> int:
    """Makes the dataset and says what is in it; returns an exit code."""
    options = DatasetOptions(
        depths=tuple(sorted(set(args.depth))),
        largest=args.largest,
        blocks=args.blocks,
        most=args.most,
        sampling=Sampling(args.points, args.oversampling, args.noise),
        seed=args.seed,
        validation=args.validation,
        skip_bad=args.skip_bad,
    )
    tell = (lambda line: None) if args.quiet or args.json else print
    record = build([Path(name) for name in args.inputs], Path(args.out), options, tell)
    if args.json:
        print(json.dumps({"out": args.out, **record}, indent=2))
    elif not args.quiet:
        _say(args.out, record)
    return 0


def _say(out: str, record: dict[str, Any]) -> None:
    """What is in a dataset, in words."""
    counts = record["counts"]
    print(
        f"{out}: {counts['clouds']} clouds of {counts['objects']} objects, {counts['blocks']:,} blocks "
        f"({counts['blocks_training']:,} train, {counts['blocks_validation']:,} validate), "
        f"{counts['voxels']:,} voxels"
    )
    if not counts["blocks_validation"]:
        print("one object alone cannot be split by cloud; train needs a second one")
    bare = [name for entry in record["licences"] if not entry["file"] for name in entry["sources"]]
    if bare:
        more = f" and {len(bare) - 3} more" if len(bare) > 3 else ""
        print(f"no licence file lies beside {', '.join(bare[:3])}{more}")
