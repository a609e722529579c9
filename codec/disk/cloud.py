"""A cloud that stays on disk: what it holds, a first look at it, its cells, and any of its points."""

from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np

from octavox.codec.cloud.cloud import PointCloud
from octavox.codec.cloud.columns import Array
from octavox.codec.errors import OctavoxError
from octavox.codec.files.source import FilePath, Source, open_source
from octavox.codec.formats.registry import HEAD_BYTES, format_of
from octavox.codec.formats.tables import RowTable
from octavox.codec.job import CancelToken, JobContext

from .cells import CellGrid, CellIndex, Indexing
from .rows import RecordCache, Rows, read_chosen

RUN = 100  # consecutive points of a first look: a page of the disk holds them
CACHE_BYTES = 256 << 20


class DiskCloud:
    """The points of an open file, of which some are in memory at a time.

    name: of the file. points: how many it has. cells: which points lie where, once `index` has run. Several
    threads may read.
    """

    def __init__(self, source: Source, table: RowTable, cache: int) -> None:
        """cache: bytes of the records that are kept."""
        self._source, self._table = source, table
        self._cache, self._reading = RecordCache(table, cache), threading.Lock()
        self.name, self.points = source.name, table.rows
        self.cells: CellIndex | None = None

    def first_rows(self, points: int) -> Rows:
        """About so many rows, in runs from all over the file, which takes few reads."""
        runs = max(1, min(points, self.points) // RUN)
        if runs * RUN * 2 > self.points:
            return np.arange(min(points, self.points), dtype=np.int64)
        stretch = self.points / runs
        places = (np.arange(runs) + np.random.default_rng(1).random(runs) * (1 - RUN / stretch)) * stretch
        return np.asarray((places.astype(np.int64)[:, None] + np.arange(RUN)).ravel(), np.int64)

    def even_rows(self, points: int) -> Rows:
        """About so many rows from all over the file, one of each stretch of it."""
        if points >= self.points:
            return np.arange(self.points, dtype=np.int64)
        edges = np.arange(points + 1) * self.points // points
        places = np.random.default_rng(1).random(points) * np.diff(edges)
        return np.asarray(edges[:-1] + places.astype(np.int64), np.int64)

    def read(self, rows: Rows, cancel: CancelToken | None = None) -> PointCloud:
        """Points by the numbers of their rows, (n,) int64, ascending and each once, as `read_cloud` has them.

        Raises InputError where the file has become shorter; CancelledError.
        """
        job = JobContext(cancel=cancel)
        with self._reading:
            records = self._cache.get(rows, lambda new: read_chosen(self._source, self._table, new, job))
        return self._table.cloud(records)

    def index(
        self,
        keep: Rows,
        tell: Callable[[float], None] = lambda share: None,
        cancel: CancelToken | None = None,
    ) -> CellIndex:
        """Finds out which points lie where, by reading all of the file once. keep: rows that are kept in
        memory on the way. tell: called with the share that is done. Raises as `read`."""
        job = JobContext(cancel=cancel)
        first = self.read(self.first_rows(1 << 17), cancel)
        grid = CellGrid.of(first.coords, first.scale)
        met: list[Array] = []

        def look(start: int, records: Array) -> None:
            a, b = np.searchsorted(keep, (start, start + len(records)))
            met.append(records[keep[a:b] - start])

        cells = Indexing(self._source, self._table, grid).run(job, look, tell)
        with self._reading:
            self._cache.get(keep, lambda new: np.concatenate(met)[np.searchsorted(keep, new)])
        self.cells = cells
        return cells

    def close(self) -> None:
        """Lets go of the file and of what is kept of it."""
        self._source.close()
        self.cells = None
        self._cache = RecordCache(self._table, 0)


def open_on_disk(path: FilePath) -> DiskCloud | None:
    """A file whose points can be read one by one: binary PLY and PCD, LAS, .npy and .bin.

    None for all others, for a negative scale, and for a file that `read_cloud` refuses and says why. Close
    what is returned.
    """
    try:
        source = open_source(path)
    except OctavoxError:
        return None
    try:
        known = format_of(source.name, source.read(0, HEAD_BYTES)) if source.path is not None else None
        table = None if known is None else known.table(source)
        if table is not None and table.rows:
            one = table.cloud(np.zeros(1, table.dtype))  # refuses columns that make no cloud
            if min(one.scale) > 0:
                return DiskCloud(source, table, CACHE_BYTES)
    except Exception:  # whatever it is, reading the file says it
        source.close()
        return None
    source.close()
    return None
