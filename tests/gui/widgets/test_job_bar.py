"""The job bar."""

from __future__ import annotations

import numpy as np
from windows import certificate, sphere

from octavox.codec import BlockTable, Progress, VoxelCloud
from octavox.gui.base.actions import ActionRegistry
from octavox.gui.commands.registry import all_specs
from octavox.gui.document.job_state import JobState, Mailbox
from octavox.gui.document.session import Session
from octavox.gui.widgets.job_bar import JobBar


def test_job_bar_tells_share_time_and_rate(qtbot, qapp, themer) -> None:
    session = Session()
    bar = JobBar(ActionRegistry(qapp, session, themer, all_specs()))
    qtbot.addWidget(bar)
    assert not bar.progress.isVisibleTo(bar)
    job, box = JobState("Compress"), Mailbox()
    bar.show_job(job)
    assert bar.progress.isVisibleTo(bar)
    box.put(Progress("encode", 30, 100, BlockTable.make([[0, 0, 0]], 64, 100, 50.0)))
    job.apply(box.take())
    bar.show_job(job)
    assert "30 %" in bar.share.text()
    assert bar.rate.text() == "0.500 bpov so far"
    assert "not known yet" in bar.left.text()
    assert bar.progress.value() == 300
    bar.show_job(None)
    assert not bar.progress.isVisibleTo(bar)


def test_certificate_chip_is_green_amber_or_red(qtbot, qapp, themer) -> None:
    bar = JobBar(ActionRegistry(qapp, Session(), themer, all_specs()))
    qtbot.addWidget(bar)
    cloud = sphere()
    same = certificate(cloud, cloud)
    bar.show_certificate(same)
    assert bar.chip.text().startswith(f"✓ identical: {len(cloud):,} points, every property, to the last bit")
    assert same.sha256_decoded[:8] in bar.chip.text()
    assert bar.chip.property("chip") == "good"
    colored = VoxelCloud(cloud.coords, cloud.depth, colors=np.zeros((len(cloud), 3), np.uint8))
    bar.show_certificate(certificate(colored, cloud))
    words = "voxels identical (voxels); not stored: red, green, blue"
    assert words in bar.chip.text() and bar.chip.toolTip().startswith(words)
    assert "✓" not in bar.chip.text()
    assert bar.chip.property("chip") == "fair"
    bar.show_certificate(certificate(cloud, VoxelCloud(cloud.coords[5:], cloud.depth)))
    assert "DIFFERENT: 5 voxels missing, 0 added" in bar.chip.text()
    assert bar.chip.property("chip") == "bad"
    bar.show_certificate(None)
    assert bar.chip.isHidden()
