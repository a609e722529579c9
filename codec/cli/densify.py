"""What `octavox upsample` and `octavox restore` have in common."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from octavox.codec.cloud.cloud import PointCloud, VoxelCloud
from octavox.codec.formats import WriteOptions, cloud_suffixes, read_cloud
from octavox.codec.job import CancelToken, ProgressCallback

from .arguments import add_read_options, add_report, read_options
from .job import running_job
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
    write_target,
)
from .text import lost_in_format
from .words import warn

# What a command does: result with `cloud` and `report`, words for people, warnings.
Work = Callable[
    [PointCloud, ProgressCallback | None, CancelToken],
    tuple[PointCloud | VoxelCloud, dict[str, Any], str, list[str]],
]


def add_common(parser: argparse.ArgumentParser, mark: str) -> None:
    """Declares what both commands take. mark: of the names of outputs that nobody named."""
    known = ", ".join(cloud_suffixes())
    add_inputs(parser, "IN", f"point clouds ({known}), or - for standard input")
    parser.add_argument(
        "-o",
        "--output",
        metavar="OUT",
        help=f"its name says the format: {', '.join(cloud_suffixes(writing=True))}; - for standard output "
        f"(default: beside IN, its name with .{mark} before the ending; it must not exist yet)",
    )
    add_work(parser)


def add_work(parser: argparse.ArgumentParser) -> None:
    """Declares how files are read, how what is made of them is written, and by how many threads."""
    add_format(parser)
    parser.add_argument("--ascii", action="store_true", help="write text where the format has it, too")
    parser.add_argument("--compressed", action="store_true", help="compress where the format can: PCD, LAZ")
    parser.add_argument("--threads", type=int, metavar="N", help="threads (default: one for each core)")
    add_read_options(parser)
    add_report(parser)


def run_each(args: argparse.Namespace, mark: str, work: Work) -> int:
    """Reads, works and writes; the exit code."""
    suffix, chosen = suffix_of_choice(args), read_options(args)
    pairs = outputs_of(args, f".{mark}{suffix}")
    formats = {}
    for source, target in pairs:
        used = files_of(source, None)
        formats[target] = check_cloud_target(target, used, args.force, suffix)
        check_report_target(args, used | {target: "output"})
        if args.output is None:
            check_unused(target, args.force)
        if target == STDOUT:
            check_stdout()

    def one(source: str, target: str) -> Outcome:
        with running_job("", args.quiet) as (cancel, progress):
            given = read_cloud(source, options=chosen, cancel=cancel)
            cloud, report, words, warnings = work(given, progress, cancel)
            cancel.raise_if_cancelled()
            assert isinstance(cloud, PointCloud)  # as what was read
            wanted = formats[target]
            how = WriteOptions(args.ascii, args.compressed, suffix if target == STDOUT else "")
            lost = write_target(target, cloud, wanted, how, cancel)
        warnings = [*warnings, *lost_in_format(lost, wanted.name)]
        warn(args, source, warnings)
        line = f"{target}: {len(cloud):,} points"
        if args.verbose:
            words = "\n".join([words, *(f"{n:<12}{s:8.3f} s" for n, s in report["seconds"].items())])
        return Outcome({**report, "warnings": warnings}, f"{target}: {words}", line)

    return each(args, pairs, one)


def carried_text(names: tuple[str, ...]) -> str:
    """Where the properties of new points come from; nothing for a cloud without any."""
    return f"; properties are those of the nearest point before: {', '.join(names)}" if names else ""
