"""The scale of the legend: opened by a double click, changed at once, undone, kept."""

from __future__ import annotations

import numpy as np
import pytest
from pictures import drawn
from PySide6.QtCore import QPoint, Qt
from windows import complete

from octavox.gui.document.colormap import HEAT_TABLE, VIRIDIS_TABLE, on_light
from octavox.gui.document.property_colours import PropertyScale
from octavox.gui.document.session_file import read_session, session_text
from octavox.gui.widgets.scale_editor import ScaleEditor

pytestmark = pytest.mark.gl


@pytest.fixture
def editor(compressed, qtbot):
    """Opened by a double click on the scale of the blocks."""
    bar = compressed.viewport.legend
    compressed.action_registry["blocks_bits"].trigger()
    place = QPoint(int(bar._widths()[0]) // 2, bar.height() // 2)
    qtbot.mouseDClick(bar, Qt.MouseButton.LeftButton, pos=place)
    return bar.findChild(ScaleEditor)


def choose(editor: ScaleEditor, colours: str) -> None:
    editor.map.setCurrentIndex(editor.map.findData(colours))
    editor.map.activated.emit(editor.map.currentIndex())


def seen(window) -> np.ndarray:
    """The colours of outlines that are on the picture."""
    shown = {tuple(color) for color in np.unique(drawn(window).reshape(-1, 3), axis=0).tolist()}
    return np.array(sorted(shown & {tuple(color) for color in window.viewport.painting.outlines.tolist()}))


def rows_of(table: np.ndarray, colors: np.ndarray) -> list[int]:
    """Where exactly these colours stand in a table."""
    return [int(np.flatnonzero((table == color).all(axis=1))[0]) for color in colors]


def test_a_scale_is_changed_in_its_legend(compressed, editor, qtbot, tmp_path) -> None:
    session, bar = compressed.session, compressed.viewport.legend
    bits = session.blocks.bits + session.blocks.flag_bits
    assert np.array_equal(bar.legends[0].colors, HEAT_TABLE)
    before = drawn(compressed)
    choose(editor, "viridis")
    complete(qtbot, compressed)
    assert np.array_equal(bar.legends[0].colors, VIRIDIS_TABLE)
    rows = rows_of(VIRIDIS_TABLE, seen(compressed))
    assert len(rows) > 5 and max(rows) > 128  # outlines, up to those of costly blocks
    editor.high.setText(f"{2 * bits.max():.1f}")
    editor.high.editingFinished.emit()
    complete(qtbot, compressed)
    assert bar.legends[0].scale.high == pytest.approx(2 * bits.max(), abs=0.1)
    rows = rows_of(VIRIDIS_TABLE, seen(compressed))
    assert len(rows) > 5 and max(rows) <= 128  # the upper half of the scale is for larger numbers
    path = tmp_path / "kept.octavox"
    path.write_text(session_text(session))
    assert read_session(str(path)).view.scales == session.view.scales != {}
    for _ in range(2):
        compressed.workbench.undo_stack.undo()
    complete(qtbot, compressed)
    assert np.array_equal(drawn(compressed), before)


def test_a_logarithmic_scale_spreads_factors_evenly(compressed, editor) -> None:
    editor.log.click()
    scale = compressed.viewport.legend.legends[0].scale
    bits = compressed.session.blocks.bits + compressed.session.blocks.flag_bits
    assert scale.log and scale.low == pytest.approx(bits[bits > 0].min())
    middle = np.sqrt(scale.low * scale.high)
    assert (
        abs(int(np.argmin(np.abs(HEAT_TABLE.astype(int) - scale.colors_of([middle])).sum(axis=1))) - 127) <= 2
    )
    editor.automatic.click()
    assert compressed.session.view.scales["bits"] == PropertyScale()
    assert not compressed.viewport.legend.legends[0].scale.log


def test_swatches_have_no_scale_to_change(compressed, qtbot) -> None:
    compressed.action_registry["blocks_size"].trigger()
    bar = compressed.viewport.legend
    qtbot.mouseDClick(bar, Qt.MouseButton.LeftButton, pos=QPoint(30, 20))
    assert bar.findChild(ScaleEditor) is None and bar.toolTip() == ""


def test_heights_have_a_scale_of_their_own(opened, qtbot) -> None:
    opened.action_registry["cloud_height"].trigger()
    complete(qtbot, opened)
    before = drawn(opened)
    opened.viewport.legend.scaled.emit("height", PropertyScale("cividis", 10.0, 20.0))
    complete(qtbot, opened)
    (legend,) = opened.viewport.legend.legends
    assert (legend.scale.low, legend.scale.high) == (10.0, 20.0)
    assert not np.array_equal(drawn(opened), before)


def test_the_histogram_has_the_colours_of_the_blocks(compressed, qtbot) -> None:
    compressed.action_registry["blocks_bits"].trigger()
    compressed.docks["Histogram"].raise_()
    panel = compressed.panels["Histogram"]
    panel.column.setCurrentIndex(panel.column.findData("bits"))
    panel.refresh()
    plot, scale = panel.plot, compressed.viewport.legend.legends[0].scale
    middles = (plot.histogram.edges[1:] + plot.histogram.edges[:-1]) / 2
    for theme in ("dark", "light"):
        compressed.action_registry[f"theme_{theme}"].trigger()
        colors = scale.colors_of(middles)
        expected = on_light(colors) if theme == "light" else colors
        picture = plot.grab().toImage()
        for k in np.flatnonzero(plot.histogram.counts).tolist():
            seen = picture.pixelColor(plot.bar(k).center().toPoint()).getRgb()[:3]
            assert seen == tuple(expected[k].tolist())
    compressed.action_registry["blocks_bpov"].trigger()  # bits colour nothing any more
    first = int(np.flatnonzero(plot.histogram.counts)[0])
    seen = plot.grab().toImage().pixelColor(plot.bar(first).center().toPoint())
    assert seen == plot.palette().link().color()
