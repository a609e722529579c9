"""One part: its fields one after the other, in one payload of the range coder."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from octavox.codec.arrays import Float64Array, Int64Array, UInt64Array
from octavox.codec.coding.bytes import ByteReader
from octavox.codec.coding.counters import release_counters
from octavox.codec.coding.mixed_bits import MixedBits
from octavox.codec.coding.range_coder import POSITION, RANGE, BitCoder, RangeDecoder, RangeEncoder
from octavox.codec.coding.residuals import MOST_BITS
from octavox.codec.errors import CorruptStreamError
from octavox.codec.parallel import SharedJob

from ..interface import Array
from ..packing import stored
from .layout import GIVEN, MODE, NUMBERS, SIZE, SYMBOLS, Part
from .number_loop import code_numbers
from .number_model import new_number_model
from .plan import ColumnPlan, Plan
from .stored import fields_of, pack_stored, unpack_stored
from .symbols import code_symbols, new_symbol_model
from .transforms import CONSTANT, WIDE_BITS, as_doubles, to_column
from .trees import tree_of

_ROWS = 1 << 12  # coded between two looks at the job
_TABLE_BITS = (12, 16)
_MOST_SYMBOL_BITS = 32


def _part_of(plan: Plan, rows: int) -> Part:
    """A part of zeros."""
    table, steps = plan.table()
    values = np.zeros((len(table), rows), np.int64)
    reals = np.zeros((len(plan.bases), rows), np.float64)
    return Part(values, np.zeros((len(table), rows), np.int16), table, reals, steps, plan.width)


def table_bits(rows: int) -> int:
    """log2 of the counters of a context, for so many rows."""
    return min(max((8 * rows).bit_length(), _TABLE_BITS[0]), _TABLE_BITS[1])


def _coded_by(plan: Plan, part: Part, f: int) -> tuple[MixedBits, Callable[[BitCoder, int, int], None]]:
    """The model of a field, and what codes some of its rows."""
    rows = part.values.shape[1]
    if part.fields[f, MODE] == SYMBOLS:
        symbols = new_symbol_model(part.fields[f], tree_of(plan.trees[f]), rows, table_bits(rows))
        return symbols.bits, lambda coder, a, b: code_symbols(coder, part, symbols, f, a, b)
    numbers = new_number_model(part, f, table_bits(rows))
    return numbers.bits, lambda coder, a, b: code_numbers(coder, part, numbers, f, a, b)


def _coded(part: Part, f: int) -> bool:
    return bool(part.fields[f, MODE] in (SYMBOLS, NUMBERS) and part.fields[f, SIZE] > 1)


def encode_part(
    plan: Plan, values: list[Int64Array], reals: Float64Array, stored: list[Array], job: SharedJob
) -> tuple[bytes, Float64Array]:
    """The payload of a part, and the bits of each field. stored: those columns. Raises CancelledError."""
    rows = reals.shape[1]
    part = _part_of(plan, rows)
    part.reals[:] = reals
    encoder, bits, coded = RangeEncoder(), np.zeros(len(values)), False
    for f, own in enumerate(values):
        part.values[f] = own
    for f in range(len(values)):
        if not rows or not _coded(part, f):
            continue
        before = _spent(encoder.state)
        model, code = _coded_by(plan, part, f)
        most = MOST_BITS if part.fields[f, MODE] == NUMBERS else _MOST_SYMBOL_BITS
        for start in range(0, rows, _ROWS):
            job.check()
            end = min(start + _ROWS, rows)
            encoder.reserve(most * (end - start))
            code(BitCoder(True, encoder.state, encoder.buffer), start, end)
        release_counters(model.counters)
        bits[f], coded = _spent(encoder.state) - before, True
    payload = encoder.finish() if coded else b""
    heads = pack_stored(stored) if rows else []
    for number, head in zip(plan.stored, heads):
        bits[plan.columns[number].fields[0]] += 8 * len(head)
    return b"".join(heads) + payload, bits


def _spent(state: UInt64Array) -> float:
    """Bits that the range coder of this state has coded, but for a constant."""
    return float(8 * int(state[POSITION]) + 64 - np.log2(float(state[RANGE])))


def decode_part(
    plan: Plan, payload: bytes, types: list[np.dtype[Any]], rows: int, name: str, job: SharedJob
) -> tuple[list[Array], Float64Array]:
    """The columns of a part, and the bits of each field, as `encode_part` gives them.

    Raises CorruptStreamError with field `name`, CancelledError.
    """
    part = _part_of(plan, rows)
    reader = ByteReader(payload)
    bits = np.zeros(len(part.fields))
    stored = unpack_stored(reader, plan, types, rows, name, bits) if rows else {}
    for number, values in stored.items():
        column = plan.columns[number]
        sizes = [int(part.fields[k, SIZE]) for k in column.fields]
        for k, own in zip(column.fields, fields_of(values, column, sizes), strict=True):
            part.values[k] = own
    try:
        _decode_fields(plan, part, payload[reader.position :], types, (name, job), bits)
    except CorruptStreamError as error:
        byte = None if error.byte is None else error.byte + reader.position
        raise CorruptStreamError(error.reason, field=error.field, byte=byte) from None
    columns = [
        stored[k] if k in stored else _column(part, column, kind)
        for k, (column, kind) in enumerate(zip(plan.columns, types, strict=True))
    ]
    return columns, bits


def _decode_fields(
    plan: Plan,
    part: Part,
    payload: bytes,
    types: list[np.dtype[Any]],
    context: tuple[str, SharedJob],
    bits: Float64Array,
) -> None:
    """Fills in the fields of a part, and the bits of each. context: the name of the part, and the job."""
    (name, job), rows = context, part.values.shape[1]
    decoder = RangeDecoder(payload, name)
    done = -1
    for f in range(len(part.fields)):
        _fill_reals(plan, part, f, types)
        if part.fields[f, MODE] == GIVEN:
            places = np.arange(rows)
            part.values[f] = places % plan.width if f == 0 else places // plan.width
        if not rows or not _coded(part, f):
            continue
        before = _spent(decoder.state)
        model, code = _coded_by(plan, part, f)
        for start in range(0, rows, _ROWS):
            job.check()
            code(BitCoder(False, decoder.state, decoder.payload), start, min(start + _ROWS, rows))
            decoder.check()
        release_counters(model.counters)
        bits[f], done = _spent(decoder.state) - before, f
    if done >= 0 or payload:
        decoder.close()


def _fill_reals(plan: Plan, part: Part, f: int, types: list[np.dtype[Any]]) -> None:
    """Fills in the columns of ratios whose last field came just before field f."""
    for place, base in enumerate(plan.bases):
        column = plan.columns[base]
        if column.fields and max(column.fields) == f - 1:
            part.reals[place] = as_doubles(stored(_column(part, column, types[base])))


def _column(part: Part, column: ColumnPlan, kind: np.dtype[Any]) -> Array:
    rows = part.values.shape[1]
    none = np.zeros(rows, np.int64)
    if column.transform.kind == CONSTANT:
        return to_column(none, none, column.transform, kind)
    values = part.values[column.fields[0]]
    if column.transform.wide:
        upper = values.view(np.uint64) << np.uint64(WIDE_BITS)
        values = (upper | part.values[column.fields[1]].view(np.uint64)).view(np.int64)
    symbols = part.values[column.mask] if column.mask >= 0 else none
    return to_column(values, symbols, column.transform, kind)
