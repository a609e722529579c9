"""Point clouds from files, whatever their format."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from octavox.codec.cloud.cloud import PointCloud
from octavox.codec.errors import (
    CancelledError,
    InputError,
    OctavoxError,
    check_type,
    out_of_memory,
    warn_caller,
    whole_number,
)
from octavox.codec.files.source import Readable, Source, open_source
from octavox.codec.job import CancelToken, JobContext

from .gzipped import GZIP_MAGIC, unpacked
from .identify import seems
from .registry import GZIP_SUFFIX, HEAD_BYTES, Format, ReadOptions, cloud_suffixes, format_by_name, format_of

OVX_MAGIC = b"\x89OVX"


def read_cloud(
    given: Readable | Source, *, options: ReadOptions | None = None, cancel: CancelToken | None = None
) -> PointCloud:
    """Reads a point cloud of any format that docs/formats.md lists, also gzipped.

    given: a path, "-" for standard input, bytes, a bytearray, a memoryview or a binary file object. Every
    point comes back with every property, as stored and in order: nothing is converted, rounded, left out or
    merged, NaN coordinates included.
    Raises InputError naming the file, and the field and byte, line or row of a fault: no such file, a folder,
    no permission, not a point cloud, truncated, a count that the file cannot hold, no x, y or z, a mesh
    without the option that says which points to take. Raises CancelledError. Warns of a file without points.
    """
    check_type(options, (ReadOptions, type(None)), "a ReadOptions", "options")
    job = JobContext(cancel=cancel)
    with _held_open(given, job) as source, naming_errors(source.name):
        with _plain(source, job) as plain:
            known = _known(plain)
            cloud = known.read(plain, job, options or ReadOptions())
        cloud.source = source.name
        if not len(cloud):
            warn_caller(f"{source.name}: the file holds no points")
        return cloud


@contextmanager
def _held_open(given: Readable | Source, job: JobContext) -> Iterator[Source]:
    """What was given, opened; a Source that is open already stays so."""
    if isinstance(given, Source):
        yield given
        return
    with open_source(given, job) as source:
        yield source


def read_sample(given: Readable | Source, points: int) -> PointCloud | None:
    """About `points` points from all over a large file, with their properties, as `read_cloud` gives them.

    None where that would not be quicker than to read the file: a format that cannot do it, fewer than twice
    as many points. None also for a file that `read_cloud` refuses, and says why. Raises InputError for a file
    that cannot be opened.
    """
    points = whole_number(points, "points")
    with open_source(given) as source:
        known = format_of(source.name, source.read(0, HEAD_BYTES))
        if known is None or not known.samples:
            return None
        try:
            return known.sample(source, points)
        except Exception:  # whatever it is, reading the file says it
            return None


@contextmanager
def naming_errors(name: str) -> Iterator[None]:
    """Makes every error of the block an OctavoxError that names the file."""
    try:
        yield
    except CancelledError:
        raise
    except OctavoxError as error:
        error.path = name
        raise
    except MemoryError as error:
        raise out_of_memory(error, name) from None
    except Exception as error:
        kind = type(error).__name__
        raise InputError(f"it cannot be read: {kind}: {str(error)[:200]}", path=name) from error


@contextmanager
def _plain(source: Source, job: JobContext) -> Iterator[Source]:
    """The file, or what it holds if it is gzipped."""
    if source.read(0, len(GZIP_MAGIC)) != GZIP_MAGIC:
        yield source
        return
    with unpacked(source, job) as inner:
        yield inner


def _known(source: Source) -> Format:
    """The format of a file. Raises InputError that says what the file seems to be."""
    head = source.read(0, HEAD_BYTES)
    if head.startswith(OVX_MAGIC):
        raise InputError("this is an Octavox bitstream, not a point cloud; decode it first", byte=0)
    if not head:
        raise InputError("the file is empty", byte=0)
    known = format_of(source.name, head)
    guess = seems(head)
    if known is None:
        suffixes = ", ".join(s for s in cloud_suffixes() if s != GZIP_SUFFIX)
        raise InputError(
            f"this is no point cloud that is read{guess and f'; it seems to be {guess}'}. "
            f"Files that are read: {suffixes}, each also with {GZIP_SUFFIX}",
            byte=0,
        )
    named = format_by_name(source.name)
    if known is named and known.always_magic and not known.has_magic(head):
        article = "an" if known.name[0] in "AEIOU" else "a"
        reason = f"not {article} {known.name} file{guess and f'; it seems to be {guess}'}"
        raise InputError(reason, field=known.name.lower(), byte=0)
    if known.textual and b"\0" in head:
        reason = f"not a {known.name} file: it holds bytes that are no text"
        raise InputError(reason + (guess and f"; it seems to be {guess}"), byte=head.index(b"\0"))
    return known
