"""Point clouds from and to plain text: a point a line, numbers between blanks, tabs, commas or semicolons."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from octavox.codec.cloud.cloud import COLOURS, PointCloud
from octavox.codec.cloud.columns import Array, FileInfo
from octavox.codec.errors import InputError
from octavox.codec.files.source import Source
from octavox.codec.job import JobContext

from .framing import Frame
from .line_rows import add_rows, check_widths, line_widths
from .numbers import NumberFault, Numbers, find_numbers
from .registry import ReadOptions, suffix_of
from .tables import cloud_of
from .text_blocks import Block, text_blocks
from .text_columns import ColumnBuilder
from .text_head import TextHead, read_head
from .text_sample import sampled_blocks, some_rows
from .text_write import TextExtra
from .text_write import write_text_file as write

__all__ = ["TextExtra", "frame", "read", "sample", "write"]


def read(source: Source, job: JobContext, options: ReadOptions) -> PointCloud:
    """A cloud from lines of numbers: x, y, z and what else the file has.

    Columns are named by a header line (or comment) where there is one, by `options.fields`, or by the file's
    suffix: .xyzrgb has red green blue in 0 to 1; .pts the number of points on the first line, then x y z, x y
    z intensity, x y z red green blue, or all seven. Others are called column_4 and so on. A column of whole
    numbers is int64, any other float64. Lines that begin with # or // are comments, in any encoding.
    Raises InputError naming line and byte; CancelledError.
    """
    suffix = suffix_of(source.name)
    head = read_head(source, suffix, options.fields)
    table = _Table(head, source, suffix)
    for block in text_blocks(source, head.body, head.line, job):
        table.add(block)
    if head.count >= 0 and table.rows != head.count:
        reason = f"line {head.count_line} declares {head.count:,} points, {table.rows:,} follow"
        reason = f"truncated: {reason}" if table.rows < head.count else reason
        raise InputError(reason, path=source.name, field="count")
    return table.cloud()


def frame(source: Source, notes: bytes | None = None) -> Frame | None:
    """The lines from the first with numbers on."""
    head = read_head(source, suffix_of(source.name), ())
    return Frame(head.body, source.size, names=tuple(head.names))


def sample(source: Source, points: int) -> PointCloud | None:
    """See `read_sample`: lines from many places of a large file."""
    suffix = suffix_of(source.name)
    head = read_head(source, suffix, ())
    table = _Table(head, source, suffix)
    for block, share in sampled_blocks(source, head.body, points):
        table.add(block, share)
    return table.cloud() if table.rows else None


class _Table:
    """The columns, as the lines come."""

    def __init__(self, head: TextHead, source: Source, suffix: str) -> None:
        self._head, self._source = head, source
        shares = COLOURS[:3] if suffix == ".xyzrgb" else ()
        double = np.dtype(np.float64)
        self._builders = [ColumnBuilder(double if name in shares else None) for name in head.names]

    @property
    def rows(self) -> int:
        """How many there are."""
        return len(self._builders[0]) if self._builders else 0

    def add(self, block: Block, most: int | None = None) -> None:
        """Takes the rows of a block, or `most` of them from all over it."""
        block = self._without_comments(block)
        width, delimiter = len(self._builders), self._head.delimiter
        try:
            numbers = find_numbers(block.data, delimiter)
        except NumberFault as fault:
            if delimiter == ord(","):
                fault.reason += " (a decimal comma is not read)"
            raise block.error(fault, self._source) from None
        if delimiter:
            _check_delimiters(block, numbers, line_widths(block, numbers), delimiter, self._source)
        check_widths(block, numbers, width, self._source)
        if most is not None:
            numbers = some_rows(numbers, width, most)
        add_rows(block, numbers, self._builders, self._head.names, self._source)

    def _without_comments(self, block: Block) -> Block:
        """The block with comments, which are kept, overwritten by blanks."""
        data = block.data
        marks = np.flatnonzero(data == ord("#"))
        slashes = np.flatnonzero(data[:-1] == ord("/"))
        marks = np.union1d(marks, slashes[data[slashes + 1] == ord("/")])
        if not len(marks):
            return block
        ends = np.flatnonzero(data == block.end)
        lines = np.searchsorted(ends, marks)
        data = data.copy()
        for line, mark in zip(*_first_of(lines, marks), strict=True):
            start = int(ends[line - 1]) + 1 if line else 0
            stop = int(ends[line]) if line < len(ends) else len(data)
            if data[start:mark].tobytes().strip():
                continue  # not the first of its line: the reader of numbers refuses it
            length = 1 if data[mark] == ord("#") else 2
            self._head.comments.append(data[mark + length : stop].tobytes().rstrip())
            data[start:stop] = ord(" ")
        return Block(data, block.at, block.line, block.end)

    def cloud(self) -> PointCloud:
        """The cloud of the rows."""
        head = self._head
        extra = TextExtra(chr(head.delimiter) if head.delimiter else " ", head.header)
        info = FileInfo("text", tuple(head.comments), extra=extra)
        if not self._builders:
            return PointCloud(np.empty((0, 3)), info=info, source=self._source.name)
        columns: dict[str, Array] = {}
        for name, builder in zip(head.names, self._builders, strict=True):
            columns[name] = builder.finish()
        return cloud_of(columns, self._source, info)


def _first_of(lines: npt.NDArray[Any], marks: npt.NDArray[Any]) -> tuple[list[int], list[int]]:
    """Of each line the first mark."""
    kept = np.flatnonzero(np.diff(lines, prepend=-1))
    return lines[kept].tolist(), marks[kept].tolist()


def _check_delimiters(
    block: Block, numbers: Numbers, widths: npt.NDArray[np.int64], delimiter: int, source: Source
) -> None:
    """Raises InputError naming the line where not just one delimiter stands between two numbers.

    One at the end of a line may be there.
    """
    places = np.flatnonzero(block.data == delimiter)
    ends = np.flatnonzero(block.data == block.end)
    before = np.searchsorted(numbers.starts, places)  # numbers that begin before each delimiter
    counts = np.bincount(before, minlength=len(numbers) + 1)
    starts_line = np.zeros(len(numbers) + 1, bool)
    starts_line[np.cumsum(widths) - widths] = True
    starts_line[len(numbers)] = True
    sound = np.where(starts_line, counts <= 1, counts == 1)
    if sound.all():
        last = before[starts_line[before]]  # after the last number of a line, or before the first
        at = places[starts_line[before]]
        line = np.searchsorted(ends, at)
        next_start = np.append(numbers.starts, len(block.data) + 1)[last]
        line_stop = np.append(ends, len(block.data))[line]
        leading = (line_stop > next_start) | (widths[line] == 0)
        if not leading.any():
            return
        bad = int(at[np.argmax(leading)])
    else:
        index = int(np.argmin(sound))
        bad = int(numbers.starts[index]) if index < len(numbers) else len(block.data) - 1
    text = chr(delimiter)
    reason = (
        f"line {block.line_of(bad)}: between two values there is not just one '{text}': one is missing or "
        "empty (a decimal comma is not read)"
    )
    raise InputError(reason, path=source.name, byte=block.at + bad)
