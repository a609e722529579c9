"""The place of an isolated voxel of a spinning scan, coded by the beam that found it.

First come the bits of one horizontal axis, the one that leads away from the sensor more, then those of the
other, by the azimuths at which the sensor shoots, then those of the height, by the beams that pass the node.
A bit says in which half of an interval the voxel lies. Its context is where the nearest azimuths or beams
pass the middle of the interval, in quarters of its half. docs/octree-codec.md specifies it.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from octavox.codec.arrays import Float64Array, Int64Array, UInt32Array
from octavox.codec.cloud.cloud import MAX_DEPTH
from octavox.codec.coding.angles import RADIAN, TURN, TURN_BITS, turn_of, whole_root
from octavox.codec.coding.kernels.jit import Int, njit
from octavox.codec.coding.range_coder import PROB_BITS, PROB_ONE, BitCoder, code_bit

from .levels import AXIS_MASK, X_SHIFT, Y_SHIFT, gathered, spread
from .sensor import LENGTH_BITS, SLOPE_BITS, START_BITS, Sensor

SECTOR_BITS = 6  # of the azimuth: each sector of a beam keeps where in a step the beam shoots
UNKNOWN = -1
_COUNT_BITS, _P_BITS, _MOST_COUNT, _MARGIN = 10, 22, 255, 64
_WIDTHS, _OFFSETS = 12, 16  # classes of an interval's width, and of the place of an azimuth in it
_HEIGHTS = 12  # classes of the distance of a beam
_MOST_LEVEL = 11
_HALF_VOXEL = 1 << (LENGTH_BITS - 1)
_FAR = 1 << 40
# The first context of each kind of bits.
_FIRST, _PLAIN = 0, MAX_DEPTH
_AZIMUTH = 2 * MAX_DEPTH
_HEIGHT = _AZIMUTH + (_MOST_LEVEL + 1) * _WIDTHS * _OFFSETS
_CONTEXTS = _HEIGHT + (_MOST_LEVEL + 1) * _HEIGHTS * _HEIGHTS

_OX, _OY, _DRIFT_X, _DRIFT_Y, _START, _STEP = range(6)


class Beams(NamedTuple):
    """A slice's sensor, and what adapts. place: (6,) axis, drift, start and step. slope, height, side: (B,).

    counters: (_CONTEXTS,) a probability of a 1 in 22 bits above a count in 10. phases: (B << SECTOR_BITS,)
    azimuth of the last voxel modulo a step, or UNKNOWN. near: (B,) working memory. All are empty without a
    sensor.
    """

    place: Int64Array
    slope: Int64Array
    height: Int64Array
    side: Int64Array
    counters: UInt32Array
    phases: Int64Array
    near: Int64Array


def new_beams(sensor: Sensor | None) -> Beams:
    """Those of a new slice."""
    if sensor is None:
        none: Int64Array = np.empty(0, np.int64)
        return Beams(none, none, none, none, np.empty(0, np.uint32), none, none)
    place = [sensor.x, sensor.y, *sensor.drift, sensor.start << (TURN_BITS - START_BITS), sensor.step]
    slope, height, side = np.array(sensor.beams, np.int64).T.copy()
    return Beams(
        np.array(place, np.int64),
        slope,
        height,
        side,
        np.full(_CONTEXTS, 1 << (_COUNT_BITS + _P_BITS - 1), np.uint32),
        np.full(len(slope) << SECTOR_BITS, UNKNOWN, np.int64),
        np.empty(len(slope), np.int64),
    )


class Spot(NamedTuple):
    """A node and the sensor around it. m: log2 of its edge in voxels. ox, oy: of the axis, when it was shot.

    swapped: whether y leads away from the sensor, not x. owner: see `Output.costs`.
    """

    m: Int
    ox: Int
    oy: Int
    swapped: bool
    owner: Int


@njit
def _code(coder: BitCoder, beams: Beams, context: Int, bit: Int, costs: Float64Array, owner: Int) -> Int:
    """Codes a bit with a counter, which learns from it."""
    counter: Any = np.int64(beams.counters[context])
    p, n = counter >> _COUNT_BITS, counter & ((1 << _COUNT_BITS) - 1)
    p1 = p << (PROB_BITS - _P_BITS)
    found = code_bit(coder, bit, p1)
    costs[owner] += PROB_BITS - np.log2(p1 if found else PROB_ONE - p1)
    p += (((found << _P_BITS) - p) * (655360 // (10 * n + 13))) >> 16
    p = min(max(p, _MARGIN), (1 << _P_BITS) - _MARGIN)
    beams.counters[context] = np.uint32((p << _COUNT_BITS) | min(n + 1, _MOST_COUNT))
    return found


@njit
def _azimuth(first: Int, second: Int, swapped: bool) -> Int:
    found: Int = turn_of(second, first) if swapped else turn_of(first, second)
    return found


@njit
def _in_step(beams: Beams, azimuth: Int, beam: Int, distance: Int) -> Int:
    """Where in a step of the sensor a direction lies, as the beam sees it."""
    place: Int = (azimuth - (beams.side[beam] * RADIAN) // max(distance, np.int64(1))) % beams.place[_STEP]
    return place


@njit
def _wrapped(turn: Int, step: Int) -> Int:
    """A difference of two places in a step, within half a step."""
    rest = turn % step
    return rest - step if rest >= step >> 1 else rest


@njit
def _nearest(beams: Beams, distance: Int, z: Int) -> Int:
    """The beam that passes nearest to a height at a distance; the lower one of two."""
    best, least = 0, np.int64(_FAR)
    for b in range(beams.slope.size):
        off = abs(beams.height[b] + ((beams.slope[b] * distance) >> SLOPE_BITS) - z)
        if off < least:
            best, least = b, off
    return best


@njit
def _phase(beams: Beams, beam: Int, sector: Int) -> Int:
    """What is known of a beam's place in a step, in a sector or one beside it."""
    last, first = (1 << SECTOR_BITS) - 1, beam << SECTOR_BITS
    found: Int = beams.phases[first + sector]
    if found < 0:
        found = beams.phases[first + ((sector + 1) & last)]
    if found < 0:
        found = beams.phases[first + ((sector - 1) & last)]
    return found


@njit
def _azimuth_context(beams: Beams, spot: Spot, beam: Int, phase: Int, first: Int, middle: Int, k: Int) -> Int:
    """Context of bit k of the second axis. first, middle: place on the first axis, middle of the interval."""
    square: Any = first * first + middle * middle
    step: Any = beams.place[_STEP]
    seen = _in_step(beams, _azimuth(first, middle, spot.swapped), beam, whole_root(square))
    off: Any = _wrapped(phase - seen, step)
    if (first > 0) == spot.swapped:
        off = -off
    share: Any = (abs(np.int64(first)) << 30) // max(square, np.int64(1))
    width = min((share << (LENGTH_BITS + k)) >> 10, np.int64(1) << 30) * RADIAN >> 20
    width = max(width, np.int64(1))
    if width >= step:
        return _PLAIN + k
    grown, size = width, np.int64(0)
    while grown < step and size < _WIDTHS - 1:
        grown += grown >> 1
        size += 1
    place = min(max((4 * off) // width, -_OFFSETS // 2), _OFFSETS // 2 - 1) + _OFFSETS // 2
    level: Any = k
    context: Int = _AZIMUTH + (min(level, _MOST_LEVEL) * _WIDTHS + size) * _OFFSETS + place
    return context


@njit
def _code_second(
    coder: BitCoder,
    beams: Beams,
    spot: Spot,
    beam: Int,
    first: Int,
    low: Int,
    known: Int,
    costs: Float64Array,
) -> Int:
    """The bits of the second axis. first: place on the first. low: lowest voxel of the node on this axis."""
    axis = spot.ox if spot.swapped else spot.oy
    phase: Int = np.int64(UNKNOWN)
    if beams.place[_STEP]:
        middle = (low << LENGTH_BITS) + (np.int64(1) << (spot.m + LENGTH_BITS - 1)) - _HALF_VOXEL - axis
        sector = _azimuth(first, middle, spot.swapped) >> (TURN_BITS - SECTOR_BITS)
        phase = _phase(beams, beam, sector)
    found: Int = np.int64(0)
    for k in range(int(spot.m) - 1, -1, -1):
        context: Int = _PLAIN + k
        if phase >= 0:
            half = low + found + (np.int64(1) << k)
            context = _azimuth_context(
                beams, spot, beam, phase, first, (half << LENGTH_BITS) - _HALF_VOXEL - axis, k
            )
        found |= _code(coder, beams, context, (known >> k) & 1, costs, spot.owner) << k
    return found


@njit
def _code_height(
    coder: BitCoder, beams: Beams, spot: Spot, distance: Int, low: Int, known: Int, costs: Float64Array
) -> Int:
    """The bits of the height. distance: of the voxel from the axis. low: the node's lowest voxel."""
    edge, near = np.int64(1) << (spot.m + LENGTH_BITS), 0
    bottom = (low << LENGTH_BITS) - _HALF_VOXEL
    for b in range(beams.slope.size):
        z = beams.height[b] + ((beams.slope[b] * distance) >> SLOPE_BITS)
        if bottom - edge <= z <= bottom + 2 * edge:
            beams.near[near] = z
            near += 1
    found: Int = np.int64(0)
    for k in range(int(spot.m) - 1, -1, -1):
        half = np.int64(1) << (k + LENGTH_BITS)
        middle = bottom + (found << LENGTH_BITS) + half
        above: Any = np.int64(_FAR)
        below: Any = np.int64(_FAR)
        for j in range(near):
            off: Any = beams.near[j] - middle
            if off >= 0:
                above = min(above, off)
            else:
                below = min(below, -off)
        up, down = min(4 * above // half, _HEIGHTS - 1), min(4 * below // half, _HEIGHTS - 1)
        context: Int = _HEIGHT + (min(k, _MOST_LEVEL) * _HEIGHTS + up) * _HEIGHTS + down
        found |= _code(coder, beams, context, (known >> k) & 1, costs, spot.owner) << k
    return found


@njit
def _learn_phase(beams: Beams, spot: Spot, first: Int, second: Int, z: Int) -> None:
    """Keeps where in a step the beam was that found a voxel."""
    step = beams.place[_STEP]
    distance = whole_root(first * first + second * second)
    beam = _nearest(beams, distance, z)
    azimuth = _azimuth(first, second, spot.swapped)
    at = (beam << SECTOR_BITS) + (azimuth >> (TURN_BITS - SECTOR_BITS))
    seen, phase = _in_step(beams, azimuth, beam, distance), beams.phases[at]
    if phase >= 0:
        seen = (phase + (_wrapped(seen - phase, step) >> 1)) % step
    beams.phases[at] = seen


@njit
def _spot(beams: Beams, x: Int, y: Int, m: Int, owner: Int) -> Spot:
    """x, y: lowest voxel of the node."""
    middle = (np.int64(1) << (m + LENGTH_BITS - 1)) - _HALF_VOXEL
    ox, oy = beams.place[_OX], beams.place[_OY]
    dx, dy = (x << LENGTH_BITS) + middle - ox, (y << LENGTH_BITS) + middle - oy
    if beams.place[_DRIFT_X] or beams.place[_DRIFT_Y]:
        since = (turn_of(dx, dy) - beams.place[_START]) & (TURN - 1)
        move_x, move_y = (
            (beams.place[_DRIFT_X] * since) >> TURN_BITS,
            (beams.place[_DRIFT_Y] * since) >> TURN_BITS,
        )
        ox, oy, dx, dy = ox + move_x, oy + move_y, dx - move_x, dy - move_y
    return Spot(m, ox, oy, abs(dy) > abs(dx), owner)


@njit
def code_by_beams(
    coder: BitCoder, beams: Beams, key: Int, below: Int, known: Int, costs: Float64Array, owner: Int
) -> Int:
    """Codes the remaining code of the node with this raster key, and returns it; see `direct`.

    below: levels below the node's children. known: what an encoder codes. Code lengths go to costs[owner].
    """
    m = below + 1
    x, y, z = (key >> X_SHIFT) << m, ((key >> Y_SHIFT) & AXIS_MASK) << m, (key & AXIS_MASK) << m
    spot = _spot(beams, x, y, m, owner)
    dx, dy = gathered(known >> 2), gathered(known >> 1)
    far, side, axis = (dy, dx, spot.oy) if spot.swapped else (dx, dy, spot.ox)
    one, other, across = (y, x, spot.ox) if spot.swapped else (x, y, spot.oy)
    far_found = np.int64(0)
    for k in range(m - 1, -1, -1):
        far_found |= _code(coder, beams, _FIRST + k, (far >> k) & 1, costs, owner) << k
    first = ((one + far_found) << LENGTH_BITS) - axis
    middle = np.int64(1) << (m + LENGTH_BITS - 1)
    aside = (other << LENGTH_BITS) + middle - _HALF_VOXEL - across
    beam = _nearest(
        beams, whole_root(first * first + aside * aside), (z << LENGTH_BITS) + middle - _HALF_VOXEL
    )
    side_found = _code_second(coder, beams, spot, beam, first, other, side, costs)
    second = ((other + side_found) << LENGTH_BITS) - across
    distance = whole_root(first * first + second * second)
    height = _code_height(coder, beams, spot, distance, z, gathered(known), costs)
    if beams.place[_STEP]:
        _learn_phase(beams, spot, first, second, (z + height) << LENGTH_BITS)
    x_found, y_found = (side_found, far_found) if spot.swapped else (far_found, side_found)
    return spread(x_found) << 2 | spread(y_found) << 1 | spread(height)
