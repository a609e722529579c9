"""What the frame before tells of the points of this one, and the vectors that say which points go together.

docs/attribute-coding.md, "With a frame before".
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from octavox.codec.arrays import Int32Array, Int64Array
from octavox.codec.cloud.morton import CodeArray
from octavox.codec.codecs.attributes.interface import FrameBefore
from octavox.codec.codecs.attributes.packing import pack_column, unpack_column
from octavox.codec.codecs.geometry.octree.neighbours import Neighbours, find_neighbours
from octavox.codec.codecs.geometry.octree.ordered import nodes_of
from octavox.codec.coding.bytes import ByteReader, varint
from octavox.codec.coding.kernels.jit import Int, njit
from octavox.codec.errors import CorruptStreamError
from octavox.codec.parallel import thread_count

from .columns import ColumnForm
from .matching import MOST, Before, block_bounds, by_blocks, match
from .model import Channels, Known


class Features(NamedTuple):
    """A frame before, for a group of columns. blocks: its voxels. smooth: (m, C), slopes: (m, 3) as `Known`
    has them, without the fraction; both in the order of the blocks.
    """

    blocks: Before
    smooth: Int32Array
    slopes: Int32Array


def features_of(
    before: FrameBefore, forms: Sequence[ColumnForm], order: Sequence[int], threads: int | None = None
) -> Features:
    """Its columns as the numbers that those of the coded frame have. threads: at most so many."""
    values = np.stack([_numbers(before.columns[k], forms[k]) for k in order], 1).astype(np.int32)
    smooth, slopes = np.zeros_like(values), np.zeros((len(values), 3), np.int32)
    workers = thread_count(threads)
    with ThreadPoolExecutor(workers, "octavox-features") as pool:
        found = pool.submit(by_blocks, before.codes, values)
        nodes = nodes_of(before.codes)
        raster = np.empty_like(values)
        raster[nodes.order] = values
        near = find_neighbours(nodes.key)

        def part(start: int, end: int) -> None:
            _smooth(near, raster, smooth, slopes, np.zeros(values.shape[1], np.int64), start, end)

        ends = [len(values) * k // workers for k in range(workers + 1)]
        list(pool.map(part, ends, ends[1:]))
        blocks = found.result()
    rows = nodes.order[blocks.rows]
    return Features(blocks, smooth[rows], slopes[rows])


def _numbers(column: npt.NDArray[Any], form: ColumnForm) -> Int64Array:
    """The numbers nearest to the values of a column."""
    narrow = column.dtype in (np.uint8, np.uint16)
    if narrow and form.palette is None and form.step == 1 and not form.raw_bits:
        return np.asarray(np.clip(column.astype(np.int64) - form.least, 0, form.top), np.int64)
    wide = np.ascontiguousarray(column.astype(np.int64)).view(np.uint64)
    above = np.asarray((wide - np.array(form.least % (1 << 64), np.uint64)).view(np.int64))
    if form.palette is not None:
        places = np.searchsorted(form.palette, np.maximum(above, 0).astype(np.uint64))
        return np.asarray(np.minimum(places, form.top), np.int64)
    if form.step >= 1 << 63:  # more than any of them is above the least
        return np.zeros(len(above), np.int64)
    return np.asarray(np.clip(above // form.step, 0, form.top) >> form.raw_bits, np.int64)


@njit
def _smooth(
    near: Neighbours,
    values: Int32Array,
    smooth: Int32Array,
    slopes: Int32Array,
    sums: Int64Array,
    start: Int,
    end: Int,
) -> None:
    """Of voxels start .. end - 1: the means (m, C) of the 3^3 around each, slopes (m, 3) of the first column.

    sums: (C,) working memory.
    """
    channels = values.shape[1]
    for i in range(start, end):
        mask, own, count = np.int64(near.mask[i]), np.int64(values[i, 0]), np.int64(0)
        x, y, z, a, b, d = np.int64(0), np.int64(0), np.int64(0), np.int64(0), np.int64(0), np.int64(0)
        for c in range(channels):
            sums[c] = 0
        for row in range(9):
            bits = (mask >> 3 * row) & 7
            if bits == 0:
                continue
            at, held, change = np.int64(near.first[i, row]), np.int64(0), np.int64(0)
            for k in range(3):
                if (bits >> k) & 1:
                    value = values[at, 0] - own
                    change += value
                    z += (k - 1) * value
                    d += abs(k - 1)
                    for c in range(channels):
                        sums[c] += values[at, c]
                    held += 1
                    at += 1
            count += held
            x += (row // 3 - 1) * change
            y += (row % 3 - 1) * change
            a += abs(row // 3 - 1) * held
            b += abs(row % 3 - 1) * held
        for c in range(channels):
            smooth[i, c] = (sums[c] + (count >> 1)) // count
        slopes[i, 0] = 2 * x // max(a, np.int64(1))
        slopes[i, 1] = 2 * y // max(b, np.int64(1))
        slopes[i, 2] = 2 * z // max(d, np.int64(1))


def known_of(features: Features, rows: Int64Array, channels: Channels) -> Known:
    """What is known of points that go with these rows (n,) of the blocks."""
    fraction = channels.fraction.astype(np.int32)
    return Known(
        np.ascontiguousarray(features.blocks.values[rows] << fraction).reshape(-1),
        np.ascontiguousarray(features.smooth[rows] << fraction).reshape(-1),
        np.ascontiguousarray(features.slopes[rows] << fraction[:1]).reshape(-1),
    )


def matched(
    features: Features, cells: Int32Array, codes: CodeArray, values: Int32Array
) -> tuple[Int64Array, bytes]:
    """An encoder's rows (n,), and the head of the payload, which holds the vectors. values: (n, C)."""
    rows, vectors = match(features.blocks, cells, codes, values, None)
    packed = [pack_column(np.ascontiguousarray(axis)) for axis in vectors.T]
    return rows, b"".join(varint(len(part)) + part for part in packed)


def split_payload(
    features: Features, cells: Int32Array, codes: CodeArray, payload: bytes, name: str
) -> tuple[Int64Array, bytes]:
    """A decoder's rows (n,), and the rest of the payload. Raises CorruptStreamError."""
    reader = ByteReader(payload)
    blocks = len(block_bounds(codes)) - 1
    parts = [reader.take(reader.varint(name, reader.left), name) for _ in range(3)]
    try:
        vectors = np.stack([unpack_column(part, np.dtype(np.int8), blocks) for part in parts], 1)
    except CorruptStreamError as fault:
        raise reader.fault(fault.reason, name, 0) from None
    if (np.abs(vectors.astype(np.int64)) > MOST).any():
        raise reader.fault(f"a vector of more than {MOST} voxels", name, 0)
    rows, _ = match(features.blocks, cells, codes, None, vectors)
    return rows, reader.take(reader.left, name)
