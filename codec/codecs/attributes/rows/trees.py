"""Trees of symbols: canonical Huffman codes, so that frequent symbols take few binary decisions."""

from __future__ import annotations

import heapq
from typing import NamedTuple

import numpy as np

from octavox.codec.arrays import Int32Array, Int64Array
from octavox.codec.errors import CorruptStreamError

MOST_LENGTH = 24
_RAREST = 1 << 12  # a symbol counts for at least one in so many rows


class Tree(NamedTuple):
    """codes, lengths: (symbols,) int64, the decisions of each symbol, the first one highest. children: (inner
    nodes, 2) int32 of each inner node, ~symbol where a code ends.
    """

    codes: Int64Array
    lengths: Int64Array
    children: Int32Array


def lengths_of(counts: Int64Array) -> list[int]:
    """The lengths of Huffman codes of at least two symbols."""
    least = max(int(counts.sum()) // _RAREST, 1)
    heap = [(max(int(n), least), k, [k]) for k, n in enumerate(counts)]
    heapq.heapify(heap)
    lengths = [0] * len(counts)
    while len(heap) > 1:
        (n, k, one), (m, _, other) = heapq.heappop(heap), heapq.heappop(heap)
        for symbol in one + other:
            lengths[symbol] += 1
        heapq.heappush(heap, (n + m, k, one + other))
    return lengths


def tree_of(lengths: list[int]) -> Tree:
    """The canonical code of these lengths. Raises CorruptStreamError where no full tree has them."""
    whole = 1 << MOST_LENGTH
    if any(not 1 <= n <= MOST_LENGTH for n in lengths) or sum(whole >> n for n in lengths) != whole:
        raise CorruptStreamError("no tree has leaves at these depths", field="params")
    codes = np.zeros(len(lengths), np.int64)
    code, before = 0, 0
    order = sorted(range(len(lengths)), key=lambda k: (lengths[k], k))
    nodes = {(0, 0): 0}
    children = np.zeros((len(lengths) - 1, 2), np.int32)
    for symbol in order:
        code <<= lengths[symbol] - before
        before = lengths[symbol]
        codes[symbol] = code
        _enter(children, nodes, code, before, symbol)
        code += 1
    return Tree(codes, np.array(lengths, np.int64), children)


def _enter(
    children: Int32Array, nodes: dict[tuple[int, int], int], code: int, length: int, symbol: int
) -> None:
    """Adds the path of a code; inner nodes are numbered as they are first met."""
    for depth in range(1, length):
        path = (depth, code >> (length - depth))
        if path not in nodes:
            nodes[path] = len(nodes)
            children[nodes[depth - 1, path[1] >> 1], path[1] & 1] = nodes[path]
    children[nodes[length - 1, code >> 1], code & 1] = ~symbol
