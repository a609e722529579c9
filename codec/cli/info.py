"""`octavox info`: what streams hold."""

from __future__ import annotations

import argparse

from octavox.codec.errors import CorruptStreamError
from octavox.codec.sequences import StreamFrames
from octavox.codec.stream_info import StreamInfo

from .arguments import add_options, options_of
from .commands import EXIT_STREAM
from .frames import add_frame, opened
from .job import running_job
from .several import Outcome, each
from .text import info_text, sequence_text
from .words import complain


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    parser.add_argument("inputs", nargs="+", metavar="FILE.ovx", help="streams, or - for standard input")
    parser.add_argument("--blocks", action="store_true", help="decode them too, for the bits by block size")
    add_frame(parser)
    add_options(parser, "info")


def run(args: argparse.Namespace) -> int:
    """Prints the fields; 3 if a section is damaged."""
    options = options_of(args)

    def one(source: str, _: str) -> Outcome:
        with opened(source, options) as frames:
            if len(frames) > 1 and args.frame is None:
                return _of_sequence(args, frames)
            with running_job("", args.quiet) as (cancel, progress):
                number = args.frame or 0
                stream = frames.info(number, blocks=args.blocks, progress=progress, cancel=cancel)
        text = info_text(stream, args.verbose)
        return Outcome(stream.to_dict(), text, text + "\n", 0 if stream.sound else EXIT_STREAM)

    return each(args, [(source, "") for source in args.inputs], one)


def _of_sequence(args: argparse.Namespace, frames: StreamFrames) -> Outcome:
    """What all frames hold. A frame that cannot be read is told, and the others go on."""
    found: list[StreamInfo | str] = []
    for number in range(len(frames)):
        with running_job("", args.quiet) as (cancel, progress):
            try:
                found.append(frames.info(number, blocks=args.blocks, progress=progress, cancel=cancel))
            except CorruptStreamError as error:
                complain(str(error))
                found.append(str(error))
    sound = all(not isinstance(one, str) and one.sound for one in found)
    text = sequence_text(frames.path, frames.bytes, found, args.verbose)
    report = {
        "path": frames.path,
        "file_size": frames.bytes,
        "frames": len(frames),
        "sound": sound,
        "of_frames": [
            {"frame": number, "error": one} if isinstance(one, str) else one.to_dict()
            for number, one in enumerate(found)
        ],
    }
    return Outcome(report, text, text + "\n", 0 if sound else EXIT_STREAM)
