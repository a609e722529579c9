"""Frames are asked for and taken in turns of their own; nothing that changes in between is lost."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import WAIT_MS, complete
from pictures import drawn, foreground, pixels

pytestmark = pytest.mark.gl


def test_a_camera_that_moves_while_a_frame_is_drawn_gets_its_picture(opened, qtbot) -> None:
    pane = opened.viewport.a.pane
    before = drawn(opened)
    pane.redraw()
    pane._frame()  # as in a turn of the event loop
    assert not pane.complete
    opened.session.set_camera(opened.session.camera.orbit(90, 30))
    pane._frame()  # asks for no second frame before the first is taken
    complete(qtbot, opened)
    shown = pixels(pane._image)
    assert not np.array_equal(shown, before)
    pane.redraw()
    assert np.array_equal(drawn(opened), shown)


def test_what_is_closed_while_a_frame_is_drawn_does_not_come_back(opened, qtbot) -> None:
    pane = opened.viewport.a.pane
    pane.redraw()
    pane._frame()
    opened.viewport.a.pane.apply(pane.points.resize(0))
    pane.redraw()
    complete(qtbot, opened)
    assert not foreground(opened, pixels(pane._image)).any()


def test_the_fence_tells_when_a_frame_is_drawn(opened, qtbot) -> None:
    canvas = opened.viewport.a.pane._canvas
    complete(qtbot, opened)
    assert canvas.drawn
    canvas.draw(onto=False)
    qtbot.waitUntil(lambda: canvas.drawn, timeout=WAIT_MS)
