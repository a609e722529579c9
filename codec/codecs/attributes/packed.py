"""Coder "packed": each column on its own, by general methods (`packing`). For timestamps, ids, normals."""

from __future__ import annotations

from typing import Any

import numpy as np

from octavox.codec.coding.bytes import ByteReader, varint
from octavox.codec.errors import CorruptStreamError
from octavox.codec.job import JobContext

from .interface import Array, CodedColumns, DecodedColumns, Layout
from .packing import pack_column, unpack_column


class Packed:
    """See AttributeCoder. A payload has for each column a varint length and what `pack_column` made."""

    name = "packed"
    id = 1

    def encode(self, columns: list[Array], layout: Layout, job: JobContext) -> CodedColumns:
        payloads, bits = [], np.zeros((len(layout.parts), len(columns)))
        for number, rows in enumerate(layout.parts):
            pieces = []
            for k, column in enumerate(columns):
                job.check()
                packed = pack_column(column[rows])
                piece = varint(len(packed)) + packed
                bits[number, k] = 8 * len(piece)
                pieces.append(piece)
            payloads.append(b"".join(pieces))
        return CodedColumns(b"", payloads, bits)

    def decode(
        self,
        params: bytes,
        payloads: list[bytes],
        types: list[np.dtype[Any]],
        layout: Layout,
        job: JobContext,
    ) -> DecodedColumns:
        if params:
            raise CorruptStreamError("packed columns have no params", field="params", byte=0)
        columns = [np.empty(layout.rows, kind) for kind in types]
        bits = np.zeros((len(payloads), len(types)))
        for number, (rows, payload) in enumerate(zip(layout.parts, payloads, strict=True)):
            reader, name = ByteReader(payload), f"part {number}"
            for k, column in enumerate(columns):
                job.check()
                before = reader.position
                packed = reader.take(reader.varint(name, reader.left), name)
                start = reader.position - len(packed)
                bits[number, k] = 8 * (reader.position - before)
                try:
                    column[rows] = unpack_column(packed, column.dtype, rows.stop - rows.start)
                except CorruptStreamError as error:
                    raise CorruptStreamError(error.reason, field=name, byte=start) from None
            reader.done(name)
        return DecodedColumns(columns, bits)


CODER = Packed()
