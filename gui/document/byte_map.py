"""The bitstream as a map of bytes: header, tree, slices, and which of them hold a block."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from octavox import codec
from octavox.codec import BlockTable, OctavoxError

BETWEEN = "chunk heads, checksums"  # the bytes of a stream that hold its chunks together


@dataclass(frozen=True)
class Part:
    """Bytes first..last, last excluded, of the file.

    slice: index of the slice, or None. owner: what the bytes are for; of properties that share them all
    names, "" for what holds the file together. number: of a part of the points.
    """

    name: str
    first: int
    last: int
    slice: int | None = None
    owner: str = ""
    number: int = 0

    @property
    def of_properties(self) -> bool:
        """Whether it holds properties of points."""
        return self.name.startswith(("attribute ", "rows "))

    def __len__(self) -> int:
        return self.last - self.first


def byte_map(data: bytes) -> list[Part]:
    """The parts of a stream in the order of the file; empty for what is no stream."""
    try:
        info = codec.info(data)
    except OctavoxError:
        return []
    parts = [Part("header", 0, info.header_bytes)]
    for section in info.sections:
        word, _, number = section.name.rpartition(" ")
        index = int(number) if word == "slice" and number.isdigit() else None
        if section.first_byte > parts[-1].last:
            parts.append(Part(BETWEEN, parts[-1].last, section.first_byte))
        last = section.first_byte + section.bytes
        part = int(number) if number.isdigit() else 0
        parts.append(Part(section.name, section.first_byte, last, index, section.owner, part))
    if len(data) > parts[-1].last:
        parts.append(Part(BETWEEN, parts[-1].last, len(data)))
    return parts


def part_of(parts: list[Part], blocks: BlockTable, row: int) -> Part | None:
    """The slice whose bytes hold a block. The coder interleaves its blocks: none has bytes of its own."""
    return next((p for p in parts if p.slice == int(blocks.slice[row])), None)


def part_at(parts: list[Part], byte: int) -> Part | None:
    """The part that holds a byte of the file."""
    return next((p for p in parts if p.first <= byte < p.last), None)


def blocks_of(parts: list[Part], blocks: BlockTable, byte: int) -> np.ndarray:
    """Rows of the blocks whose slice holds a byte of the file."""
    part = part_at(parts, byte)
    if part is None or part.slice is None:
        return np.empty(0, np.int64)
    return np.flatnonzero(blocks.slice == part.slice)


def line_length(width: int) -> int:
    """Characters of a line of `width` bytes."""
    return 11 + 4 * width


def hex_dump(data: bytes, first: int, rows: int, width: int = 16) -> str:
    """`rows` lines of `width` bytes each from `first` on: address, hexadecimal, ASCII."""
    lines = []
    for start in range(first, min(len(data), first + rows * width), width):
        piece = data[start : start + width]
        words = " ".join(f"{byte:02x}" for byte in piece)
        letters = "".join(chr(byte) if 32 <= byte < 127 else "·" for byte in piece)
        lines.append(f"{start:08x}  {words:<{3 * width - 1}}  {letters}")
    return "\n".join(lines)
