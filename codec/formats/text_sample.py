"""Some lines of a large text file, from all over it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from octavox.codec.files.source import Source

from .line_rows import add_rows, check_widths
from .numbers import Numbers, find_numbers
from .text_blocks import Block, line_end
from .text_columns import ColumnBuilder

_FROM = 4 << 20  # bytes of a file from which on a sample is quicker
_PLACES = 64  # of a file, from which lines are taken
_LINE = 200  # bytes that a line has at the most, or fewer lines are taken


def sampled_blocks(source: Source, at: int, points: int) -> Iterator[tuple[Block, int]]:
    """Whole lines from many places after byte `at`, and how many are to be taken of each place.

    The numbers of the lines are not known. Nothing for a file that is read as quickly.
    """
    if source.size < _FROM or points < 1:
        return
    end = line_end(source, at)
    stretch = (source.size - at) // _PLACES
    share = -(-points // _PLACES)
    for k in range(_PLACES):
        place = at + k * stretch
        piece = source.read(place, min(stretch, _LINE * share))
        first, last = piece.find(bytes([end])) + 1, piece.rfind(bytes([end])) + 1
        if 0 < first < last:
            yield Block(np.frombuffer(piece[first:last], np.uint8), place + first, 1, end), share


def some_rows(numbers: Numbers, width: int, most: int) -> Numbers:
    """At most so many of the rows, evenly from all of them."""
    if len(numbers) <= most * width:
        return numbers
    rows = np.linspace(0, len(numbers) // width - 1, most).astype(np.int64)
    return numbers.pick((rows[:, None] * width + np.arange(width)).reshape(-1))


def sample_lines(
    source: Source, at: int, names: Sequence[str], types: Sequence[np.dtype[Any]], points: int
) -> list[ColumnBuilder] | None:
    """Columns of about so many lines with one number for each column; None where that is no gain.

    Raises InputError or NumberFault for other lines.
    """
    builders = [ColumnBuilder(kind) for kind in types]
    for block, share in sampled_blocks(source, at, points):
        numbers = find_numbers(block.data)
        check_widths(block, numbers, len(builders), source)
        add_rows(block, some_rows(numbers, len(builders), share), builders, names, source)
    return builders if builders and len(builders[0]) else None
