"""Sequences at the command line: which frames are meant, and names with their numbers."""

from __future__ import annotations

import argparse
import re

from octavox.codec import sequences
from octavox.codec.errors import InputError
from octavox.codec.files.listing import files_of, is_numbered, numbered
from octavox.codec.formats import cloud_suffixes
from octavox.codec.options import CodecOptions

from .targets import STDOUT

_RANGE = re.compile(r"(\d{0,15}):(\d{0,15})|(\d{1,15})", re.ASCII)


def add_frame(parser: argparse.ArgumentParser, several: bool = False) -> None:
    """Declares --frame. several: a range is allowed."""
    help = "of a sequence, this frame, counted from 0"
    if not several:
        parser.add_argument("--frame", type=_number, metavar="K", help=help)
        return
    parser.add_argument(
        "--frame",
        metavar="K|K:L",
        help=f"{help}, or the frames K to L - 1 (K: and :L go to the end and from 0)",
    )


def _number(text: str) -> int:
    if not re.fullmatch(r"\d{1,15}", text, re.ASCII):
        raise argparse.ArgumentTypeError(f"'{text}' is no number of a frame")
    return int(text)


def chosen_frames(path: str, given: str | None, count: int) -> list[int]:
    """The frames of a file that --frame names, of so many; all without it. Raises InputError."""
    if given is None:
        return list(range(count))
    match = _RANGE.fullmatch(given)
    if match is None:
        raise InputError(f"'{given}' is neither a number of a frame nor a range K:L", field="frame")
    first, last, only = match.groups()
    if only is not None:
        first, last = only, str(int(only) + 1)
    low, high = int(first or 0), int(last or count)
    if not low < high <= count:
        some = "the only frame is 0" if count == 1 else f"there are frames 0 to {count - 1:,}"
        raise InputError(f"no frames are meant by '{given}'; {some}", path=path, field="frame")
    return list(range(low, high))


def frame_targets(path: str, output: str | None, frames: list[int]) -> list[str]:
    """The name of the file of each frame. Raises InputError where one name is for several."""
    if output is not None and output != STDOUT and is_numbered(output):
        return [numbered(output, number) for number in frames]
    if len(frames) > 1:
        reason = (
            f"{len(frames):,} frames have to be written; give a name with a place for their numbers, as in "
            "-o 'out_%04d.ply', or choose one with --frame"
        )
        raise InputError(reason, path=path, field="output")
    return [output or ""]


def inputs_of(given: list[str]) -> list[str]:
    """The files that inputs mean: themselves, those of a folder, those that a pattern names."""
    return [path for name in given for path in files_of(name, cloud_suffixes())]


def opened(path: str, options: CodecOptions, salvage: bool = False) -> sequences.StreamFrames:
    """The frames of a stream."""
    return sequences.StreamFrames(path, options, salvage)
