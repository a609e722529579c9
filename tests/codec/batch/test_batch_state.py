"""The state of a batch: which run writes, what is done, what a killed worker leaves."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from octavox.codec.batch import state as states
from octavox.codec.batch.cluster import Submission
from octavox.codec.batch.rows import DONE, FAILED, PENDING, BatchRow
from octavox.codec.batch.state import State, file_digest, leave_note, run_in, running
from octavox.codec.batch.tasks import Choice, Task, choices_of
from octavox.codec.errors import InputError
from octavox.codec.job import CancelToken
from octavox.codec.options import CodecOptions


def task_of(folder: Path, name: str = "a", **changes: object) -> Task:
    made = Task(
        "encode",
        f"{name}.ply",
        f"/in/{name}.ply",
        10,
        20,
        str(folder / f"{name}.ovx"),
        Choice(),
        str(folder),
        "r",
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def done_row(task: Task) -> BatchRow:
    size, digest = file_digest(task.target)
    return BatchRow("encode", task.name, DONE, input=task.input, target_bytes=size, sha256=digest, points=3)


def test_one_run_at_a_time(tmp_path: Path) -> None:
    with run_in(str(tmp_path)) as run:
        assert running(str(tmp_path), run)
        with (
            pytest.raises(InputError, match="another batch is running in this folder"),
            run_in(str(tmp_path)),
        ):
            pass
        assert running(str(tmp_path), run)
    with run_in(str(tmp_path)) as later:
        assert later != run and not running(str(tmp_path), run)
    assert not running(str(tmp_path / "none"), later)


def test_a_task_is_done_until_something_that_it_depends_on_changes(tmp_path: Path) -> None:
    state, task = State(str(tmp_path)), task_of(tmp_path)
    assert state.finished(task) is None and not state.knows(task)
    state.begin([task])
    assert state.knows(task) and state.finished(task) is None
    Path(task.target).write_bytes(b"stream")
    state.record([(task, done_row(task))])
    assert state.finished(task) == done_row(task)
    high = Choice(CodecOptions(effort="high"))
    for other in (
        replace(task, size=11),
        replace(task, mtime_ns=21),
        replace(task, choice=high),
        replace(task, choice=Choice(kept={"depth": 9})),
        replace(task, choice=Choice(digest="00")),
        replace(task, action="decode"),
    ):
        assert state.finished(other) is None
    same = Choice(CodecOptions(threads=4, device="cpu", block_size=32))  # the bytes are the same
    assert state.finished(replace(task, choice=same)) is not None
    assert state.finished(replace(task, run="another")) is not None
    Path(task.target).write_bytes(b"strean")
    assert state.finished(task) is None
    Path(task.target).unlink()
    assert state.finished(task) is None
    state.close()


def test_another_release_does_the_work_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state, task = State(str(tmp_path)), task_of(tmp_path)
    Path(task.target).write_bytes(b"stream")
    state.record([(task, done_row(task))])
    assert state.finished(replace(task)) is not None
    monkeypatch.setattr("octavox.codec.batch.tasks.__version__", "99.0")
    assert state.finished(replace(task)) is None
    state.close()


def test_failures_are_tried_again(tmp_path: Path) -> None:
    state, task = State(str(tmp_path)), task_of(tmp_path)
    state.record([(task, BatchRow("encode", "a.ply", FAILED, error="no"))])
    assert state.finished(task) is None
    state.close()


def test_all_rows_keep_their_order(tmp_path: Path) -> None:
    state = State(str(tmp_path))
    tasks = [task_of(tmp_path, name) for name in "abc"]
    state.begin(tasks)
    state.record([(tasks[2], BatchRow("encode", "c.ply", DONE))])
    state.record([(tasks[0], BatchRow("encode", "a.ply", FAILED))])
    assert [(r.cloud, r.state) for r in state.rows("encode")] == [
        ("a.ply", FAILED),
        ("b.ply", PENDING),
        ("c.ply", DONE),
    ]
    assert state.rows("decode") == []
    state.close()


def test_what_workers_noted_is_taken_up_and_the_rest_cleared_away(tmp_path: Path) -> None:
    state, task, other = State(str(tmp_path)), task_of(tmp_path), task_of(tmp_path, "b")
    with run_in(str(tmp_path)):
        Path(task.target).write_bytes(b"stream")
        leave_note(str(tmp_path), task.key, done_row(task).to_dict())
        work = tmp_path / states.WORK
        (work / f"{other.key}.json").write_text('{"action": "enc')
        (work / ("0" * 64 + ".json")).write_text(json.dumps({"action": "encode", "cloud": "z"}))
        (work / f"{other.key}.half").write_text("{")
        for name in (".octavox-0123456789abcdef.tmp", ".z.ovx.k3j_x1.tmp", "a.ovx.tmp"):
            (tmp_path / name).write_bytes(b"half")
        state.take_notes([task, other])
        assert state.finished(task) == done_row(task)
        assert state.finished(other) is None
        assert sorted(p.name for p in work.iterdir()) == ["lock", "run"]
    left = sorted(p.name for p in tmp_path.iterdir() if p.name.endswith(".tmp"))
    assert left == [".z.ovx.k3j_x1.tmp", "a.ovx.tmp"]  # not ours
    state.close()


def test_other_files_under_its_name_are_told(tmp_path: Path) -> None:
    (tmp_path / "octavox-batch.sqlite").write_bytes(b"nonsense, and nothing else. " * 9)
    with pytest.raises(InputError, match="cannot be used"):
        State(str(tmp_path))
    (tmp_path / "octavox-batch.sqlite").unlink()
    with sqlite3.connect(tmp_path / "octavox-batch.sqlite") as base:
        base.execute("CREATE TABLE mine (x)")
    base.close()
    with pytest.raises(InputError, match="no state of a batch"):
        State(str(tmp_path))


def test_the_table_can_be_read_while_a_run_writes(tmp_path: Path) -> None:
    from octavox.codec.batch.rows import read_batch

    state = State(str(tmp_path))
    state.begin([task_of(tmp_path)])
    assert [row.cloud for row in read_batch(tmp_path)] == ["a.ply"]
    state.close()


def test_combinations_of_options() -> None:
    found = choices_of(CodecOptions(), {}, {"codec": ["octree", "voxeldnn"], "effort": ["normal", "high"]})
    assert [(c.options.codec, c.told("bench")) for c in found] == [
        ("octree", {}),
        ("octree", {"effort": "high"}),
        ("voxeldnn", {}),  # which has no effort
    ]
    (one,) = choices_of(CodecOptions(codec="octree"), {"depth": 7}, {})
    assert one.kept["depth"] == 7 and one.told("bench") == {"depth": 7}
    assert len(choices_of(CodecOptions(), {}, {"drop_levels": [0, 1, 1]})) == 2
    for vary in ({"speed": [1]}, {"weights": ["x"]}, {"codec": ["none"]}, {"drop_levels": ["x"]}):
        with pytest.raises(InputError):
            choices_of(CodecOptions(), {}, vary)


class LateFuture:
    """Stands for a future whose worker stands still with the result: it arrives at the third look."""

    status = "finished"

    def __init__(self, key: str) -> None:
        self.key, self.looks = key, 0

    def add_done_callback(self, call: Callable[[LateFuture], None]) -> None:
        call(self)

    def result(self, timeout: float) -> dict[str, object]:
        assert timeout < 10  # without one, the whole batch would wait for that worker
        self.looks += 1
        if self.looks < 3:
            raise TimeoutError
        return {"state": "done"}


class OneWorker:
    """Stands for a Dask client."""

    status = "running"

    def nthreads(self) -> dict[str, int]:
        return {"tcp://worker": 1}

    def submit(self, work: object, message: object, key: str, pure: bool) -> LateFuture:
        return LateFuture(key)


def test_a_worker_that_stands_still_does_not_stop_the_others(tmp_path: Path) -> None:
    tasks = [task_of(tmp_path, name) for name in "abc"]
    submission = Submission(OneWorker(), 0, CancelToken())
    groups = list(submission.run(tasks))
    assert [] in groups  # the caller was asked meanwhile
    assert {task.name for group in groups for task, _ in group} == {"a.ply", "b.ply", "c.ply"}
    assert all(values["state"] == "done" and values["tries"] == 1 for group in groups for _, values in group)
