"""The coding loop: the channels of the points of a slice, each as a few binary decisions.

One function encodes and decodes. docs/attribute-coding.md, "Decisions".
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from octavox.codec.arrays import Float32Array, Float64Array, Int32Array
from octavox.codec.coding.kernels.counting import counter_reader, counter_writer
from octavox.codec.coding.kernels.jit import Int, inlined, njit
from octavox.codec.coding.kernels.simd import add, bit_length, load
from octavox.codec.coding.logistic import STRETCH_OFFSET, squash_table, stretch_table
from octavox.codec.coding.mixing import WeightSets, learn, mix
from octavox.codec.coding.range_coder import PROB_ONE, BitCoder, code_bit

from .model import (
    BLOCK,
    CANDIDATES,
    CLASSES,
    CONTEXTS,
    COUNTER_STARTS,
    FIELDS,
    HASHED_BLOCKS,
    HASHED_GROUPS,
    KINDS,
    MATCHES,
    MOST_COUNTED,
    NODES,
    PHASES,
    PREDICTORS,
    REST,
    SET_STARTS,
    VALUE,
    VALUE_BLOCKS,
    VOTERS,
    WIDTHS,
    Model,
)
from .neighbours import NEIGHBOURS, Neighbours
from .opinions import Cells, begin_steps, is_above, is_beyond, is_centre, is_in_upper, size_steps, value_of
from .predict import Around, Prediction, average, clipped, learn_value, next_period, predict
from .regression import PERIOD
from .tables import level_of

ZERO, SIGN, UP, DOWN, INSIDE = 0, 1, 3, 15, 27  # first node of each kind of decision
MOST_STEPS = 11  # steps of a direction that are told apart
WIDENING = 6  # steps after which buckets become wider
BITS_PER_VALUE = 90
BIAS = 256

_SQUASH = squash_table()
_STRETCH_COUNTERS = np.ascontiguousarray(stretch_table()[8::16])
_STARTS = np.array(COUNTER_STARTS, np.int64)
_SETS = np.array(SET_STARTS, np.int64)
_CLASS = np.array([0, 1, 2, 3, 3, 3, 4, 4, 4, 4, 4, 4, 4, 4, 4, 5, 5, 5, *[6] * 9, *[7] * 5], np.int64)
_ROW = np.array([0, 1, 1, 2, 3, *[4] * 10, 5, 6, *[7] * 10, 0, *[1] * 4], np.int64)
_FACTOR = -0x61C8864680B583EB  # 2**64 / golden ratio, as a signed number
_read = counter_reader(CONTEXTS, (), 12)
_write = counter_writer(CONTEXTS, 13)
_HALF = PROB_ONE >> 1
_PHASE_BITS = 10  # of a turn


class Place(NamedTuple):
    """Where a value is coded: what all its decisions share.

    c: channel. fixed: places of the counters of three contexts before the node. cell, low: parts of the
    others. sets: four sets of weights before node or kind.
    """

    c: Int
    width: Int
    context: tuple[Int, Int, Int, Int]
    low: Int
    exact: Int
    matches: Int
    phase: Int
    on_lattice: bool
    sets: tuple[Int, Int, Int, Int]


class Decision(NamedTuple):
    """node: kind of the decision. candidate: the value that it asks about."""

    node: Int
    candidate: Int


@inlined
def _phase(m: Model, i: Int, c: Int) -> Int:
    """Phase of the lattices without channel c: up to three numbers of 10 bits."""
    packed, count = np.int64(0), m.channels.size
    for lattice in range(m.channels.lattices.size // 3):
        turn = np.int64(0)
        for p in range(c):
            turn += m.channels.lattices[3 * lattice + p] * m.values[i * count + p]
        packed |= (turn & ((1 << _PHASE_BITS) - 1)) << (_PHASE_BITS * lattice)
    return packed


@inlined
def _phase_of(m: Model, place: Place, candidate: Int) -> Int:
    """Class of the phase with a candidate for the last channel, below PHASES."""
    found = np.int64(0)
    for lattice in range(m.channels.lattices.size // 3):
        turn = (place.phase >> (_PHASE_BITS * lattice)) + m.channels.lattices[3 * lattice + 2] * candidate
        turn &= (1 << _PHASE_BITS) - 1
        found = found * m.channels.phases + ((turn * m.channels.phases) >> _PHASE_BITS)
    return found


@inlined
def _matches(m: Model, around: Around, i: Int, c: Int) -> Int:
    """Which of the nearest neighbours have the values of the point's earlier channels, a bit each.

    Fills in the values of the nearest neighbours.
    """
    found, count = np.int64(0), m.channels.size
    for k in range(VOTERS):
        m.work.votes[k] = -(np.int64(1) << 40)
        if k < around.size:
            row = np.int64(around.row[around.at + k])
            m.work.votes[k] = m.values[row * count + c]
            if k < MATCHES and c > 0:
                same = m.values[row * count + c - 1] == m.values[i * count + c - 1]
                if c > 1:
                    same = same and m.values[row * count + c - 2] == m.values[i * count + c - 2]
                found |= np.int64(same) << k
    return found


@inlined
def _votes(m: Model, candidate: Int, bound: Int) -> Int:
    """Which of the nearest neighbours have the candidate's value, within the bound, a bit each."""
    found = np.int64(0)
    for k in range(VOTERS):
        found |= np.int64(abs(m.work.votes[k] - candidate) <= bound) << k
    return found


@inlined
def _in_steps(distance: Int, bound: Int) -> Int:
    """A distance of values in steps of 2 * bound + 1, rounded."""
    if bound == 0:
        return distance
    return (distance + bound) // (2 * bound + 1)


@inlined
def _place(m: Model, around: Around, i: Int, c: Int, p: Prediction) -> Place:
    """Contexts of the value of channel c of point i."""
    fraction, width, bound = m.channels.fraction[c], p.width, m.channels.bound[c]
    kept = min(width, WIDTHS - 1)
    a: Int = np.int64(0)
    b: Int = np.int64(0)
    u: Int = np.int64(0)
    v: Int = np.int64(0)
    if around.size > 0:
        at = np.int64(around.row[around.at]) * m.width + c * FIELDS
        a = clipped(_in_steps((m.records[at + VALUE] >> fraction) - p.centre, bound) >> width, 6)
        u = clipped(_in_steps(np.int64(m.records[at + REST]), bound) >> width, 5)
    if around.size > 1:
        at = np.int64(around.row[around.at + 1]) * m.width + c * FIELDS
        b = clipped(_in_steps((m.records[at + VALUE] >> fraction) - p.centre, bound) >> width, 6)
        v = clipped(_in_steps(np.int64(m.records[at + REST]), bound) >> width, 5)
    if m.known.near.size:
        moved = m.work.predictions[PREDICTORS] >> fraction
        smooth = np.int64(m.known.smooth[i * m.channels.size + c]) >> fraction
        u = clipped(_in_steps(moved - p.centre, bound) >> width, 5)
        v = clipped(_in_steps(smooth - p.centre, bound) >> width, 5)
    near = (a + 6) * 13 + b + 6
    rest = (u + 5) * 11 + v + 5
    key = ((p.centre * 64 + level_of(p.expected >> 1)) * WIDTHS + kept) * 4 + c
    hashed = ((key * _FACTOR) >> 40) & (HASHED_GROUPS - 1)
    part = (p.best - (p.centre << fraction) + (np.int64(1) << (fraction - 1))) << 2 >> fraction
    quiet = (PHASES + c * 32 + p.surprise * 4 + part) * WIDTHS + kept
    low, exact, count = np.int64(0), np.int64(c), m.channels.size
    if c > 0:
        low = np.int64(m.values[i * count + c - 1]) & 7
        exact = (exact << 16) + m.values[i * count + c - 1]
        if c > 1:
            low |= (np.int64(m.values[i * count + c - 2]) & 7) << 3
            exact = (exact << 16) + m.values[i * count + c - 2]
    other = u if m.known.near.size else b
    on_lattice = c == count - 1 and m.channels.lattices.size > 0
    level = min(level_of(m.scales[m.work.scales[0]] >> 4), 31)
    return Place(
        c,
        width,
        (
            _STARTS[0] + ((c * WIDTHS + kept) * 169 + near) * NODES,
            _STARTS[1] + ((c * WIDTHS + kept) * 121 + rest) * NODES,
            _STARTS[2] + hashed * NODES,
            _STARTS[4] + quiet * NODES,
        ),
        low,
        exact << 14,
        _matches(m, around, i, c),
        _phase(m, i, c) if on_lattice else np.int64(0),
        on_lattice,
        (
            _SETS[0] + (c * 8 + min(width, 7)) * NODES,
            _SETS[1] + (c * 32 + level) * CLASSES,
            _SETS[2] + (c * 49 + p.signs) * CLASSES,
            _SETS[3] + (c * 49 + (clipped(a, 3) + 3) * 7 + clipped(other, 3) + 3) * CLASSES,
        ),
    )


@inlined
def _decide(coder: BitCoder, m: Model, place: Place, d: Decision, bit: Int, cost: Any) -> Int:
    """Codes a decision whose opinions are filled in; adds its code length to cost[0]."""
    groups, c, kind = m.work.groups, place.c, _CLASS[d.node]
    row = _ROW[d.node] + (KINDS // 2 if place.width else 0)
    low = place.low if c > 0 else (d.candidate >> 3) & 63
    inner, outer = row * CANDIDATES + (d.candidate & (CANDIDATES - 1)), d.candidate >> 3
    groups[0] = place.context[0] + d.node
    groups[1] = place.context[1] + d.node
    groups[2] = place.context[2] + d.node
    if c > 0:
        hashed = ((place.exact + outer) * _FACTOR >> 40) & (HASHED_BLOCKS - 1)
        groups[2] = _STARTS[2] + HASHED_GROUPS * NODES + hashed * BLOCK + inner
    groups[3] = _STARTS[3] + (c * 64 + low) * BLOCK + inner
    last_set = place.sets[3] + kind
    groups[4] = place.context[3] + d.node
    if place.on_lattice:
        phase = _phase_of(m, place, d.candidate)
        groups[4] = _STARTS[4] + (phase * WIDTHS + min(place.width, WIDTHS - 1)) * NODES + d.node
        last_set = _SETS[3] + phase * CLASSES + kind
    groups[5] = _STARTS[5] + ((outer * 4 + c) & (VALUE_BLOCKS - 1)) * BLOCK + inner
    voted = (_votes(m, d.candidate, m.channels.bound[c]) << MATCHES) | place.matches
    groups[6] = _STARTS[6] + ((c << (VOTERS + MATCHES)) + voted) * KINDS + row
    x, counters, _ = _read(m.counters, groups, 0, 0, _STRETCH_COUNTERS, BIAS)
    x = add(x, load(m.work.opinions, 0))
    sets = WeightSets(
        place.sets[0] + d.node, place.sets[1] + kind, place.sets[2] + kind, last_set, c * NODES + d.node
    )
    prediction = mix(m.mixer, x, sets)
    bit = code_bit(coder, bit, np.int64(_SQUASH[prediction.x + STRETCH_OFFSET]))
    learn(m.mixer, x, sets, prediction, bit)
    _write(m.counters, groups, 0, 0, counters, bit, MOST_COUNTED)
    cost[0] += cost[1 + (prediction.x if bit else -prediction.x) + STRETCH_OFFSET]
    return bit


@inlined
def _code_inside(
    coder: BitCoder, m: Model, place: Place, cells: Cells, low: Int, size: Int, cell: Int, cost: Any
) -> Int:
    """Codes which of `size` cells from `low` on it is."""
    while size > 1:
        half = size >> 1
        middle = low + half
        upper: Int = np.int64(0)
        if middle <= 0:
            upper = np.int64(1)
        elif middle <= cells.top:
            is_in_upper(m, cells, low, half)
            kind: Any = min(bit_length(half) - 1, 4)
            node = INSIDE + kind
            d = Decision(node, value_of(cells, middle))
            upper = _decide(coder, m, place, d, np.int64(cell >= middle), cost)
        if upper:
            low = middle
        size = half
    return low


@inlined
def _code_cell(
    coder: BitCoder, m: Model, place: Place, cells: Cells, centre: Int, cell: Int, cost: Any
) -> Int:
    """Codes a cell and returns it. centre: the expected one. A decoder ignores `cell`."""
    width, top = place.width, cells.top
    above = centre
    if width == 0:
        is_centre(m, cells, centre)
        if _decide(coder, m, place, Decision(ZERO, value_of(cells, centre)), np.int64(cell == centre), cost):
            return centre
        above = centre + 1
    up: Int = np.int64(1)
    if above > top:
        up = np.int64(0)
    elif centre > 0:
        is_above(m, cells, centre, width)
        up = _decide(coder, m, place, Decision(SIGN, value_of(cells, centre)), np.int64(cell >= above), cost)
    edge = above if up else centre - 1
    size, steps = np.int64(1) << width, np.int64(0)
    begin_steps(m, cells, edge, up != 0)
    size_steps(m, cells, size)
    while True:
        beyond = edge + size if up else edge - size
        if beyond > top or beyond < 0:
            break
        is_beyond(m)
        step: Any = min(steps, MOST_STEPS)
        node = (UP if up else DOWN) + step
        d = Decision(node, value_of(cells, edge))
        more = np.int64(cell >= beyond) if up else np.int64(cell <= beyond)
        if not _decide(coder, m, place, d, more, cost):
            break
        edge = beyond
        steps += 1
        if steps >= WIDENING and steps & 1 == 0:
            size <<= 1
            size_steps(m, cells, size)
    return _code_inside(coder, m, place, cells, edge if up else edge - size + 1, size, cell, cost)


@inlined
def _code_value(coder: BitCoder, m: Model, place: Place, centre: Int, value: Int, cost: Any) -> Int:
    """Codes a value of a channel, 0 to its top, and returns what a decoder has of it.

    A decoder ignores `value`.
    """
    c = place.c
    top, bound = m.channels.top[c], m.channels.bound[c]
    if bound == 0:
        cells = Cells(m.channels.fraction[c], np.int64(1), np.int64(0), top)
        return _code_cell(coder, m, place, cells, centre, value, cost)
    step = 2 * bound + 1
    below, above = (centre + bound) // step, (top - centre + bound) // step
    cells = Cells(m.channels.fraction[c], step, centre - below * step - bound, below + above)
    cell = _code_cell(coder, m, place, cells, below, (value - cells.least) // step, cost)
    found: Int = min(max(value_of(cells, cell), 0), top)
    return found


@inlined
def _code_raw(coder: BitCoder, bits: Int, value: Int, cost: Any) -> Int:
    """Codes bits without a model."""
    found = np.int64(0)
    for k in range(bits - 1, -1, -1):
        found = (found << 1) | code_bit(coder, (value >> k) & 1, _HALF)
    cost[0] += bits
    return found


@njit
def code_points(
    coder: BitCoder,
    m: Model,
    near: Neighbours,
    part: tuple[Int, Int],
    low: Int32Array,
    costs: Float32Array,
    work: Float64Array,
) -> None:
    """Codes points part[0] .. part[1] - 1 of a slice, from m.values or into them.

    near: the neighbours of these points. low: (N * C,) raw bits. costs: (N * C,) float32 code lengths. work:
    float64, see `cost_work`.
    """
    count = m.channels.size
    for i in range(part[0], part[1]):
        k = i - part[0]
        around = Around(near.row, near.weight, k * NEIGHBOURS, np.int64(near.sizes[k]))
        average(m, around)
        for c in range(count):
            work[0] = 0.0
            prediction = predict(m, around, i, c)
            place = _place(m, around, i, c, prediction)
            known = np.int64(m.values[i * count + c])
            value = _code_value(coder, m, place, prediction.centre, known, work)
            m.values[i * count + c] = value
            learn_value(m, i, c, prediction, value)
            if m.channels.raw[c]:
                low[i * count + c] = _code_raw(coder, m.channels.raw[c], np.int64(low[i * count + c]), work)
            costs[i * count + c] = work[0]
        if (i + 1) & (PERIOD - 1) == 0:
            next_period(m)


def cost_work() -> Float64Array:
    """A cost of 0, and after it the code length of a 1 by its stretched probability."""
    lengths = -np.log2(_SQUASH.astype(np.float64) / PROB_ONE)
    return np.concatenate([np.zeros(1), lengths])
