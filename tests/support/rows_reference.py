"""A second decoder of coder "rows", written from docs/attribute-coding-rows.md in plain Python: slow, simple.

Of the library it uses the tables of logarithms, which tests hold against formulas, and the coder "packed" for
palettes. `rows_numbers` has the fields of numbers.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from octree_reference import SQUASH, STRETCH, Flag, Reader, WeightSet, held, squash

from octavox.codec.codecs.attributes.packing import unpack_column
from octavox.codec.coding.logistic import STRETCH_OFFSET

FULL = (1 << 64) - 1
GIVEN, SYMBOLS, STORED = -1, 0, 2


@dataclass
class Column:
    kind: int
    low: int
    step: int = 1
    size: int = 1
    places: int = 0
    exceptions: list[int] = field(default_factory=list)
    palette: list[int] = field(default_factory=list)
    mask: int = -1
    fields: list[int] = field(default_factory=list)


@dataclass
class Field:
    """classes, related and time: numbers of fields. cells: axes of each table."""

    mode: int
    size: int
    mask: int = -1
    related: list[int] = field(default_factory=list)
    cells: list[list[tuple[int, int]]] = field(default_factory=list)
    lengths: bytes = b""
    steps: list[int] = field(default_factory=list)
    fraction: int = 0
    shift: int = 0
    classes: list[int] = field(default_factory=list)
    time: int = -1
    ratio: int = -1
    key: int = 0


class Bytes:
    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def take(self, count: int) -> bytes:
        self.at += count
        return self.data[self.at - count : self.at]

    def number(self) -> int:
        value = shift = 0
        while True:
            byte = self.take(1)[0]
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    def reference(self) -> int:
        return self.number() - 1

    def zigzag(self) -> int:
        value = self.number()
        return -(value + 1 >> 1) if value & 1 else value >> 1


@dataclass
class Parameters:
    width: int
    columns: list[Column]
    fields: list[Field]
    bases: list[int]
    stored: list[int]
    types: list[np.dtype[Any]]
    scores: list[list[int]]


def parameters(data: bytes, types: list[np.dtype[Any]], rows: int) -> Parameters:
    reader = Bytes(data)
    assert reader.take(1) == b"\1"
    width, columns, count = reader.number(), reader.number(), reader.number()
    found = [column_of(reader) for _ in range(columns)]
    bases = [reader.number() for _ in range(reader.number())]
    stored = [reader.number() for _ in range(reader.number())]
    fields = [Field(GIVEN, width), Field(GIVEN, -(-rows // width))] if width else []
    while len(fields) < count:
        fields.append(field_of(reader))
    assert reader.at == len(data)
    return Parameters(width, found, fields, bases, stored, types, [[0] * rows for _ in fields])


def column_of(reader: Bytes) -> Column:
    column = Column(reader.take(1)[0], reader.number())
    if column.kind == 0:
        return column
    column.step, column.size = reader.number(), reader.number() + 1
    if column.kind == 2:
        column.places = reader.number()
    column.exceptions = [reader.number() for _ in range(reader.number())]
    entries = reader.number()
    if entries:
        packed = reader.take(reader.number())
        total = 0
        for step in unpack_column(packed, np.dtype(np.uint64), entries).tolist():
            total += step
            column.palette.append(total)
    column.mask = reader.reference()
    column.fields = [reader.number() for _ in range(2 if column.size > 1 << 60 else 1)]
    return column


def field_of(reader: Bytes) -> Field:
    own = Field(reader.number(), reader.number() + 1)
    if own.mode == STORED:
        own.fraction, own.shift = reader.number(), reader.number()
        return own
    own.mask = reader.reference()
    own.related = [reader.reference() for _ in range(3)]
    for _ in range(2):
        axes: list[tuple[int, int]] = []
        while len(axes) < 3:
            axis = reader.reference()
            if axis < 0:
                break
            axes.append((axis, reader.number()))
        own.cells.append(axes)
    if own.mode == SYMBOLS:
        own.lengths = reader.take(own.size)
        if reader.number():
            own.steps = [0] + [reader.zigzag() for _ in range(own.size - 1)]
        return own
    own.fraction, own.shift = reader.number(), reader.number()
    own.classes = [reader.reference() for _ in range(2)]
    own.time, own.ratio = reader.reference(), reader.reference()
    if own.ratio >= 0:
        own.key = reader.number()
    return own


def signed(value: int) -> int:
    """A number modulo 2^64 as a signed one."""
    value &= FULL
    return value - (1 << 64) if value >> 63 else value


def hashed(a: int, b: int) -> int:
    h = (a * 0x9E3779B97F4A7C15 + b * 0xC2B2AE3D27D4EB4F) & FULL
    return (h ^ (h >> 32)) * 0x94D049BB133111EB & FULL


class Mixed:
    """Counters, mixers and adaptive bits of one field. groups: (context, group) of each of the nine."""

    def __init__(self, reader: Reader, rows: int, first: tuple[int, int]) -> None:
        self.reader = reader
        self.table_bits = min(max(rows.bit_length() + 3, 12), 16)
        self.first = [first[0]] * 9 + [0] + [first[1]] * 6
        self.counters: dict[tuple[int, int, int], tuple[int, int]] = {}
        self.sets: dict[tuple[int, int], WeightSet] = {}
        self.last: dict[int, WeightSet] = {}
        self.plain: dict[int, Flag] = {}
        self.groups = [0] * 9
        self.given = [0] * 6

    def set_hash(self, context: int, h: int) -> None:
        self.groups[context] = h >> (64 - self.table_bits + 5)

    def bit(self, node: int, numbers: tuple[int, int, int, int]) -> int:
        places = [(k, group, node % 32) for k, group in enumerate(self.groups)]
        seen = [self.counters.get(place, (1 << 21, 0)) for place in places]
        inputs = [STRETCH[(p >> 10) * 16 + 8] for p, _ in seen] + [256] + self.given
        sets = [self.sets.setdefault(key, WeightSet(self.first)) for key in enumerate(numbers)]
        last = self.last.setdefault(node, WeightSet([16384] * 4))
        outputs = [held(sum(s * (w >> 4) for s, w in zip(inputs, own.weights)) >> 12) for own in sets]
        x = held(sum(o * w for o, w in zip(outputs, last.weights)) >> 16)
        bit = self.reader.bit(squash(x))
        error = 65536 * bit - (squash(x) >> 8)
        if abs(error) >= 256:
            last.learn([(o * 4 * error + (1 << 18)) >> 19 for o in outputs])
            for own, output in zip(sets, outputs):
                step = (65536 * bit - (squash(output) >> 8)) * (5 + 60 * 16 // (16 + own.uses)) >> 5
                own.learn([(s * step + (1 << 12)) >> 13 for s in inputs])
        for place, (p, n) in zip(places, seen):
            p += ((bit << 22) - p) * (655360 // (10 * n + 13)) >> 16
            self.counters[place] = (min(p, (1 << 22) - 1), n + (n < 255))
        return bit

    def plain_bit(self, model: int) -> int:
        flag = self.plain.setdefault(model, Flag())
        bit = self.reader.bit(flag.p1)
        flag.learn(bit)
        return bit


@dataclass
class Cell:
    place: int = -1
    tag: int = 0
    hit: bool = False
    value: int = 0
    error: int = 0


class Tables:
    def __init__(self, own: Field, rows: int) -> None:
        self.own, self.bits = own, min(max(rows.bit_length(), 10), 18)
        self.tables: list[dict[int, tuple[int, int, int]]] = [{}, {}]

    def look_up(self, values: list[list[int]], i: int, default: int, far: int) -> list[Cell]:
        cells = [Cell(value=default, error=far) for _ in range(2)]
        for t, axes in enumerate(self.own.cells):
            if not axes:
                continue
            h = t + 1
            for g, shift in axes:
                h = (h ^ (values[g][i] >> shift)) * 0x9E3779B97F4A7C15 & FULL
                h ^= (h >> 29) % (1 << 35)
            cells[t].place, cells[t].tag = h >> (64 - self.bits), h % (1 << 32) | 1
            tag, value, error = self.tables[t].get(cells[t].place, (0, 0, 0))
            if tag == cells[t].tag:
                cells[t].hit, cells[t].value, cells[t].error = True, value, error
        if cells[0].hit != cells[1].hit:
            value = cells[0].value if cells[0].hit else cells[1].value
            cells[0].value = cells[1].value = value
        return cells

    def enter(self, t: int, cell: Cell, value: int, error: int) -> None:
        if cell.place >= 0:
            self.tables[t][cell.place] = (cell.tag, value, error)


def before(values: list[int], i: int, k: int) -> int:
    return values[max(i - k, 0)] if i else 0


def tree_of(lengths: bytes) -> list[list[int]]:
    """The children of each inner node; ~symbol for a leaf."""
    nodes: list[list[int]] = [[0, 0]]
    code = length = 0
    for symbol in sorted(range(len(lengths)), key=lambda s: (lengths[s], s)):
        code <<= lengths[symbol] - length
        length = lengths[symbol]
        node = 0
        for depth in range(length - 1, 0, -1):
            side = code >> depth & 1
            if not nodes[node][side]:
                nodes[node][side] = len(nodes)
                nodes.append([0, 0])
            node = nodes[node][side]
        nodes[node][code & 1] = ~symbol
        code += 1
    return nodes


def masked_value(p: Parameters, f: int, values: list[list[int]], i: int) -> int | None:
    """The value of a masked row; None if the row is coded."""
    own = p.fields[f]
    symbol = values[own.mask][i] if own.mask >= 0 else 0
    if not symbol:
        return None
    steps = p.fields[own.mask].steps
    value = (values[f][i - 1] if i else 0) + (steps[symbol] if steps else 0)
    return min(max(value, 0), own.size - 1)


def code_symbols(p: Parameters, f: int, values: list[list[int]], rows: int, reader: Reader) -> None:
    own, mixed, tree = p.fields[f], Mixed(reader, rows, (16384, 0)), tree_of(p.fields[f].lengths)
    tables, w, mine = Tables(own, rows), p.width, values[f]
    for i in range(rows):
        forced = masked_value(p, f, values, i)
        if forced is not None:
            mine[i] = forced
            continue
        a, b, c = (before(mine, i, k) for k in (1, 2, 3))
        n, nw, ne, nn = (before(mine, i, k) for k in ((w, w + 1, w - 1, 2 * w) if w else (3, 4, 5, 6)))
        r, q, t = [0] * 3, [0] * 3, [0] * 3
        for k, g in enumerate(own.related):
            if g >= 0:
                places = (i, max(i - 1, 0), min(i + 1, rows - 1))
                r[k], q[k], t[k] = (values[g][place] & 0xFFFF for place in places)
        cells = tables.look_up(values, i, -1, 0)
        v0, v1, sure = cells[0].value, cells[1].value, min(cells[0].error, 3)
        same = (r[0] == q[0]) + 2 * (r[1] == q[1]) + 4 * (r[2] == q[2])
        contexts = (
            a,
            a | b << 16 | r[0] << 32,
            a | b << 16 | c << 32 | nn << 48,
            r[0] | q[0] << 16 | t[0] << 32 | a << 48,
            r[0] | r[1] << 16 | r[2] << 32 | a << 48,
            n | a << 8 | nw << 16 | ne << 24 | nn << 32 | b << 40,
            (v0 + 1) | (v1 + 1) << 16 | sure << 32 | a << 40,
            r[1] | q[1] << 16 | t[1] << 32 | a << 48,
            same | a << 8 | b << 24 | r[0] << 40,
        )
        hashes = [hashed(x + 1, k + 1) for k, x in enumerate(contexts)]
        agree = (a == n) + 2 * (a == b) + 4 * (v0 == v1)
        node = depth = 0
        while node >= 0:
            for k, h in enumerate(hashes):
                mixed.set_hash(k, hashed(h, node >> 5) if node >> 5 else h)
            d = min(depth, 7)
            sets = (node, min(a, 31) * 8 + d, min(r[0], 63) * 8 + d, agree * 8 + d)
            node = tree[node][mixed.bit(node, sets)]
            depth += 1
        mine[i] = ~node
        for k, cell in enumerate(cells):
            right = cell.hit and cell.value == mine[i]
            tables.enter(k, cell, mine[i], cell.error + 1 if right else 0)


def key_to_bits(key: int, dtype: np.dtype[Any]) -> int:
    width = 8 * dtype.itemsize
    top = 1 << (width - 1)
    if dtype.kind in "ub":
        return key
    if dtype.kind == "i":
        return key ^ top
    return key ^ top if key & top else key ^ ((1 << width) - 1)


def bits_to_key(bits: int, width: int) -> int:
    """Of a float."""
    top = 1 << (width - 1)
    return bits ^ ((1 << width) - 1) if bits & top else bits | top


def column_bits(p: Parameters, column: Column, dtype: np.dtype[Any], values: list[list[int]], i: int) -> int:
    """The bits of a row of a column."""
    if column.kind == 0:
        return column.low
    if column.mask >= 0 and values[column.mask][i]:
        return column.exceptions[values[column.mask][i] - 1]
    number = values[column.fields[0]][i]
    if len(column.fields) == 2:
        number = number << 32 | values[column.fields[1]][i]
    key = column.palette[number] if column.palette else column.low + number * column.step
    if column.kind != 2:
        return key_to_bits(key, dtype)
    number = float(key - (1 << 63)) / 10**column.places
    return int(np.float64(number).astype(dtype).view(f"u{dtype.itemsize}"))


def fill_stored(p: Parameters, column: Column, numbers: np.ndarray, values: list[list[int]]) -> None:
    """The fields of a stored column."""
    size = 8 * numbers.dtype.itemsize
    last = 0
    for i, bits in enumerate(numbers.view(f"u{numbers.dtype.itemsize}").tolist()):
        if bits not in column.exceptions:
            key = bits ^ (1 << (size - 1)) if numbers.dtype.kind == "i" else bits
            if numbers.dtype.kind == "f":
                key = bits_to_key(bits, size)
            if column.kind == 2:
                key = round(float(numbers[i]) * 10**column.places) + (1 << 63)
            last = column.palette.index(key) if column.palette else (key - column.low) // column.step
        parts = [last] if len(column.fields) == 1 else [last >> 32, last & 0xFFFFFFFF]
        for f, part in zip(column.fields, parts, strict=True):
            values[f][i] = part


def decode_part(params: bytes, payload: bytes, types: list[np.dtype[Any]], rows: int) -> list[np.ndarray]:
    """The columns of a part."""
    from rows_numbers import code_numbers

    p = parameters(params, types, rows)
    values = [[0] * rows for _ in p.fields]
    head, whole = Bytes(payload), {}
    for number in p.stored:
        whole[number] = unpack_column(head.take(head.number()), types[number], rows)
        fill_stored(p, p.columns[number], whole[number], values)
    reader = Reader(payload[head.at :])
    used = False
    for f, own in enumerate(p.fields):
        if own.mode == GIVEN:
            values[f] = [i % p.width if f == 0 else i // p.width for i in range(rows)]
        elif own.size > 1 and own.mode != STORED:
            used = True
            code = code_symbols if own.mode == SYMBOLS else code_numbers
            code(p, f, values, rows, reader)
    assert reader.ends_here() if used else not reader.payload
    found = []
    for number, (column, dtype) in enumerate(zip(p.columns, types, strict=True)):
        if number in whole:
            found.append(whole[number])
            continue
        words = [column_bits(p, column, dtype, values, i) for i in range(rows)]
        found.append(np.array(words, np.uint64).astype(f"u{dtype.itemsize}").view(dtype))
    return found


def double_of(bits: int, size: int) -> float:
    if size == 4:
        return float(struct.unpack("<f", bits.to_bytes(4, "little"))[0])
    return float(struct.unpack("<d", bits.to_bytes(8, "little"))[0])


def limited_squash(z: int) -> int:
    return SQUASH[held(z) + STRETCH_OFFSET]
