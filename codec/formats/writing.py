"""Point clouds to files, in the format that the file's name ends in."""

from __future__ import annotations

import gzip
import os
import tempfile
from typing import IO, BinaryIO, cast

from octavox.codec.cloud.cloud import PointCloud, VoxelCloud
from octavox.codec.errors import CancelledError, InputError, OctavoxError, check_type
from octavox.codec.files.atomic import atomic_file
from octavox.codec.job import CancelToken, JobContext

from .ply_write import as_points
from .registry import GZIP_SUFFIX, WriteOptions, cloud_suffixes, format_by_name, suffix_of

_IN_MEMORY = 64 << 20
_PIECE = 1 << 20


def write_cloud(
    target: str | os.PathLike[str],
    cloud: PointCloud | VoxelCloud,
    *,
    options: WriteOptions | None = None,
    cancel: CancelToken | None = None,
) -> tuple[str, ...]:
    """Writes a cloud in the format that the name of `target` ends in, gzipped if it ends in .gz.

    Of voxels: where they lie, and their colours. The file appears complete or not at all. Returns the names
    of what the format cannot hold: columns, elements, comments.
    Raises InputError for a name that ends in no format that is written, a path that cannot be written,
    coordinates that the format cannot hold; CancelledError.
    """
    check_type(target, (str, os.PathLike), "a path", "path")
    check_type(options, (WriteOptions, type(None)), "a WriteOptions", "options")
    name = os.fsdecode(target)
    known = format_by_name(name, writing=True)
    if known is None:
        written = ", ".join(s for s in cloud_suffixes(writing=True) if s != GZIP_SUFFIX)
        raise InputError(
            f"no format that is written ends in '{suffix_of(name)}'; written are {written}", path=name
        )
    chosen = options or WriteOptions()
    if not chosen.suffix:
        chosen = WriteOptions(chosen.ascii, chosen.compressed, suffix_of(name))
    job = JobContext(cancel=cancel)
    points = as_points(cloud, job)
    with atomic_file(target) as file:
        try:
            if not name.lower().endswith(GZIP_SUFFIX):
                return known.write(file, points, job, chosen)
            with tempfile.SpooledTemporaryFile(_IN_MEMORY) as plain:
                lost = known.write(cast(BinaryIO, plain), points, job, chosen)
                plain.seek(0)
                _pack(plain, file, job)
            return lost
        except CancelledError:
            raise
        except OctavoxError as error:
            error.path = name
            raise
        except OSError:  # a full disk, say
            raise
        except Exception as error:
            reason = f"it cannot be written: {type(error).__name__}: {str(error)[:200]}"
            raise InputError(reason, path=name) from error


def _pack(plain: IO[bytes], file: BinaryIO, job: JobContext) -> None:
    """Gzips a file. The same cloud gives the same bytes."""
    with gzip.GzipFile("", "wb", 6, file, mtime=0) as packed:
        while piece := plain.read(_PIECE):
            job.check()
            packed.write(piece)
