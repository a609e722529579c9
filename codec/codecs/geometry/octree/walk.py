"""The coding loop: the children of a level's nodes in raster order. One function encodes and decodes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from octavox.codec.codecs.geometry.multiscale.head import PART_BITS, Guide, begin_child, child_logit
from octavox.codec.coding.adaptive import Models
from octavox.codec.coding.jit import Int, inlined, njit
from octavox.codec.coding.logistic import STRETCH_OFFSET, squash_table
from octavox.codec.coding.range_coder import PROB_ONE, Bytes, State, decode_bit, encode_bit, overrun

from .contexts import NEAR_SHIFT, Words, fill_words, popcount, window_of
from .cursor import CHILDREN, NODE, ROW_END, X_BIT, Y_BIT, next_row
from .direct import LEVEL_BITS, code_tail, next_child, rest_of
from .levels import X_SHIFT, Y_SHIFT, Nodes, Occupancy
from .mixing import Mixing, gather, learn, predict, prepare
from .neighbours import ALONE, Neighbours

# What a call of `walk` ended with.
MORE, DONE, OVERRUN, TOO_MANY = 0, 1, 2, 3

# What a child was coded with: twice the stretched probability of a 1, plus the bit; or one of these.
Trace = npt.NDArray[np.int16]
UNTOLD, IMPLIED, DIRECT = -32768, 32767, 32766
NO_TRACE: Trace = np.empty(0, np.int16)

BITS_PER_VISIT = 2
CHILDREN_PER_VISIT = 2
MAX_LEVEL_CLASS = 15
PART_NODES = PART_BITS // 2  # nodes of a row that are prepared together

_SQUASH = squash_table()


def code_lengths() -> npt.NDArray[np.float64]:
    """(n,) float64: -log2 p of a 1 at each stretched probability, and of a 0 at its negative."""
    return -np.log2(_SQUASH.astype(np.float64) / PROB_ONE)


@inlined
def _prepare_part(
    m: Mixing,
    table_bits: Int,
    level: Int,
    nodes: Nodes,
    around: Neighbours,
    occ: Bytes,
    guide: Guide | None,
    cursor: Words,
    end: Int,
) -> None:
    """What the children of the nodes from the cursor to `end`, which lie in its row, can know before it."""
    start, xb, yb = cursor[NODE], cursor[X_BIT], cursor[Y_BIT]
    for i in range(start, end):
        if nodes.tail.size and nodes.tail[i] >= 0:
            continue
        mask = np.int64(around.mask[i])
        window = window_of(occ, around.first, mask, i, xb, yb)
        crowd = popcount(mask) >> 1
        for zb in range(2):
            parity, t = (xb << 2) | (yb << 1) | zb, 2 * (i - start) + zb
            fill_words(window, mask, np.int64(occ[i]), parity, level, crowd, nodes.key[i], m.words)
            prepare(m, t, table_bits)
            if guide is not None:
                near = (m.words[2] >> NEAR_SHIFT) & 0xFFF
                begin_child(guide, t, i, parity, m.words[0], near)


@inlined
def _add_child(
    encoding: bool,
    nodes: Nodes,
    truth: Occupancy,
    children: Nodes,
    cursor: Words,
    i: Int,
    parity: Int,
    tail: Int,
) -> None:
    """Enters child `parity` = 4x + 2y + z of node i. tail: of the child, if its level has them."""
    n = cursor[CHILDREN]
    xb, yb, zb = parity >> 2, (parity >> 1) & 1, parity & 1
    children.key[n] = (nodes.key[i] << 1) | (xb << X_SHIFT) | (yb << Y_SHIFT) | zb
    children.owner[n] = nodes.owner[i]
    if encoding:
        source = nodes.source[i]
        before = np.int64(truth.bits[source]) & ((1 << parity) - 1)
        children.source[n] = truth.first[source] + popcount(before)
    if children.tail.size:
        children.tail[n] = tail
    cursor[CHILDREN] = n + 1


@inlined
def _code_direct(
    encoding: bool,
    coder: State,
    buf: Bytes,
    flags: Models,
    below: Int,
    nodes: Nodes,
    around: Neighbours,
    truth: Occupancy,
    costs: npt.NDArray[np.float64],
    i: Int,
) -> None:
    """Finds the tail of node i, before its first child."""
    if nodes.tail[i] < 0 and around.mask[i] == ALONE:
        known = truth.tail[nodes.source[i]] if encoding else np.int64(-1)
        nodes.tail[i] = code_tail(encoding, coder, buf, flags, below, known, nodes.owner[i], costs)
    if nodes.tail[i] >= 0:
        costs[nodes.owner[i]] += LEVEL_BITS


@njit
def walk(
    encoding: bool,
    coder: State,
    buf: Bytes,
    m: Mixing,
    table_bits: Int,
    below: Int,
    nodes: Nodes,
    around: Neighbours,
    guide: Guide | None,
    truth: Occupancy,
    flags: Models,
    occ: Bytes,
    children: Nodes,
    costs: npt.NDArray[np.float64],
    lengths: npt.NDArray[np.float64],
    trace: Trace,
    cursor: Words,
    visits: Int,
    limit: Int,
) -> Int:
    """Codes up to `visits` pairs of children from the cursor on, and returns MORE, DONE or what went wrong.

    below: levels below the children. nodes: of those that turn out to be direct, the tail is entered. guide:
    the network at this level, whose logit is one more input of the mixers. flags: see `direct`. buf: output
    of an encoder, with room for 4 bytes a bit; payload of a decoder. occ: (n + PADDING,) children coded so
    far. children: filled from cursor[CHILDREN] on, with room for 2 a visit, up to `limit` in all. costs: code
    lengths by owner. lengths: as `code_lengths`. trace: (8 n,) what each child was coded with, see `Trace`;
    empty: not wanted.
    """
    left = np.int64(visits)
    level, direct = min(below, MAX_LEVEL_CLASS), nodes.tail.size > 0
    while True:
        xb, yb = cursor[X_BIT], cursor[Y_BIT]
        start = cursor[NODE]
        end = min(cursor[ROW_END], start + min(left, PART_NODES))
        left -= end - start
        _prepare_part(m, table_bits, level, nodes, around, occ, guide, cursor, end)
        for i in range(start, end):
            if direct:
                if xb | yb == 0:
                    _code_direct(encoding, coder, buf, flags, below, nodes, around, truth, costs, i)
                tail = nodes.tail[i]
                if tail >= 0:
                    parity = next_child(tail, below)
                    if parity >> 1 == (xb << 1) | yb:
                        if cursor[CHILDREN] >= limit:
                            return TOO_MANY
                        rest = rest_of(tail, below)
                        if trace.size:
                            trace[8 * i + parity] = DIRECT
                        _add_child(encoding, nodes, truth, children, cursor, i, parity, rest)
                    continue
            row = np.int64(0)  # the two voxels before the next one
            if i > 0 and nodes.key[i - 1] + 1 == nodes.key[i]:
                row = (np.int64(occ[i - 1]) >> ((xb << 2) | (yb << 1))) & 3
            for zb in range(2):
                parity = (xb << 2) | (yb << 1) | zb
                own = np.int64(occ[i])
                if parity == 7 and own == 0:
                    bit = np.int64(1)  # a node without children does not exist
                    if trace.size:
                        trace[8 * i + parity] = IMPLIED
                else:
                    t = 2 * (i - start) + zb
                    more: Int = np.int64(0)
                    if guide is not None:
                        more = child_logit(guide, t, parity, row)
                    look = gather(m, t, row, more)
                    said = predict(m, look, parity)
                    x = said.x
                    p1 = np.int64(_SQUASH[x + STRETCH_OFFSET])
                    if encoding:
                        bit = (np.int64(truth.bits[nodes.source[i]]) >> parity) & 1
                        encode_bit(coder, buf, bit, p1)
                    else:
                        bit = np.int64(decode_bit(coder, buf, p1))
                    learn(m, t, row, look, said, parity, bit)
                    costs[nodes.owner[i]] += lengths[(x if bit else -x) + STRETCH_OFFSET]
                    if trace.size:
                        trace[8 * i + parity] = 2 * x + bit
                row = (row >> 1) | (bit << 1)
                if bit:
                    if cursor[CHILDREN] >= limit:
                        return TOO_MANY
                    occ[i] = np.uint8(own | (1 << parity))
                    _add_child(encoding, nodes, truth, children, cursor, i, parity, -1)
        cursor[NODE] = end
        if end == cursor[ROW_END] and not next_row(cursor, nodes.key):
            return DONE
        if not encoding and overrun(coder, buf) > 8:
            return OVERRUN
        if left <= 0:
            return MORE
