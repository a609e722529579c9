"""The command `octavox`, also `python -m octavox`: a file opens the window, a command runs here."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from octavox.codec.cli.commands import COMMANDS, Command

WINDOW = (
    Command("gui", "open the window", "octavox.gui.app.cli", speaks=False),
    Command(
        "desktop", "add the window to the menu of a Linux desktop", "octavox.gui.app.desktop", speaks=False
    ),
    Command("demo", "encode and decode a sample, and write what came out", "octavox.gui.app.demo"),
)


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
        return _command_line(["gui"])
    names = {command.name for command in (*COMMANDS, *WINDOW)}
    if args[0] in names or args[0].startswith("-") or len(args) > 1:
        return _command_line(args)
    if Path(args[0]).exists():
        return _command_line(["gui", "--", args[0]])
    from octavox.codec.cli.words import complain

    complain(f"there is no file and no command '{args[0]}'; try --help")
    return 2


def _command_line(args: list[str]) -> int:
    from octavox.codec.cli.main import main as run

    return run(args, WINDOW)


if __name__ == "__main__":
    sys.exit(main())
