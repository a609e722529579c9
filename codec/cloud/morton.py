"""Morton order of voxels: x is the most significant axis (bit 3b + 2), then y (3b + 1), then z (3b)."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from octavox.codec.arrays import IntArray

from .cloud import MAX_DEPTH

CodeArray = npt.NDArray[np.int64]

# Each step doubles the distance between groups of bits (21 bits to every third of 63).
_SPREAD = (
    (32, 0x001F00000000FFFF),
    (16, 0x001F0000FF0000FF),
    (8, 0x100F00F00F00F00F),
    (4, 0x10C30C30C30C30C3),
    (2, 0x1249249249249249),
)
_AXIS_MASK = (1 << MAX_DEPTH) - 1
_LOW_BITS = 12  # what a table spreads at once: 32 kB
_PART = 1 << 14  # codes whose steps stay in the processor's cache


def spread_bits(values: npt.ArrayLike) -> CodeArray:
    """(...) integers below 2**21 -> int64 with bit b at bit 3b."""
    v = np.asarray(values).astype(np.int64)
    for shift, mask in _SPREAD:
        v = (v | (v << shift)) & mask
    return np.asarray(v, np.int64)


_TABLE = spread_bits(np.arange(1 << _LOW_BITS))


def _spread(values: npt.NDArray[np.integer[Any]], depth: int) -> CodeArray:
    """`spread_bits` of (N,) integers below 2**depth, by table."""
    if depth <= _LOW_BITS:
        return np.asarray(_TABLE[values], np.int64)
    values = values.astype(np.int64)  # a narrow type cannot hold the mask
    return np.asarray(
        _TABLE[values & ((1 << _LOW_BITS) - 1)] | (_TABLE[values >> _LOW_BITS] << (3 * _LOW_BITS)), np.int64
    )


def gather_bits(codes: npt.ArrayLike) -> CodeArray:
    """Inverse of `spread_bits`: (...) int64, bit 3b -> bit b; other bits are ignored."""
    v = np.asarray(codes, np.int64) & _SPREAD[-1][1]
    masks = [mask for _, mask in _SPREAD[-2::-1]] + [_AXIS_MASK]
    for (shift, _), mask in zip(_SPREAD[::-1], masks, strict=True):
        v = (v | (v >> shift)) & mask
    return np.asarray(v, np.int64)


def morton_encode(coords: npt.ArrayLike, depth: int = MAX_DEPTH) -> CodeArray:
    """(N, 3) integers in [0, 2**depth) -> (N,) int64 codes below 8**depth.

    Raises ValueError for another shape, type or depth, or a coordinate out of range.
    """
    xyz = np.asarray(coords)
    if xyz.size and xyz.dtype.kind not in "iu":
        raise ValueError(f"coordinates are integers, not {xyz.dtype}")
    if xyz.ndim != 2 or xyz.shape[1] != 3:
        raise ValueError(f"coordinates must have shape (N, 3), not {xyz.shape}")
    if not 0 <= depth <= MAX_DEPTH:
        raise ValueError(f"depth {depth} is outside [0, {MAX_DEPTH}]")
    if len(xyz) and (xyz.min() < 0 or int(xyz.max()) >= 1 << depth):
        raise ValueError(f"coordinate outside [0, 2**{depth})")
    codes = np.empty(len(xyz), np.int64)
    for first in range(0, len(xyz), _PART):
        part = xyz[first : first + _PART]
        x, y, z = (_spread(part[:, axis], depth) for axis in range(3))
        codes[first : first + _PART] = (x << 2) | (y << 1) | z
    return codes


def morton_decode(codes: npt.ArrayLike) -> IntArray:
    """(N,) int64 codes -> (N, 3) int32 coordinates."""
    code = np.asarray(codes, np.int64)
    coords = np.empty((len(code), 3), np.int32)
    for first in range(0, len(code), _PART):
        part = code[first : first + _PART]
        for axis in range(3):
            coords[first : first + _PART, axis] = gather_bits(part >> (2 - axis))
    return coords


def is_morton_sorted(coords: npt.ArrayLike, depth: int = MAX_DEPTH) -> bool:
    """Whether (N, 3) coordinates are unique and in Morton order. Raises as `morton_encode`."""
    code = morton_encode(coords, depth)
    return bool(np.all(code[1:] > code[:-1]))


def distinct(codes: CodeArray) -> CodeArray:
    """(N,) integers sorted and without repeats.

    np.unique hashes them instead, which takes up to 90 times as long and holds the interpreter all the while.
    """
    ordered = np.sort(codes)
    first = np.ones(len(ordered), bool)
    first[1:] = ordered[1:] != ordered[:-1]
    return ordered[first]


def sort_unique(coords: npt.ArrayLike, depth: int = MAX_DEPTH) -> IntArray:
    """(N, 3) integers in [0, 2**depth) -> (M, 3) int32, duplicates dropped, in Morton order.

    Raises as `morton_encode`.
    """
    return morton_decode(distinct(morton_encode(coords, depth)))


def near_blocks(codes: CodeArray, part: CodeArray, block_bits: int) -> npt.NDArray[np.bool_]:
    """Which of sorted codes (n,) lie in, or beside, blocks of edge 2**block_bits that hold some part (m,)."""
    wanted = morton_decode(distinct(part >> 3 * block_bits)).astype(np.int64)
    steps = np.stack(np.meshgrid(*[np.arange(-1, 2)] * 3, indexing="ij"), -1).reshape(-1, 3)
    around = (wanted[:, None] + steps).reshape(-1, 3)
    inside = ((around >= 0) & (around < 1 << MAX_DEPTH)).all(1)
    blocks = codes >> 3 * block_bits
    first = np.flatnonzero(np.diff(blocks, prepend=-1))
    found = np.isin(blocks[first], morton_encode(around[inside]))
    return np.repeat(found, np.diff(np.append(first, len(codes))))
