"""Several clouds, bitstreams and sequences in one scene: opening, choosing, naming, ordering, removing."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from moving_clouds import ply_frames
from pictures import drawn, foreground, pixels
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QLineEdit
from windows import WAIT_MS, complete, idle

from octavox import codec
from octavox.gui.commands.codec_comparison import CodecComparison
from octavox.gui.document.colour_modes import block_mode
from octavox.gui.document.items import CloudItem, StreamItem

pytestmark = pytest.mark.gl


def box(folder: Path, name: str, edge: int, away: int = 0) -> str:
    """A cloud file: all voxels of a cube."""
    places = np.stack(np.meshgrid(*[np.arange(edge)] * 3, indexing="ij"), -1).reshape(-1, 3) + away
    path = folder / name
    codec.write_ply(path, codec.PointCloud(places.astype(np.int64)))
    return str(path)


def coded(path: str) -> bytes:
    return codec.encode(codec.read_cloud(path), options=codec.CodecOptions(codec="octree")).data


def rest(window, qtbot) -> None:
    qtbot.waitUntil(lambda: not window.commands.scene.opening and not window.workbench.busy, timeout=WAIT_MS)
    idle(qtbot, window)
    qtbot.waitUntil(window.viewport.complete, timeout=WAIT_MS)


def drop_all(window, paths: list[str]) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(path) for path in paths])
    args = (Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(window, QDragEnterEvent(QPoint(300, 300), *args))
    QApplication.sendEvent(window, QDropEvent(QPointF(300, 300), *args))


def lines(window) -> list[tuple[str, str]]:
    """What the Scene panel shows: each name, indented, and what stands beside it."""
    tree, found = window.scene, []

    def walk(node, depth: int) -> None:
        found.append(("  " * depth + node.text(0), node.text(1)))
        for k in range(node.childCount()):
            walk(node.child(k), depth + 1)

    for k in range(tree.topLevelItemCount()):
        walk(tree.topLevelItem(k), 0)
    return found


def line_of(window, name: str):
    tree = window.scene
    found = tree.findItems(name, Qt.MatchFlag.MatchContains | Qt.MatchFlag.MatchRecursive, 0)
    assert len(found) == 1, [node.text(0) for node in found]
    return found[0]


def select(window, name: str) -> None:
    window.scene.setFocus()
    window.scene.setCurrentItem(line_of(window, name))


@pytest.fixture
def three(window, qtbot, tmp_path):
    """Three clouds of 27, 64 and 125 voxels that were dropped together."""
    names = ("apple.ply", "bread.ply", "cheese.ply")
    paths = [box(tmp_path, name, 3 + k) for k, name in enumerate(names)]
    drop_all(window, paths)
    qtbot.waitUntil(lambda: window.commands.scene.opening, timeout=WAIT_MS)
    rest(window, qtbot)
    window.commands.codec.set_option("codec", "fake")
    return window


def test_files_that_are_dropped_together_are_all_there(three, qtbot) -> None:
    assert lines(three)[:2] == [("A  apple.ply", "27"), ("B  bread.ply", "64")]
    assert "cheese.ply" in lines(three)[2][0] and lines(three)[2][1] == "125"
    for side, name in ((three.viewport.a, "apple.ply"), (three.viewport.b, "bread.ply")):
        assert side.box.isVisible() and side.header.title.text() == name
    for letter in "ab":
        assert foreground(three, drawn(three, letter)).sum() > 500
    assert "Opened 3 clouds" in three.job_bar.message.text()


def test_frames_that_are_dropped_together_are_a_sequence_beside_what_is_open(three, qtbot, tmp_path) -> None:
    paths = [str(path) for path in sorted(ply_frames(tmp_path / "frames").iterdir())]
    drop_all(three, paths)
    qtbot.waitUntil(lambda: three.session.timeline is not None, timeout=WAIT_MS)
    rest(three, qtbot)
    timeline = three.session.timeline
    assert len(timeline) == len(paths)
    assert [name.strip() for name, _ in lines(three)][:3] == ["apple.ply", "bread.ply", "cheese.ply"]
    three.commands.sequence.seek(1)
    qtbot.waitUntil(lambda: timeline.shown == 1, timeout=WAIT_MS)
    assert len(three.session.items.clouds) == 4  # frames do not pile up
    three.commands.scene.activate(line_item(three, "apple.ply"))
    rest(three, qtbot)
    assert three.session.timeline is None and three.session.original.label == "apple.ply"
    assert len(three.session.items.clouds) == 3
    three.commands.scene.activate(three.session.items.sequences[0])
    rest(three, qtbot)
    assert three.session.timeline is timeline and timeline.shown == 1
    three.commands.scene.close_item(three.session.items.sequences[0])
    rest(three, qtbot)
    assert three.session.timeline is None and three.session.original.label == "apple.ply"


def line_item(window, name: str):
    return window.scene.item_at(line_of(window, name))


def test_check_boxes_show_and_hide(three, qtbot) -> None:
    line_of(three, "bread.ply").setCheckState(0, Qt.CheckState.Unchecked)
    complete(qtbot, three)
    assert not three.viewport.b.box.isVisible() and three.session.decoded.label == "bread.ply"
    line_of(three, "bread.ply").setCheckState(0, Qt.CheckState.Checked)
    assert three.viewport.b.box.isVisible()


def test_the_keyboard_does_all_in_the_list(three, qtbot) -> None:
    three.activateWindow()
    select(three, "cheese.ply")
    qtbot.keyClick(three.scene, Qt.Key.Key_A)
    rest(three, qtbot)
    assert (
        three.session.original.label == "cheese.ply" and three.viewport.a.header.title.text() == "cheese.ply"
    )
    select(three, "apple.ply")
    qtbot.keyClick(three.scene, Qt.Key.Key_B)
    rest(three, qtbot)
    assert [item.label for item in three.session.pair] == ["cheese.ply", "apple.ply"]
    qtbot.keyClick(three.scene, Qt.Key.Key_A)  # the views change places
    assert [item.label for item in three.session.pair] == ["apple.ply", "cheese.ply"]
    qtbot.keyClick(three.scene, Qt.Key.Key_PageDown)
    assert [item.label for item in three.session.items.clouds] == ["bread.ply", "apple.ply", "cheese.ply"]
    qtbot.keyClick(three.scene, Qt.Key.Key_F2)
    editor = three.scene.findChild(QLineEdit)
    assert editor.text() == "apple.ply"
    editor.setText("fruit")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: three.session.original.label == "fruit", timeout=WAIT_MS)
    assert three.viewport.a.header.title.text() == "fruit"
    assert three.windowTitle().startswith("fruit")
    select(three, "fruit")
    qtbot.keyClick(three.scene, Qt.Key.Key_Delete)
    rest(three, qtbot)
    assert [item.label for item in three.session.items.clouds] == ["bread.ply", "cheese.ply"]
    assert three.session.original.label == "bread.ply"
    assert "Removed fruit" in three.job_bar.message.text()


def test_the_menu_of_a_line_has_it_too(three) -> None:
    cloud = line_item(three, "bread.ply")
    menu = three.scene.menu_of(cloud)
    words = [action.text() for action in menu.actions()]
    assert words[:2] == ["Show as A", "Show as B"] and words[-1] == "Remove" and "Rename" in words
    next(action for action in menu.actions() if action.text() == "Show as A").trigger()
    assert three.session.original is cloud


def test_a_colour_of_its_own_is_drawn(three, qtbot) -> None:
    three.commands.scene.set_ink(three.session.original, (250, 20, 20))
    qtbot.waitUntil(three.viewport.complete, timeout=WAIT_MS)
    red, others = (drawn(three, letter) for letter in "ab")
    for picture, is_red in ((red, True), (others, False)):
        inside = picture[foreground(three, picture)].astype(int)
        dominant = (inside[:, 0] > inside[:, 1] + 60).mean()
        assert bool(dominant > 0.8) is is_red
    assert not line_of(three, "apple.ply").icon(0).isNull()


def test_results_follow_the_cloud(three, qtbot, tmp_path) -> None:
    """Blocks, reports and bitstreams of each cloud are shown with it, and with no other."""
    three.action_registry["compress"].trigger()
    rest(three, qtbot)
    stream, count = three.session.stream, len(three.session.blocks)
    assert isinstance(stream, StreamItem) and count > 0
    assert three.session.decoded.label == "bread.ply"  # it was no result of another compression
    three.commands.scene.choose("A", line_item(three, "cheese.ply"))
    rest(three, qtbot)
    assert three.session.stream is None and three.table.model.rowCount() == 0
    assert not three.action_registry["save_stream"].isEnabled()
    three.commands.scene.activate(stream)
    rest(three, qtbot)
    assert three.session.original.label == "apple.ply" and three.table.model.rowCount() == count
    assert three.session.encode_report["codec"] == "fake"
    three.action_registry["decompress"].trigger()
    rest(three, qtbot)
    decoded = three.session.decoded
    assert isinstance(decoded, CloudItem) and decoded.made_from is stream
    assert three.session.certificate is not None and three.session.certificate.kept
    three.commands.scene.choose("B", line_item(three, "bread.ply"))
    assert three.session.certificate is None  # it speaks of the decoded cloud alone
    three.commands.scene.choose("B", decoded)
    assert three.session.certificate is decoded.certificate is not None


def test_a_bitstream_is_checked_against_the_open_cloud_that_it_is_of(three, qtbot, tmp_path) -> None:
    path, bread = tmp_path / "bread.ovx", line_item(three, "bread.ply")
    data = codec.encode(bread.codable, options=codec.CodecOptions(codec="octree")).data
    codec.save_stream(path, data)
    three.commands.scene.choose("B", line_item(three, "cheese.ply"))
    three.session.show("C", None)
    rest(three, qtbot)
    assert bread not in three.session.items.shown
    three.commands.file.open_path(str(path))
    rest(three, qtbot)
    session = three.session
    assert session.original is bread and session.decoded.made_from is session.stream
    assert session.stream.of is bread and session.certificate.identical
    titles = [side.header.title.text() for side in three.viewport.sides if side.box.isVisible()]
    assert titles[:2] == ["bread.ply", "bread.ovx"]
    assert "identical" in three.job_bar.chip.toolTip() and len(session.items.clouds) == 4
    assert session.stream.blocks is not None and len(three.table.model.blocks) == len(session.stream.blocks)


def test_a_bitstream_of_another_cloud_opens_as_its_own(three, qtbot, tmp_path) -> None:
    other = codec.encode(
        codec.read_cloud(box(tmp_path, "other.ply", 9)), options=codec.CodecOptions(codec="octree")
    ).data
    path = tmp_path / "other.ovx"
    path.write_bytes(other)
    three.commands.file.open_any(str(path))
    rest(three, qtbot)
    session = three.session
    assert session.original is None and session.certificate is None and len(session.decoded.display) == 729
    assert "bitstream is of another cloud than apple.ply" in three.job_bar.message.text()
    assert [item.label for item in session.items.clouds][:3] == ["apple.ply", "bread.ply", "cheese.ply"]
    three.commands.scene.activate(line_item(three, "apple.ply"))
    rest(three, qtbot)
    assert session.original.label == "apple.ply" and len(session.blocks) == 0 and session.stream is None


def test_several_files_of_the_command_line(window, qtbot, tmp_path) -> None:
    cloud = box(tmp_path, "first.ply", 6)
    data = coded(cloud)
    stream = tmp_path / "a_first.ovx"
    stream.write_bytes(data)
    second = box(tmp_path, "second.ply", 5, away=2)
    window.commands.file.open_several([str(stream), second, str(tmp_path / "missing.ply"), cloud])
    qtbot.waitUntil(lambda: window.commands.scene.opening, timeout=WAIT_MS)
    rest(window, qtbot)
    names = [item.label for item in window.session.items.clouds]
    assert names == ["second.ply", "first.ply", "a_first.ovx"]
    assert window.session.items.streams[0].of.label == "first.ply"
    assert "missing.ply" in window.log.toPlainText()


def test_four_views_show_four_clouds(three, qtbot, tmp_path) -> None:
    three.commands.file.open_any(box(tmp_path, "dates.ply", 6))
    rest(three, qtbot)
    assert [side.letter for side in three.viewport.sides if side.box.isVisible()] == ["A"]
    three.action_registry["panes_4"].trigger()
    rest(three, qtbot)
    visible = [side for side in three.viewport.sides if side.box.isVisible()]
    titles = [side.header.title.text() for side in visible]
    assert titles == ["dates.ply", "apple.ply", "bread.ply", "cheese.ply"]
    for side in visible:
        assert side.header.letter.isVisible() and side.header.letter.text() == side.letter
        assert foreground(three, pixels(side.pane.picture())).sum() > 500
    corners = [side.box.mapTo(three.viewport, QPoint()) for side in visible]
    assert corners[0].y() == corners[1].y() < corners[2].y() == corners[3].y()
    three.action_registry["panes_2"].trigger()
    rest(three, qtbot)
    assert [side.letter for side in three.viewport.sides if side.box.isVisible()] == ["A", "B"]
    three.action_registry["panes_1"].trigger()
    rest(three, qtbot)
    assert [side.letter for side in three.viewport.sides if side.box.isVisible()] == ["A"]
    three.workbench.undo_stack.undo()
    assert three.viewport.b.box.isVisible()
    three.action_registry["swap"].trigger()
    rest(three, qtbot)
    assert three.viewport.a.header.title.text() == "apple.ply"


def test_cameras_are_linked_until_they_are_not(three, qtbot) -> None:
    rest(three, qtbot)
    a, b = three.viewport.a.pane, three.viewport.b.pane
    before = [pixels(pane.picture()) for pane in (a, b)]
    a.orbited.emit(60.0, 10.0)
    rest(three, qtbot)
    linked = [pixels(pane.picture()) for pane in (a, b)]
    assert all((old != new).any() for old, new in zip(before, linked, strict=True))
    three.action_registry["linked"].trigger()
    b.orbited.emit(-90.0, 5.0)
    rest(three, qtbot)
    apart = [pixels(pane.picture()) for pane in (a, b)]
    assert (apart[0] == linked[0]).all() and (apart[1] != linked[1]).any()
    three.action_registry["linked"].trigger()
    rest(three, qtbot)
    assert (pixels(b.picture()) == linked[1]).all()


def test_clouds_far_apart_are_seen_together(window, qtbot, tmp_path) -> None:
    """A cloud that lies elsewhere is shown at the same place of its own."""
    paths = [box(tmp_path, "near.ply", 6), box(tmp_path, "other.ply", 12, away=5_000_000)]
    window.commands.file.open_several(paths)
    qtbot.waitUntil(lambda: window.commands.scene.opening, timeout=WAIT_MS)
    rest(window, qtbot)
    shares = [foreground(window, drawn(window, letter)).mean() for letter in "ab"]
    assert min(shares) > 0.02 and max(shares) < 2 * min(shares)


def test_the_header_of_a_view_offers_all_clouds(three, qtbot) -> None:
    qtbot.mouseClick(three.viewport.b.header, Qt.MouseButton.LeftButton)
    menu = QApplication.activePopupWidget()
    clouds = list(itertools.takewhile(lambda action: not action.isSeparator(), menu.actions()))
    assert [action.text() for action in clouds] == ["apple.ply", "bread.ply", "cheese.ply"]
    assert [action.isChecked() for action in clouds] == [False, True, False]
    clouds[2].trigger()
    menu.close()
    rest(three, qtbot)
    assert three.viewport.b.header.title.text() == "cheese.ply"


def test_codecs_are_compared_side_by_side(three, qtbot) -> None:
    """The dialog, the jobs, the views on one scale, and B - A in the table, the plot and the views."""
    three.commands.scene.choose("A", line_item(three, "cheese.ply"))
    rest(three, qtbot)
    chosen = three.session.options.codec

    def answer() -> None:
        dialog = QApplication.activeModalWidget()
        for name, check in dialog.boxes.items():
            check.setChecked(name in ("fake", "octree"))
        dialog.accept()

    QTimer.singleShot(50, three, answer)
    three.action_registry["compare_codecs"].trigger()
    comparison = three.commands.of(CodecComparison)
    qtbot.waitUntil(lambda: not comparison.running, timeout=WAIT_MS)
    rest(three, qtbot)
    session = three.session
    assert [stream.codec for stream in session.items.streams] == ["octree", "fake"]
    titles = [side.header.title.text() for side in three.viewport.sides if side.box.isVisible()]
    assert titles == ["cheese.ply · octree", "cheese.ply · fake"]
    assert session.options.codec == chosen and "Compared codecs: octree" in three.job_bar.message.text()
    bits = [stream.blocks.bits + stream.blocks.flag_bits for stream in session.items.streams]
    painting, layers = three.viewport.painting, [session.layer_of(item) for item in session.pair]
    together = block_mode(session.view.block_mode).paint_values(np.concatenate(bits))[0]
    assert (np.vstack([painting.outlines_of(layer) for layer in layers]) == together).all()
    panel = three.panels["Compare"]
    three.docks["Compare"].raise_()
    assert panel.comparison.delta.sum() == pytest.approx(bits[1].sum() - bits[0].sum())
    assert "cheese.ply · fake" in panel.words.text() and "fewer than those of A" in panel.words.text()
    assert panel.plot.counts.sum() == len(panel.comparison)
    three.action_registry["cloud_delta"].trigger()
    rest(three, qtbot)
    for letter in "ab":  # B spends fewer bits on the only block: blue
        picture = drawn(three, letter)
        inside = picture[foreground(three, picture)].astype(int)
        assert (inside[:, 2] > inside[:, 0] + 40).mean() > 0.5
    three.commands.scene.choose("C", session.original.root)  # the cloud that was coded
    three.action_registry["panes_4"].trigger()
    rest(three, qtbot)
    picture = pixels(three.viewport.grid.side("C").pane.picture())
    inside = picture[foreground(three, picture)].astype(int)
    assert (inside[:, 2] > inside[:, 0] + 40).mean() > 0.5
    assert any("B − A" in legend.title for legend in three.viewport.painting.legends(False)[0] if legend)
    three.commands.scene.choose("B", line_item(three, "bread.ply"))
    rest(three, qtbot)
    assert session.view.cloud_mode != "delta" and not three.action_registry["cloud_delta"].isEnabled()


def test_two_plain_clouds_are_compared_by_name(three, qtbot) -> None:
    three.action_registry["compare"].trigger()
    rest(three, qtbot)
    facts = three.panels["Compare"].facts
    assert (facts.text_of("A"), facts.text_of("B")) == ("apple.ply", "bread.ply")
    a, b = (item.points for item in three.session.pair)
    report = codec.compare(a, b).report.d1
    assert three.session.comparison.report.d1.mse_b_to_a == report.mse_b_to_a > 0
    assert three.session.view.cloud_mode == "d1" and three.session.certificate is None
    three.commands.scene.rename(three.session.original, "fruit")  # a name changes no distance
    assert three.session.comparison is not None and three.session.view.cloud_mode == "d1"
    three.action_registry["swap"].trigger()
    rest(three, qtbot)
    assert three.session.comparison is None and three.session.view.cloud_mode != "d1"
