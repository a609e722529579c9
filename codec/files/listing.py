"""Names of files: folders, patterns and lists, in the order of the numbers in the names."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from octavox.codec.errors import InputError, check_type

FilePath = str | os.PathLike[str]

_NUMBER = re.compile(r"%(0(\d+))?d")
_DIGITS = re.compile(r"(\d+)")


def natural_key(name: str) -> tuple[tuple[int, int, str], ...]:
    """Sorts names as people number them: a2 before a10."""
    parts = _DIGITS.split(name)
    return tuple((1, int(p), p) if k % 2 else (0, 0, p) for k, p in enumerate(parts))


def is_numbered(name: str) -> bool:
    """Whether a name has a place for a number, such as "frame_%04d.ply"; "%%" stands for a percent sign."""
    return _NUMBER.search(name.replace("%%", "")) is not None


def numbered(pattern: str, number: int) -> str:
    """The name with a number put into it. Raises InputError for a pattern without one place for it."""
    pieces, last = _split(pattern), ""
    for piece in pieces:
        last += piece if isinstance(piece, str) else str(number).zfill(piece[0])
    return last


def _split(pattern: str) -> list[str | tuple[int]]:
    """What stands in a pattern: words, and once the digits that its number has at least."""
    found: list[str | tuple[int]] = []
    for part in re.split(r"(%%|%(?:0\d+)?d)", pattern):
        if part == "%%" or not part.startswith("%"):
            found.append("%" if part == "%%" else part)
        else:
            match = _NUMBER.fullmatch(part)
            found.append((int(match.group(2) or 1) if match else 1,))
    if sum(isinstance(part, tuple) for part in found) != 1:
        raise InputError(f"'{pattern}' has not one place for a number, as in frame_%04d.ply", field="pattern")
    return found


def files_of(given: FilePath, suffixes: Sequence[str]) -> list[str]:
    """The files that a path means, in the order of their numbers: those of a folder that have one of these
    endings, those that a pattern names, or the file itself.

    Raises InputError where a folder or a pattern has no file.
    """
    check_type(given, (str, os.PathLike), "a path", "source")
    text = os.fspath(given)
    path = Path(text)
    if os.path.isdir(text):  # False also for names that no file can have
        inside = [str(p) for p in path.iterdir() if p.is_file() and p.name.lower().endswith(tuple(suffixes))]
        return _sorted(inside, text, "no point clouds and streams are in this folder")
    if os.path.lexists(text):
        return [text]
    if is_numbered(path.name):
        return _of_pattern(path)
    if glob.has_magic(text):
        try:
            found = glob.glob(text)
        except RecursionError:  # more folders within each other than any system allows
            found = []
        return _sorted([p for p in found if os.path.isfile(p)], text, "no file has such a name")
    return [text]


def _of_pattern(path: Path) -> list[str]:
    """The files of a pattern such as frame_%04d.ply, by their numbers."""
    pieces = [re.escape(p) if isinstance(p, str) else rf"(\d{{{p[0]},}})" for p in _split(path.name)]
    wanted, found = re.compile("".join(pieces)), dict[int, str]()
    inside: Iterable[Path] = path.parent.iterdir() if os.path.isdir(path.parent) else ()
    for one in inside:
        match = wanted.fullmatch(one.name)
        if match and numbered(path.name, int(match.group(1))) == one.name and one.is_file():
            found[int(match.group(1))] = str(one)
    if not found:
        raise InputError("no file has such a name", path=str(path))
    return [found[k] for k in sorted(found)]


def _sorted(names: list[str], given: str, reason: str) -> list[str]:
    if not names:
        raise InputError(reason, path=given)
    return sorted(names, key=natural_key)
