"""Coder "rows": all columns of a cloud in the order of its file, from the rows before and from each other.

The idea is that of LAZ (Isenburg 2013, "LASzip: lossless compression of LiDAR data"): a scanner's records are
nearly regular in the order in which they were made. docs/attribute-coding-rows.md describes the stream.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from octavox.codec.arrays import Float64Array
from octavox.codec.errors import CorruptStreamError
from octavox.codec.job import JobContext
from octavox.codec.parallel import SharedJob, map_parallel

from ..interface import Array, CodedColumns, DecodedColumns, Layout
from .part_coder import decode_part, encode_part
from .plan import Plan, pack_plan, unpack_plan
from .planning import doubles_of, plan_columns
from .storing import store_noise

_STAGE = "attributes"


class Rows:
    """See AttributeCoder. `cells` of a layout may be empty: rows follow each other as in the file."""

    name = "rows"
    id = 3

    def encode(self, columns: list[Array], layout: Layout, job: JobContext) -> CodedColumns:
        if not columns:
            return CodedColumns(b"", [b""] * len(layout.parts), np.zeros((len(layout.parts), 0)))
        planned = plan_columns(columns, layout, job)
        plan, parts = planned.plan, layout.parts
        shared = SharedJob(job, _STAGE, layout.rows)
        if layout.rows:
            store_noise(planned, columns, shared)
        reals = doubles_of(columns, plan)

        def work(k: int) -> tuple[bytes, Array]:
            own = parts[k]
            stored = [columns[number][own] for number in plan.stored]
            values = [values[own] for values in planned.values]
            return encode_part(plan, values, reals[:, own], stored, shared)

        done = map_parallel(shared, len(parts), layout.threads, work)
        bits = _by_column(plan, [spent for _, spent in done])
        return CodedColumns(pack_plan(plan), [payload for payload, _ in done], bits)

    def decode(
        self,
        params: bytes,
        payloads: list[bytes],
        types: list[np.dtype[Any]],
        layout: Layout,
        job: JobContext,
    ) -> DecodedColumns:
        if not types:
            if params or any(payloads):
                raise CorruptStreamError("bytes of no columns", field="params", byte=0)
            return DecodedColumns([], np.zeros((len(payloads), 0)))
        plan = unpack_plan(params, types, layout.rows)
        parts = layout.parts
        columns: list[Array] = [np.empty(layout.rows, kind) for kind in types]
        shared = SharedJob(job, _STAGE, layout.rows)

        def work(k: int) -> Float64Array:
            own = parts[k]
            found, spent = decode_part(plan, payloads[k], types, own.stop - own.start, f"part {k}", shared)
            for column, values in zip(columns, found, strict=True):
                column[own] = values
            return spent

        return DecodedColumns(
            columns, _by_column(plan, map_parallel(shared, len(parts), layout.threads, work))
        )


def _by_column(plan: Plan, bits: list[Float64Array]) -> Float64Array:
    """(parts, columns) of the bits of the fields of each part.

    Those of a field that several columns share belong to the first of them.
    """
    owners: dict[int, int] = {}
    for number, column in enumerate(plan.columns):
        for k in (*column.fields, column.mask):
            if k >= 0:
                owners.setdefault(k, number)
    for k, row in enumerate(plan.fields):
        if k in owners and row[2] >= 0:
            owners.setdefault(int(row[2]), owners[k])
    found = np.zeros((len(bits), len(plan.columns)))
    for k, number in sorted(owners.items()):
        found[:, number] += [spent[k] for spent in bits]
    return found


CODER = Rows()
