"""Lengths and angles between voxels, in the units of the file."""

from __future__ import annotations

import pytest

from octavox.codec import Transform
from octavox.gui.document.measure import Measurement, with_point

PLAIN, FINE = Transform(), Transform((5.0, 0.0, 0.0), 0.25)


def test_lengths_are_said_in_voxels_and_in_units_where_these_differ() -> None:
    points = ((0, 0, 0), (3, 4, 0))
    assert Measurement(points, PLAIN).lengths == ["5 voxels"]
    assert Measurement(points, FINE).lengths == ["1.25 units = 5 voxels"]


@pytest.mark.parametrize(
    ("last", "angle"), [((1, 0, 0), 0.0), ((1, 1, 0), 45.0), ((0, 7, 0), 90.0), ((-2, 0, 0), 180.0)]
)
def test_the_angle_is_the_one_at_the_second_point(last, angle) -> None:
    found = Measurement(((4, 0, 0), (0, 0, 0), last), PLAIN)
    assert found.angle == pytest.approx(angle)
    assert "angle at the second point" in found.words()


def test_a_fourth_point_begins_anew_and_so_does_another_cloud() -> None:
    found = None
    for k in range(3):
        found = with_point(found, (k, 0, 0), PLAIN)
        assert len(found.voxels) == k + 1
    assert with_point(found, (9, 9, 9), PLAIN).voxels == ((9, 9, 9),)
    two = Measurement(((0, 0, 0), (1, 1, 1)), PLAIN)
    assert with_point(two, (9, 9, 9), FINE) == Measurement(((9, 9, 9),), FINE)


def test_no_angle_without_three_different_points() -> None:
    assert Measurement(((0, 0, 0), (1, 0, 0)), PLAIN).angle is None
    assert Measurement(((0, 0, 0), (0, 0, 0), (1, 0, 0)), PLAIN).angle is None
