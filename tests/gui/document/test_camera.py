"""The orbit camera's geometry."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from octavox.gui.document.camera import STANDARD_VIEWS, Camera, box_corners, natural_up

angles = st.floats(-180, 180), st.floats(-90, 90)


@given(*angles, st.sampled_from(["y", "z"]))
def test_axes_are_a_right_handed_frame(azimuth: float, elevation: float, up: str) -> None:
    frame = np.array(Camera(azimuth=azimuth, elevation=elevation, up=up).axes())
    assert np.allclose(frame @ frame.T, np.eye(3), atol=1e-12)
    assert np.linalg.det(frame) == pytest.approx(1)
    assert frame[1][1 if up == "y" else 2] >= -1e-9  # the up axis never points down


@given(*angles, st.sampled_from(["y", "z"]), st.floats(10, 630), st.floats(10, 470))
def test_a_pixel_with_its_depth_leads_back_to_the_point(
    azimuth: float, elevation: float, up: str, x: float, y: float
) -> None:
    camera = Camera((50, 60, 70), 400, azimuth, elevation, up)
    near, far = camera.clipping((50, 60, 70), 100)
    depth = 350.0
    _, ray = camera.ray(x, y, 640, 480)
    point = camera.eye + ray * depth / (ray @ -camera.axes()[2])
    px, py, along = camera.project(point, 640, 480)[0]
    assert (px, py, along) == pytest.approx((x, y, depth))
    z = far * (depth - near) / (depth * (far - near))  # the z-buffer's value for that depth
    assert camera.unproject(x, y, z, (640, 480), (near, far)) == pytest.approx(point)


@pytest.mark.parametrize("view", STANDARD_VIEWS)
@pytest.mark.parametrize("aspect", [0.4, 1.0, 2.5])
@pytest.mark.parametrize("up", ["y", "z"])
def test_a_fitted_box_fills_the_view_and_stays_inside(view: str, aspect: float, up: str) -> None:
    low, high = np.array([10, 0, 30]), np.array([200, 90, 60])
    camera = Camera(up=up).looking_from(view).fit(box_corners(low, high), aspect)
    corners = box_corners(low, high)
    assert len(np.unique(corners, axis=0)) == 8
    width, height = 1000 * aspect, 1000
    seen = camera.project(corners, int(width), height)
    assert (seen[:, 2] > 0).all()
    reach = np.abs(seen[:, :2] / [width / 2, height / 2] - 1).max()
    assert 0.6 < reach <= 0.95


def test_panning_moves_the_centre_with_the_hand() -> None:
    camera = Camera((5, 5, 5), 300)
    moved = camera.pan(40, -25, 480)
    assert moved.project([(5, 5, 5)], 640, 480)[0][:2] == pytest.approx((360, 215))


def test_dragging_down_looks_from_above_and_never_over_the_pole() -> None:
    camera = Camera(elevation=80).orbit(0, 1000)
    assert camera.elevation == 90
    assert Camera(azimuth=0).orbit(100, 0).eye[0] < 0  # dragged right, the eye goes left


def test_zoom_is_reversible_and_keeps_a_distance() -> None:
    assert Camera(distance=100).zoom(3).zoom(-3).distance == pytest.approx(100)
    assert Camera(distance=2).zoom(50).distance == 1.0


def test_clipping_holds_the_sphere() -> None:
    camera = Camera((0, 0, 0), 100)
    near, far = camera.clipping((0, 0, 0), 40)
    assert 0 < near <= 60
    assert far >= 140
    inside, _ = Camera((0, 0, 0), 10).clipping((0, 0, 0), 40)  # the eye is in the sphere
    assert inside > 0


def test_flat_clouds_stand_on_z() -> None:
    assert natural_up((400, 300, 40)) == "z"
    assert natural_up((200, 400, 180)) == "y"
