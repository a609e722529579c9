"""LZF (Marc Lehmann's liblzf), the compression of PCD files: bytes, and references to earlier bytes.

What is packed equals, byte for byte, what the Point Cloud Library makes of the same data: a table of 2**13
places, no search, and references of at most 264 bytes.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .kernels.jit import Int, njit

_BITS = 13
_SHORTEST = 3
_REACH = 1 << 13  # how far back a reference goes
_LONGEST = 264
_RUN = 32  # bytes that stand for themselves in one go

Bytes = npt.NDArray[np.uint8]


def decompress(packed: Bytes, size: int) -> Bytes | None:
    """The `size` bytes that were packed; None for data that no packer makes. packed: (M,) uint8."""
    out = np.empty(size, np.uint8)
    return out if _unpack(packed, out) == size else None


def compress(data: Bytes) -> Bytes:
    """data packed, (M,) uint8; at most a 32nd longer."""
    out = np.empty(len(data) + len(data) // _RUN + 16, np.uint8)
    table = np.full(1 << _BITS, -1, np.int64)
    return out[: _pack(data, out, table)].copy()


@njit
def _unpack(packed: Bytes, out: Bytes) -> Int:
    """How many bytes were made; -1 for a reference out of range, or more bytes than `out` holds."""
    at: Int = 0
    made: Int = 0
    end, size = len(packed), len(out)
    while at < end:
        control = np.int64(packed[at])
        at += 1
        if control < 32:
            count = control + 1
            if at + count > end or made + count > size:
                return -1
            for k in range(count):
                out[made + k] = packed[at + k]
            at += count
        else:
            count = control >> 5
            if count == 7:
                if at >= end:
                    return -1
                count += np.int64(packed[at])
                at += 1
            if at >= end:
                return -1
            first = made - ((control & 31) << 8) - np.int64(packed[at]) - 1
            at += 1
            count += 2
            if first < 0 or made + count > size:
                return -1
            for k in range(count):
                out[made + k] = out[first + k]
        made += count
    return made


@njit
def _slot(data: Bytes, at: Int) -> Int:
    """Where the table has the three bytes from `at` on."""
    key = (np.int64(data[at]) << 16) | (np.int64(data[at + 1]) << 8) | np.int64(data[at + 2])
    return ((key >> (24 - _BITS)) - key) & ((1 << _BITS) - 1)


@njit
def _match(data: Bytes, before: Int, at: Int) -> Int:
    """How many bytes from `at` on are those from `before` on; 0 for fewer than three, or too far back."""
    if before <= 0 or at - before > _REACH:
        return 0
    count: Int = 0
    most = max(min(len(data) - at - 2, _LONGEST), _SHORTEST)  # liblzf leaves the last two bytes
    while count < most and data[before + count] == data[at + count]:
        count += 1
    return count if count >= _SHORTEST else 0


@njit
def _pack(data: Bytes, out: Bytes, table: npt.NDArray[np.int64]) -> Int:
    """Fills `out`; how many bytes it has. table: (2**_BITS,) of -1, where three bytes were last seen."""
    size = len(data)
    at: Int = 0
    made: Int = 0
    waiting: Int = 0  # bytes before `at` that stand for themselves
    while at < size:
        count: Int = 0
        found: Int = 0
        if at + 2 < size:
            slot = _slot(data, at)
            found = table[slot]
            table[slot] = at
            count = _match(data, found, at)
        if not count:
            at += 1
            waiting += 1
            if waiting == _RUN or at == size:
                made = _literals(data, at, waiting, out, made)
                waiting = 0
            continue
        if waiting:
            made = _literals(data, at, waiting, out, made)
            waiting = 0
        made = _reference(out, made, at - found - 1, count - 2)
        at += count
        if at + 2 < size:  # of the bytes passed over, the last ones alone enter the table
            table[_slot(data, at - 1)] = at - 1
    return made


@njit
def _literals(data: Bytes, at: Int, count: Int, out: Bytes, made: Int) -> Int:
    """Writes the `count` bytes before `at` as they are; how many bytes `out` has then."""
    out[made] = count - 1
    for k in range(count):
        out[made + 1 + k] = data[at - count + k]
    return made + 1 + count


@njit
def _reference(out: Bytes, made: Int, back: Int, length: Int) -> Int:
    """Writes a reference; how many bytes `out` has then. length: less 2."""
    if length < 7:
        out[made] = (length << 5) | (back >> 8)
        made += 1
    else:
        out[made] = (7 << 5) | (back >> 8)
        out[made + 1] = length - 7
        made += 2
    out[made] = back & 255
    return made + 1
