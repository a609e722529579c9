"""A cloud made ready for drawing: order, shading, the nearest voxel."""

from __future__ import annotations

import numpy as np
import pytest
from windows import sphere

from octavox.codec import VoxelCloud
from octavox.gui.document import shading
from octavox.gui.document.display import prepare
from octavox.gui.document.shading import _moments as moments


def test_display_orders_points_and_shuffles_what_is_drawn_first() -> None:
    shown = prepare(sphere())
    n = len(shown)
    assert (np.diff(shown.codes) > 0).all()
    assert np.array_equal(np.sort(shown.points.place), np.arange(n))
    assert np.array_equal(shown.points.positions, shown.cloud.coords[shown.points.place] + np.float32(0.5))
    head = shown.cloud.coords[shown.points.place[: n // 10]]  # any prefix covers the whole cloud
    assert (head.min(axis=0) <= shown.low + 2).all()
    assert (head.max(axis=0) >= shown.high - 3).all()


def test_shading_follows_the_surface() -> None:
    shown = prepare(sphere())
    direction = shown.points.positions - 32.0
    direction = direction / np.linalg.norm(direction, axis=1, keepdims=True)
    light = np.array([0.35, 0.80, 0.49])
    first_camera = np.abs(direction @ light)
    assert np.corrcoef(first_camera, shown.points.shade)[0, 1] > 0.9
    assert shown.points.shade.min() >= 0.4
    assert shown.points.shade.max() <= 1.01


def test_shading_in_parts_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    whole, parts = prepare(sphere()).points, []
    monkeypatch.setattr(shading, "PART", 100)
    monkeypatch.setattr(shading, "_moments", lambda x: parts.append(len(x)) or moments(x))
    again = prepare(sphere()).points
    assert len(parts) > 20
    assert max(parts) < 100 + 64  # a part ends with a cell
    assert np.array_equal(whole.normals, again.normals)
    assert np.array_equal(whole.shade, again.shade)


@pytest.mark.parametrize(
    "points", [[], [[0, 0, 0]], [[0, 0, 0], [63, 63, 63]], [[5, 5, z] for z in range(9)]]
)
def test_tiny_and_degenerate_clouds_can_be_shown(points: list[list[int]]) -> None:
    coords = np.array(points, np.int32).reshape(-1, 3)
    shown = prepare(VoxelCloud(coords, 6))
    assert len(shown.points.shade) == len(coords)
    assert np.isfinite(shown.points.shade).all()
    assert shown.radius > 0


def test_the_nearest_voxel_is_found() -> None:
    shown = prepare(sphere())
    place = np.array([31.2, 50.9, 33.4])
    gaps = np.linalg.norm(shown.cloud.coords + 0.5 - place, axis=1)
    assert np.array_equal(shown.nearest_voxel(place), shown.cloud.coords[gaps.argmin()])
