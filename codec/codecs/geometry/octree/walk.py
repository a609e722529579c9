"""The coding loop: the children of a level's nodes in raster order. One function encodes and decodes.

The loop is compiled around two functions of a predictor, see `make_walk`. `walk_alone` has none.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from octavox.codec.arrays import Float64Array, Int16Array
from octavox.codec.coding.kernels.jit import Int, inlined, njit, with_functions
from octavox.codec.coding.logistic import STRETCH_OFFSET, squash_table
from octavox.codec.coding.range_coder import MAX_OVERRUN, PROB_ONE, BitCoder, code_bit, overrun

from .contexts import NEAR_SHIFT, NodeFacts, fill_words, popcount, window_of
from .cursor import CHILDREN, NODE, ROW_END, X_BIT, Y_BIT, next_row
from .direct import LEVEL_BITS, child_holding, code_remaining, remaining_below
from .levels import X_SHIFT, Y_SHIFT
from .mixing import Mixing, gather, learn, predict, prepare
from .neighbours import ALONE
from .state import Child, LevelState, Output

# What a call of the loop ended with.
MORE, DONE, OVERRUN, TOO_MANY = 0, 1, 2, 3
Walk = Callable[[BitCoder, LevelState, Mixing, Any, Output, int], Int]

# What a child was coded with: twice the stretched probability of a 1, plus the bit; or one of these.
NOT_CODED, IMPLIED, DIRECT = -32768, 32767, 32766
NO_TRACE: Int16Array = np.empty(0, np.int16)

BITS_PER_VISIT = 2
CHILDREN_PER_VISIT = 2
MAX_LEVEL_CLASS = 15
PART_BITS = 32  # children of a row that are prepared together
PART_NODES = PART_BITS // BITS_PER_VISIT

_SQUASH = squash_table()


def code_lengths() -> Float64Array:
    """(n,) float64: -log2 p of a 1 at each stretched probability, and of a 0 at its negative."""
    return -np.log2(_SQUASH.astype(np.float64) / PROB_ONE)


@inlined
def begin_child(prior: Any, bit: Int, node: Int, octant: Int, before: Int, near: Int) -> None:
    """Does nothing. A predictor computes here what it can of a child before the row of the child is coded.

    bit: the child's number in the part of its row. before: context word 0. near: rows dy = -2 and -1 of
    dx = 0 in its window.
    """


@inlined
def child_logit(prior: Any, bit: Int, octant: Int, row: Int) -> Int:
    """No logit. A predictor gives that of a child, in 1/256 nat, within +-STRETCH_LIMIT. row: see `Child`."""
    return np.int64(0)


@inlined
def add_words(prior: Any, node: Int, octant: Int, words: Any) -> None:
    """Adds no context word. Contexts that see more have words after those of `contexts.fill_words`."""


def _prepare_part(level: LevelState, mixing: Mixing, prior: Any, end: Int) -> None:
    """Prepares the children, in the cursor's row, of the nodes from the cursor to `end`."""
    nodes, cursor, words = level.nodes, level.cursor, mixing.words
    start, xb, yb = cursor[NODE], cursor[X_BIT], cursor[Y_BIT]
    below = min(level.below, MAX_LEVEL_CLASS)
    for i in range(start, end):
        if nodes.remaining_code.size and nodes.remaining_code[i] >= 0:
            continue
        if level.given.size and level.given[i]:
            continue
        mask = np.int64(level.neighbours.mask[i])
        window = window_of(level.occupied, level.neighbours.first, mask, i, xb, yb)
        node = NodeFacts(mask, np.int64(level.occupied[i]), below, nodes.key[i])
        for zb in range(2):
            octant, bit = (xb << 2) | (yb << 1) | zb, 2 * (i - start) + zb
            fill_words(window, node, octant, words)
            add_words(prior, i, octant, words)
            prepare(mixing, bit)
            begin_child(prior, bit, i, octant, words[0], (words[2] >> NEAR_SHIFT) & 0xFFF)


@inlined
def _add_child(
    encoding: bool, level: LevelState, output: Output, i: Int, octant: Int, remaining_code: Int
) -> bool:
    """Enters a child of node i; False if there are too many. remaining_code: see `Nodes`."""
    nodes, children, cursor = level.nodes, output.children, level.cursor
    n = cursor[CHILDREN]
    if n >= output.limit:
        return False
    xb, yb, zb = octant >> 2, (octant >> 1) & 1, octant & 1
    children.key[n] = (nodes.key[i] << 1) | (xb << X_SHIFT) | (yb << Y_SHIFT) | zb
    children.owner[n] = nodes.owner[i]
    if encoding:
        source = nodes.source[i]
        before = np.int64(level.truth.bits[source]) & ((1 << octant) - 1)
        children.source[n] = level.truth.first[source] + popcount(before)
    if children.remaining_code.size:
        children.remaining_code[n] = remaining_code
    cursor[CHILDREN] = n + 1
    return True


@inlined
def _find_direct(coder: BitCoder, level: LevelState, output: Output, i: Int) -> None:
    """Finds the remaining code of node i, before its first child."""
    nodes, owner = level.nodes, level.nodes.owner[i]
    if nodes.remaining_code[i] < 0 and level.neighbours.mask[i] == ALONE:
        known = np.int64(-1)
        if coder.encoding:
            known = level.truth.remaining_code[nodes.source[i]]
        nodes.remaining_code[i] = code_remaining(
            coder, level.flags, level.beams, nodes.key[i], level.below, known, output.costs, owner
        )
    if nodes.remaining_code[i] >= 0 and level.beams.place.size == 0:
        output.costs[owner] += LEVEL_BITS


@inlined
def _add_direct(encoding: bool, level: LevelState, output: Output, i: Int, row_octant: Int) -> bool:
    """Enters the child of a direct node, if it is one of the row that is coded; False if there are too many.

    row_octant: the first of the row's two octants.
    """
    remaining_code = level.nodes.remaining_code[i]
    octant = child_holding(remaining_code, level.below)
    if octant & 6 != row_octant:
        return True
    if output.trace.size:
        output.trace[8 * i + octant] = IMPLIED if level.beams.place.size else DIRECT
    return bool(_add_child(encoding, level, output, i, octant, remaining_below(remaining_code, level.below)))


@inlined
def _row_before(level: LevelState, i: Int, row_octant: Int) -> Int:
    """The two voxels before the children of node i in their row, as `Child.row`."""
    row = np.int64(0)
    if i > 0 and level.nodes.key[i - 1] + 1 == level.nodes.key[i]:
        row = (np.int64(level.occupied[i - 1]) >> row_octant) & 3
    return row


def _code_child(
    coder: BitCoder, level: LevelState, mixing: Mixing, prior: Any, output: Output, child: Child
) -> Int:
    """Codes whether a child is occupied."""
    i, octant = child.node, child.octant
    if level.given.size and level.given[i]:
        return (np.int64(level.given[i]) >> octant) & 1
    if octant == 7 and level.occupied[i] == 0:
        if output.trace.size:
            output.trace[8 * i + octant] = IMPLIED
        return np.int64(1)  # a node without children does not exist
    logit = child_logit(prior, child.bit, octant, child.row)
    inputs = gather(mixing, child, logit)
    prediction = predict(mixing, inputs)
    x = prediction.x
    bit: Int = np.int64(0)
    if coder.encoding:
        bit = (np.int64(level.truth.bits[level.nodes.source[i]]) >> octant) & 1
    bit = code_bit(coder, bit, np.int64(_SQUASH[x + STRETCH_OFFSET]))
    learn(mixing, child, inputs, prediction, bit)
    output.costs[level.nodes.owner[i]] += output.lengths[(x if bit else -x) + STRETCH_OFFSET]
    if output.trace.size:
        output.trace[8 * i + octant] = 2 * x + bit
    return bit


def _code_part(
    coder: BitCoder, level: LevelState, mixing: Mixing, prior: Any, output: Output, end: Int
) -> bool:
    """Codes the children, in the cursor's row, of the nodes from the cursor to `end`.

    False if there are too many.
    """
    nodes, start = level.nodes, level.cursor[NODE]
    row_octant = (level.cursor[X_BIT] << 2) | (level.cursor[Y_BIT] << 1)
    for i in range(start, end):
        if nodes.remaining_code.size:
            if row_octant == 0:
                _find_direct(coder, level, output, i)
            if nodes.remaining_code[i] >= 0:
                if not _add_direct(coder.encoding, level, output, i, row_octant):
                    return False
                continue
        row = _row_before(level, i, row_octant)
        for zb in range(2):
            octant = row_octant | zb
            child = Child(i, octant, 2 * (i - start) + zb, row)
            bit = _code_child(coder, level, mixing, prior, output, child)
            if bit:
                level.occupied[i] = np.uint8(level.occupied[i] | (1 << octant))
                if not _add_child(coder.encoding, level, output, i, octant, -1):
                    return False
            row = (row >> 1) | (bit << 1)
    return True


def _walk(coder: BitCoder, level: LevelState, mixing: Mixing, prior: Any, output: Output, visits: int) -> Int:
    """Codes up to `visits` pairs of children from the cursor on; returns MORE, DONE or what went wrong.

    coder: an encoder's buffer has room for 4 bytes a bit. level: its nodes get the remaining codes of those
    that turn out to be direct. prior: of the predictor that the loop was made for, at this level.
    """
    cursor = level.cursor
    left = np.int64(visits)
    while True:
        end = min(cursor[ROW_END], cursor[NODE] + min(left, PART_NODES))
        left -= end - cursor[NODE]
        _prepare_part(level, mixing, prior, end)
        if not _code_part(coder, level, mixing, prior, output, end):
            return TOO_MANY
        cursor[NODE] = end
        if end == cursor[ROW_END] and not next_row(cursor, level.nodes.key):
            return DONE
        if not coder.encoding and overrun(coder.state, coder.buffer) > MAX_OVERRUN:
            return OVERRUN
        if left <= 0:
            return MORE


class Models(NamedTuple):
    """The compiled functions of the adaptive models: see `mixing`, and `add_words`."""

    add_words: Any = add_words
    prepare: Any = prepare
    gather: Any = gather
    learn: Any = learn


OWN_MODELS = Models()


def make_walk(name: str, begin: Any, logit: Any, models: Models = OWN_MODELS) -> Walk:
    """The coding loop compiled around a predictor's functions, which become part of it.

    begin, logit: compiled functions with the arguments of `begin_child` and `child_logit`; they fix the type
    of the prior. name: unique among predictors; the compiled loop is kept on disk under it.
    """
    words, own = models.add_words, models.prepare
    prepare_part = inlined(
        with_functions(_prepare_part, name, begin_child=begin, add_words=words, prepare=own)
    )
    code_child = inlined(
        with_functions(_code_child, name, child_logit=logit, gather=models.gather, learn=models.learn)
    )
    code_part = inlined(with_functions(_code_part, name, _code_child=code_child))
    return njit(with_functions(_walk, name, _prepare_part=prepare_part, _code_part=code_part))


walk_alone = make_walk("alone", begin_child, child_logit)
