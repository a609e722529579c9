"""Views with a scale of colours of their own, beside views that share one."""

from __future__ import annotations

import numpy as np
import pytest
from pictures import do, drawn, pixels, run_job
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QApplication, QMenu
from windows import complete

from octavox.codec import InputError
from octavox.gui.document.colormap import VIRIDIS_TABLE, on_light
from octavox.gui.document.property_colours import PropertyScale
from octavox.gui.document.session_file import read_session, session_text
from octavox.gui.widgets.scale_editor import ScaleEditor

pytestmark = pytest.mark.gl


@pytest.fixture
def two(compressed, qtbot):
    """Original and decoded cloud side by side, by height, without outlines."""
    run_job(compressed, qtbot, "decompress")
    do(compressed, qtbot, "overlay", "shaded", "cloud_height")
    assert not compressed.session.view.overlay and compressed.session.pair is not None
    return compressed


def menu_of(window) -> QMenu:
    return next(menu for menu in window.viewport.findChildren(QMenu) if menu.isVisible())


def entry(menu: QMenu, words: str):
    return next(action for action in menu.actions() if words in action.text())


def close_menu(window) -> None:
    """Triggering an action by code leaves its menu open."""
    for menu in window.viewport.findChildren(QMenu):
        menu.close()


def own_editor(window, qtbot, letter: str) -> ScaleEditor:
    """The editor of a view's own scale, by a double click on its legend."""
    bar = window.viewport.grid.side(letter).legend
    qtbot.mouseDClick(bar, Qt.MouseButton.LeftButton, pos=QPoint(bar.width() // 2, bar.height() // 2))
    return bar.findChild(ScaleEditor)


def choose(editor: ScaleEditor, colours: str) -> None:
    editor.map.setCurrentIndex(editor.map.findData(colours))
    editor.map.activated.emit(editor.map.currentIndex())


def test_a_view_has_colours_and_ends_of_its_own(two, qtbot, tmp_path) -> None:
    session, before = two.session, drawn(two, "b")
    assert two.viewport.b.legend.isHidden()
    do(two, qtbot, "own_scale_b")
    size, a = before.shape, drawn(two)
    assert two.viewport.b.legend.isVisible() and drawn(two, "b").shape[0] < size[0]  # the legend takes some
    assert a.shape[0] == drawn(two, "b").shape[0] and two.viewport.a.legend.legends == ()
    editor = own_editor(two, qtbot, "B")
    choose(editor, "viridis")
    editor.low.setText("100")
    editor.low.editingFinished.emit()
    complete(qtbot, two)
    (own,), (shared,) = two.viewport.b.legend.legends, two.viewport.legend.legends
    assert np.array_equal(own.colors, VIRIDIS_TABLE) and own.scale.low == 100
    assert not np.array_equal(shared.colors, VIRIDIS_TABLE) and shared.scale.low < 100
    assert np.array_equal(drawn(two), a)  # A keeps its colours
    seen = {tuple(color) for color in np.unique(drawn(two, "b").reshape(-1, 3), axis=0).tolist()}
    assert len(seen & {tuple(color) for color in VIRIDIS_TABLE.tolist()}) > 20
    path = tmp_path / "kept.octavox"
    path.write_text(session_text(session))
    assert read_session(str(path)).view.own_scales == session.view.own_scales
    assert session.view.own_scales["B"]["height"] == PropertyScale("viridis", 100.0)
    for _ in range(3):  # ends, colours, the own scale
        two.workbench.undo_stack.undo()
    complete(qtbot, two)
    assert session.view.own_scales == {} and two.viewport.b.legend.isHidden()
    assert np.array_equal(drawn(two, "b"), before)


def test_the_own_legend_is_in_pictures_and_follows_the_theme(two, qtbot) -> None:
    do(two, qtbot, "own_scale_a", "own_scale_b")
    assert two.viewport.legend.legends == () and two.viewport.legend.note  # no view shares a scale
    choose(own_editor(two, qtbot, "B"), "viridis")
    do(two, qtbot, "theme_light")
    complete(qtbot, two)
    bar = two.viewport.b.legend
    place = bar.mapTo(two.viewport, QPoint(0, 0))
    shot = pixels(two.viewport.image())
    strip = shot[place.y() : place.y() + bar.height(), place.x() : place.x() + bar.width()]
    seen = {tuple(color) for color in np.unique(strip.reshape(-1, 3), axis=0).tolist()}
    assert len(seen & {tuple(color) for color in on_light(VIRIDIS_TABLE).tolist()}) > 50


def test_menus_and_keys_reach_the_scales(two, qtbot) -> None:
    """The legend's menu by the mouse and by R, and the menu at the header of a view."""
    bar = two.viewport.legend
    place = QPoint(20, 20)
    QApplication.sendEvent(
        bar, QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, bar.mapToGlobal(place))
    )
    entry(menu_of(two), "view A").trigger()
    close_menu(two)
    assert list(two.session.view.own_scales) == ["A"]
    two.activateWindow()
    qtbot.waitUntil(two.isActiveWindow)
    qtbot.keyClick(two, Qt.Key.Key_R)
    entry(menu_of(two), "A  Scale: Height").trigger()
    close_menu(two)
    assert two.viewport.a.legend.findChild(ScaleEditor) is not None
    pane = two.viewport.b.pane
    QApplication.sendEvent(pane, QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, place, place))
    menu = menu_of(two)
    assert entry(menu, "spot") and not entry(menu, "view B").isChecked()
    entry(menu, "view B").trigger()
    close_menu(two)
    assert sorted(two.session.view.own_scales) == ["A", "B"]
    assert two.action_registry["own_scale_b"].isChecked()
    assert not two.action_registry["own_scale_c"].isEnabled()  # C shows nothing


def test_blocks_of_a_view_have_a_scale_of_their_own(two, qtbot) -> None:
    do(two, qtbot, "cloud_block", "blocks_bits", "own_scale_b")
    a = drawn(two)
    two.viewport.b.legend.scaled.emit("bits", PropertyScale("grey", 0.0, 1e9))
    complete(qtbot, two)
    assert np.array_equal(drawn(two), a)
    painting, layer = two.viewport.painting, two.session.block_layer
    assert len(np.unique(painting.outlines_of(layer, "B"), axis=0)) == 1  # all at the low end
    assert len(np.unique(painting.outlines_of(layer, "A"), axis=0)) > 1


def test_a_session_names_only_views_that_there_are(two, tmp_path) -> None:
    path = tmp_path / "odd.octavox"
    path.write_text(session_text(two.session).replace('"own_scales": {}', '"own_scales": {"E": {}}'))
    with pytest.raises(InputError, match="views are called A, B, C, D"):
        read_session(str(path))
