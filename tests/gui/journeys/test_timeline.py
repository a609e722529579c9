"""Sequences in the window: opening, moving, playing, the cache, the ghost, two sequences, damage."""

from __future__ import annotations

import numpy as np
import pytest
from inter_fixtures import sequence_of, sheet
from moving_clouds import OPTIONS, ball, damage, ply_frames, stream_of
from pictures import drawn, foreground
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from windows import WAIT_MS, complete, idle, restored

from octavox import codec
from octavox.gui.document.timeline import MEGABYTE
from octavox.gui.jobs import frames

pytestmark = [pytest.mark.gl]


def rest(window, qtbot) -> None:
    """Nothing is being decoded, and the picture is complete."""
    idle(qtbot, window)
    player = window.commands.sequence.player
    qtbot.waitUntil(lambda: not player.busy, timeout=WAIT_MS)
    idle(qtbot, window)
    complete(qtbot, window)


def open_frames(window, qtbot, *paths) -> object:
    window.commands.file.open_several([str(path) for path in paths])
    rest(window, qtbot)
    return window.session.timeline


def go(window, qtbot, number: int) -> None:
    window.commands.sequence.seek(number)
    qtbot.waitUntil(lambda: window.session.timeline.shown == number, timeout=WAIT_MS)
    rest(window, qtbot)


def points_of(window) -> list[list[int]]:
    return sorted(window.session.original.positions.tolist())


def expected(number: int) -> list[list[int]]:
    return sorted(ball(number).positions.tolist())


@pytest.fixture
def stream(tmp_path):
    return stream_of(tmp_path / "ball.ovx")


@pytest.fixture
def folder(tmp_path):
    return ply_frames(tmp_path / "clouds")


def test_a_stream_of_several_frames(window, qtbot, stream) -> None:
    timeline = open_frames(window, qtbot, stream)
    panel = window.panels["Timeline"]
    assert len(timeline) == 6 and timeline.shown == 0 and points_of(window) == expected(0)
    assert panel.isVisible() and panel.slider.maximum() == 5
    assert window.session.original.label == "ball.ovx, frame 0" in panel.name.text()
    before = drawn(window)
    blocks = window.session.blocks.points.sum()
    panel.slider.setValue(4)
    qtbot.waitUntil(lambda: timeline.shown == 4, timeout=WAIT_MS)
    rest(window, qtbot)
    assert points_of(window) == expected(4) and panel.number.value() == 4
    assert (drawn(window) != before).any()
    session = window.session
    alone = codec.encode(ball(4), options=OPTIONS)
    assert session.stream.data == alone.data and session.stream.saved
    assert session.blocks.points.sum() == len(ball(4)) != blocks
    assert np.array_equal(session.blocks.bits, alone.blocks.bits)
    assert window.table.isVisibleTo(window.docks["Blocks"]) and window.inspector is not None


def test_keys_step_and_the_plot_leads_to_a_frame(window, qtbot, folder) -> None:
    timeline = open_frames(window, qtbot, folder)
    actions, panel = window.action_registry, window.panels["Timeline"]
    assert [timeline.a.label(k) for k in (0, 5)] == ["frame_8.ply", "frame_13.ply"]  # by number
    assert not actions["frame_previous"].isEnabled()
    keys = {key: actions[f"frame_{key}"].shortcut().toString() for key in ("next", "previous", "play")}
    assert keys == {"next": ".", "previous": ",", "play": "Ctrl+Space"}
    actions["frame_next"].trigger()
    qtbot.waitUntil(lambda: timeline.shown == 1, timeout=WAIT_MS)
    actions["frame_last"].trigger()
    qtbot.waitUntil(lambda: timeline.shown == 5, timeout=WAIT_MS)
    assert not actions["frame_next"].isEnabled() and actions["frame_previous"].isEnabled()
    actions["frame_previous"].trigger()
    qtbot.waitUntil(lambda: timeline.shown == 4, timeout=WAIT_MS)
    place = panel.bars.middle(2).toPoint()
    QTest.mouseClick(panel.bars, Qt.MouseButton.LeftButton, pos=place)
    qtbot.waitUntil(lambda: timeline.shown == 2, timeout=WAIT_MS)
    rest(window, qtbot)
    assert points_of(window) == expected(2)
    sizes = [(folder / f"frame_{k + 8}.ply").stat().st_size for k in range(6)]
    assert panel.bars.plot.sizes.tolist() == sizes
    assert window.session.stream is None and not len(window.session.blocks)


def test_playing_shows_the_frames_in_order_and_stops_at_the_end(window, qtbot, stream) -> None:
    timeline = open_frames(window, qtbot, stream)
    actions, seen = window.action_registry, []
    window.session.events.subscribe(lambda event: seen.append(timeline.shown), object)
    actions["frame_loop"].trigger()
    window.panels["Timeline"].rate.setValue(20)
    actions["frame_play"].trigger()
    assert timeline.playing and actions["frame_play"].isChecked()
    qtbot.waitUntil(lambda: not timeline.playing, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: timeline.shown == 5, timeout=WAIT_MS)
    assert seen == sorted(seen) and not actions["frame_play"].isChecked()
    rest(window, qtbot)
    assert points_of(window) == expected(5)
    actions["frame_loop"].trigger()
    actions["frame_play"].trigger()  # from the first frame on, again and again
    seen.clear()
    qtbot.waitUntil(lambda: any(b < a for a, b in zip(seen, seen[1:])), timeout=WAIT_MS)
    assert timeline.playing
    actions["frame_play"].trigger()
    assert not timeline.playing


@pytest.mark.slow
def test_frames_that_are_late_are_left_out(window, qtbot, stream, monkeypatch) -> None:
    timeline = open_frames(window, qtbot, stream)
    load = frames.load_frame

    def slow(*given):
        QTest.qSleep(150)
        return load(*given)

    monkeypatch.setattr(frames, "load_frame", slow)
    timeline.cache.forget()
    window.panels["Timeline"].rate.setValue(60)
    window.action_registry["frame_play"].trigger()
    qtbot.waitUntil(lambda: timeline.dropped > 3, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: "left out" in window.panels["Timeline"].name.text(), timeout=WAIT_MS)
    window.action_registry["frame_play"].trigger()


def test_the_cache_keeps_within_its_limit(window, qtbot, folder) -> None:
    timeline = open_frames(window, qtbot, folder)
    each = timeline.cache.peek(("A", 0)).bytes
    assert each > len(ball(0)) * (12 + 8 + 12 + 3 + 4)
    window.commands.sequence.player.set_limit(3 * each)
    for number in (1, 2, 3, 4, 5, 0, 3):
        go(window, qtbot, number)
        assert timeline.cache.used <= 4 * each  # the frames grow a little
        assert timeline.cache.used == sum(timeline.cache.peek(key).bytes for key in timeline.cache)
    assert len(timeline.cache) < 6 and timeline.ready(3)
    panel = window.panels["Timeline"]
    assert "Decoded:" in panel.used.text()
    panel.limit.setValue(500)
    assert timeline.cache.limit == 500 * MEGABYTE == window.settings.frame_memory


@pytest.mark.slow
def test_the_ghost_is_the_frame_before(window, qtbot, stream) -> None:
    open_frames(window, qtbot, stream)
    go(window, qtbot, 3)
    without = foreground(window, drawn(window))
    window.action_registry["frame_ghost"].trigger()
    qtbot.waitUntil(lambda: window.viewport.a.ghost is not None, timeout=WAIT_MS)
    rest(window, qtbot)
    ghost = window.viewport.a.ghost
    assert np.array_equal(
        ghost.cloud.coords, window.session.timeline.cache.peek(("A", 2)).item.display.cloud.coords
    )
    grey = np.all(drawn(window) == window.themer.theme.rgb("rest"), axis=2)
    assert grey.sum() > 50 and not (grey & without).all()
    go(window, qtbot, 0)
    assert window.viewport.a.ghost is None  # nothing is before it
    go(window, qtbot, 4)
    window.action_registry["frame_ghost"].trigger()
    rest(window, qtbot)
    assert not np.all(drawn(window) == window.themer.theme.rgb("rest"), axis=2).any()


@pytest.mark.slow
def test_motion_is_drawn_where_there_is_some(window, qtbot, stream, monkeypatch) -> None:
    timeline = open_frames(window, qtbot, stream)
    window.action_registry["frame_motion"].trigger()
    go(window, qtbot, 1)
    assert not window.viewport.a.pane.arrows.chunks
    corners = np.array([[16.0, 24, 24], [24, 24, 24], [8, 8, 8]])
    moved = np.array([[2.0, 0, 0], [2, 0, 0], [0, 0, 0]])
    monkeypatch.setattr(type(timeline.a.sequence), "motion", lambda self, number: (corners, moved))
    go(window, qtbot, 3)
    chunks = window.viewport.a.pane.arrows.chunks
    assert len(chunks) == 1 and chunks[0].data.GetNumberOfPoints() == 2 * 6  # none for what rests


@pytest.mark.slow
def test_frames_that_need_the_one_before(window, qtbot, tmp_path) -> None:
    """They have blocks and motion, but no bitstream that would decode alone."""
    path = tmp_path / "moving.ovx"
    path.write_bytes(sequence_of([sheet(k, 40, step=6) for k in range(4)], 3))
    open_frames(window, qtbot, path)
    window.action_registry["frame_motion"].trigger()
    for number in (1, 2, 3, 1):
        go(window, qtbot, number)
        session = window.session
        assert points_of(window) == sorted(sheet(number, 40, step=6).positions.tolist())
        assert len(session.blocks) > 0 and session.blocks.bits.sum() > 0
        assert (session.stream is None) == (number != 3)
        assert window.action_registry["save_stream"].isEnabled() == (number == 3)
        chunks = window.viewport.a.pane.arrows.chunks
        assert bool(chunks) == (number != 3)


@pytest.mark.slow
def test_two_sequences_go_together(window, qtbot, stream, folder) -> None:
    timeline = open_frames(window, qtbot, folder)
    window.commands.sequence.open_other([str(stream)])
    rest(window, qtbot)
    session = window.session
    assert timeline.b is not None and session.pair is not None
    assert session.overlap.same and session.decoded.label == "ball.ovx, frame 0"
    go(window, qtbot, 4)
    assert session.original.label == "frame_12.ply" and session.decoded.label == "ball.ovx, frame 4"
    assert session.overlap.same and len(session.blocks)
    window.action_registry["compare"].trigger()
    rest(window, qtbot)
    assert session.comparison is not None and session.comparison.report.d1.mse == 0
    go(window, qtbot, 5)
    assert session.comparison is None


@pytest.mark.slow
def test_closing_while_it_plays(make_window, qtbot, stream) -> None:
    window = make_window()
    timeline = open_frames(window, qtbot, stream)
    window.action_registry["frame_play"].trigger()
    qtbot.waitUntil(lambda: timeline.shown > 0, timeout=WAIT_MS)
    window.close()
    assert not window.isVisible()


@pytest.mark.slow
def test_closing_the_sequence(window, qtbot, stream) -> None:
    timeline = open_frames(window, qtbot, stream)
    window.action_registry["frame_play"].trigger()
    window.action_registry["close"].trigger()
    rest(window, qtbot)
    assert window.session.timeline is None and window.session.reference is None and not timeline.playing
    panel = window.panels["Timeline"]
    assert not panel.slider.isEnabled() and "No sequence" in panel.name.text()


@pytest.mark.slow
def test_a_cloud_takes_the_place_of_a_sequence(window, qtbot, stream, finish) -> None:
    open_frames(window, qtbot, stream)
    window.action_registry["open_sample"].trigger()
    finish(window)
    assert window.session.timeline is None and window.session.original.label == "spot_vox8.ply"


def test_a_damaged_frame_says_so_and_the_others_go_on(window, qtbot, stream) -> None:
    damage(stream, 2)
    timeline = open_frames(window, qtbot, stream)
    window.commands.sequence.seek(2)
    qtbot.waitUntil(lambda: timeline.fault(2) is not None, timeout=WAIT_MS)
    rest(window, qtbot)
    panel = window.panels["Timeline"]
    assert window.error_bar.isVisible() and "frame 2" in timeline.fault(2).title
    assert timeline.shown == 0 and "frame 0 is shown" in panel.name.text()
    assert panel.bars.plot.damaged.tolist() == [False, False, True, False, False, False]
    go(window, qtbot, 3)
    assert points_of(window) == expected(3) and window.error_bar.isHidden()
    window.commands.sequence.first()
    window.action_registry["frame_loop"].trigger()
    window.action_registry["frame_play"].trigger()
    qtbot.waitUntil(lambda: timeline.shown == 5, timeout=WAIT_MS)


@pytest.mark.slow
def test_a_damaged_first_frame(window, qtbot, stream) -> None:
    damage(stream, 0)
    timeline = open_frames(window, qtbot, stream)
    assert timeline.shown == 1 and window.error_bar.isVisible() and timeline.fault(0) is not None


@pytest.mark.slow
def test_frames_of_other_sizes_and_without_colours(window, qtbot, tmp_path) -> None:
    codec.write_cloud(tmp_path / "f0.ply", ball(0))
    codec.write_cloud(tmp_path / "f1.ply", ball(1, colours=False))
    codec.write_cloud(tmp_path / "f2.ply", ball(2, edge=100))
    far = ball(3).positions * 0.125 + 1000.0
    codec.write_cloud(tmp_path / "f3.ply", codec.PointCloud(far.astype(np.float64)))
    timeline = open_frames(window, qtbot, tmp_path)
    session, modes = window.session, []
    for number in range(4):
        go(window, qtbot, number)
        modes.append(session.view.cloud_mode)
        assert len(session.original.display) == len(ball(number, edge=100 if number == 2 else 64))
    assert modes == ["rgb", "plain", "rgb", "plain"] and timeline.shown == 3
    go(window, qtbot, 0)
    assert session.view.cloud_mode == "rgb" and foreground(window, drawn(window)).any()
    window.commands.view.set_cloud_mode("plain")  # by choice
    go(window, qtbot, 2)
    assert session.view.cloud_mode == "plain"


@pytest.mark.slow
def test_the_camera_keeps_its_place_on_other_grids(window, qtbot, tmp_path) -> None:
    step = 0.25
    for number in range(2):
        moved = ball(0).positions * step + number * step * 8  # the same ball, two units further
        codec.write_cloud(tmp_path / f"f{number}.ply", codec.PointCloud(moved.astype(np.float64)))
    open_frames(window, qtbot, tmp_path)
    session = window.session

    def centre() -> np.ndarray:
        transform = session.original.display.cloud.transform
        return np.array(transform.origin) + transform.steps * (np.array(session.camera.center) - 0.5)

    before = centre()
    go(window, qtbot, 1)
    assert np.allclose(centre(), before, atol=1e-6)


@pytest.mark.slow
def test_a_session_brings_the_sequence_back(window, qtbot, stream, folder, tmp_path) -> None:
    open_frames(window, qtbot, folder)
    window.commands.sequence.open_other([str(stream)])
    rest(window, qtbot)
    go(window, qtbot, 3)
    camera = window.session.camera
    saved = tmp_path / "s.octavox"
    assert window.commands.session.save_session(str(saved))
    window.action_registry["close"].trigger()
    window.commands.session.open_session(str(saved))
    restored(qtbot, window)
    rest(window, qtbot)
    timeline = window.session.timeline
    assert timeline.shown == 3 and timeline.b is not None and window.session.camera == camera
    assert window.session.decoded.label == "ball.ovx, frame 3"


@pytest.mark.slow
def test_files_that_are_dropped_together(window, qtbot, folder) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(folder / f"frame_{k}.ply")) for k in (10, 8, 9)])
    given = (Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    enters = QDragEnterEvent(QPoint(300, 300), *given)
    QApplication.sendEvent(window, enters)
    assert enters.isAccepted()
    QApplication.sendEvent(window, QDropEvent(QPointF(300, 300), *given))
    qtbot.waitUntil(lambda: window.session.timeline is not None, timeout=WAIT_MS)
    rest(window, qtbot)
    timeline = window.session.timeline
    assert [timeline.a.label(k) for k in range(3)] == ["frame_8.ply", "frame_9.ply", "frame_10.ply"]


def test_compressing_writes_all_frames(window, qtbot, folder, tmp_path) -> None:
    open_frames(window, qtbot, folder)
    window.commands.codec.set_option("codec", "octree")
    target = tmp_path / "all.ovx"
    assert window.commands.sequence.compress(str(target))
    idle(qtbot, window)
    with codec.open(target) as written:
        assert len(written) == 6
        assert all(sorted(written[k].positions.tolist()) == expected(k) for k in range(6))
    assert "6 frames" in window.log.toPlainText() and window.session.timeline is not None


@pytest.mark.slow
def test_compressing_can_be_cancelled(window, qtbot, folder, tmp_path, monkeypatch) -> None:
    open_frames(window, qtbot, folder)
    window.commands.codec.set_option("codec", "octree")
    encode = codec.encode_sequence

    def slow(clouds, target, *, cancel, **more):
        def each():
            for cloud in clouds:
                yield cloud
                while not cancel.cancelled:
                    QTest.qSleep(5)

        return encode(each(), target, cancel=cancel, **more)

    monkeypatch.setattr(frames.codec, "encode_sequence", slow)
    target = tmp_path / "all.ovx"
    assert window.commands.sequence.compress(str(target))
    qtbot.waitUntil(lambda: "0 of 6 frames are coded" in window.session.job.stage_text(), timeout=WAIT_MS)
    window.action_registry["cancel"].trigger()
    idle(qtbot, window)
    assert not target.exists() and not list(tmp_path.glob("*.part*"))


@pytest.mark.slow
def test_a_frame_is_exported_as_a_cloud(window, qtbot, stream, tmp_path) -> None:
    open_frames(window, qtbot, stream)
    go(window, qtbot, 2)
    assert window.session.suggested_path(".ply").endswith("ball_0002.ply")
    assert window.commands.export.cloud(str(tmp_path / "two.ply"))
    idle(qtbot, window)
    assert sorted(codec.read_cloud(tmp_path / "two.ply").positions.tolist()) == expected(2)
    assert window.commands.export.stream(str(tmp_path / "two.ovx"))
    assert sorted(codec.decode(tmp_path / "two.ovx").cloud.positions.tolist()) == expected(2)


@pytest.mark.slow
def test_another_depth_reads_the_frames_anew(window, qtbot, folder) -> None:
    timeline = open_frames(window, qtbot, folder)
    go(window, qtbot, 2)
    window.commands.codec.set_option("depth", 5)
    qtbot.waitUntil(lambda: timeline.shown == 2, timeout=WAIT_MS)
    rest(window, qtbot)
    assert window.session.timeline is timeline and window.session.original.display.cloud.depth == 5
    go(window, qtbot, 4)
    assert window.session.original.display.cloud.depth == 5


@pytest.mark.slow
def test_the_panel_cuts_nothing_off(window, qtbot, stream, folder) -> None:
    window.resize(1024, 700)
    timeline = open_frames(window, qtbot, stream)
    panel = window.panels["Timeline"]
    rest(window, qtbot)
    for widget in (*panel.buttons.values(), *panel.switches.values(), panel.number, panel.rate, panel.limit):
        assert widget.width() >= min(widget.minimumSizeHint().width(), widget.maximumWidth()), widget.text()
        assert panel.rect().contains(widget.geometry())
    assert panel.used.drawn == panel.used.text() and timeline.shown == 0
