"""The file formats of point clouds. A new format is one entry here.

Reading tells formats by their first bytes, then by the file's name. Dialogs, help and documents list what is
registered.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePath
from typing import BinaryIO, Protocol

from octavox.codec.cloud.cloud import PointCloud
from octavox.codec.files.source import Source
from octavox.codec.job import JobContext


@dataclass(frozen=True)
class ReadOptions:
    """What a caller may say about a file that the file does not say itself.

    mesh: of a mesh without a word about it nothing is guessed: "vertices", or "samples" points drawn evenly
    from its surface, of which there are `samples`. fields: names of the numbers of a record, for raw files
    (.bin) and text without a header line.
    """

    mesh: str = ""
    samples: int = 0
    fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class WriteOptions:
    """ascii: text instead of binary, where a format has both. compressed: PCD binary_compressed, LAZ."""

    ascii: bool = False
    compressed: bool = False


class Reader(Protocol):
    """The cloud of a file: every point with every property, as stored, in order.

    Raises InputError that names file, field and byte, line or row; CancelledError.
    """

    def __call__(self, source: Source, job: JobContext, options: ReadOptions) -> PointCloud: ...


class Sampler(Protocol):
    """About so many points from all over a large file, quickly; None where that is no gain. Raises nothing."""

    def __call__(self, source: Source, points: int) -> PointCloud | None: ...


class Writer(Protocol):
    """Writes a cloud: all that the format can hold. Returns the names of what it cannot hold."""

    def __call__(
        self, file: BinaryIO, cloud: PointCloud, job: JobContext, options: WriteOptions
    ) -> tuple[str, ...]: ...


@dataclass(frozen=True)
class Format:
    """A file format.

    name: what people call it. suffixes: endings of file names, lower case, with the dot; the first is the usual
    one. module: has `read`, and if the format can do it `sample` and `write`; loads on first use. magic: the
    first bytes of its files, where they have such; several forms are possible. looks: whether a file without
    magic and with another name may be of this format, by its first bytes. keeps: what is kept, for
    docs/formats.md. extra: package that it needs beside the usual ones.
    """

    name: str
    suffixes: tuple[str, ...]
    module: str
    magic: tuple[bytes, ...] = ()
    looks: Callable[[bytes], bool] | None = None
    samples: bool = False
    writes: bool = False
    keeps: str = ""
    extra: str = ""

    def read(self, source: Source, job: JobContext, options: ReadOptions) -> PointCloud:
        """See Reader."""
        reader: Reader = importlib.import_module(self.module).read
        return reader(source, job, options)

    def sample(self, source: Source, points: int) -> PointCloud | None:
        """See Sampler."""
        if not self.samples:
            return None
        sampler: Sampler = importlib.import_module(self.module).sample
        return sampler(source, points)

    def write(
        self, file: BinaryIO, cloud: PointCloud, job: JobContext, options: WriteOptions
    ) -> tuple[str, ...]:
        """See Writer."""
        writer: Writer = importlib.import_module(self.module).write
        return writer(file, cloud, job, options)


_HERE = "octavox.codec.formats"
_FORMATS: list[Format] = [
    Format("PLY", (".ply",), f"{_HERE}.ply", (b"ply",), samples=True, writes=True),
    Format("PCD", (".pcd",), f"{_HERE}.pcd", writes=True),
    Format("text", (".xyz", ".xyzrgb", ".pts", ".csv", ".txt"), f"{_HERE}.text", writes=True),
]


def formats() -> tuple[Format, ...]:
    """All formats."""
    return tuple(_FORMATS)


def cloud_suffixes(writing: bool = False) -> tuple[str, ...]:
    """Endings of the files that `read_cloud` reads, or of those that `write_cloud` writes."""
    return tuple(s for known in _FORMATS if known.writes or not writing for s in known.suffixes)


def format_of(name: str, head: bytes) -> Format | None:
    """The format of a file by its first bytes, else by its name; None if it has none of them."""
    by_magic = (known for known in _FORMATS if any(head.startswith(magic) for magic in known.magic))
    by_look = (known for known in _FORMATS if known.looks is not None and known.looks(head))
    return next(by_magic, None) or format_by_name(name) or next(by_look, None)


def format_by_name(name: str) -> Format | None:
    """The format that a file's name ends in."""
    suffix = PurePath(name).suffix.lower()
    return next((known for known in _FORMATS if suffix in known.suffixes), None)


@contextmanager
def registered(entry: Format) -> Iterator[None]:
    """Adds a format for the life of the context: experiments and tests."""
    _FORMATS.append(entry)
    try:
        yield
    finally:
        _FORMATS.remove(entry)
