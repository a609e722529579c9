"""`octavox gui`: the window from the command line."""

from __future__ import annotations

import argparse
import sys


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    words = "cloud, stream or session to open; a folder, a pattern or several files: a sequence"
    parser.add_argument("files", nargs="*", metavar="FILE", help=words)


def run(args: argparse.Namespace) -> int:
    """Opens the window; its exit code."""
    from .app import run as open_window

    return open_window(args.files, sys.argv[:1])
