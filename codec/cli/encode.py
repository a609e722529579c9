"""`octavox encode`: point clouds to streams."""

from __future__ import annotations

import argparse
import os
import re
import warnings
from typing import IO, Any, cast

from octavox.codec import api
from octavox.codec.errors import InputError, LossWarning, OctavoxError
from octavox.codec.files.atomic import output_file
from octavox.codec.formats import ReadOptions, cloud_suffixes, read_cloud
from octavox.codec.job import CancelToken
from octavox.codec.sequence_writer import GROUP, SequenceWriter
from octavox.codec.sources import CloudSource
from octavox.codec.stream.header import MOST_GROUP

from .arguments import (
    add_options,
    add_read_options,
    add_report,
    cloud_options_given,
    options_of,
    read_options,
)
from .frames import inputs_of
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
    write_report,
    write_stdout,
)
from .text import encode_line, encode_summary, encode_warnings
from .words import say, say_json, warn


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    add_inputs(parser, "IN", f"point clouds ({', '.join(cloud_suffixes())}), or - for standard input")
    parser.add_argument(
        "-o", "--output", metavar="OUT.ovx", help="- for standard output (default: beside IN)"
    )
    parser.add_argument(
        "--sequence",
        action="store_true",
        help="the inputs are the frames of one stream, in their order; also a folder, whose clouds are taken "
        "by the numbers in their names, and patterns such as frame_%%04d.ply or 'frame_*.ply'",
    )
    parser.add_argument(
        "--append",
        action="store_true",
        help="as --sequence, behind the frames of the stream that is there; a single cloud is one frame",
    )
    parser.add_argument(
        "--group",
        type=_count,
        metavar="N",
        help="of a sequence: of so many frames the first decodes alone, and each of the others may be coded "
        f"with the one before it, which is then decoded first; 1 to {MOST_GROUP} (1: every frame decodes "
        f"alone; default {GROUP})",
    )
    add_options(parser, "encode")
    add_read_options(parser)
    add_report(parser)


def run(args: argparse.Namespace) -> int:
    """Writes the streams and the reports; warns of what a stream does not keep."""
    if args.sequence or args.append:
        return encode_sequence(args)
    if args.group is not None:
        raise InputError("--group is of a sequence: --sequence or --append", field="group")
    options, pairs = options_of(args), outputs_of(args, STREAM)
    kept = cloud_options_given(args)
    for source, target in pairs:
        used = files_of(source, options.weights)
        check_stream_target(target, used, args.force)
        check_report_target(args, used | {target: "output"})
        if target == STDOUT:
            check_stdout()

    def one(source: str, target: str) -> Outcome:
        with running_job(options.codec, args.quiet) as (cancel, progress), warnings.catch_warnings():
            warnings.simplefilter("ignore", LossWarning)  # the report's own words follow
            given = source_of(args, source, cancel)
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


def _count(text: str) -> int:
    if not re.fullmatch(r"\d{1,15}", text, re.ASCII):
        raise argparse.ArgumentTypeError(f"'{text}' is no number of frames")
    return int(text)


def source_of(args: argparse.Namespace, source: str, cancel: CancelToken) -> CloudSource:
    """What is coded of an input: the cloud, where options say how to read the file; else the file."""
    chosen = read_options(args)
    if chosen != ReadOptions() and cloud_options_given(args).get("keep") != "file":
        return read_cloud(source, options=chosen, cancel=cancel)
    return source


def encode_sequence(args: argparse.Namespace) -> int:
    """Writes the inputs as the frames of one stream."""
    if args.output is None or args.out_dir is not None:
        raise InputError("a sequence is one stream; name it with --output", field="output")
    if args.append and args.output == STDOUT:
        raise InputError("frames are appended to a file; standard output has none", field="output")
    inputs, options = inputs_of(args.inputs), options_of(args)
    used = {name: kind for given in inputs for name, kind in files_of(given, options.weights).items()}
    check_stream_target(args.output, used, args.force)
    check_report_target(args, used | {args.output: "output"})
    if args.output == STDOUT:
        check_stdout()
    done: list[dict[str, Any]] = []
    kept = {"group": GROUP if args.group is None else args.group, **cloud_options_given(args)}
    if args.append:
        writer = SequenceWriter(args.output, append=True, options=options, **kept)
        with writer:
            _append(args, writer, inputs, done)
        size = os.path.getsize(args.output)
    else:
        with output_file(args.output) as file:
            writer = SequenceWriter(cast(IO[bytes], file), options=options, **kept)
            with writer:
                _append(args, writer, inputs, done)
            size = file.tell()
    points = sum(one["input_points"] for one in done)
    report = {"output": args.output, "bytes": size, "frames": len(writer), "cut": writer.cut, "added": done}
    words = f"{args.output}: {len(writer):,} frames in {size:,} bytes"
    say(args, f"{words}; {len(done):,} of them were added now, with {points:,} points", args.output == STDOUT)
    write_report(args, report)
    say_json(args, report, args.output == STDOUT)
    return 0


def _append(
    args: argparse.Namespace, writer: SequenceWriter, inputs: list[str], done: list[dict[str, Any]]
) -> None:
    """Codes the frames. done: gets their reports."""
    for source in inputs:
        with running_job("", args.quiet) as (cancel, progress), warnings.catch_warnings():
            warnings.simplefilter("ignore", LossWarning)  # the report's own words follow
            given = source_of(args, source, cancel)
            try:
                result = writer.append(given, progress=progress, cancel=cancel)
            except OctavoxError as error:
                raise error.in_file(source if source != STDOUT else "<stdin>") from None
        lost = encode_warnings(result.report)
        warn(args, source, lost)
        frame = len(writer) - 1
        done.append({"input": source, "frame": frame, **result.report.to_dict(), "warnings": lost})
        say(args, encode_line(result.report, f"frame {frame}, {source}"), args.output == STDOUT)
