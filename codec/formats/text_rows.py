"""Rows of numbers as text, so that each number comes back as it was."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from octavox.codec.cloud.columns import Array

FLOAT_FORMATS = {2: "%.5g", 4: "%.9g", 8: "%r"}  # by bytes: each gives every float back


def row_format(dtypes: Sequence[np.dtype[Any]], separator: str = " ") -> str:
    """The %-format of a line."""
    kinds = (FLOAT_FORMATS[d.itemsize] if d.kind == "f" else "%d" for d in dtypes)
    return separator.join(kinds) + "\n"


def text_rows(columns: Sequence[Array], separator: str = " ") -> bytes:
    """The lines of columns, each (n,). A NaN is written nan or, with its sign set, -nan."""
    if not columns or not len(columns[0]):
        return b""
    line = row_format([c.dtype for c in columns], separator)
    lists = [c.tolist() for c in columns]
    text = (line * len(columns[0])) % tuple(value for row in zip(*lists, strict=True) for value in row)
    if any(c.dtype.kind == "f" and bool((np.isnan(c) & np.signbit(c)).any()) for c in columns):
        return _with_signs(columns, separator).encode("ascii")
    return text.encode("ascii")


def _with_signs(columns: Sequence[Array], separator: str) -> str:
    """The lines where a NaN has its sign set, which Python's formatting does not show."""
    texts: list[list[str]] = []
    for column in columns:
        form = row_format([column.dtype]).strip()
        texts.append([form % value for value in column.tolist()])
        if column.dtype.kind == "f":
            for row in np.flatnonzero(np.isnan(column) & np.signbit(column)):
                texts[-1][row] = "-nan"
    return "".join(separator.join(row) + "\n" for row in zip(*texts, strict=True))


def has_payload(column: Array) -> bool:
    """Whether a float column has a NaN with other bits than the usual ones."""
    if column.dtype.kind != "f":
        return False
    nan = column[np.isnan(column)]
    bits = np.abs(np.full(1, np.nan, column.dtype)).view(f"u{column.dtype.itemsize}")
    return bool((np.abs(nan).view(f"u{column.dtype.itemsize}") != bits).any())
