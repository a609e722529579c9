"""Frames: the bytes of a file around the rows of its points, and how these rows are written again.

An archive keeps the frame as it is and makes the rows of the points that it holds. An encoder compares what
comes out with the file; a frame need not hold for every file of its format.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from octavox.codec.cloud.cloud import PointCloud
from octavox.codec.cloud.columns import Array, ListColumn
from octavox.codec.errors import InputError
from octavox.codec.files.source import Source
from octavox.codec.job import JobContext

from .pcd_write import packed_colors
from .tables import ROWS_AT_ONCE, TableField, row_dtype

RowWriter = Callable[[PointCloud, JobContext], Iterator[bytes]]


@dataclass(frozen=True)
class Frame:
    """Where the rows of points lie in a file, and what writes them.

    stop: the byte after the last one; of text, at least that of the last line. rows: None for text. names: of
    text, what stands in a line. notes: what writing takes and the beginning of the file does not say.
    """

    start: int
    stop: int
    rows: RowWriter | None = None
    names: tuple[str, ...] = ()
    notes: bytes = b""


def table_rows(fields: list[TableField], columns: Callable[[PointCloud], dict[str, Array]]) -> RowWriter:
    """Writes binary rows. columns: of a cloud, one for each field by its name.

    The writer raises InputError where the cloud lacks one, or has it with another shape.
    """

    def rows(cloud: PointCloud, job: JobContext) -> Iterator[bytes]:
        dtype, found = row_dtype(fields), columns(cloud)
        step = max(ROWS_AT_ONCE // max(dtype.itemsize, 1), 1)
        for part in job.parts(len(cloud), step):
            some = np.zeros(part.stop - part.start, dtype)
            for k, f in enumerate(fields):
                if f.name not in found:
                    raise InputError(f"there is no '{f.name}' to write", field=f.name)
                some[f"f{k}"] = found[f.name][part]
            yield some.tobytes()

    return rows


def plain_columns(cloud: PointCloud) -> dict[str, Array]:
    """x, y, z as stored, and every attribute of numbers."""
    found: dict[str, Array] = {axis: cloud.coords[:, k] for k, axis in enumerate("xyz")}
    return found | {n: c for n, c in cloud.attributes.items() if not isinstance(c, ListColumn)}


def text_columns(names: Sequence[str], cloud: PointCloud) -> list[Array]:
    """The columns of these names. NAME/TYPE stands for packed colours, with their type in the file.

    Raises KeyError for one that the cloud has not.
    """
    types = cloud.axis_types or (cloud.coords.dtype,) * 3
    axes = {axis: cloud.coords[:, k].astype(types[k], copy=False) for k, axis in enumerate("xyz")}
    found = plain_columns(cloud) | axes
    for name in names:
        base, mark, code = name.rpartition("/")
        if mark and name not in found and base in found:
            found[name] = found[base]
        elif mark and name not in found:
            found[name] = packed_colors(cloud.attributes).view(code)
    return [found[name] for name in names]


class _Framed(io.RawIOBase):
    """A file of which only the beginning is there; zeros follow."""

    def __init__(self, head: bytes, size: int) -> None:
        self._head, self._size, self._at = head, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, at: int, whence: int = 0) -> int:
        self._at = at + (0, self._at, self._size)[whence]
        return self._at

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer).cast("B")
        count = max(min(len(view), self._size - self._at), 0)
        known = self._head[self._at : self._at + count]
        view[:count] = known + bytes(count - len(known))
        self._at += count
        return count


def framed_source(head: bytes, size: int, name: str) -> Source:
    """What stands for a file of `size` bytes of which only the first ones are there."""
    return Source(cast(Any, _Framed(head, size)), name)
