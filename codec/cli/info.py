"""`octavox info`: what streams hold."""

from __future__ import annotations

import argparse

from octavox.codec import api

from .arguments import add_options, add_output_options, options_of
from .commands import EXIT_STREAM
from .job import running_job
from .text import info_text
from .words import say, say_all, say_report


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    parser.add_argument("inputs", nargs="+", metavar="FILE.ovx", help="streams, or - for standard input")
    parser.add_argument("--blocks", action="store_true", help="decode them too, for the bits by block size")
    add_options(parser, "info")
    add_output_options(parser)


def run(args: argparse.Namespace) -> int:
    """Prints the fields; 3 if a section is damaged."""
    found, sound = [], True
    for source in args.inputs:
        with running_job("", args.quiet) as (cancel, progress):
            stream = api.info(
                source, blocks=args.blocks, options=options_of(args), progress=progress, cancel=cancel
            )
        sound = sound and stream.sound
        if len(args.inputs) == 1:
            say_report(args, stream, info_text(stream))
        else:
            found.append(stream.to_dict())
            say(args, info_text(stream) + "\n")
    if len(args.inputs) > 1:
        say_all(args, found)
    return 0 if sound else EXIT_STREAM
