"""The rows of a PLY file's elements as numpy columns, read by plyfile."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from octavox.codec.errors import InputError
from octavox.codec.job import JobContext

from .ply_header import NUMPY_CODES, PlyElement, PlyHeader

Columns = dict[str, npt.NDArray[Any]]


def read_columns(
    header: PlyHeader, name: str, wanted: Collection[str], path: Path, job: JobContext
) -> Columns:
    """The `wanted` scalar properties that element `name` has, each as a (count,) array of its stored type,
    native order.

    The other elements are read too, so that a file cut anywhere is noticed. Raises InputError naming the
    element, the property and the row, CancelledError.
    """
    import plyfile

    try:
        read = _read(path, header)
    except plyfile.PlyElementParseError as fault:
        raise _at_row(fault, header, path) from None
    except plyfile.PlyHeaderParseError as fault:
        raise InputError(f"line {fault.line}: {fault.message}", path=path, field="header") from None
    except UnicodeDecodeError:
        raise _not_ascii(header, path) from None
    except (ValueError, OverflowError) as fault:
        raise InputError(f"cannot read the rows: {fault}", path=path, field=f"element {name}") from None
    element = header.element(name)
    scalars = [p for p in element.properties if p.length_type is None and p.name in wanted] if element else []
    rows = read[name].data
    columns = {p.name: np.empty(len(rows), NUMPY_CODES[p.type]) for p in scalars}
    for part in job.parts(len(rows)):  # each part of the file is touched once
        for column, values in columns.items():
            values[part] = rows[part][column]
    return columns


def _read(path: Path, header: PlyHeader) -> Any:
    """plyfile's reading, at once where lists have one length (as triangles do), else row by row."""
    import plyfile

    lengths = _first_lengths(header, path)
    if lengths:
        try:
            return plyfile.PlyData.read(str(path), known_list_len=lengths)
        except (plyfile.PlyElementParseError, ValueError):
            pass  # lists of several lengths
    return plyfile.PlyData.read(str(path))


def _first_lengths(header: PlyHeader, path: Path) -> dict[str, dict[str, int]]:
    """List length in the first row of the first binary element with lists, if it has one, at its end."""
    if header.format == "ascii":
        return {}
    at = header.body
    for element in header.elements:
        if not element.has_list:
            at += element.count * sum(p.least_bytes for p in element.properties)
            continue
        *others, last = element.properties
        if element.count and last.length_type and not any(p.length_type for p in others):
            with path.open("rb") as file:
                file.seek(at + sum(p.least_bytes for p in others))
                stored = file.read(last.least_bytes)
            if len(stored) == last.least_bytes:
                kind = np.dtype(header.byte_order + NUMPY_CODES[last.length_type])
                return {element.name: {last.name: max(int(np.frombuffer(stored, kind)[0]), 0)}}
        return {}
    return {}


def _not_ascii(header: PlyHeader, path: Path) -> InputError:
    body = np.frombuffer(path.read_bytes(), np.uint8)[header.body :]
    byte = header.body + int(np.argmax(body > 127))
    return InputError("a byte that is not ASCII in an ASCII file", path=path, field="body", byte=byte)


def _at_row(fault: Any, header: PlyHeader, path: Path) -> InputError:
    """plyfile's complaint about a row, with the row's place in the file."""
    element = header.element(fault.element.name)
    row = int(fault.row or 0)
    field = f"{fault.element.name}.{fault.prop.name}" if fault.prop else f"element {fault.element.name}"
    cut = fault.message == "early end-of-file"
    text = f"truncated: the data end in row {row:,}" if cut else f"row {row:,}: {fault.message}"
    if header.format == "ascii" and element:
        text += f" (line {_line(header, element, row)})"
    return InputError(text, path=path, field=field, byte=path.stat().st_size if cut else None)


def _line(header: PlyHeader, element: PlyElement, row: int) -> int:
    before = header.elements[: header.elements.index(element)]
    return header.lines + sum(e.count for e in before) + row + 1
