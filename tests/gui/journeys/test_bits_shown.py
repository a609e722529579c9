"""Where the bits are, as the window says and draws it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint
from windows import SAMPLE, idle

from octavox.gui.widgets.facts import Value


@pytest.fixture
def coded(window, qtbot):
    """The sample, compressed by a codec that codes level by level."""
    window.commands.file.open_any(str(SAMPLE))
    idle(qtbot, window)
    window.commands.codec.set_option("codec", "octree")
    window.action_registry["compress"].trigger()
    idle(qtbot, window)
    return window


def values(window) -> dict[str, Value]:
    """The values that the properties show, by their names."""
    shown = (row for row in window.properties._rows if row[1].isVisible())
    return {name.text(): value for name, value in shown}


@pytest.mark.gl
def test_bits_by_level_and_component_are_bars(coded, qtbot) -> None:
    coded.action_registry["layout_analyse"].trigger()
    idle(qtbot, coded)
    levels = coded.session.encode_report["bits"]["levels"]
    found = values(coded)
    assert [name for name in found if name.startswith("Level ")][-8:] == [f"Level {k}" for k in range(1, 9)]
    finest = found["Level 8"]
    share = levels[-1] / sum(levels)
    assert f"({100 * share:.1f}\u00a0%)" in finest.text() and "\n" not in finest.text()
    assert finest.bar.width() == pytest.approx(share * finest.width())
    coded.properties.ensureWidgetVisible(finest)
    idle(qtbot, coded)
    picture, row = finest.grab().toImage(), finest.height() - 1
    inside, outside = QPoint(2, row), QPoint(finest.width() - 2, row)
    assert picture.pixelColor(inside) != picture.pixelColor(outside)
    assert found["Geometry"].bar.width() > found["Header"].bar.width() > 0
    assert found["Points"].bar.width() == 0
