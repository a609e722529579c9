"""What a user met on a walk through the window at 1280 by 800: each test holds one thing that was wrong."""

from __future__ import annotations

import numpy as np
import pytest
from pictures import pixels
from PySide6.QtCore import Qt
from windows import WAIT_MS, idle

from octavox import codec
from octavox.gui.document import text
from octavox.gui.document.blocks import COLUMNS, column_index
from octavox.gui.document.events import ViewChanged
from octavox.gui.document.items import StreamBlocks

pytestmark = pytest.mark.slow

BARE = (
    "ply\nformat ascii 1.0\nelement vertex {n}\nproperty int x\nproperty int y\nproperty int z\nend_header\n"
)


def bare_cloud(folder, points: int) -> str:
    """A file of a cloud without colours; it may have no points at all."""
    path = folder / f"bare{points}.ply"
    path.write_text(
        BARE.format(n=points) + "".join(f"{k % 16} {k // 16 % 16} {k // 256}\n" for k in range(points))
    )
    return str(path)


def in_sight(table, column: int) -> bool:
    """Whether all of a column is seen without scrolling."""
    left = table.columnViewportPosition(column)
    return left >= 0 and left + table.columnWidth(column) <= table.viewport().width()


@pytest.mark.gl
def test_costs_are_in_sight_without_scrolling(compressed, qtbot) -> None:
    table = compressed.table.table
    for key in ("id", "size", "points", "bits", "bpov"):
        assert in_sight(table, column_index(key)), key
    compressed.session.set_other(StreamBlocks("b.ovx", 8, compressed.session.blocks, 1000))
    compressed.docks["Compare"].raise_()
    idle(qtbot, compressed)
    table = compressed.panels["Compare"].table
    assert [column.title for column in table.array.columns[:2]] == ["B − A", "%"]
    qtbot.waitUntil(lambda: in_sight(table, 0) and in_sight(table, 1))


@pytest.mark.gl
def test_the_number_of_kept_blocks_is_not_cut_off(compressed, qtbot) -> None:
    panel = compressed.table
    panel.column.setCurrentIndex(column_index("points"))
    panel.low.setText("2,000")
    panel.low.editingFinished.emit()
    idle(qtbot, compressed)
    qtbot.waitUntil(lambda: "of" in panel.count.text())
    qtbot.waitUntil(lambda: panel.count.width() >= panel.count.minimumSizeHint().width())


@pytest.mark.gl
def test_a_click_beside_the_bars_hides_no_block(compressed, qtbot) -> None:
    plot = compressed.panels["Histogram"].plot
    empty = int(np.flatnonzero(plot.histogram.counts == 0)[0])
    qtbot.mouseClick(plot, Qt.MouseButton.LeftButton, pos=plot.bar(empty).center().toPoint())
    assert not compressed.session.view.filter.active
    full = int(np.argmax(plot.histogram.counts))
    qtbot.mouseClick(plot, Qt.MouseButton.LeftButton, pos=plot.bar(full).center().toPoint())
    assert compressed.session.visible_blocks.sum() == plot.histogram.counts[full]


def test_a_failure_is_old_news_once_a_file_is_open(window, qtbot, tmp_path) -> None:
    bad = tmp_path / "bad.ovx"
    bad.write_bytes(b"no bitstream")
    window.commands.file.open_any(str(bad))
    idle(qtbot, window)
    assert not window.error_bar.isHidden()
    window.commands.file.open_any(bare_cloud(tmp_path, 500))
    idle(qtbot, window)
    assert window.error_bar.isHidden()


def test_own_colours_return_after_a_cloud_without_any(window, qtbot, tmp_path) -> None:
    def open_and_see(path: str) -> str:
        window.commands.file.open_any(path)
        idle(qtbot, window)
        return window.session.view.cloud_mode

    bare, colored = bare_cloud(tmp_path, 500), tmp_path / "colored.ply"
    cloud = codec.VoxelCloud(np.eye(3, dtype=np.int32)[::-1].copy(), 6, colors=np.full((3, 3), 200, np.uint8))
    codec.write_ply(str(colored), cloud)
    assert open_and_see(bare) == "plain"
    assert open_and_see(bare) == "plain"
    assert open_and_see(str(colored)) == "rgb"
    window.action_registry["cloud_plain"].trigger()  # and a choice of the user's stays
    assert open_and_see(bare) == "plain"
    assert open_and_see(str(colored)) == "plain"


def test_a_cancelled_compression_changes_no_colours(window, qtbot, tmp_path, fake) -> None:
    window.commands.file.open_any(bare_cloud(tmp_path, 500))
    idle(qtbot, window)
    window.commands.codec.set_option("codec", "fake")
    fake.stop_at = 1
    window.action_registry["compress"].trigger()
    qtbot.waitUntil(window.action_registry["cancel"].isEnabled, timeout=WAIT_MS)
    window.action_registry["cancel"].trigger()
    idle(qtbot, window)
    assert "nothing was changed" in window.job_bar.message.text()
    assert window.session.view.cloud_mode == "plain"


def test_the_menus_tick_theme_and_language(window) -> None:
    ticked = {key for key in window.action_registry.specs if window.action_registry[key].isChecked()}
    assert {"theme_dark", "language_en"} <= ticked
    assert not {"theme_light", "language_de"} & ticked
    window.action_registry["theme_light"].trigger()
    window.session.publish(ViewChanged())
    assert (
        window.action_registry["theme_light"].isChecked()
        and not window.action_registry["theme_dark"].isChecked()
    )


def test_a_cloud_without_points_says_so(window, qtbot, tmp_path) -> None:
    window.commands.file.open_any(bare_cloud(tmp_path, 0))
    idle(qtbot, window)
    assert window.properties.text_of("Points") == "0"
    assert window.properties.text_of("Extent") == "–"
    assert window.viewport.legend.note == "This cloud holds no points."


@pytest.mark.gl
def test_panels_show_how_to_close_them(window) -> None:
    button = next(
        child
        for child in window.docks["Scene"].findChildren(object)
        if getattr(child, "objectName", str)() == "qt_dockwidget_closebutton"
    )
    picture = pixels(button.grab().toImage()).reshape(-1, 3).astype(int)
    assert np.ptp(picture, axis=0).max() > 60


def test_the_palette_finds_undo_and_panels(opened, qtbot) -> None:
    opened.action_registry["cloud_height"].trigger()
    palette = opened.commands.help.palette
    palette.open()
    qtbot.keyClicks(palette.edit, "undo")
    assert palette.found()[0] == "undo"
    qtbot.keyClick(palette.edit, Qt.Key.Key_Return)
    assert opened.session.view.cloud_mode == "rgb"
    palette.open()
    qtbot.keyClicks(palette.edit, "histogram")
    assert "panel_Histogram" in palette.found()


@pytest.mark.gl
def test_the_tour_stays_before_what_comes_to_the_front(window, qtbot) -> None:
    window.action_registry["tour"].trigger()
    tour = window.commands.help.tour
    tour.next.click()
    tour.next.click()
    window.stack.parentWidget().raise_()
    window.action_registry["open_sample"].trigger()
    idle(qtbot, window)
    above = window.childAt(tour.mapTo(window, tour.rect().center()))
    assert above is tour or tour.isAncestorOf(above)
    tour.end()


@pytest.mark.gl
def test_the_first_cloud_fits_though_the_tour_is_open(window, qtbot) -> None:
    window.action_registry["tour"].trigger()
    window.commands.help.tour.next.click()
    qtbot.wait(300)  # until the layout has settled once with the hidden views in it
    window.action_registry["open_sample"].trigger()
    idle(qtbot, window)
    opened_at = window.session.camera.distance
    window.action_registry["fit"].trigger()
    assert window.session.camera.distance == pytest.approx(opened_at, rel=0.01)


@pytest.mark.gl
def test_lines_of_bytes_fit_their_panel(compressed, qtbot) -> None:
    compressed.docks["Bytes"].raise_()
    compressed.action_registry["most_expensive"].trigger()
    idle(qtbot, compressed)
    dump = compressed.panels["Bytes"].dump
    qtbot.waitUntil(lambda: bool(dump.toPlainText()))
    qtbot.waitUntil(lambda: dump.horizontalScrollBar().maximum() == 0)


@pytest.fixture
def german():
    text.use("de")
    yield
    text.use("en")


def test_numbers_in_german(german) -> None:
    assert text.count(145773) == "145.773"
    assert text.number(0.12345) == "0,1235"
    assert text.size(12_345_678) == "12,3 MB"
    assert text.duration(2.5) == "2,5 s"
    assert text.fixed(1234.5, 1, "+") == "+1.234,5"
    assert text.parsed("1.234,5") == 1234.5
    assert text.parsed("so viel") is None


def test_columns_are_named_once() -> None:
    assert len({column.key for column in COLUMNS}) == len(COLUMNS)


def test_facts_are_never_squashed(compressed, qtbot) -> None:
    compressed.action_registry["theme_light"].trigger()
    idle(qtbot, compressed)
    labels = [widget for row in compressed.properties._rows for widget in row if widget.isVisible()]
    assert len(labels) > 20
    assert all(widget.height() >= widget.fontMetrics().height() for widget in labels)
