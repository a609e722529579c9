"""Spinning laser scanners over a made-up street: frames as KITTI's and nuScenes' sensors give them.

A frame comes from a ray caster, with the geometry that real sensors have: each beam has its own elevation,
and in the 64-beam sensor its own height, side and turn; ranges have noise and a step; some rays return
nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

HEIGHT = 1.73  # of the sensor above the street, metres
REACH = 120.0


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


def frame(sensor: Sensor, seed: int, part: float = 1.0) -> Floats:
    """(N, 3) points of one turn, in metres around the sensor. part: of the turn."""
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
    reach = _street(start, ray, np.random.default_rng(seed + 1000))
    reach = reach + dice.normal(0, sensor.noise, len(reach)) * (1 + (dice.random(len(reach)) < 0.1))
    reach = np.rint(reach / sensor.range_step) * sensor.range_step
    seen = (reach < REACH) & (reach > 1.0) & (dice.random(len(reach)) > 0.06)
    return np.asarray((start + ray * reach[:, None])[seen], np.float64)


def _street(start: Floats, ray: Floats, dice: np.random.Generator) -> Floats:
    """(N,) lengths of rays to the first thing that they hit, infinite where there is none."""
    reach = _ground(start, ray)
    for _ in range(24):  # houses along the street
        along, side = dice.uniform(-90, 90), dice.choice([-1, 1])
        low = np.array([along, side * dice.uniform(9, 14), -HEIGHT])
        size = np.array([dice.uniform(6, 16), side * dice.uniform(6, 12), dice.uniform(4, 14)])
        _box(start, ray, reach, np.minimum(low, low + size), np.maximum(low, low + size))
    for _ in range(30):  # cars: a body and a cabin
        low = np.array([dice.uniform(-60, 60), dice.choice([-6.5, -3.2, 3.2, 6.5]), 0.3 - HEIGHT])
        body = np.array([dice.uniform(3.6, 4.8), 1.8, 0.7])
        _box(start, ray, reach, low, low + body)
        _box(start, ray, reach, low + np.array([0.9, 0.15, 0.7]), low + body + np.array([-0.7, -0.15, 0.6]))
    for _ in range(40):  # poles and trunks
        _pole(start, ray, reach, dice.uniform([-70, -9], [70, 9]), dice.uniform(0.05, 0.25))
    for _ in range(40):  # bushes and crowns, which let some rays through
        middle = np.append(dice.uniform([-70, -20], [70, 20]), dice.uniform(-1.2, 3.0))
        if abs(middle[1]) > 5:
            _bush(start, ray, reach, middle, dice.uniform(0.6, 2.5), dice)
    return reach


def _ground(start: Floats, ray: Floats) -> Floats:
    """A street with a crown, a kerb and slow hills."""
    with np.errstate(divide="ignore", invalid="ignore"):
        reach = np.where(ray[:, 2] < -1e-3, (-HEIGHT - start[:, 2]) / ray[:, 2], np.inf)
        for _ in range(4):
            at = start + ray * np.where(np.isfinite(reach), reach, 0)[:, None]
            z = 0.3 * np.sin(at[:, 0] / 17) * np.cos(at[:, 1] / 23) - 0.01 * np.abs(at[:, 1])
            z += 0.12 * (np.abs(at[:, 1]) > 7.5) - HEIGHT
            reach = np.where(np.isfinite(reach), (z - start[:, 2]) / ray[:, 2], np.inf)
    return np.where(reach > 0, reach, np.inf)


def _box(start: Floats, ray: Floats, reach: Floats, low: Floats, high: Floats) -> None:
    with np.errstate(divide="ignore", invalid="ignore"):
        one, other = (low - start) / ray, (high - start) / ray
    enter, leave = np.minimum(one, other).max(1), np.maximum(one, other).min(1)
    hit = (enter < leave) & (enter > 0.5) & (enter < reach)
    reach[hit] = enter[hit]


def _pole(start: Floats, ray: Floats, reach: Floats, middle: Floats, radius: float) -> None:
    to = start[:, :2] - middle
    a, b = (ray[:, :2] ** 2).sum(1), (to * ray[:, :2]).sum(1)
    root = b * b - a * ((to**2).sum(1) - radius**2)
    enter = (-b - np.sqrt(np.maximum(root, 0))) / a
    top = start[:, 2] + ray[:, 2] * enter
    hit = (root > 0) & (enter > 0.5) & (enter < reach) & (top < 4.5)
    reach[hit] = enter[hit]


def _bush(
    start: Floats, ray: Floats, reach: Floats, middle: Floats, radius: float, dice: np.random.Generator
) -> None:
    to = start - middle
    b = (to * ray).sum(1)
    root = b * b - ((to**2).sum(1) - radius**2)
    half = np.sqrt(np.maximum(root, 0))
    enter = -b - half + dice.exponential(0.4 * radius, len(b))
    hit = (root > 0) & (enter < -b + half) & (enter > 0.5) & (enter < reach)
    reach[hit] = enter[hit]
