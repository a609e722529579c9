"""`octavox verify`: whether a stream holds what it promises of a cloud."""

from __future__ import annotations

import argparse
from functools import partial

from octavox.codec.errors import InputError
from octavox.codec.files.source import STDIN
from octavox.codec.formats import ReadOptions, read_cloud
from octavox.codec.report import Certificate
from octavox.codec.sequences import StreamFrames
from octavox.codec.wording import verdict

from .arguments import add_options, add_read_options, options_of, read_options
from .commands import EXIT_DIFFERENT
from .frames import add_frame, inputs_of, opened
from .job import running_job
from .text import certificate_text
from .words import say, say_json


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    parser.add_argument(
        "originals",
        nargs="+",
        metavar="CLOUD",
        help="the point cloud; - for standard input. Of a sequence, the clouds of its frames in their order, "
        "or a folder or a pattern such as frame_%%04d.ply",
    )
    parser.add_argument("stream", metavar="STREAM.ovx", help="the stream that was made of it; - as above")
    parser.add_argument(
        "--strict", action="store_true", help="demand every point with every property, whatever the level"
    )
    add_frame(parser)
    add_read_options(parser)
    add_options(parser, "verify")


def run(args: argparse.Namespace) -> int:
    """Prints the certificates; 1 if the stream does not hold what its level promises."""
    if STDIN in args.originals and args.stream == STDIN:
        raise InputError("standard input is one file, not two", field="stream")
    originals = inputs_of(args.originals)
    with opened(args.stream, options_of(args)) as frames:
        numbers = list(range(len(frames))) if args.frame is None else [frames.index(args.frame)]
        if len(originals) != len(numbers):
            count = "one frame" if len(numbers) == 1 else f"{len(numbers):,} frames"
            reason = f"{count} to verify and {len(originals):,} clouds; --frame chooses a frame"
            raise InputError(reason, path=args.stream, field="frame")
        found = [_verified(args, frames, *pair) for pair in zip(numbers, originals, strict=True)]
    alone = len(found) == 1
    if not alone:
        kept = sum(map(partial(_is_good, args), found))
        say(args, f"{args.stream}: {kept:,} of {len(found):,} frames hold what is asked of them")
    rows = [{"frame": number, **one.to_dict()} for number, one in zip(numbers, found, strict=True)]
    say_json(args, rows[0] if alone else rows)
    return 0 if all(_is_good(args, one) for one in found) else EXIT_DIFFERENT


def _verified(args: argparse.Namespace, frames: StreamFrames, number: int, path: str) -> Certificate:
    """Compares a frame with its cloud, and says what came of it."""
    with running_job("", args.quiet) as (cancel, progress):
        chosen = read_options(args)
        cloud = path if chosen == ReadOptions() else read_cloud(path, options=chosen, cancel=cancel)
        found = frames.verify(number, cloud, progress=progress, cancel=cancel)
    if len(frames) == 1 or args.frame is not None:
        say(args, certificate_text(found, args.verbose))
    else:
        text = certificate_text(found, True) + "\n" if args.verbose else verdict(found)
        say(args, f"frame {number}, {path}: {text}")
    return found


def _is_good(args: argparse.Namespace, found: Certificate) -> bool:
    return found.identical if args.strict else found.kept
