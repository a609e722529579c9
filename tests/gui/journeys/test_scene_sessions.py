"""Sessions of many items: saved, opened again, and restored after a crash."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from windows import WAIT_MS, idle, restored

from octavox import codec

pytestmark = pytest.mark.gl


def box(folder: Path, name: str, edge: int) -> str:
    """A cloud file: all voxels of a cube."""
    places = np.stack(np.meshgrid(*[np.arange(edge)] * 3, indexing="ij"), -1).reshape(-1, 3)
    codec.write_ply(folder / name, codec.PointCloud(places.astype(np.int64)))
    return str(folder / name)


def rest(window, qtbot) -> None:
    qtbot.waitUntil(lambda: not window.commands.scene.opening and not window.workbench.busy, timeout=WAIT_MS)
    idle(qtbot, window)
    qtbot.waitUntil(window.viewport.complete, timeout=WAIT_MS)


@pytest.fixture
def full(window, qtbot, tmp_path):
    """Two clouds; the first has two bitstreams, of which the earlier one is shown with what it decodes to."""
    window.commands.file.open_several([box(tmp_path, "apple.ply", 6), box(tmp_path, "bread.ply", 9)])
    qtbot.waitUntil(lambda: window.commands.scene.opening, timeout=WAIT_MS)
    rest(window, qtbot)
    for name in ("octree", "fake"):
        window.commands.codec.set_option("codec", name)
        window.action_registry["compress"].trigger()
        rest(window, qtbot)
    window.commands.scene.activate(window.session.items.streams[0])
    window.action_registry["decompress"].trigger()
    rest(window, qtbot)
    apple, bread = window.session.items.clouds[:2]
    window.commands.scene.rename(apple, "fruit")
    apple.ink = (200, 30, 40)
    window.commands.scene.choose("C", bread)
    rest(window, qtbot)
    return window


def facts(window) -> dict[str, object]:
    """What a user sees of the scene."""
    session = window.session
    return {
        "shown": {side.letter: side.header.title.text() for side in window.viewport.sides if side.entry},
        "clouds": sorted(
            (c.label, len(c.display), c.ink) for c in session.items.clouds if c.made_from is None
        ),
        "streams": [(s.codec, s.data, s.of.label) for s in session.items.streams],
        "current": session.stream.codec,
        "blocks": window.table.model.rowCount(),
    }


def test_all_items_come_back(full, make_window, qtbot, tmp_path) -> None:
    before, path = facts(full), str(tmp_path / "all.octavox")
    assert (
        before["shown"] == {"A": "fruit", "B": "decoded", "C": "bread.ply"} and before["current"] == "octree"
    )
    assert full.commands.session.save_session(path)
    assert all(stream.saved for stream in full.session.items.streams)
    fresh = make_window()
    fresh.commands.session.open_session(path)
    restored(qtbot, fresh)
    rest(fresh, qtbot)
    after = facts(fresh)
    shown = after.pop("shown")
    assert {**before, "shown": None} == {**after, "shown": None}
    assert set(shown) == {"A", "B", "C"} and shown["A"] == "fruit" and shown["C"] == "bread.ply"
    assert fresh.session.certificate is not None and fresh.session.certificate.kept
    assert "restored" in fresh.job_bar.message.text()


def test_a_crash_loses_no_bitstream(full, make_window, crashed, qtbot) -> None:
    data = [stream.data for stream in full.session.items.streams]
    crashed(full)
    fresh = make_window()
    fresh.commands.session.recovery.begin()
    fresh.offer.yes.click()
    restored(qtbot, fresh)
    rest(fresh, qtbot)
    streams = fresh.session.items.streams
    assert [stream.data for stream in streams] == data and not any(stream.saved for stream in streams)
    assert len(fresh.settings.recent) == 2  # the clouds alone
    kept = sorted(path.read_bytes() for path in fresh.settings.private_folder.glob("*/unsaved*.ovx"))
    assert kept == sorted(data)


def test_what_is_missing_is_named_and_the_rest_opens(full, make_window, qtbot, tmp_path) -> None:
    path = str(tmp_path / "all.octavox")
    assert full.commands.session.save_session(path)
    (tmp_path / "bread.ply").unlink()
    fresh = make_window()
    fresh.commands.session.open_session(path)
    restored(qtbot, fresh)
    rest(fresh, qtbot)
    assert "bread.ply" in fresh.job_bar.message.text()
    assert [c.label for c in fresh.session.items.clouds if c.made_from is None] == ["fruit"]
    assert len(fresh.session.items.streams) == 2


@pytest.mark.parametrize(
    "change",
    [
        {"items": {}},
        {"items": [{"cloud": 3}]},
        {"items": [{"cloud": "a\0.ply"}]},
        {"items": [{"cloud": "a.ply", "ink": [1, 2]}]},
        {"items": [{"cloud": "a.ply", "ink": [1, 2, 300]}]},
        {"items": [{"cloud": "a.ply", "streams": [{}]}]},
        {"items": [{"sequence": ["a"], "frame": -1}]},
        {"items": [], "views": {"A": [0, -1]}},
        {"items": [{"cloud": "a.ply"}], "views": {"E": [0, -1]}},
        {"items": [{"cloud": "a.ply"}], "views": {"A": [0, 0]}},
        {"items": [{"cloud": "a.ply"}], "current": 5},
    ],
)
def test_a_scene_that_cannot_be_is_refused(change, tmp_path) -> None:
    from octavox.gui.document.session import Session
    from octavox.gui.document.session_file import read_session, session_text

    path = tmp_path / "bad.octavox"
    path.write_text(json.dumps({**json.loads(session_text(Session())), "scene": change}))
    with pytest.raises(codec.InputError) as error:
        read_session(str(path))
    assert error.value.field == "scene"
