"""Labels, buttons and rows that give way where there is little room."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget
from windows import certificate, idle, sphere

from octavox.codec import BlockTable, VoxelCloud
from octavox.gui.base.actions import ActionRegistry
from octavox.gui.commands.registry import all_specs
from octavox.gui.document.advice import Explanation
from octavox.gui.document.blocks import BlockFilter
from octavox.gui.document.facts import Fact
from octavox.gui.document.session import Session
from octavox.gui.widgets.blocks_table import BlocksPanel
from octavox.gui.widgets.codec_panel import ActionButton
from octavox.gui.widgets.elided import ElidedLabel
from octavox.gui.widgets.error_bar import TITLE_LETTERS, ErrorBar
from octavox.gui.widgets.job_bar import JobBar

WORDS = "a scan with a rather long file name of November.ply"


def shown(qtbot, widget: QWidget, width: int) -> QWidget:
    """The widget in a window of a width."""
    qtbot.addWidget(widget)
    widget.resize(width, 60)
    widget.show()
    qtbot.waitExposed(widget)
    return widget


def test_a_label_shows_all_of_its_words_where_there_is_room(qtbot, qapp, themer) -> None:
    box = QWidget()
    row, label = QHBoxLayout(box), ElidedLabel(WORDS, mode=Qt.TextElideMode.ElideMiddle, least=10)
    row.addWidget(label)
    row.addStretch(1)
    shown(qtbot, box, 700)
    assert label.drawn == label.text() == WORDS and label.toolTip() == ""
    box.resize(200, 60)
    qtbot.waitUntil(lambda: label.drawn != WORDS)
    assert label.text() == WORDS and label.toolTip() == WORDS
    assert label.drawn.startswith("a scan") and label.drawn.endswith(".ply") and "…" in label.drawn
    assert label.minimumSizeHint().width() < 200 < label.sizeHint().width()
    box.resize(700, 60)
    qtbot.waitUntil(lambda: label.drawn == WORDS)
    assert label.toolTip() == ""


def test_a_steady_label_asks_for_the_same_room_whatever_it_says(qtbot, qapp, themer) -> None:
    label = ElidedLabel("x", least=20, steady=True)
    qtbot.addWidget(label)
    before = label.sizeHint(), label.minimumSizeHint()
    label.setText(WORDS)
    assert (label.sizeHint(), label.minimumSizeHint()) == before


@pytest.mark.parametrize("width", [1024, 1920])
def test_a_long_verdict_leaves_room_for_the_message(qtbot, qapp, themer, width: int) -> None:
    bar = JobBar(ActionRegistry(qapp, Session(), themer, all_specs()))
    shown(qtbot, bar, width)
    cloud = sphere()
    colored = VoxelCloud(cloud.coords, cloud.depth, colors=cloud.coords.astype("u1"))
    found = certificate(colored, cloud)
    names = tuple(f"property_{k}" for k in range(30))
    bar.show_certificate(replace(found, dropped=names))
    bar.say("Decoded 1,234 points")
    qtbot.waitUntil(lambda: bar.chip.drawn.startswith("• voxels identical"))
    assert bar.message.drawn == "Decoded 1,234 points"
    assert bar.chip.geometry().right() < bar.width() and "property_29" in bar.chip.toolTip()
    metrics = bar.chip.fontMetrics()
    padding = bar.chip.width() - metrics.horizontalAdvance(bar.chip.drawn)
    assert padding >= 16, "the chip's ground reaches beyond its words"


@pytest.mark.parametrize("width", [240, 270, 300, 340, 420, 700])
def test_no_field_of_the_filter_is_squeezed(qtbot, qapp, themer, width: int) -> None:
    panel = BlocksPanel()
    shown(qtbot, panel, width)
    panel.resize(width, 300)
    blocks = BlockTable.make([[0, 0, 0], [64, 0, 0]], 64, [3, 4], [50.0, 70.0])
    panel.show_blocks(blocks, BlockFilter("bits", 10.0, 60.0), None)
    qtbot.wait(20)
    parts = [panel.column, panel.low, panel.high, panel.clear, *panel._spare]
    visible = [part for part in parts if part.isVisible()]
    assert {panel.column, panel.low, panel.high, panel.clear} <= set(visible)
    for part in visible:
        assert part.width() >= (44 if part in (panel.low, panel.high) else part.minimumSizeHint().width())
    assert panel.clear.width() >= panel.clear.sizeHint().width()
    for a in visible:
        for b in visible:
            assert a is b or not a.geometry().intersects(b.geometry())
        assert a.geometry().right() <= panel.width()
    if width >= 420:
        assert panel.count.isVisible() and panel.count.text() == "1 of 2 blocks"


def test_a_very_long_error_does_not_make_the_window_grow(qtbot, qapp, themer) -> None:
    bar = ErrorBar()
    shown(qtbot, bar, 600)
    bar.show_error(Explanation("Opening x failed: " + "words " * 900, "Do this.", "details"))
    assert len(bar.title.text()) <= TITLE_LETTERS + 1 and bar.title.text().endswith("…")
    assert bar.sizeHint().height() < 300
    bar.copy.click()
    assert qapp.clipboard().text().count("words") == 900


@pytest.mark.gl
def test_long_values_stand_below_their_names_and_fit(window, qtbot) -> None:
    idle(qtbot, window)
    facts = window.properties
    name = "a_scan_with_a_rather_long_file_name_without_any_blank.ply"
    facts.show_facts([Fact("File", name, "Original"), Fact("Points", "12", "Original")])
    idle(qtbot, window)
    (file_name, file), (points_name, points) = facts._rows[:2]
    assert file.y() > file_name.y() and points.y() == points_name.y()
    assert file.toolTip() == name and file.text().startswith("a_scan") and file.text().endswith(".ply")
    assert facts.text_of("File") == name
    room = facts.viewport().width()
    assert all(value.mapTo(facts, value.rect().topRight()).x() <= room for value in (file, points))


@pytest.mark.gl
def test_a_long_file_name_does_not_widen_the_window(window, qtbot, tmp_path) -> None:
    import numpy as np

    from octavox import codec

    window.resize(1024, 700)
    path = tmp_path / ("a-very-long-name-" * 10 + ".ply")
    codec.write_cloud(path, codec.PointCloud(np.arange(300).reshape(100, 3).astype(np.int32)))
    window.commands.codec.set_option("codec", "fake")
    window.commands.file.open_any(str(path))
    idle(qtbot, window)
    for action in ("compress", "decompress"):
        window.action_registry[action].trigger()
        idle(qtbot, window)
    qtbot.wait(50)
    assert (window.width(), window.height()) == (1024, 700)
    a, b = (side.box.width() for side in window.viewport.sides)
    assert abs(a - b) <= 6
    title = window.viewport.a.header.title
    assert isinstance(title, QLabel) and title.text() == path.name and title.toolTip() == path.name


@pytest.mark.parametrize("width", [110, 400])
def test_a_button_shows_all_words_where_there_is_room(qtbot, qapp, themer, width: int) -> None:
    actions = ActionRegistry(qapp, Session(), themer, all_specs())
    box = QWidget()
    row = QHBoxLayout(box)
    button = ActionButton(actions, "compare_streams")
    row.addWidget(button)
    row.addStretch(1)
    shown(qtbot, box, width)
    qtbot.wait(20)
    whole = "Compare with another bitstream…"
    assert button.geometry().right() < box.width()
    if width == 400:
        assert button.text() == whole
    else:
        assert button.text() != whole and button.text().endswith("…")
        box.resize(500, box.height())
        qtbot.waitUntil(lambda: button.text() == whole)
    assert button.toolTip()  # says all, whatever has room
