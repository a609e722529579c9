"""`octavox compare`: how far one cloud is from another."""

from __future__ import annotations

import argparse

from octavox.codec import api, metrics
from octavox.codec.formats import read_cloud

from .arguments import add_json, add_options, options_of
from .commands import EXIT_DIFFERENT
from .job import running_job
from .text import comparison_text


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    parser.add_argument("a", metavar="A", help="the reference: a point cloud or an .ovx stream")
    parser.add_argument("b", metavar="B", help="what is measured, of the same kinds")
    parser.add_argument("--peak", type=float, metavar="P", help="for PSNR (default: 2^depth - 1 voxels of A)")
    add_json(parser)
    add_options(parser, "compare")


def run(args: argparse.Namespace) -> int:
    """Prints D1 and D2 as the MPEG reference metric defines them; 1 if the sets differ."""
    options = options_of(args)
    with running_job() as (cancel, progress):
        a, b = (
            api.decode(path, options=options, cancel=cancel).cloud
            if path.lower().endswith(".ovx")
            else read_cloud(path, cancel=cancel)
            for path in (args.a, args.b)
        )
        report = metrics.compare(a, b, peak=args.peak, progress=progress, cancel=cancel).report
    print(report.to_json() if args.json else comparison_text(report))
    return 0 if report.identical else EXIT_DIFFERENT
