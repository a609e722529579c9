"""Files that commands write: their names, and the checks that keep other files safe."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Callable
from pathlib import Path

from octavox.codec.errors import InputError
from octavox.codec.files.atomic import check_target, write_atomically
from octavox.codec.files.source import STDIN, open_source
from octavox.codec.formats import cloud_suffixes
from octavox.codec.formats.registry import Format, format_by_name, format_of
from octavox.codec.report import CodingReport
from octavox.codec.stream.chunks import MAGIC

STDOUT = STDIN  # "-" is both, by its place
STREAM = ".ovx"
_HEAD = 64  # bytes that tell what an existing file is


def add_inputs(parser: argparse.ArgumentParser, metavar: str, help: str) -> None:
    """Declares the inputs of a command that takes several, and where the outputs go."""
    parser.add_argument("inputs", nargs="+", metavar=metavar, help=help)
    parser.add_argument("--out-dir", metavar="DIR", help="write beside each other into this folder")
    add_force(parser)


def add_force(parser: argparse.ArgumentParser) -> None:
    """Declares --force."""
    parser.add_argument("--force", action="store_true", help="replace a file of another kind; write any name")


def outputs_of(args: argparse.Namespace, suffix: str) -> list[tuple[str, str]]:
    """(input, output) of each input. Raises InputError where they do not fit together."""
    inputs: list[str] = args.inputs
    if args.output is not None:
        if len(inputs) > 1 or args.out_dir is not None:
            raise InputError("--output is for a single input; use --out-dir for several", field="output")
        return [(inputs[0], args.output)]
    pairs = [(given, _beside(given, args.out_dir, suffix)) for given in inputs]
    taken: dict[str, str] = {}
    for given, target in pairs:
        if target in taken:
            raise InputError(f"{taken[target]} would be written to the same file", path=given)
        taken[target] = given
    return pairs


def _beside(given: str, folder: str | None, suffix: str) -> str:
    if given == STDIN:
        raise InputError("standard input has no name; give one with --output", field="output")
    path = Path(given)
    name = path.name[: -len(".gz")] if path.name.lower().endswith(".gz") else path.name
    stem = Path(name).stem or name
    return str(Path(folder, stem + suffix) if folder is not None else path.with_name(stem + suffix))


def files_of(source: str, weights: str | None) -> dict[str, str]:
    """The files that a command reads, and what they are."""
    return {source: "input"} | ({} if weights is None else {weights: "weights"})


def check_stream_target(target: str, used: dict[str, str], force: bool) -> None:
    """InputError for a target that is no name of a stream, is another kind of file, or cannot be written.

    used: other files of the command, and what they are.
    """
    if target == STDOUT:
        return
    _check_free(target, used, "output")
    if not force and Path(target).suffix.lower() != STREAM:
        raise InputError(
            f"a bitstream is written here, and the name does not end in {STREAM} (--force writes it)",
            path=target,
            field="output",
        )
    check_target(target)
    if not force:
        _check_kind(target, "an Octavox bitstream", lambda head: head.startswith(MAGIC))


def check_cloud_target(target: str, used: dict[str, str], force: bool) -> Format:
    """The format that a target's name asks for. InputError as `check_stream_target`."""
    if target != STDOUT:
        _check_free(target, used, "output")
    wanted = format_by_name(target if target != STDOUT else "cloud.ply")
    if wanted is None or not wanted.writes:
        known = ", ".join(cloud_suffixes(writing=True))
        reason = f"no point clouds are written under such a name; known: {known}"
        raise InputError(reason, path=target, field="output")
    if target != STDOUT:
        check_target(target)
        if not force:
            _check_kind(target, f"a {wanted.name} file", lambda head: format_of(target, head) is wanted)
    return wanted


def check_report_target(args: argparse.Namespace, used: dict[str, str]) -> None:
    """InputError for a file of --report that cannot be written, or that is one of the others."""
    if args.report is not None:
        _check_free(args.report, used, "report")
        check_target(args.report)


def _check_free(target: str, used: dict[str, str], name: str) -> None:
    for other, kind in used.items():
        if other != STDIN and _same_file(other, target):
            raise InputError(f"{kind} and {name} are the same file", path=target)


def _check_kind(target: str, kind: str, same: Callable[[bytes], bool]) -> None:
    """InputError for a file that exists and is of another kind."""
    if os.path.isfile(target):
        with open_source(target) as source:
            head = source.read(0, _HEAD)
        if head and not same(head):
            raise InputError(
                f"the file exists and is not {kind}; --force replaces it", path=target, field="output"
            )


def _same_file(one: str, other: str) -> bool:
    with contextlib.suppress(OSError, ValueError):
        return os.path.samefile(one, other)
    return os.path.realpath(one) == os.path.realpath(other)


def write_report(args: argparse.Namespace, report: CodingReport) -> None:
    """Writes the file of --report, if it was asked for."""
    if args.report:
        write_atomically(args.report, (report.to_json() + "\n").encode())


def write_stdout(data: bytes) -> None:
    """Bytes to standard output. Raises InputError for a terminal, which would show them as text."""
    if sys.stdout.isatty():
        raise InputError("standard output is a terminal; redirect it to a file", field="output")
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
