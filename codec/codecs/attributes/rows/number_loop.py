"""The coding loop of fields of numbers: guesses, what is known of their errors, the value near the best."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from octavox.codec.coding.kernels.jit import Int, inlined, njit
from octavox.codec.coding.least_squares import BLOCK, add_row_of, end_block, predicted
from octavox.codec.coding.mixed_bits import set_group
from octavox.codec.coding.range_coder import BitCoder
from octavox.codec.coding.residuals import DISTRIBUTIONS, NODE_CLASSES, NODES, Search, code_near, set_scale

from .cells import enter, look_up
from .features import feature_of, fill_features, neighbour
from .guesses import RECENT, RECENT_BITS, blended, by_ratio, learn_ratio, learn_time
from .layout import (
    CELLS,
    CLASS_VALUES,
    CLASSES,
    FRACTION,
    MOST_RELATED,
    RATIO,
    RELATED,
    SHIFT,
    SIZE,
    TIME,
    Part,
)
from .masks import before, fill_masked, is_masked
from .number_model import (
    BLEND,
    DELTAS,
    FIRST_SETS,
    GUESSES,
    HAS_LAST,
    LAST,
    NumberModel,
    limited,
    scale_place,
    signed_class,
    size_class,
)

_FAR = np.int64(1) << 40
_SURE, _UNSURE = 60, 120  # how often a mean is seen at most
_TRUST = 8  # a mean moves by an error of at most so many times itself
_SCORE_ONE = 64
_MOST_SCORE = 32000


class Row(NamedTuple):
    """What is known of a row before its value: the value before, the class, how many features there are.

    apart, signs: how far related fields were from their guesses: the largest distance, and all signs.
    """

    base: Int
    kind: Int
    apart: Int
    signs: Int
    features: Int


class Guess(NamedTuple):
    """centre: the guess, in fractions. blend: before its bias. bias: place of that. expected: error."""

    centre: Int
    blend: Int
    bias: Int
    expected: Int


@inlined
def _class_of(part: Part, f: Int, i: Int) -> Int:
    kind: Int = np.int64(0)
    for k in range(2):
        g = part.fields[f, CLASSES + k]
        if g >= 0:
            kind = kind * CLASS_VALUES + min(part.values[g, i], CLASS_VALUES - 1)
    return kind


@inlined
def _apart_class(score: Int) -> Int:
    distance: Any = abs(score)
    size = distance >> 5
    for k, most in enumerate((1, 2, 4, 6, 10, 16, 24)):
        if size < most:
            return k
    return 7


@inlined
def _look(part: Part, model: NumberModel, f: Int, i: Int) -> Row:
    """Finds what is known of a row."""
    base = before(part.values, f, i, 1)
    signs: Int = np.int64(0)
    apart: Int = np.int64(0)
    for k in range(MOST_RELATED):
        g = part.fields[f, RELATED + k]
        if g >= 0:
            score = np.int64(part.scores[g, i])
            signs = signs * 7 + signed_class(score, 96)
            apart = max(apart, _apart_class(score))
    look_up(model.cells, part, f, i, base, 1 << 20)
    kind = _class_of(part, f, i)
    return Row(base, kind, apart, signs, fill_features(part, model, f, i, base, kind))


@inlined
def _shape_of(part: Part, model: NumberModel, f: Int, i: Int, row: Row) -> Int:
    """The value of the ratio; in an image the median of west, north and their plane; else the median step."""
    base = row.base
    if part.width:
        north = before(part.values, f, i, part.width)
        corner = before(part.values, f, i, part.width + 1)
        low, high = min(base, north), max(base, north)
        flat = low if corner >= high else (high if corner <= low else base + north - corner)
        return by_ratio(part, model.ratios, f, i, flat) if part.fields[f, RATIO] >= 0 else flat
    deltas = model.deltas[row.kind]
    count = deltas[DELTAS]
    if count == 0:
        return base
    for k in range(count):  # the one that has half of the others below it
        below: Int = np.int64(0)
        for j in range(count):
            below += np.int64(deltas[j] < deltas[k] or (deltas[j] == deltas[k] and j < k))
        if below == count // 2:
            base += deltas[k]
            break
    return base


@inlined
def _guess_all(part: Part, model: NumberModel, f: Int, i: Int, row: Row) -> None:
    """Fills in the guesses, in fractions, each within the field's range."""
    field = part.fields[f]
    fraction, shift = field[FRACTION], field[SHIFT]
    most = (field[SIZE] - 1) << fraction
    first = row.base << fraction
    g = model.guesses
    g[0] = first
    g[1] = first + (predicted(model.squares, 0, row.features) << shift)
    g[2] = first + (predicted(model.squares, 1, row.features) << shift)
    g[3] = _shape_of(part, model, f, i, row) << fraction
    if field[CELLS] >= 0:
        g[4], g[5] = model.cells.value[0] << fraction, model.cells.value[1] << fraction
    else:
        g[4] = (2 * row.base - before(part.values, f, i, 2)) << fraction
        if model.deltas[row.kind, HAS_LAST] and field[CLASSES] >= 0:
            g[4] = model.deltas[row.kind, LAST] << fraction
        g[5] = before(part.values, f, i, neighbour(part, 1)) << fraction
    for m in range(GUESSES):
        g[m] = min(max(g[m], 0), most)


@inlined
def _recall(part: Part, model: NumberModel, f: Int, i: Int) -> None:
    """Fills in how wrong each guess and the blend were around here."""
    field, recent = part.fields[f], model.recent
    one = np.int64(4) << field[FRACTION]
    e = model.errors
    a = ((i - 1) & model.mask) << 3
    b = (max(i - neighbour(part, 1), 0) & model.mask) << 3
    c = (max(i - neighbour(part, 2), 0) & model.mask) << 3
    d = (max(i - neighbour(part, 3), 0) & model.mask) << 3
    for m in range(GUESSES + 1):
        recent[m] = (2 * e[a + m] + 2 * e[b + m] + e[c + m] + e[d + m]) // 6
        if m < GUESSES and part.width == 0:
            recent[m] = model.running[m] >> RECENT_BITS
        if i < 2:
            recent[m] = one
    if field[CELLS] >= 0 and i >= 2:
        for t in range(2):
            m = 4 + t
            recent[m] = (recent[m] + 3 * model.cells.error[t]) >> 2 if model.cells.hit[t] else 2 * recent[m]


@inlined
def _blend(part: Part, model: NumberModel, f: Int, row: Row) -> Guess:
    """The guess of all, and its bias."""
    field = part.fields[f]
    fraction, shift = field[FRACTION], field[SHIFT]
    blend = blended(model.guesses, model.recent[:GUESSES], row.base << fraction, shift)
    size: Int = min(size_class((model.recent[BLEND] << 2) >> shift), 15)
    place = size * 343 + row.signs
    centre: Int = blend + ((model.biases[place, 0] >> 8) << shift)
    centre = min(max(centre, 0), (field[SIZE] - 1) << fraction)
    return Guess(centre, blend, place, 0)


@inlined
def _set_distributions(part: Part, model: NumberModel, f: Int, row: Row, guess: Guess) -> Int:
    """Sets the distributions; returns the expected error of the guess, in 1/256 of the unit of features."""
    shift = part.fields[f, SHIFT]
    hits = model.cells.hit[0] * 2 + model.cells.hit[1]
    expected: Int = np.int64(0)
    for m in range(DISTRIBUTIONS):
        blend = m == 0 or m == DISTRIBUTIONS - 1
        size = size_class((model.recent[BLEND if blend else m] << 2) >> shift)
        other: Int = np.int64(0)
        kind: Int = (row.kind >> 3) & 7
        if m == 0:
            kind = row.apart
        elif m == 4:
            kind = hits
        elif m == DISTRIBUTIONS - 1:
            kind = row.kind & 7
            other = size_class((model.running[0] >> 2) >> shift)
        place = scale_place(m, size, other, kind)
        model.places[m] = place
        mean = model.scales[place, 0]
        if m == 0:
            expected = mean
        centre = guess.centre if blend else model.guesses[m]
        set_scale(model.distributions, m, centre, max(((mean * 184) >> 8) << shift, 64))
    return expected


@inlined
def _near(value: Int, step: Int, most: Int) -> Int:
    """A distance in steps, rounded towards minus infinity, as a number from 0 to 2 most."""
    return limited(value // step, most) + most


@inlined
def _set_contexts(
    part: Part, model: NumberModel, f: Int, i: Int, row: Row, search: Search, guess: Guess
) -> None:
    """Points the first seven contexts to their counters."""
    bits, cells, g, c0 = model.bits, model.cells, model.guesses, search.start
    step, width = np.int64(1) << search.width, search.width
    one = np.int64(1) << search.fraction
    scale = guess.expected + 1
    offset = guess.centre - (c0 << search.fraction) + (one >> 1)
    part_of: Int = ((offset << (1 if width else 2)) >> search.fraction) & 3
    hits = model.cells.hit[0] * 2 + model.cells.hit[1]
    size = size_class(model.scales[model.places[0], 0] >> 6)
    north = before(part.values, f, i, neighbour(part, 1))
    corner = before(part.values, f, i, neighbour(part, 2))
    set_group(bits, 0, (size << 16 | row.apart << 4 | part_of | row.kind << 24) * 64 + width, 1)
    set_group(bits, 1, (row.signs * 64 + part_of * 16 + (row.kind & 15)) * 64 + width, 2)
    place = _near(row.base - c0, step, 6) * 256 + _near(north - c0, step, 6) * 16
    place += _near(corner - c0, step, 3)
    set_group(bits, 2, place * 64 + width, 3)
    spread = signed_class(g[1] - guess.centre, scale) * 64 + signed_class(g[3] - guess.centre, scale) * 8
    spread += signed_class(g[2] - g[1], scale) + part_of * 1024
    spread += signed_class(g[4] - guess.centre, scale) * 4096 + hits * 65536
    set_group(bits, 3, spread * 64 + width, 4)
    last = _near(model.state[0], step, 6) * 16 + _near(model.state[1], step, 3)
    set_group(bits, 4, (last + row.kind * 1024) * 64 + width, 5)
    exact = _near(cells.value[0] - c0, 1, 200) * 512 + _near(cells.value[1] - c0, 1, 200)
    exact += (hits << 40) + (np.int64(cells.error[0] == 0) << 43)
    set_group(bits, 5, exact * 64 + width, 6)
    moved: Int = np.int64(0)
    for k in range(2):
        other = part.fields[f, RELATED + k]
        if other >= 0:
            change = part.values[other, i] - before(part.values, other, i, 1)
            moved = moved * 64 + _near(feature_of(part, other, change), 8, 31)
    set_group(bits, 6, (moved * 16 + (row.kind & 15)) * 64 + width, 7)


@inlined
def _search_of(part: Part, model: NumberModel, f: Int, i: Int, row: Row, guess: Guess) -> Search:
    """Where the value is looked for, and which weights the mixers take."""
    field = part.fields[f]
    fraction = field[FRACTION]
    start = (guess.centre + ((np.int64(1) << fraction) >> 1)) >> fraction
    width: Int = np.int64(0)
    while (np.int64(3) << (fraction + width)) < guess.expected:
        width += 1
    other = field[RELATED]
    salt: Int = row.kind * 1000 + limited(row.base - before(part.values, f, i, 2), 1000) * 1000000
    if part.width:
        salt = part.values[other, i] * 1000 if other >= 0 else np.int64(0)
    size: Int = min(size_class(model.scales[model.places[0], 0] >> 4), 31)
    hits = model.cells.hit[0] + model.cells.hit[1]
    return Search(
        min(max(start, 0), field[SIZE] - 1),
        width,
        field[SIZE] - 1,
        fraction,
        row.base,
        (77 + row.kind * 100) * 64 + width,
        (88 + salt) * 64 + width,
        FIRST_SETS[0] + min(width, 7) * NODES,
        FIRST_SETS[1] + size * NODE_CLASSES,
        FIRST_SETS[2] + row.signs % 49 * NODE_CLASSES,
        FIRST_SETS[3] + (hits * 16 + (row.kind & 15)) * NODE_CLASSES,
    )


@inlined
def _error(value: Int, guess: Int) -> Int:
    distance: Any = abs(value - guess)
    found: Int = min(distance, _FAR)
    return found


@inlined
def _learn_errors(part: Part, model: NumberModel, f: Int, i: Int, value: Int, guess: Guess) -> None:
    """Enters how wrong each guess was. value: in fractions."""
    shift = part.fields[f, SHIFT]
    at = (i & model.mask) << 3
    model.errors[at + BLEND] = _error(value, guess.centre)
    for m in range(GUESSES):
        error = _error(value, model.guesses[m])
        model.errors[at + m] = error
        running = model.running[m]
        model.running[m] += min(error, (running >> RECENT_BITS) * 4 + RECENT) - (running >> RECENT_BITS)
    for m in range(DISTRIBUTIONS):
        error = (_error(value, model.distributions.centre[m]) << 8) >> shift
        place = model.places[m]
        mean, seen = model.scales[place, 0], model.scales[place, 1]
        error = min(min(error, 1 << 28), mean * 4 + 1024)
        model.scales[place, 0] += (error - mean) // (seen + 3)
        model.scales[place, 1] = min(seen + 1, _SURE)
    seen = min(model.biases[guess.bias, 1] + 1, _UNSURE)
    most = guess.expected * 3 + (np.int64(1) << part.fields[f, FRACTION])
    off = limited(value - guess.blend, most) >> shift
    mean = model.biases[guess.bias, 0]
    model.biases[guess.bias, 0] += (limited(off << 8, 1 << 30) - mean) // (seen + 8)
    model.biases[guess.bias, 1] = seen


@inlined
def _learn(part: Part, model: NumberModel, f: Int, i: Int, row: Row, guess: Guess) -> None:
    """Learns from the value of a row."""
    v, fraction = part.values[f, i], part.fields[f, FRACTION]
    add_row_of(model.squares, row.features, feature_of(part, f, v - row.base))
    model.state[2] += 1
    if model.state[2] == BLOCK:
        end_block(model.squares, row.features)
        model.state[2] = 0
    value = v << fraction
    _learn_errors(part, model, f, i, value, guess)
    away = limited(value - guess.centre, np.int64(1) << 50) * _SCORE_ONE
    scale = guess.expected + 1 + ((np.int64(1) << fraction) >> 2)
    part.scores[f, i] = np.int16(limited(away // scale, _MOST_SCORE))
    for t in range(2):
        error: Int = _error(value, model.cells.value[t] << fraction)
        if model.cells.hit[t]:
            error = (model.cells.error[t] + error) >> 1
        enter(model.cells, t, v, error)
    deltas = model.deltas[row.kind]
    for k in range(DELTAS - 1):
        deltas[DELTAS - 1 - k] = deltas[DELTAS - 2 - k]
    deltas[0] = v - row.base
    deltas[DELTAS] = min(deltas[DELTAS] + 1, DELTAS)
    deltas[LAST], deltas[HAS_LAST] = v, 1
    if part.fields[f, TIME] >= 0:
        learn_time(part, model.times, f, i)
    if part.fields[f, RATIO] >= 0:
        learn_ratio(part, model.ratios, f, i)


@inlined
def _skip(part: Part, model: NumberModel, f: Int, i: Int) -> None:
    """A row that its mask decides."""
    fill_masked(part, f, i)
    part.scores[f, i] = 0
    if i:
        at, old = (i & model.mask) << 3, ((i - 1) & model.mask) << 3
        for m in range(GUESSES + 1):
            model.errors[at + m] = model.errors[old + m]


@njit
def code_numbers(coder: BitCoder, part: Part, model: NumberModel, f: int, start: int, end: int) -> None:
    """Codes rows start to end of field f, or fills them in."""
    model.state[3] = f
    for i in range(start, end):
        if is_masked(part, f, i):
            _skip(part, model, f, i)
            continue
        row = _look(part, model, f, i)
        _guess_all(part, model, f, i, row)
        _recall(part, model, f, i)
        first = _blend(part, model, f, row)
        mean = _set_distributions(part, model, f, row, first)
        guess = Guess(first.centre, first.blend, first.bias, (mean << part.fields[f, SHIFT]) >> 8)
        search = _search_of(part, model, f, i, row, guess)
        _set_contexts(part, model, f, i, row, search, guess)
        known = part.values[f, i] if coder.encoding else 0
        value = code_near(coder, model.bits, model.distributions, search, known)
        part.values[f, i] = value
        model.state[1] = model.state[0]
        model.state[0] = value - search.start
        _learn(part, model, f, i, row, guess)
