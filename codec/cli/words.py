"""What commands say: to standard output, or to standard error where the output takes bytes."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable
from typing import Any

from octavox.codec.report import Report


def tolerate_names() -> None:
    """Names that the terminal's encoding lacks are written with escapes, and end in no traceback."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def say(args: argparse.Namespace, words: str, bytes_out: bool = False) -> None:
    """Words for people, unless they asked for none. bytes_out: standard output takes a file."""
    if not args.quiet and not args.json:
        print(words, file=sys.stderr if bytes_out else sys.stdout, flush=True)


def say_report(args: argparse.Namespace, report: Report, words: str, bytes_out: bool = False) -> None:
    """A report: as JSON where that was asked for, else as words."""
    if args.json:
        print(report.to_json(), file=sys.stderr if bytes_out else sys.stdout, flush=True)
    else:
        say(args, words, bytes_out)


def say_all(args: argparse.Namespace, reports: list[dict[str, Any]]) -> None:
    """The reports of several files as one JSON list, where JSON was asked for."""
    if args.json:
        print(json.dumps(reports, indent=1), flush=True)


def warn(args: argparse.Namespace, path: str, warnings: Iterable[str]) -> None:
    """Warnings, each with the file that it is about."""
    if not args.quiet:
        for warning in warnings:
            print(f"octavox: warning: {path}: {warning}", file=sys.stderr)
