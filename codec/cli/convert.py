"""`octavox convert`: a point cloud from one file format to another."""

from __future__ import annotations

import argparse

from octavox.codec.formats import WriteOptions, cloud_suffixes, read_cloud

from .arguments import add_read_options, read_options
from .job import running_job
from .several import Outcome, each
from .targets import (
    STDOUT,
    add_force,
    add_format,
    check_cloud_target,
    files_of,
    suffix_of_choice,
    write_target,
)
from .text import lost_in_format
from .words import warn


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    parser.add_argument("input", metavar="IN", help=f"{', '.join(cloud_suffixes())}; - for standard input")
    parser.add_argument(
        "output",
        metavar="OUT",
        help=f"one of {', '.join(cloud_suffixes(writing=True))}; - for standard output",
    )
    add_format(parser)
    add_read_options(parser)
    parser.add_argument("--ascii", action="store_true", help="write text where the format has it, too")
    parser.add_argument("--compressed", action="store_true", help="compress where the format can: PCD, LAZ")
    add_force(parser)


def run(args: argparse.Namespace) -> int:
    """Reads and writes; says what the new format cannot hold."""
    suffix = suffix_of_choice(args)
    wanted = check_cloud_target(args.output, files_of(args.input, None), args.force, suffix)

    def one(source: str, target: str) -> Outcome:
        with running_job("", args.quiet) as (cancel, _):
            cloud = read_cloud(source, options=read_options(args), cancel=cancel)
            own = suffix if target == STDOUT else ""
            chosen = WriteOptions(args.ascii, args.compressed, own)
            lost = write_target(target, cloud, wanted, chosen, cancel)
        warnings = lost_in_format(lost, wanted.name)
        warn(args, target, warnings)
        names = list(cloud.attributes)
        words = f"{target}: {len(cloud):,} points, {', '.join(names) or 'positions alone'}"
        if args.verbose:
            types = [
                f"{name:<16}{getattr(column, 'dtype', 'list')}" for name, column in cloud.attributes.items()
            ]
            words = "\n".join([words, f"{'positions':<16}{cloud.coords.dtype}", *types])
        report = {"points": len(cloud), "attributes": names, "format": wanted.name, "warnings": warnings}
        return Outcome(report, words, words)

    return each(args, [(args.input, args.output)], one)
