"""`octavox info`: what streams hold."""

from __future__ import annotations

import argparse

from octavox.codec import api

from .arguments import add_options, options_of
from .commands import EXIT_STREAM
from .job import running_job
from .several import Outcome, each
from .text import info_text


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    parser.add_argument("inputs", nargs="+", metavar="FILE.ovx", help="streams, or - for standard input")
    parser.add_argument("--blocks", action="store_true", help="decode them too, for the bits by block size")
    add_options(parser, "info")


def run(args: argparse.Namespace) -> int:
    """Prints the fields; 3 if a section is damaged."""
    options = options_of(args)

    def one(source: str, _: str) -> Outcome:
        with running_job("", args.quiet) as (cancel, progress):
            stream = api.info(source, blocks=args.blocks, options=options, progress=progress, cancel=cancel)
        text = info_text(stream, args.verbose)
        return Outcome(stream.to_dict(), text, text + "\n", 0 if stream.sound else EXIT_STREAM)

    return each(args, [(source, "") for source in args.inputs], one)
