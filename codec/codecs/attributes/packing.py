"""Columns of numbers of any type as bytes, by the cheapest of a few methods, and back to the last bit.

The methods are general: pcodec (Loncaric 2025, "Pcodec: Better compression for numerical sequences") finds
multiples, decimals and differences by itself; zstandard takes planes of equal bytes. Which one is chosen is
tried on a sample and stored in the first byte.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from octavox.codec.errors import CorruptStreamError

Array = npt.NDArray[Any]
CONSTANT, RAW, PCODEC, PLANES, DIFFERENCES = range(5)  # methods, as streams have them
_SAMPLES, _SAMPLE_ROWS = 3, 8192
_LEVEL, _LEVEL_OF_LARGE, _LARGE = 19, 9, 1 << 21  # of zstandard, by bytes
_PCODEC_LEVEL = 9


class _Method(NamedTuple):
    pack: Callable[[Array], bytes]
    unpack: Callable[[bytes, np.dtype[Any], int], Array]


def pack_column(column: Array) -> bytes:
    """A column (n,) of any type of numbers as bytes."""
    values = stored(column)
    if not len(values):
        return b""
    bits = values.view(f"u{values.dtype.itemsize}")
    if bool((bits == bits[0]).all()):
        return bytes([CONSTANT]) + values[:1].tobytes()
    for number in _ranked(values):
        payload = METHODS[number].pack(values)
        if len(payload) < values.nbytes and _same(METHODS[number], payload, values):
            return bytes([number]) + payload
    return bytes([RAW]) + values.tobytes()


def stored(column: Array) -> Array:
    """The column (n,) as streams hold it: contiguous, little endian, truth values as bytes."""
    values = np.ascontiguousarray(column)
    kind = np.dtype("u1") if values.dtype.kind == "b" else values.dtype.newbyteorder("<")
    return values.view(kind) if values.dtype.kind == "b" else values.astype(kind, copy=False)


def _same(method: _Method, payload: bytes, values: Array) -> bool:
    """Whether a payload gives every bit back: libraries are checked like any input."""
    return method.unpack(payload, values.dtype, len(values)).tobytes() == values.tobytes()


def _ranked(values: Array) -> list[int]:
    """The methods, the one that takes the fewest bytes for a sample first."""
    starts = np.linspace(0, max(len(values) - _SAMPLE_ROWS, 0), _SAMPLES).astype(int)
    sample = values
    if len(values) > _SAMPLES * _SAMPLE_ROWS:
        sample = np.concatenate([values[at : at + _SAMPLE_ROWS] for at in starts])
    sizes = {number: len(METHODS[number].pack(sample)) for number in METHODS}
    return sorted(sizes, key=sizes.__getitem__)


def unpack_column(payload: bytes, dtype: np.dtype[Any], rows: int) -> Array:
    """Inverse of `pack_column`. Raises CorruptStreamError."""
    kind = np.dtype("u1") if dtype.kind == "b" else dtype.newbyteorder("<")
    if not rows:
        if payload:
            raise CorruptStreamError("bytes of a column without rows", field="column", byte=0)
        return np.empty(0, dtype)
    if not payload:
        raise CorruptStreamError("the column is empty", field="column", byte=0)
    number, data = payload[0], payload[1:]
    if number in (CONSTANT, RAW):
        count = 1 if number == CONSTANT else rows
        if len(data) != count * kind.itemsize:
            raise CorruptStreamError(f"{len(data):,} bytes for {count:,} numbers", field="column", byte=1)
        values = np.frombuffer(data, kind)
        out = np.full(rows, values[0], kind) if number == CONSTANT else values.copy()
    elif number in METHODS:
        out = METHODS[number].unpack(data, kind, rows)
    else:
        raise CorruptStreamError(f"method {number} is not known", field="column", byte=0)
    return out.view(dtype) if dtype.kind == "b" else out.astype(dtype, copy=False)


def _pack_pcodec(values: Array) -> bytes:
    from pcodec import ChunkConfig, standalone

    config = ChunkConfig(compression_level=_PCODEC_LEVEL, enable_8_bit=True)
    return bytes(standalone.simple_compress(values, config))


def _unpack_pcodec(payload: bytes, dtype: np.dtype[Any], rows: int) -> Array:
    from pcodec import standalone

    out = np.zeros(rows, dtype)
    try:
        progress = standalone.simple_decompress_into(payload, out)
    except (RuntimeError, TypeError, ValueError) as error:
        raise CorruptStreamError(f"not a column of pcodec: {error}", field="column") from None
    if progress.n_processed != rows or not progress.finished:
        raise CorruptStreamError(f"not the numbers of {rows:,} rows", field="column")
    return out


def _pack_planes(values: Array) -> bytes:
    import zstandard

    width = values.dtype.itemsize
    planes = np.ascontiguousarray(values.view(np.uint8).reshape(-1, width).T).tobytes()
    level = _LEVEL if len(planes) <= _LARGE else _LEVEL_OF_LARGE
    made = zstandard.ZstdCompressor(level=level, write_checksum=False, write_content_size=False)
    return bytes(made.compress(planes))


def _unpack_planes(payload: bytes, dtype: np.dtype[Any], rows: int) -> Array:
    import zstandard

    size, width = rows * dtype.itemsize, dtype.itemsize
    inflate = zstandard.ZstdDecompressor(max_window_size=1 << 27).decompressobj(read_across_frames=False)
    raw = bytearray()
    try:
        for at in range(0, len(payload), 1 << 12):
            raw += inflate.decompress(payload[at : at + (1 << 12)])
            if len(raw) > size or (inflate.eof and at + (1 << 12) < len(payload)):
                raise CorruptStreamError(f"more than the numbers of {rows:,} rows", field="column")
    except zstandard.ZstdError as error:
        raise CorruptStreamError(f"not a frame of zstandard: {error}", field="column") from None
    if len(raw) != size or not inflate.eof or inflate.unused_data:
        raise CorruptStreamError(f"not the numbers of {rows:,} rows", field="column")
    planes = np.frombuffer(raw, np.uint8).reshape(width, rows)
    return np.ascontiguousarray(planes.T).reshape(-1).view(dtype)


def _pack_differences(values: Array) -> bytes:
    bits = values.view(f"<u{values.dtype.itemsize}")
    return _pack_planes(np.diff(bits, prepend=np.zeros(1, bits.dtype)))


def _unpack_differences(payload: bytes, dtype: np.dtype[Any], rows: int) -> Array:
    bits = np.dtype(f"<u{dtype.itemsize}")
    steps = _unpack_planes(payload, bits, rows)
    return np.asarray(np.cumsum(steps, dtype=bits)).view(dtype)


METHODS = {
    PCODEC: _Method(_pack_pcodec, _unpack_pcodec),
    PLANES: _Method(_pack_planes, _unpack_planes),
    DIFFERENCES: _Method(_pack_differences, _unpack_differences),
}
