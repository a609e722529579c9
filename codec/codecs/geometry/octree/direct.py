"""Isolated points coded directly, as in G-PCC's direct coding mode (ISO/IEC 23090-9).

A node without neighbours teaches and learns nothing: where a cloud is sparse, most bits of its deep levels
are such nodes' and as good as random. From the level on that the stream names, a flag says of such a node
whether it holds a single voxel; that voxel's place in it, its *tail*, follows as it is, three bits a level,
and no bit of the levels below is coded for it. A tail is the Morton code of the voxel within the node.
docs/octree-codec.md specifies it.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from octavox.codec.cloud.cloud import MAX_DEPTH
from octavox.codec.coding.adaptive import Models, adaptive_p1, adaptive_update, new_models
from octavox.codec.coding.jit import Int, inlined, njit
from octavox.codec.coding.range_coder import PROB_BITS, PROB_ONE, Bytes, State, decode_bit, encode_bit

NEVER = MAX_DEPTH  # no level has this number
LEVEL_BITS = 3  # of a tail, for each level
MOST_BITS = 1 + LEVEL_BITS * MAX_DEPTH  # that a node takes at once


def flag_models() -> Models:
    """Of a slice, by levels below the node's children."""
    return new_models(MAX_DEPTH)


@njit
def code_tail(
    encoding: bool,
    coder: State,
    buf: Bytes,
    flags: Models,
    below: Int,
    tail: Int,
    owner: Int,
    costs: npt.NDArray[np.float64],
) -> Int:
    """Codes whether an isolated node holds a single voxel, and its tail; returns that, or -1.

    below: levels below the node's children. tail: the same for an encoder. The flag's code length is added to
    costs[owner]; that of the tail belongs to its levels, 3 bits each.
    """
    p1 = adaptive_p1(flags, below)
    half = PROB_ONE >> 1
    if encoding:
        flag = np.int64(tail >= 0)
        encode_bit(coder, buf, flag, p1)
    else:
        flag = np.int64(decode_bit(coder, buf, p1))
    adaptive_update(flags, below, flag)
    costs[owner] += PROB_BITS - np.log2(p1 if flag else PROB_ONE - p1)
    if not flag:
        return -1
    found = np.int64(0)
    for at in range(LEVEL_BITS * (below + 1) - 1, -1, -1):
        if encoding:
            bit = (tail >> at) & 1
            encode_bit(coder, buf, bit, half)
        else:
            bit = np.int64(decode_bit(coder, buf, half))
        found = (found << 1) | bit
    return found


@inlined
def next_child(tail: Int, below: Int) -> Int:
    """Which child of its node the voxel is in."""
    return tail >> (LEVEL_BITS * below)


@inlined
def rest_of(tail: Int, below: Int) -> Int:
    """The tail in that child."""
    return tail & ((np.int64(1) << (LEVEL_BITS * below)) - 1)
