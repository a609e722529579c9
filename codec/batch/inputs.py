"""The inputs of a batch: files, folders and patterns, and the file that is made of each."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from octavox.codec.errors import InputError, check_type
from octavox.codec.files.atomic import FilePath
from octavox.codec.formats.registry import inner_name

OWN = "octavox-batch"  # how the names of a batch's own files begin; no cloud's name does


@dataclass(frozen=True)
class Given:
    """One input. path: absolute. name: below the folder that was given, with "/". size, mtime_ns: of now."""

    path: str
    name: str
    size: int
    mtime_ns: int


def find_inputs(given: FilePath | Iterable[FilePath], suffixes: Sequence[str]) -> list[Given]:
    """The files that are meant, in natural order of each argument, each once.

    given: files; folders, of which all files with one of `suffixes` are taken, those of folders inside them
    included, hidden ones and links to folders not; patterns with *, ?, [...] and ** (any folders). Raises
    InputError for an argument that is or matches no file.
    """
    if isinstance(given, (str, os.PathLike)):
        given = [given]
    found: dict[tuple[str, str], Given] = {}
    for argument in given:
        check_type(argument, (str, os.PathLike), "a path", "paths")
        text = os.fsdecode(argument)
        files = list(_of_argument(text, suffixes))
        if not files:
            raise InputError(_reason(text, suffixes), path=text.replace("\0", "\\0"))
        for path, name in files:
            found.setdefault((path, name), _described(path, name))
    return list(found.values())


def _reason(text: str, suffixes: Sequence[str]) -> str:
    if os.path.isdir(text):
        return f"no file in this folder ends in {', '.join(suffixes)}"
    return "no file matches" if glob.has_magic(text) else "there is no such file"


def _described(path: str, name: str) -> Given:
    try:
        status = os.stat(path)
    except OSError as error:
        raise InputError(f"cannot read: {error.strerror or error}", path=path) from error
    return Given(path, name, status.st_size, status.st_mtime_ns)


def _of_argument(text: str, suffixes: Sequence[str]) -> Iterator[tuple[str, str]]:
    """(absolute path, name) of each file that an argument stands for."""
    if "\0" in text:
        return
    if os.path.isfile(text):
        yield os.path.abspath(text), os.path.basename(text)
    elif os.path.isdir(text):
        yield from _in_folder(text, suffixes)
    elif glob.has_magic(text):
        root = _fixed_part(text)
        for path in sorted(glob.glob(text, recursive=True), key=natural):
            name = os.path.relpath(path, root or ".")
            if os.path.isdir(path):
                yield from ((p, f"{_posix(name)}/{n}") for p, n in _in_folder(path, suffixes))
            elif _wanted(path, suffixes):
                yield os.path.abspath(path), _posix(name)


def _in_folder(folder: str, suffixes: Sequence[str]) -> Iterator[tuple[str, str]]:
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted((f for f in folders if not f.startswith(".")), key=natural)
        for file in sorted(files, key=natural):
            path = os.path.join(parent, file)
            if _wanted(path, suffixes) and os.path.isfile(path):
                yield os.path.abspath(path), _posix(os.path.relpath(path, folder))


def _wanted(path: str, suffixes: Sequence[str]) -> bool:
    """Whether a file that was found, not named, is meant: by its ending, and as no file of a batch itself."""
    name = os.path.basename(path)
    return not name.startswith((".", OWN)) and inner_name(name).lower().endswith(tuple(suffixes))


def _fixed_part(pattern: str) -> str:
    """The folders of a pattern before the first one with a wildcard."""
    parts = Path(pattern).parts
    first = next(k for k, part in enumerate(parts) if glob.has_magic(part))
    return str(Path(*parts[:first])) if first else ""


def _posix(name: str) -> str:
    return name.replace(os.sep, "/")


def natural(name: str) -> list[tuple[int, int, str]]:
    """A key that sorts "a2" before "a10"."""
    parts = re.split(r"(\d+)", name)
    return [(1, int(p), "") if p.isdecimal() else (0, 0, p) for p in parts]


def targets_of(inputs: Sequence[Given], folder: str, suffix: Callable[[Given], str]) -> list[str]:
    """The file below `folder` that belongs to each input: its name there, with another ending.

    Raises InputError where two inputs would be written to one file, or an input would be overwritten.
    """
    targets = [str(Path(folder, _renamed(given.name, suffix(given)))) for given in inputs]
    taken: dict[str, Given] = {}
    own = {os.path.realpath(given.path) for given in inputs}
    for given, target in zip(inputs, targets, strict=True):
        key = os.path.normcase(os.path.realpath(target))
        if key in taken:
            reason = f"{target} would be made of this file and of {taken[key].path}; give them in two batches"
            raise InputError(reason, path=given.path)
        if key in own:
            raise InputError(f"{target} is an input of this batch", path=given.path)
        taken[key] = given
    return targets


def _renamed(name: str, suffix: str) -> str:
    """A name below a folder with another ending. Steps out of the folder are left out."""
    plain = PurePosixPath(name)
    parts = [part for part in plain.parts if part not in ("..", "/")]
    inner = inner_name(parts[-1])
    stem = PurePosixPath(inner).stem or inner
    return str(PurePosixPath(*parts[:-1], stem + suffix))
