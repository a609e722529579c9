"""The stage of rows: points with all their numbers in the order of their file, in the place of voxels.

For scans, whose neighbours in the file say more than those in space, and for files whose order is kept.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .cloud.cloud import PointCloud
from .cloud.columns import ListColumn
from .cloud.records import axis_columns
from .codecs.attributes.interface import Array, Layout
from .codecs.attributes.partial import parts_there, without_lost
from .codecs.registry import attribute_coder, attribute_coder_infos
from .errors import CorruptStreamError
from .job import JobContext
from .points import Chunk, CodedPoints, DecodedPoints
from .properties import attribute_header, flat, properties_of
from .stream.accounting import apportioned
from .stream.chunks import Kind
from .stream.header import Header
from .stream.schema import column_owners, row_owners

CODER = "rows"
PART_ROWS = 1 << 19
SAMPLE_ROWS = 1 << 14


def _layout(rows: int, threads: int | None) -> Layout:
    parts = max(round(rows / PART_ROWS), 1)
    bounds = np.array([rows * k // parts for k in range(parts + 1)], np.int64)
    return Layout(np.empty((0, 3), np.int32), bounds, threads)


def has_rows(cloud: PointCloud) -> bool:
    """Whether the points of a cloud can be coded as rows: they have no lists."""
    known = CODER in (info.name for info in attribute_coder_infos())
    return known and len(cloud) > 0 and not any(isinstance(c, ListColumn) for c in cloud.attributes.values())


def _columns(cloud: PointCloud) -> list[Array]:
    return [*axis_columns(cloud), *(np.ascontiguousarray(c) for c in flat(dict(cloud.attributes)))]


def expected_bytes(cloud: PointCloud, job: JobContext) -> float:
    """About how many bytes the rows of a cloud take, from a run of them. Raises CancelledError."""
    start = max((len(cloud) - SAMPLE_ROWS) // 2, 0)
    own = slice(start, min(start + SAMPLE_ROWS, len(cloud)))
    columns = [column[own] for column in _columns(cloud)]
    coded = attribute_coder(CODER).encode(columns, _layout(own.stop - own.start, None), job)
    return sum(map(len, coded.payloads)) * len(cloud) / (own.stop - own.start)


def encode_rows(cloud: PointCloud, job: JobContext, threads: int | None) -> CodedPoints:
    """Raises InputError for columns that streams cannot hold; CancelledError."""
    headers = tuple(attribute_header(name, column) for name, column in cloud.attributes.items())
    owners = ["x", "y", "z", *column_owners(headers)]
    coded = attribute_coder(CODER).encode(_columns(cloud), _layout(len(cloud), threads), job)
    made = CodedPoints({"attributes": headers, "rows": len(cloud), "rows_params": coded.params})
    spent = dict.fromkeys(row_owners(headers), 0.0)
    for name, own in zip(["geometry"] * 3 + owners[3:], coded.bits, strict=True):
        spent[name] += float(own)
    made.fields["shares"] = apportioned(sum(map(len, coded.payloads)), list(spent.values()))[:-1]
    made.chunks.extend(Chunk(Kind.ROWS, data, part=k) for k, data in enumerate(coded.payloads))
    for name, spent in zip(owners, coded.bits, strict=True):
        made.bits[name] = made.bits.get(name, 0.0) + float(spent)
    return made


def decode_rows(
    header: Header,
    payload: Callable[[int], bytes | None],
    types: tuple[np.dtype[Any], ...],
    job: JobContext,
) -> DecodedPoints:
    """The points of a stream, in the order of their file. types: of the axes.

    payload: gives that of a part; None where it is lost, with its points. Raises CorruptStreamError,
    UnsupportedStreamError, CancelledError.
    """
    layout = _layout(header.rows, None)
    every = [*types, *(kind for attribute in header.attributes for kind in attribute.types)]
    given = [payload(k) for k in range(len(layout.parts))]
    payloads = [own for own in given if own is not None]
    if not payloads:
        raise CorruptStreamError("no part of the rows is whole; nothing can be saved", field="rows", byte=0)
    if len(payloads) < len(given):
        layout = without_lost(layout, parts_there(given))
    done = attribute_coder(CODER).decode(header.rows_params, payloads, every, layout, job)
    owners = ["x", "y", "z", *column_owners(header.attributes)]
    bits: dict[str, float] = {}
    for name, spent in zip(owners, done.bits, strict=True):
        bits[name] = bits.get(name, 0.0) + float(spent)
    columns = properties_of(header.attributes, dict(enumerate(done.columns[3:])))
    return DecodedPoints(done.columns[:3], columns, 0, bits)
