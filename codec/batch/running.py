"""A run of a batch: what is left to do, done by workers, kept in the state file and written as tables."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from octavox.codec.errors import InputError, whole_number
from octavox.codec.html import html_table
from octavox.codec.job import CancelToken
from octavox.codec.parallel import thread_count
from octavox.codec.prepared import is_prepared
from octavox.codec.report import Report

from .cluster import (
    Say,
    Submission,
    await_workers,
    check_packages,
    local_workers,
    remote_workers,
    send_weights,
)
from .inputs import OWN
from .rows import DONE, FAILED, BatchRow, row_of, write_csv, write_parquet
from .state import State, run_in
from .tasks import Task

RETRIES = 2
ENTER_S = 0.5  # between two entries in the state; meanwhile the notes of the workers count


@dataclass(frozen=True)
class BatchProgress:
    """How far a batch is. done: files, failed ones and those of earlier runs (skipped) included. points: of
    the files of this run. seconds: since it began; remaining: about how many are left, by bytes of input."""

    action: str
    done: int
    total: int
    failed: int
    skipped: int
    points: int
    seconds: float
    remaining: float | None


@dataclass(frozen=True)
class How:
    """Who does the work, and who hears of it. Fields as the arguments of `encode_many`; say: is called with
    what a person should know meanwhile, such as the address of Dask's dashboard."""

    workers: int | str | None = None
    retries: int = RETRIES
    progress: Callable[[BatchProgress], None] | None = None
    cancel: CancelToken = field(default_factory=CancelToken)
    say: Say = lambda words: None

    def __post_init__(self) -> None:
        object.__setattr__(self, "retries", whole_number(self.retries, "retries"))
        if self.workers is not None and not isinstance(self.workers, str):
            object.__setattr__(self, "workers", whole_number(self.workers, "workers"))
        if self.retries < 0 or (isinstance(self.workers, int) and self.workers < 1):
            raise InputError(
                "a positive number is needed", field="retries" if self.retries < 0 else "workers"
            )


@dataclass(frozen=True)
class BatchReport(Report):
    """What a batch did.

    rows: of each file, in the order of the inputs. skipped: how many were done before and are as they were
    left. workers: at the start; 0 where nothing was to do. csv, parquet, state: files of the folder with the
    rows, those of earlier runs included.
    """

    action: str
    folder: str
    rows: tuple[BatchRow, ...] = field(repr=False)
    skipped: int
    workers: int
    wall_seconds: float
    csv: str
    parquet: str
    state: str

    @property
    def failed(self) -> tuple[BatchRow, ...]:
        """The rows of files that could not be worked on, and why."""
        return tuple(row for row in self.rows if row.state == FAILED)

    @property
    def different(self) -> tuple[BatchRow, ...]:
        """The rows of streams that do not hold what their level promises."""
        return tuple(row for row in self.rows if row.kept is False)

    def to_dict(self) -> dict[str, Any]:
        """As `Report`, with the number of failures."""
        return {**super().to_dict(), "failed": len(self.failed), "different": len(self.different)}

    def to_pandas(self) -> Any:
        """The rows as a pandas.DataFrame. Raises InputError where pandas is not installed."""
        from octavox.codec.optional import optional_package

        return optional_package("pandas", "a data frame").DataFrame([row.to_dict() for row in self.rows])

    def _repr_html_(self) -> str:
        rows = [
            ("files", f"{len(self.rows):,}"),
            ("done before", f"{self.skipped:,}"),
            ("failed", f"{len(self.failed):,}"),
            ("bytes", f"{sum(row.input_bytes or 0 for row in self.rows):,}"),
            ("seconds", f"{self.wall_seconds:.2f} on {self.workers} workers"),
            ("table", self.csv),
        ]
        return html_table(f"BatchReport: {self.action}", rows)


def run_tasks(
    action: str,
    folder: str,
    make: Callable[[str, State], Sequence[Task]],
    codecs: Sequence[str],
    weights: bytes | None,
    how: How,
) -> BatchReport:
    """Does what is left of a batch.

    make: its tasks, from the name of the run and what is known of earlier ones. codecs: that will be used.
    weights: the bytes of the caller's own file. Raises InputError, CancelledError.
    """
    started = time.monotonic()
    check_packages()
    folder = os.path.abspath(folder)
    with run_in(folder) as run, contextlib.closing(State(folder)) as state:
        tasks = make(run, state)
        state.take_notes(tasks)
        rows: dict[str, BatchRow] = {}
        for task in tasks:
            how.cancel.raise_if_cancelled()
            if (row := state.finished(task)) is not None:
                rows[task.key] = row
        skipped, left = len(rows), [task for task in tasks if task.key not in rows]
        state.begin(left)
        count = 0
        try:
            if left:
                with _workers(len(left), how) as client:
                    count = await_workers(client, how.cancel, how.say)
                    if weights is not None:
                        send_weights(client, weights)
                    meter = _Meter(left, skipped, how)
                    for part in _in_order(left, codecs, how):
                        rows |= _work(Submission(client, how.retries, how.cancel), part, state, meter)
        finally:
            state.clear(left)
            tables = _write_tables(action, folder, state)
    own = tuple(rows[task.key] for task in tasks)
    seconds = time.monotonic() - started
    return BatchReport(action, folder, own, skipped, count, seconds, *tables, str(state.path))


@contextlib.contextmanager
def _workers(tasks: int, how: How) -> Iterator[Any]:
    """The workers that were asked for; of processes of this machine no more than there are tasks."""
    if isinstance(how.workers, str):
        with remote_workers(how.workers, how.say) as client:
            yield client
    else:
        with local_workers(min(tasks, thread_count(how.workers)), how.say) as client:
            yield client


def _in_order(left: Sequence[Task], codecs: Sequence[str], how: How) -> list[Sequence[Task]]:
    """The tasks in parts, one after the other. Where a codec was never used on this machine, the smallest
    one comes alone: it compiles the loops, which all processes would else do at once."""
    if isinstance(how.workers, str) or all(map(is_prepared, codecs)):
        return [left]
    how.say("the first use of a codec compiles it, which takes half a minute")
    first = min(left, key=lambda task: task.size)
    return [[first], [task for task in left if task is not first]]


def _work(submission: Submission, tasks: Sequence[Task], state: State, meter: _Meter) -> dict[str, BatchRow]:
    """Has tasks done; enters and tells what becomes of them. Their rows by their keys."""
    rows: dict[str, BatchRow] = {}
    waiting: list[tuple[Task, BatchRow]] = []
    entered = time.monotonic()
    meter.tell()
    try:
        for group in submission.run(tasks):
            found = [(task, _checked(task, row_of(values))) for task, values in group]
            waiting += found
            rows.update((task.key, row) for task, row in found)
            meter.count([row for _, row in found])
            if waiting and time.monotonic() - entered > ENTER_S:
                state.record(waiting)
                waiting, entered = [], time.monotonic()
            meter.tell()
    finally:
        state.record(waiting)
    return rows


def _checked(task: Task, row: BatchRow) -> BatchRow:
    """The row, unless the worker wrote a file that is not to be seen here."""
    if row.state != DONE or row.target_bytes is None:
        return row
    with contextlib.suppress(OSError):
        if os.stat(task.target).st_size == row.target_bytes:
            return row
    reason = f"{task.target} was written by the worker {row.worker} and is not there for the one that asked"
    return replace(row, state=FAILED, exit_code=2, error=f"{reason}; DIR has to lie on shared storage")


class _Meter:
    """Counts what is done."""

    def __init__(self, left: Sequence[Task], skipped: int, how: How) -> None:
        self._how, self._skipped, self._total = how, skipped, len(left)
        self._action = left[0].action
        self._bytes, self._all_bytes = 0, sum(task.size for task in left)
        self._done = self._failed = self._points = 0
        self._started = time.monotonic()

    def count(self, rows: Sequence[BatchRow]) -> None:
        """Adds rows that are final."""
        self._done += len(rows)
        self._failed += sum(row.state == FAILED for row in rows)
        self._points += sum(row.points or 0 for row in rows)
        self._bytes += sum(row.input_bytes or 0 for row in rows)

    def tell(self) -> None:
        """Calls the caller's function."""
        if self._how.progress is None:
            return
        seconds = time.monotonic() - self._started
        rest = self._all_bytes - self._bytes
        remaining = seconds * rest / self._bytes if self._bytes else None
        done, total = self._done + self._skipped, self._total + self._skipped
        self._how.progress(
            BatchProgress(
                self._action, done, total, self._failed, self._skipped, self._points, seconds, remaining
            )
        )


def _write_tables(action: str, folder: str, state: State) -> tuple[str, str]:
    """The rows of an action as CSV and Parquet; the names of the files."""
    rows = state.rows(action)
    csv, parquet = (str(Path(folder, f"{OWN}-{action}{suffix}")) for suffix in (".csv", ".parquet"))
    write_csv(csv, rows)
    write_parquet(parquet, rows)
    return csv, parquet
