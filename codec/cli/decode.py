"""`octavox decode`: streams to point clouds."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Callable
from functools import partial

from octavox.codec import api, results
from octavox.codec.archive import archived_suffix, suffix_of_ending
from octavox.codec.errors import CorruptStreamError, InputError, OctavoxError
from octavox.codec.files.listing import is_numbered
from octavox.codec.files.source import STDIN
from octavox.codec.formats import WriteOptions, cloud_suffixes
from octavox.codec.formats.registry import Format
from octavox.codec.job import CancelToken
from octavox.codec.options import CodecOptions
from octavox.codec.sequences import StreamFrames

from .arguments import add_options, add_report, options_of
from .commands import EXIT_SALVAGED, EXIT_STREAM
from .frames import add_frame, chosen_frames, frame_targets, opened
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
from .words import complain, warn


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    add_inputs(parser, "IN.ovx", "streams, or - for standard input")
    parser.add_argument(
        "-o",
        "--output",
        metavar="OUT",
        help=f"its name says the format: {', '.join(cloud_suffixes(writing=True))}; - for standard output "
        "(default: a file beside IN, which must not exist yet). Of a sequence, a name such as out_%%04d.ply "
        "gets the numbers of the frames. An archive gives its file, byte for byte, to a name with the ending "
        "of that file; another ending gets the points",
    )
    add_format(parser)
    add_frame(parser, several=True)
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
        help="of a cut or damaged stream, decode every slice that is whole, or those of --slice or --region; "
        "exit code 5 if points are lost",
    )
    add_options(parser, "decode")
    add_report(parser)


def run(args: argparse.Namespace) -> int:
    """Writes the clouds and the reports."""
    if args.salvage and args.lod is not None:
        raise InputError("--salvage decodes slices that are whole; it takes no --lod", field="lod")
    patterned = args.output not in (None, STDOUT) and is_numbered(args.output)
    alone = len(args.inputs) == 1 and args.out_dir is None
    if alone and (args.frame is not None or patterned or _is_sequence(args.inputs[0], args.salvage)):
        return _decode_frames(args)
    if args.frame is not None:
        raise InputError("--frame is for a single input, whose output --output names", field="frame")
    options, suffix = options_of(args), suffix_of_choice(args)
    part = bool(args.slices or args.region)
    archived = {given: "" if part or given == STDIN else archived_suffix(given) for given in args.inputs}
    suffixes = {given: suffix if args.to else own or suffix for given, own in archived.items()}
    pairs = outputs_of(args, suffixes.__getitem__)
    formats = {}
    for source, target in pairs:
        formats[target] = _checked_target(args, source, target, suffixes[source], archived[source])

    def one(source: str, target: str) -> Outcome:
        with running_job("", args.quiet) as (cancel, progress):
            work = partial(api.salvage if args.salvage else api.decode, source, options=options)
            wanted = {"slices": args.slices, "region": args.region}
            wanted |= {} if args.salvage else {"lod": args.lod}
            result = work(progress=progress, cancel=cancel, **wanted)
            return _written(args, result, (source, target), formats[target], suffixes[source], cancel)

    return each(args, pairs, one)


def _decode_frames(args: argparse.Namespace) -> int:
    """Writes frames of a sequence, each to a file of its own."""
    source, options, suffix = args.inputs[0], options_of(args), suffix_of_choice(args)
    part = bool(args.slices or args.region)
    with opened(source, options, args.salvage) as frames:
        numbers = chosen_frames(source, args.frame, len(frames))
        archived = {number: "" if part else _suffix_of_frame(frames, number) for number in numbers}
        if len(numbers) == 1 and not args.to:
            suffix = archived[numbers[0]] or suffix
        if args.output is None and len(numbers) == 1:
            pairs = outputs_of(args, suffix)
        else:
            pairs = [(source, target) for target in frame_targets(source, args.output, numbers)]
        number_of = {target: number for (_, target), number in zip(pairs, numbers, strict=True)}
        formats = {}
        for target, number in number_of.items():
            formats[target] = _checked_target(args, source, target, suffix, archived[number])

        def one(source: str, target: str) -> Outcome:
            wanted = {"slices": args.slices, "region": args.region, "lod": args.lod}
            with running_job("", args.quiet) as (cancel, progress):
                result = frames.decode(number_of[target], progress=progress, cancel=cancel, **wanted)
                return _written(args, result, (source, target), formats[target], suffix, cancel)

        if not args.salvage or args.frame is not None:
            return each(args, pairs, one, number_of)
        lost: list[str] = []
        code = each(args, pairs, one if len(pairs) == 1 else _or_lost(one, lost), number_of)
        if not frames.ended:
            warn(args, source, ["the end of the stream is missing: frames behind these may be lost"])
            code = code or EXIT_SALVAGED
        return EXIT_STREAM if len(lost) == len(pairs) else code


def _or_lost(work: Callable[[str, str], Outcome], lost: list[str]) -> Callable[[str, str], Outcome]:
    """As `work`, for salvage: a frame of which nothing is whole is a loss, and no failure. lost: gets it."""

    def one(source: str, target: str) -> Outcome:
        try:
            return work(source, target)
        except CorruptStreamError as error:
            complain(str(error))
            lost.append(target)
            return Outcome({"error": str(error)}, "", f"{target}: lost", EXIT_SALVAGED)

    return one


def _is_sequence(given: str, salvage: bool) -> bool:
    """Whether a file has several frames. Of what cannot be read, the fault shows when it is decoded."""
    if given == STDIN or not os.path.isfile(given):
        return False
    try:
        with opened(given, CodecOptions(), salvage) as frames:
            return len(frames) > 1
    except OctavoxError:
        return False


def _suffix_of_frame(frames: StreamFrames, number: int) -> str:
    """As `archive.archived_suffix`, of a frame."""
    try:
        return suffix_of_ending(frames.place(number).opened().ending)
    except OctavoxError:
        return ""


def _checked_target(args: argparse.Namespace, source: str, target: str, suffix: str, archived: str) -> Format:
    """The format of an output, which can be written. archived: the ending of the file that the stream holds.

    Raises InputError where it cannot.
    """
    used = files_of(source, options_of(args).weights)
    own = _ends_alike(suffix if target == STDOUT else target, archived)
    found = check_cloud_target(target, used, args.force, suffix, own)
    check_report_target(args, used | {target: "output"})
    if args.output is None:
        check_unused(target, args.force)
    if target == STDOUT:
        check_stdout()
    return found


def _written(
    args: argparse.Namespace,
    result: results.DecodeResult,
    names: tuple[str, str],
    wanted: Format,
    suffix: str,
    cancel: CancelToken,
) -> Outcome:
    """Writes what was decoded. names: of input and output. suffix: the format of standard output."""
    source, target = names
    cancel.raise_if_cancelled()
    chosen = WriteOptions(args.ascii, False, suffix if target == STDOUT else "")
    file, lost = _wants_file(result, target, chosen, bool(args.to)), tuple[str, ...]()
    if file:
        write_bytes(target, result.file or b"")
    else:
        lost = write_target(target, result.cloud, wanted, chosen, cancel)
    report = result.report
    warnings = [*loss_text(report.loss), *lost_in_format(lost, wanted.name)]
    warn(args, source, warnings)
    compile_rest(report.codec)
    words = decode_summary(report, target, args.verbose, file)
    code = 0 if report.loss is None or report.loss.nothing else EXIT_SALVAGED
    line = f"{target}: {report.returned:,} points"
    return Outcome({**report.to_dict(), "warnings": warnings}, words, line, code)


def _wants_file(result: results.DecodeResult, target: str, chosen: WriteOptions, named: bool) -> bool:
    """Whether the target gets the archived file: names end alike, and nothing else is asked for.

    named: whether --to names a format.
    """
    if result.file is None or chosen.ascii:
        return False
    return (target == STDOUT and not named) or _ends_alike(chosen.suffix or target, result.suffix)


def _ends_alike(target: str, suffix: str) -> bool:
    return bool(suffix) and target.lower().endswith(suffix)
