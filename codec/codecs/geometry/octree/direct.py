"""Isolated points coded directly, as in G-PCC's direct coding mode (ISO/IEC 23090-9).

A node without neighbours has an empty window, so its contexts predict nothing and learn nothing: where a
cloud is sparse, most bits of its deep levels belong to such nodes and are as good as random. From a level on
that the stream names, a flag says whether such a node holds a single voxel. After a 1 the place of that voxel
in the node, its *remaining code*, follows with three bits a level, each of probability 1/2, and no bit of the
levels below is coded for the node. A remaining code is the Morton code of the voxel within the node.
Where the stream says which sensor scanned the cloud, `beams` codes that place. docs/octree-codec.md
specifies it.
"""

from __future__ import annotations

import numpy as np

from octavox.codec.arrays import Float64Array, UInt16Array
from octavox.codec.cloud.cloud import MAX_DEPTH
from octavox.codec.coding.adaptive import adaptive_p1, code_adaptive_bit, new_models
from octavox.codec.coding.kernels.jit import Int, inlined, njit
from octavox.codec.coding.range_coder import PROB_BITS, PROB_ONE, BitCoder, code_bit

from .beams import Beams, code_by_beams

NEVER = MAX_DEPTH  # no level has this number
LEVEL_BITS = 3  # of a remaining code, for each level
MOST_BITS = 1 + LEVEL_BITS * MAX_DEPTH  # that a node takes at once
_HALF = PROB_ONE >> 1


def flag_models() -> UInt16Array:
    """The adaptive models of a slice's flags, by levels below the node's children."""
    return new_models(MAX_DEPTH)


@njit
def code_remaining(
    coder: BitCoder,
    flags: UInt16Array,
    beams: Beams,
    key: Int,
    below: Int,
    known: Int,
    costs: Float64Array,
    owner: Int,
) -> Int:
    """Codes whether an isolated node holds a single voxel, and its remaining code; returns that, or -1.

    key: of the node. below: levels below its children. known: what an encoder codes, else unused. The flag's
    code length is added to costs[owner]; the bits of the remaining code belong to their levels, 3 bits each,
    or with a sensor to this one.
    """
    p1 = adaptive_p1(flags, below)
    flag = code_adaptive_bit(coder, flags, below, np.int64(known >= 0))
    costs[owner] += PROB_BITS - np.log2(p1 if flag else PROB_ONE - p1)
    if not flag:
        return np.int64(-1)
    if beams.place.size:
        return np.int64(code_by_beams(coder, beams, key, below, known, costs, owner))
    found = np.int64(0)
    for at in range(LEVEL_BITS * (below + 1) - 1, -1, -1):
        found = (found << 1) | code_bit(coder, (known >> at) & 1, _HALF)
    return found


@inlined
def child_holding(remaining_code: Int, below: Int) -> Int:
    """The octant of the child that holds the voxel."""
    return remaining_code >> (LEVEL_BITS * below)


@inlined
def remaining_below(remaining_code: Int, below: Int) -> Int:
    """The remaining code of the voxel in that child."""
    return remaining_code & ((np.int64(1) << (LEVEL_BITS * below)) - 1)
