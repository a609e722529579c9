"""Writes docs/commands.md from the command line's own parser and docs/api.md from the list of stable names.

`make tables` runs it. docs/library.md has the list.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from octavox import codec
from octavox.__main__ import WINDOW
from octavox.codec.cli.main import build_parser

COMMANDS_PAGE, API_PAGE = ROOT / "docs" / "commands.md", ROOT / "docs" / "api.md"
GUIDE = ROOT / "docs" / "library.md"
COMMANDS_HEAD = """# Every command

`make tables` writes this page from the parser of the command line. [command-line.md](command-line.md) says
how the commands treat files, names, JSON and exit codes; [options.md](options.md) has the options of coding
with their values.
"""
API_HEAD = """# Python interface

`make tables` writes this page from the stable names, which [library.md](library.md#stable-names) lists; the
[documentation site](installing.md#the-documentation-site) shows their docstrings here. Import them from
`octavox`. Examples in docstrings run as tests.
"""
EVERYWHERE = ("help", "quiet", "verbose", "json")  # said once, in command-line.md


def commands_reference() -> str:
    """The page about commands, as Markdown."""
    parser = build_parser([], WINDOW, every=True)
    (group,) = (action for action in parser._actions if isinstance(action, argparse._SubParsersAction))
    words = {choice.dest: choice.help or "" for choice in group._choices_actions}
    lines = [COMMANDS_HEAD]
    for name, command in group.choices.items():
        lines += [f"## octavox {name}", "", f"{words[name][:1].upper()}{words[name][1:]}.", ""]
        lines += _arguments(command)
    return "\n".join(lines)


def _arguments(parser: argparse.ArgumentParser) -> Iterator[str]:
    """A table of the arguments of a command, and the commands below it."""
    rows = []
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, below in action.choices.items():
                yield from (f"### {parser.prog} {name}", "", *_arguments(below))
        elif action.dest not in EVERYWHERE and action.help != argparse.SUPPRESS:
            rows.append(f"| {_name(action)} | {_help(parser, action)} |")
    if rows:
        yield from ("| argument | what it does |", "|---|---|", *rows, "")


def _name(action: argparse.Action) -> str:
    """How an argument is typed, with what its values are called."""
    value = action.metavar or ("" if action.choices else action.dest.upper())
    names = " ".join(value) if isinstance(value, tuple) else value
    if not action.option_strings:
        return f"`{names or '{' + ','.join(map(str, action.choices or ())) + '}'}`"
    takes = "" if action.nargs == 0 else f" {names}".rstrip()
    return ", ".join(f"`{option}{takes}`" for option in action.option_strings).replace("|", "\\|")


def _help(parser: argparse.ArgumentParser, action: argparse.Action) -> str:
    """What an argument does, and the values among which it chooses."""
    words = parser._get_formatter()._expand_help(action) if action.help else ""
    if action.choices:
        words += f"{'; ' if words else ''}one of {', '.join(f'`{choice}`' for choice in action.choices)}"
    return " ".join(words.split()).replace("|", "\\|").replace("*", "\\*")


def stable_names() -> dict[str, list[str]]:
    """The stable names by what they are for, as docs/library.md lists them."""
    part = GUIDE.read_text("utf-8").split("## Stable names\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| ([a-z ]+) \| (`.*`) \|$", part, re.MULTILINE)
    return {title: re.findall(r"`(\w+)`", names) for title, names in rows}


def api_reference() -> str:
    """The page about the Python interface, in the notation of mkdocstrings."""
    lines = [API_HEAD]
    for title, names in stable_names().items():
        lines += [f"## {title[:1].upper()}{title[1:]}", ""]
        for name in names:
            lines += [f"::: octavox.codec.{codec._HOME[name]}.{name}", "    options:"]
            lines += [f'      heading: "{name}"', f'      toc_label: "{name}"', ""]
    return "\n".join(lines)


def main() -> int:
    """Entry of the script."""
    for page, text in ((COMMANDS_PAGE, commands_reference()), (API_PAGE, api_reference())):
        page.write_text(text, encoding="utf-8")
        print(page)
    return 0


if __name__ == "__main__":
    sys.exit(main())
