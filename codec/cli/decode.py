"""`octavox decode`: streams to point clouds."""

from __future__ import annotations

import argparse
import io
from typing import Any

from octavox.codec import api
from octavox.codec.formats import WriteOptions, cloud_suffixes, write_cloud
from octavox.codec.job import JobContext

from .arguments import add_options, add_output_options, add_report, options_of
from .job import compile_rest, running_job
from .several import each
from .targets import (
    STDOUT,
    add_inputs,
    check_cloud_target,
    check_report_target,
    files_of,
    outputs_of,
    write_report,
    write_stdout,
)
from .text import decode_summary, lost_in_format
from .words import say_report, warn


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    add_inputs(parser, "IN.ovx", "streams, or - for standard input")
    parser.add_argument(
        "-o",
        "--output",
        metavar="OUT",
        help=f"its name says the format: {', '.join(cloud_suffixes(writing=True))}; - writes PLY to standard "
        "output (default: a PLY file beside IN)",
    )
    parser.add_argument("--ascii", action="store_true", help="write text where the format has it, too")
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
    add_output_options(parser)


def run(args: argparse.Namespace) -> int:
    """Writes the clouds and the reports."""
    options, pairs = options_of(args), outputs_of(args, ".ply")
    formats = {}
    for source, target in pairs:
        used = files_of(source, options.weights)
        formats[target] = check_cloud_target(target, used, args.force)
        check_report_target(args, used | {target: "output"})

    def one(source: str, target: str) -> dict[str, Any]:
        with running_job("", args.quiet) as (cancel, progress):
            result = api.decode(source, options=options, slices=args.slices, progress=progress, cancel=cancel)
            cancel.raise_if_cancelled()
            chosen = WriteOptions(ascii=args.ascii)
            if target == STDOUT:
                buffer = io.BytesIO()
                lost = formats[target].write(buffer, result.cloud, JobContext(cancel=cancel), chosen)
                write_stdout(buffer.getvalue())
            else:
                lost = write_cloud(target, result.cloud, options=chosen, cancel=cancel)
        write_report(args, result.report)
        warn(args, target, lost_in_format(lost, formats[target].name))
        if len(pairs) == 1:
            say_report(args, result.report, decode_summary(result.report, target), target == STDOUT)
        compile_rest(result.report.codec)
        return {"input": source, "output": target, **result.report.to_dict()}

    return each(args, pairs, one, lambda found: f"{found['output']}: {found['points']:,} points")
