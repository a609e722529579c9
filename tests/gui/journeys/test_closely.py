"""Near voxels are cubes of their true size; clipping, slices, parallel views, measuring."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from pictures import drawn, foreground, pixels
from PySide6.QtCore import QPoint, Qt
from sample_clouds import make_sphere
from windows import WAIT_MS, complete, idle, opened_file

from octavox import codec
from octavox.gui.document import text
from octavox.gui.document.camera import Camera
from octavox.gui.document.session_file import read_session, session_text
from octavox.gui.rendering import outlines
from octavox.gui.rendering.axes import _tips
from octavox.gui.rendering.layers import box_edges
from octavox.gui.rendering.outlines import LEAST

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


def test_near_voxels_of_a_cloud_laid_over_another_are_cubes_too(few, qtbot, tmp_path) -> None:
    path = tmp_path / "other.ply"
    points = codec.PointCloud(np.array([[10, 10, 30], [14, 11, 30], [10, 10, 2]]))
    codec.write_ply(path, codec.voxelize(points)[0])
    few.commands.file.open_several([str(tmp_path / "few.ply"), str(path)])
    qtbot.waitUntil(lambda: few.session.pair is not None, timeout=WAIT_MS)
    idle(qtbot, few)
    pane = few.viewport.a.pane
    for name in ("axes", "arrange_overlaid"):
        few.action_registry[name].trigger()
    camera = Camera((12.5, 11.0, 30.5), 40.0, 0.0, 0.0)
    mask = look(few, qtbot, camera)
    assert pane.other_cubes.chunks != []
    corners = camera.project([(10, 10, 31), (15, 12, 31)], pane.width(), pane.height())
    assert np.abs(extent(mask) - np.abs(corners[1] - corners[0])[:2]).max() <= 1
    few.action_registry["arrange_beside"].trigger()
    look(few, qtbot, camera)
    assert pane.other_cubes.chunks == []


def test_no_picture_has_holes_where_cubes_are_to_come(window, qtbot, tmp_path, monkeypatch) -> None:
    """However slow drawing is: what is shown at rest is the picture before, until all cubes are there."""
    path = tmp_path / "ball.ply"
    codec.write_ply(path, make_sphere(7, 40.0))
    opened_file(window, qtbot, path)
    shown, pane = [], window.viewport.a.pane
    camera = Camera(tuple(window.session.reference.display.middle), 150.0, 20.0, 20.0)
    whole = look(window, qtbot, camera)
    assert len(pane.cubes.chunks) > 5
    take = pane._take_frame

    def recorded() -> None:
        take()
        shown.append((len(pane._queue), foreground(window, pixels(pane._image))))

    monkeypatch.setattr(pane, "_take_frame", recorded)
    monkeypatch.setattr(pane._budget, "chunks", lambda moving, views=1: 2 if moving else 1)
    monkeypatch.setattr("octavox.gui.rendering.pane.QUIET_MS", 0)
    mask = look(window, qtbot, replace(camera, azimuth=21.0))
    assert len(shown) > 5 and max(left for left, _ in shown) > 5  # pictures were taken on the way
    inside = whole & mask
    at_rest = [picture for left, picture in shown[1:]]
    assert min((picture & inside).sum() / inside.sum() for picture in at_rest) > 0.98


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


def key(window, qtbot, name: Qt.Key, modifier=Qt.KeyboardModifier.NoModifier) -> Camera:
    qtbot.keyClick(window.viewport.a.pane, name, modifier)
    return window.session.camera


def test_arrow_keys_turn_and_move_plus_and_minus_zoom(opened, qtbot) -> None:
    first = opened.session.camera
    turned = key(opened, qtbot, Qt.Key.Key_Left)
    assert turned.azimuth == pytest.approx(first.azimuth + 9.8) and turned.center == first.center
    assert key(opened, qtbot, Qt.Key.Key_Right) == pytest.approx(first)
    assert key(opened, qtbot, Qt.Key.Key_Up).elevation < first.elevation
    assert key(opened, qtbot, Qt.Key.Key_Down).elevation == pytest.approx(first.elevation)
    assert key(opened, qtbot, Qt.Key.Key_Plus).distance < first.distance
    assert key(opened, qtbot, Qt.Key.Key_Minus).distance == pytest.approx(first.distance)
    moved = key(opened, qtbot, Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
    assert moved.center != first.center and moved.azimuth == pytest.approx(first.azimuth)


def test_a_click_on_an_end_of_the_axes_looks_from_there(opened, qtbot) -> None:
    """And picks no block; what is seen then has no extent along that axis."""
    pane = opened.viewport.a.pane
    for axis, end in ((0, 1), (0, 0), (1, 1), (1, 0), (2, 1), (2, 0)):
        opened.session.set_camera(replace(opened.session.camera, azimuth=35.0, elevation=20.0))
        (tip,) = [t for a, e, t, _ in _tips(opened.session.camera, pane.height()) if (a, e) == (axis, end)]
        qtbot.mouseClick(pane, Qt.MouseButton.LeftButton, pos=tip.toPoint())
        back = opened.session.camera.axes()[2]
        assert back[axis] == pytest.approx(1.0 if end else -1.0, abs=1e-9)
        assert opened.session.view.selected is None


def test_a_parallel_view_shows_equal_lengths_equally(few, qtbot) -> None:
    few.action_registry["parallel"].trigger()
    assert few.session.camera.parallel and few.action_registry["parallel"].isChecked()
    few.action_registry["axes"].trigger()
    side = look(few, qtbot, Camera((10.5, 11.0, 16.5), 40.0, 90.0, 0.0, parallel=True))
    rows, columns = np.nonzero(side)
    left, right = columns < columns.mean(), columns > columns.mean()
    width = [np.ptp(columns[part]) for part in (left, right)]
    assert abs(int(width[0]) - int(width[1])) <= 1  # one voxel is far behind the other in perspective
    pane = few.viewport.a.pane
    place = pane.position_at(int(columns[0]), int(rows[0]))
    assert place is not None
    there = pane._camera_state.project(place, pane.width(), pane.height())[0, :2]
    assert np.abs(there - [columns[0], rows[0]]).max() < 4
    few.action_registry["parallel"].trigger()
    assert not few.session.camera.parallel and not few.action_registry["parallel"].isChecked()


@pytest.mark.parametrize("distance", [400.0, 60.0])  # points and cubes
def test_nothing_beyond_the_clipping_box_is_drawn(opened, qtbot, distance) -> None:
    session = opened.session
    opened.action_registry["axes"].trigger()
    opened.action_registry["scale_bar"].trigger()
    voxels = session.reference.display.cloud.coords
    middle = voxels[len(voxels) // 2]
    camera = Camera(tuple(map(float, middle)), distance, 20.0, 30.0)
    whole = look(opened, qtbot, camera)
    opened.action_registry["clip"].trigger()
    complete(qtbot, opened)
    assert np.array_equal(foreground(opened, drawn(opened)), whole)  # the whole cloud lies in its bounds
    panel = opened.docks["Clip"].widget()
    assert panel.switch.isChecked()
    panel.highs[0].setValue(int(middle[0]))
    complete(qtbot, opened)
    clipped = foreground(opened, drawn(opened))
    assert clipped.any()
    pane = opened.viewport.a.pane
    inside = voxels[voxels[:, 0] <= middle[0]]
    seen = session.camera.project(inside + 0.5, pane.width(), pane.height())
    reach = 2 * session.camera.scale(pane.height()) / seen[:, 2]
    picture = np.zeros(clipped.shape, bool)
    for (x, y, _), r in zip(seen, reach, strict=True):
        if -r < x < pane.width() + r and -r < y < pane.height() + r:
            picture[max(0, int(y - r)) : int(y + r) + 2, max(0, int(x - r)) : int(x + r) + 2] = True
    assert not (clipped & ~picture).any()
    opened.action_registry["clip"].trigger()
    complete(qtbot, opened)
    assert np.array_equal(foreground(opened, drawn(opened)), whole)


def test_a_slice_is_one_layer_and_its_slider_moves_it(opened, qtbot) -> None:
    opened.action_registry["slice_y"].trigger()
    clip, panel = opened.session.view.clip, opened.docks["Clip"].widget()
    assert clip.high[1] - clip.low[1] == 1
    panel.places[1].setValue(panel.places[1].value() + 10)
    assert opened.session.view.clip.low[1] == clip.low[1] + 10
    assert opened.session.view.clip.high[1] == clip.high[1] + 10
    complete(qtbot, opened)
    pane = opened.viewport.a.pane
    rows, columns = np.nonzero(foreground(opened, drawn(opened)))
    for k in range(0, len(rows), max(1, len(rows) // 20)):
        place = pane.position_at(int(columns[k]), int(rows[k]))
        assert place is None or clip.low[1] + 9 <= place[1] <= clip.high[1] + 11
    opened.workbench.undo_stack.undo()
    assert opened.session.view.clip is None  # moving it is one step with making it


def test_clipping_to_a_block_is_kept_in_a_session(compressed, tmp_path) -> None:
    row = 3
    compressed.commands.view.select(row)
    compressed.action_registry["clip_block"].trigger()
    blocks, clip = compressed.session.blocks, compressed.session.view.clip
    assert clip.low == tuple(blocks.origin[row].tolist())
    assert clip.high == tuple((blocks.origin[row] + blocks.size[row]).tolist())
    path = tmp_path / "kept.octavox"
    path.write_text(session_text(compressed.session))
    assert read_session(str(path)).view.clip == clip
    content = json.loads(path.read_text())
    for wrong in ({"low": [5, 5, 9], "high": [6, 6, 7]}, {"low": [1, 1], "high": [2, 2]}, 7):
        content["view"]["clip"] = wrong
        path.write_text(json.dumps(content))
        with pytest.raises(codec.InputError):
            read_session(str(path))


def test_a_selected_block_is_seen_through_the_model(compressed, qtbot) -> None:
    """Its hidden edges are dashed over what hides them."""
    pane, blocks = compressed.viewport.a.pane, compressed.session.blocks
    compressed.action_registry["overlay"].trigger()  # no outlines
    row = int(np.argmax(blocks.points))
    complete(qtbot, compressed)
    before = pixels(pane.picture(True))
    compressed.commands.view.select(row)
    complete(qtbot, compressed)
    solid, over = pixels(pane.picture(False)), pixels(pane.picture(True))
    marked = np.all(solid == compressed.themer.theme.rgb("highlight"), axis=2)
    through = np.any(over != before, axis=2) & ~marked & foreground(compressed, solid)
    ends = box_edges(blocks.origin[row : row + 1], blocks.size[row : row + 1])
    corners = compressed.session.camera.project(ends, pane.width(), pane.height())[:, :2]
    rows, columns = np.nonzero(through)
    assert len(rows) > 30
    assert (columns >= corners[:, 0].min() - 2).all() and (columns <= corners[:, 0].max() + 2).all()
    assert (rows >= corners[:, 1].min() - 2).all() and (rows <= corners[:, 1].max() + 2).all()
    compressed.commands.view.deselect()
    complete(qtbot, compressed)
    assert np.array_equal(pixels(pane.picture(True)), before)


def test_thousands_of_outlines_fade_and_a_few_do_not(compressed, qtbot) -> None:
    """What is seen of the points stays nearly as it is without outlines."""
    window, pane = compressed, compressed.viewport.a.pane
    assert pane.boxes.opacity == 1.0
    without = drawn_without_outlines(window, qtbot)
    some = np.random.default_rng(5).integers(0, 60, (30_000, 3)).astype(np.int32) * 4
    size, paint = np.full(len(some), 4, np.int32), np.full((len(some), 3), 255, np.uint8)
    shown = []
    for least in (1.0, LEAST):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(outlines, "LEAST", least)  # 1: as if nothing faded
            pane.apply(pane.boxes.show(some, size, paint))
            pane.redraw()
            complete(qtbot, window)
            shown.append(np.abs(drawn(window).astype(int) - without).mean())
            assert pane.boxes.opacity == least
    assert shown[1] < 0.4 * shown[0]


def drawn_without_outlines(window, qtbot) -> np.ndarray:
    window.action_registry["overlay"].trigger()
    complete(qtbot, window)
    picture = drawn(window)
    window.action_registry["overlay"].trigger()
    complete(qtbot, window)
    return picture


def test_clicks_measure_between_points_and_select_nothing(compressed, qtbot) -> None:
    window, pane = compressed, compressed.viewport.a.pane
    window.action_registry["measure"].trigger()
    complete(qtbot, window)
    before = pixels(pane.picture(True))
    rows, columns = np.nonzero(foreground(window, drawn(window)))
    spots = [len(rows) // 4, len(rows) // 2, 3 * len(rows) // 4]
    for k in spots:
        qtbot.mouseClick(pane, Qt.MouseButton.LeftButton, pos=QPoint(int(columns[k]), int(rows[k])))
    found = window.viewport.measuring.found
    assert len(found.voxels) == 3 and window.session.view.selected is None
    for voxel, k in zip(found.voxels, spots, strict=True):
        x, y, _ = window.session.camera.project(np.array(voxel) + 0.5, pane.width(), pane.height())[0]
        assert abs(x - columns[k]) < 6 and abs(y - rows[k]) < 6
    expected = np.linalg.norm(np.subtract(found.voxels[0], found.voxels[1]))
    assert found.lengths[0] == f"{text.number(expected)} voxels"
    assert found.lengths[0] in window.job_bar.message.text()
    assert (pixels(pane.picture(True)) != before).any(axis=2).sum() > 100  # the lines and their words
    window.action_registry["measure"].trigger()
    assert window.viewport.measuring.found is None
    assert np.array_equal(pixels(pane.picture(True)), before)
