"""`octavox encode`: a point cloud to a stream."""

from __future__ import annotations

import argparse
import sys

from octavox.codec import api
from octavox.codec.formats import cloud_suffixes

from .arguments import add_options, add_report, cloud_options_of, options_of
from .files import check_files, write_report
from .job import compile_rest, running_job
from .text import encode_summary, encode_warnings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    parser.add_argument("input", metavar="IN", help=f"point cloud: {', '.join(cloud_suffixes())}")
    parser.add_argument("-o", "--output", required=True, metavar="OUT.ovx", help="replaced if it exists")
    add_options(parser, "encode")
    add_report(parser)


def run(args: argparse.Namespace) -> int:
    """Writes the stream, then the report; warns of what the stream does not keep."""
    options = options_of(args)
    check_files(args, options.weights)
    with running_job(options.codec) as (cancel, progress):
        result = api.encode(
            args.input, options=options, depth=cloud_options_of(args).depth, progress=progress, cancel=cancel
        )
        cancel.raise_if_cancelled()
        api.save_stream(args.output, result.data)
    write_report(args, result.report)
    for warning in encode_warnings(result.report):
        print(f"octavox: warning: {warning}", file=sys.stderr)
    print(encode_summary(result.report, args.output), flush=True)
    compile_rest(result.report.codec)
    return 0
