"""Sessions that are saved, restored, or left by a crash."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pictures import do, drawn
from windows import SAMPLE, WAIT_MS, complete, restored

pytestmark = pytest.mark.gl


def test_a_session_is_restored_as_it_was(compressed, make_window, qtbot, tmp_path) -> None:
    do(compressed, qtbot, "blocks_bpov", "cloud_plain", "size_16", "view_left", "keep_2", "axes")
    compressed.commands.view.select(7)
    complete(qtbot, compressed)
    before = drawn(compressed)
    path = str(tmp_path / "work.octavox")
    assert compressed.commands.session.save_session(path)
    assert (tmp_path / "work.ovx").is_file()  # the bitstream was not saved before
    fresh = make_window()
    fresh.commands.file.open_any(path)
    restored(qtbot, fresh)
    complete(qtbot, fresh)
    session = fresh.session
    assert session.original.label == SAMPLE.name and session.decoded is not None
    assert session.view.selected == 7
    assert session.bookmarks == compressed.session.bookmarks
    fresh.action_registry["pane_b"].trigger()
    fresh.resize(compressed.size())
    complete(qtbot, fresh)
    assert np.array_equal(drawn(fresh), before)


@pytest.mark.slow
def test_what_a_crash_left_is_offered(window, make_window, crashed, qtbot) -> None:
    window.commands.session.recovery.begin()
    window.action_registry["open_sample"].trigger()
    qtbot.waitUntil(lambda: window.session.original is not None, timeout=WAIT_MS)
    crashed(window)
    fresh = make_window()
    fresh.commands.session.recovery.begin()
    assert fresh.offer.isVisible()
    assert SAMPLE.name in fresh.offer.words.text()
    fresh.offer.yes.click()
    restored(qtbot, fresh)
    assert fresh.session.original.label == SAMPLE.name
    assert not fresh.offer.isVisible()
    fresh.close()
    assert list(fresh.settings.private_folder.iterdir()) == []


def test_a_restored_bitstream_is_still_unsaved(compressed, make_window, crashed, qtbot) -> None:
    data = compressed.session.stream.data
    crashed(compressed)
    fresh = make_window()
    fresh.commands.session.recovery.begin()
    fresh.offer.yes.click()
    restored(qtbot, fresh)
    stream, root = fresh.session.stream, fresh.settings.private_folder
    assert stream.data == data and not stream.saved
    assert not any(str(root) in path for path in fresh.settings.recent)
    (kept,) = root.glob("*/unsaved.ovx")  # in this window's folder; the other is gone
    assert kept.read_bytes() == data and len(list(root.iterdir())) == 1
    asked: list[bool] = []
    fresh.workbench.may_discard = lambda: asked.append(True) or False
    assert not fresh.close() and asked and fresh.isVisible()
    assert kept.is_file()
    assert Path(fresh.session.suggested_path(".ovx")).parent == SAMPLE.parent
    fresh.workbench.may_discard = lambda: True


@pytest.mark.slow
def test_an_offer_may_stay_unanswered(compressed, make_window, crashed, qtbot, finish) -> None:
    """What is done meanwhile is kept as well, and closing leaves the offer for the next start."""
    crashed(compressed)
    fresh = make_window()
    root = fresh.settings.private_folder
    fresh.commands.session.recovery.begin()
    fresh.action_registry["open_sample"].trigger()
    finish(fresh)
    fresh.commands.codec.set_option("codec", "fake")
    fresh.action_registry["compress"].trigger()
    finish(fresh)
    assert fresh.offer.isVisible()
    assert len(list(root.glob("*/unsaved.ovx"))) == 2
    fresh.close()
    assert len(list(root.glob("*/unsaved.ovx"))) == 1
    third = make_window()
    third.commands.session.recovery.begin()
    assert third.offer.isVisible()
    third.offer.no.click()
    assert not third.offer.isVisible() and list(root.iterdir()) == []


@pytest.mark.slow
def test_a_crash_leaves_a_bitstream_though_its_cloud_is_gone(
    window, make_window, crashed, qtbot, finish, tmp_path
) -> None:
    path = tmp_path / "cloud.ply"
    path.write_bytes(SAMPLE.read_bytes())
    window.commands.file.open_any(str(path))
    finish(window)
    window.commands.codec.set_option("codec", "fake")
    window.action_registry["compress"].trigger()
    finish(window)
    data = window.session.stream.data
    crashed(window)
    path.unlink()
    fresh = make_window()
    fresh.commands.session.recovery.begin()
    fresh.offer.yes.click()
    restored(qtbot, fresh)
    assert fresh.session.original is None
    assert "cloud.ply is missing" in fresh.job_bar.message.text()
    assert fresh.session.stream.data == data and not fresh.session.stream.saved
    assert fresh.session.decoded is not None and len(fresh.session.blocks)
    assert len(list(fresh.settings.private_folder.iterdir())) == 1


@pytest.mark.slow
def test_a_crash_leaves_a_bitstream_though_its_session_is_damaged(
    compressed, make_window, crashed, qtbot
) -> None:
    data = compressed.session.stream.data
    crashed(compressed)
    fresh = make_window()
    (saved,) = fresh.settings.private_folder.glob("*/session.octavox")
    saved.write_text("{}")
    fresh.commands.session.recovery.begin()
    fresh.offer.yes.click()
    restored(qtbot, fresh)
    assert fresh.session.stream.data == data and not fresh.session.stream.saved
    assert fresh.session.decoded is not None
