"""The job bar."""

from __future__ import annotations

from windows import sphere

from octavox.codec import BlockTable, Progress
from octavox.gui.base.actions import ActionRegistry
from octavox.gui.commands.registry import all_specs
from octavox.gui.document.job_state import JobState, Mailbox
from octavox.gui.document.session import Session
from octavox.gui.jobs.work import certify
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


def test_certificate_chip_is_green_or_red(qtbot, qapp, themer) -> None:
    bar = JobBar(ActionRegistry(qapp, Session(), themer, all_specs()))
    qtbot.addWidget(bar)
    cloud = sphere()
    bar.show_certificate(certify(cloud, cloud, b""))
    assert bar.chip.text().startswith("✓ identical")
    assert certify(cloud, cloud, b"").sha256_decoded[:8] in bar.chip.text()
    assert bar.chip.property("chip") == "good"
    other = type(cloud)(cloud.coords[5:], cloud.depth)
    bar.show_certificate(certify(cloud, other, b""))
    assert "differs · 5 missing, 0 extra" in bar.chip.text()
    assert bar.chip.property("chip") == "bad"
    bar.show_certificate(None)
    assert bar.chip.isHidden()
