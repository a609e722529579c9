"""Columns that `packing` packs in fewer bytes than the coding loops: noise, mostly. Others still use them."""

from __future__ import annotations

from octavox.codec.arrays import Int64Array
from octavox.codec.parallel import SharedJob

from ..interface import Array
from ..packing import pack_column
from .layout import FRACTION, MASK, MODE, NUMBERS, RATIO, SHIFT, SIZE, STORED, new_field
from .part_coder import encode_part
from .plan import Plan
from .planning import Planned, doubles_of

SAMPLE = 1 << 14
_GAIN = 0.97  # of the bits of the loops, from which on a column is stored


def store_noise(planned: Planned, columns: list[Array], job: SharedJob) -> None:
    """Changes a plan so that columns are stored where that takes less in a sample. Raises CancelledError."""
    rows = len(columns[0])
    begin = max(rows - SAMPLE, 0) // 2
    own = slice(begin, begin + SAMPLE)
    plan = planned.plan
    reals = doubles_of([column[own] for column in columns], plan)
    _, bits = encode_part(plan, [values[own] for values in planned.values], reals, [], job)
    for number, column in enumerate(plan.columns):
        rows_of = [plan.fields[k] for k in column.fields]
        if not rows_of or any(_special(plan, row) for row in rows_of):
            continue
        spent = sum(bits[k] for k in column.fields)
        job.check()
        if 8 * len(pack_column(columns[number][own])) < _GAIN * spent:
            plan.stored.append(number)
            for k, row in zip(column.fields, rows_of):
                fresh = new_field(STORED, int(row[SIZE]))
                fresh[[FRACTION, SHIFT]] = row[[FRACTION, SHIFT]]
                plan.fields[k] = fresh


def _special(plan: Plan, row: Int64Array) -> bool:
    """Whether a field is coded in a way that a sample hardly shows."""
    return bool(row[MODE] != NUMBERS or row[RATIO] >= 0 or int(row[MASK]) in plan.steps)
