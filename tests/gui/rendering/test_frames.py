"""Frames are asked for and taken in turns of their own; nothing that changes in between is lost."""

from __future__ import annotations

import numpy as np
import pytest
from pictures import drawn, foreground, pixels
from windows import WAIT_MS, complete

from octavox import codec
from octavox.gui.document.detail import MOST_NEW
from octavox.gui.rendering.pane import Pane

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


@pytest.mark.slow
def test_a_large_cloud_comes_a_few_new_chunks_a_frame(window, finish, qtbot, tmp_path, monkeypatch) -> None:
    """All of it in the end, the second cloud of the same size as well."""
    side = np.arange(500)
    x, y = (v.reshape(-1) for v in np.meshgrid(side, side, indexing="ij"))
    new: list[int] = []
    draw = Pane._draw
    monkeypatch.setattr(Pane, "_draw", lambda pane, chunks: (new.append(pane._new), draw(pane, chunks)))
    for number in range(2):
        path = tmp_path / f"{number}.ply"
        voxels = np.stack([x, y, (x + number) // 9], 1)
        codec.write_ply(path, codec.voxelize(codec.PointCloud(voxels))[0])
        window.commands.file.open_path(str(path))
        finish(window)
        complete(qtbot, window)
        assert sum(new) >= 10
        assert max(new) <= MOST_NEW
        assert foreground(window, drawn(window)).mean() > 0.1
        new.clear()
