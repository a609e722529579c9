"""The stage of remainders: where in its cell of a rough grid each number lies (`cloud.rough`).

The numbers of a cell are equally likely, or nearly so; how many a cell has follows from the grid. So
remainders are sorted into classes of equally wide cells, and each class is a column of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .cloud.grid import Grid
from .cloud.lattice import Array, Int64Array
from .cloud.rough import STEPS, Axis, Modes, Rests, keys_of_numbers, numbers_at
from .codecs.attributes.interface import Layout
from .codecs.attributes.packing import pack_column, unpack_column
from .coding.bytes import ByteReader, varint
from .errors import CorruptStreamError
from .job import JobContext

ALL_ZERO, PLAIN, SHIFTED = range(3)  # of an axis in a part: as they are, one more


@dataclass(frozen=True)
class RoughGrid:
    """A grid, and what the remainders of its axes count (`cloud.rough`)."""

    grid: Grid
    modes: Modes

    def classes(self, k: int, cells: Int64Array) -> npt.NDArray[np.uint8]:
        """(n,) bits that the remainders in each cell of an axis take."""
        lattice, dtype = self.grid.axes[k], self.grid.types[k]
        if self.modes[k] == STEPS:
            return np.full(len(cells), (lattice.step - 1).bit_length(), np.uint8)
        first = keys_of_numbers(lattice.values(cells, dtype))
        end = keys_of_numbers(lattice.values(cells + 1, dtype))
        most = np.maximum((end - first).view(np.int64) - 1, 0)
        return np.frexp(most.astype(np.float64))[1].astype(np.uint8)

    def numbers(self, k: int, cells: Int64Array, rest: Int64Array) -> Array:
        """(n,) the numbers of an axis."""
        return numbers_at(rest, self.grid.axes[k], cells, Axis(self.modes[k], self.grid.types[k]))


def _type(bits: int) -> np.dtype[Any]:
    """The type of a class: one bit more than it takes has room."""
    return np.dtype(next(f"u{size}" for size in (1, 2, 4, 8) if bits < 8 * size))


def encode_remainders(rests: Rests, rough: RoughGrid, layout: Layout, job: JobContext) -> list[bytes]:
    """A payload for each part. rests: in the layout's order."""
    return [_encode_part(rests, rough, layout.cells, rows, job) for rows in layout.parts]


def _encode_part(rests: Rests, rough: RoughGrid, cells: Any, rows: slice, job: JobContext) -> bytes:
    pieces = []
    for k, whole in enumerate(rests):
        job.check()
        if whole is None or not whole[rows].any():
            pieces.append(bytes([ALL_ZERO]))
            continue
        rest = whole[rows]
        shift = int(rest.min() < 0)
        pieces.append(bytes([SHIFTED if shift else PLAIN]))
        classes = rough.classes(k, cells[rows, k].astype(np.int64))
        for bits in np.unique(classes):
            column = (rest[classes == bits] + shift).astype(_type(int(bits)))
            packed = pack_column(column)
            pieces += [varint(len(packed)), packed]
    return b"".join(pieces)


def decode_remainders(
    payloads: list[bytes], rough: RoughGrid, layout: Layout, job: JobContext
) -> list[Array]:
    """The numbers of each axis, in the layout's order. Raises CorruptStreamError, CancelledError."""
    columns = rough.grid.columns(layout.cells)
    for number, (rows, payload) in enumerate(zip(layout.parts, payloads, strict=True)):
        reader, name = ByteReader(payload), f"remainders {number}"
        for k in range(3):
            job.check()
            mark = reader.u8(name)
            if mark == ALL_ZERO:
                continue
            if mark > SHIFTED:
                raise CorruptStreamError(f"mark {mark} is not known", field=name, byte=reader.position - 1)
            cells = layout.cells[rows, k].astype(np.int64)
            rest = _decode_axis(reader, name, rough.classes(k, cells))
            rest -= mark == SHIFTED
            columns[k][rows] = rough.numbers(k, cells, rest)
        reader.done(name)
    return columns


def _decode_axis(reader: ByteReader, name: str, classes: npt.NDArray[np.uint8]) -> Int64Array:
    rest = np.zeros(len(classes), np.int64)
    for bits in np.unique(classes):
        packed = reader.take(reader.varint(name, reader.left), name)
        start, own = reader.position - len(packed), classes == bits
        try:
            column = unpack_column(packed, _type(int(bits)), int(own.sum()))
        except CorruptStreamError as error:
            raise CorruptStreamError(error.reason, field=name, byte=start) from None
        rest[own] = column.astype(np.int64)
    return rest
