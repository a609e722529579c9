"""The entry of the command line: subcommands, errors as one line, exit codes.

Exit codes: 0 fine, 1 verify or compare found a difference, 2 usage or bad input, 3 bad stream, 4 weights
missing or wrong, 5 a part of a damaged stream was salvaged, 130 cancelled (docs/command-line.md).
"""

from __future__ import annotations

import argparse
import os
import traceback
from collections.abc import Sequence

from octavox.codec import __version__
from octavox.codec.errors import CancelledError, OctavoxError, WeightsError, out_of_memory

from .arguments import add_output_options
from .commands import COMMANDS, EXIT_CANCELLED, EXIT_INPUT, Command
from .words import complain, library_warnings, silence_stdout, tolerate_names


def main(argv: Sequence[str], extra: Sequence[Command] = ()) -> int:
    """Runs one command line, without the program's name; returns the exit code.

    extra: subcommands beside the library's own. As argparse does, raises SystemExit(2) for wrong usage and
    SystemExit(0) after --help and --version. OCTAVOX_DEBUG=1 shows the traceback of an error.
    """
    tolerate_names()
    _extra[:] = extra
    commands = {command.name: command for command in (*COMMANDS, *extra)}
    args = build_parser(argv, extra).parse_args(argv)
    try:
        with library_warnings(getattr(args, "quiet", False)):
            return commands[args.command].run(args)
    except (KeyboardInterrupt, CancelledError) as error:
        return _fail("cancelled", error, EXIT_CANCELLED)
    except WeightsError as error:
        hint = "" if "--codec octree" in str(error) or args.command != "encode" else "; or use --codec octree"
        return _fail(str(error) + hint, error, error.exit_code)
    except OctavoxError as error:
        return _fail(str(error), error, error.exit_code)
    except MemoryError as error:
        return _fail(str(out_of_memory(error)), error, EXIT_INPUT)
    except BrokenPipeError:
        silence_stdout()
        return EXIT_INPUT
    except OSError as error:
        name = f"{error.filename}: " if error.filename else ""
        return _fail(f"{name}{error.strerror or error}", error, EXIT_INPUT)
    except ImportError as error:
        return _fail(f"this installation lacks a package: {error}", error, EXIT_INPUT)


_extra: list[Command] = []  # subcommands of the caller, for `completion`


def known_commands() -> list[Command]:
    """The subcommands beside the library's own."""
    return list(_extra)


def build_parser(
    argv: Sequence[str] = (), extra: Sequence[Command] = (), every: bool = False
) -> argparse.ArgumentParser:
    """The parser. The subcommand that `argv` calls has its arguments, or every one; others need not load."""
    parser = argparse.ArgumentParser(
        prog="octavox",
        description="Lossless compression of voxelized point clouds, and a window to look into it.",
        epilog="With no arguments, or with a file alone, the window opens.",
    )
    parser.add_argument("--version", action="version", version=f"octavox {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for command in (*COMMANDS, *extra):
        sub = commands.add_parser(command.name, help=command.help, description=command.help)
        if every or command.name in argv[:1]:
            command.add_arguments(sub)
            if command.speaks:
                add_output_options(sub)
    return parser


def _fail(message: str, error: BaseException, code: int) -> int:
    """One line on stderr, or the traceback where OCTAVOX_DEBUG asks for it."""
    if os.environ.get("OCTAVOX_DEBUG", "") not in ("", "0"):
        traceback.print_exception(error)
    complain(message)
    return code
