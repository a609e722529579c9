"""`octavox verify`: whether a stream decodes to the very voxels of a cloud."""

from __future__ import annotations

import argparse

from octavox.codec import api

from .arguments import add_json, add_options, options_of
from .commands import EXIT_DIFFERENT
from .job import running_job
from .text import certificate_text


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    parser.add_argument("original", metavar="A.ply")
    parser.add_argument("stream", metavar="B.ovx")
    add_json(parser)
    add_options(parser, "verify")


def run(args: argparse.Namespace) -> int:
    """Prints the certificate; 1 if the sets differ."""
    with running_job() as (cancel, progress):
        certificate = api.verify(
            args.original, args.stream, options=options_of(args), progress=progress, cancel=cancel
        )
    print(certificate.to_json() if args.json else certificate_text(certificate))
    return 0 if certificate.identical else EXIT_DIFFERENT
