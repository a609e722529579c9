"""`octavox gui`: the window from the command line."""

from __future__ import annotations

import argparse
import sys


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    parser.add_argument("file", nargs="?", metavar="FILE", help="cloud or stream to open")


def run(args: argparse.Namespace) -> int:
    """Opens the window; its exit code."""
    from .app import run as open_window

    return open_window(args.file, sys.argv[:1])
