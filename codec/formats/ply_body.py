"""The rows of a binary PLY file's elements as columns with the stored types."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

import numpy as np

from octavox.codec.cloud.columns import Array, Column, ListColumn
from octavox.codec.errors import InputError
from octavox.codec.files.source import Source
from octavox.codec.job import PART, JobContext

from .numbers import Bytes
from .ply_header import PlyElement, PlyHeader
from .tables import TableField, read_rows


def fields_of(element: PlyElement, order: str) -> list[TableField]:
    """The columns of an element without lists."""
    return [TableField(p.name, p.dtype(order)) for p in element.properties]


def read_binary(
    header: PlyHeader, source: Source, job: JobContext
) -> tuple[dict[str, dict[str, Column]], int]:
    """The columns of each element, by name, and the byte where the last one ends.

    Raises InputError naming element, property, row and byte; CancelledError.
    """
    at = header.body
    tables: dict[str, dict[str, Column]] = {}
    rest: tuple[int, Bytes] | None = None  # the file from a byte on, once an element with lists is met
    for element in header.elements:
        if element.has_list and element.count:
            first, data = rest = rest or (at, np.frombuffer(source.read(at), np.uint8))
            tables[element.name], size = _read_lists(
                data[at - first :], source, at, element, header.byte_order, job
            )
            at += size
        elif element.has_list:
            tables[element.name] = empty_lists(element)
        else:
            fields = fields_of(element, header.byte_order)
            tables[element.name] = dict(read_rows(source, at, element.count, fields, job))
            at += element.count * element.least_bytes
    return tables, at


def empty_lists(element: PlyElement) -> dict[str, Column]:
    """The columns of an element with lists that has no rows."""
    return {
        p.name: ListColumn(np.empty(0, p.length_dtype()), np.empty(0, p.dtype()))
        if p.length_type
        else np.empty(0, p.dtype())
        for p in element.properties
    }


def _read_lists(
    data: Bytes, source: Source, at: int, element: PlyElement, order: str, job: JobContext
) -> tuple[dict[str, Column], int]:
    """The columns of an element with lists, and the bytes of its rows. data: the file from byte `at` on."""
    job.check()
    even = _even_rows(data, element, order)
    if even is not None:
        return _of_even_rows(even, element), even.nbytes
    rows = _RowWalk(data, element, order)
    try:
        rows.walk(job)
    except InputError as error:
        error.path, error.byte = source.name, at + (error.byte or 0)
        raise
    return rows.columns(job), rows.end


def _even_rows(data: Bytes, element: PlyElement, order: str) -> Array | None:
    """(count,) structured rows where each list has one length throughout, as triangles do; else None."""
    parts: list[Any] = []
    at = 0
    for k, p in enumerate(element.properties):
        if p.length_type is None:
            parts.append((f"v{k}", p.dtype(order)))
            at += p.least_bytes
            continue
        stored = data[at : at + p.least_bytes]
        if len(stored) < p.least_bytes:
            return None
        length = int(stored.view(p.length_dtype(order))[0])
        if not 0 <= length <= len(data):
            return None
        parts += [(f"n{k}", p.length_dtype(order)), (f"v{k}", p.dtype(order), (length,))]
        at += p.least_bytes + length * p.dtype().itemsize
    if at * element.count > len(data):
        return None
    rows = data[: at * element.count].view(np.dtype(parts))
    for k, p in enumerate(element.properties):
        if p.length_type is not None and not (rows[f"n{k}"] == rows[f"n{k}"][0]).all():
            return None
    return rows


def _of_even_rows(rows: Array, element: PlyElement) -> dict[str, Column]:
    columns: dict[str, Column] = {}
    for k, p in enumerate(element.properties):
        values = rows[f"v{k}"].astype(p.dtype())
        if p.length_type is None:
            columns[p.name] = values
        else:
            columns[p.name] = ListColumn(rows[f"n{k}"].astype(p.length_dtype()), values.reshape(-1))
    return columns


class _RowWalk:
    """Rows whose lists differ in length, found one after the other."""

    def __init__(self, data: Bytes, element: PlyElement, order: str) -> None:
        self._data, self._element, self._order = data, element, order
        self._starts: list[list[int]] = [[] for _ in element.properties]  # of each property's bytes, by row
        self._lengths: list[list[int]] = [[] for _ in element.properties]
        self.end = 0

    def walk(self, job: JobContext) -> None:
        """Finds where each property of each row lies. Raises InputError with a byte of the data."""
        raw, size, at = self._data.data, len(self._data), 0
        steps = [self._step(k) for k in range(len(self._element.properties))]
        for row in range(self._element.count):
            if row % PART == 0:
                job.check()
            for k, (starts, lengths, width, reader) in enumerate(steps):
                if reader is None:
                    starts.append(at)
                    at += width
                    continue
                try:
                    length = reader(raw, at)[0]
                except struct.error:
                    raise self._cut(row, k, size) from None
                at += self._element.properties[k].least_bytes
                if length < 0:
                    raise self._fault(f"row {row:,}: a list of {length} values", k, at)
                starts.append(at)
                lengths.append(length)
                at += length * width
            if at > size:
                raise self._cut(row, len(steps) - 1, size)
        self.end = at

    def _step(self, k: int) -> tuple[list[int], list[int], int, Callable[..., Any] | None]:
        p = self._element.properties[k]
        order = ">" if self._order == ">" else "<"
        reader = struct.Struct(order + p.length_dtype().char).unpack_from if p.length_type else None
        return self._starts[k], self._lengths[k], p.dtype().itemsize, reader

    def _fault(self, reason: str, k: int, at: int) -> InputError:
        field = f"{self._element.name}.{self._element.properties[k].name}"
        return InputError(reason, field=field, byte=at)

    def _cut(self, row: int, k: int, size: int) -> InputError:
        return self._fault(f"truncated: the data end in row {row:,}", k, size)

    def columns(self, job: JobContext) -> dict[str, Column]:
        """The columns, once the rows have been walked."""
        found: dict[str, Column] = {}
        for k, p in enumerate(self._element.properties):
            starts = np.array(self._starts[k], np.int64)
            dtype = p.dtype(self._order)
            if p.length_type is None:
                found[p.name] = self._gather(starts, dtype)
                continue
            lengths = np.array(self._lengths[k], np.int64)
            values = np.empty(int(lengths.sum()), p.dtype())
            done = 0
            for part in job.parts(len(lengths)):
                some = lengths[part]
                first = np.repeat(starts[part] - (np.cumsum(some) - some) * dtype.itemsize, some)
                places = first + np.arange(len(first)) * dtype.itemsize
                values[done : done + len(first)] = self._gather(places, dtype)
                done += len(first)
            found[p.name] = ListColumn(lengths.astype(p.length_dtype()), values)
        return found

    def _gather(self, places: Array, dtype: np.dtype[Any]) -> Array:
        """The values whose first bytes are at these places, in native byte order."""
        chosen = self._data[places[:, None] + np.arange(dtype.itemsize)]
        return chosen.reshape(-1).view(dtype).astype(dtype.newbyteorder("="))
