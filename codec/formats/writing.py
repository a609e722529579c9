"""Point clouds to files, in the format that the file's name ends in."""

from __future__ import annotations

import gzip
import os
from contextlib import AbstractContextManager, nullcontext
from typing import BinaryIO, cast

from octavox.codec.cloud.cloud import PointCloud
from octavox.codec.errors import InputError
from octavox.codec.files.atomic import atomic_file
from octavox.codec.job import CancelToken, JobContext

from .reading import naming_errors
from .registry import GZIP_SUFFIX, WriteOptions, cloud_suffixes, format_by_name, suffix_of


def write_cloud(
    target: str | os.PathLike[str],
    cloud: PointCloud,
    *,
    options: WriteOptions | None = None,
    cancel: CancelToken | None = None,
) -> tuple[str, ...]:
    """Writes a cloud in the format that the name of `target` ends in, gzipped if it ends in .gz.

    The file appears complete or not at all. Returns the names of what the format cannot hold: columns,
    elements, comments. Raises InputError for a name that ends in no format that is written, a path that
    cannot be written, coordinates that the format cannot hold; CancelledError.
    """
    name = os.fspath(target)
    known = format_by_name(name, writing=True)
    if known is None:
        written = ", ".join(s for s in cloud_suffixes(writing=True) if s != GZIP_SUFFIX)
        raise InputError(f"no format that is written ends in '{suffix_of(name)}'; written are {written}", path=name)
    chosen = options or WriteOptions()
    if not chosen.suffix:
        chosen = WriteOptions(chosen.ascii, chosen.compressed, suffix_of(name))
    with atomic_file(target) as file, naming_errors(name):
        with _packed(file, name) as inner:
            return known.write(inner, cloud, JobContext(cancel=cancel), chosen)


def _packed(file: BinaryIO, name: str) -> AbstractContextManager[BinaryIO]:
    """A file that packs what is written to it if the name says so. The same cloud gives the same bytes."""
    if not name.lower().endswith(GZIP_SUFFIX):
        return nullcontext(file)
    return cast("AbstractContextManager[BinaryIO]", gzip.GzipFile("", "wb", 6, file, mtime=0))
