"""A large file shows some of its points while the rest is read."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from pictures import drawn, foreground, pixels
from windows import SAMPLE, WAIT_MS, complete, idle

from octavox import codec
from octavox.gui.jobs import work

FEW = 5000


@pytest.fixture
def held(monkeypatch):
    """Files are large from 2 * FEW points on, and reading all of one waits for this event, or a cancel."""
    go, read = threading.Event(), codec.read_cloud

    def slow(path, *, options=None, cancel=None):
        while not go.wait(0.01):
            if cancel is not None:
                cancel.raise_if_cancelled()
        return read(path, options=options, cancel=cancel)

    monkeypatch.setattr(work, "PREVIEW_POINTS", FEW)
    monkeypatch.setattr(codec, "read_cloud", slow)
    yield go
    go.set()


@pytest.fixture
def scan(tmp_path):
    """A ring of floats, far from the origin."""
    turn = np.random.default_rng(3).random((3 * FEW, 2)) * 2 * np.pi
    wide = 3 + np.cos(turn[:, 1])
    ring = np.stack([wide * np.cos(turn[:, 0]), np.sin(turn[:, 1]), wide * np.sin(turn[:, 0])], axis=1)
    path = tmp_path / "ring.ply"
    table = (ring * 0.7 + [100, -20, 3]).astype("<f4")
    head = f"ply\nformat binary_little_endian 1.0\nelement vertex {len(table)}\n"
    head += "".join(f"property float {axis}\n" for axis in "xyz") + "end_header\n"
    path.write_bytes(head.encode() + table.tobytes())
    return path


def look_at(window, qtbot, path) -> None:
    window.commands.file.open_path(str(path))
    qtbot.waitUntil(lambda: window.viewport.preview.shown is not None, timeout=WAIT_MS)
    complete(qtbot, window)


@pytest.mark.gl
def test_points_are_on_the_screen_before_the_file_is_read(window, qtbot, held, finish) -> None:
    look_at(window, qtbot, SAMPLE)
    assert window.workbench.jobs.busy
    assert window.session.original is None
    assert window.stack.currentWidget() is window.viewport
    assert "5,000 points so far" in window.viewport.a.header.facts.text()
    seen = foreground(window, pixels(window.viewport.a.pane.picture())).sum()
    assert seen > 1000
    assert len(window.viewport.preview.shown.display) == FEW
    held.set()
    finish(window)
    assert window.viewport.preview.shown is None
    assert len(window.session.original.display) == 145_773
    assert foreground(window, drawn(window)).sum() > seen


@pytest.mark.slow
@pytest.mark.gl
def test_cancelling_brings_back_what_was_open(opened, qtbot, held, scan) -> None:
    opened.session.set_camera(opened.session.camera.orbit(40, 10))
    complete(qtbot, opened)
    before, camera = drawn(opened), opened.session.camera
    look_at(opened, qtbot, scan)
    assert not np.array_equal(drawn(opened), before)
    opened.action_registry["cancel"].trigger()
    idle(qtbot, opened)
    complete(qtbot, opened)
    assert opened.session.original.label == SAMPLE.name
    assert opened.session.camera == camera
    assert np.array_equal(drawn(opened), before)


@pytest.mark.slow
@pytest.mark.gl
@pytest.mark.parametrize("fails", [False, True])
def test_a_view_that_was_turned_meanwhile_stays(window, qtbot, held, finish, scan, fails) -> None:
    look_at(window, qtbot, scan)
    window.session.set_camera(window.session.camera.orbit(60, 20).zoom(2))
    camera = window.session.camera
    few = window.viewport.preview.shown.display.cloud.transform
    if fails:
        scan.write_bytes(scan.read_bytes()[:-3])
    held.set()
    finish(window)
    if fails:
        assert window.error_bar.isVisible()
        assert window.stack.currentWidget() is window.welcome
        return
    whole = window.session.original.display.cloud.transform
    now = window.session.camera
    assert (now.azimuth, now.elevation) == (camera.azimuth, camera.elevation)
    assert now.distance * whole.scale == pytest.approx(camera.distance * few.scale)
    place = np.array(few.origin) + few.scale * (np.array(camera.center) - 0.5)
    assert np.allclose(np.array(whole.origin) + whole.scale * (np.array(now.center) - 0.5), place)


def test_what_cannot_be_sampled_opens_all_the_same(tmp_path, held) -> None:
    held.set()
    text = tmp_path / "cloud.xyz"
    text.write_text("\n".join(f"{k} {k % 7} {k % 5}" for k in range(3 * FEW)))
    steps = []
    opened = work.open_cloud(str(text), None, codec.ReadOptions(), steps.append, codec.CancelToken())
    assert [step.stage for step in steps] == ["read", "voxelize", "prepare"]
    assert len(opened.display) == 3 * FEW
