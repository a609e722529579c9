"""The command `octavox`, also `python -m octavox`: a file opens the window, a command runs here."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Sequence
from types import FrameType

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
    plain = threading.current_thread() is threading.main_thread()
    before = signal.getsignal(signal.SIGINT)
    if plain and before is signal.default_int_handler:
        signal.signal(signal.SIGINT, _interrupted)
    try:
        return _run(argv)
    except KeyboardInterrupt:  # before the command itself listens
        print(_CANCELLED, file=sys.stderr)
        return 130
    finally:
        if plain and signal.getsignal(signal.SIGINT) is _interrupted:
            signal.signal(signal.SIGINT, before)


_CANCELLED = "octavox: error: cancelled"


def _interrupted(number: int, frame: FrameType | None) -> None:
    """As Python does it, but within an import: packages turn an interrupt there into errors of their own."""
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            os.write(2, _CANCELLED.encode() + b"\n")
            os._exit(130)
        frame = frame.f_back
    raise KeyboardInterrupt


def _run(argv: Sequence[str] | None) -> int:
    args = list(sys.argv[1:] if argv is None else argv)
    if not args:
        return _command_line(["gui"])
    names = {command.name for command in (*COMMANDS, *WINDOW)}
    if args[0] in names or args[0].startswith("-"):
        return _command_line(args)
    if all(map(os.path.exists, args)):
        return _command_line(["gui", "--", *args])
    if len(args) > 1:
        return _command_line(args)
    from octavox.codec.cli.words import complain

    complain(f"there is no file and no command '{args[0]}'; try --help")
    return 2


def _command_line(args: list[str]) -> int:
    from octavox.codec.cli.main import main as run

    return run(args, WINDOW)


if __name__ == "__main__":
    sys.exit(main())
