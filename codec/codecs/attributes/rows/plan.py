"""How a cloud's columns are coded: what the parameters of a stream say. Packed and unpacked here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from octavox.codec.arrays import Int64Array, UInt64Array
from octavox.codec.coding.bytes import ByteReader, varint, zigzag
from octavox.codec.errors import CorruptStreamError

from ..packing import pack_column, unpack_column
from .layout import (
    CELL_AXES,
    CELLS,
    CLASSES,
    FLOAT32,
    FLOAT64,
    FRACTION,
    GIVEN,
    MASK,
    MODE,
    MOST_CELLS,
    MOST_CLASSES,
    MOST_RELATED,
    MOST_SYMBOLS,
    NONE,
    RATIO,
    RATIO_KEY,
    RATIO_KIND,
    RATIO_LOW,
    RATIO_STEP,
    RELATED,
    SHIFT,
    SIZE,
    STEPS,
    STORED,
    SYMBOLS,
    TIME,
    has_cells,
    new_field,
)
from .transforms import (
    BITS,
    CONSTANT,
    DECIMALS,
    KEYS,
    MOST_EXCEPTIONS,
    MOST_PALETTE,
    MOST_PLACES,
    MOST_SIZE,
    WIDE_BITS,
    Transform,
)
from .trees import tree_of

VERSION = 1
MOST_FIELDS = 1 << 12
MOST_FRACTION, MOST_SHIFT = 6, 30
MOST_WIDTH = 1 << 20
_NAME = "params"
_WORD = (1 << 64) - 1


@dataclass(frozen=True)
class ColumnPlan:
    """A column: its transform, and its fields. mask: of exceptions, or NONE. fields: one, two if wide."""

    transform: Transform
    mask: int = NONE
    fields: tuple[int, ...] = ()


@dataclass
class Plan:
    """width: of an organized cloud, or 0; then fields 0 and 1 are the column and the row in the image.

    fields: one row each, see `layout`. trees: lengths of the codes of each field of symbols. steps: of the
    symbols of masks that are steps, by the mask's field; symbol 0 has none. bases: columns of ratios. stored:
    columns that `packing` packs on their own; others may still be coded from their fields.
    """

    width: int
    columns: list[ColumnPlan]
    fields: list[Int64Array]
    trees: dict[int, list[int]] = field(default_factory=dict)
    steps: dict[int, Int64Array] = field(default_factory=dict)
    bases: list[int] = field(default_factory=list)
    stored: list[int] = field(default_factory=list)

    def table(self) -> tuple[Int64Array, Int64Array]:
        """The numbers of all fields, (fields, NUMBERS_OF_FIELD), and the steps, one after the other."""
        table = np.stack(self.fields) if self.fields else np.empty((0, STEPS + 1), np.int64)
        starts, flat = {}, [np.zeros(1, np.int64)]
        for mask, steps in self.steps.items():
            starts[mask] = sum(map(len, flat))
            flat.append(steps)
        for number in table:
            number[STEPS] = starts.get(int(number[MASK]), NONE)
        return table, np.concatenate(flat)


def pack_plan(plan: Plan) -> bytes:
    """The parameters of a stream."""
    out = bytearray([VERSION])
    out += varint(plan.width) + varint(len(plan.columns)) + varint(len(plan.fields))
    for column in plan.columns:
        out += _packed_transform(column.transform)
        if column.transform.kind != CONSTANT:
            out += varint(column.mask + 1) + b"".join(map(varint, column.fields))
    out += varint(len(plan.bases)) + b"".join(map(varint, plan.bases))
    out += varint(len(plan.stored)) + b"".join(map(varint, plan.stored))
    for number, row in enumerate(plan.fields):
        if row[MODE] != GIVEN:
            out += _packed_field(plan, number, row)
    return bytes(out)


def _packed_transform(t: Transform) -> bytes:
    out = bytes([t.kind]) + varint(t.low)
    if t.kind == CONSTANT:
        return out
    out += varint(t.step) + varint(t.size - 1)
    if t.kind == DECIMALS:
        out += varint(t.places)
    out += varint(len(t.exceptions)) + b"".join(varint(int(v)) for v in t.exceptions)
    if t.palette is None:
        return out + varint(0)
    packed = pack_column(np.diff(t.palette, prepend=np.uint64(0)))
    return out + varint(len(t.palette)) + varint(len(packed)) + packed


def _packed_field(plan: Plan, number: int, row: Int64Array) -> bytes:
    """Of the numbers of a field those that it may have; other fields by 1 + their number, 0 for none."""
    out = varint(int(row[MODE])) + varint(int(row[SIZE]) - 1)
    if row[MODE] == STORED:
        return out + varint(int(row[FRACTION])) + varint(int(row[SHIFT]))
    out += varint(int(row[MASK]) + 1)
    out += b"".join(varint(int(g) + 1) for g in row[RELATED : RELATED + MOST_RELATED])
    for table in range(MOST_CELLS):
        for at in range(CELLS + 2 * CELL_AXES * table, CELLS + 2 * CELL_AXES * (table + 1), 2):
            out += varint(int(row[at]) + 1)
            if row[at] < 0:
                break
            out += varint(int(row[at + 1]))
    if row[MODE] == SYMBOLS:
        steps = plan.steps.get(number)
        out += bytes(plan.trees[number]) + varint(0 if steps is None else 1)
        return out + (b"" if steps is None else b"".join(zigzag(int(v)) for v in steps[1:]))
    out += varint(int(row[FRACTION])) + varint(int(row[SHIFT]))
    out += b"".join(varint(int(g) + 1) for g in row[CLASSES : CLASSES + MOST_CLASSES])
    out += varint(int(row[TIME]) + 1) + varint(int(row[RATIO]) + 1)
    return out + (varint(int(row[RATIO_KEY])) if row[RATIO] >= 0 else b"")


class _Reader(ByteReader):
    """Reads numbers of a plan; every fault names the parameters."""

    def number(self, most: int, least: int = 0) -> int:
        return self.varint(_NAME, most, least)

    def earlier(self, before: int) -> int:
        """The number of an earlier field, or NONE."""
        return self.number(before) - 1


def unpack_plan(params: bytes, types: list[np.dtype[Any]], rows: int) -> Plan:
    """The plan of columns of these types. Raises CorruptStreamError."""
    reader = _Reader(params)
    if reader.u8(_NAME) != VERSION:
        raise reader.fault("a version of the parameters that is not known", _NAME, 0)
    width = reader.number(MOST_WIDTH)
    if reader.number(MOST_FIELDS) != len(types):
        raise reader.fault(f"not for {len(types)} columns", _NAME)
    count = reader.number(3 * len(types) + 2)
    columns = [_unpacked_column(reader, kind, count, rows) for kind in types]
    bases = [reader.number(len(types) - 1) for _ in range(reader.number(len(types)))]
    stored = [reader.number(len(types) - 1) for _ in range(reader.number(len(types)))]
    plan = Plan(width, columns, [], bases=bases, stored=stored)
    if width:
        plan.fields += [new_field(GIVEN, width), new_field(GIVEN, max(-(-rows // width), 1))]
    while len(plan.fields) < count:
        _unpack_field(reader, plan)
    reader.done(_NAME)
    if len(plan.fields) != count:
        raise reader.fault("too few fields", _NAME)
    for column in columns:
        _check_column(plan, column, reader)
    _check_stored(plan, reader)
    _check_ratios(plan, types, reader)
    return plan


def _unpacked_column(reader: _Reader, kind: np.dtype[Any], fields: int, rows: int) -> ColumnPlan:
    method = reader.u8(_NAME)
    if method not in (CONSTANT, KEYS, DECIMALS, BITS) or (method == DECIMALS and kind.kind != "f"):
        raise reader.fault(f"transform {method} is not known", _NAME)
    low = reader.varint(
        _NAME, _WORD if kind.itemsize == 8 or method == DECIMALS else (1 << 8 * kind.itemsize) - 1
    )
    if method == CONSTANT:
        return ColumnPlan(Transform(CONSTANT, low))
    step, size = reader.varint(_NAME, _WORD, 1), reader.varint(_NAME, _WORD) + 1
    places = reader.number(MOST_PLACES) if method == DECIMALS else 0
    exceptions = [reader.varint(_NAME, _WORD) for _ in range(reader.number(MOST_EXCEPTIONS))]
    palette = _unpacked_palette(reader, size)
    transform = Transform(method, low, step, size, places, palette, np.array(exceptions, np.uint64))
    mask = reader.earlier(fields)
    own = tuple(reader.number(max(fields - 1, 0)) for _ in range(2 if transform.wide else 1))
    return ColumnPlan(transform, mask, own)


def _unpacked_palette(reader: _Reader, size: int) -> UInt64Array | None:
    count = reader.number(MOST_PALETTE)
    if not count:
        return None
    if count != size:
        raise reader.fault("a palette of another size", _NAME)
    start = reader.position
    try:
        steps = unpack_column(reader.take(reader.number(reader.left), _NAME), np.dtype(np.uint64), count)
    except CorruptStreamError as error:
        raise reader.fault(error.reason, _NAME, start) from None
    with np.errstate(over="ignore"):
        return np.asarray(np.cumsum(steps, dtype=np.uint64))


def _unpack_field(reader: _Reader, plan: Plan) -> None:
    """Reads a field and adds it to a plan."""
    number = len(plan.fields)
    mode = reader.number(STORED)
    size = reader.number((MOST_SYMBOLS if mode == SYMBOLS else MOST_SIZE) - 1) + 1
    if mode == STORED:
        row = new_field(STORED, size)
        _unpack_unit(reader, row)
        plan.fields.append(row)
        return
    row = new_field(mode, size, reader.earlier(number))
    for k in range(MOST_RELATED):
        row[RELATED + k] = reader.earlier(number)
    for table in range(MOST_CELLS):
        for at in range(CELLS + 2 * CELL_AXES * table, CELLS + 2 * CELL_AXES * (table + 1), 2):
            row[at] = reader.earlier(number)
            if row[at] < 0:
                break
            row[at + 1] = reader.number(63)
    if has_cells(row, 1) and not has_cells(row, 0):
        raise reader.fault("a second table of cells without a first one", _NAME)
    plan.fields.append(row)
    if mode == SYMBOLS:
        plan.trees[number] = list(reader.take(size, _NAME))
        if size > 1:
            tree_of(plan.trees[number])
        if reader.number(1):
            plan.steps[number] = np.array([0] + [_step(reader) for _ in range(size - 1)], np.int64)
    else:
        _unpack_number_field(reader, plan, row)
    if row[MASK] >= 0 and plan.fields[row[MASK]][MODE] != SYMBOLS:
        raise reader.fault("a mask of numbers", _NAME)


def _step(reader: _Reader) -> int:
    step = reader.zigzag(_NAME)
    if abs(step) > MOST_SIZE:
        raise reader.fault("a step beyond all sizes", _NAME)
    return step


def _unpack_unit(reader: _Reader, row: Int64Array) -> None:
    row[FRACTION], row[SHIFT] = reader.number(MOST_FRACTION), reader.number(MOST_SHIFT)
    if (int(row[SIZE]) << int(row[FRACTION])) > MOST_SIZE:
        raise reader.fault("fractions beyond all sizes", _NAME)


def _unpack_number_field(reader: _Reader, plan: Plan, row: Int64Array) -> None:
    number = len(plan.fields) - 1
    _unpack_unit(reader, row)
    for k in range(MOST_CLASSES):
        g = row[CLASSES + k] = reader.earlier(number)
        if g >= 0 and plan.fields[g][MODE] != SYMBOLS:
            raise reader.fault("classes of numbers", _NAME)
    row[TIME], row[RATIO] = reader.earlier(number), reader.earlier(len(plan.bases))
    if row[RATIO] >= 0:
        row[RATIO_KEY] = reader.number(1)
        if not plan.width:
            raise reader.fault("a ratio without an image", _NAME)


def _check_column(plan: Plan, column: ColumnPlan, reader: _Reader) -> None:
    """Raises CorruptStreamError where the fields of a column are not as large as its integers."""
    transform = column.transform
    if transform.kind == CONSTANT:
        return
    expected = [transform.size]
    if transform.wide:
        expected = [((transform.size - 1) >> WIDE_BITS) + 1, 1 << WIDE_BITS]
    sizes = [int(plan.fields[k][SIZE]) for k in column.fields]
    if sizes != expected or (transform.palette is not None and len(transform.palette) != transform.size):
        raise reader.fault("fields of other sizes than their column", _NAME)
    masked = column.mask >= 0
    if masked != bool(len(transform.exceptions)):
        raise reader.fault("exceptions without a mask", _NAME)
    if masked:
        mask = plan.fields[column.mask]
        if mask[MODE] != SYMBOLS or int(mask[SIZE]) != len(transform.exceptions) + 1:
            raise reader.fault("exceptions of another number than their mask", _NAME)


def _check_stored(plan: Plan, reader: _Reader) -> None:
    """Raises CorruptStreamError unless the fields of stored columns, and no others, are stored."""
    known = {k for number in plan.stored for k in plan.columns[number].fields}
    if known != {k for k, row in enumerate(plan.fields) if row[MODE] == STORED}:
        raise reader.fault("other fields are stored than those of stored columns", _NAME)


def ratio_kind(transform: Transform, kind: np.dtype[Any]) -> int:
    """FLOAT32 or FLOAT64 for columns that a ratio can predict, else 0."""
    plain = transform.kind == KEYS and transform.palette is None and not transform.wide
    return {4: FLOAT32, 8: FLOAT64}.get(kind.itemsize, 0) if plain and kind.kind == "f" else 0


def _check_ratios(plan: Plan, types: list[np.dtype[Any]], reader: _Reader) -> None:
    """Completes the fields that ratios predict; raises CorruptStreamError for others."""
    columns = {k: c for c, column in enumerate(plan.columns) for k in column.fields}
    for number, row in enumerate(plan.fields):
        if row[RATIO] < 0:
            continue
        base = plan.columns[plan.bases[row[RATIO]]]
        column = columns.get(number)
        kind = 0 if column is None else ratio_kind(plan.columns[column].transform, types[column])
        if not kind or any(k >= number for k in (*base.fields, base.mask)):
            raise reader.fault("a ratio that cannot be known", _NAME)
        set_ratio(row, plan.columns[columns[number]].transform, kind)


def set_ratio(row: Int64Array, transform: Transform, kind: int) -> None:
    """Enters what a ratio of a field needs."""
    low = transform.low if kind == FLOAT32 else transform.low ^ (1 << 63)
    row[RATIO_KIND], row[RATIO_LOW] = kind, np.uint64(low).view(np.int64)
    row[RATIO_STEP] = np.uint64(transform.step).view(np.int64)
