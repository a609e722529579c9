"""The params of a stream: the forms of its columns, and how their numbers are coded.

docs/attribute-coding.md, "Params".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from octavox.codec.arrays import Int32Array, Int64Array
from octavox.codec.errors import CorruptStreamError, InputError, UnsupportedStreamError

from .columns import (
    CONSTANT,
    COPY,
    EVEN,
    MAX_BITS,
    MOST_COLOURS,
    PALETTE,
    ColumnForm,
    modelled,
    type_number,
    type_of,
)
from .lattice import MOST_LATTICES, PHASES_OF, TURN
from .model import MAX_CHANNELS, Channels

EXACT, BOUNDED = 1, 2  # model versions
MOST_COLUMNS = 255
MAX_FRACTION, MAX_SHIFT = 6, 15
SCALED_BITS = 18  # of a value with its fraction
LATTICE_TOP = 4095
_USUAL = 96  # in units of the fraction: what successive values should differ by on average
_FIELD = "attribute params"
_COLOURS = (1, 2, 0)  # order of coding of three columns: green first


@dataclass(frozen=True)
class Params:
    """forms: of the columns. order: columns that are coded, in the order of coding. fraction, shift, bound:
    see `model.Channels`; no bounds where values come back exactly. lattices: (L, 3) int64.
    """

    forms: tuple[ColumnForm, ...]
    order: tuple[int, ...]
    fraction: tuple[int, ...]
    shift: tuple[int, ...]
    lattices: Int64Array
    bound: tuple[int, ...] = ()

    def channels(self) -> Channels:
        """The channels in the order of coding."""
        tops = [self.forms[k].top >> self.forms[k].raw_bits for k in self.order]
        return Channels(
            len(self.order),
            np.array(tops, np.int64),
            np.array(self.fraction, np.int64),
            np.array(self.shift, np.int64),
            np.array([self.forms[k].raw_bits for k in self.order], np.int64),
            np.ascontiguousarray(self.lattices, np.int64).reshape(-1),
            PHASES_OF[len(self.lattices)],
            np.array(self.bound or [0] * len(self.order), np.int64),
        )

    def to_bytes(self) -> bytes:
        """The bytes in a stream."""
        out = bytearray([BOUNDED if self.bound else EXACT, len(self.forms)])
        for form in self.forms:
            out += bytes([type_number(form.dtype), form.kind]) + (form.least % (1 << 64)).to_bytes(
                8, "little"
            )
            if form.kind != CONSTANT:
                out += _varint(form.top)
            if form.kind in (EVEN, COPY):
                out += _varint(form.step)
            if form.kind == COPY:
                out.append(form.source)
            if form.palette is not None:
                for gap in np.diff(form.palette).tolist():
                    out += _varint(int(gap))
        out.append(len(self.order))
        for channel in zip(self.order, self.fraction, self.shift, strict=True):
            out += bytes(channel)
        for bound in self.bound:
            out += _varint(bound)
        out.append(len(self.lattices))
        return bytes(out) + self.lattices.astype("<u2").tobytes()


def _varint(value: int) -> bytes:
    """Seven bits a byte, lowest first; the highest bit of a byte says that more follow."""
    out = bytearray()
    while value >= 128:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def order_of(forms: Sequence[ColumnForm]) -> tuple[int, ...]:
    """The columns that are coded, in the order of coding. Raises InputError for more than MAX_CHANNELS."""
    coded = modelled(forms)
    if len(coded) > MAX_CHANNELS:
        raise InputError(f"at most {MAX_CHANNELS} columns are coded together", field="attributes")
    return tuple(coded[k] for k in _COLOURS) if len(coded) == len(_COLOURS) else tuple(coded)


def bounds_of(forms: Sequence[ColumnForm], order: Sequence[int], errors: Sequence[int]) -> tuple[int, ...]:
    """How far the numbers of the channels may be off; none if not at all. errors: of the columns."""
    steps = [0 if forms[k].raw_bits else min(e // forms[k].step, forms[k].top) for k, e in enumerate(errors)]
    found = tuple(steps[k] for k in order) if steps else ()
    return found if any(found) else ()


def params_for(
    forms: Sequence[ColumnForm],
    order: Sequence[int],
    values: Int32Array,
    lattices: Int64Array,
    bound: tuple[int, ...] = (),
) -> Params:
    """Params that suit the columns' numbers (N, C) int32 without raw bits, in the order of coding."""
    fractions, shifts = [], []
    for c, k in enumerate(order):
        change = float(np.abs(np.diff(values[:, c].astype(np.int64))).mean()) if len(values) > 1 else 0.0
        bits = (forms[k].top >> forms[k].raw_bits).bit_length()
        fraction = 1
        while fraction < min(MAX_FRACTION, SCALED_BITS - bits) and change * 2 ** (fraction + 1) <= _USUAL:
            fraction += 1
        shift = 0
        while shift < MAX_SHIFT and change * 2 ** (fraction - shift) > 2 * _USUAL:
            shift += 1
        fractions.append(fraction)
        shifts.append(shift)
    return Params(tuple(forms), tuple(order), tuple(fractions), tuple(shifts), lattices, bound)


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def take(self, count: int) -> bytes:
        if len(self.data) - self.at < count:
            raise CorruptStreamError("params end too early", field=_FIELD, byte=self.at)
        self.at += count
        return self.data[self.at - count : self.at]

    def byte(self) -> int:
        return self.take(1)[0]

    def varint(self) -> int:
        value, shift = 0, 0
        while True:
            byte = self.byte()
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                break
            if shift > 63:
                raise CorruptStreamError("a number has too many bytes", field=_FIELD, byte=self.at)
        if value >= 1 << 64:
            raise CorruptStreamError("a number is too large", field=_FIELD, byte=self.at)
        return value


def _check(good: bool, what: str) -> None:
    if not good:
        raise CorruptStreamError(what, field=_FIELD)


def _read_palette(reader: _Reader, top: int) -> np.ndarray:
    _check(top < MOST_COLOURS, f"a palette of {top + 1} values")
    total, palette = 0, [0]
    for _ in range(top):
        gap = reader.varint()
        total += gap
        _check(gap > 0 and total < 1 << 64, "a palette is not in order")
        palette.append(total)
    return np.array(palette, np.uint64)


def _read_form(reader: _Reader, before: Sequence[ColumnForm]) -> ColumnForm:
    dtype, kind = type_of(reader.byte()), reader.byte()
    if dtype is None or kind > COPY:
        raise CorruptStreamError("the type or the kind of a column is not known", field=_FIELD)
    least = int.from_bytes(reader.take(8), "little")
    if kind == CONSTANT:
        return ColumnForm(dtype, kind, least)
    top = reader.varint()
    _check(0 < top < 1 << MAX_BITS, f"a column with a range of {top}")
    if kind == PALETTE:
        return ColumnForm(dtype, kind, least, top, palette=_read_palette(reader, top))
    step = reader.varint()
    _check(step > 0 and step * top < 1 << 64, f"a column in steps of {step}")
    source = 0
    if kind == COPY:
        source = reader.byte()
        good = source < len(before) and before[source].kind == EVEN and before[source].top == top
        _check(good, f"a copy of column {source}")
    return ColumnForm(dtype, kind, least, top, step, source)


def read_params(data: bytes) -> Params:
    """Inverse of `Params.to_bytes`. Raises CorruptStreamError, UnsupportedStreamError."""
    reader = _Reader(data)
    version = reader.byte()
    if version not in (EXACT, BOUNDED):
        raise UnsupportedStreamError(f"attribute model version {version} is not known", field=_FIELD)
    forms: list[ColumnForm] = []
    for _ in range(reader.byte()):
        forms.append(_read_form(reader, forms))
    count = reader.byte()
    channels = [tuple(reader.take(3)) for _ in range(min(count, MAX_CHANNELS))]
    order = tuple(channel[0] for channel in channels)
    _check(count == len(order) and sorted(order) == modelled(forms), "other columns are coded than there are")
    for column, fraction, shift in channels:
        bits = (forms[column].top >> forms[column].raw_bits).bit_length()
        good = 1 <= fraction <= min(MAX_FRACTION, SCALED_BITS - bits) and shift <= MAX_SHIFT
        _check(good, f"fraction {fraction} and shift {shift} of column {column}")
    bound = tuple(reader.varint() for _ in channels) if version == BOUNDED else ()
    good = all(e == 0 or (e <= forms[k].top and not forms[k].raw_bits) for e, k in zip(bound, order))
    _check(good and any(bound) == (version == BOUNDED), "bounds that no encoder gives")
    lattices = reader.byte()
    good = lattices == 0 or (
        not bound
        and lattices <= MOST_LATTICES
        and count == 3
        and all(forms[k].top <= LATTICE_TOP for k in order)
    )
    _check(good, f"{lattices} lattices")
    steps = np.frombuffer(reader.take(6 * lattices), "<u2").astype(np.int64).reshape(-1, 3)
    _check(not (steps >= TURN).any(), "a step of a lattice is out of range")
    _check(reader.at == len(data), "params are too long")
    fractions, shifts = tuple(c[1] for c in channels), tuple(c[2] for c in channels)
    return Params(tuple(forms), order, fractions, shifts, steps, bound)
