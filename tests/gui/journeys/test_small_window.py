"""Panels by task, their tabs and the tool bar, in windows from 1024 by 700 on."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QScrollArea,
    QSlider,
    QTabBar,
    QToolButton,
    QWidget,
)
from windows import SAMPLE, WAIT_MS, idle, opened_file, sphere

from octavox import codec
from octavox.codec import PointCloud
from octavox.gui.document.blocks import column_index
from octavox.gui.document.layouts import LAYOUTS, layout_of

DIRECT = Qt.FindChildOption.FindDirectChildrenOnly


def shown_bars(window) -> list[QTabBar]:
    """The tab bars of docks that one sees."""
    bars = window.findChildren(QTabBar, options=DIRECT)
    return [bar for bar in bars if bar.isVisible() and not bar.visibleRegion().isEmpty()]


def titles(bar: QTabBar) -> set[str]:
    return {bar.tabText(k) for k in range(bar.count())}


def groups(window) -> list[set[str]]:
    """The names of docks that share a place."""
    found = []
    for name, dock in window.docks.items():
        beside = {other.windowTitle() for other in window.tabifiedDockWidgets(dock) if not other.isHidden()}
        group = beside | {name}
        if beside and not dock.isHidden() and group not in found:
            found.append(group)
    return found


def assert_tabs_in_order(window) -> None:
    bars = shown_bars(window)
    assert sorted(map(sorted, map(titles, bars))) == sorted(map(sorted, groups(window)))
    places = [bar.geometry() for bar in bars]
    front = [dock.geometry() for dock in window.docks.values() if not dock.visibleRegion().isEmpty()]
    for k, place in enumerate(places):
        assert not any(place.intersects(other) for other in (*places[k + 1 :], *front))


def settled(qtbot, window) -> None:
    idle(qtbot, window)
    qtbot.wait(50)  # timers of no delay, and the layout after them


@pytest.mark.parametrize("size", [(1024, 700), (1280, 800), (1920, 1080)])
def test_no_tabs_of_earlier_layouts_are_left(window, qtbot, size) -> None:
    window.resize(*size)
    settled(qtbot, window)
    assert len(groups(window)) == 2
    assert_tabs_in_order(window)
    for key in ("look", "compare", "all"):
        window.action_registry[f"layout_{key}"].trigger()
        settled(qtbot, window)
        assert_tabs_in_order(window)
    window.action_registry["reset_layout"].trigger()
    window.docks["Queue"].setFloating(True)
    settled(qtbot, window)
    assert_tabs_in_order(window)
    window.docks["Queue"].setFloating(False)
    settled(qtbot, window)
    assert_tabs_in_order(window)


def test_a_panel_that_is_opened_has_its_tab(make_window, qtbot) -> None:
    """Also where Qt takes a tab bar into use again that was not needed before."""
    window = make_window()
    window.action_registry["layout_compare"].trigger()
    window.docks["Blocks"].close()
    for _ in range(2):
        settled(qtbot, window)
        assert not groups(window)
        window.close()
        window = make_window()
    window.docks["Queue"].toggleViewAction().trigger()
    settled(qtbot, window)
    assert groups(window) == [{"Queue", "Compare"}]
    assert_tabs_in_order(window)


def test_four_views_with_their_legends_fit(window, qtbot, tmp_path) -> None:
    names = [str(tmp_path / f"{name}.ply") for name in ("apple", "bread", "cheese")]
    for radius, name in enumerate(names, 8):
        codec.write_cloud(name, PointCloud(sphere(radius).positions))
    window.resize(1024, 700)
    window.commands.file.open_several(names)
    qtbot.waitUntil(lambda: len(window.session.items.clouds) == 3, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: not window.commands.scene.opening, timeout=WAIT_MS)
    settled(qtbot, window)
    for name in ("panes_4", "cloud_height", "own_scale_b", "own_scale_c"):
        window.action_registry[name].trigger()
        settled(qtbot, window)
    assert all(window.viewport.grid.side(letter).legend.isVisible() for letter in "ABC")
    for layout in LAYOUTS:
        window.action_registry[f"layout_{layout.key}"].trigger()
        settled(qtbot, window)
        assert (window.width(), window.height()) == (1024, 700)


def test_tabs_keep_their_whole_names(window, qtbot) -> None:
    window.resize(1024, 700)
    settled(qtbot, window)
    for bar in shown_bars(window):
        assert bar.elideMode() == Qt.TextElideMode.ElideNone
        for k in range(bar.count()):
            assert bar.tabRect(k).width() > bar.fontMetrics().horizontalAdvance(bar.tabText(k))
    window.docks["Log"].raise_()  # the last of many: its tab scrolls into sight
    settled(qtbot, window)
    bar = next(bar for bar in shown_bars(window) if "Log" in titles(bar))
    assert QRect(0, 0, bar.width(), bar.height()).contains(bar.tabRect(bar.count() - 1).center())


def open_panels(window) -> set[str]:
    return {name for name, dock in window.docks.items() if not dock.isHidden()}


def test_a_layout_opens_the_panels_of_its_task(window, qtbot) -> None:
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    for layout in (*LAYOUTS[1:], LAYOUTS[0]):
        qtbot.keyClick(window, Qt.Key(ord(layout.shortcut[-1])), Qt.KeyboardModifier.AltModifier)
        settled(qtbot, window)
        assert open_panels(window) == set(layout.panels or window.docks)
        for name in layout.front:
            assert not window.docks[name].visibleRegion().isEmpty()
        assert window.action_registry[f"layout_{layout.key}"].isChecked()
        words = [button.text() for button in window.tools.findChildren(QToolButton)]
        assert any(layout.title in text for text in words)


def test_a_layout_stays_as_the_user_left_it(make_window, qtbot) -> None:
    first = make_window()
    first.action_registry["layout_analyse"].trigger()
    first.docks["Bytes"].hide()
    first.action_registry["layout_look"].trigger()
    first.docks["Log"].show()
    settled(qtbot, first)
    first.close()
    second = make_window()
    settled(qtbot, second)
    assert open_panels(second) == {*layout_of("look").panels, "Log"}
    assert second.action_registry["layout_look"].isChecked()
    second.action_registry["layout_analyse"].trigger()
    assert open_panels(second) == {*layout_of("analyse").panels} - {"Bytes"}
    second.action_registry["reset_layout"].trigger()
    assert open_panels(second) == set(layout_of("analyse").panels)
    second.action_registry["layout_look"].trigger()
    assert "Log" in open_panels(second)


@pytest.mark.parametrize("width", [1024, 1150, 1280, 1500, 1920])
def test_every_tool_has_room(window, qtbot, width) -> None:
    window.action_registry["cloud_height"].trigger()
    window.resize(width, 700)
    settled(qtbot, window)
    tools = [window.tools.widgetForAction(action) for action in window.tools.actions()]
    qtbot.waitUntil(lambda: all(tool.isVisible() for tool in tools), timeout=WAIT_MS)
    icons = window.tools.widgetForAction(window.action_registry["fit"])
    assert icons.toolButtonStyle() == Qt.ToolButtonStyle.ToolButtonIconOnly


def drag(qtbot, header, start: int, end: int) -> None:
    """With the mouse, along a header."""
    port, middle = header.viewport(), header.height() // 2
    qtbot.mousePress(port, Qt.MouseButton.LeftButton, pos=QPoint(start, middle))
    for k in range(1, 11):
        qtbot.mouseMove(port, QPoint(start + (end - start) * k // 10, middle))
    qtbot.mouseRelease(port, Qt.MouseButton.LeftButton, pos=QPoint(end, middle))


def test_tables_keep_their_columns(make_window, qtbot) -> None:
    first = make_window()
    opened_file(first, qtbot, SAMPLE)
    first.action_registry["compress"].trigger()
    settled(qtbot, first)
    header = first.table.table.horizontalHeader()
    size, points = column_index("size"), column_index("points")
    edge = header.sectionViewportPosition(size) + header.sectionSize(size)
    before = header.sectionSize(size)
    drag(qtbot, header, edge - 1, edge + 29)
    middle = header.sectionViewportPosition(points) + header.sectionSize(points) // 2
    qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(middle, header.height() // 2))
    start = header.sectionViewportPosition(points)
    drag(qtbot, header, start + 20, 5)  # to the front
    settled(qtbot, first)
    assert header.sectionSize(size) == before + 30
    assert header.visualIndex(points) == 0
    first.close()

    second = make_window()
    opened_file(second, qtbot, SAMPLE)
    second.action_registry["compress"].trigger()
    settled(qtbot, second)
    header, model = second.table.table.horizontalHeader(), second.table.model
    assert header.sectionSize(size) == before + 30
    assert header.visualIndex(points) == 0
    assert header.sortIndicatorSection() == points
    shown = [second.session.blocks.points[row] for row in model.rows]
    assert len(shown) > 2 and shown == sorted(shown)


CONTROLS = (QAbstractButton, QComboBox, QLineEdit, QAbstractSpinBox, QSlider, QAbstractItemView, QScrollArea)


def controls(window) -> list[QWidget]:
    """What a user can operate; the parts of which Qt makes controls are not counted."""
    found = [widget for widget in window.findChildren(QWidget) if isinstance(widget, CONTROLS)]
    found = [widget for widget in found if not widget.objectName().startswith("qt_")]
    inside = (QComboBox, QAbstractSpinBox, QAbstractItemView)
    found = [w for w in found if not isinstance(w.parent(), inside) and w.isVisible()]
    return [w for w in found if not isinstance(w.parent().parent(), QComboBox)]


def test_a_screen_reader_finds_a_name_for_every_control(window, qtbot) -> None:
    opened_file(window, qtbot, SAMPLE)
    window.action_registry["compress"].trigger()
    settled(qtbot, window)
    found = controls(window)
    assert len(found) > 50
    names = {
        widget: QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name) for widget in found
    }
    assert [type(widget).__name__ for widget, name in names.items() if not name] == []


@pytest.mark.gl
@pytest.mark.parametrize("theme", ["dark", "light"])
def test_the_focus_is_reached_by_tab_and_seen(window, qtbot, theme) -> None:
    window.action_registry[f"theme_{theme}"].trigger()
    opened_file(window, qtbot, SAMPLE)
    window.action_registry["compress"].trigger()
    settled(qtbot, window)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow, timeout=WAIT_MS)
    window.action_registry["most_expensive"].trigger()
    settled(qtbot, window)
    codec = window.codec_panel
    shown = [
        window.tools.widgetForAction(window.action_registry["open"]),
        codec.findChild(QComboBox),
        window.table.table,
        window.table.low,
        window.properties,
        window.inspector.findChild(QToolButton),
        window.panels["Histogram"].plot,
        window.viewport.findChild(QSlider),
    ]
    for widget in shown:
        assert widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        window.setFocus()
        settled(qtbot, window)
        before = widget.grab().toImage()
        widget.setFocus(Qt.FocusReason.TabFocusReason)
        settled(qtbot, window)
        assert widget.hasFocus() and widget.grab().toImage() != before, widget
