"""What commands say: to standard output, or to standard error where the output takes bytes."""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
import warnings
from collections.abc import Iterable, Iterator
from typing import Any, TextIO


def tolerate_names() -> None:
    """Names that the terminal's encoding lacks are written with escapes, and end in no traceback."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def say(args: argparse.Namespace, words: str, bytes_out: bool = False) -> None:
    """Words for people, unless they asked for none. bytes_out: standard output takes a file."""
    if words and not args.quiet and not args.json:
        print(words, file=sys.stderr if bytes_out else sys.stdout, flush=True)


def say_json(args: argparse.Namespace, report: Any, bytes_out: bool = False) -> None:
    """A report as JSON, where that was asked for. bytes_out as in `say`."""
    if args.json:
        print(json_text(report), file=sys.stderr if bytes_out else sys.stdout, flush=True)


def json_text(report: Any) -> str:
    """A report as JSON, in ASCII."""
    return json.dumps(report, indent=2, allow_nan=False)


def warn(args: argparse.Namespace, path: str, warnings: Iterable[str]) -> None:
    """Warnings, each with the file that it is about."""
    if not args.quiet:
        for warning in warnings:
            print(f"octavox: warning: {path}: {warning}", file=sys.stderr)


@contextlib.contextmanager
def library_warnings(quiet: bool) -> Iterator[None]:
    """What the library warns of becomes a line on standard error; nothing where that was asked for."""

    def show(
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        if not quiet:
            print(f"octavox: warning: {message}", file=sys.stderr)

    with warnings.catch_warnings():
        warnings.simplefilter("always", UserWarning)
        warnings.showwarning = show
        yield
