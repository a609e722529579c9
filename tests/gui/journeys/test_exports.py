"""Pictures, plots and videos that users take with them."""

from __future__ import annotations

import importlib.util
import itertools

import numpy as np
import pytest
from moving_clouds import stream_of
from pictures import count, pixels
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QImage
from windows import WAIT_MS, idle

from octavox.gui.document.colour_modes import size_color
from octavox.gui.rendering.film import Film, orbit

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
        shots = orbit(compressed.session, view.complete, view.image, view.settle, frames=3)
        video = Film(str(path), shots)
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
    compressed.commands.video.turntable(str(path))
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


def test_mp4_says_what_it_needs(compressed, monkeypatch, tmp_path) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "av" else find(name))
    assert "octavox[video]" in compressed.action_registry["turntable"].toolTip()
    compressed.commands.video.turntable(str(tmp_path / "turn.mp4"))
    assert compressed.error_bar.isVisible() and compressed.session.job is None
    said = compressed.error_bar.title.text() + compressed.error_bar.advice.text()
    assert "pip install 'octavox[video]'" in said
    assert list(tmp_path.glob("*turn*")) == []


def test_a_sequence_becomes_a_video_of_its_frames(window, qtbot, tmp_path) -> None:
    window.commands.file.open_several([str(stream_of(tmp_path / "balls.ovx", 4))])
    player = window.commands.sequence.player
    qtbot.waitUntil(lambda: window.session.timeline is not None and not player.busy, timeout=WAIT_MS)
    idle(qtbot, window)
    window.commands.sequence.seek(2)
    qtbot.waitUntil(lambda: window.session.timeline.shown == 2 and not player.busy, timeout=WAIT_MS)
    path = tmp_path / "balls.webp"
    window.commands.video.sequence(str(path))
    qtbot.waitUntil(lambda: window.session.job is None, timeout=WAIT_MS)
    with Image.open(path) as video:
        assert video.n_frames == 4
        shown = []
        for number in range(4):
            video.seek(number)
            shown.append(np.asarray(video.convert("RGB"), int))
    assert all(np.abs(a - b).max() > 60 for a, b in itertools.pairwise(shown))  # each frame is another one
    qtbot.waitUntil(lambda: window.session.timeline.shown == 2, timeout=WAIT_MS)
