"""Integers near a guess, as mixed bits: is it the guess, is it above, in which bucket, where in the bucket.

Six logistic distributions, each with a centre and a scale of its own, say how likely each answer is; they are
inputs of the mixers, beside the counters in contexts. So a value costs about what the best mixture of the
distributions gives it, and less where the contexts know more. The lower bits inside a bucket hardly depend on
anything: they have plain adaptive models.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from octavox.codec.arrays import Int64Array

from .adaptive import code_adaptive_bit
from .kernels.jit import Int, inlined
from .logistic import STRETCH_LIMIT, STRETCH_OFFSET, squash_table, stretch_table
from .mixed_bits import FIRST_GIVEN, MixedBits, code_mixed, set_group
from .mixing import WeightSets
from .range_coder import BitCoder
from .softplus import EXPM1_LIMIT, SOFTPLUS_LIMIT, log_expm1_table, softplus_table

DISTRIBUTIONS = 6
NODES = 28  # kinds of bits: zero, above, (one is free), buckets above and below, the first half of a bucket
NODE_CLASSES = 8
MOST_BITS = 160  # of a value
PLAIN_MODELS = 64 * 8
BUCKETS_OF_ONE_WIDTH = 5
_ABOVE, _UP, _DOWN, _HALF, _LAST_BUCKET = 1, 3, 15, 27, 11
_FAR = 1 << 29
_ZERO, _SIGN, _BUCKET, _INSIDE, _DONE = range(5)

_SQUASH, _STRETCH = squash_table(), stretch_table()
_SOFTPLUS, _EXPM1 = softplus_table(), log_expm1_table()


class Distributions(NamedTuple):
    """Logistic distributions of the value v, shifted up by `fraction` bits.

    centre, shift, inverse: (DISTRIBUTIONS,) int64; ((v << fraction) - centre >> shift) * inverse is the
    distance from the centre over the scale, in units of 2**-24.
    """

    centre: Int64Array
    shift: Int64Array
    inverse: Int64Array


class Search(NamedTuple):
    """What is known of a value before it is coded.

    start: the guess. width: log2 of a bucket. most: values are 0 .. most. fraction: of the distributions.
    before: the value that steps are counted from. value_salt, step_salt: what the contexts of the candidate
    and of its step are joined with. a, b, c, d: first weight set of each mixer; a is followed by NODES sets,
    the others by NODE_CLASSES.
    """

    start: Int
    width: Int
    most: Int
    fraction: Int
    before: Int
    value_salt: Int
    step_salt: Int
    a: Int
    b: Int
    c: Int
    d: Int


@inlined
def set_scale(d: Distributions, m: Int, centre: Int, scale: Int) -> None:
    """Sets a distribution. scale: of the logistic, in 1/256, at least 64."""
    shift: Int = np.int64(0)
    while (scale >> shift) >= 65536:
        shift += 1
    d.centre[m] = centre
    d.shift[m] = shift
    d.inverse[m] = (np.int64(1) << 32) // (scale >> shift)


@inlined
def _far(d: Distributions, m: Int, distance: Int) -> Int:
    """A distance over the scale, in 1/256."""
    limited: Int = min(max(distance >> d.shift[m], -_FAR), _FAR)
    found: Int = (limited * d.inverse[m]) >> 16
    return found


@inlined
def _edge(d: Distributions, m: Int, value: Int, fraction: Int) -> Int:
    """Where the interval of a value begins, from the centre, over the scale."""
    return _far(d, m, (value << fraction) - ((np.int64(1) << fraction) >> 1) - d.centre[m])


@inlined
def _softplus(x: Int) -> Int:
    found: Int = np.int64(_SOFTPLUS[min(max(x, -SOFTPLUS_LIMIT - 1), SOFTPLUS_LIMIT) + SOFTPLUS_LIMIT + 1])
    return x if x > SOFTPLUS_LIMIT else found


@inlined
def _log_expm1(x: Int) -> Int:
    found: Int = np.int64(_EXPM1[min(max(x, 0), EXPM1_LIMIT)])
    return x if x > EXPM1_LIMIT else found


@inlined
def _limited(x: Int) -> Int:
    limited: Int = min(max(x, -STRETCH_LIMIT), STRETCH_LIMIT)
    return limited


@inlined
def _stretched(d: Distributions, m: Int, s: Search, phase: Int, at: Int, size: Int, up: Int) -> Int:
    """What a distribution says of a bit, stretched. at, size: of the bucket or of its lower half."""
    f = s.fraction
    if phase == _ZERO:
        high, low = _limited(_edge(d, m, at + 1, f)), _limited(_edge(d, m, at, f))
        p: Int = (np.int64(_SQUASH[high + STRETCH_OFFSET]) - np.int64(_SQUASH[low + STRETCH_OFFSET])) >> 8
        return np.int64(_STRETCH[min(max(p, 0), 65535)])
    if phase == _SIGN:
        low = _edge(d, m, at, f)
        if s.width:
            return -low
        return _softplus(-low) - _softplus(_edge(d, m, at + 1, f))
    wide = _far(d, m, size << f)
    if phase == _BUCKET:
        near = _edge(d, m, at, f) if up else -_edge(d, m, at + 1, f)
        return _softplus(-near) - _log_expm1(wide)
    low, high = _edge(d, m, at, f), _edge(d, m, at + 2 * size, f)
    return _softplus(low) - _softplus(high) + wide


@inlined
def _sets(s: Search, node: Int) -> WeightSets:
    kind: Int = np.int64(6)
    if node < 3:
        kind = node
    elif node < 6:
        kind = 3
    elif node < 15:
        kind = 4
    elif node < 18:
        kind = 5
    elif node == _HALF:
        kind = 7
    return WeightSets(s.a + node, s.b + kind, s.c + kind, s.d + kind, node)


@inlined
def _code_lower(
    coder: BitCoder, bits: MixedBits, known: Int, low: Int, size: Int, most: Int, model: Int
) -> Int:
    """The value among `size` (a power of two) from `low` on; only those within 0 .. most are possible."""
    while size > 1:
        half: Int = size >> 1
        upper: Int = np.int64(low + half <= 0)
        if low + half > 0 and low + half <= most:
            place: Int = np.int64(0)
            while (half >> place) > 1:
                place += 1
            upper = code_adaptive_bit(coder, bits.plain, 8 * place + model, np.int64(known >= low + half))
        low += half * upper
        size = half
    return low


@inlined
def code_near(coder: BitCoder, bits: MixedBits, d: Distributions, s: Search, known: Int) -> Int:
    """Codes a value and returns it; a decoder ignores `known`. The groups of contexts 0 to 6 are set."""
    phase: Int = np.int64(_SIGN if s.width else _ZERO)
    up: Int = np.int64(0)
    at: Int = np.int64(s.start)
    size: Int = np.int64(1) << s.width
    count: Int = np.int64(0)
    above: Int = np.int64(s.start + (0 if s.width else 1))
    if phase == _SIGN and s.start < 1:
        phase, up = np.int64(_BUCKET), np.int64(1)
    while phase < _DONE:
        if phase == _BUCKET:
            end = at + size if up else at - size
            if (up and end > s.most) or (not up and end < 0):
                phase = np.int64(_INSIDE)
        low: Int = at
        half: Int = size
        if phase == _INSIDE:
            low = at if up else at - size + 1
            half = size >> 1
            if half == 0 or low + half > s.most or low + half <= 0:
                return _code_lower(coder, bits, known, low, size, s.most, min(count, 3) * 2 + up)
        node: Int = phase
        question: Int = at
        bit: Int = np.int64(known == at)
        if phase == _SIGN:
            bit = np.int64(known >= above)
        elif phase == _BUCKET:
            node = (_UP if up else _DOWN) + min(count, _LAST_BUCKET)
            bit = np.int64(known >= at + size if up else known <= at - size)
        elif phase == _INSIDE:
            node = np.int64(_HALF)
            question = low + half
            bit = np.int64(known >= question)
        set_group(bits, 7, question, s.value_salt)
        set_group(bits, 8, question - s.before, s.step_salt)
        for m in range(DISTRIBUTIONS):
            bits.given[FIRST_GIVEN + m] = np.int32(_limited(_stretched(d, m, s, phase, low, half, up)))
        bit = code_mixed(coder, bits, node, _sets(s, node), bit)
        if phase == _ZERO:
            if bit:
                return at
            phase = np.int64(_SIGN)
            if above > s.most or s.start < 1:
                phase, up = np.int64(_BUCKET), np.int64(above <= s.most)
                at = above if up else s.start - 1
        elif phase == _SIGN:
            phase, up = np.int64(_BUCKET), bit
            at = above if up else s.start - 1
        elif phase == _BUCKET:
            if bit:
                at = at + size if up else at - size
                count += 1
                if count >= BUCKETS_OF_ONE_WIDTH - 1:
                    size <<= 1
            else:
                phase = np.int64(_INSIDE)
        else:
            low += half * bit
            return _code_lower(coder, bits, known, low, half, s.most, min(count, 3) * 2 + up)
    return at
