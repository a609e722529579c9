"""The rows of an ASCII PLY file's elements as columns with the declared types."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from octavox.codec.cloud.columns import Column, ListColumn
from octavox.codec.errors import InputError
from octavox.codec.files.source import Source
from octavox.codec.job import JobContext

from .numbers import NumberFault, Numbers, find_numbers
from .ply_header import PlyElement, PlyHeader
from .tables import AXES
from .text_blocks import Block, text_blocks
from .text_columns import ColumnBuilder, agree_on_type

Places = npt.NDArray[np.int64]


def read_ascii(header: PlyHeader, source: Source, job: JobContext) -> dict[str, dict[str, Column]]:
    """The columns of each element, by name.

    Items are separated by any white space: rows may share a line, or take several, but a line with too few or
    too many items is an error. Raises InputError naming line, element, property and row; CancelledError.
    """
    stream = _Stream(header, source, job)
    tables: dict[str, dict[str, Column]] = {}
    for element in header.elements:
        tables[element.name] = _Rows(stream, element).read() if element.properties else {}
    if stream.more():
        line = stream.block.line_of(int(stream.numbers.starts[stream.next]))
        reason = f"line {line}: there are more values than the header declares"
        raise InputError(reason, path=source.name, field=f"element {header.elements[-1].name}")
    return tables


class _Stream:
    """The numbers of the body, block by block. next: index of the first that has not been taken."""

    def __init__(self, header: PlyHeader, source: Source, job: JobContext) -> None:
        self.source, self.job = source, job
        self._blocks = text_blocks(source, header.body, header.lines + 1, job, words=True)
        self.block = Block(np.zeros(0, np.uint8), header.body, header.lines + 1, ord("\n"))
        self.numbers = self._parse(self.block)
        self.next = 0
        self._starts: tuple[Block, Places] | None = None  # the first numbers of the lines of a block
        self._values: tuple[Block, list[float]] | None = None

    def values(self) -> list[float]:
        """The numbers of this block."""
        if self._values is None or self._values[0] is not self.block:
            self._values = self.block, self.numbers.values.tolist()
        return self._values[1]

    def _parse(self, block: Block) -> Numbers:
        try:
            return find_numbers(block.data)
        except NumberFault as fault:
            byte = block.data[fault.at :][:400]
            if (byte > 127).any():
                at = fault.at + int(np.argmax(byte > 127))
                reason = f"line {block.line_of(fault.at)}: a byte that is not ASCII in an ASCII file"
                raise InputError(reason, path=self.source.name, field="body", byte=block.at + at) from None
            raise block.error(fault, self.source, "body") from None

    def more(self) -> bool:
        """Whether a number is left, in this block or a later one."""
        while self.next >= len(self.numbers):
            block = next(self._blocks, None)
            if block is None:
                return False
            self.block, self.numbers, self.next = block, self._parse(block), 0
        return True

    def grow(self) -> bool:
        """Joins what is left of this block with the next one; whether there was one."""
        blocks: list[Block] = []
        at = int(self.numbers.ends[self.next - 1]) if self.next else 0
        size = len(self.block.data) - at
        got = 0
        while got <= size:  # at least twice as much, so that the work grows with the length alone
            block = next(self._blocks, None)
            if block is None:
                break
            blocks.append(block)
            got += len(block.data)
        if not blocks:
            return False
        line = self.block.line_of(at)
        data = np.concatenate([self.block.data[at:], *(b.data for b in blocks)])
        self.block = Block(data, self.block.at + at, line, self.block.end)
        self.numbers, self.next = self._parse(self.block), 0
        return True

    def line_starts(self, stop: int) -> Places:
        """Indices of the numbers of this block, from `next` to before `stop`, that begin lines."""
        if self._starts is None or self._starts[0] is not self.block:
            ends = np.flatnonzero(self.block.data == self.block.end)
            self._starts = self.block, np.unique(np.searchsorted(self.numbers.starts, ends))
        first = self._starts[1]
        first = first[slice(*np.searchsorted(first, (self.next, stop)))]
        return np.unique(np.append(first, self.next)) if self._begins_line() else first

    def _begins_line(self) -> bool:
        """Whether the next number is the first of its line."""
        if self.next >= len(self.numbers):
            return False
        start = int(self.numbers.starts[self.next])
        before = self.block.data[int(self.numbers.ends[self.next - 1]) if self.next else 0 : start]
        return bool((before == self.block.end).any()) or (self.next == 0 and self._cut_after_line())

    def _cut_after_line(self) -> bool:
        if self.block.at == 0:
            return True
        return self.source.read(self.block.at - 1, 1) == bytes([self.block.end])


class _Layout:
    """Whether lines and rows agree: each line starts with a row, or each row starts a line.

    Otherwise a row has too few or too many values, and all later values are in the wrong place.
    """

    def __init__(self, element: PlyElement) -> None:
        self._width = len(element.properties) if not element.has_list else 0
        self._lines_sound, self._rows_sound = True, True
        self.irregular = ""  # the first line that does not begin with a row, or rather the one before it
        self._before: tuple[Block, int, int] | None = None  # block, byte, number in the element, of the last

    def look(self, rows: Places, lines: Places, taken: int, stream: _Stream) -> None:
        """rows, lines: indices where rows and lines begin. taken: numbers of the element before them."""
        on_rows = np.isin(lines, rows)
        self._rows_sound = self._rows_sound and bool(np.isin(rows, lines).all())
        if not on_rows.all() and self._lines_sound:
            self._lines_sound = False
            at = int(np.argmin(on_rows))
            self._name(lines, at, taken, stream)
        if len(lines):
            last = int(lines[-1])
            self._before = stream.block, int(stream.numbers.starts[last]), taken + last - stream.next

    def _name(self, lines: Places, at: int, taken: int, stream: _Stream) -> None:
        block, numbers = stream.block, stream.numbers
        here = taken + int(lines[at]) - stream.next
        if at:
            before = int(lines[at - 1])
            line, count = block.line_of(int(numbers.starts[before])), int(lines[at]) - before
        elif self._before is not None:
            line, count = self._before[0].line_of(self._before[1]), here - self._before[2]
        else:
            return
        wanted = f"{self._width}" if self._width else "those of its rows"
        self.irregular = f"line {line} has {count} values instead of {wanted}"

    def fault(self) -> str:
        """The fault in words, or an empty text."""
        return (
            "" if self._lines_sound or self._rows_sound else self.irregular or "lines and rows do not agree"
        )


class _Rows:
    """The rows of one element."""

    def __init__(self, stream: _Stream, element: PlyElement) -> None:
        self._stream, self._element = stream, element
        self._values = [ColumnBuilder(p.dtype()) for p in element.properties]
        self._lengths = [ColumnBuilder(p.length_dtype()) for p in element.properties]
        self._layout = _Layout(element)
        self._rows, self._taken = 0, 0

    def read(self) -> dict[str, Column]:
        """The columns."""
        while self._rows < self._element.count:
            if not self._stream.more():
                raise self._truncated()
            if self._element.has_list:
                self._take_lists()
            else:
                self._take_scalars()
        if self._layout.fault():
            raise self._error(self._layout.fault())
        named = dict(zip((p.name for p in self._element.properties), self._values, strict=True))
        agree_on_type([named[axis] for axis in AXES if axis in named])
        columns: dict[str, Column] = {}
        for p, values, lengths in zip(self._element.properties, self._values, self._lengths, strict=True):
            column = values.finish()
            columns[p.name] = ListColumn(lengths.finish(), column) if p.length_type else column
        return columns

    def _take_scalars(self) -> None:
        stream, width = self._stream, len(self._element.properties)
        whole = min((len(stream.numbers) - stream.next) // width, self._element.count - self._rows)
        if whole == 0:
            if not stream.grow():
                raise self._truncated()
            return
        stop = stream.next + whole * width
        rows = np.arange(stream.next, stop, width)
        self._layout.look(rows, stream.line_starts(stop), self._taken, stream)
        for k, builder in enumerate(self._values):
            self._add(builder, slice(stream.next + k, stop, width), k)
        self._advance(whole, stop)

    def _advance(self, rows: int, stop: int) -> None:
        self._rows += rows
        self._taken += stop - self._stream.next
        self._stream.next = stop

    def _add(self, builder: ColumnBuilder, chosen: slice | Places, k: int) -> None:
        picked = self._stream.numbers.pick(chosen)
        try:
            builder.add(picked)
        except NumberFault as fault:
            line = self._stream.block.line_of(fault.at)
            row = self._rows + fault.index
            where = f"row {row:,}: " if self._element.properties[k].length_type is None else ""
            raise self._error(f"line {line}, {where}{fault.reason}", k) from None

    def _take_lists(self) -> None:
        """Rows with lists: where each begins follows from the lengths before it."""
        stream, properties = self._stream, self._element.properties
        values = stream.values()
        places: list[list[int]] = [[] for _ in properties]
        starts: list[int] = []
        steps = list(zip(places, [p.length_type is not None for p in properties], strict=True))
        at, total = stream.next, len(values)
        try:
            for _ in range(self._element.count - self._rows):
                start = at
                for known, is_list in steps:
                    known.append(at)
                    at += 1 + (self._length(values[at], at) if is_list else 0)
                if at > total:
                    break
                starts.append(start)
        except IndexError:
            pass
        rows = len(starts)
        if rows == 0:
            if not stream.grow():
                raise self._truncated()
            return
        stop = at if rows == self._element.count - self._rows else places[0][rows]
        self._layout.look(np.array(starts), stream.line_starts(stop), self._taken, stream)
        for k, p in enumerate(properties):
            first = np.array(places[k][:rows], np.int64)
            if p.length_type is None:
                self._add(self._values[k], first, k)
                continue
            lengths = stream.numbers.values[first].astype(np.int64)
            self._add(self._lengths[k], first, k)
            items = np.repeat(first + 1 - (np.cumsum(lengths) - lengths), lengths) + np.arange(lengths.sum())
            self._add(self._values[k], items, k)
        self._advance(rows, stop)

    def _length(self, value: float, at: int) -> int:
        if 0 <= value <= self._stream.source.size and value == int(value):
            return int(value)
        line = self._stream.block.line_of(int(self._stream.numbers.starts[at]))
        if value > self._stream.source.size:
            raise self._error(f"truncated: line {line} declares a list of {value:g} values")
        raise self._error(f"line {line}: '{self._stream.numbers.text(at)}' is no length of a list")

    def _error(self, reason: str, k: int | None = None) -> InputError:
        name = self._element.name
        field = f"element {name}" if k is None else f"{name}.{self._element.properties[k].name}"
        return InputError(reason, path=self._stream.source.name, field=field)

    def _truncated(self) -> InputError:
        reason = f"truncated: the data end in row {self._rows:,}"
        if self._layout.irregular:
            reason += f"; {self._layout.irregular}"
        error = self._error(reason)
        error.byte = self._stream.source.size
        return error
