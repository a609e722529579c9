"""Text in which each line is a row with as many numbers as the others."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from octavox.codec.errors import InputError
from octavox.codec.files.source import Source

from .numbers import NumberFault, Numbers
from .text_blocks import Block
from .text_columns import ColumnBuilder


def line_widths(block: Block, numbers: Numbers) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """(L,) how many numbers each line of the block has."""
    ends = np.flatnonzero(block.data == block.end)
    if len(ends) * (len(numbers) // max(len(ends), 1)) == len(numbers):  # often all lines are alike
        width = len(numbers) // max(len(ends), 1)
        if width and len(ends) and int(ends[-1]) == len(block.data) - 1:
            first, last = numbers.starts[::width], numbers.ends[width - 1 :: width]
            if (last <= ends).all() and (first[1:] > ends[:-1]).all():
                return np.full(len(ends), width, np.int64)
    places = np.append(np.searchsorted(numbers.starts, ends), len(numbers))
    return np.diff(places, prepend=0)


def check_widths(
    block: Block, numbers: Numbers, width: int, source: Source, field: str | None = None
) -> None:
    """Raises InputError naming the first line that has neither `width` numbers nor none."""
    widths = line_widths(block, numbers)
    wrong = (widths != width) & (widths != 0)
    if wrong.any():
        at = int(np.argmax(wrong))
        reason = f"line {block.line + at} has {int(widths[at])} values instead of {width}"
        raise InputError(reason, path=source.name, field=field)


def add_rows(
    block: Block, numbers: Numbers, builders: Sequence[ColumnBuilder], names: Sequence[str], source: Source
) -> None:
    """Adds rows to one builder for each column. Raises InputError naming line and column."""
    step = len(builders)
    for k, builder in enumerate(builders):
        try:
            builder.add(numbers.pick(slice(k, None, step)))
        except NumberFault as fault:
            raise block.error(fault, source, names[k]) from None
