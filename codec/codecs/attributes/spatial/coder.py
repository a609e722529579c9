"""Integer attributes with spatial meaning, in the order of their points' cells: encoder and decoder.

    stream = encode_spatial(cells, [red, green, blue], [0, len(cells)])
    red, green, blue = decode_spatial(cells, stream.params, stream.payloads, [0, len(cells)]).columns

docs/attribute-coding.md specifies params and payloads.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from octavox.codec.arrays import Float32Array, Int32Array, Int64Array
from octavox.codec.cloud.cloud import MAX_DEPTH
from octavox.codec.cloud.morton import CodeArray, morton_encode
from octavox.codec.codecs.attributes.interface import PART_OF_SLICE, FrameBefore
from octavox.codec.coding.range_coder import RangeDecoder, RangeEncoder
from octavox.codec.errors import CorruptStreamError, InputError
from octavox.codec.job import JobContext
from octavox.codec.parallel import SharedJob, map_parallel

from .columns import COPY, Column, forms_of, matrix, suitable
from .known import features_of, known_of, matched, split_payload
from .lattice import find_lattices
from .model import NOTHING_KNOWN, Channels, Known, Learned, learned_by, new_model
from .neighbours import NEIGHBOURS, Neighbours, find_neighbours, new_search
from .params import MOST_COLUMNS, Params, bounds_of, order_of, params_for, read_params
from .walk import BITS_PER_VALUE, code_points, cost_work

MAX_SLICE_POINTS = 1 << 22
MOST_LEARNED = 8
_PART = 4096  # points between two looks at the cancel token and at the end of a payload

__all__ = ["MAX_SLICE_POINTS", "SpatialStream", "decode_spatial", "encode_spatial", "suitable"]


@dataclass(frozen=True)
class SpatialStream:
    """params: the form of the columns. payloads: one a slice. bits: (N, columns) float32 code lengths.

    columns: what a decoder has. learned: at the ends of the first MOST_LEARNED slices.
    """

    params: bytes
    payloads: list[bytes]
    bits: Float32Array
    columns: list[Column]
    learned: tuple[Learned, ...] = ()


@dataclass(frozen=True)
class SpatialColumns:
    """columns: of a stream, with their types. bits: (N, columns) float32 code lengths. learned: as in
    `SpatialStream`."""

    columns: list[Column]
    bits: Float32Array
    learned: tuple[Learned, ...] = ()


@dataclass(frozen=True)
class _Slice:
    """A slice: points first .. end - 1. codes, cells: of all points. start: where its models begin."""

    codes: CodeArray
    cells: Int32Array
    first: int
    end: int
    start: Learned | None = None

    def run(
        self,
        channels: Channels,
        coder: RangeEncoder | RangeDecoder,
        values: Int32Array,
        low: Int32Array,
        shared: SharedJob,
        known: Known = NOTHING_KNOWN,
    ) -> tuple[Float32Array, Learned]:
        """Codes (n, C) values and their raw bits; returns the code lengths (n, C), and what was learned."""
        n, count = values.shape
        own = slice(self.first, self.end)
        search = new_search(self.codes[own], self.cells[own])
        model = new_model(channels, values, known, self.start)
        costs, work = np.zeros(n * count, np.float32), cost_work()
        size = min(n, _PART)
        near = Neighbours(
            np.zeros(size * NEIGHBOURS, np.int32),
            np.zeros(size * NEIGHBOURS, np.int32),
            np.zeros(size, np.int32),
        )
        for begin in range(0, n, _PART):
            part = (begin, min(begin + _PART, n))
            find_neighbours(search, near, *part)
            bits = coder.bit_coder(BITS_PER_VALUE * count * (part[1] - part[0]))
            code_points(bits, model, near, part, low.reshape(-1), costs, work)
            if isinstance(coder, RangeDecoder):
                coder.check()
            shared.advance(part[1] - part[0])
        return costs.reshape(n, count), learned_by(model)


def _checked_cells(cells: npt.ArrayLike) -> tuple[Int32Array, CodeArray]:
    """Cells as int32, and their Morton codes. Raises InputError."""
    given = np.asarray(cells)
    try:
        codes = morton_encode(given, MAX_DEPTH)
    except ValueError as error:
        raise InputError(str(error), field="cells") from None
    return np.ascontiguousarray(given, np.int32), codes


def _checked_slices(slices: npt.ArrayLike, codes: CodeArray) -> Int64Array:
    """Bounds (S + 1,) of slices that cover all rows, whose codes rise in each. Raises InputError."""
    rows = len(codes)
    bounds = np.asarray(slices, np.int64).reshape(-1)
    sizes = np.diff(bounds)
    good = len(bounds) > 0 and bounds[0] == 0 and bounds[-1] == rows and not (sizes <= 0).any()
    if not good or int(sizes.max(initial=0)) > MAX_SLICE_POINTS:
        raise InputError(
            f"slices do not divide {rows} points into parts of at most {MAX_SLICE_POINTS}", field="slices"
        )
    falls = np.flatnonzero(codes[1:] < codes[:-1]) + 1
    if not np.isin(falls, bounds).all():
        raise InputError("cells are not in Morton order", field="cells")
    return bounds


def encode_spatial(
    cells: npt.ArrayLike,
    columns: Sequence[Column],
    slices: npt.ArrayLike,
    job: JobContext | None = None,
    threads: int | None = None,
    errors: Sequence[int] = (),
    reference: FrameBefore | None = None,
    numbers: Sequence[int] = (),
) -> SpatialStream:
    """Codes columns that belong together, such as red, green and blue.

    cells: (N, 3) integers in [0, 2**21), in each slice in Morton order, repeated where points share a cell.
    columns: (N,) arrays of integers or bool, `suitable` each, of which at most 4 differ. slices: (S + 1,)
    bounds of the slices, which are coded independently, several at a time. errors: how far what comes back of
    each column may be off; none: not at all. reference: a frame before. numbers: of the slices, as those of
    parts in `Layout`. Raises InputError, CancelledError.
    """
    rows, codes = _checked_cells(cells)
    bounds = _checked_slices(slices, codes)
    if not 1 <= len(columns) <= MOST_COLUMNS or any(np.shape(c) != (len(rows),) for c in columns):
        raise InputError(f"1 to {MOST_COLUMNS} columns of {len(rows)} values", field="attributes")
    bits = np.zeros((len(rows), len(columns)), np.float32)
    if not len(rows):
        return SpatialStream(b"", [], bits, list(columns))
    forms, found = forms_of(columns, errors)
    order = order_of(forms)
    payloads = [b""] * (len(bounds) - 1)
    if not order:
        none = np.zeros((0, 3), np.int64)
        return SpatialStream(Params(tuple(forms), (), (), (), none).to_bytes(), payloads, bits, list(columns))
    values = matrix(found, forms, order)
    raw = np.array([forms[k].raw_bits for k in order], np.int32)
    high, low = values >> raw, values & ((1 << raw) - 1)
    within = bounds_of(forms, order, errors)
    lattices = np.zeros((0, 3), np.int64) if within else find_lattices(high)
    params = params_for(forms, order, high, lattices, within)
    shared, channels = SharedJob(job or JobContext(), "encode", len(rows)), params.channels()
    before = None if reference is None else features_of(reference, forms, order, threads)
    parts = numbers or range(len(payloads))
    ends: list[Learned | None] = [None] * min(len(payloads), MOST_LEARNED)

    def work(k: int) -> bytes:
        own = slice(int(bounds[k]), int(bounds[k + 1]))
        coder, part = RangeEncoder(), _Slice(codes, rows, own.start, own.stop, _start(reference, parts[k]))
        coded, head, known = high[own].copy(), b"", NOTHING_KNOWN
        if before is not None:
            places, head = matched(before, rows[own], codes[own], coded)
            known = known_of(before, places, channels)
        bits[own, list(order)], learned = part.run(channels, coder, coded, low[own].copy(), shared, known)
        if k < len(ends):
            ends[k] = learned._replace(part=parts[k])
        high[own] = coded
        return head + coder.finish()

    payloads = map_parallel(shared, len(payloads), threads, work)
    back = _restored(params, high, low) if within else list(columns)
    return SpatialStream(params.to_bytes(), payloads, bits, back, tuple(filter(None, ends)))


def _start(reference: FrameBefore | None, number: int) -> Learned | None:
    """Where the models of a part begin: where those of the same part of the frame before ended. number: as in
    `Layout`."""
    given = () if reference is None else reference.learned
    ends = [one for one in given if isinstance(one, Learned)]
    if not ends:
        return None
    slice_ = min(number % PART_OF_SLICE, max(one.part % PART_OF_SLICE for one in ends))
    ends = [one for one in ends if one.part % PART_OF_SLICE == slice_]
    return ends[min(number // PART_OF_SLICE, len(ends) - 1)]


def _restored(params: Params, high: Int32Array, low: Int32Array) -> list[Column]:
    """The columns of their numbers (N, C) without raw bits, and these."""
    numbers: dict[int, Int64Array] = {}
    for c, k in enumerate(params.order):
        numbers[k] = (high[:, c].astype(np.int64) << params.forms[k].raw_bits) | low[:, c]
    return [
        form.restored(numbers.get(form.source if form.kind == COPY else k), len(high))
        for k, form in enumerate(params.forms)
    ]


def decode_spatial(
    cells: npt.ArrayLike,
    params: bytes,
    payloads: Sequence[bytes],
    slices: npt.ArrayLike,
    job: JobContext | None = None,
    threads: int | None = None,
    reference: FrameBefore | None = None,
    numbers: Sequence[int] = (),
) -> SpatialColumns:
    """The columns of a stream, with their types, and what each value took. Arguments as for `encode_spatial`.

    Raises CorruptStreamError unless every payload is one that an encoder writes for these cells; InputError
    for cells or slices that are none; CancelledError.
    """
    rows, codes = _checked_cells(cells)
    bounds = _checked_slices(slices, codes)
    if len(payloads) != len(bounds) - 1:
        raise CorruptStreamError(f"{len(payloads)} payloads for {len(bounds) - 1} slices", field="attributes")
    if not len(rows):
        if params:
            raise CorruptStreamError("params of no points", field="attribute params")
        return SpatialColumns([], np.zeros((0, 0), np.float32))
    read = read_params(params)
    channels, shared = read.channels(), SharedJob(job or JobContext(), "decode", len(rows))
    high = np.zeros((len(rows), len(read.order)), np.int32)
    low = np.zeros_like(high)
    bits = np.zeros((len(rows), len(read.forms)), np.float32)

    before = None
    if reference and read.order:
        before = features_of(reference, read.forms, read.order, threads)
    parts = numbers or range(len(payloads))
    ends: list[Learned | None] = [None] * min(len(payloads), MOST_LEARNED)

    def work(k: int) -> None:
        own = slice(int(bounds[k]), int(bounds[k + 1]))
        name = f"attributes of slice {k}"
        payload, known = payloads[k], NOTHING_KNOWN
        if before is not None:
            places, payload = split_payload(before, rows[own], codes[own], payload, name)
            known = known_of(before, places, channels)
        coder = RangeDecoder(payload, name)
        if read.order:
            part = _Slice(codes, rows, own.start, own.stop, _start(reference, parts[k]))
            bits[own, list(read.order)], learned = part.run(
                channels, coder, high[own], low[own], shared, known
            )
            if k < len(ends):
                ends[k] = learned._replace(part=parts[k])
        coder.close()

    map_parallel(shared, len(payloads), threads, work)
    return SpatialColumns(_restored(read, high, low), bits, tuple(filter(None, ends)))
