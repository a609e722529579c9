"""What commands say: to standard output, or to standard error where the output takes bytes."""

from __future__ import annotations

import argparse
import contextlib
import json
import math
import os
import sys
import warnings
from collections.abc import Iterable, Iterator
from typing import Any, TextIO

from octavox.codec.errors import InputError


def tolerate_names() -> None:
    """Names that the terminal's encoding lacks are written with escapes, and end in no traceback."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


@contextlib.contextmanager
def naming_stdout() -> Iterator[None]:
    """Within the block, a fault of standard output is an InputError that names it; a reader that went away is
    none."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        silence_stdout()
        raise InputError(f"cannot write: {error.strerror or error}", path="<stdout>") from error


def silence_stdout() -> None:
    """What standard output could not take goes nowhere, or Python would try, and fail, again at exit."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def say(args: argparse.Namespace, words: str, bytes_out: bool = False) -> None:
    """Words for people, unless they asked for none. bytes_out: standard output takes a file."""
    if words and not args.quiet and not args.json:
        words = "".join(c if c.isprintable() or c == "\n" else repr(c)[1:-1] for c in words)
        with naming_stdout():
            print(words, file=sys.stderr if bytes_out else sys.stdout, flush=True)


def say_json(args: argparse.Namespace, report: Any, bytes_out: bool = False) -> None:
    """A report as JSON, where that was asked for. bytes_out as in `say`."""
    if args.json:
        with naming_stdout():
            print(json_text(report), file=sys.stderr if bytes_out else sys.stdout, flush=True)


def json_text(report: Any) -> str:
    """A report as JSON, in ASCII. Numbers that are not finite are null."""
    return json.dumps(_finite(report), indent=2, allow_nan=False)


def _finite(value: Any) -> Any:
    """The same values, with None in the place of numbers that JSON does not have."""
    if isinstance(value, dict):
        return {name: _finite(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def printable(words: str) -> str:
    """Words as one line, without characters that would steer a terminal: names of files may have any."""
    line = " ".join(words.split())
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in line)


def complain(words: str) -> None:
    """An error, as one line on standard error."""
    print(f"octavox: error: {printable(words)}", file=sys.stderr)


def warn(args: argparse.Namespace, path: str, warnings: Iterable[str]) -> None:
    """Warnings, each with the file that it is about."""
    if not args.quiet:
        for warning in warnings:
            print(printable(f"octavox: warning: {path}: {warning}"), file=sys.stderr)


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
            print(printable(f"octavox: warning: {message}"), file=sys.stderr)

    with warnings.catch_warnings():
        warnings.simplefilter("always", UserWarning)
        warnings.showwarning = show
        yield
