"""The file formats of point clouds. A new format is one entry here.

Reading tells formats by their first bytes, then by the file's name. Dialogs, help and documents list what is
registered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from octavox.codec.cloud.cloud import PointCloud
from octavox.codec.job import JobContext

from .pcd_read import read_pcd
from .ply_read import read_ply
from .sampling import sample_ply
from .text_read import read_text

Reader = Callable[[Path, JobContext], PointCloud]
Sampler = Callable[[Path, int], "PointCloud | None"]


@dataclass(frozen=True)
class Format:
    """A file format.

    name: what people call it. suffixes: endings of file names, lower case, with the dot. magic: the first
    bytes of its files, where they have such. read: the cloud of a file; raises InputError that names what is
    wrong, and CancelledError. sample: some points of a large file, quickly, or None; it raises nothing.
    """

    name: str
    suffixes: tuple[str, ...]
    read: Reader
    magic: bytes = b""
    sample: Sampler | None = None


_FORMATS: list[Format] = [
    Format("PLY", (".ply",), read_ply, b"ply", sample_ply),
    Format("PCD", (".pcd",), read_pcd),
    Format("text", (".xyz", ".xyzrgb", ".pts"), read_text),
]


def formats() -> tuple[Format, ...]:
    """All formats."""
    return tuple(_FORMATS)


def cloud_suffixes() -> tuple[str, ...]:
    """Endings of the files that `read_cloud` reads."""
    return tuple(suffix for known in _FORMATS for suffix in known.suffixes)


def format_of(path: Path, head: bytes) -> Format | None:
    """The format of a file by its first bytes, else by its name; None if it has none of them."""
    by_magic = (known for known in _FORMATS if known.magic and head.startswith(known.magic))
    by_name = (known for known in _FORMATS if path.suffix.lower() in known.suffixes)
    return next(by_magic, None) or next(by_name, None)


@contextmanager
def registered(entry: Format) -> Iterator[None]:
    """Adds a format for the life of the context: experiments and tests."""
    _FORMATS.append(entry)
    try:
        yield
    finally:
        _FORMATS.remove(entry)
