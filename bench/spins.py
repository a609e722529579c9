"""Spinning laser scanners over a made-up street: frames as KITTI's and nuScenes' sensors give them.

A frame comes from a ray caster, with the geometry that real sensors have: each beam has its own elevation,
and in the 64-beam sensor its own height, side and turn; ranges have noise and a step; some rays return
nothing. A return has an intensity by the reflectance of what it hit, the angle at which it did, the distance,
the gain of its beam, and noise.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
_PLACES = np.linspace(-8, 8, 4097)
_NORMAL = np.array([0.5 * math.erfc(-x / math.sqrt(2)) for x in _PLACES])

HEIGHT = 1.73  # of the sensor above the street, metres
REACH = 120.0
STREET, KERB, HOUSE, CAR, GLASS, WOOD, LEAVES = range(7)
REFLECTANCE = np.array([0.18, 0.3, 0.45, 0.5, 0.08, 0.3, 0.4])  # of these, a mean
SPREAD = np.array([0.0, 0.0, 0.25, 0.35, 0.03, 0.1, 0.1])  # between things of a kind
PATTERN = np.array([0.15, 0.2, 0.25, 0.02, 0.0, 0.3, 0.5])  # share by which a thing varies over its surface
NEAR, HALF = 5.0, 60.0  # metres: where the lens sees best; where half the rest is left
SPECKLE, FLOOR = 0.08, 1.0  # noise: a share, and steps of the intensity
GAIN = 0.05  # how far beams differ


@dataclass(frozen=True)
class Sensor:
    """Angles in radians, lengths in metres. elevation, height, side, turn: (beams,) of each beam, what it is
    above, beside and ahead of the axis. steps: of a turn. tick: step of the azimuth that it reports, or 0.
    noise, range_step: of ranges. wobble: noise of elevations. drift: how far it moves during a turn, x and y.
    """

    elevation: Floats
    height: Floats
    side: Floats
    turn: Floats
    steps: int
    tick: float
    noise: float
    range_step: float
    wobble: float
    drift: tuple[float, float] = (0.0, 0.0)


def sixty_four(seed: int) -> Sensor:
    """Two blocks of 32 beams, each from a place of its own, as in Velodyne's HDL-64E."""
    dice = np.random.default_rng(seed)
    upper, lower = np.linspace(2.0, -8.33, 32), np.linspace(-8.83, -24.33, 32)
    elevation = np.radians(np.append(upper, lower) + dice.normal(0, 0.04, 64))
    middle = np.append(np.full(32, 0.02), np.full(32, -0.05))
    height = middle - 0.09 * np.tan(elevation) + dice.normal(0, 0.001, 64)
    side = 0.026 * np.where(np.arange(64) % 2, 1.0, -1.0)
    turn = np.radians(np.tile([-4.5, -2.0, 0.5, 3.0], 16) + dice.normal(0, 0.2, 64))
    return Sensor(elevation, height, side, turn, 2083, np.radians(0.01), 0.008, 0.002, 2e-5)


def thirty_two(seed: int, drift: tuple[float, float] = (0.0, 0.0)) -> Sensor:
    """32 beams from one place, one after the other, as in Velodyne's HDL-32E; drift: of a moving car."""
    dice = np.random.default_rng(seed)
    elevation = np.radians(np.linspace(10.67, -30.67, 32) + dice.normal(0, 0.02, 32))
    turn = np.radians(0.332 * np.arange(32) / 40)
    return Sensor(elevation, np.zeros(32), np.zeros(32), turn, 1084, 0.0, 0.01, 0.002, 1e-4, drift)


@dataclass(frozen=True)
class Returns:
    """points: (N, 3) metres around the sensor. intensity: (N,) uint8. beam, column: (N,) of the ray.

    floor: (N,) bits of the intensity when all but its noise is known.
    """

    points: Floats
    intensity: npt.NDArray[np.uint8]
    beam: npt.NDArray[np.int64]
    column: npt.NDArray[np.int64]
    floor: Floats


class _Hits:
    """What rays hit first: reach (N,), infinite where nothing; kind and reflectance (N,) of it; cosine (N,)
    of the angle between ray and surface."""

    def __init__(self, rays: int, seed: int) -> None:
        self.dice = np.random.default_rng(seed)  # of shades and leaves
        self.reach = np.full(rays, np.inf)
        self.kind = np.zeros(rays, np.int64)
        self.reflectance, self.cosine = np.zeros(rays), np.ones(rays)

    def take(
        self, hit: npt.NDArray[np.bool_], reach: Floats, kind: int, shade: float, cosine: Floats
    ) -> None:
        """Rays that hit a thing nearer than all before. shade: its part of SPREAD, around 0."""
        own = REFLECTANCE[kind] + shade * SPREAD[kind]
        self.reach[hit], self.kind[hit], self.cosine[hit] = reach[hit], kind, np.abs(cosine[hit])
        self.reflectance[hit] = min(max(own, 0.03), 1.0)


def frame(sensor: Sensor, seed: int, part: float = 1.0) -> Floats:
    """(N, 3) points of one turn, in metres around the sensor. part: of the turn."""
    return returns(sensor, seed, part).points


def returns(sensor: Sensor, seed: int, part: float = 1.0) -> Returns:
    """All of one turn, column by column. part: of the turn."""
    dice = np.random.default_rng(seed)
    beams, columns = len(sensor.elevation), int(sensor.steps * part)
    turned = 2 * np.pi * np.arange(columns) / sensor.steps + dice.uniform(0, 1)
    if sensor.tick:
        turned = np.rint(turned / sensor.tick) * sensor.tick
    azimuth = (turned[:, None] + sensor.turn).ravel()
    elevation = np.tile(sensor.elevation, columns) + dice.normal(0, sensor.wobble, beams * columns)
    side, height = np.tile(sensor.side, columns), np.tile(sensor.height, columns)
    start = np.stack([-side * np.sin(azimuth), side * np.cos(azimuth), height], 1)
    time = np.repeat(np.arange(columns) / sensor.steps, beams)
    start[:, :2] += time[:, None] * sensor.drift
    flat = np.cos(elevation)
    ray = np.stack([flat * np.cos(azimuth), flat * np.sin(azimuth), np.sin(elevation)], 1)
    hits = _street(start, ray, seed)
    reach = hits.reach + dice.normal(0, sensor.noise, len(ray)) * (1 + (dice.random(len(ray)) < 0.1))
    reach = np.rint(reach / sensor.range_step) * sensor.range_step
    seen = (reach < REACH) & (reach > 1.0) & (dice.random(len(reach)) > 0.06)
    number = np.arange(len(ray))[seen]
    points = np.asarray((start + ray * reach[:, None])[seen], np.float64)
    intensity, floor = _intensity(hits, points, number, beams, np.random.default_rng(seed + 3000))
    return Returns(points, intensity, number % beams, number // beams, floor)


def _intensity(
    hits: _Hits, points: Floats, number: npt.NDArray[np.int64], beams: int, dice: np.random.Generator
) -> tuple[npt.NDArray[np.uint8], Floats]:
    """Of the returns with these numbers of rays, at these points; and the floor, see Returns."""
    kind, reach = hits.kind[number], hits.reach[number]
    x, y, z = points.T
    wave = np.sin(x / 1.3 + 2 * np.sin(y / 3.1)) * np.cos(y / 0.9 + z / 0.7) + 0.5 * np.sin(
        5 * x + 3 * y + 7 * z
    )
    paint = (kind == STREET) & (np.abs(np.abs(y) - 3.5) < 0.08) & (x % 9 < 6)
    own = np.where(paint, 0.75, hits.reflectance[number]) * (1 + PATTERN[kind] * wave / 1.5)
    fading = np.minimum(reach / NEAR, 1.0) ** 0.5 * 0.5 ** (np.maximum(reach - NEAR, 0) / HALF)
    gain = dice.normal(1, GAIN, beams)[number % beams]
    clean = 255 * own * hits.cosine[number] ** 0.7 * fading * gain
    noise = np.hypot(SPECKLE * clean, FLOOR)
    found = np.clip(np.rint(clean + noise * dice.normal(0, 1, len(number))), 0, 255)
    return found.astype(np.uint8), _bits_of_noise(clean, noise)


def _bits_of_noise(clean: Floats, noise: Floats) -> Floats:
    """Entropy of whole numbers from 0 to 255 with Gaussian noise around a clean value."""
    total = np.zeros(len(clean))
    below = np.zeros(len(clean))
    for value in range(256):
        upto = np.ones(len(clean)) if value == 255 else _normal((value + 0.5 - clean) / noise)
        p = np.maximum(upto - below, 1e-300)
        total -= p * np.log2(p)
        below = upto
    return total


def _normal(x: Floats) -> Floats:
    """The distribution function of a normal variable."""
    return np.interp(x, _PLACES, _NORMAL)


def _street(start: Floats, ray: Floats, seed: int) -> _Hits:
    """What (N,) rays hit first."""
    hits, dice = _Hits(len(ray), seed + 2000), np.random.default_rng(seed + 1000)
    shades = hits.dice
    _ground(start, ray, hits)
    for _ in range(24):  # houses along the street
        along, side = dice.uniform(-90, 90), dice.choice([-1, 1])
        low = np.array([along, side * dice.uniform(9, 14), -HEIGHT])
        size = np.array([dice.uniform(6, 16), side * dice.uniform(6, 12), dice.uniform(4, 14)])
        shade = shades.uniform(-1, 1)
        _box(start, ray, hits, (np.minimum(low, low + size), np.maximum(low, low + size)), HOUSE, shade)
    for _ in range(30):  # cars: a body and a cabin
        low = np.array([dice.uniform(-60, 60), dice.choice([-6.5, -3.2, 3.2, 6.5]), 0.3 - HEIGHT])
        body = np.array([dice.uniform(3.6, 4.8), 1.8, 0.7])
        _box(start, ray, hits, (low, low + body), CAR, shades.uniform(-1, 1))
        cabin = low + np.array([0.9, 0.15, 0.7]), low + body + np.array([-0.7, -0.15, 0.6])
        _box(start, ray, hits, cabin, GLASS, shades.uniform(-1, 1))
    for _ in range(40):  # poles and trunks
        middle = dice.uniform([-70, -9], [70, 9])
        _pole(start, ray, hits, middle, dice.uniform(0.05, 0.25), shades.uniform(-1, 1))
    for _ in range(40):  # bushes and crowns, which let some rays through
        middle = np.append(dice.uniform([-70, -20], [70, 20]), dice.uniform(-1.2, 3.0))
        if abs(middle[1]) > 5:
            _bush(start, ray, hits, (middle, dice.uniform(0.6, 2.5)), shades.uniform(-1, 1), dice)
    return hits


def _ground(start: Floats, ray: Floats, hits: _Hits) -> None:
    """A street with a crown, a kerb and slow hills."""
    with np.errstate(divide="ignore", invalid="ignore"):
        reach = np.where(ray[:, 2] < -1e-3, (-HEIGHT - start[:, 2]) / ray[:, 2], np.inf)
        for _ in range(4):
            at = start + ray * np.where(np.isfinite(reach), reach, 0)[:, None]
            z = 0.3 * np.sin(at[:, 0] / 17) * np.cos(at[:, 1] / 23) - 0.01 * np.abs(at[:, 1])
            z += 0.12 * (np.abs(at[:, 1]) > 7.5) - HEIGHT
            reach = np.where(np.isfinite(reach), (z - start[:, 2]) / ray[:, 2], np.inf)
    hit = (reach > 0) & np.isfinite(reach)
    aside = np.abs(at[:, 1]) > 7.5
    for kind, there in ((STREET, hit & ~aside), (KERB, hit & aside)):
        hits.take(there, reach, kind, 0.0, ray[:, 2])


def _box(
    start: Floats, ray: Floats, hits: _Hits, corners: tuple[Floats, Floats], kind: int, shade: float
) -> None:
    with np.errstate(divide="ignore", invalid="ignore"):
        one, other = (corners[0] - start) / ray, (corners[1] - start) / ray
    sides = np.minimum(one, other)
    enter, leave = sides.max(1), np.maximum(one, other).min(1)
    cosine = np.take_along_axis(ray, sides.argmax(1)[:, None], 1)[:, 0]
    hits.take((enter < leave) & (enter > 0.5) & (enter < hits.reach), enter, kind, shade, cosine)


def _pole(start: Floats, ray: Floats, hits: _Hits, middle: Floats, radius: float, shade: float) -> None:
    to = start[:, :2] - middle
    a, b = (ray[:, :2] ** 2).sum(1), (to * ray[:, :2]).sum(1)
    root = b * b - a * ((to**2).sum(1) - radius**2)
    enter = (-b - np.sqrt(np.maximum(root, 0))) / a
    top = start[:, 2] + ray[:, 2] * enter
    cosine = ((to + ray[:, :2] * enter[:, None]) * ray[:, :2]).sum(1) / radius
    hit = (root > 0) & (enter > 0.5) & (enter < hits.reach) & (top < 4.5)
    hits.take(hit, enter, WOOD, shade, cosine)


def _bush(
    start: Floats,
    ray: Floats,
    hits: _Hits,
    ball: tuple[Floats, float],
    shade: float,
    dice: np.random.Generator,
) -> None:
    """ball: middle and radius."""
    to = start - ball[0]
    b = (to * ray).sum(1)
    root = b * b - ((to**2).sum(1) - ball[1] ** 2)
    half = np.sqrt(np.maximum(root, 0))
    enter = -b - half + dice.exponential(0.4 * ball[1], len(b))
    hit = (root > 0) & (enter < -b + half) & (enter > 0.5) & (enter < hits.reach)
    hits.take(hit, enter, LEAVES, shade, hits.dice.uniform(0.2, 1.0, len(b)))
