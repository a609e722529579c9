"""What took work to make does not go without a question, and a step that fails leaves all as it was."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QLineEdit, QMessageBox, QPushButton
from windows import SAMPLE, WAIT_MS, idle, restored

from octavox import codec
from octavox.gui.document.blocks import BlockFilter
from octavox.gui.document.colour_modes import BY_BLOCK
from octavox.gui.document.session_file import read_session
from octavox.gui.widgets.dialogs import ask_to_save, ask_to_stop

pytestmark = pytest.mark.gl


@pytest.fixture
def answers(compressed):
    """Answers of a user, in turn, to the question about the unsaved bitstream."""
    given: list[bool] = []
    compressed.workbench.may_discard = lambda: given.pop(0)
    yield given
    compressed.workbench.may_discard = lambda: True


def other_cloud(folder: Path) -> str:
    path = folder / "other.ply"
    voxels = np.stack(np.meshgrid(*[np.arange(9, dtype=np.int32)] * 3, indexing="ij"), -1).reshape(-1, 3)
    cloud, _ = codec.voxelize(codec.PointCloud(voxels.astype(np.int64)))
    codec.write_ply(path, cloud)
    return str(path)


def test_closing_asks_and_opening_and_another_depth_lose_nothing(
    compressed, answers, qtbot, tmp_path
) -> None:
    stream, path = compressed.session.stream, other_cloud(tmp_path)
    answers += [False] * 2
    compressed.action_registry["close"].trigger()
    assert compressed.close() is False
    assert answers == [] and compressed.isVisible()
    assert compressed.session.stream is stream and not compressed.workbench.busy
    compressed.commands.file.open_any(path)
    idle(qtbot, compressed)
    assert compressed.session.original.label == "other.ply" and compressed.session.stream is None
    assert stream in compressed.session.items and stream.of in compressed.session.items
    compressed.commands.codec.set_option("depth", 3)
    idle(qtbot, compressed)
    assert compressed.session.original.display.cloud.depth == 3
    assert [c.label for c in compressed.session.items.clouds] == [SAMPLE.name, "other.ply"]
    compressed.commands.scene.activate(stream.of)
    compressed.commands.codec.set_option("depth", 6)
    idle(qtbot, compressed)
    assert compressed.session.original.display.cloud.depth == 6
    assert compressed.session.stream is None and stream in compressed.session.items
    compressed.commands.scene.activate(stream)
    assert compressed.session.original.display.cloud.depth == 8 and compressed.session.stream is stream
    answers += [False]  # though another one is shown, it is asked about
    assert compressed.close() is False and answers == []


def test_compressing_again_keeps_the_earlier_bitstream(compressed, answers, qtbot) -> None:
    first, blocks = compressed.session.stream, compressed.session.blocks
    compressed.commands.codec.set_option("codec", "octree")
    compressed.action_registry["compress"].trigger()
    idle(qtbot, compressed)
    again = compressed.session.stream
    assert again is not first and list(compressed.session.items.streams) == [first, again]
    assert len(compressed.session.blocks) != len(blocks) and again.codec == "octree"
    compressed.commands.scene.activate(first)
    assert compressed.session.stream is first and compressed.session.blocks is blocks
    assert compressed.session.encode_report["codec"] == "fake"
    answers += [False]
    assert compressed.close() is False and answers == []


def test_removing_a_bitstream_asks_what_becomes_of_it(compressed, qtbot) -> None:
    def press(name: str) -> None:
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox) and SAMPLE.name in box.text()
        next(b for b in box.findChildren(QPushButton) if b.text() == name).click()

    stream = compressed.session.stream
    QTimer.singleShot(50, compressed, lambda: press("Cancel"))
    compressed.commands.scene.close_item(compressed.session.original)
    assert compressed.session.stream is stream and compressed.session.original is stream.of
    QTimer.singleShot(50, compressed, lambda: press("Discard"))
    compressed.commands.scene.close_item(stream)
    assert compressed.session.stream is None and not len(compressed.session.blocks)
    assert compressed.session.original is stream.of


def test_closing_asks_about_work_that_is_under_way(opened, qtbot, fake) -> None:
    asked: list[bool] = []
    opened.workbench.may_discard = lambda: bool(asked.append(True))
    fake.stop_at = 1000
    opened.action_registry["compress"].trigger()
    qtbot.waitUntil(lambda: opened.workbench.jobs.costly, timeout=WAIT_MS)
    assert opened.close() is False and asked == [True]
    assert opened.isVisible() and opened.workbench.busy
    opened.workbench.cancel()
    idle(qtbot, opened)
    opened.session.queue.add(str(SAMPLE), opened.session.options, opened.session.kept)
    assert opened.close() is False and len(asked) == 2  # a file waits
    opened.session.queue.remove(opened.session.queue.next)
    opened.workbench.may_discard = lambda: True


@pytest.mark.parametrize(("button", "stops"), [("Stop", True), ("Go on", False)])
def test_the_question_about_work_has_two_answers(window, button, stops) -> None:
    def press() -> None:
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox) and "at work" in box.text()
        next(b for b in box.findChildren(QPushButton) if b.text() == button).click()

    QTimer.singleShot(50, window, press)
    assert ask_to_stop(window) is stops


def test_a_saved_bitstream_is_no_question(compressed, answers, qtbot, tmp_path) -> None:
    assert compressed.commands.export.stream(str(tmp_path / "kept.ovx"))
    compressed.commands.file.open_any(other_cloud(tmp_path))
    idle(qtbot, compressed)
    assert compressed.session.original.label == "other.ply"


@pytest.mark.parametrize(
    ("button", "answer"), [("Save…", "save"), ("Discard", "discard"), ("Cancel", "cancel")]
)
def test_the_question_has_three_answers(window, button, answer) -> None:
    def press() -> None:
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        assert "cloud.ply" in box.text()
        next(b for b in box.findChildren(QPushButton) if b.text() == button).click()

    QTimer.singleShot(50, window, press)
    assert ask_to_save(window, "cloud.ply") == button.strip("…").lower()


def test_a_depth_that_fails_is_not_kept(window, finish, qtbot, tmp_path) -> None:
    path = tmp_path / "cloud.ply"
    shutil.copy(SAMPLE, path)
    window.commands.file.open_any(str(path))
    finish(window)
    path.unlink()
    window.commands.codec.set_option("depth", 6)
    idle(qtbot, window)
    assert window.error_bar.isVisible() and "is there" in window.error_bar.advice.text()
    assert window.session.kept.depth is None
    assert window.codec_panel._boxes["depth"].currentData() is None
    assert window.session.original.display.cloud.depth == 8


@pytest.mark.slow
def test_a_cancelled_compression_leaves_colours_and_undo_alone(opened, qtbot, fake) -> None:
    mode, steps = opened.session.view.cloud_mode, opened.workbench.undo_stack.count()
    fake.stop_at = 1000
    opened.action_registry["compress"].trigger()
    qtbot.waitUntil(lambda: len(opened.session.blocks) > 0, timeout=WAIT_MS)
    assert opened.session.view.cloud_mode == BY_BLOCK
    opened.workbench.cancel()
    idle(qtbot, opened)
    assert opened.session.view.cloud_mode == mode
    assert opened.workbench.undo_stack.count() == steps
    fake.stop_at = None
    opened.action_registry["compress"].trigger()
    idle(qtbot, opened)
    assert opened.session.view.cloud_mode == BY_BLOCK
    opened.workbench.undo_stack.undo()
    assert opened.session.view.cloud_mode == mode


def test_undo_never_selects_a_row_of_another_table(compressed, qtbot, fake, monkeypatch) -> None:
    compressed.commands.view.select(3)
    compressed.commands.view.select(None)
    monkeypatch.setattr(type(fake), "blocks_of", lambda self, coords: one_block(coords))
    compressed.action_registry["compress"].trigger()
    idle(qtbot, compressed)
    assert len(compressed.session.blocks) == 1
    assert not compressed.workbench.undo_stack.canUndo()


def one_block(coords: np.ndarray) -> tuple[codec.BlockTable, np.ndarray]:
    corner = np.zeros((1, 3), np.int32)
    counts, size = np.array([len(coords)]), np.array([256])
    table = codec.BlockTable.make(corner, size, counts, counts * 1.0, 1.5, 0, counts + 10.0, counts * 1.0)
    return table, np.zeros(len(coords), np.int64)


@pytest.mark.slow
def test_a_left_over_session_waits_for_a_job(window, make_window, qtbot, fake, finish, crashed) -> None:
    window.commands.session.recovery.begin()
    window.action_registry["open_sample"].trigger()
    finish(window)
    crashed(window)
    fresh = make_window()
    fresh.commands.session.recovery.begin()
    fresh.action_registry["open_sample"].trigger()
    finish(fresh)
    fresh.commands.codec.set_option("codec", "fake")
    fake.stop_at = 1000
    fresh.action_registry["compress"].trigger()
    qtbot.waitUntil(lambda: fresh.workbench.jobs.busy, timeout=WAIT_MS)
    fresh.offer.yes.click()
    assert fresh.offer.isVisible() and "has to wait" in fresh.job_bar.message.text()
    assert fresh.session.original is not None
    fake.stop_at = None
    finish(fresh)
    fresh.offer.yes.click()
    restored(qtbot, fresh)
    assert not fresh.offer.isVisible() and fresh.session.original.label == SAMPLE.name


@pytest.mark.slow
def test_an_export_never_proposes_the_open_file(compressed, qtbot, tmp_path) -> None:
    session = compressed.session
    assert session.suggested_path(".ply") == str(SAMPLE.with_name(f"{SAMPLE.stem}_voxels.ply"))
    assert session.suggested_path(".ovx") == str(SAMPLE.with_suffix(".ovx"))
    path = tmp_path / "kept.ovx"
    assert compressed.commands.export.stream(str(path))
    session.original.path = None
    assert session.suggested_path(".ovx") == str(tmp_path / "kept_voxels.ovx")


@pytest.mark.slow
def test_a_failed_export_says_what_helps_and_goes_with_the_next_success(compressed, qtbot, tmp_path) -> None:
    compressed.commands.export.csv(str(tmp_path / "none" / "blocks.csv"))
    assert compressed.error_bar.isVisible()
    assert ".tmp" not in compressed.error_bar.title.text() + compressed.error_bar.advice.text()
    assert "folder that exists" in compressed.error_bar.advice.text()
    compressed.commands.export.csv(str(tmp_path / "blocks.csv"))
    assert compressed.error_bar.isHidden()
    compressed.commands.export.cloud(str(tmp_path / "none" / "cloud.ply"))  # a job of its own
    idle(qtbot, compressed)
    assert "folder that exists" in compressed.error_bar.advice.text()


@pytest.mark.slow
def test_a_session_without_its_bitstream_says_so(compressed, make_window, qtbot, tmp_path) -> None:
    path = str(tmp_path / "work.octavox")
    assert compressed.commands.session.save_session(path)
    (tmp_path / "work.ovx").unlink()
    fresh = make_window()
    fresh.commands.file.open_any(path)
    restored(qtbot, fresh)
    idle(qtbot, fresh)
    assert fresh.error_bar.isVisible()
    assert "is restored" not in fresh.job_bar.message.text()
    assert fresh.session.view.cloud_mode != BY_BLOCK


@pytest.mark.parametrize("name", ["kept.octavox", "kept.ovx"])
def test_a_session_replaces_no_other_bitstream(compressed, tmp_path, name) -> None:
    other, path, data = tmp_path / "kept.ovx", tmp_path / name, compressed.session.stream.data
    if name != other.name:  # else the session takes the name that its bitstream would have
        other.write_bytes(b"another one")
    assert compressed.commands.session.save_session(str(path))
    assert name == other.name or other.read_bytes() == b"another one"
    assert (tmp_path / "kept_2.ovx").read_bytes() == data
    assert read_session(str(path)).stream == compressed.session.stream.path == str(tmp_path / "kept_2.ovx")


def test_a_name_without_a_suffix_replaces_nothing_unasked(compressed, qtbot, tmp_path) -> None:
    there = tmp_path / "kept.ovx"
    there.write_bytes(b"another one")
    asked: list[str] = []

    def name_it() -> None:
        dialog = QApplication.activeModalWidget()
        dialog.findChild(QLineEdit).setText(str(tmp_path / "kept"))
        QTimer.singleShot(200, dialog, lambda: refuse(dialog))
        dialog.accept()

    def refuse(dialog) -> None:
        box = QApplication.activeModalWidget()
        asked.append(box.text())
        box.button(QMessageBox.StandardButton.No).click()
        QTimer.singleShot(0, dialog, dialog.reject)

    QTimer.singleShot(200, compressed, name_it)
    assert not compressed.commands.export.stream()
    assert "kept.ovx" in asked[0] and there.read_bytes() == b"another one"
    assert not compressed.session.stream.saved

    def fresh_name() -> None:
        dialog = QApplication.activeModalWidget()
        dialog.findChild(QLineEdit).setText(str(tmp_path / "fresh"))
        dialog.accept()

    QTimer.singleShot(200, compressed, fresh_name)
    assert compressed.commands.export.stream()
    assert (tmp_path / "fresh.ovx").read_bytes() == compressed.session.stream.data


def test_bounds_keep_their_figures(compressed, qtbot) -> None:
    """A field shows four of them, and what it shows is not taken for what was meant."""
    table, undo = compressed.table, compressed.workbench.undo_stack
    compressed.commands.view.set_filter(BlockFilter("bits", 123.456789, 9876.54321))
    assert table.low.text() == "123.5" and table.low.cursorPosition() == 0
    steps = undo.count()
    table.low.editingFinished.emit()
    assert undo.count() == steps
    assert compressed.session.view.filter == BlockFilter("bits", 123.456789, 9876.54321)
    for edit, words in ((table.low, "900"), (table.high, "20")):
        type_into(edit, words)
    assert compressed.session.view.filter == BlockFilter("bits", 20.0, 900.0)  # whichever way round
    for words in ("inf", "nan", "1e999", "x"):
        type_into(table.high, words)
        assert compressed.session.view.filter.high is None


def type_into(edit: QLineEdit, words: str) -> None:
    edit.clear()
    edit.insert(words)
    edit.setModified(True)
    edit.editingFinished.emit()


def test_tab_leaves_a_table(compressed, qtbot) -> None:
    for table in (compressed.table.table, compressed.panels["Compare"].table):
        assert not table.tabKeyNavigation()


@pytest.mark.slow
def test_bitstreams_of_two_depths_are_not_compared(compressed, qtbot, tmp_path) -> None:
    path = tmp_path / "seven.ovx"
    data = codec.encode(SAMPLE, options=codec.CodecOptions(codec="octree"), depth=7).data
    path.write_bytes(data)
    compressed.commands.analyse.compare_streams(str(path))
    idle(qtbot, compressed)
    panel = compressed.panels["Compare"]
    assert panel.comparison is None and "7 bits per axis" in panel.words.text()
