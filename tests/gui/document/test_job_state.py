"""Progress of a job: what arrives, and the time left."""

from __future__ import annotations

import numpy as np
import pytest

from octavox.codec import BlockTable, Progress
from octavox.gui.document.job_state import JobState, Mailbox


def table(n: int = 4) -> BlockTable:
    origin = np.column_stack([np.arange(n) * 16, np.zeros(n), np.zeros(n)])
    return BlockTable.make(origin, 16, np.arange(1, n + 1), np.arange(n) * 10.0, 1.0, 0, np.nan, 5.0)


def test_mailbox_keeps_the_latest_step_and_every_block() -> None:
    box = Mailbox()
    assert box.take() is None
    box.put(Progress("encode", 1, 10, table(2)))
    box.put(Progress("encode", 4, 10, table(3), np.zeros((5, 3), np.int32)))
    update = box.take()
    assert update is not None
    assert (update.stage, update.done, update.total) == ("encode", 4, 10)
    assert [len(b) for b in update.blocks] == [2, 3]
    assert [len(c) for c in update.coords] == [5]
    assert box.take() is None


def test_time_left_is_told_when_it_is_known() -> None:
    now = [100.0]
    job, box = JobState("Compress", lambda: now[0]), Mailbox()

    def step(stage: str, done: int, total: int, blocks: BlockTable | None = None) -> None:
        box.put(Progress(stage, done, total, blocks))
        update = box.take()
        assert update is not None
        job.apply(update)

    assert "not known yet" in job.remaining_text()
    step("read", 0, 0)
    assert job.fraction is None
    step("encode", 0, 1000)
    now[0] += 2
    step("encode", 250, 1000, table(3))
    assert job.remaining == pytest.approx(6.0)
    assert job.remaining_text() == "6.0 s left"
    assert job.bpov == pytest.approx((0 + 10 + 20 + 3) / 6)
    step("write", 0, 10)  # a new stage starts its own count
    assert job.remaining is None
    job.cancelling = True
    assert job.remaining_text() == "cancelling"
