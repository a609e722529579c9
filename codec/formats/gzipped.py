"""Unpacking of gzipped files, up to a size limit that follows from the format of the inner file."""

from __future__ import annotations

import gzip
import shutil
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from octavox.codec.errors import InputError
from octavox.codec.files.scratch import room_for
from octavox.codec.files.source import Source
from octavox.codec.job import JobContext

from .identify import seems
from .registry import HEAD_BYTES, format_of, inner_name

GZIP_MAGIC = b"\x1f\x8b"
LEAST_LIMIT = 64 << 20
EXPANSION = 64  # no cloud packs better than to a 64th; deflate itself could make a 1,032nd of zeros
IN_MEMORY = 64 << 20
SPARE = 256 << 20  # bytes that stay free on the disk
_HEADER = 1 << 16  # of the inner file: what says its size
_PIECE = 1 << 20


@contextmanager
def unpacked(source: Source, job: JobContext) -> Iterator[Source]:
    """The file inside a gzipped one, in memory or, if it is large, in a temporary file.

    The first bytes are checked before the rest is unpacked. If they declare the size of the file, no more
    than that is unpacked; otherwise at most 64 times the size of the gzipped file, or 64 MB if that is more.
    Raises InputError for damaged data, files that are no point clouds, and more bytes than the limit.
    """
    with tempfile.SpooledTemporaryFile(IN_MEMORY) as target:
        name = inner_name(source.name)
        limit, exact = 0, False
        size = 0
        with room_for(source.name):
            for piece in _pieces(source, job):
                if size == 0:
                    limit, exact = _limit(name, piece, source.size)
                size += len(piece)
                if size > limit:
                    _over(limit, exact)
                    target.write(piece[: len(piece) - (size - limit)])
                    break
                _check_disk(size)
                target.write(piece)
            target.flush()
        yield Source(target, name)  # type: ignore[arg-type]


def _pieces(source: Source, job: JobContext) -> Iterator[bytes]:
    with source.opened() as packed, gzip.GzipFile(fileobj=packed, mode="rb") as file:
        first = True
        while True:
            job.check()
            try:
                piece = file.read(_HEADER if first else _PIECE)
            except (EOFError, zlib.error, OSError) as error:
                raise InputError(f"damaged gzip data: {error}", field="gzip") from None
            if not piece:
                return
            first = False
            yield piece


def _limit(name: str, head: bytes, packed: int) -> tuple[int, bool]:
    """How many bytes are unpacked, and whether that is the size that the inner file declares."""
    known = format_of(name, head[:HEAD_BYTES])
    if known is None or (known.always_magic and not known.has_magic(head)):
        guess = seems(head[:HEAD_BYTES])
        raise InputError(f"the gzipped file is no point cloud{guess and f'; it seems to be {guess}'}")
    limit = max(EXPANSION * packed, LEAST_LIMIT)
    declared = known.size_of(head)
    if declared is not None and declared <= 1100 * packed + LEAST_LIMIT:
        return declared, True
    return limit, False


def _over(limit: int, exact: bool) -> None:
    if not exact:
        reason = f"it unpacks to more than {limit:,} bytes, which no cloud packed to this size has"
        raise InputError(f"{reason}; if the file is sound, unpack it first", field="gzip")


def _check_disk(size: int) -> None:
    if size > IN_MEMORY and shutil.disk_usage(tempfile.gettempdir()).free < SPARE:
        raise InputError("there is no room on the disk to unpack it", field="gzip")
