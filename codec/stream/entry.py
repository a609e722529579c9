"""Parts of a stream as reports list them: chunks of format 2, sections of format 1."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Entry:
    """One part. first_byte: offset of its payload in the file. overhead: bytes of the container for it.

    points: occupied voxels that it holds. crc: of the payload, for format 1; None: the chunk has its own.
    chunk: its number among the chunks of format 2. part: the number of its slice.
    """

    name: str
    kind: int
    points: int
    first_byte: int
    length: int
    crc: int | None
    overhead: int
    chunk: int = -1
    part: int = 0
