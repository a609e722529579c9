"""`octavox info`: what a stream holds."""

from __future__ import annotations

import argparse

from octavox.codec import api

from .arguments import add_json, add_options, options_of
from .commands import EXIT_STREAM
from .job import running_job
from .text import info_text


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    parser.add_argument("input", metavar="FILE.ovx")
    add_json(parser)
    parser.add_argument("--blocks", action="store_true", help="decode it too, for the bits by block size")
    add_options(parser, "info")


def run(args: argparse.Namespace) -> int:
    """Prints the fields; 3 if a section is damaged."""
    with running_job() as (cancel, progress):
        stream = api.info(
            args.input, blocks=args.blocks, options=options_of(args), progress=progress, cancel=cancel
        )
    print(stream.to_json() if args.json else info_text(stream))
    return 0 if stream.sound else EXIT_STREAM
