"""How many bytes of a slice a number of its levels takes: what a reader of a coarse cloud needs.

docs/format.md has the bytes.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence

from octavox.codec.coding.bytes import ByteReader, u32, varint
from octavox.codec.errors import CorruptStreamError

LEVELS_FROM = 1 << 16  # bytes of a payload, from which on it is worth saying
MOST = 8  # numbers of levels that are named, up to one less than the depth


def pack_levels(payload: bytes, ends: Sequence[int]) -> bytes:
    """The payload of the chunk of a slice. ends: bytes that 1, 2, ... levels take; the last takes all."""
    first = max(len(ends) - MOST, 1)
    parts, before = [bytes([first])], 0
    for end in ends[first - 1 : -1]:
        end = min(end, len(payload))
        parts += [varint(end - before), u32(zlib.crc32(payload[:end]))]
        before = end
    return b"".join(parts)


def parse_levels(data: bytes, name: str, first_byte: int) -> dict[int, tuple[int, int]]:
    """Inverse of `pack_levels`: for numbers of levels, the bytes that they take and the CRC-32 of these.

    Raises CorruptStreamError.
    """
    reader = ByteReader(data, first_byte=first_byte)
    levels, end = reader.u8(name), 0
    found: dict[int, tuple[int, int]] = {}
    while reader.left:
        end += reader.varint(name, 1 << 40)
        found[levels] = end, int.from_bytes(reader.take(4, name), "little")
        levels += 1
    return found


def checked_prefix(data: bytes, crc: int, name: str, first_byte: int) -> bytes:
    """The first bytes of a payload. Raises CorruptStreamError where they are not what the encoder wrote."""
    if zlib.crc32(data) != crc:
        raise CorruptStreamError("checksum mismatch", field=name, byte=first_byte)
    return data
