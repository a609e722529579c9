"""Lengths of voxels in a view, where they differ from axis to axis."""

from __future__ import annotations

import numpy as np
import pytest

from octavox.codec import Transform, VoxelCloud
from octavox.gui.document.camera import Camera
from octavox.gui.document.display import flat, prepare
from octavox.gui.document.proportions import Proportions


def test_voxels_of_one_length_are_cubes() -> None:
    sizes = Proportions.of(Transform((1.0, 2.0, 3.0), 0.25), (10, 10, 10))
    assert sizes.cubes and sizes.unit == 0.25


def test_the_shortest_edge_is_the_unit() -> None:
    sizes = Proportions.of(Transform(scale=0.01, axis_scale=(0.02, 0.01, 0.05)), (100, 80, 60))
    assert sizes.steps == pytest.approx((2, 1, 5)) and sizes.unit == 0.01 and not sizes.cubes
    assert sizes.point == 2
    rows = np.arange(12).reshape(4, 3)
    assert np.allclose(sizes.to_voxels(sizes.to_view(rows)), rows)


@pytest.mark.parametrize("step", [1.0, 1e-5])
def test_an_axis_with_one_layer_takes_the_step_of_the_others(step: float) -> None:
    transform = Transform(scale=min(step, 0.01), axis_scale=(0.01, 0.02, step))
    sizes = Proportions.of(transform, (100, 100, 1))
    assert sizes.steps == pytest.approx((1, 2, 1)) and sizes.unit == 0.01
    assert Proportions.of(transform, (1, 1, 1)).cubes


def test_axes_of_other_units_are_drawn_as_cubes() -> None:
    degrees = Transform(scale=1e-7, axis_scale=(1e-7, 1e-7, 1e-3))
    assert Proportions.of(degrees, (100_000, 100_000, 50_000)).cubes


def test_bounds_are_those_of_the_view() -> None:
    coords = np.array([[0, 0, 0], [9, 19, 4]], np.int32)
    display = flat(VoxelCloud(coords, 5, Transform(scale=1.0, axis_scale=(2.0, 1.0, 4.0))))
    assert display.extent.tolist() == [20, 20, 20]
    assert display.middle.tolist() == [10, 10, 10]
    assert display.radius == pytest.approx(10 * 3**0.5)


def test_normals_are_those_of_the_view() -> None:
    rows = np.array([(x, y, x // 4) for x in range(64) for y in range(64)], np.int64)
    cloud = VoxelCloud.from_coords(rows, Transform(scale=1.0, axis_scale=(1.0, 1.0, 4.0)))
    normals = prepare(cloud).points.normals / 127  # a slope of 45 degrees
    assert np.median(np.abs(normals), axis=0) == pytest.approx((0.707, 0, 0.707), abs=0.05)


def test_a_camera_stays_where_it_was_on_another_grid() -> None:
    old = Transform((10.0, 0.0, -5.0), 0.5, (0.5, 1.0, 2.0))
    new = Transform((9.0, -1.0, -6.0), 0.1, (0.2, 0.1, 0.3))
    a, b = Proportions((1, 2, 4), 0.5), Proportions((2, 1, 3), 0.1)
    voxel = np.array([3.0, 4.0, 5.0])
    x, y, z = a.to_view(voxel + 0.5).tolist()
    moved = Camera(center=(x, y, z), distance=100).on_grid((old, a), (new, b))
    place = b.to_voxels(np.array(moved.center)) - 0.5
    assert new.apply(place[None]) == pytest.approx(old.apply(voxel[None]))
    assert moved.distance == pytest.approx(500)
