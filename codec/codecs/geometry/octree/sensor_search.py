"""Finds the sensor of a spinning laser scan from its voxels alone: an encoder's part, in floating point.

1. Neighbours on level ground are mostly shots of one beam, at one distance from the axis: a least-squares
   problem for the axis, solved with weights that follow the residuals.
2. Seen from the sensor, all points of a beam have one elevation. The height, then the axis, then the drift of
   a moving sensor are those that make the histogram of elevations sharpest.
3. `sensor_lines` finds the beams and their steps.

ALICE-LRI (Velasco-Sanchez et al. 2025) estimates sensors from scans, too; a scan there comes with its origin.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from octavox.codec.arrays import Float64Array, Int32Array
from octavox.codec.coding.kernels.jit import njit
from octavox.codec.job import JobContext

from .sensor import Sensor
from .sensor_lines import Scan, sensor_of

FEWEST = 2000  # voxels in which a sensor is looked for
_MOST, _RUN = 150_000, 64  # voxels that are looked at, in runs of so many
_SAMPLE = 12_000  # voxels whose elevations are looked at
_HEIGHTS = np.linspace(0.1, 0.8, 281)  # of the sensor above the ground, of the distance of near voxels
_STAGES = ((512, 0.01), (1024, 0.004))  # bins of elevations; first step of the climb, of the distance
_COARSE = 16  # bins that the sharpness of the others is compared with
_SHARP = 1.8  # of elevations around a sensor; around other places it is about 1
_TURNS = 8  # directions in which a turn may begin, at first
# The search for a drift: shares of the points, bins, first steps; and the sharpness without which it ends.
_GRADES = ((0.35, 512, 0.04), (0.5, 512, 0.02), (0.7, 512, 0.01), (1.0, 512, 0.006), (1.0, 1024, 0.004))
_HOPE = 0.8
_DRIFTS = 1.15  # sharpness with drift, of that without: otherwise there is none


class _Place(NamedTuple):
    """x, y, height, drift in x and in y, in voxels; start: direction in which a turn begins, in turns.

    x, y: in the middle of the turn, since a climb by one value at a time then moves the drift alone.
    """

    values: Float64Array
    start: float


def find_sensor(coords: Int32Array, job: JobContext) -> Sensor | None:
    """The sensor around which these voxels (N, 3), in Morton order, were scanned; None if there is none.

    Raises CancelledError.
    """
    if len(coords) < FEWEST:
        return None
    points = _runs(coords).astype(np.float64)
    axis = _axis(points)
    if axis is None:
        return None
    distance = np.hypot(points[:, 0] - axis[0], points[:, 1] - axis[1])
    points = points[distance > np.percentile(distance, 2)]
    some = points[:: max(len(points) // _SAMPLE, 1)]
    near = float(np.percentile(np.hypot(some[:, 0] - axis[0], some[:, 1] - axis[1]), 30))
    place, sharpness = _height(some, axis, near)
    job.check()
    steps = np.full(5, near)
    for bins, step in _STAGES:
        place, sharpness = _climbed(some, place, steps * step, bins, (0, 1, 2))
    job.check()
    moving, sharper = _with_drift(some, place, near)
    if sharper > _DRIFTS * sharpness:
        place, sharpness = moving, sharper
    if sharpness < _SHARP:
        return None
    job.check()
    axis, height, drift = place.values[:2], float(place.values[2]), place.values[3:]
    return sensor_of(Scan(points, axis - drift / 2, drift, place.start, height), job)


def _runs(coords: Int32Array) -> Int32Array:
    """All voxels, or of many an even part, in short runs of neighbours."""
    every = -(-len(coords) // _MOST)
    return coords[np.arange(len(coords)) // _RUN % every == 0] if every > 1 else coords


def _axis(points: Float64Array) -> Float64Array | None:
    """(2,) about where the axis is. None if no voxels seem to lie on level ground."""
    one = np.concatenate([points[:-k] for k in (1, 2, 3)])
    other = np.concatenate([points[k:] for k in (1, 2, 3)])
    apart = one - other
    length = np.hypot(apart[:, 0], apart[:, 1])
    level = (length > 0) & (np.abs(apart[:, 2]) <= 0.03 * length)
    if np.count_nonzero(level) < FEWEST // 8:
        return None
    usual = float(np.median(length[level]))
    level &= (length < 2 * usual) & (length > 0.1 * usual)
    middle = np.median(points[:, :2], axis=0)
    a, b, length = one[level, :2] - middle, other[level, :2] - middle, length[level]
    rows = (a - b) / length[:, None]
    wanted = (np.sum(a * a, 1) - np.sum(b * b, 1)) / (2 * length)
    weight, found = np.ones(len(wanted)), np.zeros(2)
    for _ in range(12):
        both = rows * weight[:, None]
        normal = both.T @ rows
        if np.linalg.cond(normal) > 1e9:
            return None
        found = np.linalg.solve(normal, both.T @ wanted)
        off = np.abs(rows @ found - wanted)
        weight = 1 / (1 + (off / max(1.5 * float(np.median(off)), 1e-9)) ** 2) ** 2
    return np.asarray(middle + found, np.float64)


def _sharpness(
    points: Float64Array, azimuth: Float64Array, place: _Place, span: Float64Array, bins: int
) -> float:
    """How much sharper the histogram of elevations is than one of _COARSE times wider bins.

    azimuth: (N,) in turns. span: (2,) lowest and highest elevation, as slopes.
    """
    fine, wide = np.zeros(bins), np.zeros(bins // _COARSE + 1)
    return float(_compared(points, azimuth, place.values, place.start, span, fine, wide))


@njit
def _compared(
    points: Float64Array,
    azimuth: Float64Array,
    place: Float64Array,
    start: float,
    span: Float64Array,
    fine: Float64Array,
    wide: Float64Array,
) -> float:
    """`_sharpness` with working memory, which is 0 at first."""
    bins = fine.size
    scale = bins / (span[1] - span[0])
    for i in range(points.shape[0]):
        turned = azimuth[i] - start
        turned -= np.floor(turned) + 0.5
        dx = points[i, 0] - place[0] - place[3] * turned
        dy = points[i, 1] - place[1] - place[4] * turned
        at = ((points[i, 2] - place[2]) / max(np.sqrt(dx * dx + dy * dy), 1.0) - span[0]) * scale
        if at >= 0 and at < bins - 1:
            k = int(at)
            fine[k] += 1 - (at - k)
            fine[k + 1] += at - k
    for k in range(bins):
        wide[k // _COARSE] += fine[k]
    energy, coarse, last = 0.0, 0.0, 0.0
    for k in range(bins):
        energy += fine[k] * fine[k]
    for k in range(wide.size):
        coarse += (last + wide[k]) ** 2
        last = wide[k]
    return 2 * _COARSE * energy / max(coarse, 1.0)


def _azimuth(points: Float64Array, place: Float64Array) -> Float64Array:
    """(N,) in turns."""
    return np.asarray(np.arctan2(points[:, 1] - place[1], points[:, 0] - place[0]) / (2 * np.pi), np.float64)


def _span(points: Float64Array, place: Float64Array) -> Float64Array:
    slope = (points[:, 2] - place[2]) / np.maximum(
        np.hypot(points[:, 0] - place[0], points[:, 1] - place[1]), 1.0
    )
    return np.asarray(np.percentile(slope, [1, 99]) + np.array([0.0, 1e-6]), np.float64)


def _height(points: Float64Array, axis: Float64Array, near: float) -> tuple[_Place, float]:
    """The place above the ground from which elevations are sharpest."""
    ground, bins = float(np.percentile(points[:, 2], 5)), _STAGES[0][0]
    best, found = 0.0, np.array([axis[0], axis[1], ground, 0.0, 0.0])
    azimuth = _azimuth(points, found)
    for above in _HEIGHTS:
        place = np.array([axis[0], axis[1], ground + near * above, 0.0, 0.0])
        sharpness = _sharpness(points, azimuth, _Place(place, 0.0), _span(points, place), bins)
        if sharpness > best:
            best, found = sharpness, place
    return _Place(found, 0.0), best


def _climbed(
    points: Float64Array, place: _Place, steps: Float64Array, bins: int, axes: tuple[int, ...]
) -> tuple[_Place, float]:
    """From a place to a sharper one near it, by one value at a time with falling steps; and its sharpness."""
    azimuth, span = _azimuth(points, place.values), _span(points, place.values)

    def sharpness(values: Float64Array) -> float:
        return _sharpness(points, azimuth, _Place(values, place.start), span, bins)

    found, best, share = place.values, sharpness(place.values), 1.0
    for _ in range(40):
        before = best
        for axis in axes:
            for sign in (1.0, -1.0):
                tried = found.copy()
                tried[axis] += sign * share * steps[axis]
                value = sharpness(tried)
                if value > best:
                    best, found = value, tried
                    break
        if best == before:
            share /= 2
            if share < 1 / 16:
                break
    return _Place(found, place.start), best


def _with_drift(points: Float64Array, place: _Place, near: float) -> tuple[_Place, float]:
    """The place and the drift of a moving sensor, and how sharp elevations are.

    A wrong axis changes the elevations of high and near points most. So the search begins with the others.
    """
    off = np.hypot(points[:, 0] - place.values[0], points[:, 1] - place.values[1])
    order = np.argsort(np.abs(points[:, 2] - place.values[2]) / np.maximum(off, 1.0) ** 2)
    moving, steps = (3, 4, 0, 1, 2), np.full(5, near)
    best, found = 0.0, place
    for k in range(_TURNS):
        tried, value = _Place(place.values, k / _TURNS), 0.0
        for share, bins, step in _GRADES:
            part = points[np.sort(order[: int(share * len(order))])]
            tried, value = _climbed(part, tried, steps * step, bins, moving)
            if value < _HOPE and tried.start == 0.0:
                return place, 0.0
        if value > best:
            best, found = value, tried
    step, (bins, short) = 0.5 / _TURNS, _STAGES[-1]
    while step > 1 / 256:
        base = found
        for start in (base.start - step, base.start, base.start + step):
            tried, value = _climbed(points, _Place(base.values, start), steps * short, bins, moving)
            if value > best:
                best, found = value, tried
        step /= 2
    return found, best
