"""Columns of damaged streams: parts that are there are decoded, and blanks stand for those that are lost.

A blank is 0, or of floats NaN.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from octavox.codec.arrays import BoolArray
from octavox.codec.job import JobContext

from .interface import Array, AttributeCoder, DecodedColumns, Layout

Payloads = Sequence[bytes | None]  # None: lost


def decode_some(
    coder: AttributeCoder,
    params: bytes,
    payloads: Payloads,
    types: list[np.dtype[Any]],
    layout: Layout,
    job: JobContext,
) -> DecodedColumns:
    """As `AttributeCoder.decode`; blanks for the rows of parts that are lost."""
    own = [payload for payload in payloads if payload is not None]
    if len(own) == len(payloads):
        return coder.decode(params, own, types, layout, job)
    there = parts_there(payloads)
    rows = np.repeat(there, np.diff(layout.bounds))
    columns, part_bits = [_blank(0, kind) for kind in types], np.zeros((len(payloads), len(types)))
    costs = None
    if own:
        done = coder.decode(params, own, types, without_lost(layout, there), job)
        columns, part_bits[there] = done.columns, done.part_bits
        if done.costs is not None:
            costs = np.zeros((len(rows), len(types)), done.costs.dtype)
            costs[rows] = done.costs
    return DecodedColumns([_spread(column, rows) for column in columns], part_bits, costs)


def parts_there(payloads: Payloads) -> BoolArray:
    """(P,) which parts are there."""
    return np.array([payload is not None for payload in payloads], bool)


def without_lost(layout: Layout, there: BoolArray) -> Layout:
    """The layout of the parts that are there."""
    sizes = np.diff(layout.bounds)
    bounds = np.concatenate([[0], np.cumsum(sizes[there])]).astype(np.int64)
    cells = layout.cells[np.repeat(there, sizes)] if len(layout.cells) else layout.cells
    numbers = tuple(number for number, own in zip(layout.numbers, there) if own)
    return replace(layout, cells=cells, bounds=bounds, numbers=numbers)


def _blank(rows: int, kind: np.dtype[Any]) -> Array:
    return np.full(rows, np.nan if kind.kind == "f" else 0, kind)


def _spread(column: Array, rows: BoolArray) -> Array:
    found = _blank(len(rows), column.dtype)
    found[rows] = column
    return found
