"""Coordinates of Morton codes, compiled: as `cloud.morton.morton_decode`, without holding the interpreter."""

from __future__ import annotations

import numpy as np

from octavox.codec.arrays import Int32Array, Int64Array

from .jit import Int, inlined, njit


@inlined
def _gathered(code: Int) -> Int:
    """Every third bit, from the lowest on, side by side."""
    v = code & 0x1249249249249249
    v = (v | (v >> 2)) & 0x10C30C30C30C30C3
    v = (v | (v >> 4)) & 0x100F00F00F00F00F
    v = (v | (v >> 8)) & 0x001F0000FF0000FF
    v = (v | (v >> 16)) & 0x001F00000000FFFF
    v = (v | (v >> 32)) & 0x1FFFFF
    return v


@njit
def _decode(codes: Int64Array, coords: Int32Array) -> None:
    for i in range(codes.size):
        code = codes[i]
        coords[i, 0] = np.int32(_gathered(code >> 2))
        coords[i, 1] = np.int32(_gathered(code >> 1))
        coords[i, 2] = np.int32(_gathered(code))


def decode_codes(codes: Int64Array) -> Int32Array:
    """(n, 3) coordinates of codes (n,)."""
    coords = np.empty((len(codes), 3), np.int32)
    _decode(np.ascontiguousarray(codes), coords)
    return coords
