"""A text file in blocks of whole lines, or of whole words, with the number of each block's first line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from octavox.codec.errors import InputError
from octavox.codec.files.source import Source
from octavox.codec.job import JobContext

from .numbers import Bytes, NumberFault

BLOCK = 1 << 20
_SPACES = np.zeros(256, bool)
_SPACES[list(b" \t\n\v\f\r")] = True


@dataclass(frozen=True)
class Block:
    """data: bytes. at: the first one's place in the file. line: number of the first line, from 1. end: the
    byte that ends lines."""

    data: Bytes
    at: int
    line: int
    end: int

    def line_of(self, at: int) -> int:
        """Number of the line that holds byte `at` of the block."""
        return self.line + int(np.count_nonzero(self.data[:at] == self.end))

    def error(self, fault: NumberFault, source: Source, field: str | None = None) -> InputError:
        """A fault with its line and byte."""
        reason = f"line {self.line_of(fault.at)}: {fault.reason}"
        return InputError(reason, path=source.name, field=field, byte=self.at + fault.at)


def line_end(source: Source, at: int) -> int:
    """What ends lines: LF, or CR where the first piece of the text has no LF."""
    head = source.read(at, 1 << 16)
    return ord("\r") if b"\r" in head and b"\n" not in head else ord("\n")


def text_blocks(
    source: Source, at: int, line: int, job: JobContext, *, words: bool = False
) -> Iterator[Block]:
    """The text from byte `at` on, which is line `line`, cut after lines or, with words=True, between words.

    Raises InputError where reading fails; CancelledError.
    """
    end = line_end(source, at)
    size, held = BLOCK, b""
    while True:
        job.check()
        piece = source.read(at + len(held), size)
        data = held + piece
        if not data:
            return
        cut = len(data) if not piece else _cut(data, end, words)
        if cut == 0:  # one long line: a larger piece
            held, size = data, 2 * size
            continue
        block = np.frombuffer(data, np.uint8)[:cut]
        yield Block(block, at, line, end)
        line += int(np.count_nonzero(block == end))
        at, held, size = at + cut, data[cut:], BLOCK


def _cut(data: bytes, end: int, words: bool) -> int:
    """Where the last whole line, or word, ends; 0 where there is none."""
    cut = data.rfind(bytes([end])) + 1
    if cut or not words:
        return cut
    spaces = np.flatnonzero(_SPACES[np.frombuffer(data, np.uint8)[-BLOCK:]])
    return len(data) - min(len(data), BLOCK) + int(spaces[-1]) + 1 if len(spaces) else 0
