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
from typing import TYPE_CHECKING, BinaryIO, Protocol

from octavox.codec.cloud.cloud import PointCloud
from octavox.codec.errors import whole_number
from octavox.codec.files.source import Source
from octavox.codec.job import JobContext

if TYPE_CHECKING:
    from .framing import Frame
    from .tables import PackedTable, RowTable


@dataclass(frozen=True)
class ReadOptions:
    """What a caller may say about a file that the file does not say itself.

    mesh: which points of a mesh to take: "vertices", or "samples" for points drawn evenly from its surface;
    reading a mesh with "" is an error. samples: how many points to draw. fields: names of the numbers of a
    record, for raw files (.bin), arrays (.npy), and text without a header line.
    """

    mesh: str = ""
    samples: int = 0
    fields: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "samples", whole_number(self.samples, "samples"))


@dataclass(frozen=True)
class WriteOptions:
    """ascii: text instead of binary, where a format has both. compressed: PCD binary_compressed.

    suffix: ending of the file's name, for formats with several, such as .las and .laz; `write_cloud` sets it.
    """

    ascii: bool = False
    compressed: bool = False
    suffix: str = ""


class Reader(Protocol):
    """The cloud of a file: every point with every property, as stored, in order.

    Raises InputError that names file, field and byte, line or row; CancelledError.
    """

    def __call__(self, source: Source, job: JobContext, options: ReadOptions) -> PointCloud: ...


class Sampler(Protocol):
    """About so many points from all over a large file, quickly; None where that is no gain.

    Raises InputError for a file that reading refuses too.
    """

    def __call__(self, source: Source, points: int) -> PointCloud | None: ...


class Writer(Protocol):
    """Writes a cloud: all that the format can hold. Returns the names of what it cannot hold."""

    def __call__(
        self, file: BinaryIO, cloud: PointCloud, job: JobContext, options: WriteOptions
    ) -> tuple[str, ...]: ...


class Framer(Protocol):
    """See Format.frame. Raises InputError, and what else a file may bring about."""

    def __call__(self, source: Source, notes: bytes | None) -> Frame | None: ...


@dataclass(frozen=True)
class Format:
    """A file format.

    name: what people call it. suffixes: endings of file names, lower case, with the dot; the first is the
    usual one. module: has `read`, and if the format can do it `sample` and `write`; loads on first use.
    magic: the first bytes of its files, where they have such; several forms are possible. always_magic: no
    file of the format begins otherwise. looks: whether a file without magic and with another name may be of
    this format, by its first bytes. textual: its files hold text alone. writes: endings of the files that are
    written. keeps, drops: what is kept and what is not, for docs/formats.md. package: which library does it,
    "" for this one. extra: the optional dependency that brings the package.
    """

    name: str
    suffixes: tuple[str, ...]
    module: str
    magic: tuple[bytes, ...] = ()
    always_magic: bool = False
    looks: Callable[[bytes], bool] | None = None
    textual: bool = False
    samples: bool = False
    writes: tuple[str, ...] = ()
    keeps: str = ""
    drops: str = ""
    package: str = ""
    extra: str = ""

    def has_magic(self, head: bytes) -> bool:
        """Whether a file that begins with `head` says that it is of this format."""
        return any(head.startswith(magic) for magic in self.magic)

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

    def size_of(self, head: bytes) -> int | None:
        """Bytes of a whole file that begins with `head`, where it says so and the module looks."""
        looker: Callable[[bytes], int | None] | None
        looker = getattr(importlib.import_module(self.module), "size_of", None)
        return looker(head) if looker is not None else None

    def frame(self, source: Source, notes: bytes | None = None) -> Frame | None:
        """Where the rows of points lie in a file, and what writes them again; None where nothing does.

        notes: those of the frame that an encoder found, where a decoder has the beginning of the file alone.
        """
        framer: Framer | None = getattr(importlib.import_module(self.module), "frame", None)
        return framer(source, notes) if framer is not None else None

    def table(self, source: Source) -> RowTable | None:
        """The rows of points of a file that can be read one by one; None where they cannot."""
        finder: Callable[[Source], RowTable | None] | None
        finder = getattr(importlib.import_module(self.module), "table", None)
        return finder(source) if finder is not None else None

    def packed(self, source: Source) -> PackedTable | None:
        """The rows of points of a file that has to be unpacked for that; None where it has none."""
        finder: Callable[[Source], PackedTable | None] | None
        finder = getattr(importlib.import_module(self.module), "packed", None)
        return finder(source) if finder is not None else None

    def write(
        self, file: BinaryIO, cloud: PointCloud, job: JobContext, options: WriteOptions
    ) -> tuple[str, ...]:
        """See Writer."""
        writer: Writer = importlib.import_module(self.module).write
        return writer(file, cloud, job, options)


HEAD_BYTES = 1 << 12  # that tell a format
GZIP_SUFFIX = ".gz"


def _is_text(head: bytes) -> bool:
    """Whether the first line that is no comment begins with a number."""
    lines = head.removeprefix(b"\xef\xbb\xbf").splitlines()
    for line in lines[:-1] if len(head) >= HEAD_BYTES and len(lines) > 1 else lines:  # the last may be cut
        words = line.replace(b",", b" ").replace(b";", b" ").split()
        if words and not words[0].startswith((b"#", b"//")):
            return words[0][:1] in b"+-.0123456789" and all(byte in _TEXT for byte in line)
    return False


_TEXT = frozenset(b" \t\r\n+-.,;0123456789eEnaifNAIF")


def _is_pcd(head: bytes) -> bool:
    return b"FIELDS " in head and (b"\nSIZE " in head or b"\nTYPE " in head)


_HERE = "octavox.codec.formats"
_FORMATS: list[Format] = [
    Format(
        "PLY",
        (".ply",),
        f"{_HERE}.ply",
        (b"ply", b"\xef\xbb\xbfply"),
        always_magic=True,
        samples=True,
        writes=(".ply",),
        keeps="every property and list with its type, elements before and after the points, comments and "
        "obj_info byte for byte, order; Gaussian splats are such files",
        drops="byte order and layout of the text; a text float with digits that a float cannot hold becomes "
        "a double",
    ),
    Format(
        "PCD",
        (".pcd",),
        f"{_HERE}.pcd",
        (b"# .PCD",),
        looks=_is_pcd,
        samples=True,
        writes=(".pcd",),
        keeps="every field with its SIZE, TYPE and COUNT, WIDTH, HEIGHT, VIEWPOINT, comments, order; packed "
        "colours come apart into red, green, blue and are packed again",
        drops="padding fields (_)",
    ),
    Format(
        "LAS",
        (".las", ".laz"),
        f"{_HERE}.las",
        (b"LASF",),
        always_magic=True,
        samples=True,
        writes=(".las", ".laz"),
        keeps="the integers of x, y, z with scale and offset, every dimension with its type, bit fields, "
        "extra dimensions, header, VLRs and EVLRs, order",
        drops="waveform packets; the index of a COPC file, whose points are kept",
        package="lazrs (LAZ)",
    ),
    Format(
        "E57",
        (".e57",),
        f"{_HERE}.e57",
        (b"ASTM-E57",),
        always_magic=True,
        writes=(".e57",),
        keeps="points of all scans in the scans' own coordinates, a column `scan` where there are several, "
        "poses and names of the scans",
        drops="images; fields that the package does not know",
        package="pye57",
        extra="e57",
    ),
    Format(
        "NumPy",
        (".npy", ".npz"),
        f"{_HERE}.numpy_arrays",
        (b"\x93NUMPY", b"PK\x03\x04", b"PK\x05\x06"),
        always_magic=True,
        samples=True,
        writes=(".npy", ".npz"),
        keeps="every array and field with its type, order; .npz also arrays that are no columns",
        drops="comments and elements of other formats",
    ),
    Format(
        "KITTI and nuScenes",
        (".bin",),
        f"{_HERE}.raw",
        samples=True,
        writes=(".bin",),
        keeps="x, y, z, intensity and, in nuScenes files, ring, all of them floats; order",
        drops="everything else",
    ),
    Format(
        "OBJ",
        (".obj",),
        f"{_HERE}.obj",
        textual=True,
        writes=(".obj",),
        keeps="vertices with their colours, order; or points drawn from the surface",
        drops="faces, normals, texture, materials",
    ),
    Format(
        "STL",
        (".stl",),
        f"{_HERE}.stl",
        keeps="corners of the triangles, each once; or points drawn from the surface",
        drops="triangles",
    ),
    Format(
        "OFF",
        (".off",),
        f"{_HERE}.off",
        (b"OFF", b"COFF", b"NOFF", b"CNOFF"),
        textual=True,
        writes=(".off",),
        keeps="vertices, normals and colours, order; or points drawn from the surface",
        drops="faces",
    ),
    Format(
        "glTF",
        (".glb", ".gltf"),
        f"{_HERE}.gltf",
        (b"glTF",),
        keeps="positions in the scene, colours and further attributes of the vertices; or points drawn from "
        "the surface",
        drops="triangles, materials, texture, animation",
    ),
    Format(
        "text",
        (".xyz", ".xyzrgb", ".pts", ".csv", ".txt", ".asc"),
        f"{_HERE}.text",
        textual=True,
        looks=_is_text,
        samples=True,
        writes=(".xyz", ".xyzrgb", ".pts", ".csv", ".txt", ".asc"),
        keeps="every column, named by a header line where there is one, comments, order; whole numbers stay "
        "integers, all others are doubles",
        drops="types of the columns; columns that .xyz, .xyzrgb and .pts have no place for",
    ),
]


def formats() -> tuple[Format, ...]:
    """All formats."""
    return tuple(_FORMATS)


def cloud_suffixes(writing: bool = False) -> tuple[str, ...]:
    """Endings of the files that `read_cloud` reads, or of those that `write_cloud` writes."""
    found = (s for known in _FORMATS for s in (known.writes if writing else known.suffixes))
    return (*found, GZIP_SUFFIX)


def format_of(name: str, head: bytes) -> Format | None:
    """The format of a file by its first bytes, else by its name; None if it has none of them."""
    by_magic = (known for known in _FORMATS if known.has_magic(head))
    by_look = (known for known in _FORMATS if known.looks is not None and known.looks(head))
    return next(by_magic, None) or format_by_name(name) or next(by_look, None)


def inner_name(name: str) -> str:
    """The name of a file without .gz."""
    return name[: -len(GZIP_SUFFIX)] if name.lower().endswith(GZIP_SUFFIX) else name


def suffix_of(name: str) -> str:
    """Ending of a file's name, lower case, with the dot; of "a.ply.gz" it is ".ply"."""
    return PurePath(inner_name(name)).suffix.lower()


def format_by_name(name: str, writing: bool = False) -> Format | None:
    """The format that a file's name ends in, .gz aside."""
    suffix = suffix_of(name)
    return next((f for f in _FORMATS if suffix in (f.writes if writing else f.suffixes)), None)


@contextmanager
def registered(entry: Format) -> Iterator[None]:
    """Adds a format for the life of the context: experiments and tests."""
    _FORMATS.append(entry)
    try:
        yield
    finally:
        _FORMATS.remove(entry)
