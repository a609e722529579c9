"""The rows of a PLY file's elements, binary and ASCII, as numpy columns."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import InputError
from .ply_header import NUMPY_CODES, PlyElement, PlyHeader, PlyProperty

Columns = dict[str, npt.NDArray[Any]]


def read_columns(data: bytes, header: PlyHeader, name: str, path: str | Path) -> Columns:
    """The scalar properties of element `name`, each as a (count,) array of its stored type, native order.

    The elements around it are walked through too, so that a file cut anywhere is noticed.
    Raises InputError naming the element and the byte (binary) or the line (ASCII).
    """
    if header.format == "ascii":
        return _AsciiBody(data, header, path).columns(name)
    return _BinaryBody(data, header, path).columns(name)


class _BinaryBody:
    def __init__(self, data: bytes, header: PlyHeader, path: str | Path) -> None:
        self.data, self.header, self.path = data, header, path
        self.order = header.byte_order

    def columns(self, name: str) -> Columns:
        found: Columns = {}
        position = self.header.body
        for element in self.header.elements:
            if element.has_list:
                rows, position = self._rows_with_lists(element, position)
            else:
                rows, position = self._fixed_rows(element, position, {})
            if element.name == name:
                found = {
                    p.name: rows[p.name].astype(NUMPY_CODES[p.type])
                    for p in element.properties
                    if p.length_type is None
                }
        return found

    def _truncated(self, element: PlyElement, row: int, position: int) -> InputError:
        return InputError(
            f"truncated: the data end in row {row:,} of {element.count:,}",
            path=self.path,
            field=f"element {element.name}",
            byte=min(position, len(self.data)),
        )

    def _fixed_rows(
        self, element: PlyElement, start: int, lengths: dict[str, int]
    ) -> tuple[npt.NDArray[Any], int]:
        """Rows of one size: no lists, or every list as long as `lengths` says. (count,) structured."""
        fields: list[tuple[str, Any]] = []
        for p in element.properties:
            if p.length_type is None:
                fields.append((p.name, p.dtype(self.order)))
            else:
                fields.append((f"length of {p.name}", self.order + NUMPY_CODES[p.length_type]))
                fields.append((f"items of {p.name}", (p.dtype(self.order), (lengths[p.name],))))
        dtype = np.dtype(fields)
        end = start + element.count * dtype.itemsize
        if end > len(self.data):
            row = (len(self.data) - start) // dtype.itemsize
            raise self._truncated(element, row, len(self.data))
        if dtype.itemsize == 0 or element.count == 0:
            return np.zeros(0, dtype), end
        return np.frombuffer(self.data, dtype, element.count, start), end

    def _rows_with_lists(self, element: PlyElement, start: int) -> tuple[npt.NDArray[Any], int]:
        """Rows of an element with lists. Most files have lists of one length, which numpy reads at once."""
        if element.count == 0:
            return self._fixed_rows(element, start, {p.name: 0 for p in element.properties})
        lengths = self._walk_row(element, start, 0)[1]
        try:
            rows, end = self._fixed_rows(element, start, lengths)
        except InputError:  # perhaps only because later lists are shorter: the walk below decides
            return self._walk(element, start)
        if all(bool(np.all(rows[f"length of {n}"] == length)) for n, length in lengths.items()):
            return rows, end
        return self._walk(element, start)

    def _walk(self, element: PlyElement, start: int) -> tuple[npt.NDArray[Any], int]:
        """Rows one by one: (count,) structured with the scalar properties only."""
        scalars = [p for p in element.properties if p.length_type is None]
        rows = np.zeros(element.count, [(p.name, p.dtype(self.order)) for p in scalars] or [("none", "u1")])
        pieces = bytearray()
        position = start
        for row in range(element.count):
            position, _, piece = self._walk_row(element, position, row)
            pieces += piece
        if scalars:
            rows = np.frombuffer(bytes(pieces), rows.dtype, element.count)
        return rows, position

    def _walk_row(self, element: PlyElement, start: int, row: int) -> tuple[int, dict[str, int], bytes]:
        """One row: its end, the lengths of its lists, and the bytes of its scalars."""
        lengths: dict[str, int] = {}
        scalars = b""
        position = start
        for p in element.properties:
            first = position
            position += p.least_bytes
            if p.length_type is None:
                scalars += self.data[first:position]
            elif position <= len(self.data):
                length = self._length(p, first)
                if length < 0:
                    raise InputError(
                        f"row {row:,} has a list of {length} items",
                        path=self.path,
                        field=f"{element.name}.{p.name}",
                        byte=first,
                    )
                lengths[p.name] = length
                position += length * np.dtype(NUMPY_CODES[p.type]).itemsize
            if position > len(self.data):
                raise self._truncated(element, row, len(self.data))
        return position, lengths, scalars

    def _length(self, p: PlyProperty, position: int) -> int:
        dtype = np.dtype(self.order + NUMPY_CODES[p.length_type or ""])
        return int(np.frombuffer(self.data, dtype, 1, position)[0])


class _AsciiBody:
    def __init__(self, data: bytes, header: PlyHeader, path: str | Path) -> None:
        self.header, self.path = header, path
        try:
            text = data[header.body :].decode("ascii")
        except UnicodeDecodeError as error:
            raise InputError(
                "a byte that is not ASCII in an ASCII file", path=path, byte=header.body + error.start
            ) from error
        numbered = enumerate(text.splitlines(), header.lines + 1)
        self.rows = [(number, line) for number, line in numbered if line and not line.isspace()]

    def columns(self, name: str) -> Columns:
        found: Columns = {}
        position = 0
        for element in self.header.elements:
            if not element.properties:
                continue  # its rows are blank lines
            rows = self.rows[position : position + element.count]
            if len(rows) < element.count:
                last = self.rows[-1][0] if self.rows else self.header.lines
                raise InputError(
                    f"truncated: line {last} is the last; {len(rows):,} of {element.count:,} rows are there",
                    path=self.path,
                    field=f"element {element.name}",
                )
            position += element.count
            if element.name == name:
                found = self._parse(element, rows)
            elif rows:
                self._check_last(element, rows[-1])
        return found

    def _check_last(self, element: PlyElement, row: tuple[int, str]) -> None:
        """A file cut short shows in the last row of an element that is not read."""
        self._scalars(element, *row)

    def _parse(self, element: PlyElement, rows: Sequence[tuple[int, str]]) -> Columns:
        scalars = [p for p in element.properties if p.length_type is None]
        if not rows:
            return {p.name: np.zeros(0, NUMPY_CODES[p.type]) for p in scalars}
        table = None
        if not element.has_list:
            try:
                table = np.loadtxt([line for _, line in rows], np.float64, comments=None, ndmin=2)
            except ValueError:
                table = None  # the walk below names the line
        if table is None or table.shape != (len(rows), len(scalars)):
            table = np.array([self._scalars(element, number, line) for number, line in rows])
        columns: Columns = {}
        for k, p in enumerate(scalars):
            columns[p.name] = self._cast(table[:, k], p, element, rows)
        return columns

    def _scalars(self, element: PlyElement, number: int, line: str) -> list[float]:
        """The scalar values of one row. Raises InputError naming the line."""
        words = line.split()
        values: list[float] = []
        k = 0
        for p in element.properties:
            field = f"{element.name}.{p.name}"
            try:
                if p.length_type is None:
                    values.append(float(words[k]))
                    k += 1
                else:
                    length = int(words[k])
                    k += 1 + length
                    if length < 0 or k > len(words):
                        raise IndexError
            except IndexError:
                raise InputError(f"line {number} is too short", path=self.path, field=field) from None
            except ValueError:
                raise InputError(
                    f"line {number}: '{words[k][:40]}' is not a number", path=self.path, field=field
                ) from None
        if k != len(words):
            raise InputError(
                f"line {number} has {len(words)} values instead of {k}",
                path=self.path,
                field=f"element {element.name}",
            )
        return values

    def _cast(
        self,
        values: npt.NDArray[np.float64],
        p: PlyProperty,
        element: PlyElement,
        rows: Sequence[tuple[int, str]],
    ) -> npt.NDArray[Any]:
        """Text values in the type that the header declares; InputError for one that does not fit."""
        dtype = np.dtype(NUMPY_CODES[p.type])
        if dtype.kind == "f":
            with np.errstate(over="ignore"):
                return values.astype(dtype)
        limits = np.iinfo(dtype)
        fits = (values >= limits.min) & (values <= limits.max) & (values == np.floor(values))
        if not fits.all():
            bad = int(np.argmin(fits))
            raise InputError(
                f"line {rows[bad][0]}: {values[bad]:g} is not a value of type {p.type}",
                path=self.path,
                field=f"{element.name}.{p.name}",
            )
        return values.astype(dtype)
