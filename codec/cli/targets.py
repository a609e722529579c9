"""Files that commands write: their names, and the checks that keep other files safe."""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from octavox.codec.cloud.cloud import PointCloud
from octavox.codec.errors import InputError
from octavox.codec.files.atomic import check_target, write_atomically
from octavox.codec.files.source import STDIN
from octavox.codec.formats import WriteOptions, cloud_suffixes, write_cloud
from octavox.codec.formats.kinds import expected_kind
from octavox.codec.formats.registry import Format, format_by_name, inner_name
from octavox.codec.job import CancelToken, JobContext

from .words import json_text, naming_stdout

STDOUT = STDIN  # "-" is both, by its place
STREAM, REPORT, CLOUD = ".ovx", ".json", ".ply"


def add_inputs(parser: argparse.ArgumentParser, metavar: str, help: str) -> None:
    """Declares the inputs of a command that takes several, and where the outputs go."""
    parser.add_argument("inputs", nargs="+", metavar=metavar, help=help)
    parser.add_argument(
        "--out-dir", metavar="DIR", help="write into this folder, which is made if it is not there"
    )
    add_force(parser)


def add_force(parser: argparse.ArgumentParser) -> None:
    """Declares --force."""
    parser.add_argument(
        "--force", action="store_true", help="replace a file of another kind; write under any name"
    )


def add_format(parser: argparse.ArgumentParser) -> None:
    """Declares --to."""
    known = [suffix.removeprefix(".") for suffix in cloud_suffixes(writing=True) if suffix != ".gz"]
    parser.add_argument(
        "--to",
        choices=known,
        metavar="FORMAT",
        help=f"format where no name says it: {', '.join(known)} (default: ply)",
    )


def suffix_of_choice(args: argparse.Namespace) -> str:
    """The ending that --to asks for."""
    return f".{args.to}" if args.to else CLOUD


def outputs_of(args: argparse.Namespace, suffix: str | Callable[[str], str]) -> list[tuple[str, str]]:
    """(input, output) of each input. suffix: of outputs that nobody named, or what gives that of an input's.

    Raises InputError where they do not fit together.
    """
    inputs: list[str] = args.inputs
    if args.output is not None:
        if len(inputs) > 1 or args.out_dir is not None:
            raise InputError("--output is for a single input; use --out-dir for several", field="output")
        return [(inputs[0], args.output)]
    suffixes = [suffix if isinstance(suffix, str) else suffix(given) for given in inputs]
    pairs = [(given, _beside(given, args.out_dir, own)) for given, own in zip(inputs, suffixes, strict=True)]
    taken: dict[str, str] = {}
    for given, target in pairs:
        if target in taken:
            raise InputError(f"{taken[target]} would be written to the same file", path=given)
        taken[target] = given
    if args.out_dir is not None:
        make_folder(args.out_dir)
    return pairs


def make_folder(folder: str) -> None:
    """Makes a folder if it is not there. Raises InputError where that fails."""
    try:
        os.makedirs(folder, exist_ok=True)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"cannot make the folder: {reason}", path=folder.replace("\0", "\\0")) from error


def _beside(given: str, folder: str | None, suffix: str) -> str:
    if given == STDIN:
        raise InputError("standard input has no name; give one with --output", field="output")
    path = Path(given)
    name = inner_name(path.name)
    stem = Path(name).stem or name
    if not stem:
        raise InputError("this is no name of a file", path=given)
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
    if not force and (kind := expected_kind(target, None)):
        raise _another_kind(target, kind)


def check_cloud_target(
    target: str, used: dict[str, str], force: bool, suffix: str = CLOUD, archived: bool = False
) -> Format:
    """The format that a target's name asks for; for standard output, `suffix` does.

    archived: an archived file is written there; its format need not be one in which clouds are written.
    InputError as `check_stream_target`.
    """
    if target != STDOUT:
        _check_free(target, used, "output")
    name = target if target != STDOUT else f"cloud{suffix}"
    wanted = format_by_name(name, writing=not archived)
    if wanted is None:
        known = ", ".join(cloud_suffixes(writing=True))
        reason = f"no point clouds are written under such a name; known: {known}"
        raise InputError(reason, path=target, field="output")
    if target != STDOUT:
        check_target(target)
        if not force and (kind := expected_kind(target, wanted)):
            raise _another_kind(target, kind)
    return wanted


def check_unused(target: str, force: bool) -> None:
    """InputError for a file that is there already, under a name that nobody gave."""
    if not force and os.path.lexists(target):
        reason = "the file exists; name it with --output, or replace it with --force"
        raise InputError(reason, path=target, field="output")


def _another_kind(target: str, kind: str) -> InputError:
    reason = f"the file exists and is not {kind}; --force replaces it"
    return InputError(reason, path=target, field="output")


def check_report_target(args: argparse.Namespace, used: dict[str, str]) -> None:
    """InputError for a file of --report that cannot be written, is one of the others, or is no JSON file."""
    if args.report is None:
        return
    if args.report == STDOUT:
        if args.json or STDOUT in used:
            raise InputError("standard output takes one thing only", field="report")
        return
    _check_free(args.report, used, "report")
    if not args.force and Path(args.report).suffix.lower() != REPORT:
        reason = f"a report is written here, and the name does not end in {REPORT} (--force writes it)"
        raise InputError(reason, path=args.report, field="report")
    check_target(args.report)


def _check_free(target: str, used: dict[str, str], name: str) -> None:
    for other, kind in used.items():
        if other != STDIN and _same_file(other, target):
            raise InputError(f"{kind} and {name} are the same file", path=target)


def _same_file(one: str, other: str) -> bool:
    with contextlib.suppress(OSError, ValueError):
        return os.path.samefile(one, other)
    with contextlib.suppress(ValueError):
        return os.path.realpath(one) == os.path.realpath(other)
    return False


def write_report(args: argparse.Namespace, report: Any) -> None:
    """Writes the file of --report, if it was asked for."""
    wanted = getattr(args, "report", None)
    if wanted == STDOUT:
        with naming_stdout():
            print(json_text(report), flush=True)
    elif wanted:
        write_atomically(wanted, (json_text(report) + "\n").encode())


def write_target(
    target: str, cloud: PointCloud, wanted: Format, options: WriteOptions, cancel: CancelToken
) -> tuple[str, ...]:
    """Writes a cloud to a file or to standard output. Names of what the format cannot hold.

    Raises as `write_cloud` and `write_stdout`.
    """
    if target != STDOUT:
        return write_cloud(target, cloud, options=options, cancel=cancel)
    check_stdout()
    buffer = io.BytesIO()
    lost = wanted.write(buffer, cloud, JobContext(cancel=cancel), options)
    write_stdout(buffer.getvalue())
    return lost


def write_bytes(target: str, data: bytes) -> None:
    """Writes bytes to a file, which appears complete or not at all, or to standard output."""
    if target == STDOUT:
        write_stdout(data)
    else:
        write_atomically(target, data)


def check_stdout() -> None:
    """Raises InputError for a terminal, which would show bytes as text."""
    if sys.stdout.isatty():
        raise InputError("standard output is a terminal; redirect it to a file", field="output")


def write_stdout(data: bytes) -> None:
    """Bytes to standard output. Raises InputError for a terminal."""
    check_stdout()
    with naming_stdout():
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
