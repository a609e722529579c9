"""How a cloud is cut into slices: runs of 64-blocks in Morton order, of a bounded number of points."""

from __future__ import annotations

import numpy as np

from octavox.codec.arrays import Int64Array
from octavox.codec.cloud.morton import CodeArray

BLOCK_BITS = 6  # log2 of a block's edge
SLICE_POINTS = 1_500_000  # the most points of a slice that an encoder makes
MAX_SLICE_POINTS = 1 << 22  # the most that a decoder accepts, which limits the memory of a slice
MAX_SLICES = 256  # that a caller may ask for
SLICE_BYTES = (
    1 << 18
)  # a slice that costs no more than 0.5 % of its bytes has so many; measured on sparse clouds
MOST_BY_BYTES = 64  # slices that nobody asked for
_WINDOW = 0.1  # how far a cut may move from the even one, in slices, to reach a coarser boundary


def slices_by_bytes(codes: CodeArray) -> int:
    """Into how many slices of SLICE_BYTES or more sorted Morton codes (N,) can be cut.

    An estimate from below: where nodes have fewer than two children on average, nothing foretells which child
    is occupied, and it takes three bits. Levels of dense surfaces count nothing.
    """
    bits, nodes = 0, codes
    while len(nodes) > 1:
        parents = nodes >> 3
        parents = parents[np.append(True, parents[1:] != parents[:-1])]
        if len(nodes) < 2 * len(parents):
            bits += 3 * len(nodes)
        nodes = parents
    return max(min(bits // (8 * SLICE_BYTES), MOST_BY_BYTES), 1)


def split_slices(codes: CodeArray, limit: int = SLICE_POINTS, wanted: int = 1) -> Int64Array:
    """Bounds (S + 1,) of the slices in sorted Morton codes (N,): slice k is codes[bounds[k] : bounds[k + 1]].

    Each slice holds whole 64-blocks and at most `limit` points, or a single block. wanted: number of slices,
    unless `limit` asks for more, or there are fewer blocks. Of the possible cuts near an even division, the
    one on the coarsest octree boundary is chosen: it separates the fewest neighbours.
    """
    if not len(codes):
        return np.zeros(1, np.int64)
    blocks = codes >> (3 * BLOCK_BITS)
    cuts = np.flatnonzero(blocks[1:] != blocks[:-1]) + 1
    height = np.bitwise_xor(blocks[cuts], blocks[cuts - 1])
    bounds = [0]
    while len(cuts) and cuts[-1] > bounds[-1]:
        left, missing = len(codes) - bounds[-1], wanted + 1 - len(bounds)
        parts = max(-(-left // limit), missing)
        if parts == 1:
            break
        # Where more slices are wanted than `limit` asks for, none is much larger than the others.
        most = min(limit, -(-12 * left // (10 * parts))) if parts == missing else limit
        bounds.append(_next_cut(cuts, height, bounds[-1], bounds[-1] + left / parts, most))
    return np.array([*bounds, len(codes)], np.int64)


def _next_cut(cuts: Int64Array, height: Int64Array, start: int, even: float, limit: int) -> int:
    """The cut near `even` that ends the slice that begins at `start`. height: (C,) larger on coarser
    boundaries."""
    low = np.searchsorted(cuts, max(even - _WINDOW * limit, start + 1))
    high = np.searchsorted(cuts, min(even + _WINDOW * limit, start + limit), side="right")
    if low < high:
        return int(cuts[low + int(np.argmax(height[low:high]))])
    last = int(np.searchsorted(cuts, start + limit, side="right")) - 1
    if last < 0 or cuts[last] <= start:  # the next block alone exceeds the limit
        last = int(np.searchsorted(cuts, start, side="right"))
    return int(cuts[last])
