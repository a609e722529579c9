"""The command `octavox`, also `python -m octavox`: a file opens the window, a command runs here."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

COMMANDS = ("encode", "decode", "info", "verify", "compare", "dataset", "train", "gui", "demo")


def main(argv: Sequence[str] | None = None) -> int:
    """Entry of the console script and of `python main.py`; returns the exit code."""
    try:
        return _run(argv)
    except KeyboardInterrupt:  # before the command itself listens
        print("octavox: error: cancelled", file=sys.stderr)
        return 130


def _run(argv: Sequence[str] | None) -> int:
    args = list(sys.argv[1:] if argv is None else argv)
    if not args:
        return _open_window(None, args)
    if args[0] in COMMANDS or args[0].startswith("-") or len(args) > 1:
        return _command_line(args)
    if Path(args[0]).exists():
        return _open_window(args[0], args)
    print(f"octavox: error: there is no file and no command '{args[0]}'; try --help", file=sys.stderr)
    return 2


def _open_window(path: str | None, args: list[str]) -> int:
    from octavox.gui.app.app import run

    return run(path, [sys.argv[0], *args])


def _command_line(args: list[str]) -> int:
    from octavox.codec.cli import main as cli

    def add_gui(parser: argparse.ArgumentParser) -> None:
        parser.add_argument("file", nargs="?", metavar="FILE", help="cloud or stream to open")

    def add_demo(parser: argparse.ArgumentParser) -> None:
        from octavox.gui.app.demo import add_arguments

        add_arguments(parser)

    def run_demo(parsed: argparse.Namespace) -> int:
        from octavox.gui.app.demo import run

        return run(parsed)

    extra = [
        cli.Command("gui", "open the window", add_gui, lambda parsed: _open_window(parsed.file, args)),
        cli.Command("demo", "encode and decode a sample, and write what came out", add_demo, run_demo),
    ]
    return cli.main(args, extra)


if __name__ == "__main__":
    sys.exit(main())
