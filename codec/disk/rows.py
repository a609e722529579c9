"""Rows of points of a file by their numbers, with those that were read last kept in memory."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Protocol

import numpy as np
import numpy.typing as npt

from octavox.codec.cloud.columns import Array
from octavox.codec.errors import InputError
from octavox.codec.files.source import Source
from octavox.codec.formats.tables import RowTable
from octavox.codec.job import JobContext

_GAP = 1 << 14  # bytes between two rows that are read together rather than skipped
_PIECE = 1 << 22  # bytes that are read at once

Rows = npt.NDArray[np.int64]  # (n,) int64 numbers of rows, ascending, each once


class RowSource(Protocol):
    """Where the rows of a cloud come from. name: of the file. place: rows that reading a row takes, about."""

    @property
    def table(self) -> RowTable: ...

    @property
    def name(self) -> str: ...

    @property
    def place(self) -> int: ...

    def chosen(self, rows: Rows, job: JobContext) -> Array:
        """The records of some rows. Raises InputError where the file is not what it was; CancelledError."""

    def parts(self, step: int, job: JobContext) -> Generator[Array, None, None]:
        """All records, some at a time. Raises as `chosen`."""

    def close(self) -> None:
        """Lets go of the file."""


class StoredRows(RowSource):
    """Rows that lie in a file one after the other."""

    def __init__(self, source: Source, table: RowTable) -> None:
        self._source, self._table = source, table

    @property
    def table(self) -> RowTable:
        return self._table

    @property
    def name(self) -> str:
        return self._source.name

    @property
    def place(self) -> int:
        return 1

    def chosen(self, rows: Rows, job: JobContext) -> Array:
        return read_chosen(self._source, self._table, rows, job)

    def parts(self, step: int, job: JobContext) -> Generator[Array, None, None]:
        for part in job.parts(self._table.rows, step):
            yield read_records(self._source, self._table, part.start, part.stop)

    def close(self) -> None:
        self._source.close()


def read_records(source: Source, table: RowTable, first: int, stop: int) -> Array:
    """Rows first..stop of the table's dtype. Raises InputError where the file has become shorter."""
    dtype = table.dtype
    records = np.empty(stop - first, dtype)
    place = table.at + first * dtype.itemsize
    if source.readinto(place, records.view(np.uint8)) < records.nbytes:
        reason = "truncated: the file has become shorter since it was opened"
        raise InputError(reason, path=source.name, byte=place)
    return records


def read_chosen(source: Source, table: RowTable, rows: Rows, job: JobContext) -> Array:
    """The records of some rows. Raises as `read_records`; CancelledError."""
    dtype = table.dtype
    records = np.empty(len(rows), dtype)
    gap, piece = max(1, _GAP // dtype.itemsize), max(1, _PIECE // dtype.itemsize)
    cuts = (np.diff(rows) > gap) | (np.diff(rows // piece) > 0)
    edges = [0, *(np.flatnonzero(cuts) + 1).tolist(), len(rows)]
    for a, b in zip(edges, edges[1:], strict=False):
        job.check()
        if b > a:
            first = int(rows[a])
            records[a:b] = read_records(source, table, first, int(rows[b - 1]) + 1)[rows[a:b] - first]
    return records


class RecordCache:
    """Records by their row; of those beyond `most` bytes, the ones whose last use is longest ago go."""

    def __init__(self, table: RowTable, most: int) -> None:
        self._limit = max(1, most // (table.dtype.itemsize + 16))  # with number and time of its last use
        self._rows = np.empty(0, np.int64)
        self._records = np.empty(0, table.dtype)
        self._used = np.empty(0, np.int64)
        self._time = 0

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def limit(self) -> int:
        """How many records it keeps."""
        return self._limit

    def get(self, rows: Rows, read: Callable[[Rows], Array]) -> Array:
        """The records of some rows; `read` gives those that are not kept."""
        place = np.minimum(np.searchsorted(self._rows, rows), max(0, len(self._rows) - 1))
        known = self._rows[place] == rows if len(self._rows) else np.zeros(len(rows), bool)
        new = rows[~known]
        found = np.empty(len(rows), self._records.dtype)
        found[known] = self._records[place[known]]
        found[~known] = fresh = read(new)
        self._time += 1
        self._used[place[known]] = self._time
        self._add(new, fresh)
        return found

    def _add(self, rows: Rows, records: Array) -> None:
        if len(rows):
            rows = np.concatenate([self._rows, rows])
            order = np.argsort(rows, kind="stable")
            self._rows = rows[order]
            self._records = np.concatenate([self._records, records])[order]
            self._used = np.concatenate([self._used, np.full(len(records), self._time)])[order]
        if len(self._rows) > self._limit:
            newest = np.argpartition(self._used, -self._limit)[-self._limit :]
            keep = np.sort(newest)
            self._rows, self._records, self._used = self._rows[keep], self._records[keep], self._used[keep]
