"""Near voxels are cubes of their true size; clipping, slices, parallel views, measuring."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from pictures import drawn, foreground
from windows import complete, opened_file

from octavox import codec
from octavox.gui.document.camera import Camera

pytestmark = pytest.mark.gl


@pytest.fixture
def few(window, qtbot, tmp_path):
    """The window with a few voxels: 1 x 2 x 1 of them in a row, another far behind them."""
    path = tmp_path / "few.ply"
    points = codec.PointCloud(np.array([[10, 10, 30], [10, 11, 30], [10, 10, 2]]))
    codec.write_ply(path, codec.voxelize(points)[0])
    return opened_file(window, qtbot, path)


def look(window, qtbot, camera: Camera) -> np.ndarray:
    """The picture from there, as bool: not background."""
    window.session.set_camera(camera)
    complete(qtbot, window)
    return foreground(window, drawn(window))


def extent(mask: np.ndarray) -> tuple[int, int]:
    """Width and height of what is seen."""
    rows, columns = np.nonzero(mask)
    return int(np.ptp(columns)) + 1, int(np.ptp(rows)) + 1


@pytest.mark.parametrize("parallel", [False, True])
@pytest.mark.parametrize("distance", [20.0, 45.0, 100.0])
def test_near_voxels_are_as_large_as_they_are(few, qtbot, parallel, distance) -> None:
    """To the pixel: what is seen of two voxels is what geometry says."""
    pane = few.viewport.a.pane
    camera = Camera((10.5, 11.0, 30.5), distance, 0.0, 0.0, parallel=parallel)
    few.action_registry["axes"].trigger()
    mask = look(few, qtbot, camera)
    corners = camera.project([(10, 10, 31), (11, 12, 31)], pane.width(), pane.height())
    expected = np.abs(corners[1] - corners[0])[:2]
    assert expected[0] > 5
    assert np.abs(extent(mask) - expected).max() <= 1


def test_far_voxels_are_points_and_near_ones_are_lit(few, qtbot) -> None:
    voxels = few.session.reference.display.cloud.coords
    camera = Camera(tuple(voxels.mean(axis=0)), 2000.0, 30.0, 30.0)
    look(few, qtbot, camera)
    assert few.viewport.a.pane.cubes.chunks == []
    look(few, qtbot, replace(camera, center=(10.5, 11.0, 30.5), distance=12.0))
    assert few.viewport.a.pane.cubes.chunks != []
    lit = drawn(few)[foreground(few, drawn(few))]
    assert len(np.unique(lit, axis=0)) > 10  # three faces of different brightness, darker edges
    few.action_registry["shaded"].trigger()
    complete(qtbot, few)
    flat = drawn(few)[foreground(few, drawn(few))]
    assert len(np.unique(flat, axis=0)) == 1  # the exact colour


def test_points_of_a_chosen_size_stay_points(few, qtbot) -> None:
    few.action_registry["point_size_3"].trigger()
    mask = look(few, qtbot, Camera((10.5, 11.0, 30.5), 20.0, 0.0, 0.0))
    assert few.viewport.a.pane.cubes.chunks == []
    assert mask.sum() == 3 * 9


def test_the_picture_does_not_depend_on_how_the_camera_came_there(opened, qtbot) -> None:
    voxels = opened.session.reference.display.cloud.coords
    nearest = voxels[np.argmin(opened.session.camera.project(voxels, 640, 480)[:, 2])]
    there = replace(opened.session.camera.centred(nearest), distance=60.0)
    for step in range(5):  # as a hand turns it
        opened.session.set_camera(there.orbit(40 - 10 * step, 0))
        qtbot.wait(5)
    opened.session.set_camera(there)
    complete(qtbot, opened)
    first = drawn(opened)
    opened.viewport.refresh()
    complete(qtbot, opened)
    assert np.array_equal(drawn(opened), first)
