"""The rows of a packed file: some places at once, all of them once they lie in a temporary file."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Generator
from typing import BinaryIO, cast

import numpy as np

from octavox.codec.cloud.columns import Array
from octavox.codec.files.scratch import room_for
from octavox.codec.files.source import Source
from octavox.codec.formats.tables import PackedTable, RowTable
from octavox.codec.job import JobContext

from .rows import Rows, RowSource, StoredRows

SPARE = 1 << 30  # bytes that stay free on the disk of temporary files


class UnpackedRows(RowSource):
    """The rows of a file that has to be unpacked.

    `parts` unpacks it into a temporary file without a name, which the system removes with the process,
    whatever ends that. From then on rows are read there.
    """

    def __init__(self, source: Source, packed: PackedTable) -> None:
        self._source, self._packed = source, packed
        self._stored: StoredRows | None = None

    @property
    def table(self) -> RowTable:
        return self._packed.table

    @property
    def name(self) -> str:
        return self._source.name

    @property
    def place(self) -> int:
        return 1 if self._stored is not None else self._packed.place

    def chosen(self, rows: Rows, job: JobContext) -> Array:
        if self._stored is not None:
            return self._stored.chosen(rows, job)
        edges = np.flatnonzero(np.diff(rows) > self._packed.place) + 1
        groups = [group for group in np.split(rows, edges) if len(group)]
        runs = [(int(group[0]), int(group[-1] - group[0]) + 1) for group in groups]
        longest = max((count for _, count in runs), default=0)
        found = [np.empty(0, self.table.dtype)]
        with contextlib.closing(self._packed.unpack(runs, job, longest)) as pieces:
            found += [records[group - group[0]] for group, records in zip(groups, pieces, strict=True)]
        return np.concatenate(found)

    def parts(self, step: int, job: JobContext) -> Generator[Array, None, None]:
        if self._stored is not None:  # a pass that was cancelled after it had unpacked all
            yield from self._stored.parts(step, job)
            return
        file = cast(BinaryIO, tempfile.TemporaryFile(prefix="octavox-"))  # noqa: SIM115
        try:
            with room_for(self.name), contextlib.closing(self._all(step, job)) as pieces:
                for records in pieces:
                    file.write(records.view(np.uint8).data)
                    yield records
                file.flush()
        except BaseException:
            file.close()
            raise
        self._stored = StoredRows(Source(file, self.name), self.table)

    def _all(self, step: int, job: JobContext) -> Generator[Array, None, None]:
        return self._packed.unpack([(0, self.table.rows)], job, step)

    def close(self) -> None:
        self._source.close()
        if self._stored is not None:
            self._stored.close()


def has_room(packed: PackedTable) -> bool:
    """Whether the disk of temporary files has room for all rows."""
    need = packed.table.rows * packed.table.dtype.itemsize
    return shutil.disk_usage(tempfile.gettempdir()).free >= need + SPARE
