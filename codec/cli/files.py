"""Files that a command writes: targets checked before the work, reports."""

from __future__ import annotations

import argparse
import contextlib
import os

from octavox.codec.errors import InputError
from octavox.codec.files.atomic import check_target, write_atomically
from octavox.codec.report import CodingReport


def check_files(args: argparse.Namespace, weights: str | None) -> None:
    """InputError for a target that cannot be written, or that is one of the other files."""
    used = {args.input: "input", weights: "weights"}
    for name in ("output", "report"):
        target = getattr(args, name)
        if target is None:
            continue
        for other, kind in used.items():
            if other is not None and _same_file(other, target):
                raise InputError(f"{kind} and {name} are the same file", path=target)
        check_target(target)
        used[target] = name


def write_report(args: argparse.Namespace, report: CodingReport) -> None:
    """Writes the file of --report, if it was asked for."""
    if args.report:
        write_atomically(args.report, (report.to_json() + "\n").encode())


def _same_file(one: str, other: str) -> bool:
    with contextlib.suppress(OSError):
        return os.path.samefile(one, other)
    return os.path.realpath(one) == os.path.realpath(other)
