"""Point clouds from files, whatever their format."""

from __future__ import annotations

import os
import select
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from octavox.codec.cloud.cloud import PointCloud
from octavox.codec.errors import InputError
from octavox.codec.files.reading import read_bytes
from octavox.codec.job import CancelToken, JobContext

from .registry import format_of, formats

OVX_MAGIC = b"\x89OVX"
LOOK_S = 0.1  # between two looks at a silent pipe, and at the cancel token
HEAD_BYTES = 16  # that tell a format


def read_cloud(path: str | os.PathLike[str], *, cancel: CancelToken | None = None) -> PointCloud:
    """Reads a point cloud: PLY (ASCII, binary of either byte order), XYZ, XYZRGB, PTS, or PCD (with Open3D).

    Returns positions as stored ((N, 3) float64, or int64 where the file stores integers), colours as
    (N, 3) uint8 if there are any, and the names of what a stream would not keep.
    Raises InputError naming the file, and the field and byte or line of a fault: no such file, a folder,
    no permission, not a point cloud, truncated, a count that the file cannot hold, no x, y or z, a
    coordinate that is not finite. Raises CancelledError after a cancel, soon where the file is binary PLY.
    """
    file = Path(path)
    if file.is_fifo():
        return _read_pipe(file, cancel)
    return _read_file(file, cancel)


def _read_pipe(pipe: Path, cancel: CancelToken | None) -> PointCloud:
    """What a pipe gives, by way of a file: formats are told by their first bytes, and counts checked."""
    job = JobContext(cancel=cancel)
    with tempfile.TemporaryDirectory(prefix="octavox-") as folder:
        copy = Path(folder, "cloud" + (pipe.suffix.lower() or ".xyz"))
        try:
            with copy.open("wb") as target:
                for piece in _pieces(pipe, job):
                    target.write(piece)
        except OSError as error:
            raise InputError(f"cannot read: {error.strerror or error}", path=pipe) from error
        try:
            return replace(_read_file(copy, cancel), source=str(pipe))
        except InputError as error:
            error.path = str(pipe)
            raise


def _pieces(pipe: Path, job: JobContext) -> Iterator[bytes]:
    """The bytes of a pipe, once somebody writes. Raises CancelledError."""
    handle = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        while True:
            job.check()
            if select.select([handle], [], [], LOOK_S)[0]:
                piece = os.read(handle, 1 << 20)
                if not piece:
                    return
                yield piece
    finally:
        os.close(handle)


def _read_file(file: Path, cancel: CancelToken | None) -> PointCloud:
    head = read_bytes(file, HEAD_BYTES)
    if head.startswith(OVX_MAGIC):
        raise InputError(
            "this is an Octavox bitstream, not a point cloud; decode it first", path=file, byte=0
        )
    known = format_of(file, head)
    if not head and not (known and known.magic):
        raise InputError("the file is empty", path=file, byte=0)
    if known is not None:
        return known.read(file, JobContext(cancel=cancel))
    others = [suffix for known in formats() if not known.magic for suffix in known.suffixes]
    raise InputError(
        f"not a PLY file, and its name ends in none of {', '.join(others)}", path=file, field="ply", byte=0
    )


def read_sample(path: str | os.PathLike[str], points: int) -> PointCloud | None:
    """About `points` points from all over a large file, positions and colours as `read_cloud`.

    None where that would not be quicker than to read the file: a format that cannot do it, fewer than twice
    as many points. None also for a file that `read_cloud` refuses, and says why. Raises InputError for a file
    that cannot be opened.
    """
    file = Path(path)
    known = format_of(file, read_bytes(file, HEAD_BYTES))
    return known.sample(file, points) if known is not None and known.sample is not None else None
