"""The whole window on a display: opened, clicked, drawn."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from pictures import drawn, foreground, ground, pixels, run_job
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication, QImage
from windows import SAMPLE, WAIT_MS, complete, idle

from octavox import codec
from octavox.gui.app.main_window import MainWindow
from octavox.gui.document.colormap import HEAT_TABLE, rgb
from octavox.gui.document.colour_modes import BY_BLOCK, size_color
from octavox.gui.document.events import VoxelsDecoded

pytestmark = pytest.mark.gl
REAL = "octree"


def screen_place(window: MainWindow, voxel: np.ndarray, side: str = "a") -> QPoint:
    pane = getattr(window.viewport, side).pane
    x, y, _ = window.session.camera.project(voxel + 0.5, pane.width(), pane.height())[0]
    return QPoint(round(x), round(y))


def front_voxel(window: MainWindow) -> np.ndarray:
    """A voxel that nothing hides: the one nearest to the eye along the middle ray of the cloud."""
    cloud = window.session.reference.display.cloud
    pane = window.viewport.a.pane
    seen = window.session.camera.project(cloud.coords + 0.5, pane.width(), pane.height())
    return cloud.coords[int(np.argmin(seen[:, 2]))]


def test_a_first_visit_from_sample_to_certificate(window, qtbot, finish, tmp_path) -> None:
    """The journey: open, compress, pick both ways, decompress, export; with a real codec."""
    assert window.stack.currentWidget() is window.welcome
    window.action_registry["open_sample"].trigger()
    finish(window)
    session, table = window.session, window.table
    assert window.stack.currentWidget() is window.viewport
    assert window.properties.text_of("Points") == "145,773"
    picture = drawn(window)
    cloud_pixels = foreground(window, picture).sum()
    assert cloud_pixels > 0.05 * picture.shape[0] * picture.shape[1]
    assert str(SAMPLE) in window.settings.recent

    # compress; the table fills while the job runs
    window.commands.codec.set_option("codec", REAL)
    rows_seen: list[int] = []
    table.model.rowsInserted.connect(lambda *a: rows_seen.append(table.model.rowCount()))
    run_job(window, qtbot, "compress")
    assert window.error_bar.isHidden()
    assert rows_seen
    assert table.model.rowCount() == len(session.blocks) > 10
    assert int(session.blocks.points.sum()) == 145_773
    owned = float(session.blocks.bits.sum() + session.blocks.flag_bits.sum())
    assert owned <= 8 * len(session.stream.data)
    assert "bpov" in window.job_bar.message.text()
    assert window.viewport.legend.legends[0].title == "Bits per block"

    # pick in 3D: the row is selected, the inspector shows it
    voxel = front_voxel(window)
    expected = session.index.row_at(voxel)
    qtbot.mouseClick(window.viewport.a.pane, Qt.MouseButton.LeftButton, pos=screen_place(window, voxel))
    assert session.view.selected == expected
    selected = table.table.selectionModel().selectedRows()
    assert [int(table.model.rows[index.row()]) for index in selected] == [expected]
    assert window.inspector.heading.text() == f"Block #{expected}"
    assert window.inspector.facts.text_of("Points") == f"{session.blocks.points[expected]:,}"

    # and the reverse: a row is clicked, the block is marked in 3D
    other = (expected + 5) % len(session.blocks)
    before = drawn(window)
    index = table.model.index(table.model.place_of(other), 0)
    table.table.scrollTo(index)
    qtbot.mouseClick(
        table.table.viewport(), Qt.MouseButton.LeftButton, pos=table.table.visualRect(index).center()
    )
    assert session.view.selected == other
    assert window.inspector.heading.text() == f"Block #{other}"
    mark = np.array(window.themer.theme.rgb("highlight"))
    changed = np.any(drawn(window) != before, axis=2) & np.all(drawn(window) == mark, axis=2)
    assert changed.sum() > 20

    # decompress: side by side, identical
    run_job(window, qtbot, "decompress")
    assert session.certificate.kept and session.certificate.identical  # its colours, too
    words = "identical: 145,773 points, every property, to the last bit (records)"
    assert words in window.job_bar.chip.text()
    assert window.job_bar.chip.property("chip") == "good"
    assert window.properties.text_of("Result") == words
    assert session.view.selected == other  # still the same block
    assert window.viewport.b.box.isVisible()
    panes = [side.pane for side in window.viewport.sides]
    if panes[0].width() != panes[1].width():  # an odd width cannot be shared evenly
        window.resize(window.width() + 1, window.height())
        qtbot.waitUntil(lambda: panes[0].width() == panes[1].width(), timeout=WAIT_MS)
        complete(qtbot, window)
    a, b = drawn(window, "a"), drawn(window, "b")
    assert np.array_equal(a, b)  # linked cameras, equal clouds

    # exports
    names = {kind: str(tmp_path / f"out.{kind}") for kind in ("ovx", "ply", "csv", "json", "png")}
    assert window.commands.export.stream(names["ovx"])
    assert window.commands.export.cloud(names["ply"])
    assert window.workbench.busy  # in a thread
    idle(qtbot, window)
    assert f"Saved {names['ply']}" in window.job_bar.message.text()
    assert window.commands.export.csv(names["csv"])
    assert window.commands.export.json(names["json"])
    assert window.commands.export.screenshot(names["png"])
    assert Path(names["ovx"]).read_bytes() == session.stream.data
    back, _ = codec.voxelize(codec.read_cloud(names["ply"]))
    assert np.array_equal(back.coords, session.original.display.cloud.coords)
    rows = list(csv.DictReader(Path(names["csv"]).read_text().splitlines()))
    assert [float(row["bits"]) for row in rows] == session.blocks.bits.tolist()
    report = json.loads(Path(names["json"]).read_text())
    assert report["certificate"]["kept"] is True
    assert report["encode"]["codec"] == REAL
    shot = pixels(QImage(names["png"]))
    assert shot.shape[1] == window.viewport.width() * window.devicePixelRatioF()
    assert foreground(window, shot).sum() > cloud_pixels / 2
    heat = np.array([HEAT_TABLE[k] for k in (20, 128, 235)])
    strip = shot[-window.viewport.legend.height() :].reshape(-1, 3).astype(int)
    assert all(np.abs(strip - color).max(axis=1).min() <= 4 for color in heat)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["multiscale", "voxeldnn"])
def test_a_network_codes_the_sample_in_the_window(window, qtbot, finish, name) -> None:
    """As on a first visit, with the codec chosen at first; and with the slow one: news while it works."""
    window.action_registry["open_sample"].trigger()
    finish(window)
    assert window.session.options.codec == "multiscale"
    window.commands.codec.set_option("codec", name)
    window.commands.codec.set_option("max_level", 1)
    seen: dict[str, list[int]] = {"blocks": [], "voxels": []}
    window.table.model.rowsInserted.connect(lambda *a: seen["blocks"].append(window.table.model.rowCount()))
    run_job(window, qtbot, "compress")
    assert window.error_bar.isHidden()
    assert window.session.stream.codec == name
    assert window.inspector is not None and len(window.session.blocks) == seen["blocks"][-1]
    window.session.events.subscribe(lambda event: seen["voxels"].append(len(event.coords)), VoxelsDecoded)
    run_job(window, qtbot, "decompress")
    if name == "voxeldnn":  # the other may be done before the window looks a second time
        assert len(seen["blocks"]) > 1
        assert len(seen["voxels"]) > 1
    assert window.session.certificate.kept
    assert "✓ identical: 145,773 points, every property" in window.job_bar.chip.text()
    assert window.session.certificate.points_decoded == 145_773


@pytest.mark.slow
def test_colours_on_screen_are_those_of_the_legend(opened, qtbot) -> None:
    run_job(opened, qtbot, "compress")
    assert opened.session.view.cloud_mode == BY_BLOCK
    opened.action_registry["shaded"].trigger()
    opened.action_registry["blocks_size"].trigger()
    complete(qtbot, opened)
    picture = drawn(opened)
    mask = foreground(opened, picture)
    colors, counts = np.unique(picture[mask], axis=0, return_counts=True)
    assert {tuple(c) for c in colors[counts > 50].tolist()} == {size_color(16), size_color(32)}
    assert {color for color, _ in opened.viewport.legend.legends[0].swatches} == {
        size_color(16),
        size_color(32),
    }
    opened.action_registry["cloud_rgb"].trigger()  # outlines remain, the points show their own colours
    complete(qtbot, opened)
    own = {tuple(c) for c in opened.session.original.display.cloud.colors.tolist()}
    shown = {tuple(c) for c in drawn(opened)[foreground(opened, drawn(opened))].tolist()}
    assert shown - own <= {size_color(16), size_color(32)}
    assert len(shown & own) > 3


@pytest.mark.slow
def test_outlines_come_and_go(opened, qtbot) -> None:
    run_job(opened, qtbot, "compress")
    with_blocks = foreground(opened, drawn(opened)).sum()
    opened.action_registry["overlay"].trigger()
    complete(qtbot, opened)
    assert foreground(opened, drawn(opened)).sum() < with_blocks
    opened.menus.undo.trigger()
    complete(qtbot, opened)
    assert foreground(opened, drawn(opened)).sum() == with_blocks


@pytest.mark.slow
def test_detail_is_complete_after_the_camera_rests(opened, qtbot) -> None:
    pane = opened.viewport.a.pane
    centre = pane.rect().center()
    still = drawn(opened)
    camera = opened.session.camera
    qtbot.mousePress(pane, Qt.MouseButton.LeftButton, pos=centre)
    for step in range(1, 8):
        qtbot.mouseMove(pane, centre + QPoint(6 * step, 2 * step))
        qtbot.wait(10)
    qtbot.mouseRelease(pane, Qt.MouseButton.LeftButton, pos=centre + QPoint(42, 14))
    assert opened.session.camera != camera
    assert opened.session.view.selected is None  # a drag does not pick
    complete(qtbot, opened)
    assert not np.array_equal(drawn(opened), still)
    opened.session.set_camera(camera)
    complete(qtbot, opened)
    assert np.array_equal(drawn(opened), still)  # drawn in pieces or at once, to the pixel


@pytest.mark.slow
def test_block_can_be_zoomed_isolated_and_left(opened, qtbot) -> None:
    run_job(opened, qtbot, "compress")
    row = int(np.argmax(opened.session.blocks.points))
    opened.commands.view.select(row)
    whole = foreground(opened, drawn(opened)).sum()
    opened.action_registry["isolate"].trigger()
    complete(qtbot, opened)
    alone = foreground(opened, drawn(opened)).sum()
    assert 0 < alone < whole / 4
    opened.action_registry["zoom_block"].trigger()
    complete(qtbot, opened)
    assert foreground(opened, drawn(opened)).sum() > 4 * alone
    opened.action_registry["deselect"].trigger()
    assert not opened.session.view.isolate
    opened.action_registry["fit"].trigger()
    complete(qtbot, opened)
    opened.menus.undo.trigger()
    assert opened.session.view.isolate


@pytest.mark.slow
def test_filter_hides_blocks_in_table_and_view(opened, qtbot) -> None:
    run_job(opened, qtbot, "compress")
    opened.action_registry["cloud_plain"].trigger()
    opened.action_registry["blocks_size"].trigger()
    complete(qtbot, opened)
    small = np.array(size_color(16))

    def outlines() -> int:
        return int(np.all(drawn(opened) == small, axis=2).sum())

    assert outlines() > 50
    opened.table.column.setCurrentIndex(opened.table.column.findData("size"))
    opened.table.low.setText("32")
    opened.table.low.editingFinished.emit()
    complete(qtbot, opened)
    assert opened.table.model.rowCount() == (opened.session.blocks.size >= 32).sum()
    assert outlines() == 0


@pytest.mark.slow
def test_clicking_beside_everything_deselects(opened, qtbot) -> None:
    run_job(opened, qtbot, "compress")
    opened.commands.view.select(3)
    qtbot.mouseClick(opened.viewport.a.pane, Qt.MouseButton.LeftButton, pos=QPoint(5, 5))
    assert opened.session.view.selected is None


@pytest.mark.slow
def test_themes_switch_the_whole_window(opened, qtbot) -> None:
    dark = pixels(opened.grab().toImage())
    opened.action_registry["theme_light"].trigger()
    complete(qtbot, opened)
    light = pixels(opened.grab().toImage())
    assert light.mean() > dark.mean() + 100
    assert opened.settings.theme == "light"
    low, high = ground(opened)
    corner = drawn(opened)[5, 5]
    assert (corner >= low).all()
    assert (corner <= high).all()
    assert np.abs(np.array(rgb(opened.themer.theme["view_top"])) - corner.astype(int)).max() < 8


def test_layout_is_kept_between_runs(make_window, qtbot) -> None:
    first = make_window()
    first.docks["Inspector"].hide()
    first.close()
    second = make_window()
    assert not second.docks["Inspector"].isVisible()
    second.action_registry["reset_layout"].trigger()
    assert second.docks["Inspector"].isVisible()


@pytest.mark.slow
def test_nothing_is_clipped_at_the_default_size(opened, qtbot) -> None:
    run_job(opened, qtbot, "compress")
    assert (opened.width(), opened.height()) == (1280, 800)
    for button in opened.tools._choices:
        assert button[0].isVisible()
        assert button[0].width() >= button[0].sizeHint().width()
    assert opened.viewport.a.pane.width() >= 600
    assert opened.viewport.a.pane.height() >= 300
    panel = opened.codec_panel
    assert panel.height() >= panel.sizeHint().height()


def test_command_line_is_copied(opened, qtbot) -> None:
    opened.action_registry["copy_compress"].trigger()
    line = QGuiApplication.clipboard().text()
    assert line.startswith("octavox encode ")
    assert "--codec fake" in line


@pytest.mark.slow
def test_the_view_joins_after_the_first_paint(settings, themer, fake, qtbot) -> None:
    window = MainWindow(settings, themer)
    window.workbench.may_discard = lambda: True  # closing waits for no answer
    window.show()
    qtbot.waitExposed(window)
    number = window.winId()
    window.commands.file.open_path(str(SAMPLE))  # reading needs no view
    window.load_viewport()
    qtbot.waitUntil(lambda: window._viewport is not None, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: window.session.original is not None, timeout=WAIT_MS)
    complete(qtbot, window)
    assert window.winId() == number  # the same window, not a new one that flickers into its place
    assert foreground(window, drawn(window)).sum() > 1000
    window.close()
