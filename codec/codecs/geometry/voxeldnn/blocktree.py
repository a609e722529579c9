"""The block tree: which 64-blocks of the cube are occupied, as an octree of occupancy bytes.

It is coded breadth-first, children in Morton order. Each child's bit is adaptive; its context is the child's
index and how many children before it are occupied. The last child of a node with seven empty ones is not
coded.
"""

from __future__ import annotations

import numpy as np

from octavox.codec.arrays import Int32Array
from octavox.codec.cloud.morton import distinct, morton_decode, morton_encode
from octavox.codec.coding.adaptive import decode_adaptive, encode_adaptive, new_models
from octavox.codec.coding.range_coder import RangeDecoder, RangeEncoder
from octavox.codec.errors import CorruptStreamError

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


def decode_tree(payload: bytes, levels: int, limit: int) -> Int32Array:
    """(B, 3) int32 nodes in Morton order. Raises CorruptStreamError, also for more than `limit` nodes."""
    coder, models = RangeDecoder(payload, "tree"), new_models(_CONTEXTS)
    codes = np.zeros(1, np.int64)
    for _ in range(levels):
        below: list[int] = []
        for code in codes.tolist():
            elder = 0
            for k in range(8):
                bit = 1
                if k < 7 or elder:
                    bits, _ = decode_adaptive(coder, models, np.array([k * 8 + min(elder, 7)], np.int32))
                    bit = int(bits[0])
                if bit:
                    elder += 1
                    below.append(code << 3 | k)
            if len(below) > limit:
                raise CorruptStreamError(f"more than the {limit} blocks that fit the slices", field="tree")
        codes = np.array(below, np.int64)
    coder.close()
    return morton_decode(codes)
