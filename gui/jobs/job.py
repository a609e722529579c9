"""What a job is: the work itself, and what is done with its result or without one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from octavox.codec import CancelledError, CancelToken, Progress
from octavox.gui.document.job_state import Update

Report = Callable[[Any], None]  # takes `Progress`
Work = Callable[[Report, CancelToken], Any]


def without_content(report: Report) -> Report:
    """Reports the progress of a job without its blocks and voxels, which are not those of the open cloud."""

    def forward(step: Progress) -> None:
        report(replace(step, blocks=None, coords=None))

    return forward


@dataclass(frozen=True)
class Failure:
    """Why a job has no result: the exception that ended it, and its traceback as text."""

    error: BaseException
    details: str

    @property
    def cancelled(self) -> bool:
        return isinstance(self.error, CancelledError)


def _nothing() -> None:
    pass


def _tells(failure: Failure) -> bool:
    return False


def _ignore(value: Any) -> None:
    pass


@dataclass(frozen=True)
class Job:
    """Everything that one job does. `work` runs in a worker thread, all other functions on the GUI thread.

    title: names the job in the job bar, and in the reasons of the actions that have to wait for it.
    doing: what is under way, as "Compressing spot.ply"; messages of a failure or cancellation begin with it.
    work: called with a function that takes `Progress` and a cancel token; returns the result. It touches
    neither widgets nor VTK nor the session.
    show: takes the result and the seconds that the job took.
    begin: prepares the session; called once it is certain that the job runs.
    update: takes what arrived from the worker since the last update.
    rollback: undoes what `begin` and `update` did; called after a failure and after a cancellation.
    asks: takes a failure, and asks the user what is missing where that is all; then it returns True, and
    nothing is said of a failure.
    writes: whether the job writes a file, so that advice after a failure is about writing.
    keeps: whether what `update` showed stays after a cancellation.
    costly: whether the user wants the result enough to be asked before the window is closed.
    niceness: of the worker thread, see `JobRunner.start`; None for the default.
    """

    title: str
    doing: str
    work: Work
    show: Callable[[Any, float], None]
    begin: Callable[[], None] = _nothing
    update: Callable[[Update], None] = _ignore
    rollback: Callable[[Failure], None] = _ignore
    asks: Callable[[Failure], bool] = _tells
    writes: bool = False
    keeps: bool = False
    costly: bool = False
    niceness: int | None = None
