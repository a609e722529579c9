"""`octavox encode`: point clouds to streams."""

from __future__ import annotations

import argparse
import warnings
from typing import Any

from octavox.codec import api
from octavox.codec.errors import LossWarning
from octavox.codec.formats import cloud_suffixes

from .arguments import add_options, add_output_options, add_report, cloud_options_given, options_of
from .job import compile_rest, running_job
from .several import each
from .targets import (
    STDOUT,
    STREAM,
    add_inputs,
    check_report_target,
    check_stream_target,
    files_of,
    outputs_of,
    write_report,
    write_stdout,
)
from .text import encode_summary, encode_warnings
from .words import say_report, warn


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    add_inputs(
        parser, "IN", f"point clouds ({', '.join(cloud_suffixes())}, also .gz), or - for standard input"
    )
    parser.add_argument(
        "-o", "--output", metavar="OUT.ovx", help="- for standard output (default: beside IN)"
    )
    add_options(parser, "encode")
    add_report(parser)
    add_output_options(parser)


def run(args: argparse.Namespace) -> int:
    """Writes the streams and the reports; warns of what a stream does not keep."""
    options, pairs = options_of(args), outputs_of(args, STREAM)
    for source, target in pairs:
        used = files_of(source, options.weights)
        check_stream_target(target, used, args.force)
        check_report_target(args, used | {target: "output"})

    def one(source: str, target: str) -> dict[str, Any]:
        with running_job(options.codec, args.quiet) as (cancel, progress), warnings.catch_warnings():
            warnings.simplefilter("ignore", LossWarning)  # the report's own words follow
            kept = cloud_options_given(args)
            result = api.encode(source, options=options, progress=progress, cancel=cancel, **kept)
            cancel.raise_if_cancelled()
            if target == STDOUT:
                write_stdout(result.data)
            else:
                api.save_stream(target, result.data)
        write_report(args, result.report)
        warn(args, source, encode_warnings(result.report))
        if len(pairs) == 1:
            words = encode_summary(result.report, target, args.verbose)
            say_report(args, result.report, words, target == STDOUT)
        compile_rest(result.report.codec)
        return {"input": source, "output": target, **result.report.to_dict()}

    return each(args, pairs, one, lambda found: encode_line(found))


def encode_line(found: dict[str, Any]) -> str:
    """One line about one of several files."""
    return (
        f"{found['output']}: {found['input_points']:,} points in {found['bytes']:,} bytes, {found['level']}"
    )
