"""`octavox decode`: streams to point clouds."""

from __future__ import annotations

import argparse
import re
from functools import partial

from octavox.codec import api, results
from octavox.codec.archive import archived_suffix
from octavox.codec.errors import InputError
from octavox.codec.files.source import STDIN
from octavox.codec.formats import WriteOptions, cloud_suffixes

from .arguments import add_options, add_report, options_of
from .commands import EXIT_SALVAGED
from .job import compile_rest, running_job
from .several import Outcome, each
from .targets import (
    STDOUT,
    add_format,
    add_inputs,
    check_cloud_target,
    check_report_target,
    check_stdout,
    check_unused,
    files_of,
    outputs_of,
    suffix_of_choice,
    write_bytes,
    write_target,
)
from .text import decode_summary, loss_text, lost_in_format
from .words import warn


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    add_inputs(parser, "IN.ovx", "streams, or - for standard input")
    parser.add_argument(
        "-o",
        "--output",
        metavar="OUT",
        help=f"its name says the format: {', '.join(cloud_suffixes(writing=True))}; - for standard output "
        "(default: a file beside IN, which must not exist yet). An archive gives its file, byte for byte, to "
        "a name with the ending of that file; another ending gets the points",
    )
    add_format(parser)
    parser.add_argument("--ascii", action="store_true", help="write text where the format has it, too")
    parser.add_argument(
        "--slice",
        type=int,
        action="append",
        dest="slices",
        metavar="K",
        help="decode this slice alone, and read nothing of the others (may be given again; info lists them)",
    )
    # Without this, argparse takes -1e5 and -inf for options.
    parser._negative_number_matcher = re.compile(r"-(\d|\.\d|inf)", re.IGNORECASE)
    parser.add_argument(
        "--region",
        type=float,
        nargs=6,
        metavar=("X0", "Y0", "Z0", "X1", "Y1", "Z1"),
        help="the points in this box alone, faces included, in the units of the file; other slices are not "
        "read. -inf and inf are allowed",
    )
    parser.add_argument(
        "--lod",
        type=int,
        metavar="L",
        help="the cloud of the first L levels of the octree alone: a point in the middle of each occupied "
        "cell. Of a large stream, the rest is not read",
    )
    parser.add_argument(
        "--salvage",
        action="store_true",
        help="of a cut or damaged stream, decode every slice that is whole; exit code 5 if points are lost",
    )
    add_options(parser, "decode")
    add_report(parser)


def run(args: argparse.Namespace) -> int:
    """Writes the clouds and the reports."""
    if args.salvage and (args.slices or args.region or args.lod is not None):
        raise InputError("--salvage decodes all that is whole; it takes no --slice, --region and --lod")
    options, suffix = options_of(args), suffix_of_choice(args)
    part = bool(args.slices or args.region)
    archived = {given: "" if part or given == STDIN else archived_suffix(given) for given in args.inputs}
    suffixes = {given: suffix if args.to else own or suffix for given, own in archived.items()}
    pairs = outputs_of(args, suffixes.__getitem__)
    formats = {}
    for source, target in pairs:
        used = files_of(source, options.weights)
        name = suffixes[source] if target == STDOUT else target
        own = _ends_alike(name, archived[source])
        formats[target] = check_cloud_target(target, used, args.force, suffixes[source], own)
        check_report_target(args, used | {target: "output"})
        if args.output is None:
            check_unused(target, args.force)
        if target == STDOUT:
            check_stdout()

    def one(source: str, target: str) -> Outcome:
        with running_job("", args.quiet) as (cancel, progress):
            work = partial(api.salvage if args.salvage else api.decode, source, options=options)
            wanted = {} if args.salvage else {"slices": args.slices, "region": args.region, "lod": args.lod}
            result = work(progress=progress, cancel=cancel, **wanted)
            cancel.raise_if_cancelled()
            chosen = WriteOptions(args.ascii, False, suffixes[source] if target == STDOUT else "")
            file = _wants_file(result, target, chosen, bool(args.to))
            if file:
                write_bytes(target, result.file or b"")
                lost: tuple[str, ...] = ()
            else:
                lost = write_target(target, result.cloud, formats[target], chosen, cancel)
        report = result.report
        warnings = [*loss_text(report.loss), *lost_in_format(lost, formats[target].name)]
        warn(args, source, warnings)
        compile_rest(report.codec)
        words, line = (
            decode_summary(report, target, args.verbose, file),
            f"{target}: {report.returned:,} points",
        )
        code = 0 if report.loss is None or report.loss.nothing else EXIT_SALVAGED
        return Outcome({**report.to_dict(), "warnings": warnings}, words, line, code)

    return each(args, pairs, one)


def _wants_file(result: results.DecodeResult, target: str, chosen: WriteOptions, named: bool) -> bool:
    """Whether the target gets the archived file: names end alike, and nothing else is asked for.

    named: whether --to names a format.
    """
    if result.file is None or chosen.ascii:
        return False
    return (target == STDOUT and not named) or _ends_alike(chosen.suffix or target, result.suffix)


def _ends_alike(target: str, suffix: str) -> bool:
    return bool(suffix) and target.lower().endswith(suffix)
