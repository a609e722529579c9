"""Jobs: results and failures arrive on the GUI thread; cancelling and shutting down leave no thread."""

from __future__ import annotations

import threading
import time

import pytest
from PySide6.QtCore import QThread

from octavox.codec import CancelToken, Progress
from octavox.gui.document.job_state import Update
from octavox.gui.jobs.job import Failure, Job, Work
from octavox.gui.jobs.runner import JobRunner


class Receiver:
    """Makes jobs of works, and takes what becomes of them."""

    def __init__(self) -> None:
        self.threads: list[QThread] = []
        self.results: list[object] = []
        self.failures: list[Failure] = []
        self.updates: list[tuple[str, int]] = []
        self.begun = 0

    def job(self, work: Work, title: str = "Job") -> Job:
        return Job(title, "Working", work, self.show, self.begin, self.update, self.rollback)

    def _here(self) -> None:
        self.threads.append(QThread.currentThread())

    def begin(self) -> None:
        self._here()
        self.begun += 1

    def update(self, update: Update) -> None:
        self._here()
        if update.stage:
            self.updates.append((update.stage, update.done))

    def show(self, result: object, seconds: float) -> None:
        self._here()
        assert seconds >= 0
        self.results.append(result)

    def rollback(self, failure: Failure) -> None:
        self._here()
        self.failures.append(failure)


@pytest.fixture
def runner(qapp):
    runner = JobRunner()
    yield runner
    runner.shut()


def test_results_and_progress_arrive_on_the_gui_thread(qtbot, runner) -> None:
    receiver = Receiver()
    seen: list[int] = []

    def work(report, cancel: CancelToken) -> str:
        seen.append(threading.get_ident())
        for k in range(1, 6):
            report(Progress("encode", k, 5))
        return "done"

    runner.start(receiver.job(work))
    assert runner.busy
    qtbot.waitUntil(lambda: bool(receiver.results))
    assert receiver.results == ["done"]
    assert receiver.updates[-1] == ("encode", 5)
    assert seen != [threading.get_ident()]
    assert set(receiver.threads) == {QThread.currentThread()}
    assert not runner.busy
    assert runner.state is None


def test_an_exception_is_reported_with_its_traceback(qtbot, runner) -> None:
    receiver = Receiver()

    def work(report, cancel) -> None:
        raise ValueError("inside the job")

    runner.start(receiver.job(work))
    qtbot.waitUntil(lambda: bool(receiver.failures))
    failure = receiver.failures[0]
    assert not failure.cancelled
    assert str(failure.error) == "inside the job"
    assert "Traceback" in failure.details
    assert not runner.busy


def endless(report, cancel: CancelToken) -> None:
    step = 0
    while True:
        cancel.raise_if_cancelled()
        report(Progress("encode", step, 1_000_000))
        step += 1
        time.sleep(0.001)


def test_cancel_ends_the_job_and_says_so(qtbot, runner) -> None:
    receiver = Receiver()
    runner.start(receiver.job(endless))
    qtbot.waitUntil(lambda: bool(receiver.updates))
    state = runner.state
    runner.cancel()
    assert state.cancelling
    qtbot.waitUntil(lambda: bool(receiver.failures))
    assert receiver.failures[0].cancelled
    assert not runner.busy


def test_a_job_cancelled_at_its_very_end_gives_no_result(qtbot, runner) -> None:
    receiver = Receiver()
    gate = threading.Event()
    runner.start(receiver.job(lambda report, cancel: gate.wait(20)))
    runner.cancel()
    gate.set()
    qtbot.waitUntil(lambda: bool(receiver.failures))
    assert receiver.results == []


def test_shutting_down_joins_and_stays_silent(qtbot, runner) -> None:
    receiver = Receiver()
    runner.start(receiver.job(endless))
    qtbot.waitUntil(lambda: bool(receiver.updates))
    runner.shut()
    assert not runner.busy
    count = len(receiver.threads)
    qtbot.wait(100)
    assert len(receiver.threads) == count
    assert receiver.failures == []


def test_one_job_at_a_time(runner) -> None:
    receiver = Receiver()
    runner.start(receiver.job(endless))
    with pytest.raises(RuntimeError, match="running"):
        runner.start(receiver.job(endless, "Other"))
    assert receiver.begun == 1  # nothing is prepared for a job that does not run


def test_a_thousand_reports_a_second_cost_few_updates(qtbot, runner) -> None:
    receiver = Receiver()

    def chatter(report, cancel) -> int:
        for k in range(5000):
            report(Progress("encode", k, 5000))
        return 5000

    runner.start(receiver.job(chatter))
    qtbot.waitUntil(lambda: bool(receiver.results))
    assert len(receiver.updates) < 500
    assert receiver.updates[-1] == ("encode", 4999)


def test_a_cancelled_job_that_does_not_look_up_is_left_behind(qtbot, runner) -> None:
    """The window goes on at once; what the job says later is not heard, and shutting down waits for it."""
    receiver, gate, ended = Receiver(), threading.Event(), threading.Event()

    def deaf(report, cancel: CancelToken) -> str:
        gate.wait(60)
        ended.set()
        return "too late"

    runner.start(receiver.job(deaf))
    runner.cancel()
    qtbot.waitUntil(lambda: bool(receiver.failures))
    assert receiver.failures[0].cancelled
    assert not runner.busy
    assert not ended.is_set()
    runner.start(receiver.job(lambda report, cancel: "in time"))
    gate.set()
    qtbot.waitUntil(lambda: bool(receiver.results))
    assert receiver.results == ["in time"]
    assert len(receiver.failures) == 1
    runner.shut()
    assert ended.is_set()
    assert receiver.results == ["in time"]


def test_the_end_is_told_before_the_result_and_the_rollback(qtbot, runner) -> None:
    """So that whatever they do may start the next job."""
    told: list[str] = []
    runner.started.connect(lambda state: told.append(f"started {state.title}"))
    runner.ended.connect(lambda: told.append("ended"))
    runner.failed.connect(lambda job, failure: told.append(f"{job.doing}: {failure.error}"))

    def job(work: Work) -> Job:
        return Job(
            title="Count",
            doing="Counting",
            work=work,
            show=lambda result, seconds: told.append(f"result {result}"),
            begin=lambda: told.append("begin"),
            rollback=lambda failure: told.append("rollback"),
        )

    runner.start(job(lambda report, cancel: 7))
    qtbot.waitUntil(lambda: not runner.busy)
    runner.start(job(lambda report, cancel: [][0]))
    qtbot.waitUntil(lambda: not runner.busy)
    assert told == [
        *("started Count", "begin", "ended", "result 7"),
        *("started Count", "begin", "ended", "rollback", "Counting: list index out of range"),
    ]
