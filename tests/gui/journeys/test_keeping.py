"""What users do to compress many files, and to keep what they made."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
from pictures import count, do, drawn, pixels, run_job
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QImage
from windows import SAMPLE, WAIT_MS, complete, idle, restored

from octavox import codec
from octavox.gui.document.colour_modes import size_color
from octavox.gui.document.queue import DONE, FAILED
from octavox.gui.rendering.turntable import Turntable

pytestmark = pytest.mark.gl


def test_the_queue_works_through_its_files(opened, qtbot, tmp_path) -> None:
    good, bad = tmp_path / "good.ply", tmp_path / "bad.ply"
    good.write_bytes(SAMPLE.read_bytes())
    bad.write_bytes(b"no cloud")
    before = opened.session.blocks
    opened.commands.queue.queue_files([str(bad), str(good)])
    entries = opened.session.queue.entries
    qtbot.waitUntil(lambda: [e.state for e in entries] == [FAILED, DONE], timeout=WAIT_MS)
    back = codec.decode(tmp_path / "good.ovx").cloud
    assert np.array_equal(back.coords, opened.session.original.display.cloud.coords)
    assert opened.session.blocks is before
    panel = opened.panels["Queue"]
    assert panel.list.topLevelItemCount() == 2
    assert "bpov" in panel.list.topLevelItem(1).text(3)
    panel.list.setCurrentItem(panel.list.topLevelItem(0))
    panel.remove.click()
    assert len(opened.session.queue.entries) == 1


def test_another_depth_opens_the_file_anew(opened, qtbot, finish) -> None:
    box = opened.codec_panel._boxes["depth"]
    box.setCurrentIndex(box.findData(6))
    box.activated.emit(box.currentIndex())
    finish(opened)
    cloud = opened.session.original.display.cloud
    assert cloud.depth == 6
    assert len(cloud) < 145_773
    run_job(opened, qtbot, "compress")
    assert codec.info(opened.session.stream.data).depth == 6
    assert "About" in opened.codec_panel.words.text()
    assert "guess" not in opened.codec_panel.words.text()  # it was measured now


def test_cancelled_fifty_times_at_random_moments(opened, qtbot, fake) -> None:
    """With a real codec, from the start of a job on; nothing is left behind."""
    opened.commands.codec.set_option("codec", "octree")
    opened.commands.codec.set_option("threads", 1)
    dice = random.Random(7)
    cancelled = 0
    for _ in range(50):
        opened.action_registry["compress"].trigger()
        qtbot.wait(dice.randrange(0, 60))
        cancelled += opened.workbench.jobs.busy
        opened.workbench.cancel()
        idle(qtbot, opened)
        assert opened.error_bar.isHidden()
    assert cancelled > 10
    run_job(opened, qtbot, "compress")
    assert int(opened.session.blocks.points.sum()) == 145_773


def test_a_session_is_restored_as_it_was(compressed, make_window, qtbot, tmp_path) -> None:
    do(compressed, qtbot, "blocks_bpov", "cloud_plain", "size_16", "view_left", "keep_2", "axes")
    compressed.commands.view.select(7)
    complete(qtbot, compressed)
    before = drawn(compressed)
    path = str(tmp_path / "work.octavox")
    assert compressed.commands.session.save_session(path)
    assert (tmp_path / "work.ovx").is_file()  # the bitstream was not saved before
    fresh = make_window()
    fresh.commands.file.open_any(path)
    restored(qtbot, fresh)
    complete(qtbot, fresh)
    session = fresh.session
    assert session.original.label == SAMPLE.name and session.decoded is not None
    assert session.view.selected == 7
    assert session.bookmarks == compressed.session.bookmarks
    fresh.action_registry["pane_b"].trigger()
    fresh.resize(compressed.size())
    complete(qtbot, fresh)
    assert np.array_equal(drawn(fresh), before)


def test_what_a_crash_left_is_offered(window, make_window, crashed, qtbot) -> None:
    window.commands.session.recovery.begin()
    window.action_registry["open_sample"].trigger()
    qtbot.waitUntil(lambda: window.session.original is not None, timeout=WAIT_MS)
    crashed(window)
    fresh = make_window()
    fresh.commands.session.recovery.begin()
    assert fresh.offer.isVisible()
    assert SAMPLE.name in fresh.offer.words.text()
    fresh.offer.yes.click()
    restored(qtbot, fresh)
    assert fresh.session.original.label == SAMPLE.name
    assert not fresh.offer.isVisible()
    fresh.close()
    assert list(fresh.settings.private_folder.iterdir()) == []


def test_a_restored_bitstream_is_still_unsaved(compressed, make_window, crashed, qtbot) -> None:
    data = compressed.session.stream.data
    crashed(compressed)
    fresh = make_window()
    fresh.commands.session.recovery.begin()
    fresh.offer.yes.click()
    restored(qtbot, fresh)
    stream, root = fresh.session.stream, fresh.settings.private_folder
    assert stream.data == data and not stream.saved
    assert not any(str(root) in path for path in fresh.settings.recent)
    (kept,) = root.glob("*/unsaved.ovx")  # in this window's folder; the other is gone
    assert kept.read_bytes() == data and len(list(root.iterdir())) == 1
    asked: list[bool] = []
    fresh.workbench.may_discard = lambda: asked.append(True) or False
    assert not fresh.close() and asked and fresh.isVisible()
    assert kept.is_file()
    assert Path(fresh.session.suggested_path(".ovx")).parent == SAMPLE.parent
    fresh.workbench.may_discard = lambda: True


def test_an_offer_may_stay_unanswered(compressed, make_window, crashed, qtbot, finish) -> None:
    """What is done meanwhile is kept as well, and closing leaves the offer for the next start."""
    crashed(compressed)
    fresh = make_window()
    root = fresh.settings.private_folder
    fresh.commands.session.recovery.begin()
    fresh.action_registry["open_sample"].trigger()
    finish(fresh)
    fresh.commands.codec.set_option("codec", "fake")
    fresh.action_registry["compress"].trigger()
    finish(fresh)
    assert fresh.offer.isVisible()
    assert len(list(root.glob("*/unsaved.ovx"))) == 2
    fresh.close()
    assert len(list(root.glob("*/unsaved.ovx"))) == 1
    third = make_window()
    third.commands.session.recovery.begin()
    assert third.offer.isVisible()
    third.offer.no.click()
    assert not third.offer.isVisible() and list(root.iterdir()) == []


def test_a_crash_leaves_a_bitstream_though_its_cloud_is_gone(
    window, make_window, crashed, qtbot, finish, tmp_path
) -> None:
    path = tmp_path / "cloud.ply"
    path.write_bytes(SAMPLE.read_bytes())
    window.commands.file.open_any(str(path))
    finish(window)
    window.commands.codec.set_option("codec", "fake")
    window.action_registry["compress"].trigger()
    finish(window)
    data = window.session.stream.data
    crashed(window)
    path.unlink()
    fresh = make_window()
    fresh.commands.session.recovery.begin()
    fresh.offer.yes.click()
    restored(qtbot, fresh)
    assert fresh.session.original is None
    assert "cloud.ply is missing" in fresh.job_bar.message.text()
    assert fresh.session.stream.data == data and not fresh.session.stream.saved
    assert fresh.session.decoded is not None and len(fresh.session.blocks)
    assert len(list(fresh.settings.private_folder.iterdir())) == 1


def test_a_crash_leaves_a_bitstream_though_its_session_is_damaged(
    compressed, make_window, crashed, qtbot
) -> None:
    data = compressed.session.stream.data
    crashed(compressed)
    fresh = make_window()
    (saved,) = fresh.settings.private_folder.glob("*/session.octavox")
    saved.write_text("{}")
    fresh.commands.session.recovery.begin()
    fresh.offer.yes.click()
    restored(qtbot, fresh)
    assert fresh.session.stream.data == data and not fresh.session.stream.saved
    assert fresh.session.decoded is not None


def test_pictures_plot_and_video_are_written(compressed, qtbot, tmp_path) -> None:
    large, small = str(tmp_path / "large.png"), str(tmp_path / "small.png")
    compressed.action_registry["scale_bar"].trigger()
    assert compressed.commands.export.screenshot(small)
    assert compressed.commands.export.large_screenshot(large)
    a, b = QImage(small), QImage(large)
    assert (b.width(), b.height()) == (3 * a.width(), 3 * a.height())
    shrunk = b.scaled(
        a.size(), Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
    )
    gap = np.abs(pixels(shrunk).astype(int) - pixels(a).astype(int)).max(axis=2)
    assert (gap < 60).mean() > 0.9  # the same picture, finer
    for name in ("plot.png", "plot.svg"):
        assert compressed.commands.export.size_plot(str(tmp_path / name))
    plot = pixels(QImage(str(tmp_path / "plot.png")))
    assert count(plot, size_color(16)) > 1000 and count(plot, size_color(32)) > 1000
    assert b"<svg" in (tmp_path / "plot.svg").read_bytes()
    for suffix, magic in ((".webp", b"RIFF"), (".ogv", b"OggS")):
        path = tmp_path / f"turn{suffix}"
        camera = compressed.session.camera
        view = compressed.viewport
        video = Turntable(compressed.session, str(path), view.complete, view.image, view.settle, frames=3)
        ended: list[object] = []
        video.ended.connect(ended.append)
        video.start()
        qtbot.waitUntil(lambda: bool(ended), timeout=WAIT_MS)  # noqa: B023
        assert ended == [None]
        assert path.read_bytes().startswith(magic)
        assert compressed.session.camera == camera
    assert not list(tmp_path.glob(".*"))  # no parts are left


def test_commands_are_copied(compressed, qtbot) -> None:
    compressed.action_registry["copy_verify"].trigger()
    assert QGuiApplication.clipboard().text().startswith("octavox verify ")


def test_escape_stops_a_video_and_leaves_no_file(compressed, qtbot, tmp_path) -> None:
    path = tmp_path / "turn.webp"
    camera = compressed.session.camera
    compressed.commands.export.turntable(str(path))
    qtbot.waitUntil(lambda: compressed.session.job.fraction is not None, timeout=WAIT_MS)
    assert "Video is running" in compressed.action_registry["compress"].toolTip()
    assert not compressed.action_registry["turntable"].isEnabled()
    assert compressed.job_bar.progress.isVisible()
    compressed.activateWindow()
    qtbot.waitUntil(compressed.isActiveWindow, timeout=WAIT_MS)
    qtbot.keyClick(compressed, Qt.Key.Key_Escape)
    assert compressed.session.job is None
    assert "cancelled" in compressed.job_bar.message.text()
    assert compressed.error_bar.isHidden()
    assert list(tmp_path.glob("*turn*")) == []
    assert compressed.session.camera == camera
    assert compressed.action_registry["compress"].isEnabled()
