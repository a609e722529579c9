"""What the window says of what a bitstream keeps: moved points, levels, bitstreams of other clouds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pictures import drawn, foreground, run_job
from PySide6.QtWidgets import QMessageBox
from windows import complete, idle, opened_file

from octavox import codec
from octavox.gui.app.main_window import MainWindow
from octavox.gui.document import text

pytestmark = [pytest.mark.gl]
POINTS = 3000


def float_cloud(folder: Path, seed: int = 0, name: str = "floats.ply") -> Path:
    """Points of a ball's surface, whose coordinates lie on no lattice."""
    rows = np.random.default_rng(seed).normal(size=(POINTS, 3))
    rows *= 40 / np.linalg.norm(rows, axis=1)[:, None]
    codec.write_cloud(folder / name, codec.PointCloud(rows))
    return folder / name


def integer_cloud(folder: Path) -> Path:
    """A wall of 1,600 voxels, 100 of which have two points."""
    rows = np.stack(np.meshgrid(np.arange(40), [3], np.arange(40), indexing="ij"), -1).reshape(-1, 3)
    path = folder / "wall.ply"
    codec.write_cloud(path, codec.PointCloud(np.concatenate([rows, rows[:100]]).astype(np.int32)))
    return path


def question(window: MainWindow) -> QMessageBox | None:
    boxes = [box for box in window.findChildren(QMessageBox) if box.isVisible()]
    return boxes[0] if boxes else None


def press(box: QMessageBox, words: str) -> None:
    next(button for button in box.buttons() if button.text() == words).click()


def choose(window: MainWindow, name: str, value: object) -> None:
    """As the user does, in the codec panel."""
    box = window.codec_panel._boxes[name]
    box.setCurrentIndex(box.findData(value))
    box.activated.emit(box.currentIndex())


def asked(window: MainWindow, qtbot) -> QMessageBox:
    """The question that compressing leads to."""
    window.action_registry["compress"].trigger()
    idle(qtbot, window)
    box = question(window)
    assert box is not None and window.session.stream is None
    return box


def voxels_only(path: Path) -> codec.VoxelizationReport:
    """What keeping the voxels alone does to the points of a file."""
    return codec.propose(codec.read_cloud(path), codec.CloudOptions(keep="voxels")).report


def test_points_off_every_lattice_come_back_without_a_question(window, qtbot, tmp_path) -> None:
    opened_file(window, qtbot, float_cloud(tmp_path))
    assert window.properties.text_of("Level").startswith("records: every point")
    assert window.properties.text_of("Moved") == "0 (exact)"
    run_job(window, qtbot, "compress")
    assert question(window) is None
    run_job(window, qtbot, "decompress")
    assert window.session.certificate.identical
    assert "✓ identical: 3,000 points, every property" in window.job_bar.chip.text()
    assert window.job_bar.chip.property("chip") == "good"


def test_keeping_voxels_alone_asks_before_points_move(window, qtbot, tmp_path) -> None:
    path = float_cloud(tmp_path)
    opened_file(window, qtbot, path)
    session, report = window.session, voxels_only(path)
    choose(window, "keep", "voxels")
    box = asked(window, qtbot)
    for number in (report.moved_max, report.moved_mean, report.voxel_size):
        assert text.number(number) in box.informativeText()
    assert f"{report.depth} bits per axis" in box.informativeText()
    press(box, "Cancel")
    assert session.stream is None and question(window) is None

    press(asked(window, qtbot), "Choose depth…")
    depths = window.codec_panel._boxes["depth"]
    assert depths.view().isVisible() and session.stream is None
    depths.hidePopup()

    press(asked(window, qtbot), "Compress")
    idle(qtbot, window)
    assert session.stream is not None
    run_job(window, qtbot, "compress")  # the answer holds for this cloud
    assert question(window) is None

    run_job(window, qtbot, "decompress")
    assert session.certificate.kept and not session.certificate.identical
    chip = window.job_bar.chip
    moved = text.number(report.moved_max)
    assert f"voxels identical (voxels); points moved by up to {moved}" in chip.text()
    assert chip.property("chip") == "fair"
    assert window.properties.text_of("Result") == chip.toolTip().splitlines()[0]
    assert window.properties.text_of("Points") == "3,000"


def test_distances_are_those_of_the_files_points(window, qtbot, tmp_path) -> None:
    path = float_cloud(tmp_path)
    opened_file(window, qtbot, path)
    window.session.original.agreed = True
    choose(window, "keep", "voxels")
    run_job(window, qtbot, "compress")
    run_job(window, qtbot, "decompress")
    run_job(window, qtbot, "compare")
    session, report = window.session, voxels_only(path)
    d1 = session.comparison.report.d1
    assert d1.psnr is not None  # the voxels are the same, the points are not
    assert 0 < d1.hausdorff <= report.moved_max * (1 + 1e-9)
    distances, _ = session.difference_of(session.original)
    assert len(distances) == len(session.original.display)
    assert distances.max() * report.voxel_size == pytest.approx(d1.hausdorff_a_to_b, rel=1e-5)
    assert window.panels["Compare"].facts.text_of("Hausdorff") == text.number(d1.hausdorff, 6)


def test_a_chosen_depth_is_not_asked_about(window, qtbot, tmp_path) -> None:
    opened_file(window, qtbot, float_cloud(tmp_path))
    choose(window, "keep", "voxels")
    asked(window, qtbot)
    window.commands.codec.set_option("depth", 7)
    idle(qtbot, window)
    assert question(window) is None  # it was about the cloud of another depth
    window.action_registry["compress"].trigger()
    idle(qtbot, window)
    assert window.session.stream is not None and question(window) is None


def test_records_leave_no_choice_of_a_depth(window, qtbot, tmp_path) -> None:
    opened_file(window, qtbot, float_cloud(tmp_path))
    choose(window, "depth", 7)
    idle(qtbot, window)
    assert window.properties.text_of("Level").startswith("voxels")
    choose(window, "keep", "records")
    idle(qtbot, window)
    assert window.session.kept.depth is None and not window.codec_panel._boxes["depth"].isEnabled()
    assert window.properties.text_of("Level").startswith("records")
    run_job(window, qtbot, "compress")
    assert window.session.encode_report["level"] == "records"


def test_every_record_of_a_lattice_comes_back_in_green(window, qtbot, tmp_path) -> None:
    opened_file(window, qtbot, integer_cloud(tmp_path))
    session = window.session
    assert window.properties.text_of("Level").startswith("records: every point")
    assert window.properties.text_of("Share a voxel") == "100"
    run_job(window, qtbot, "compress")
    run_job(window, qtbot, "decompress")
    assert "✓ identical: 1,700 points, every property" in window.job_bar.chip.text()
    assert window.job_bar.chip.property("chip") == "good"
    assert window.properties.text_of("Keeps").startswith("records")
    run_job(window, qtbot, "compare")
    assert session.comparison.report.identical

    choose(window, "keep", "voxels")
    run_job(window, qtbot, "compress")
    run_job(window, qtbot, "decompress")
    assert "voxels identical (voxels); 100 merged" in window.job_bar.chip.text()
    assert window.job_bar.chip.property("chip") == "fair"


def test_points_off_the_grid_come_back_and_blocks_stay_with_their_voxels(window, qtbot, tmp_path) -> None:
    rows = np.stack(np.meshgrid(np.arange(40), [3], np.arange(40), indexing="ij"), -1).reshape(-1, 3)
    cloud = codec.PointCloud(np.concatenate([rows.astype(np.float64), [[-7.123456789, 2.5, 1e-9]]]))
    codec.write_cloud(tmp_path / "strays.ply", cloud)
    opened_file(window, qtbot, tmp_path / "strays.ply")
    session = window.session
    assert window.properties.text_of("Strays") == "1"
    run_job(window, qtbot, "compress")
    assert int(session.blocks.points.sum()) == len(session.original.display) == 1600
    run_job(window, qtbot, "decompress")
    assert "✓ identical: 1,601 points" in window.job_bar.chip.text()
    session.original.agreed = True
    window.commands.codec.set_option("keep", "voxels")  # all points get a voxel, on a larger grid
    run_job(window, qtbot, "compress")
    assert int(session.blocks.points.sum()) == len(session.original.display) == 1601
    run_job(window, qtbot, "decompress")
    assert "voxels identical (voxels); points moved by up to" in window.job_bar.chip.text()


def test_a_bitstream_of_another_cloud_is_shown_alone(window, qtbot, tmp_path) -> None:
    codec.save_stream(
        tmp_path / "wall.ovx",
        codec.encode(integer_cloud(tmp_path), options=codec.CodecOptions(codec="fake")).data,
    )
    opened_file(window, qtbot, float_cloud(tmp_path))
    window.commands.file.open_path(str(tmp_path / "wall.ovx"))
    idle(qtbot, window)
    complete(qtbot, window)
    session = window.session
    assert session.original is None and session.certificate is None
    assert window.job_bar.chip.isHidden()
    assert "another cloud than floats.ply, and opens as its own" in window.job_bar.message.text()
    assert [cloud.label for cloud in session.items.clouds] == ["floats.ply", "wall.ovx"]
    assert not window.viewport.a.box.isVisible()
    assert foreground(window, drawn(window, "b")).sum() > 500


def test_the_queue_says_what_moved(window, qtbot, tmp_path) -> None:
    window.commands.codec.set_option("codec", "fake")
    window.commands.codec.set_option("keep", "voxels")
    window.commands.queue.queue_files([str(float_cloud(tmp_path))])
    qtbot.waitUntil(lambda: window.session.queue.entries[0].state == "done", timeout=60_000)
    assert "points moved by up to" in window.session.queue.entries[0].words
