"""Stored columns of a part: packed on their own, before what the coding loops make; fields for the others."""

from __future__ import annotations

from typing import Any

import numpy as np

from octavox.codec.arrays import Float64Array, Int64Array
from octavox.codec.coding.bytes import ByteReader, varint
from octavox.codec.errors import CorruptStreamError

from ..interface import Array
from ..packing import pack_column, unpack_column
from .plan import ColumnPlan, Plan
from .transforms import WIDE_BITS, Transform, to_integers


def pack_stored(columns: list[Array]) -> list[bytes]:
    """What the payload of a part begins with, by column."""
    packed = [pack_column(column) for column in columns]
    return [varint(len(data)) + data for data in packed]


def unpack_stored(
    reader: ByteReader, plan: Plan, types: list[np.dtype[Any]], rows: int, name: str, bits: Float64Array
) -> dict[int, Array]:
    """The stored columns of a part, by their number. bits: of each field, to which theirs are added.

    Raises CorruptStreamError.
    """
    found: dict[int, Array] = {}
    for number in plan.stored:
        before = reader.position
        packed = reader.take(reader.varint(name, reader.left), name)
        start = reader.position - len(packed)
        bits[list(plan.columns[number].fields[:1])] += 8 * (reader.position - before)
        try:
            found[number] = unpack_column(packed, types[number], rows)
        except CorruptStreamError as error:
            raise CorruptStreamError(error.reason, field=name, byte=start) from None
    return found


def halves(integers: Int64Array, transform: Transform) -> list[Int64Array]:
    """The values of the fields of a column."""
    if not transform.wide:
        return [integers]
    bits = integers.view(np.uint64)
    return [
        (bits >> np.uint64(WIDE_BITS)).astype(np.int64),
        (bits & np.uint64((1 << WIDE_BITS) - 1)).astype(np.int64),
    ]


def fields_of(column: Array, plan: ColumnPlan, sizes: list[int]) -> list[Int64Array]:
    """The values of the fields of a stored column, each within its size whatever the column is."""
    integers, _ = to_integers(column, plan.transform)
    return [
        np.clip(values, 0, size - 1)
        for values, size in zip(halves(integers, plan.transform), sizes, strict=True)
    ]
