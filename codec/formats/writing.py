"""Point clouds to files, in the format that the file's name ends in."""

from __future__ import annotations

import gzip
import os
import tempfile
from typing import IO, BinaryIO, cast

from octavox.codec.cloud.cloud import PointCloud, VoxelCloud
from octavox.codec.errors import CancelledError, InputError, OctavoxError, check_type
from octavox.codec.files.atomic import STDOUT, Writable, name_of, output_file
from octavox.codec.job import CancelToken, JobContext

from .ply_write import as_points
from .registry import GZIP_SUFFIX, WriteOptions, cloud_suffixes, format_by_name, suffix_of

_IN_MEMORY = 64 << 20
_PIECE = 1 << 20


def write_cloud(
    target: Writable,
    cloud: PointCloud | VoxelCloud,
    *,
    options: WriteOptions | None = None,
    cancel: CancelToken | None = None,
) -> tuple[str, ...]:
    """Writes a cloud in the format that the name of `target` ends in, gzipped if it ends in .gz.

    target: a path, where the file appears complete or not at all; "-" (standard output) or a binary file
    object, for which `WriteOptions(suffix=...)` says the format. Of voxels: where they lie, and their
    colours. Returns the names of what the format cannot hold: columns, elements, comments.
    Raises InputError for a name that ends in no format that is written, a path that cannot be written,
    coordinates that the format cannot hold; CancelledError.
    """
    check_type(options, (WriteOptions, type(None)), "a WriteOptions", "options")
    name = _name_of(target, options)
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
    with output_file(target) as file:
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


def _name_of(target: Writable, options: WriteOptions | None) -> str:
    """A name that ends as the format does."""
    is_path = isinstance(target, (str, os.PathLike)) and os.fspath(target) != STDOUT
    if not is_path and not isinstance(target, (str, os.PathLike)) and not hasattr(target, "write"):
        raise InputError(f"a path or a binary file is needed, not {type(target).__name__}", field="target")
    if is_path or not (options and options.suffix):
        return name_of(target)
    return f"cloud{options.suffix}"


def _pack(plain: IO[bytes], file: BinaryIO, job: JobContext) -> None:
    """Gzips a file. The same cloud gives the same bytes."""
    with gzip.GzipFile("", "wb", 6, file, mtime=0) as packed:
        while piece := plain.read(_PIECE):
            job.check()
            packed.write(piece)
