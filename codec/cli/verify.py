"""`octavox verify`: whether a stream holds what it promises of a cloud."""

from __future__ import annotations

import argparse

from octavox.codec import api

from .arguments import add_options, add_output_options, options_of
from .commands import EXIT_DIFFERENT
from .job import running_job
from .text import certificate_text
from .words import say_report


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    parser.add_argument("original", metavar="CLOUD", help="the point cloud")
    parser.add_argument("stream", metavar="STREAM.ovx", help="the stream that was made of it")
    parser.add_argument(
        "--strict", action="store_true", help="demand every point with every property, whatever the level"
    )
    add_options(parser, "verify")
    add_output_options(parser)


def run(args: argparse.Namespace) -> int:
    """Prints the certificate; 1 if the stream does not hold what its level promises."""
    with running_job("", args.quiet) as (cancel, progress):
        certificate = api.verify(
            args.original, args.stream, options=options_of(args), progress=progress, cancel=cancel
        )
    say_report(args, certificate, certificate_text(certificate))
    good = certificate.identical if args.strict else certificate.kept
    return 0 if good else EXIT_DIFFERENT
