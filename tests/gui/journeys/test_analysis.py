"""What users do to see, inspect and compare, on a display."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pictures import count, do, drawn, foreground, pixels, run_job
from PySide6.QtCore import QPoint, Qt
from windows import WAIT_MS, complete, idle

from octavox import codec
from octavox.gui.app.main_window import MainWindow
from octavox.gui.document.colormap import rgb
from octavox.gui.document.colour_modes import size_color
from octavox.gui.rendering.axes import COLORS
from octavox.gui.rendering.layers import box_edges
from octavox.gui.rendering.painting import ONLY_A, ONLY_B

pytestmark = [pytest.mark.gl, pytest.mark.slow]


def shifted_stream(window: MainWindow, path: Path) -> codec.VoxelCloud:
    """A bitstream of the open cloud with a part moved away and some voxels lost."""
    cloud = window.session.original.display.cloud
    coords = cloud.coords.copy()
    moved = coords[:, 1] > 200
    coords[moved, 0] += 3
    keep = np.ones(len(coords), bool)
    keep[np.flatnonzero(~moved)[::50]] = False
    other, _ = codec.voxelize(codec.PointCloud(coords[keep].astype(np.int64)), depth=8)
    options = codec.CodecOptions(codec="fake")
    codec.save_stream(path, codec.encode(other, options=options).data)
    return other


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


def axis_tips(window) -> dict[str, np.ndarray]:
    """Middle (column, row) of the pixels in each axis's colour, in the lower left corner, with overlays."""
    picture = pixels(window.viewport.a.pane.picture(overlay=True))[-100:, :100]
    tips = {}
    for name, color in zip("xyz", COLORS, strict=True):
        rows, columns = np.nonzero(np.all(picture == np.array(rgb(color)), axis=2))
        if len(rows):
            tips[name] = np.array([columns.mean(), rows.mean()])
    return tips


def test_axes_turn_with_the_camera(opened, qtbot) -> None:
    do(opened, qtbot, "view_front")
    tips = axis_tips(opened)
    assert tips["x"][0] > tips["z"][0] + 15 and abs(tips["x"][1] - tips["z"][1]) < 3  # to the right
    assert tips["y"][1] < tips["z"][1] - 15  # up; z points at the eye
    do(opened, qtbot, "view_right")
    turned = axis_tips(opened)
    assert turned["z"][0] < turned["x"][0] - 15  # x points at the eye now, z to the left
    do(opened, qtbot, "axes")
    assert not axis_tips(opened)


def test_marks_come_and_go(opened, qtbot) -> None:
    plain = do(opened, qtbot, "axes")
    assert opened.viewport.a.pane.overlay.voxel.unit == 1.0
    boxed = do(opened, qtbot, "bounds")
    ink = opened.themer.theme.rgb("view_text")
    assert count(boxed, ink) > count(plain, ink) + 300
    assert opened.viewport.a.pane.overlay.extent == "134 × 251 × 255 voxels"
    with_bar = pixels(opened.viewport.a.pane.picture(overlay=True))
    opened.action_registry["scale_bar"].trigger()
    complete(qtbot, opened)
    without = pixels(opened.viewport.a.pane.picture(overlay=True))
    corner = np.s_[-60:, -200:]
    assert (with_bar[corner] != without[corner]).sum() > 200
    again = do(opened, qtbot, "bounds")
    assert np.array_equal(again, plain)


def test_eye_dome_lighting_darkens_the_resting_picture_alone(opened, qtbot) -> None:
    pane = opened.viewport.a.pane
    opened.action_registry["scale_bar"].trigger()
    complete(qtbot, opened)
    plain = pixels(pane.picture(overlay=True)).astype(int)
    opened.action_registry["edl"].trigger()
    qtbot.waitUntil(lambda: pane.overlay._shadows is not None, timeout=WAIT_MS)
    lit = pixels(pane.picture(overlay=True)).astype(int)
    assert (lit <= plain + 1).all()
    assert ((plain - lit).max(axis=2) > 40).sum() > 500
    opened.session.set_camera(opened.session.camera.orbit(20, 0))
    assert pane.overlay._shadows is None  # it would not fit what moves
    qtbot.waitUntil(lambda: pane.overlay._shadows is not None, timeout=WAIT_MS)


def test_bookmarks_take_the_camera_back(opened, qtbot) -> None:
    assert "Ctrl+3" in opened.action_registry["bookmark_3"].toolTip()
    first = do(opened, qtbot, "axes", "keep_3")
    moved = do(opened, qtbot, "view_top")
    assert not np.array_equal(first, moved)
    assert np.array_equal(do(opened, qtbot, "bookmark_3"), first)


def test_outlines_of_some_sizes_with_less_opacity(compressed, qtbot) -> None:
    both = do(compressed, qtbot, "cloud_plain", "blocks_size")
    assert count(both, size_color(16)) > 50 and count(both, size_color(32)) > 50
    some = do(compressed, qtbot, "size_16")
    assert count(some, size_color(16)) == 0 and count(some, size_color(32)) > 50
    assert not compressed.action_registry["size_64"].isEnabled()
    faint = do(compressed, qtbot, "opacity_30")
    assert count(faint, size_color(32)) < count(some, size_color(32)) / 4
    assert np.abs(faint.astype(int) - some.astype(int)).sum() > 0
    compressed.menus.undo.trigger()
    compressed.menus.undo.trigger()
    complete(qtbot, compressed)
    assert np.array_equal(drawn(compressed), both)


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
    assert np.array_equal(drawn(compressed), before)


def test_the_most_expensive_blocks_one_after_the_other(compressed, qtbot) -> None:
    session = compressed.session
    cost = session.blocks.bits + session.blocks.flag_bits
    order = np.argsort(-cost, kind="stable")
    do(compressed, qtbot, "most_expensive")
    assert session.view.selected == order[0]
    do(compressed, qtbot, "next_expensive")
    assert session.view.selected == order[1]
    do(compressed, qtbot, "previous_expensive")
    assert session.view.selected == order[0]
    assert compressed.inspector.facts.text_of("As one") != "not tried"
    strip = compressed.panels["Bytes"].strip
    assert strip.marked is not None and strip.marked.slice == 0
    assert "bytes" in compressed.panels["Bytes"].words.text()
    assert compressed.panels["Histogram"].plot.mark == session.blocks.bpov[order[0]]
    strip.pressed.emit(strip.marked.first)
    assert session.view.selected == order[0]  # the most expensive of the slice that holds the byte


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
    assert sum(len(sample()) for sample in compressed.viewport.a.pane.points._samples) == points
    bar.slider.setValue(total)
    complete(qtbot, compressed)
    assert np.array_equal(drawn(compressed), whole)
    bar.play.click()
    qtbot.waitUntil(lambda: 0 < (compressed.session.view.scrub or 0) < total, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: not bar.play.isChecked(), timeout=WAIT_MS)
    assert compressed.session.view.scrub is None


def test_two_clouds_laid_over_each_other_and_measured(opened, qtbot, tmp_path) -> None:
    path = tmp_path / "other.ovx"
    other = shifted_stream(opened, path)
    opened.commands.file.open_path(str(path))
    idle(qtbot, opened)
    complete(qtbot, opened)
    assert not opened.session.blocks_live
    assert opened.properties.text_of("Result").startswith("DIFFERENT: ")
    opened.action_registry["shaded"].trigger()
    picture = do(opened, qtbot, "overlay", "arrange_overlaid")
    assert not opened.viewport.b.box.isVisible()
    assert count(picture, ONLY_A) > 100 and count(picture, ONLY_B) > 100
    header = opened.viewport.a.header  # names both
    assert header.title.text() == f"{opened.session.original.label} + {opened.session.decoded.label}"
    assert f"{len(other):,}" in header.facts.text()
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
    do(opened, qtbot, "arrange_overlaid")
    assert opened.viewport.legend.legends[-1].title == "Difference D1"  # what colours the points


def test_home_keeps_outlines_in_the_view(compressed, qtbot) -> None:
    session, pane = compressed.session, compressed.viewport.a.pane
    corners = box_edges(session.blocks.origin, session.blocks.size)

    def inside() -> bool:
        places = session.camera.project(corners, pane.width(), pane.height())[:, :2]
        return bool((places >= 0).all() and (places <= (pane.width(), pane.height())).all())

    do(compressed, qtbot, "view_front", "fit")
    assert session.view.overlay and inside()
    with_outlines = session.camera.distance
    do(compressed, qtbot, "overlay", "fit")
    assert session.camera.distance < with_outlines  # nearer without them


def test_two_bitstreams_block_by_block(compressed, qtbot, tmp_path) -> None:
    path = tmp_path / "other.ovx"
    shifted_stream(compressed, path)
    compressed.commands.analyse.compare_streams(str(path))
    idle(qtbot, compressed)
    panel, session = compressed.panels["Compare"], compressed.session
    assert len(session.blocks) == compressed.table.model.rowCount()  # the open one is as it was
    v = panel.comparison
    own = float((session.blocks.bits + session.blocks.flag_bits).sum())
    assert v.bits_a.sum() == pytest.approx(own)
    assert panel.table.array.rowCount() == len(v)
    first = panel.table.array.rows[0]
    assert v.delta[first] == v.delta.max()  # sorted by what B spends more
    row = int(np.flatnonzero(v.row[panel.table.array.rows] >= 0)[0])
    panel.table.selectRow(row)
    assert session.view.selected == v.row[panel.table.array.rows[row]]
