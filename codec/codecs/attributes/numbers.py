"""Columns of floats as whole numbers: those that lie on a lattice, such as 0.25, 12.3 or 17 / 255."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from octavox.codec.cloud.lattice import FRACTION, Lattice, candidates, whole_on
from octavox.codec.coding.bytes import ByteReader
from octavox.codec.coding.lattices import pack_lattice, parse_lattice

Array = npt.NDArray[Any]
_SHARES = (255, 65535)  # of which colours are stored as fractions
_NAME = "params"


@dataclass(frozen=True)
class WholeNumbers:
    """A column as integers. lattice: what they stand for; None where the column has integers itself."""

    numbers: Array
    lattice: Lattice | None = None


def whole_numbers_of(column: Array) -> WholeNumbers | None:
    """The integers that a column (n,) holds or stands for; None where a number has none, to the last bit."""
    if column.dtype.kind != "f":
        return WholeNumbers(column)
    if not len(column):
        return None
    tried = candidates(column[:: max(len(column) // 4096, 1)])
    for kind, places in [*tried, *((FRACTION, share) for share in _SHARES)]:
        numbers, fits = whole_on(column, kind, places)
        if fits.all():
            return WholeNumbers(numbers, Lattice(kind, places=places))
    return None


def pack_form(found: WholeNumbers) -> bytes:
    """What turns the integers into the column again."""
    return b"\0" if found.lattice is None else b"\1" + pack_lattice(found.lattice)


def parse_form(reader: ByteReader) -> Lattice | None:
    """Inverse of `pack_form`. Raises CorruptStreamError, UnsupportedStreamError."""
    mark = reader.u8(_NAME)
    if mark > 1:
        raise reader.fault(f"mark {mark} is not known", _NAME, reader.position - 1)
    return parse_lattice(reader, 1, _NAME) if mark else None


def restored(numbers: Array, lattice: Lattice | None, dtype: np.dtype[Any]) -> Array:
    """The column of integers that `whole_numbers_of` found."""
    return numbers.astype(dtype, copy=False) if lattice is None else lattice.values(numbers, dtype)
