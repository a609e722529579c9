"""`octavox compare`: how far one cloud is from another."""

from __future__ import annotations

import argparse

from octavox.codec import api, metrics
from octavox.codec.files.source import open_source
from octavox.codec.formats import read_cloud
from octavox.codec.stream.chunks import MAGIC

from .arguments import add_options, add_output_options, options_of
from .commands import EXIT_DIFFERENT
from .job import running_job
from .text import comparison_text
from .words import say_report


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    parser.add_argument("a", metavar="A", help="the reference: a point cloud or a stream")
    parser.add_argument("b", metavar="B", help="what is measured: a point cloud or a stream")
    parser.add_argument("--peak", type=float, metavar="P", help="for PSNR (default: 2^depth - 1 voxels of A)")
    add_options(parser, "compare")
    add_output_options(parser)


def run(args: argparse.Namespace) -> int:
    """Prints D1 and D2 as the MPEG reference metric defines them; 1 if the sets of positions differ."""
    options = options_of(args)
    clouds = []
    with running_job("", args.quiet) as (cancel, progress):
        for path in (args.a, args.b):
            with open_source(path) as source:
                is_stream = source.read(0, len(MAGIC)) == MAGIC
            if is_stream:
                clouds.append(api.decode(path, options=options, cancel=cancel).cloud)
            else:
                clouds.append(read_cloud(path, cancel=cancel))
        report = metrics.compare(*clouds, peak=args.peak, progress=progress, cancel=cancel).report
    say_report(args, report, comparison_text(report))
    return 0 if report.identical else EXIT_DIFFERENT
