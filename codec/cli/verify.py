"""`octavox verify`: whether a stream holds what it promises of a cloud."""

from __future__ import annotations

import argparse

from octavox.codec import api
from octavox.codec.errors import InputError
from octavox.codec.files.source import STDIN
from octavox.codec.formats import ReadOptions, read_cloud

from .arguments import add_options, add_read_options, options_of, read_options
from .commands import EXIT_DIFFERENT
from .job import running_job
from .text import certificate_text
from .words import say, say_json


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    parser.add_argument("original", metavar="CLOUD", help="the point cloud; - for standard input")
    parser.add_argument("stream", metavar="STREAM.ovx", help="the stream that was made of it; - as above")
    parser.add_argument(
        "--strict", action="store_true", help="demand every point with every property, whatever the level"
    )
    add_read_options(parser)
    add_options(parser, "verify")


def run(args: argparse.Namespace) -> int:
    """Prints the certificate; 1 if the stream does not hold what its level promises."""
    if args.original == STDIN == args.stream:
        raise InputError("standard input is one file, not two", field="stream")
    options = options_of(args)
    with running_job("", args.quiet) as (cancel, progress):
        chosen, original = read_options(args), args.original
        if chosen != ReadOptions():
            original = read_cloud(args.original, options=chosen, cancel=cancel)
        certificate = api.verify(original, args.stream, options=options, progress=progress, cancel=cancel)
    say(args, certificate_text(certificate, args.verbose))
    say_json(args, certificate.to_dict())
    good = certificate.identical if args.strict else certificate.kept
    return 0 if good else EXIT_DIFFERENT
