"""Bytes of any kind, squeezed as xz does: LZMA2, without the container of xz."""

from __future__ import annotations

import lzma
from collections.abc import Iterable
from typing import Any

from octavox.codec.errors import CorruptStreamError
from octavox.codec.job import JobContext

_LARGEST_WINDOW = 1 << 26
_LEAST_WINDOW = 1 << 12
_PIECE = 1 << 18


def _filters(size: int) -> list[dict[str, Any]]:
    """Those for so many bytes; the window follows from the size, so that no stream has to say it."""
    window = min(max(1 << max(size - 1, 0).bit_length(), _LEAST_WINDOW), _LARGEST_WINDOW)
    return [{"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME, "dict_size": window}]


def squeeze(pieces: Iterable[bytes], size: int, job: JobContext) -> bytes:
    """The bytes of `pieces`, `size` in all. Raises CancelledError."""
    packer = lzma.LZMACompressor(lzma.FORMAT_RAW, filters=_filters(size))
    found = []
    for piece in pieces:
        for at in range(0, len(piece), _PIECE):
            job.check()
            found.append(packer.compress(piece[at : at + _PIECE]))
    return b"".join([*found, packer.flush()])


def unsqueeze(packed: bytes, size: int, name: str, job: JobContext) -> bytes:
    """Inverse of `squeeze`. Raises CorruptStreamError, with `name` as its field, CancelledError."""
    unpacker = lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=_filters(size))
    found, done = [], 0
    given = packed
    try:
        while not unpacker.eof and done <= size:
            job.check()
            piece = unpacker.decompress(given, min(_PIECE, size + 1 - done))
            given = b""
            if not piece and unpacker.needs_input:
                break
            found.append(piece)
            done += len(piece)
    except lzma.LZMAError as error:
        raise CorruptStreamError(f"not LZMA2: {error}", field=name) from None
    if done != size or not unpacker.eof or unpacker.unused_data:
        raise CorruptStreamError(f"not the {size:,} bytes that it says", field=name)
    return b"".join(found)
