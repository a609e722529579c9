"""Levels of a bitstream: a large one shows a coarse cloud at once; a slider shows some levels alone."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from pictures import drawn, foreground, pixels, run_job
from windows import SAMPLE, WAIT_MS, complete, idle, pull

from octavox import codec
from octavox.gui.document.events import PreviewChanged
from octavox.gui.document.facts import properties
from octavox.gui.jobs import detail, work

pytestmark = [pytest.mark.gl, pytest.mark.slow]


@pytest.fixture
def stream(tmp_path):
    """The sample as a bitstream of the octree codec."""
    path = tmp_path / "spot.ovx"
    codec.save_stream(path, codec.encode(SAMPLE, options=codec.CodecOptions(codec="octree")).data)
    return path


@pytest.fixture
def held(monkeypatch):
    """Bitstreams are large from 100,000 voxels on; decoding all of one waits for this event, or a cancel."""
    go, decode = threading.Event(), codec.decode

    def slow(source, *, lod=None, cancel=None, **more):
        while lod is None and not go.wait(0.01):
            cancel.raise_if_cancelled()
        return decode(source, lod=lod, cancel=cancel, **more)

    monkeypatch.setattr(detail, "LARGE", 100_000)
    monkeypatch.setattr(detail, "FIRST_LEVEL", 5)
    monkeypatch.setattr(work.codec, "decode", slow)
    yield go
    go.set()


def look_at(window, qtbot, path) -> None:
    window.commands.file.open_path(str(path))
    shown = window.viewport.preview
    qtbot.waitUntil(lambda: shown.shown is not None and shown.shown.display.cell == 2, timeout=WAIT_MS)
    complete(qtbot, window)


def test_a_large_bitstream_is_seen_before_it_is_decoded(window, qtbot, held, stream, finish) -> None:
    cells = []
    events = window.session.events
    events.subscribe(lambda event: cells.append(window.session.preview.display.cell), PreviewChanged)
    look_at(window, qtbot, stream)
    assert window.workbench.jobs.busy and window.session.reference is None
    assert cells == sorted(cells, reverse=True)  # finer and finer
    preview = window.viewport.preview.shown.display
    assert 10_000 < len(preview) < 145_773
    coarse = foreground(window, pixels(window.viewport.a.pane.picture()))
    camera = window.session.camera
    held.set()
    finish(window)
    assert window.session.preview is None and window.viewport.preview.shown is None
    assert len(window.session.decoded.display) == 145_773
    assert window.session.camera.azimuth == camera.azimuth
    whole = foreground(window, drawn(window, "b"))
    assert coarse.sum() > 0.8 * whole.sum()  # its cells touch


def test_a_view_that_was_turned_meanwhile_stays_so(window, qtbot, held, stream, finish) -> None:
    look_at(window, qtbot, stream)
    window.session.set_camera(window.session.camera.orbit(60, 20).zoom(2))
    camera = window.session.camera
    held.set()
    finish(window)
    assert window.session.camera == camera


def test_cancelling_shows_what_was_open(opened, qtbot, held, tmp_path) -> None:
    complete(qtbot, opened)
    before, camera = drawn(opened), opened.session.camera
    moved = codec.read_cloud(SAMPLE)
    other = codec.PointCloud(moved.coords[:-5] + 3)  # another cloud, so that it is not shown beside
    path = tmp_path / "other.ovx"
    codec.save_stream(path, codec.encode(other, options=codec.CodecOptions(codec="octree")).data)
    look_at(opened, qtbot, path)
    opened.action_registry["cancel"].trigger()
    idle(qtbot, opened)
    complete(qtbot, opened)
    assert opened.session.original.label == SAMPLE.name and opened.session.camera == camera
    assert np.array_equal(drawn(opened), before)


def test_the_slider_shows_levels_and_says_what_they_take(opened, qtbot) -> None:
    panel = opened.panels["Levels"]
    assert not panel.slider.isEnabled() and "no bitstream" in panel.words.text()
    opened.commands.codec.set_option("codec", "octree")
    run_job(opened, qtbot, "compress")
    opened.docks["Levels"].raise_()
    qtbot.waitUntil(lambda: panel.slider.isEnabled() and panel.isVisible(), timeout=WAIT_MS)
    assert (panel.slider.minimum(), panel.slider.maximum()) == (1, 8)
    counts = []
    for level in (4, 6, 7):
        pull(panel.slider, level)
        shown(opened, qtbot, level)
        item = opened.session.decoded
        alone = codec.decode(opened.session.stream.data, lod=level)
        assert len(item.display) == item.detail.cells == len(alone.cloud)
        assert item.detail.bytes == alone.report.bytes
        assert panel.choice.text() == f"{level} of 8 levels"
        assert f"{item.detail.cells:,} points" in panel.words.text() and "read" in panel.words.text()
        assert np.array_equal(item.positions, alone.cloud.positions)
        counts.append(item.detail.cells)
    assert counts == sorted(counts)
    assert "cells of 2³ voxels" in opened.viewport.b.header.facts.text()
    rate = next(fact.value for fact in properties(opened.session) if fact.label == "Rate")
    assert rate == f"{8 * len(opened.session.stream.data) / 145_773:.4f} bpov, whole file"  # not of the cells
    pull(panel.slider, 8)
    qtbot.waitUntil(lambda: opened.session.certificate is not None, timeout=WAIT_MS)
    idle(qtbot, opened)
    assert opened.session.decoded.detail is None and opened.session.certificate.identical
    assert panel.choice.text() == "all 8 levels"


def shown(window, qtbot, level: int) -> None:
    def there() -> bool:
        item = window.session.decoded
        return item is not None and item.detail is not None and item.detail.level == level

    qtbot.waitUntil(there, timeout=WAIT_MS)
    idle(qtbot, window)


def test_keys_go_up_and_down(opened, qtbot) -> None:
    opened.commands.codec.set_option("codec", "octree")
    run_job(opened, qtbot, "compress")
    less, more = (opened.action_registry[name] for name in ("fewer_levels", "more_levels"))
    assert less.isEnabled() and not more.isEnabled()
    less.trigger()
    shown(opened, qtbot, 7)
    less.trigger()
    shown(opened, qtbot, 6)
    more.trigger()
    shown(opened, qtbot, 7)


def test_only_what_the_levels_take_is_read(tmp_path) -> None:
    """Of a stream that says where its levels end, bytes grow with them."""
    points = np.unique(np.random.default_rng(0).integers(0, 1 << 10, (60_000, 3)), axis=0)
    path = tmp_path / "sparse.ovx"
    options = codec.CodecOptions(codec="octree", slices=1)
    codec.save_stream(path, codec.encode(codec.PointCloud(points.astype(np.int32)), options=options).data)
    levels = codec.stream_levels(path)
    assert list(levels.bytes) == sorted(levels.bytes) and levels.bytes[4] < levels.bytes[-1] / 2
    for level in (5, 8):
        job = (str(path), level, levels, options, lambda step: None, codec.CancelToken())
        found = detail.decode_level(*job).detail
        assert found.bytes == levels.bytes[level - 1] and found.all_bytes == levels.bytes[-1]
