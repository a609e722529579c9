"""`octavox completion`: a script that completes commands and options in a shell."""

from __future__ import annotations

import argparse

SHELLS = ("bash", "zsh", "tcsh")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    parser.add_argument("shell", choices=SHELLS, help="the shell; its documents say where the script belongs")


def run(args: argparse.Namespace) -> int:
    """Prints the script."""
    import shtab

    from .main import build_parser, known_commands

    parser = build_parser([], known_commands(), every=True)
    print(shtab.complete(parser, args.shell))
    return 0
