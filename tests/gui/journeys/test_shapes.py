"""Shapes in the window: steps that differ from axis to axis, and coordinates far from zero."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pictures import drawn, foreground, run_job
from PySide6.QtCore import QPoint, Qt
from windows import complete, opened_file

from octavox import codec
from octavox.gui.app.main_window import MainWindow

pytestmark = pytest.mark.gl
SCALES = (0.01, 0.02, 0.05)


def ball(folder: Path, scales: tuple[float, float, float], middle: tuple[float, float, float]) -> Path:
    """A LAS file with the surface of a ball of radius 2, whose axes have these steps."""
    rows = np.random.default_rng(3).normal(size=(60_000, 3))
    rows *= 2 / np.linalg.norm(rows, axis=1)[:, None]
    cells = np.rint(rows / scales).astype(np.int32)
    path = folder / "ball.las"
    codec.write_cloud(path, codec.PointCloud(cells, scale=scales, offset=middle))
    return path


def spans(window: MainWindow, side: str = "a") -> tuple[int, int]:
    """Width and height of what a view shows, in pixels."""
    seen = foreground(window, drawn(window, side))
    columns, rows = np.flatnonzero(seen.any(axis=0)), np.flatnonzero(seen.any(axis=1))
    return int(columns[-1] - columns[0] + 1), int(rows[-1] - rows[0] + 1)


@pytest.mark.parametrize("view", ["front", "right", "top"])
def test_a_ball_whose_axes_have_other_steps_is_round(window, qtbot, tmp_path, view) -> None:
    opened_file(window, qtbot, ball(tmp_path, SCALES, (0.0, 0.0, 0.0)))
    assert window.session.original.display.cloud.transform.axis_scale is not None
    window.action_registry[f"view_{view}"].trigger()
    window.action_registry["fit"].trigger()
    complete(qtbot, window)
    width, height = spans(window)
    assert height > 200 and abs(width - height) < 0.06 * height


def test_blocks_lie_around_their_points_and_are_picked_there(window, qtbot, tmp_path) -> None:
    opened_file(window, qtbot, ball(tmp_path, SCALES, (0.0, 0.0, 0.0)))
    run_job(window, qtbot, "compress")
    session, pane = window.session, window.viewport.a.pane
    blocks, cloud = session.blocks, session.original.display.cloud
    size = session.proportions.to_view
    places = session.camera.project(size(cloud.coords + 0.5), pane.width(), pane.height())
    nearest = int(np.argmin(places[:, 2]))
    spot = QPoint(*(round(v) for v in places[nearest, :2]))
    qtbot.mouseClick(pane, Qt.MouseButton.LeftButton, pos=spot)
    complete(qtbot, window)
    row = session.view.selected
    low, high = blocks.origin[row], blocks.origin[row] + blocks.size[row]
    assert (cloud.coords[nearest] >= low).all() and (cloud.coords[nearest] < high).all()
    ends = pane.highlight.chunks[0].actor.GetBounds()  # drawn a little nearer to the eye
    assert np.allclose(ends[::2], size(low), atol=3) and np.allclose(ends[1::2], size(high), atol=3)

    qtbot.mouseDClick(pane, Qt.MouseButton.LeftButton, pos=spot)
    complete(qtbot, window)
    assert np.allclose(session.camera.center, size(cloud.coords[nearest] + 0.5), atol=6)

    window.action_registry["zoom_block"].trigger()
    complete(qtbot, window)
    assert np.allclose(session.camera.center, size((low + high) / 2))
    corners = session.camera.project(size(np.array([low, high])), pane.width(), pane.height())[:, :2]
    assert (corners > 0).all() and (corners < [pane.width(), pane.height()]).all()

    run_job(window, qtbot, "decompress")
    window.action_registry["fit"].trigger()
    window.action_registry["view_front"].trigger()
    window.action_registry["overlay"].trigger()
    complete(qtbot, window)
    a, b = spans(window, "a"), spans(window, "b")
    assert abs(a[0] - b[0]) <= 2 and abs(a[1] - b[1]) <= 2


UTM = (691_234.5, 5_334_567.25, 512.0)


@pytest.mark.parametrize("scales", [(0.01, 0.01, 0.01), SCALES])
def test_coordinates_far_from_zero_are_drawn_as_those_at_zero(
    window, make_window, qtbot, tmp_path, scales
) -> None:
    (tmp_path / "near").mkdir()
    opened_file(window, qtbot, ball(tmp_path / "near", scales, (0.0, 0.0, 0.0)))
    near = drawn(window)
    other = make_window()
    opened_file(other, qtbot, ball(tmp_path, scales, UTM))
    other.resize(window.size())
    complete(qtbot, other)
    assert np.abs(other.session.original.positions - UTM).max() < 2.1
    assert np.array_equal(drawn(other), near)


def test_floats_far_from_zero_do_not_jitter(window, qtbot, tmp_path) -> None:
    """Neighbours are a centimetre apart: 32-bit floats of their coordinates would be half a metre apart."""
    rows = np.stack(np.meshgrid(np.arange(60), np.arange(60), [0.0], indexing="ij"), -1).reshape(-1, 3)
    rows = rows * 0.01 + np.random.default_rng(0).uniform(-1e-4, 1e-4, rows.shape) + UTM
    codec.write_cloud(tmp_path / "wall.ply", codec.PointCloud(rows))
    opened_file(window, qtbot, tmp_path / "wall.ply")
    item = window.session.original
    places = item.display.points.positions.astype(np.float64) - 0.5
    at = item.display.cloud.transform.apply(places)
    gaps = np.abs(at - item.display.cloud.positions[item.display.points.place]).max()
    assert gaps < 1e-6
    width, height = spans(window)
    assert width > 200 and height > 100
