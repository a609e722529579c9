"""The window while a job runs, and when one fails, is cancelled or outlived by its window."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
from pictures import drawn, foreground, pixels, run_job
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication
from windows import SAMPLE, WAIT_MS, complete, idle

from octavox import codec

pytestmark = pytest.mark.gl
REAL = "octree"


def test_blocks_fill_in_while_the_job_runs(opened, qtbot, fake) -> None:
    fake.pause = 0.05
    opened.action_registry["compress"].trigger()
    qtbot.waitUntil(lambda: opened.table.model.rowCount() > 40, timeout=WAIT_MS)
    assert opened.workbench.jobs.busy
    assert not opened.action_registry["compress"].isEnabled()
    assert "is running" in opened.action_registry["compress"].toolTip()
    assert opened.action_registry["cancel"].isEnabled()
    rest = np.array(opened.themer.theme.rgb("rest"))
    qtbot.waitUntil(lambda: len(opened.viewport.legend.legends) == 1, timeout=WAIT_MS)
    picture = pixels(opened.viewport.a.pane.picture())
    greys = np.abs(picture.astype(int) / rest - picture.mean(axis=2, keepdims=True) / rest.mean()).max(axis=2)
    assert (greys < 0.05).any()  # parts that are not coded yet
    idle(qtbot, opened)
    assert opened.table.model.rowCount() == len(opened.session.blocks)


@pytest.mark.slow
def test_cancel_in_the_middle_changes_nothing(opened, qtbot, fake) -> None:
    run_job(opened, qtbot, "compress")
    blocks, stream = opened.session.blocks, opened.session.stream
    fake.pause = 0.05
    opened.action_registry["compress"].trigger()
    qtbot.waitUntil(lambda: opened.table.model.rowCount() in range(20, 200), timeout=WAIT_MS)
    opened.activateWindow()
    qtbot.waitUntil(opened.isActiveWindow, timeout=WAIT_MS)
    qtbot.keyClick(opened, Qt.Key.Key_Escape)
    idle(qtbot, opened)
    assert "cancelled" in opened.job_bar.message.text()
    assert opened.error_bar.isHidden()  # cancelling is no error
    assert opened.session.blocks is blocks
    assert opened.session.stream is stream
    assert opened.action_registry["compress"].isEnabled()
    fake.pause = 0.0
    run_job(opened, qtbot, "compress")  # and the window still works


@pytest.mark.slow
def test_a_cancelled_decode_takes_its_half_picture_away(opened, qtbot, fake) -> None:
    run_job(opened, qtbot, "compress")
    fake.pause = 0.05
    opened.action_registry["decompress"].trigger()
    qtbot.waitUntil(lambda: opened.viewport.b.filling > 5000, timeout=WAIT_MS)
    assert opened.viewport.b.box.isVisible()
    assert "so far" in opened.viewport.b.header.facts.text()
    opened.action_registry["cancel"].trigger()
    idle(qtbot, opened)
    assert not opened.viewport.b.box.isVisible()
    assert opened.session.decoded is None
    assert len(opened.session.blocks) > 0


@pytest.mark.slow
def test_the_right_view_fills_with_decoded_points(opened, qtbot, fake) -> None:
    run_job(opened, qtbot, "compress")
    opened.action_registry["overlay"].trigger()
    counts, fake.stop_at = [], 10_000
    opened.action_registry["decompress"].trigger()
    for least in (10_000, 60_000):
        fake.stop_at = least
        qtbot.waitUntil(lambda n=least: opened.viewport.b.filling >= n, timeout=WAIT_MS)
        qtbot.waitUntil(lambda: not opened.viewport.live.waiting, timeout=WAIT_MS)
        counts.append(foreground(opened, pixels(opened.viewport.b.pane.picture())).sum())
    assert 0 < counts[0] < counts[1]
    fake.stop_at = None
    idle(qtbot, opened)
    assert opened.session.certificate.kept


@pytest.mark.slow
@pytest.mark.parametrize("job", ["open", "compress", "decompress"])
def test_closing_during_a_job_joins_it(make_window, qtbot, finish, fake, job) -> None:
    window = make_window()
    if job != "open":
        window.action_registry["open_sample"].trigger()
        finish(window)
        window.commands.codec.set_option("codec", "fake")
    if job == "decompress":
        run_job(window, qtbot, "compress")
    fake.pause = 0.05
    window.action_registry["open_sample" if job == "open" else job].trigger()
    assert window.workbench.jobs.busy
    if job != "open":
        qtbot.waitUntil(lambda: len(window.session.blocks) > 10, timeout=WAIT_MS)
    ended: list[bool] = []
    worker = window.workbench.jobs._thread
    worker.finished.connect(lambda: ended.append(True), Qt.ConnectionType.DirectConnection)
    assert window.close()
    assert not window.workbench.jobs.busy
    assert ended  # before close returned
    qtbot.wait(150)  # late timers and signals would strike now


def test_an_error_is_shown_beside_the_work(opened, qtbot, fake) -> None:
    fake.fail = RuntimeError("the codec tripped")
    opened.action_registry["compress"].trigger()
    idle(qtbot, opened)
    assert opened.error_bar.isVisible()
    assert "the codec tripped" in opened.error_bar.title.text()
    assert opened.error_bar.advice.text()
    assert opened.error_bar.details.isHidden()
    assert "Traceback" in opened.error_bar.details.toPlainText()
    assert QGuiApplication.modalWindow() is None
    opened.error_bar.dismiss.click()
    assert not opened.error_bar.isVisible()
    assert opened.action_registry["compress"].isEnabled()


def test_what_cannot_be_opened_is_explained(window, qtbot, finish, tmp_path) -> None:
    for name, content in (("bad.ply", b"this is no cloud"), ("bad.ovx", b"\x89OVX and nothing more")):
        path = tmp_path / name
        path.write_bytes(content)
        window.commands.file.open_path(str(path))
        idle(qtbot, window)
        assert window.error_bar.isVisible()
        assert f"Opening {name} failed" in window.error_bar.title.text()
        assert window.stack.currentWidget() is window.welcome
        window.error_bar.dismiss.click()


@pytest.mark.slow
def test_a_bitstream_opens_with_its_blocks(opened, make_window, qtbot, tmp_path) -> None:
    run_job(opened, qtbot, "compress")
    path = tmp_path / "spot.ovx"
    assert opened.commands.export.stream(str(path))
    assert opened.session.stream.saved
    fresh = make_window()
    fresh.commands.file.open_path(str(path))
    idle(qtbot, fresh)
    complete(qtbot, fresh)
    assert fresh.session.original is None
    assert len(fresh.session.decoded.display) == 145_773
    assert fresh.table.model.rowCount() == len(opened.session.blocks)
    assert fresh.session.certificate is None  # nothing to compare with
    assert foreground(fresh, drawn(fresh, "b")).sum() > 1000
    assert not fresh.viewport.a.box.isVisible()
    assert not fresh.action_registry["compress"].isEnabled()


@pytest.mark.slow
def test_another_clouds_bitstream_differs_in_red(opened, qtbot, tmp_path) -> None:
    cloud = opened.session.original.display.cloud
    less = replace(cloud, coords=cloud.coords[7:], colors=None)
    data = codec.encode(less, options=codec.CodecOptions(codec="fake")).data
    path = tmp_path / "less.ovx"
    codec.save_stream(path, data)
    opened.commands.file.open_path(str(path))
    idle(qtbot, opened)
    assert "DIFFERENT: 7 voxels missing, 0 added" in opened.job_bar.chip.text()
    assert opened.job_bar.chip.property("chip") == "bad"
    assert opened.properties.text_of("Missing") == "7"


def test_files_can_be_dropped(window, qtbot, finish) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(SAMPLE))])
    action, button = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    none = Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPointF(600, 300).toPoint(), action, mime, button, none)
    QGuiApplication.sendEvent(window, enter)
    assert enter.isAccepted()
    drop = QDropEvent(QPointF(600, 300), action, mime, button, none)
    QGuiApplication.sendEvent(window, drop)
    qtbot.waitUntil(lambda: window.session.original is not None, timeout=WAIT_MS)
    finish(window)
    assert window.session.original.label == SAMPLE.name
    assert not window.viewport.a.pane.acceptDrops()  # the view leaves drops to the window


def test_windows_leave_no_timers_running(make_window, qtbot, finish) -> None:
    window = make_window()
    window.action_registry["open_sample"].trigger()
    finish(window)
    window.close()
    time.sleep(0.05)
    pane = window.viewport.a.pane
    assert not pane._settle.isActive()
    assert not pane._continue.isActive()
    assert not window.workbench.jobs._timer.isActive()


@pytest.mark.slow
def test_bits_by_blocks_of_the_size_that_the_panel_says(opened, qtbot) -> None:
    """A codec without a partition counts by blocks of one size; the bytes do not depend on it."""
    panel = opened.codec_panel
    opened.commands.codec.set_option("codec", REAL)
    assert not panel._boxes["block_size"].isHidden()
    assert panel._boxes["max_level"].isHidden()
    run_job(opened, qtbot, "compress")
    assert set(opened.session.blocks.size.tolist()) == {64}
    first = opened.session.stream.data
    box = panel._boxes["block_size"]
    box.setCurrentIndex(box.findData(16))
    box.activated.emit(box.currentIndex())
    run_job(opened, qtbot, "compress")
    assert set(opened.session.blocks.size.tolist()) == {16}
    assert opened.table.model.rowCount() == len(opened.session.blocks) > 500
    assert opened.session.stream.data == first
    opened.commands.codec.set_option("codec", "voxeldnn")
    assert panel._boxes["block_size"].isHidden()
    assert not panel._boxes["max_level"].isHidden()


@pytest.mark.slow
def test_high_effort_from_the_panel_gives_a_smaller_stream(opened, qtbot) -> None:
    panel, sizes = opened.codec_panel, []
    opened.commands.codec.set_option("codec", REAL)
    for effort in ("normal", "high"):
        box = panel._boxes["effort"]
        assert not box.isHidden()
        box.setCurrentIndex(box.findData(effort))
        box.activated.emit(box.currentIndex())
        run_job(opened, qtbot, "compress")
        sizes.append(len(opened.session.stream.data))
    assert sizes[1] < sizes[0]
    run_job(opened, qtbot, "decompress")
    assert opened.session.certificate.kept
    opened.commands.codec.set_option("codec", "voxeldnn")
    assert panel._boxes["effort"].isHidden()


def test_what_a_job_brings_is_drawn_once_and_in_a_turn_of_its_own(opened, qtbot, fake, monkeypatch) -> None:
    view, refreshed = opened.viewport, []
    refresh = view.refresh
    monkeypatch.setattr(view, "refresh", lambda *a, **k: refreshed.append(1) or refresh(*a, **k))
    fake.pause = 0.05
    assert view.complete()
    opened.action_registry["compress"].trigger()  # new colours, an empty table and a job
    assert not refreshed and not view.complete()
    qtbot.waitUntil(lambda: bool(refreshed), timeout=WAIT_MS)
    assert len(refreshed) == 1
    opened.action_registry["cancel"].trigger()
    idle(qtbot, opened)
