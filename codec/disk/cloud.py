"""A cloud that stays on disk: what it holds, a first look at it, its cells, and any of its points."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable

import numpy as np

from octavox.codec.cloud.cloud import PointCloud
from octavox.codec.cloud.columns import Array
from octavox.codec.errors import OctavoxError
from octavox.codec.files.source import FilePath, Source, open_source
from octavox.codec.formats.registry import HEAD_BYTES, Format, format_of
from octavox.codec.job import CancelToken, JobContext

from .cells import PART, CellGrid, CellIndex, Indexing
from .rows import RecordCache, Rows, RowSource, StoredRows
from .unpacked import UnpackedRows, has_room

RUN = 100  # consecutive points of a first look: a page of the disk holds them
PLACES = 32  # of a first look at a packed file: each costs the unpacking of a chunk of it
CACHE_BYTES = 256 << 20


class DiskCloud:
    """The points of an open file, of which some are in memory at a time.

    name: of the file. points: how many it has. cells: which points lie where, once `index` has run. Several
    threads may read.
    """

    def __init__(self, rows: RowSource, cache: int) -> None:
        """cache: bytes of the records that are kept."""
        self._rows, self._table = rows, rows.table
        self._cache, self._reading = RecordCache(rows.table, cache), threading.Lock()
        self.name, self.points = rows.name, rows.table.rows
        self.cells: CellIndex | None = None

    def first_rows(self, points: int) -> Rows:
        """About so many rows, in runs from all over the file, which takes few reads."""
        run = RUN if self._rows.place == 1 else max(RUN, min(points, self.points) // PLACES)
        runs = max(1, min(points, self.points) // run)
        if runs * run * 2 > self.points:
            return np.arange(min(points, self.points), dtype=np.int64)
        stretch = self.points / runs
        places = (np.arange(runs) + np.random.default_rng(1).random(runs) * (1 - run / stretch)) * stretch
        return np.asarray((places.astype(np.int64)[:, None] + np.arange(run)).ravel(), np.int64)

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
            records = self._cache.get(rows, lambda new: self._rows.chosen(new, job))
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

        with contextlib.closing(self._rows.parts(PART, job)) as parts:
            cells = Indexing(parts, self._table, grid).run(job, look, tell)
        with self._reading:
            self._cache.get(keep, lambda new: np.concatenate(met)[np.searchsorted(keep, new)])
        self.cells = cells
        return cells

    def close(self) -> None:
        """Lets go of the file and of what is kept of it."""
        self._rows.close()
        self.cells = None
        self._cache = RecordCache(self._table, 0)


def open_on_disk(path: FilePath) -> DiskCloud | None:
    """A file whose points can be read one by one: binary PLY and PCD, LAS, .npy and .bin; or LAZ, which is
    unpacked into a temporary file when it is looked through.

    None for all others, where the disk has no room for that, for a negative scale, and for a file that
    `read_cloud` refuses and says why. Close what is returned.
    """
    try:
        source = open_source(path)
    except OctavoxError:
        return None
    try:
        known = format_of(source.name, source.read(0, HEAD_BYTES)) if source.path is not None else None
        rows = None if known is None else _rows_of(known, source)
        if rows is not None and rows.table.rows:
            one = rows.table.cloud(np.zeros(1, rows.table.dtype))  # refuses columns that make no cloud
            if min(one.scale) > 0:
                return DiskCloud(rows, CACHE_BYTES)
    except Exception:  # whatever it is, reading the file says it
        source.close()
        return None
    source.close()
    return None


def _rows_of(known: Format, source: Source) -> RowSource | None:
    table = known.table(source)
    if table is not None:
        return StoredRows(source, table)
    packed = known.packed(source)
    return UnpackedRows(source, packed) if packed is not None and has_room(packed) else None
