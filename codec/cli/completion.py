"""`octavox completion`: a script that completes commands, options and file names in a shell."""

from __future__ import annotations

import argparse

SHELLS = ("bash", "zsh", "fish", "tcsh", "powershell")
_FOLDERS = ("out_dir", "folder")
_NO_FILES = ("shell", "command")  # arguments in capitals that are no files


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    parser.add_argument("shell", choices=SHELLS, help="the shell; docs/command-line.md says where it belongs")


def run(args: argparse.Namespace) -> int:
    """Prints the script."""
    import shtab

    from .main import build_parser, known_commands

    parser = build_parser([], known_commands(), every=True)
    for action in _actions(parser):
        if action.dest in _FOLDERS:
            action.complete = shtab.DIR  # type: ignore[attr-defined]
        elif _is_file(action):
            action.complete = shtab.FILE  # type: ignore[attr-defined]
    print(shtab.complete(parser, args.shell))
    return 0


def _actions(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    """All arguments of a parser and of its subcommands."""
    found = list(parser._actions)
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            found += [inner for sub in action.choices.values() for inner in _actions(sub)]
    return found


def _is_file(action: argparse.Action) -> bool:
    """Whether an argument is the name of a file: it is a text, and no choice."""
    takes_text = action.type in (None, str) and action.nargs != 0 and not action.choices
    named = action.option_strings and action.metavar is None
    return takes_text and not named and action.dest not in _NO_FILES
