"""Journeys through the window on a display, with a look at the pixels."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
from conftest import SAMPLE, WAIT_MS, complete, idle
from pictures import drawn, foreground, pixels, run_job, without_axes
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QApplication

import codec
from gui.mainwindow import MainWindow
from gui.model.modes import size_color
from gui.model.queue import DONE, FAILED
from gui.model.tour import STEPS
from gui.turntable import Turntable
from gui.views.painting import ONLY_A, ONLY_B

pytestmark = pytest.mark.gl


@pytest.fixture
def opened(window, qtbot, finish) -> MainWindow:
    window.actions_["open_sample"].trigger()
    finish(window)
    window.workbench.set_option("codec", "fake")
    return window


@pytest.fixture
def compressed(opened, qtbot) -> MainWindow:
    run_job(opened, qtbot, "compress")
    return opened


def do(window: MainWindow, qtbot, *names: str) -> np.ndarray:
    """Trigger actions, then take the picture of the left view."""
    for name in names:
        assert window.actions_[name].isEnabled(), window.actions_[name].toolTip()
        window.actions_[name].trigger()
    complete(qtbot, window)
    return drawn(window)


def same(a: np.ndarray, b: np.ndarray) -> bool:
    """Whether two pictures are equal, but for the axes."""
    return np.array_equal(without_axes(a), without_axes(b))


def count(picture: np.ndarray, color: tuple[int, int, int]) -> int:
    return int(np.all(picture == np.array(color), axis=2).sum())


# -- see ---------------------------------------------------------------------------------------------


def test_normals_and_own_block_modes_colour_the_points(compressed, qtbot) -> None:
    picture = do(compressed, qtbot, "overlay", "cloud_normal")
    mask = foreground(compressed, picture)
    strongest = np.bincount(np.argmax(picture[mask], axis=1), minlength=3) / mask.sum()
    assert (strongest > 0.05).all()  # surfaces of all three directions
    assert [x.title for x in compressed.viewport.legend.legends] == ["Normal"]
    by_block = do(compressed, qtbot, "blocks_size", "cloud_block")
    by_bits = do(compressed, qtbot, "cloud_block_bits")
    assert not np.array_equal(by_block, by_bits)  # though the outlines stay with the sizes
    assert compressed.viewport.legend.legends[-1].title == "Bits per block"


def test_marks_come_and_go(opened, qtbot) -> None:
    plain = do(opened, qtbot, "axes")
    assert opened.viewport.a.pane.overlay.voxel_size == 1.0
    boxed = do(opened, qtbot, "bounds")
    ink = opened.themer.theme.rgb("view_text")
    assert count(boxed, ink) > count(plain, ink) + 300
    assert opened.viewport.a.pane.overlay.extent == "134 × 251 × 255 voxels"
    with_bar = pixels(opened.viewport.a.pane.picture(overlay=True))
    opened.actions_["scale_bar"].trigger()
    complete(qtbot, opened)
    without = pixels(opened.viewport.a.pane.picture(overlay=True))
    corner = np.s_[-60:, -200:]
    assert (with_bar[corner] != without[corner]).sum() > 200
    again = do(opened, qtbot, "bounds")
    assert np.array_equal(again, plain)


def test_eye_dome_lighting_darkens_the_resting_picture_alone(opened, qtbot) -> None:
    pane = opened.viewport.a.pane
    opened.actions_["scale_bar"].trigger()
    complete(qtbot, opened)
    plain = pixels(pane.picture(overlay=True)).astype(int)
    opened.actions_["edl"].trigger()
    qtbot.waitUntil(lambda: pane.overlay._shadows is not None, timeout=WAIT_MS)
    lit = pixels(pane.picture(overlay=True)).astype(int)
    assert (lit <= plain + 1).all()
    assert ((plain - lit).max(axis=2) > 40).sum() > 500
    opened.session.set_camera(opened.session.camera.orbit(20, 0))
    assert pane.overlay._shadows is None  # it would not fit what moves
    qtbot.waitUntil(lambda: pane.overlay._shadows is not None, timeout=WAIT_MS)


def test_bookmarks_take_the_camera_back(opened, qtbot) -> None:
    assert "Ctrl+3" in opened.actions_["bookmark_3"].toolTip()
    first = do(opened, qtbot, "axes", "keep_3")
    moved = do(opened, qtbot, "view_top")
    assert not np.array_equal(first, moved)
    assert np.array_equal(do(opened, qtbot, "bookmark_3"), first)


def test_outlines_of_some_sizes_with_less_opacity(compressed, qtbot) -> None:
    both = do(compressed, qtbot, "cloud_plain", "blocks_size")
    assert count(both, size_color(16)) > 50 and count(both, size_color(32)) > 50
    some = do(compressed, qtbot, "size_16")
    assert count(some, size_color(16)) == 0 and count(some, size_color(32)) > 50
    assert not compressed.actions_["size_64"].isEnabled()
    faint = do(compressed, qtbot, "opacity_30")
    assert count(faint, size_color(32)) < count(some, size_color(32)) / 4
    assert np.abs(faint.astype(int) - some.astype(int)).sum() > 0
    compressed.menus.undo.trigger()
    compressed.menus.undo.trigger()
    complete(qtbot, compressed)
    assert same(drawn(compressed), both)


# -- inspect -----------------------------------------------------------------------------------------


def test_a_brush_over_the_histogram_filters_table_and_view(compressed, qtbot) -> None:
    panel = compressed.panels["Histogram"]
    compressed.docks["Histogram"].raise_()
    before = do(compressed, qtbot, "cloud_plain")
    plot = panel.plot
    y = plot.height() // 2
    left, right = plot.bar(20).center().x(), plot.bar(40).center().x()
    qtbot.mousePress(plot, Qt.MouseButton.LeftButton, pos=QPoint(round(left), y))
    qtbot.mouseMove(plot, QPoint(round(right), y))
    qtbot.mouseRelease(plot, Qt.MouseButton.LeftButton, pos=QPoint(round(right), y))
    kept = int(plot.histogram.counts[20:41].sum())
    assert 0 < kept < len(compressed.session.blocks)
    assert compressed.table.model.rowCount() == kept
    assert compressed.session.visible_blocks.sum() == kept
    complete(qtbot, compressed)
    assert foreground(compressed, drawn(compressed)).sum() < foreground(compressed, before).sum()
    panel.clear.click()
    complete(qtbot, compressed)
    assert same(drawn(compressed), before)


def test_the_dearest_blocks_one_after_the_other(compressed, qtbot) -> None:
    session = compressed.session
    cost = session.blocks.bits + session.blocks.flag_bits
    order = np.argsort(-cost, kind="stable")
    do(compressed, qtbot, "dearest")
    assert session.view.selected == order[0]
    do(compressed, qtbot, "next_dearest")
    assert session.view.selected == order[1]
    do(compressed, qtbot, "previous_dearest")
    assert session.view.selected == order[0]
    assert compressed.inspector.facts.text_of("Whole") != "not tried"
    strip = compressed.panels["Bytes"].strip
    assert strip.marked is not None and strip.marked.slice == 0
    assert "bytes" in compressed.panels["Bytes"].words.text()
    assert compressed.panels["Histogram"].plot.mark == session.blocks.bpov[order[0]]
    strip.pressed.emit(strip.marked.first)
    assert session.view.selected == order[0]  # the dearest of the slice that holds the byte


def test_coding_order_is_played_and_scrubbed(compressed, qtbot) -> None:
    whole = do(compressed, qtbot, "overlay")
    bar, total = compressed.viewport.scrub, len(compressed.session.blocks)
    assert bar.isEnabled()
    bar.slider.setValue(total // 3)
    complete(qtbot, compressed)
    third = foreground(compressed, drawn(compressed)).sum()
    bar.slider.setValue(2 * total // 3)
    complete(qtbot, compressed)
    assert 0 < third < foreground(compressed, drawn(compressed)).sum() < foreground(compressed, whole).sum()
    points = int(compressed.session.blocks.points[: 2 * total // 3].sum())
    assert sum(len(s) for s in compressed.viewport.a.pane.points._samples) == points
    bar.slider.setValue(total)
    complete(qtbot, compressed)
    assert same(drawn(compressed), whole)
    bar.play.click()
    qtbot.waitUntil(lambda: 0 < (compressed.session.view.scrub or 0) < total, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: not bar.play.isChecked(), timeout=WAIT_MS)
    assert compressed.session.view.scrub is None


# -- compare -----------------------------------------------------------------------------------------


def shifted_stream(window: MainWindow, path: Path) -> codec.VoxelCloud:
    """A bitstream of the open cloud with a part moved away and some voxels lost."""
    cloud = window.session.original.display.cloud
    coords = cloud.coords.copy()
    moved = coords[:, 1] > 200
    coords[moved, 0] += 3
    keep = np.ones(len(coords), bool)
    keep[np.flatnonzero(~moved)[::50]] = False
    other, _ = codec.voxelize(codec.PointCloud(coords[keep].astype(np.int64), coordinate_type="int"), depth=8)
    options = codec.CodecOptions(codec="fake")
    codec.save_stream(path, codec.encode(other, options=options).data)
    return other


def test_two_clouds_laid_over_each_other_and_measured(opened, qtbot, tmp_path) -> None:
    path = tmp_path / "other.ovx"
    other = shifted_stream(opened, path)
    opened.workbench.open_path(str(path))
    idle(qtbot, opened)
    complete(qtbot, opened)
    assert not opened.session.blocks_live
    assert opened.properties.text_of("Result") == "differs"
    opened.actions_["shaded"].trigger()
    picture = do(opened, qtbot, "overlay", "arrange_overlaid")
    assert not opened.viewport.b.box.isVisible()
    assert count(picture, ONLY_A) > 100 and count(picture, ONLY_B) > 100
    do(opened, qtbot, "arrange_beside")
    run_job(opened, qtbot, "compare")
    report = opened.session.comparison.report
    cloud = opened.session.original.display.cloud
    assert report == codec.compare(cloud, other).report
    assert opened.session.view.cloud_mode == "d1"
    assert "Difference D1" in [button.text().removeprefix("Points: ") for button, *_ in opened.tools._choices]
    facts = opened.panels["Compare"].facts
    assert facts.text_of("D1 PSNR") == f"{report.d1.psnr:.3f} dB"
    assert opened.viewport.legend.legends[-1].title == "Difference D1"
    colors = drawn(opened)[foreground(opened, drawn(opened))]
    assert len(np.unique(colors, axis=0)) >= 3  # no distance, and several others
    assert not np.array_equal(do(opened, qtbot, "cloud_d2"), do(opened, qtbot, "cloud_d1"))


def test_two_bitstreams_block_by_block(compressed, qtbot, tmp_path) -> None:
    path = tmp_path / "other.ovx"
    shifted_stream(compressed, path)
    compressed.analysis.compare_streams(str(path))
    idle(qtbot, compressed)
    panel, session = compressed.panels["Compare"], compressed.session
    assert len(session.blocks) == compressed.table.model.rowCount()  # the open one is as it was
    v = panel.versus
    own = float((session.blocks.bits + session.blocks.flag_bits).sum())
    assert v.bits_a.sum() == pytest.approx(own)
    assert panel.table.array.rowCount() == len(v)
    first = panel.table.array.rows[0]
    assert v.delta[first] == v.delta.max()  # sorted by what B spends more
    row = int(np.flatnonzero(v.row[panel.table.array.rows] >= 0)[0])
    panel.table.selectRow(row)
    assert session.view.selected == v.row[panel.table.array.rows[row]]


# -- compress ----------------------------------------------------------------------------------------


def test_the_queue_works_through_its_files(opened, qtbot, tmp_path) -> None:
    good, bad = tmp_path / "good.ply", tmp_path / "bad.ply"
    good.write_bytes(SAMPLE.read_bytes())
    bad.write_bytes(b"no cloud")
    before = opened.session.blocks
    opened.queueing.queue_files([str(bad), str(good)])
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
    opened.workbench.set_option("codec", "octree")
    opened.workbench.set_option("threads", 1)
    dice = random.Random(7)
    cancelled = 0
    for _ in range(50):
        opened.actions_["compress"].trigger()
        qtbot.wait(dice.randrange(0, 60))
        cancelled += opened.workbench.jobs.busy
        opened.workbench.cancel()
        idle(qtbot, opened)
        assert opened.error_bar.isHidden()
    assert cancelled > 10
    run_job(opened, qtbot, "compress")
    assert int(opened.session.blocks.points.sum()) == 145_773


# -- keep --------------------------------------------------------------------------------------------


def test_a_session_is_restored_as_it_was(compressed, make_window, qtbot, tmp_path) -> None:
    do(compressed, qtbot, "blocks_bpov", "cloud_plain", "size_16", "view_left", "keep_2", "axes")
    compressed.workbench.select(7)
    complete(qtbot, compressed)
    before = drawn(compressed)
    path = str(tmp_path / "work.octavox")
    assert compressed.keeping.save_session(path)
    assert (tmp_path / "work.ovx").is_file()  # the bitstream was not saved before
    fresh = make_window()
    fresh.open_any(path)
    qtbot.waitUntil(lambda: fresh.keeping._restoring is None, timeout=WAIT_MS)
    complete(qtbot, fresh)
    session = fresh.session
    assert session.original.label == SAMPLE.name and session.decoded is not None
    assert session.view.selected == 7
    assert session.bookmarks == compressed.session.bookmarks
    fresh.actions_["pane_b"].trigger()
    fresh.resize(compressed.size())
    complete(qtbot, fresh)
    assert np.array_equal(drawn(fresh), before)


def test_what_a_crash_left_is_offered(window, make_window, qtbot) -> None:
    folder = window.settings.private_folder
    window.keeping.begin()
    window.actions_["open_sample"].trigger()
    qtbot.waitUntil(lambda: window.session.original is not None, timeout=WAIT_MS)
    window.keeping.autosave.save()
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    window.close()
    assert list(folder.iterdir()) == []  # closed properly
    for name, content in files.items():
        (folder / name).write_bytes(content)
    (folder / "running").write_text(str(2**22 + 999))  # no such process
    fresh = make_window()
    fresh.keeping.begin()
    assert fresh.offer.isVisible()
    assert SAMPLE.name in fresh.offer.words.text()
    fresh.offer.yes.click()
    qtbot.waitUntil(lambda: fresh.session.original is not None, timeout=WAIT_MS)
    assert not fresh.offer.isVisible()


def test_pictures_plot_and_video_are_written(compressed, qtbot, tmp_path) -> None:
    large, small = str(tmp_path / "large.png"), str(tmp_path / "small.png")
    compressed.actions_["scale_bar"].trigger()
    assert compressed.exporter.screenshot(small)
    assert compressed.keeping.large_screenshot(large)
    a, b = QImage(small), QImage(large)
    assert (b.width(), b.height()) == (3 * a.width(), 3 * a.height())
    shrunk = b.scaled(
        a.size(), Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
    )
    gap = np.abs(pixels(shrunk).astype(int) - pixels(a).astype(int)).max(axis=2)
    assert (gap < 60).mean() > 0.9  # the same picture, finer
    for name in ("plot.png", "plot.svg"):
        assert compressed.keeping.size_plot(str(tmp_path / name))
    plot = pixels(QImage(str(tmp_path / "plot.png")))
    assert count(plot, size_color(16)) > 1000 and count(plot, size_color(32)) > 1000
    assert b"<svg" in (tmp_path / "plot.svg").read_bytes()
    for suffix, magic in ((".webp", b"RIFF"), (".ogv", b"OggS")):
        path = tmp_path / f"turn{suffix}"
        camera = compressed.session.camera
        view = compressed.viewport
        video = Turntable(compressed.session, str(path), view.complete, view.image, frames=3)
        ended: list[object] = []
        video.ended.connect(ended.append)
        video.start()
        qtbot.waitUntil(lambda: bool(ended), timeout=WAIT_MS)  # noqa: B023
        assert ended == [None]
        assert path.read_bytes().startswith(magic)
        assert compressed.session.camera == camera
    assert not list(tmp_path.glob(".*"))  # no parts are left


def test_commands_are_copied(compressed, qtbot) -> None:
    compressed.actions_["copy_verify"].trigger()
    assert QGuiApplication.clipboard().text().startswith("octavox verify ")


# -- help --------------------------------------------------------------------------------------------


def test_the_palette_runs_what_it_finds(compressed, qtbot) -> None:
    compressed.actions_["palette"].trigger()
    palette = compressed.helping.palette
    qtbot.waitUntil(palette.isVisible, timeout=WAIT_MS)
    assert len(palette.found()) == len(compressed.actions_.specs) - 1
    qtbot.keyClicks(palette.edit, "dearest bl")
    assert palette.found()[0] == "dearest"
    qtbot.keyClick(palette.edit, Qt.Key.Key_Return)
    assert palette.isHidden()
    assert compressed.session.view.selected is not None
    compressed.actions_["palette"].trigger()
    qtbot.keyClicks(palette.edit, "compare the clouds")
    assert "two clouds are needed" in palette.list.item(0).text()  # off, and says why
    qtbot.keyClick(palette.edit, Qt.Key.Key_Return)
    assert palette.isVisible()
    qtbot.keyClick(palette.edit, Qt.Key.Key_Escape)
    assert palette.isHidden()


def test_the_tour_leads_from_nothing_to_a_certificate(window, qtbot, finish) -> None:
    window.workbench.set_option("codec", "fake")
    window.actions_["tour"].trigger()
    card = window.helping.tour
    assert card.isVisible()
    seen = []
    while card.isVisible():
        place = card.tour.place
        seen.append(place)
        step = STEPS[place]
        assert card.title.text() == step.title
        assert card.geometry().intersected(window.rect()) == card.geometry()
        if step.do:
            assert card.do.isEnabled(), step.title
            card.do.click()
            idle(qtbot, window)
            complete(qtbot, window)
            assert card.tour.place == place + 1, step.title  # it went on by itself
        else:
            card.next.click()
    assert seen == list(range(10))
    assert window.session.certificate.identical
    assert window.session.comparison.report.identical


def test_reports_and_keys_can_be_read(opened, qtbot) -> None:
    opened.actions_["system_report"].trigger()
    opened.actions_["shortcuts"].trigger()
    dialogs = {
        w.windowTitle(): w for w in QApplication.topLevelWidgets() if w.isVisible() and hasattr(w, "page")
    }
    report = dialogs["System report"]
    assert codec.__version__ in report.copied
    assert "Renderer" in report.copied and "not ready" not in report.copied
    report.copy.click()
    assert QGuiApplication.clipboard().text() == report.copied
    page = dialogs["Keys and mouse"].page.toPlainText()
    for spec in opened.actions_.specs.values():
        if spec.shortcut:
            assert spec.shortcut in page
    for dialog in dialogs.values():
        dialog.close()


def test_everything_has_a_name_for_those_who_cannot_see_it(compressed) -> None:
    from PySide6.QtWidgets import (
        QAbstractItemView,
        QComboBox,
        QHeaderView,
        QLineEdit,
        QPushButton,
        QSlider,
        QToolButton,
    )

    nameless = []
    for kind in (QComboBox, QLineEdit, QSlider, QAbstractItemView, QPushButton, QToolButton):
        for widget in compressed.findChildren(kind):
            if (
                widget.objectName().startswith("qt_")
                or not widget.isVisible()
                or isinstance(widget, QHeaderView)
            ):
                continue
            words = widget.accessibleName() or getattr(widget, "text", str)()
            if not words and isinstance(widget.parent(), QComboBox):
                continue
            if not words:
                nameless.append(f"{kind.__name__} in {type(widget.parent()).__name__}")
    assert nameless == []


def test_windows_open_and_close_twenty_times(settings, themer, fake, qtbot) -> None:
    """In one process: no window, view or VTK object of an earlier one is left."""
    import gc
    import weakref

    from PySide6.QtCore import QCoreApplication, QEvent

    gone: list[weakref.ref] = []
    for _ in range(20):
        window = MainWindow(settings, themer)
        window.show()
        window.attach_viewport()
        window.actions_["open_sample"].trigger()
        qtbot.waitUntil(lambda w=window: w.session.original is not None, timeout=WAIT_MS)
        gone += [
            weakref.ref(thing) for thing in (window.session, window.viewport.a.pane.points, window.table)
        ]
        window.close()
        window.deleteLater()
        del window
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    qtbot.wait(50)
    gc.collect()
    alive = [ref() for ref in gone if ref() is not None]
    assert len(alive) <= 3, alive  # the last one may still be held by a frame of this test


@pytest.mark.parametrize("during", ["nothing", "compress"])
def test_processes_end_cleanly(tmp_path, during) -> None:
    """A window in a process of its own, closed at rest and while a job runs."""
    import subprocess
    import sys

    root = Path(__file__).resolve().parents[2]
    script = f"""
import sys
sys.path.insert(0, {str(root)!r})
from gui.app import prepare_application
app = prepare_application(["octavox"])
from PySide6.QtCore import QSettings, QTimer
from gui.mainwindow import MainWindow
from gui.settings import Settings
from gui.theme import Themer
store = QSettings({str(tmp_path / "settings.ini")!r}, QSettings.Format.IniFormat)
window = MainWindow(Settings(store), Themer(app, "light"))
window.show()
window.load_viewport()
window.workbench.set_option("codec", "octree")
window.actions_["open_sample"].trigger()
def look():
    if window.session.original is None or window.viewport_or_none is None:
        return
    timer.stop()
    if {during!r} != "nothing":
        window.actions_[{during!r}].trigger()
    QTimer.singleShot(300, window.close)
timer = QTimer()
timer.timeout.connect(look)
timer.start(20)
code = app.exec()
print("closed", code)
sys.exit(code)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert "closed 0" in done.stdout
    assert "Traceback" not in done.stderr
