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

from .pcd_read import parse_pcd
from .ply_read import read_ply
from .text_read import parse_text

OVX_MAGIC = b"\x89OVX"
LOOK_S = 0.1  # between two looks at a silent pipe, and at the cancel token
TEXT_SUFFIXES = (".xyz", ".xyzrgb", ".pts")


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
    suffix = file.suffix.lower()
    head = read_bytes(file, len(OVX_MAGIC))
    if head[:3] == b"ply" or suffix == ".ply":
        return read_ply(file, JobContext(cancel=cancel))
    if head == OVX_MAGIC:
        raise InputError(
            "this is an Octavox bitstream, not a point cloud; decode it first", path=file, byte=0
        )
    if not head:
        raise InputError("the file is empty", path=file, byte=0)
    if suffix in TEXT_SUFFIXES:
        return parse_text(read_bytes(file), file)
    if suffix == ".pcd":
        return parse_pcd(read_bytes(file), file)
    raise InputError(
        f"not a PLY file, and its name ends in none of .pcd, {', '.join(TEXT_SUFFIXES)}",
        path=file,
        field="ply",
        byte=0,
    )
