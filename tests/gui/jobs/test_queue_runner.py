"""The queue of files makes jobs of its entries, one after the other."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QObject
from windows import WAIT_MS

from octavox.codec import CancelledError, CodecOptions
from octavox.gui.document.events import QueueChanged
from octavox.gui.document.job_state import JobState
from octavox.gui.document.queue import CANCELLED, DONE, FAILED, RUNNING, WAITING
from octavox.gui.document.session import Session
from octavox.gui.jobs.job import Failure, Job
from octavox.gui.jobs.queue_runner import QueueRunner
from octavox.gui.jobs.work import FileCompressed


@pytest.fixture
def queue(qapp):
    """The session, the jobs that were started, what was said, and the runner."""
    session, jobs, said, owner = Session(), [], [], QObject()

    def start(job: Job) -> bool:
        session.set_job(JobState(job.title))
        job.begin()
        jobs.append(job)
        return True

    runner = QueueRunner(session, start, said.append, owner)
    yield session, jobs, said
    runner.shut()


def test_entries_run_one_after_the_other_and_keep_what_became_of_them(queue, qtbot) -> None:
    session, jobs, said = queue
    entries = [session.queue.add(f"/x/{name}.ply", CodecOptions(codec="octree")) for name in "abc"]
    session.publish(QueueChanged())
    assert jobs == []  # not before the event loop is back
    ends = (
        lambda job: job.show(FileCompressed(entries[0].target, 1000, 0.5, "not stored: red"), 2.0),
        lambda job: job.rollback(Failure(ValueError("no cloud"), "")),
        lambda job: job.rollback(Failure(CancelledError("cancelled"), "")),
    )
    for number, end in enumerate(ends, 1):
        qtbot.waitUntil(lambda n=number: len(jobs) == n, timeout=WAIT_MS)
        assert entries[number - 1].state == RUNNING
        assert [entry.state for entry in entries[number:]] == [WAITING] * (3 - number)
        assert entries[number - 1].path[-5:] in jobs[-1].doing
        session.set_job(None)  # as the job runner does before a job's `show` or `rollback`
        end(jobs[-1])
    assert [entry.state for entry in entries] == [DONE, FAILED, CANCELLED]
    assert "0.5000 bpov" in entries[0].words and "; not stored: red" in entries[0].words
    assert entries[1].words == "no cloud" and entries[2].words == ""
    assert len(said) == 1 and entries[0].target in said[0]


def test_the_queue_waits_for_another_job(queue, qtbot) -> None:
    session, jobs, _ = queue
    session.set_job(JobState("Compress"))
    session.queue.add("/x/a.ply", CodecOptions(codec="octree"))
    session.publish(QueueChanged())
    qtbot.wait(50)
    assert jobs == []
    session.set_job(None)
    qtbot.waitUntil(lambda: len(jobs) == 1, timeout=WAIT_MS)
