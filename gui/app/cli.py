"""`octavox gui`: the window from the command line."""

from __future__ import annotations

import argparse
import sys

from octavox.codec import InputError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    words = "clouds, bitstreams or a session to open; a folder, a pattern or numbered files: a sequence"
    parser.add_argument("files", nargs="*", metavar="FILE", help=words)


def run(args: argparse.Namespace) -> int:
    """Opens the window; its exit code. Raises InputError where packages of the window are missing."""
    try:
        from .app import run as open_window
    except ModuleNotFoundError as error:
        raise InputError("the window needs the extra gui: pip install 'octavox[gui]'") from error
    except ImportError as error:
        reason = f"the window needs libraries of the system, which README.md lists: {error}"
        raise InputError(reason) from error
    return open_window(args.files, sys.argv[:1])
