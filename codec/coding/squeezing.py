"""Bytes of any kind, squeezed as xz does: LZMA2, without the container of xz and without the 0 that ends it.

Numbers in binary want other settings than text; of small data all are tried. With `exact`, the bytes that
`xz -9e` makes are among those tried.
"""

from __future__ import annotations

import lzma
from collections.abc import Iterable
from typing import Any, NamedTuple

from octavox.codec.errors import CorruptStreamError
from octavox.codec.job import JobContext

_WINDOWS = range(12, 27)  # log2 of the bytes that LZMA looks back over
_PIECE = 1 << 18
_SETTINGS = ((3, 0, 2), (3, 0, 0), (0, 2, 2), (1, 0, 0))  # lc, lp, pb of LZMA
_TRIED = 1 << 20  # bytes up to which all are
_END = b"\0"  # of LZMA2
MARKS = len(_SETTINGS) * len(_WINDOWS)  # a mark says which settings and window were used


class Squeezed(NamedTuple):
    """mark: which settings and window. data: LZMA2."""

    mark: int
    data: bytes


def _filters(mark: int) -> list[dict[str, Any]]:
    window, number = divmod(mark, len(_SETTINGS))
    lc, lp, pb = _SETTINGS[number]
    preset, size = 9 | lzma.PRESET_EXTREME, 1 << _WINDOWS[window]
    return [{"id": lzma.FILTER_LZMA2, "preset": preset, "dict_size": size, "lc": lc, "lp": lp, "pb": pb}]


def squeeze(
    pieces: Iterable[bytes], size: int, job: JobContext, *, exact: bool = False, most: int | None = None
) -> Squeezed | None:
    """The bytes of `pieces`, `size` in all; None where they take more than `most` bytes.

    exact: the result is no larger than the LZMA2 of `xz -9e`. Raises CancelledError.
    """
    need = min(max((size - 1).bit_length() if size else 0, _WINDOWS[0]), _WINDOWS[-1]) - _WINDOWS[0]
    marks = [need * len(_SETTINGS) + k for k in range(len(_SETTINGS))]
    if exact:
        marks[0] = (len(_WINDOWS) - 1) * len(_SETTINGS)
    if size > _TRIED:
        return _squeezed(pieces, marks[0], job, most)
    data = b"".join(pieces)
    found = [one for one in (_squeezed([data], mark, job, most) for mark in marks) if one is not None]
    return min(found, key=lambda one: len(one.data), default=None)


def _squeezed(pieces: Iterable[bytes], mark: int, job: JobContext, most: int | None) -> Squeezed | None:
    packer = lzma.LZMACompressor(lzma.FORMAT_RAW, filters=_filters(mark))
    found, size = [], 0
    for piece in pieces:
        for at in range(0, len(piece), _PIECE):
            job.check()
            found.append(packer.compress(piece[at : at + _PIECE]))
            size += len(found[-1])
            if most is not None and size > most:
                return None
    data = b"".join([*found, packer.flush()])[: -len(_END)]
    return None if most is not None and len(data) > most else Squeezed(mark, data)


def unsqueeze(squeezed: Squeezed, name: str, job: JobContext) -> bytes:
    """Inverse of `squeeze`. LZMA makes at most some 7,000 bytes of one.

    Raises CorruptStreamError, with `name` as its field, CancelledError.
    """
    unpacker = lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=_filters(squeezed.mark))
    found, given = [], squeezed.data + _END
    try:
        while not unpacker.eof:
            job.check()
            piece = unpacker.decompress(given, _PIECE)
            given = b""
            if not piece and unpacker.needs_input:
                break
            found.append(piece)
    except lzma.LZMAError as error:
        raise CorruptStreamError(f"not LZMA2: {error}", field=name) from None
    if not unpacker.eof or unpacker.unused_data:
        raise CorruptStreamError("LZMA2 that ends elsewhere", field=name)
    return b"".join(found)
