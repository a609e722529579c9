"""The block tree: which 64-blocks of the cube are occupied, as an octree of occupancy bytes.

It is coded breadth-first, children in Morton order. Each child's bit is adaptive; its context is the child's
index and how many children before it are occupied. The last child of a node with seven empty ones is not
coded.
"""

from __future__ import annotations

import numpy as np

from octavox.codec.arrays import Int32Array, Int64Array, UInt16Array
from octavox.codec.cloud.morton import distinct, morton_decode, morton_encode
from octavox.codec.coding.adaptive import code_adaptive_bit, encode_adaptive, new_models
from octavox.codec.coding.kernels.jit import Int, njit
from octavox.codec.coding.range_coder import BitCoder, RangeDecoder, RangeEncoder
from octavox.codec.errors import CorruptStreamError
from octavox.codec.job import PART, JobContext

_CONTEXTS = 64


def encode_tree(nodes: Int32Array, levels: int) -> bytes:
    """nodes (B, 3), unique, Morton order, below 2**levels -> payload."""
    codes = morton_encode(nodes, max(levels, 1))
    coder, models = RangeEncoder(), new_models(_CONTEXTS)
    for level in range(levels):
        children = distinct(codes >> 3 * (levels - 1 - level))
        parent, index = np.unique(children >> 3, return_inverse=True)
        occupied = np.zeros((len(parent), 8), np.uint8)
        occupied[index, children & 7] = 1
        elder = np.cumsum(occupied, 1) - occupied
        coded = np.ones(occupied.shape, bool)
        coded[:, 7] = elder[:, 7] > 0
        context = np.arange(8) * 8 + np.minimum(elder, 7)
        encode_adaptive(coder, models, occupied[coded], context[coded].astype(np.int32))
    return coder.finish()


def decode_tree(payload: bytes, levels: int, limit: int, job: JobContext) -> Int32Array:
    """(B, 3) int32 nodes in Morton order.

    Raises CorruptStreamError, also for more than `limit` nodes; CancelledError.
    """
    coder, models = RangeDecoder(payload, "tree"), new_models(_CONTEXTS)
    codes, room = np.zeros(1, np.int64), np.empty(8 * PART, np.int64)
    for _ in range(levels):
        below, count = [], 0
        for part in job.parts(len(codes)):
            own = codes[part]
            found = int(_decode_children(coder.bit_coder(8 * len(own)), models, own, room))
            coder.check()
            below.append(room[:found].copy())
            count += found
            if count > limit:
                raise CorruptStreamError(f"more than the {limit} blocks that fit the slices", field="tree")
        codes = np.concatenate(below)
    coder.close()
    return morton_decode(codes)


@njit
def _decode_children(coder: BitCoder, models: UInt16Array, nodes: Int64Array, below: Int64Array) -> Int:
    """Fills in the codes of the occupied children of nodes; how many there are."""
    count = 0
    for i in range(len(nodes)):
        elder = 0
        for k in range(8):
            bit: Int = 1
            if k < 7 or elder > 0:
                bit = code_adaptive_bit(coder, models, k * 8 + min(elder, 7), 0)
            if bit != 0:
                elder += 1
                below[count] = nodes[i] << 3 | k
                count += 1
    return count
