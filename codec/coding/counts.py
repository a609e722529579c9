"""How many points each voxel has, as adaptive bits: most have one, and neighbours in Morton order are alike.

A count is sent as the bits "more than 1", "more than 2", ... up to MOST_UNARY, each with a model chosen by
its place and by the count before. What is beyond follows as an Elias gamma code (Elias 1975), whose prefix
adapts.
"""

from __future__ import annotations

import numpy as np

from octavox.codec.arrays import Int64Array, UInt16Array
from octavox.codec.errors import CorruptStreamError

from .adaptive import code_adaptive_bit, new_models
from .kernels.jit import Int, njit
from .range_coder import PROB_ONE, BitCoder, RangeDecoder, RangeEncoder, code_bit

MOST_UNARY = 12
_BEFORE = 4  # the count before: 1, 2, 3, or more
_PREFIX = 48  # models of the prefix of a gamma code: counts below 2**48
_PART = 1 << 14  # counts between two looks at the room of the coder
_MOST_BITS = MOST_UNARY + 2 * _PREFIX
_HALF = PROB_ONE >> 1


@njit
def _code_rest(coder: BitCoder, models: UInt16Array, rest: Int) -> Int:
    """Codes a number of at least 1 as an Elias gamma code, and returns it."""
    places = np.int64(0)
    while places < _PREFIX - 1:
        at = _BEFORE * MOST_UNARY + places
        if not code_adaptive_bit(coder, models, at, np.int64(rest >> (places + 1) != 0)):
            break
        places += 1
    value = np.int64(1)
    for place in range(places - 1, -1, -1):
        value = (value << 1) | code_bit(coder, (rest >> place) & 1, _HALF)
    return value


@njit
def _code(coder: BitCoder, models: UInt16Array, counts: Int64Array, start: Int, end: Int) -> None:
    """Codes counts[start:end], or fills them in."""
    before = counts[start - 1] if start else np.int64(1)
    for i in range(start, end):
        row: Int = (min(before, _BEFORE) - 1) * MOST_UNARY
        count: Int = np.int64(1)
        while count <= MOST_UNARY:
            if not code_adaptive_bit(coder, models, row + count - 1, np.int64(counts[i] > count)):
                break
            count += 1
        if count > MOST_UNARY:
            count = MOST_UNARY + _code_rest(coder, models, counts[i] - MOST_UNARY)
        counts[i] = before = count


def encode_counts(counts: Int64Array) -> bytes:
    """Counts (n,) int64, each from 1 to 2**40, as a payload."""
    coder, models = RangeEncoder(), new_models(_BEFORE * MOST_UNARY + _PREFIX)
    counts = counts.copy()
    for start in range(0, len(counts), _PART):
        end = min(start + _PART, len(counts))
        coder.reserve(_MOST_BITS * (end - start))
        _code(BitCoder(True, coder.state, coder.buffer), models, counts, start, end)
    return coder.finish()


def decode_counts(payload: bytes, n: int, total: int) -> Int64Array:
    """Inverse of `encode_counts`: n counts, which add up to `total`. Raises CorruptStreamError."""
    coder, models = RangeDecoder(payload, "counts"), new_models(_BEFORE * MOST_UNARY + _PREFIX)
    counts, found = np.zeros(n, np.int64), 0
    for start in range(0, n, _PART):
        end = min(start + _PART, n)
        _code(BitCoder(False, coder.state, coder.payload), models, counts, start, end)
        coder.check()
        found += int(np.minimum(counts[start:end], total + 1).sum())
        if found > total:
            break
    if found != total:
        raise CorruptStreamError(f"{found:,} points in the voxels instead of {total:,}", field="counts")
    coder.close()
    return counts
