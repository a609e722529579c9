"""`octavox convert`: a point cloud from one file format to another."""

from __future__ import annotations

import argparse

from octavox.codec.formats import ReadOptions, WriteOptions, cloud_suffixes, read_cloud, write_cloud

from .arguments import add_output_options
from .job import running_job
from .targets import add_force, check_cloud_target, files_of
from .text import lost_in_format
from .words import say, warn


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    parser.add_argument(
        "input", metavar="IN", help=f"{', '.join(cloud_suffixes())}, also .gz; - for standard input"
    )
    parser.add_argument("output", metavar="OUT", help=f"one of {', '.join(cloud_suffixes(writing=True))}")
    add_read_options(parser)
    parser.add_argument("--ascii", action="store_true", help="write text where the format has it, too")
    parser.add_argument("--compressed", action="store_true", help="compress where the format can: PCD, LAZ")
    add_force(parser)
    add_output_options(parser)


def add_read_options(parser: argparse.ArgumentParser) -> None:
    """Declares what a file does not say itself."""
    parser.add_argument(
        "--mesh", choices=("vertices", "samples"), default="", help="points of a mesh: its corners, or drawn"
    )
    parser.add_argument("--samples", type=int, default=0, metavar="N", help="points drawn from a mesh")
    parser.add_argument("--fields", default="", metavar="x,y,z,...", help="what the numbers of a record are")


def read_options(args: argparse.Namespace) -> ReadOptions:
    """What the arguments say about a file."""
    fields = tuple(name for name in args.fields.split(",") if name)
    return ReadOptions(mesh=args.mesh, samples=args.samples, fields=fields)


def run(args: argparse.Namespace) -> int:
    """Reads and writes; says what the new format cannot hold."""
    wanted = check_cloud_target(args.output, files_of(args.input, None), args.force)
    with running_job("", args.quiet) as (cancel, _):
        cloud = read_cloud(args.input, options=read_options(args), cancel=cancel)
        chosen = WriteOptions(ascii=args.ascii, compressed=args.compressed)
        lost = write_cloud(args.output, cloud, options=chosen, cancel=cancel)
    warn(args, args.output, lost_in_format(lost, wanted.name))
    say(args, f"{args.output}: {len(cloud):,} points, {', '.join(cloud.attributes) or 'positions alone'}")
    return 0
