"""Pictures, plots and videos that users take with them."""

from __future__ import annotations

import numpy as np
import pytest
from pictures import count, pixels
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QImage
from windows import WAIT_MS

from octavox.gui.document.colour_modes import size_color
from octavox.gui.rendering.turntable import Turntable

pytestmark = pytest.mark.gl


@pytest.mark.slow
def test_pictures_plot_and_video_are_written(compressed, qtbot, tmp_path) -> None:
    large, small = str(tmp_path / "large.png"), str(tmp_path / "small.png")
    compressed.action_registry["scale_bar"].trigger()
    assert compressed.commands.export.screenshot(small)
    assert compressed.commands.export.large_screenshot(large)
    a, b = QImage(small), QImage(large)
    assert (b.width(), b.height()) == (3 * a.width(), 3 * a.height())
    shrunk = b.scaled(
        a.size(), Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
    )
    gap = np.abs(pixels(shrunk).astype(int) - pixels(a).astype(int)).max(axis=2)
    assert (gap < 60).mean() > 0.9  # the same picture, finer
    for name in ("plot.png", "plot.svg"):
        assert compressed.commands.export.size_plot(str(tmp_path / name))
    plot = pixels(QImage(str(tmp_path / "plot.png")))
    assert count(plot, size_color(16)) > 1000 and count(plot, size_color(32)) > 1000
    assert b"<svg" in (tmp_path / "plot.svg").read_bytes()
    for suffix, magic in ((".webp", b"RIFF"), (".ogv", b"OggS")):
        path = tmp_path / f"turn{suffix}"
        camera = compressed.session.camera
        view = compressed.viewport
        video = Turntable(compressed.session, str(path), view.complete, view.image, view.settle, frames=3)
        ended: list[object] = []
        video.ended.connect(ended.append)
        video.start()
        qtbot.waitUntil(lambda: bool(ended), timeout=WAIT_MS)  # noqa: B023
        assert ended == [None]
        assert path.read_bytes().startswith(magic)
        assert compressed.session.camera == camera
    assert not list(tmp_path.glob(".*"))  # no parts are left


def test_commands_are_copied(compressed, qtbot) -> None:
    compressed.action_registry["copy_verify"].trigger()
    assert QGuiApplication.clipboard().text().startswith("octavox verify ")


def test_escape_stops_a_video_and_leaves_no_file(compressed, qtbot, tmp_path) -> None:
    path = tmp_path / "turn.webp"
    camera = compressed.session.camera
    compressed.commands.export.turntable(str(path))
    qtbot.waitUntil(lambda: compressed.session.job.fraction is not None, timeout=WAIT_MS)
    assert "Video is running" in compressed.action_registry["compress"].toolTip()
    assert not compressed.action_registry["turntable"].isEnabled()
    assert compressed.job_bar.progress.isVisible()
    compressed.activateWindow()
    qtbot.waitUntil(compressed.isActiveWindow, timeout=WAIT_MS)
    qtbot.keyClick(compressed, Qt.Key.Key_Escape)
    assert compressed.session.job is None
    assert "cancelled" in compressed.job_bar.message.text()
    assert compressed.error_bar.isHidden()
    assert list(tmp_path.glob("*turn*")) == []
    assert compressed.session.camera == camera
    assert compressed.action_registry["compress"].isEnabled()
