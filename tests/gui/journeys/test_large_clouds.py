"""Large clouds stay on disk: some points at once, more where one looks, and true words on how many."""

from __future__ import annotations

import os
import threading

import numpy as np
import pytest
from pictures import drawn, foreground
from PySide6.QtWidgets import QLabel
from windows import WAIT_MS, complete, idle

from octavox import codec
from octavox.gui.document import on_disk
from octavox.gui.jobs import detail, point_data
from octavox.gui.jobs import disk as disk_jobs

POINTS, FIRST = 60_000, 2_000


def town(points: int = POINTS) -> codec.PointCloud:
    """Integers of a flat square in UTM coordinates, in no order, each with its number."""
    dice = np.random.default_rng(0)
    flat = np.column_stack([dice.integers(0, 20_000, (points, 2)), dice.integers(0, 40, points)])
    number = np.arange(points)
    return codec.PointCloud(
        flat.astype(np.int32),
        attributes={"intensity": (number % 65_536).astype(np.uint16), "gps_time": number.astype(np.float64)},
        scale=(0.01, 0.01, 0.01),
        offset=(412_000.0, 5_651_000.0, 80.0),
    )


@pytest.fixture
def path(tmp_path):
    codec.write_cloud(tmp_path / "town.las", town())
    return tmp_path / "town.las"


@pytest.fixture
def large(window, qtbot, monkeypatch, path):
    """The window with a cloud that stays on disk, all that it reads for the first picture read."""
    monkeypatch.setattr(disk_jobs, "EVERYWHERE", FIRST)
    monkeypatch.setattr("octavox.codec.disk.cloud.CACHE_BYTES", 1 << 19)  # of some 10,000 points
    window.session.large = POINTS // 2
    window.session.set_budget(10_000)
    window.commands.file.open_any(str(path))
    idle(qtbot, window)
    complete(qtbot, window)
    return window


def header(window) -> str:
    return window.viewport.a.header.facts.text()


def ready(window, qtbot) -> np.ndarray:
    """What is not background, once everything is read and drawn."""
    idle(qtbot, window)
    complete(qtbot, window)
    return foreground(window, drawn(window))


def test_some_points_are_shown_before_the_file_is_looked_through(window, qtbot, monkeypatch, path) -> None:
    monkeypatch.setattr(disk_jobs, "EVERYWHERE", FIRST)
    monkeypatch.setattr(codec.DiskCloud, "index", lambda *args: pytest.fail("not yet"))
    monkeypatch.setattr(window.workbench.disk._soon, "start", lambda: None)
    window.session.large = POINTS // 2
    window.commands.file.open_any(str(path))
    qtbot.waitUntil(lambda: window.session.original is not None, timeout=WAIT_MS)
    complete(qtbot, window)
    assert foreground(window, drawn(window)).sum() > 300
    assert header(window) == "2,000 of 60,000 points · 0 % looked through"
    assert "2,000 of 60,000 points" in window.job_bar.message.text()


def test_the_budget_is_shown_and_kept_and_can_be_set(large, qtbot) -> None:
    shown = large.session.original.on_disk.shown
    assert 9_000 < shown <= 10_000
    assert header(large) == f"{shown:,} of 60,000 points"
    assert large.job_bar.on_disk.isVisible()
    assert large.job_bar.on_disk.text() == f"Showing {shown:,} of 60,000 points, at most 10,000"
    before = ready(large, qtbot)
    large.action_registry["budget_500000"].trigger()
    after = ready(large, qtbot)
    assert large.job_bar.on_disk.text() == "Showing 60,000 of 60,000 points, at most 500,000"
    assert large.settings.point_budget == 500_000
    assert after.sum() > 1.5 * before.sum()
    facts = large.properties.text() if hasattr(large.properties, "text") else ""
    assert "10,000" not in facts


def test_a_resting_camera_gets_the_points_of_what_it_looks_at(large, qtbot, monkeypatch) -> None:
    """Before, few points are there; after, all that are in the view, and the far ones are let go."""
    session, reader = large.session, large.workbench.disk
    camera = session.camera
    for _ in range(20):
        camera = camera.zoom(1)
    with monkeypatch.context() as held:
        reader._soon.stop()
        held.setattr(reader._soon, "start", lambda: None)
        session.set_camera(camera)
        complete(qtbot, large)
        before = foreground(large, drawn(large))
        rows = session.original.on_disk.rows
    reader._soon.start()
    after = ready(large, qtbot)
    assert after.sum() > 1.5 * before.sum()
    assert (after >= before).all()  # what was seen is still there
    new = session.original.on_disk.rows
    assert len(new) <= 10_000 and not np.array_equal(rows, new)
    pane, grid = large.viewport.a.pane, session.original.on_disk.grid
    x, y, depth = camera.project(grid.places(town().coords) + 0.5, pane.width(), pane.height()).T
    inside = (x > 0) & (x < pane.width()) & (y > 0) & (y < pane.height()) & (depth > 0)
    assert np.isin(np.flatnonzero(inside), new).all()


def test_a_point_under_the_cursor_has_its_true_coordinates_and_properties(large, qtbot) -> None:
    """Those of the file, digit for digit, though the picture is drawn in floats near the origin."""
    cloud, pane = town(), large.viewport.a.pane
    session = large.session
    for _ in range(14):
        session.set_camera(session.camera.zoom(1))
    ready(large, qtbot)
    display = session.original.display
    places = session.camera.project(display.points.positions, pane.width(), pane.height())
    middle = np.hypot(places[:, 0] - pane.width() / 2, places[:, 1] - pane.height() / 2)
    x, y, _ = places[int(middle.argmin())]
    pane.hovered.emit(float(x), float(y))
    qtbot.waitUntil(lambda: bool(pane.overlay.probe), timeout=WAIT_MS)
    lines = pane.overlay.probe
    number = int(float(next(line for line in lines if line.startswith("gps_time")).split(":")[1]))
    wanted = cloud.positions[number]
    assert lines[0] == "  ".join(f"{axis} {value:,.2f}" for axis, value in zip("xyz", wanted, strict=True))
    assert f"intensity: {cloud.attributes['intensity'][number]}" in lines


def test_what_needs_all_points_says_that_they_are_on_disk(large, qtbot) -> None:
    for name, words in (
        ("compress", "Queue this cloud"),
        ("export_ply", "stay on disk"),
        ("rd_curve", "stay on disk"),
    ):
        action = large.action_registry[name]
        assert not action.isEnabled(), name
        assert words in action.toolTip(), name
    assert large.action_registry["queue_open"].isEnabled()
    large.commands.codec.compress()  # as a key or a script could
    assert not large.workbench.busy and large.session.stream is None


def test_panels_speak_of_all_points_and_of_those_shown(large, qtbot) -> None:
    shown = large.session.original.on_disk.shown
    from octavox.gui.document.facts import properties

    facts = {fact.label: fact.value for fact in properties(large.session)}
    assert facts["Points"] == "60,000"
    assert facts["Shown"] == f"{shown:,}"
    assert large.scene.topLevelItem(0).text(1) == "60,000"
    panel = large.panels["Points"]
    assert panel.words.isVisibleTo(panel)
    assert "points that are shown" in panel.words.text()
    words = [label.text() for label in large.inspector.findChildren(QLabel) if label.isVisibleTo(large)]
    assert any("Queue this cloud" in one for one in words)


def test_a_property_colours_the_points_that_are_read(large, qtbot) -> None:
    large.commands.view.set_cloud_mode("property:intensity")
    seen = ready(large, qtbot)
    colours = drawn(large)[seen]
    assert len(np.unique(colours.reshape(len(colours), -1), axis=0)) > 100
    large.session.set_camera(large.session.camera.zoom(6))
    seen = ready(large, qtbot)
    assert large.session.original.values_of("property:intensity") is not None
    assert len(np.unique(drawn(large)[seen], axis=0)) > 100


def test_properties_of_points_that_were_replaced_meanwhile_are_dropped(large, qtbot, monkeypatch) -> None:
    """They belong to other voxels than those that are drawn now."""
    go, find = threading.Event(), point_data.find_point_data

    def slow(item, mode, report, cancel):
        go.wait(60)
        return find(item, mode, report, cancel)

    item = large.session.original
    before = item.display
    with monkeypatch.context() as held:
        held.setattr(point_data, "find_point_data", slow)
        large.commands.view.set_cloud_mode("property:intensity")
        qtbot.waitUntil(lambda: large.workbench.point_data._runner.busy, timeout=WAIT_MS)
        large.session.set_camera(large.session.camera.zoom(8))
        qtbot.waitUntil(lambda: item.display is not before, timeout=WAIT_MS)
        go.set()
    ready(large, qtbot)
    assert len(item.data.starts) == len(item.display) + 1
    assert len(item.values_of("property:intensity").values) == len(item.display)


def test_closing_lets_go_of_the_file_and_of_what_is_being_read(large, qtbot) -> None:
    cloud = large.session.original.on_disk.cloud
    large.session.set_camera(large.session.camera.zoom(5))
    large.commands.file.clear_session()
    idle(qtbot, large)
    assert large.session.original is None
    assert cloud._rows._source._file.closed
    assert not large.job_bar.on_disk.isVisible()


def test_a_file_that_is_cut_while_it_is_open_keeps_what_is_read_and_says_so(large, qtbot, path) -> None:
    shown = large.session.original.on_disk.shown
    os.truncate(path, 1000)
    large.session.set_camera(large.session.camera.zoom(8))
    ready(large, qtbot)
    assert header(large) == f"{shown:,} of 60,000 points · the others cannot be read"
    assert "shorter" in large.session.original.on_disk.fault


def test_small_files_are_read_whole_as_before(window, qtbot, path) -> None:
    window.session.large = POINTS
    window.commands.file.open_any(str(path))
    idle(qtbot, window)
    assert window.session.original.on_disk is None
    assert len(window.session.original.source) == POINTS
    assert not window.job_bar.on_disk.isVisible()


def test_laz_stays_on_disk_once_it_is_unpacked(window, qtbot, monkeypatch, tmp_path) -> None:
    """And a point under the cursor is that of the file."""
    monkeypatch.setattr(disk_jobs, "EVERYWHERE", FIRST)
    codec.write_cloud(tmp_path / "town.laz", town())
    window.session.large = POINTS // 2
    window.session.set_budget(10_000)
    window.commands.file.open_any(str(tmp_path / "town.laz"))
    ready(window, qtbot)
    item = window.session.original
    assert item.on_disk.share == 1 and item.on_disk.points == POINTS
    assert 9_000 < item.on_disk.shown <= 10_000
    window.session.set_camera(window.session.camera.zoom(9))
    ready(window, qtbot)
    rows = np.asarray(item.source.attributes["gps_time"]).astype(int)
    assert (rows == item.on_disk.rows).all()
    assert (item.source.coords == town().coords[rows]).all()


def test_a_large_file_that_is_read_whole_says_so(window, qtbot, tmp_path) -> None:
    codec.write_cloud(tmp_path / "town.las.gz", town())
    window.session.large = POINTS // 2
    window.commands.file.open_any(str(tmp_path / "town.las.gz"))
    idle(qtbot, window)
    assert window.session.original.on_disk is None
    assert window.job_bar.message.text().endswith("as this file has to be read whole")


def test_points_outside_of_the_first_look_are_found_and_drawn(window, qtbot, monkeypatch, tmp_path) -> None:
    """The file is sorted, and its last points lie far off: the grid is made anew, the camera stays."""
    cloud = town()
    cloud.coords[-5:] += 4_000_000
    codec.write_cloud(tmp_path / "far.las", cloud)
    monkeypatch.setattr(disk_jobs, "EVERYWHERE", FIRST)
    window.session.large = POINTS // 2
    window.commands.file.open_any(str(tmp_path / "far.las"))
    ready(window, qtbot)
    item = window.session.original
    assert item.on_disk.grid.covers(
        *(end.astype(float) for end in (cloud.coords.min(0), cloud.coords.max(0)))
    )
    assert (item.display.high - item.display.low >= 4_000_000 // item.on_disk.grid.step).all()
    assert on_disk.disk_words(item.on_disk).endswith("of 60,000 points")


# -- bitstreams ------------------------------------------------------------------------------------------


@pytest.fixture
def stream_path(tmp_path, monkeypatch):
    """A bitstream of 60,000 points in slices, and every file is one that may be large."""
    monkeypatch.setattr(detail, "LARGE_BYTES", 0)
    result = codec.encode(town(), options=codec.CodecOptions(codec="octree"), keep="voxels")
    codec.save_stream(tmp_path / "town.ovx", result.data)
    return tmp_path / "town.ovx"


def test_a_bitstream_of_many_voxels_opens_by_its_levels(window, qtbot, stream_path) -> None:
    session = window.session
    session.large = POINTS // 2
    session.set_budget(10_000)
    window.commands.file.open_any(str(stream_path))
    ready(window, qtbot)
    item = session.decoded
    cells = len(item.display)
    assert 10_000 / detail.GROWTH / 2 < cells <= 10_000
    assert session.original is None and session.stream.path == str(stream_path)
    size = f"{item.display.cell}³"
    assert window.viewport.b.header.facts.text() == f"{cells:,} cells, the finest of {size} voxels"
    said = window.job_bar.message.text()
    assert f" cells of {session.stream.levels.points:,} voxels in " in said and "look closer" in said
    assert not window.action_registry["decompress"].isEnabled()
    assert "too many voxels" in window.action_registry["decompress"].toolTip()
    assert foreground(window, drawn(window, "b")).sum() > 1000
    window.action_registry["more_levels"].trigger()
    qtbot.waitUntil(lambda: session.decoded is not item, timeout=WAIT_MS)
    ready(window, qtbot)
    assert len(session.decoded.display) > cells
    window.commands.detail.set_level(99)
    qtbot.waitUntil(lambda: "too many voxels" in window.job_bar.message.text(), timeout=WAIT_MS)
    assert session.decoded.detail is not None


def test_a_bitstream_that_only_might_be_large_is_decoded_whole(window, qtbot, stream_path) -> None:
    window.commands.file.open_any(str(stream_path))
    ready(window, qtbot)
    assert window.session.decoded.detail is None
    assert window.session.decode_report is not None
    assert window.action_registry["decompress"].isEnabled()


def test_a_damaged_large_bitstream_says_what_is_wrong(window, qtbot, stream_path) -> None:
    data = bytearray(stream_path.read_bytes())
    stream_path.write_bytes(data[: len(data) // 2])
    window.session.large = POINTS // 2
    window.commands.file.open_any(str(stream_path))
    idle(qtbot, window)
    qtbot.waitUntil(lambda: window.error_bar.isVisible(), timeout=WAIT_MS)
    assert window.session.decoded is None
