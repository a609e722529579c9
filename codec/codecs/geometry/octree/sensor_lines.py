"""The beams of a spinning scan around a known place, their sides, the step of azimuths. See `sensor_search`.

In a plane of distance and height the points of a beam lie on a line. The lines begin at the peaks of the
histogram of elevations; points and lines are matched in turns, with the place moving along.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from octavox.codec.arrays import BoolArray, Float64Array, Int64Array
from octavox.codec.coding.angles import TURN
from octavox.codec.coding.kernels.jit import njit
from octavox.codec.job import JobContext

from .sensor import LENGTH_BITS, MOST_BEAMS, SLOPE_BITS, START_BITS, Beam, Sensor

_BINS, _WIDE = 4096, 65  # of elevations; around a peak
_LIFT, _FOUND, _ON = 0.03, 2.5, 0.06  # see `_turned`: of near distances; of the slope between two lines
_PATIENCE = (2.0, 1.0, 2.0, 1.0, 2.0, 1.0, 1.0)  # of the rounds, see `_Matches.weights`
_MORE = (1.0, 1.0, 1.0, 1.0)  # rounds for a drift, which is slower to find
_HELD = 2e-5  # weight of the sensor's height in each line, of that of its points
_LAGS = (8, 32)  # voxels of a beam whose azimuths are compared, once the step is known roughly
_SAMPLE = 30_000  # points that lines are fitted to
_MATCHED = 0.35  # of the distance between two lines: further off, a point belongs to no line
_EXPLAINED = 0.2  # as _MATCHED, for points that count as explained
_LEAST = 0.6  # of the points are explained by a sensor's beams
_REGULAR = 0.25  # how near to whole steps azimuths are on average, 0 to 1, where steps are used


@dataclass
class Scan:
    """points: (N, 3). axis, drift: (2,). start: of a turn, in turns. height: of the sensor."""

    points: Float64Array
    axis: Float64Array
    drift: Float64Array
    start: float
    height: float

    def seen(self) -> tuple[Float64Array, Float64Array, Float64Array]:
        """(N, 2) points around the axis, (N,) their distance from it, (N,) how much of a turn came before."""
        off = self.points[:, :2] - self.axis
        since = (np.arctan2(off[:, 1], off[:, 0]) / (2 * np.pi) - self.start) % 1.0
        off = off - since[:, None] * self.drift
        return off, np.maximum(np.hypot(off[:, 0], off[:, 1]), 1.0), since


@dataclass
class _Matches:
    """line: (N,) nearest to each point. off: (N,) the point above it. apart: (N,) to the line after it."""

    line: Int64Array
    off: Float64Array
    apart: Float64Array

    def within(self, share: float) -> BoolArray:
        """(N,) which points are that near, of the distance between two lines."""
        return np.asarray(np.abs(self.off) < share * self.apart, np.bool_)

    def weights(self, lines: int, patience: float) -> tuple[Float64Array, Float64Array]:
        """(N,) weight of each point, and (lines,) twice how far off the points of a line usually are.

        patience: how many times further off a point still counts.
        """
        near, off = self.within(_MATCHED), np.abs(self.off)
        order = np.argsort(self.line[near], kind="stable")
        ends = np.searchsorted(self.line[near][order], np.arange(lines + 1))
        sorted_off = off[near][order]
        usual = np.full(lines, 0.5)
        for b in range(lines):
            if ends[b + 1] > ends[b]:
                usual[b] = max(2 * float(np.median(sorted_off[ends[b] : ends[b + 1]])), 0.5)
        return np.asarray(near / (1 + (off / (patience * usual[self.line])) ** 2), np.float64), usual


@njit
def _match(
    slope: Float64Array,
    height: Float64Array,
    distance: Float64Array,
    z: Float64Array,
    line: Int64Array,
    off: Float64Array,
    apart: Float64Array,
) -> None:
    for i in range(z.size):
        best, second = np.inf, np.inf
        for b in range(slope.size):
            rest = z[i] - height[b] - slope[b] * distance[i]
            if abs(rest) < best:
                second, best = best, abs(rest)
                line[i], off[i] = b, rest
            elif abs(rest) < second:
                second = abs(rest)
        apart[i] = best + second


def _matches(slope: Float64Array, height: Float64Array, distance: Float64Array, z: Float64Array) -> _Matches:
    found = _Matches(np.empty(len(z), np.int64), np.empty(len(z)), np.empty(len(z)))
    _match(slope, height, distance, z, found.line, found.off, found.apart)
    return found


def _peaks(slope: Float64Array) -> Float64Array:
    """Where the histogram of elevations (N,) has peaks."""
    low, high = np.percentile(slope, [0.2, 99.8])
    margin = 0.02 * (high - low) + 1e-9
    low, high = low - margin, high + margin
    count = np.histogram(slope, _BINS, (low, high))[0].astype(np.float64)
    smooth = np.convolve(count, np.array([1.0, 2.0, 3.0, 2.0, 1.0]) / 9, "same")
    wide, most = np.convolve(count, np.ones(_WIDE) / _WIDE, "same"), smooth.copy()
    for shift in range(1, 6):
        most = np.maximum(most, np.maximum(np.roll(smooth, shift), np.roll(smooth, -shift)))
    peak = np.flatnonzero((smooth >= most) & (smooth > 1.6 * wide) & (9 * smooth > 0.0015 * len(slope)))
    peak = peak[np.append(True, np.diff(peak) > 3)] if len(peak) else peak
    return np.asarray(low + (peak + 0.5) * (high - low) / _BINS, np.float64)


@njit
def _count_votes(
    distance: Float64Array, z: Float64Array, lines: Float64Array, lifts: Float64Array, votes: Float64Array
) -> None:
    """lines: (B, 5) slope, height, where it is held, how far off points still vote, and how near counts, both
    by distance. votes: (B, L), 0 at first: points on the line that is lifted at its foot by lifts (L,)."""
    for b in range(lines.shape[0]):
        slope, height, held = lines[b, 0], lines[b, 1], lines[b, 2]
        for i in range(z.size):
            off = z[i] - height - slope * distance[i]
            if abs(off) < lines[b, 3] * distance[i]:
                for k in range(lifts.size):
                    if abs(off - lifts[k] * (1 - distance[i] / held)) < lines[b, 4] * held:
                        votes[b, k] += 1


def _turned(scan: Scan, slope: Float64Array, height: Float64Array) -> tuple[Float64Array, Float64Array]:
    """Lines (B,), turned so that most points lie on each; slopes and heights."""
    z = scan.points[:, 2]
    _, distance, _ = scan.seen()
    line = _matches(slope, height, distance, z).line
    held = np.array([np.median(distance[line == b]) if np.any(line == b) else 1.0 for b in range(len(slope))])
    spacing = float(np.median(np.diff(np.sort(slope))))
    wide, narrow = np.full(len(slope), _FOUND * spacing), np.full(len(slope), _ON * spacing)
    lifts = np.linspace(-_LIFT, _LIFT, 81) * float(np.percentile(distance, 30))
    votes = np.zeros((len(slope), len(lifts)))
    _count_votes(distance, z, np.stack([slope, height, held, wide, narrow], 1), lifts, votes)
    lift = lifts[np.argmax(votes - 1e-3 * np.abs(lifts) / lifts[-1], axis=1)]
    return slope - lift / held, height + lift


def _fitted(
    line: Int64Array, weight: Float64Array, distance: Float64Array, z: Float64Array, count: int, height: float
) -> tuple[Float64Array, Float64Array, BoolArray]:
    """Slope and height of each line, by weighted least squares, and which lines have points.

    height: of the sensor, which counts as a few points more of each line.
    """

    def total(values: Float64Array) -> Float64Array:
        return np.asarray(np.bincount(line, values, count), np.float64)

    points = total(weight)
    more = _HELD * points
    rr, r, one = total(weight * distance**2), total(weight * distance), points + more
    rz, z_all = total(weight * distance * z), total(weight * z) + more * height
    divisor = rr * one - r * r
    there = (points > 0) & (divisor > 0)
    divisor = np.where(there, divisor, 1.0)
    return (rz * one - z_all * r) / divisor, (rr * z_all - r * rz) / divisor, there


def _merged(slope: Float64Array, height: Float64Array, far: Float64Array, usual: Float64Array) -> BoolArray:
    """Which lines, by rising slope, to keep. far: mean distance of their points. usual: see `_Matches`."""
    keep, last = np.ones(len(slope), np.bool_), 0
    spacing = float(np.median(np.diff(slope))) if len(slope) > 2 else 0.0
    for b in range(1, len(slope)):
        near = [
            abs(height[b] - height[last] + (slope[b] - slope[last]) * r)
            < max(min(usual[b], usual[last]), 0.15 * spacing * r)
            for r in (far[b], far[last])
        ]
        if all(near):
            keep[b] = False
        else:
            last = b
    return keep


class _Rest:
    """What lines cannot explain of numbers, one for each point: the lines follow when the place moves."""

    def __init__(self, line: Int64Array, weight: Float64Array, distance: Float64Array, count: int) -> None:
        self._line, self._weight, self._count = line, weight, count
        self._all = np.maximum(self._total(np.ones(len(line))), 1e-9)
        self._away = distance - (self._total(distance) / self._all)[line]
        self._spread = np.maximum(self._total(self._away**2), 1e-9)

    def _total(self, values: Float64Array) -> Float64Array:
        return np.asarray(np.bincount(self._line, self._weight * values, self._count), np.float64)

    def of(self, values: Float64Array) -> Float64Array:
        """(N,) less a weighted fit of each line's own height and slope."""
        even = values - (self._total(values) / self._all)[self._line]
        slope = self._total(even * self._away) / self._spread
        return np.asarray(even - slope[self._line] * self._away, np.float64)


def _move(scan: Scan, slope: Float64Array, matches: _Matches, weight: Float64Array) -> None:
    """Moves the axis, and the drift if there is one, so that points lie nearer to their lines."""
    off, distance, since = scan.seen()
    ahead = slope[matches.line, None] * off / distance[:, None]
    columns = np.hstack([ahead, ahead * since[:, None]]) if scan.drift.any() else ahead
    rest = _Rest(matches.line, weight, distance, len(slope))
    columns = np.stack([rest.of(column) for column in columns.T], 1)
    both = columns * weight[:, None]
    normal = both.T @ columns
    if np.linalg.cond(normal) > 1e12:
        return
    step = np.linalg.solve(normal, -(both.T @ rest.of(matches.off)))
    scan.axis = scan.axis + step[:2]
    if scan.drift.any():
        scan.drift = scan.drift + step[2:]


def _lines(scan: Scan, job: JobContext) -> tuple[Float64Array, Float64Array]:
    """Slopes and heights of the beams, by rising slope. The scan's place moves to fit them better."""
    z = scan.points[:, 2]
    _, distance, _ = scan.seen()
    slope = _peaks((z - scan.height) / distance)
    height = np.full(len(slope), scan.height)
    for patience in (*_PATIENCE, *_MORE) if scan.drift.any() else _PATIENCE:
        job.check()
        if not 2 <= len(slope) <= 2 * MOST_BEAMS:
            return np.empty(0), np.empty(0)
        if patience > 1:
            slope, height = _turned(scan, slope, height)
        found = _matches(slope, height, distance, z)
        weight, usual = found.weights(len(slope), patience)
        middle = float(np.median(height))
        slope, height, there = _fitted(found.line, weight, distance, z, len(slope), middle)
        points = np.bincount(found.line, weight, len(slope))
        far = np.bincount(found.line, weight * distance, len(slope)) / np.maximum(points, 1e-9)
        keep = np.flatnonzero(there & (points > max(0.0004 * len(z), 4)))
        keep = keep[np.argsort(slope[keep])]
        if len(keep) < 2:
            return np.empty(0), np.empty(0)
        keep = keep[_merged(slope[keep], height[keep], far[keep], usual[keep])]
        slope, height = slope[keep], height[keep]
        found = _matches(slope, height, distance, z)
        _move(scan, slope, found, found.weights(len(slope), patience)[0])
        _, distance, _ = scan.seen()
    return slope, height


@njit
def _regularity(
    apart: Float64Array,
    bend: Float64Array,
    line: Int64Array,
    step: float,
    side: Float64Array,
    total: Float64Array,
) -> None:
    """Adds up, for each line, how near azimuths between neighbours are to whole steps: 1, or -1 halfway."""
    total[:] = 0
    for i in range(apart.size):
        part = (apart[i] - side[line[i]] * bend[i]) / step
        total[line[i]] += 1 - 4 * abs(part - np.floor(part + 0.5))


def _steps(
    azimuth: Float64Array, distance: Float64Array, line: Int64Array, beams: int
) -> tuple[float, Float64Array]:
    """The step of azimuths in radians, 0 if they are not regular, and (B,) the sides of the beams."""
    none = np.zeros(beams)
    order = np.lexsort((azimuth, line))
    same = line[order[1:]] == line[order[:-1]]
    one, other, own = order[:-1][same], order[1:][same], line[order[1:]][same]
    apart, bend = azimuth[other] - azimuth[one], 1 / distance[other] - 1 / distance[one]
    if len(apart) < 100:
        return 0.0, none
    small = apart[(apart > 1e-5) & (apart < 4 * np.median(apart))]
    if len(small) < 100:
        return 0.0, none
    count, edges = np.histogram(small, 400)
    step = float(edges[np.argmax(np.convolve(count, np.ones(5), "same"))] + (edges[1] - edges[0]) / 2)
    keep = apart < 8.5 * step
    apart, bend, own = apart[keep], bend[keep], own[keep]
    total, side = np.zeros(beams), none

    def best_step(step: float, side: Float64Array, span: float) -> float:
        tried = step * (1 + np.linspace(-span, span, 25))
        values = []
        for one_step in tried:
            _regularity(apart, bend, own, float(one_step), side, total)
            values.append(total.sum())
        return float(tried[int(np.argmax(values))])

    for span in (0.08, 0.01):
        step = best_step(step, side, span)
    near = float(np.percentile(distance, 10))
    for width, parts in ((3 * step * near, 73), (0.1 * step * near, 9)):
        best, found = np.full(beams, -np.inf), side
        for share in np.linspace(-1, 1, parts):
            tried_side = side + share * width
            _regularity(apart, bend, own, step, tried_side, total)
            better = total > best
            best, found = np.where(better, total, best), np.where(better, tried_side, found)
        side = found
        step = best_step(step, side, 0.01)
    _regularity(apart, bend, own, step, side, total)
    regular = total.sum() > _REGULAR * len(apart)
    for lag in _LAGS:
        one, other = order[:-lag], order[lag:]
        whole = (line[one] == line[other]) & (azimuth[other] - azimuth[one] < 1.5 * lag * step)
        one, other = one[whole], other[whole]
        apart, bend, own = azimuth[other] - azimuth[one], 1 / distance[other] - 1 / distance[one], line[one]
        step = best_step(step, side, 0.1 / lag)
    return (step, side) if regular else (0.0, none)


def sensor_of(scan: Scan, job: JobContext) -> Sensor | None:
    """The sensor at about this place; None if too few points lie on its beams. Raises CancelledError."""
    points = scan.points
    scan.points = points[:: max(len(points) // _SAMPLE, 1)]
    slope, height = _lines(scan, job)
    if not 2 <= len(slope) <= MOST_BEAMS:
        return None
    scan.points = points
    off, distance, _ = scan.seen()
    found = _matches(slope, height, distance, scan.points[:, 2])
    explained = found.within(_EXPLAINED)
    if np.mean(explained) < _LEAST:
        return None
    azimuth = np.arctan2(off[:, 1], off[:, 0])
    step, side = _steps(azimuth[explained], distance[explained], found.line[explained], len(slope))
    unit = 1 << LENGTH_BITS

    def whole(value: float) -> int:
        return int(np.rint(value))

    beams = [
        Beam(whole(s * (1 << SLOPE_BITS)), whole(h * unit), whole(c * unit))
        for s, h, c in zip(slope, height, side, strict=True)
    ]
    sensor = Sensor(
        whole(scan.axis[0] * unit),
        whole(scan.axis[1] * unit),
        (whole(scan.drift[0] * unit), whole(scan.drift[1] * unit)),
        whole(scan.start * (1 << START_BITS)) % (1 << START_BITS),
        whole(step / (2 * np.pi) * TURN),
        tuple(sorted(beams)),
    )
    return sensor if sensor.valid else None
