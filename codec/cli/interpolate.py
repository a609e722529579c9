"""`octavox interpolate`: the frame between two frames."""

from __future__ import annotations

import argparse

from octavox.codec.cloud.cloud import PointCloud
from octavox.codec.errors import InputError
from octavox.codec.files.source import STDIN
from octavox.codec.formats import WriteOptions, cloud_suffixes, read_cloud
from octavox.codec.interpolation import InterpolateReport, interpolate
from octavox.codec.job import CancelToken

from .arguments import read_options
from .densify import add_work
from .job import running_job
from .targets import (
    STDOUT,
    add_force,
    check_cloud_target,
    check_report_target,
    check_stdout,
    suffix_of_choice,
    write_report,
    write_target,
)
from .text import lost_in_format
from .words import say, say_json, warn


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    known = ", ".join(cloud_suffixes())
    parser.add_argument("a", metavar="A", help=f"a frame ({known}, also .gz), or - for standard input")
    parser.add_argument("b", metavar="B", help="a later frame; - as above")
    parser.add_argument(
        "-o",
        "--output",
        metavar="OUT",
        required=True,
        help=f"its name says the format: {', '.join(cloud_suffixes(writing=True))}; - for standard output",
    )
    parser.add_argument(
        "--at",
        type=float,
        default=0.5,
        metavar="T",
        help="the time of the new frame, between 0 (A) and 1 (B) (default: %(default)s)",
    )
    parser.add_argument(
        "--depth",
        type=int,
        metavar="N",
        help="bits per axis of the grid (default: the lattice of the coordinates; without one, voxels as "
        "wide as points of A are apart)",
    )
    add_force(parser)
    add_work(parser)


def run(args: argparse.Namespace) -> int:
    """Writes the frame and the report."""
    if args.a == STDIN == args.b:
        raise InputError("standard input is one file, not two", field="b")
    suffix, target = suffix_of_choice(args), args.output
    used = {args.a: "input", args.b: "input"}
    wanted = check_cloud_target(target, used, args.force, suffix)
    check_report_target(args, used | {target: "output"})
    if target == STDOUT:
        check_stdout()
    with running_job("", args.quiet) as (cancel, progress):
        a, b = (_read(args, path, cancel) for path in (args.a, args.b))
        found = interpolate(
            a, b, args.at, depth=args.depth, threads=args.threads, progress=progress, cancel=cancel
        )
        cancel.raise_if_cancelled()
        assert isinstance(found.cloud, PointCloud)  # as what was read
        how = WriteOptions(args.ascii, args.compressed, suffix if target == STDOUT else "")
        lost = write_target(target, found.cloud, wanted, how, cancel)
    warnings = [*_warnings(found.report), *lost_in_format(lost, wanted.name)]
    warn(args, target, warnings)
    bytes_out = STDOUT in (target, args.report)
    words = f"{target}: {_text(found.report)}"
    if args.verbose:
        words = "\n".join([words, *(f"{n:<12}{s:8.3f} s" for n, s in found.report.seconds.items())])
    say(args, words, bytes_out)
    report = {"a": args.a, "b": args.b, "output": target, **found.report.to_dict(), "warnings": warnings}
    write_report(args, report)
    say_json(args, report, bytes_out)
    return 0


def _read(args: argparse.Namespace, path: str, cancel: CancelToken) -> PointCloud:
    return read_cloud(path, options=read_options(args), cancel=cancel)


def _text(report: InterpolateReport) -> str:
    grid = f"a grid of {report.depth} bits per axis, voxels of {report.voxel_size:g}"
    way = f"B is A moved as a whole by {report.motion_max:.4g}"
    if not report.rigid:
        way = f"points move by {report.motion_mean:.4g} from A to B, at most by {report.motion_max:.4g}"
    carried = f"; properties: {', '.join(report.carried)}" if report.carried else ""
    shared = f"both frames move to {report.shared:,} of {report.points:,} points"
    return (
        f"{report.points:,} points at {report.at:g} between {report.points_a:,} and {report.points_b:,}, on "
        f"{grid}; {way}; {shared}; in {sum(report.seconds.values()):.2f} s{carried}"
    )


def _warnings(report: InterpolateReport) -> list[str]:
    """What the user should know, one sentence each."""
    found = []
    if not report.own_grid:
        found.append(
            "the points of the frames lie on no common grid; new points lie in the middles of voxels"
        )
    if report.motion_step > report.voxel_size:
        step = f"{report.motion_step:g}, not of a voxel ({report.voxel_size:g})"
        found.append(f"the frames span too much to find motion in steps finer than {step}")
    if report.not_carried:
        names = ", ".join(report.not_carried)
        found.append(f"B does not have, or has with another type: {names}; the new frame has none of them")
    for name, count in (("A", report.left_out_a), ("B", report.left_out_b)):
        if count:
            found.append(f"{count:,} points of {name} have no place on the grid and are left out")
    return found
