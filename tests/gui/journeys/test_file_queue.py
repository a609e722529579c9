"""What users do to compress many files, and the same file anew."""

from __future__ import annotations

import random

import numpy as np
import pytest
from pictures import run_job
from windows import SAMPLE, WAIT_MS, idle

from octavox import codec
from octavox.gui.document.queue import DONE, FAILED

pytestmark = pytest.mark.gl


def test_the_queue_works_through_its_files(opened, qtbot, tmp_path) -> None:
    good, bad = tmp_path / "good.ply", tmp_path / "bad.ply"
    good.write_bytes(SAMPLE.read_bytes())
    bad.write_bytes(b"no cloud")
    before = opened.session.blocks
    opened.commands.queue.queue_files([str(bad), str(good)])
    entries = opened.session.queue.entries
    qtbot.waitUntil(lambda: [e.state for e in entries] == [FAILED, DONE], timeout=WAIT_MS)
    back = codec.decode(tmp_path / "good.ovx").cloud
    assert np.array_equal(back.coords, opened.session.original.display.cloud.coords)
    assert opened.session.blocks is before
    panel = opened.panels["Queue"]
    assert panel.list.topLevelItemCount() == 2
    assert "bpov" in panel.list.topLevelItem(1).text(3)
    panel.list.setCurrentItem(panel.list.topLevelItem(0))
    panel.remove.click()
    assert len(opened.session.queue.entries) == 1


def test_another_depth_opens_the_file_anew(opened, qtbot, finish) -> None:
    box = opened.codec_panel._boxes["depth"]
    box.setCurrentIndex(box.findData(6))
    box.activated.emit(box.currentIndex())
    finish(opened)
    cloud = opened.session.original.display.cloud
    assert cloud.depth == 6
    assert len(cloud) < 145_773
    run_job(opened, qtbot, "compress")
    assert codec.info(opened.session.stream.data).depth == 6
    assert "About" in opened.codec_panel.words.text()
    assert "guess" not in opened.codec_panel.words.text()  # it was measured now


@pytest.mark.slow
def test_cancelled_fifty_times_at_random_moments(opened, qtbot, fake) -> None:
    """With a real codec, from the start of a job on; nothing is left behind."""
    opened.commands.codec.set_option("codec", "octree")
    opened.commands.codec.set_option("threads", 1)
    dice = random.Random(7)
    cancelled = 0
    for _ in range(50):
        opened.action_registry["compress"].trigger()
        qtbot.wait(dice.randrange(0, 60))
        cancelled += opened.workbench.jobs.busy
        opened.workbench.cancel()
        idle(qtbot, opened)
        assert opened.error_bar.isHidden()
    assert cancelled > 10
    run_job(opened, qtbot, "compress")
    assert int(opened.session.blocks.points.sum()) == 145_773
