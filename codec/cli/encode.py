"""`octavox encode`: point clouds to streams."""

from __future__ import annotations

import argparse
import warnings

from octavox.codec import api
from octavox.codec.errors import LossWarning
from octavox.codec.formats import ReadOptions, cloud_suffixes, read_cloud
from octavox.codec.sources import CloudSource

from .arguments import (
    add_options,
    add_read_options,
    add_report,
    cloud_options_given,
    options_of,
    read_options,
)
from .job import compile_rest, running_job
from .several import Outcome, each
from .targets import (
    STDOUT,
    STREAM,
    add_inputs,
    check_report_target,
    check_stdout,
    check_stream_target,
    files_of,
    outputs_of,
    write_stdout,
)
from .text import encode_line, encode_summary, encode_warnings
from .words import warn


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    add_inputs(
        parser, "IN", f"point clouds ({', '.join(cloud_suffixes())}, also .gz), or - for standard input"
    )
    parser.add_argument(
        "-o", "--output", metavar="OUT.ovx", help="- for standard output (default: beside IN)"
    )
    add_options(parser, "encode")
    add_read_options(parser)
    add_report(parser)


def run(args: argparse.Namespace) -> int:
    """Writes the streams and the reports; warns of what a stream does not keep."""
    options, pairs = options_of(args), outputs_of(args, STREAM)
    chosen, kept = read_options(args), cloud_options_given(args)
    for source, target in pairs:
        used = files_of(source, options.weights)
        check_stream_target(target, used, args.force)
        check_report_target(args, used | {target: "output"})
        if target == STDOUT:
            check_stdout()

    def one(source: str, target: str) -> Outcome:
        with running_job(options.codec, args.quiet) as (cancel, progress), warnings.catch_warnings():
            warnings.simplefilter("ignore", LossWarning)  # the report's own words follow
            given: CloudSource = source
            if chosen != ReadOptions() and kept.get("keep") != "file":
                given = read_cloud(source, options=chosen, cancel=cancel)
            result = api.encode(given, options=options, progress=progress, cancel=cancel, **kept)
            cancel.raise_if_cancelled()
            if target == STDOUT:
                write_stdout(result.data)
            else:
                api.save_stream(target, result.data)
        lost = encode_warnings(result.report)
        warn(args, source, lost)
        compile_rest(result.report.codec)
        words = encode_summary(result.report, target, args.verbose)
        return Outcome(
            {**result.report.to_dict(), "warnings": lost}, words, encode_line(result.report, target)
        )

    return each(args, pairs, one)
