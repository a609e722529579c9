"""`octavox compare`: how far one cloud is from another."""

from __future__ import annotations

import argparse

from octavox.codec import metrics
from octavox.codec.cloud.cloud import PointCloud
from octavox.codec.errors import InputError
from octavox.codec.files.source import STDIN, open_source
from octavox.codec.formats import read_cloud
from octavox.codec.job import CancelToken
from octavox.codec.sequences import StreamFrames
from octavox.codec.stream.chunks import MAGIC

from .arguments import add_options, add_read_options, options_of, read_options
from .commands import EXIT_DIFFERENT
from .frames import add_frame
from .job import running_job
from .text import comparison_text
from .words import say, say_json


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    parser.add_argument(
        "a", metavar="A", help="the reference: a point cloud or a stream; - for standard input"
    )
    parser.add_argument("b", metavar="B", help="what is measured: a point cloud or a stream; - as above")
    parser.add_argument("--peak", type=float, metavar="P", help="for PSNR (default: 2^depth - 1 voxels of A)")
    parser.add_argument(
        "--rendered",
        action="store_true",
        help="compare pictures from fixed cameras, too: MSE and SSIM (needs scikit-image)",
    )
    add_frame(parser)
    add_read_options(parser)
    add_options(parser, "compare")


def run(args: argparse.Namespace) -> int:
    """Prints D1 and D2 as the MPEG reference metric defines them; 1 if the sets of positions differ."""
    if args.a == STDIN == args.b:
        raise InputError("standard input is one file, not two", field="b")
    with running_job("", args.quiet) as (cancel, progress):
        clouds = [_cloud(args, path, cancel) for path in (args.a, args.b)]
        report = metrics.compare(
            *clouds, peak=args.peak, rendered=args.rendered, progress=progress, cancel=cancel
        ).report
    say(args, comparison_text(report))
    say_json(args, {"a": args.a, "b": args.b, "same_positions": report.identical, **report.to_dict()})
    return 0 if report.identical else EXIT_DIFFERENT


def _cloud(args: argparse.Namespace, path: str, cancel: CancelToken) -> PointCloud:
    """The points of a cloud, or of a stream."""
    with open_source(path) as source:
        if source.read(0, len(MAGIC)) == MAGIC:
            frames = StreamFrames(source, options_of(args))
            if len(frames) > 1 and args.frame is None:
                reason = f"a sequence of {len(frames):,} frames; choose one with --frame"
                raise InputError(reason, path=path, field="frame")
            return frames.read(args.frame if len(frames) > 1 else 0, cancel=cancel)
        return read_cloud(source, options=read_options(args), cancel=cancel)
