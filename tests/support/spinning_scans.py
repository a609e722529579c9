"""Scans of a spinning sensor: rings of integers, the same on every machine, and a small street."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from octavox.codec.codecs.geometry.octree.sensor import Beam, Sensor

RING_DEPTH = 14
_STEP = (1 << 32) // 400


def rings(beams: int, drift: tuple[int, int] = (400, -300)) -> tuple[Sensor, npt.NDArray[np.int64]]:
    """A sensor above level ground, and about what it hits, in whole numbers."""
    middle, tall = 1 << (RING_DEPTH - 1), 700
    slopes = [-(1 << 20) * 4 // (9 + 3 * k) for k in range(beams)]
    lifts = [16 * (tall + 40 + 3 * k) for k in range(beams)]
    sides = [160 if k % 2 else -160 for k in range(beams)]
    sensor = Sensor(
        16 * middle + 5,
        16 * middle - 3,
        drift,
        10,
        _STEP,
        tuple(map(Beam, slopes, lifts, sides)),
    )
    points = []
    for k, beam in enumerate(sensor.beams):
        radius = (beam.height - 16 * 40) * (1 << 20) // -beam.slope // 16
        for shot in range(0, 400, 2):
            x, y = _circle(shot + 7 * k, radius)
            points.append((middle + x, middle + y, 40 + (shot * k) % 3))
    return sensor, np.array(points, np.int64)


def _circle(shot: int, radius: int) -> tuple[int, int]:
    """A place on a circle, in one of 400 directions: by turning a long vector with whole numbers."""
    x, y = radius << 20, 0
    for _ in range(shot % 400):  # a turn by 2 pi / 400
        x, y = (x * 1073609359 - y * 16865604) >> 30, (x * 16865604 + y * 1073609359) >> 30
    return x >> 20, y >> 20


def street(
    beams: int, shots: int, seed: int = 1, drift: float = 0.0, shifted: bool = True
) -> npt.NDArray[np.int64]:
    """(N, 3) voxels of 2 mm: a turn above a street between two walls, with noise of ranges. drift: in metres.

    shifted: to the origin; otherwise seen from the sensor.
    """
    dice = np.random.default_rng(seed)
    azimuth = np.repeat(2 * np.pi * (np.arange(shots) + 0.3) / shots, beams)
    slope = np.tile(np.tan(np.radians(np.linspace(8, -25, beams))), shots)
    ray = np.stack([np.cos(azimuth), np.sin(azimuth)], 1)
    with np.errstate(divide="ignore"):
        ground = np.where(slope < 0, -1.7 / slope, np.inf)
        wall = np.where(ray[:, 1] > 0, 9.0, -6.0) / ray[:, 1]
        far = np.minimum(ground, np.minimum(wall, 50.0 / np.abs(ray[:, 0])))
    far = far + dice.normal(0, 0.006, len(far)) / np.sqrt(1 + slope**2)
    points = np.column_stack([ray * far[:, None], slope * far])
    points[:, 0] += drift * azimuth / (2 * np.pi)
    voxels = np.floor(points / 0.002 + 0.5).astype(np.int64)
    return np.asarray(voxels - voxels.min(0) if shifted else voxels, np.int64)
