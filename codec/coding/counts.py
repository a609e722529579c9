"""How many points each voxel has, as adaptive bits: most have one, and neighbours in Morton order are alike.

A count is sent as the bits "more than 1", "more than 2", ... up to MOST_UNARY, each with a model chosen by
its place and by the count before. What is beyond follows as an Elias gamma code (Elias 1975), whose prefix
adapts.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from octavox.codec.errors import CorruptStreamError

from .adaptive import Models, decode_adaptive_bit, encode_adaptive_bit, new_models
from .jit import Int, njit
from .range_coder import PROB_ONE, Bytes, RangeDecoder, RangeEncoder, State, decode_bit, encode_bit

MOST_UNARY = 12
_BEFORE = 4  # the count before: 1, 2, 3, or more
_PREFIX = 48  # models of the prefix of a gamma code: counts below 2**48
_PART = 1 << 14  # counts between two looks at the room of the coder
_MOST_BITS = MOST_UNARY + 2 * _PREFIX

Counts = npt.NDArray[np.int64]


@njit
def _code(
    encoding: bool, coder: State, buf: Bytes, models: Models, counts: Counts, start: Int, end: Int
) -> None:
    """Codes counts[start:end], or fills them."""
    half = PROB_ONE >> 1
    before = counts[start - 1] if start else np.int64(1)
    for i in range(start, end):
        row: Int = (min(before, _BEFORE) - 1) * MOST_UNARY
        count = np.int64(1)
        more = np.int64(1)
        while more and count <= MOST_UNARY:
            if encoding:
                more = np.int64(counts[i] > count)
                encode_adaptive_bit(coder, buf, models, row + count - 1, more)
            else:
                more = np.int64(decode_adaptive_bit(coder, buf, models, row + count - 1))
            count += more
        if more:  # count is MOST_UNARY + 1 now: what is beyond follows
            rest = counts[i] - count + 1
            places = np.int64(0)
            while True:
                at: Int = _BEFORE * MOST_UNARY + places
                if encoding:
                    more = np.int64(rest >> (places + 1) != 0)
                    encode_adaptive_bit(coder, buf, models, at, more)
                else:
                    more = np.int64(decode_adaptive_bit(coder, buf, models, at))
                if not more or places == _PREFIX - 1:
                    break
                places += 1
            value = np.int64(1)
            for place in range(places - 1, -1, -1):
                if encoding:
                    bit = (rest >> place) & 1
                    encode_bit(coder, buf, bit, half)
                else:
                    bit = np.int64(decode_bit(coder, buf, half))
                value = (value << 1) | bit
            count += value - 1
        if not encoding:
            counts[i] = count
        before = counts[i]


def encode_counts(counts: Counts) -> bytes:
    """Counts (n,) int64, each from 1 to 2**40, as a payload."""
    coder, models = RangeEncoder(), new_models(_BEFORE * MOST_UNARY + _PREFIX)
    for start in range(0, len(counts), _PART):
        end = min(start + _PART, len(counts))
        coder.reserve(_MOST_BITS * (end - start))
        _code(True, coder.state, coder.buffer, models, counts, start, end)
    return coder.finish()


def decode_counts(payload: bytes, n: int, total: int) -> Counts:
    """Inverse of `encode_counts`: n counts, which add up to `total`. Raises CorruptStreamError."""
    coder, models = RangeDecoder(payload, "counts"), new_models(_BEFORE * MOST_UNARY + _PREFIX)
    counts, found = np.empty(n, np.int64), 0
    for start in range(0, n, _PART):
        end = min(start + _PART, n)
        _code(False, coder.state, coder.payload, models, counts, start, end)
        coder.check()
        found += int(np.minimum(counts[start:end], total + 1).sum())
        if found > total:
            break
    if found != total:
        raise CorruptStreamError(f"{found:,} points in the voxels instead of {total:,}", field="counts")
    coder.close()
    return counts
