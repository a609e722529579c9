"""Session files with values that no window wrote: each is refused once, with its reason."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from windows import complete, idle, restored

from octavox import codec
from octavox.gui.app.main_window import MainWindow
from octavox.gui.document.events import JobChanged

pytestmark = pytest.mark.gl
CAMERA = {"center": [0.0, 0.0, 0.0], "distance": 1.0, "azimuth": 35.0, "elevation": 20.0, "up": "y"}


def session_file(folder: Path, **changes: object) -> Path:
    """A session of b.ply and b.ovx, which lie beside it, with some values changed."""
    rows = np.stack(np.meshgrid(*[np.arange(12)] * 3, indexing="ij"), -1).reshape(-1, 3)
    codec.write_cloud(folder / "b.ply", codec.PointCloud(rows.astype(np.int32)))
    stream = codec.encode(folder / "b.ply", options=codec.CodecOptions(codec="octree")).data
    codec.save_stream(folder / "b.ovx", stream)
    content = {
        "format": "octavox session",
        "version": 1,
        "original": "b.ply",
        "stream": "b.ovx",
        "view": {"cloud_mode": "rgb", "filter": {"column": "bits", "low": None, "high": None}},
        "camera": CAMERA,
        "bookmarks": {},
        "options": {"codec": "octree"},
        "depth": None,
        "selected": None,
    }
    path = folder / "hostile.octavox"
    path.write_text(json.dumps({**content, **changes}))
    return path


def opened_once(window: MainWindow, qtbot, path: Path) -> int:
    """Opens a session; returns how many jobs began from then on until nothing happens for a while."""
    began = []
    window.session.events.subscribe(lambda event: began.append(window.session.job), JobChanged)
    window.commands.file.open_any(str(path))
    restored(qtbot, window)
    qtbot.wait(600)
    idle(qtbot, window)
    return sum(job is not None for job in began)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        pytest.param({"camera": {**CAMERA, "distance": 5e-324}}, "camera", id="camera_tiny"),
        pytest.param(
            {"view": {"filter": {"column": "bits", "low": float("nan"), "high": float("nan")}}},
            "NaN is no number",
            id="filter_nan",
        ),
        pytest.param(
            {"view": {"filter": {"column": "bits", "low": "a", "high": "b"}}}, "view", id="filter_str"
        ),
        pytest.param({"bookmarks": {"1": {**CAMERA, "distance": 1e308}}}, "bookmarks", id="bookmark_far"),
    ],
)
def test_a_session_with_impossible_values_is_refused(opened, qtbot, tmp_path, changes, words) -> None:
    before = opened.session.original
    assert opened_once(opened, qtbot, session_file(tmp_path, **changes)) == 0
    assert opened.session.original is before
    assert opened.error_bar.isVisible() and words in opened.error_bar.title.text()
    assert "hostile.octavox" in opened.error_bar.title.text()
    assert opened.commands.session.save_session(str(tmp_path / "still.octavox"))


def test_a_session_whose_bitstream_is_a_cloud_is_opened_once(window, qtbot, tmp_path) -> None:
    jobs = opened_once(window, qtbot, session_file(tmp_path, stream="b.ply"))
    assert jobs == 2  # the cloud, and the bitstream that is none
    assert window.session.original.label == "b.ply" and window.session.stream is None
    assert window.error_bar.isVisible() and "b.ply" in window.error_bar.title.text()
    assert "bitstream" in window.error_bar.title.text() + window.error_bar.advice.text()


def test_a_session_whose_original_is_a_bitstream_is_opened_once(window, qtbot, tmp_path) -> None:
    assert opened_once(window, qtbot, session_file(tmp_path, original="b.ovx")) == 1
    assert window.session.original is None and window.session.stream is not None


def test_a_session_of_files_that_are_gone_says_so_once(window, qtbot, tmp_path) -> None:
    path = session_file(tmp_path)
    for name in ("b.ply", "b.ovx"):
        (tmp_path / name).unlink()
    assert opened_once(window, qtbot, path) == 1
    assert window.error_bar.isVisible() and "b.ply" in window.error_bar.title.text()
    assert window.session.original is None and window.session.stream is None


@pytest.mark.parametrize(
    "camera",
    [{**CAMERA, "distance": 1e-3}, {**CAMERA, "distance": 1e15, "center": [1e15, -1e15, 0.0]}],
)
def test_the_most_extreme_cameras_are_drawn(window, qtbot, tmp_path, camera) -> None:
    assert opened_once(window, qtbot, session_file(tmp_path, camera=camera)) == 2
    complete(qtbot, window)
    assert window.session.camera.distance == camera["distance"] and window.error_bar.isHidden()
    window.commands.view.select(0)
    window.action_registry["edl"].trigger()
    complete(qtbot, window)
    window.action_registry["fit"].trigger()
    complete(qtbot, window)
    assert 2 <= window.session.camera.distance < 1000
