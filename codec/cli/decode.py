"""`octavox decode`: a stream to a point cloud."""

from __future__ import annotations

import argparse

from octavox.codec import api
from octavox.codec.formats import write_ply

from .arguments import add_options, add_report, options_of
from .files import check_files, write_report
from .job import compile_rest, running_job
from .text import decode_summary


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    parser.add_argument("input", metavar="IN.ovx")
    parser.add_argument("-o", "--output", required=True, metavar="OUT.ply", help="replaced if it exists")
    parser.add_argument("--ascii", action="store_true", help="write text instead of binary little endian")
    parser.add_argument(
        "--slice",
        type=int,
        action="append",
        dest="slices",
        metavar="K",
        help="decode this slice alone, and nothing of the others (may be given again; info lists them)",
    )
    add_options(parser, "decode")
    add_report(parser)


def run(args: argparse.Namespace) -> int:
    """Writes the PLY, then the report."""
    options = options_of(args)
    check_files(args, options.weights)
    with running_job() as (cancel, progress):
        result = api.decode(args.input, options=options, slices=args.slices, progress=progress, cancel=cancel)
        cancel.raise_if_cancelled()
        write_ply(args.output, result.cloud, ascii=args.ascii, cancel=cancel)
    write_report(args, result.report)
    print(decode_summary(result.report, args.output), flush=True)
    compile_rest(result.report.codec)
    return 0
