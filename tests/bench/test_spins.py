"""Generated scans: intensities say what was hit; the bench of rings sees what a decoder knows."""

from __future__ import annotations

import numpy as np
import pytest

from bench import rings, spins
from octavox.codec.cloud.morton import morton_encode

PART = 0.5  # of a turn


@pytest.fixture(scope="module")
def found() -> spins.Returns:
    return spins.returns(spins.thirty_two(5), 6, PART)


def cells_of(found: spins.Returns) -> rings.Ints:
    cells = np.floor(found.points * 500 + 0.5).astype(np.int64)
    return np.asarray(cells - cells.min(0), np.int64)


def test_a_frame_is_always_the_same(found: spins.Returns) -> None:
    again = spins.returns(spins.thirty_two(5), 6, PART)
    assert np.array_equal(found.points, spins.frame(spins.thirty_two(5), 6, PART))
    assert np.array_equal(found.intensity, again.intensity) and len(found.points) > 500
    assert found.beam.max() == 31 and (np.diff(found.column) >= 0).all()


def test_intensities_fall_with_the_distance_and_differ_by_what_is_hit(found: spins.Returns) -> None:
    reach = np.linalg.norm(found.points, axis=1)
    street = (np.abs(found.points[:, 1]) < 3) & (found.points[:, 2] < -1.2)
    near, far = street & (reach < 8), street & (reach > 15)
    assert found.intensity[near].mean() > 2 * found.intensity[far].mean() > 0
    assert found.intensity[~street].mean() > found.intensity[street].mean()


def test_the_floor_is_the_entropy_of_the_noise() -> None:
    clean, noise = np.array([0.0, 40.0, 120.0]), np.array([1e-6, 2.0, 10.0])
    density = np.log2(
        np.sqrt((noise[1:] ** 2 + 1 / 12) * 2 * np.pi * np.e)
    )  # of its sum with a rounding error
    wanted = [0.0, *density]
    assert spins._bits_of_noise(clean, noise) == pytest.approx(wanted, abs=5e-3)


def test_only_returns_that_are_known_are_looked_at(found: spins.Returns) -> None:
    sensor, cells = spins.thirty_two(5), cells_of(found)
    scan = rings.scan_of(found, cells, sensor)
    rows = np.arange(len(cells))[:, None]
    assert (scan.near < rows).all() and (scan.ring < rows).all() and (scan.ring >= 0).any()
    order = np.argsort(morton_encode(cells), kind="stable")
    beam, column = found.beam[order], found.column[order]
    for k, way in enumerate((-1, -1, 1, 1)):
        there = scan.ring[:, k] >= 0
        other = scan.ring[there, k]
        assert np.array_equal(beam[other], beam[there])
        step = way * (column[other] - column[there]) % sensor.steps
        assert ((step > 0) & (step <= rings.RING_REACH)).all()
    assert 0.5 < scan.same_beam <= 1
    assert rings.left(scan, True) == pytest.approx(rings.left(scan, False), rel=0.1)
