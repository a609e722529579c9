"""Codes voxels without context: one flag for many of them, then a binary search for the occupied ones.

The ideal code length equals that of coding each voxel with its own probability. But it takes far fewer bits
to code: some 240,000 voxels of a 64-block have no occupied voxel in their window, and nearly all steps of the
wavefront need only the one flag. A range is given by prefix sums of the code lengths of zeros.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from octavox.codec.arrays import Int64Array

from .costs import some_p1, some_p1_given


def locate(prefix: Int64Array, choose: Callable[[int, int, int], int]) -> Iterator[int]:
    """Yields the indices of the ones among n voxels, the caller having coded that there is at least one.

    prefix: (n + 1,) prefix sums. choose(p1, low, high) codes whether [low, high) holds a one, and returns
    that bit: the encoder looks it up, the decoder decodes it.
    """
    stack = [(0, len(prefix) - 1, True)]  # range, and whether it is known to hold a one
    while stack:
        low, high, known = stack.pop()
        cost = int(prefix[high] - prefix[low])
        if not known and (low == high or not choose(some_p1(cost), low, high)):
            continue
        if high - low == 1:
            yield low
            continue
        middle = (low + high) // 2
        left = choose(some_p1_given(int(prefix[middle] - prefix[low]), cost), low, middle)
        stack.append((middle, high, not left))
        if left:
            stack.append((low, middle, True))
