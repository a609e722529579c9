"""Batches on processes of this machine: every action, what resumes, and processes that are killed."""

from __future__ import annotations

import json
import multiprocessing
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
from batch_clouds import OCTREE, make_clouds, octavox, process, wait_for
from sample_clouds import ROOT

import octavox as ov
from octavox.codec.batch.state import WORK, run_in

CODED = ov.CodecOptions(codec="octree")
CLOUDS = 12
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def clouds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with CLOUDS clouds, the last one in a folder inside it."""
    folder = tmp_path_factory.mktemp("clouds")
    files = make_clouds(folder, CLOUDS)
    (folder / "deep").mkdir()
    files[-1].rename(folder / "deep" / files[-1].name)
    return folder


@pytest.fixture(scope="module")
def coded(clouds: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ov.BatchReport]:
    """The folder of a batch that encoded them, and its report."""
    folder = tmp_path_factory.mktemp("coded")
    return folder, ov.encode_many(clouds, folder, options=CODED, workers=2)


def left_over(folder: Path) -> list[str]:
    """Files that are no result of a batch."""
    return [p.name for p in folder.rglob("*") if p.name.endswith((".tmp", ".half")) or p.parent.name == WORK]


def test_each_stream_is_what_one_call_gives(clouds: Path, coded: tuple[Path, ov.BatchReport]) -> None:
    folder, report = coded
    assert len(report.rows) == CLOUDS and not report.failed and report.skipped == 0 and report.workers == 2
    assert report.rows[-1].cloud == f"deep/c{CLOUDS - 1}.ply"
    for row in report.rows:
        stream = folder / row.target
        alone = ov.encode(row.input, options=CODED)
        assert stream.read_bytes() == alone.data
        assert (row.bytes, row.points) == (len(alone.data), alone.report.input_points)
        assert row.bpp == 8 * len(alone.data) / alone.report.input_points
        assert (row.state, row.codec, row.level, row.tries) == ("done", "octree", "records", 1)
        assert row.encode_seconds > 0 and row.task_seconds > row.encode_seconds
    assert len({row.worker for row in report.rows}) == 2
    assert ov.read_batch(folder) == ov.read_batch(report.csv) == ov.read_batch(report.parquet) == report.rows
    assert sorted(left_over(folder)) == ["lock", "run"]


def test_a_second_run_does_what_changed_and_nothing_else(
    clouds: Path, coded: tuple[Path, ov.BatchReport], tmp_path: Path
) -> None:
    own, folder = tmp_path / "in", tmp_path / "out"
    shutil.copytree(clouds, own)
    first = ov.encode_many(own, folder, options=CODED, workers=1)
    assert first.skipped == 0 and not first.failed
    again = ov.encode_many(own, folder, options=CODED, workers=1)
    assert again.skipped == CLOUDS and again.workers == 0 and again.rows == first.rows

    shutil.copy(own / "c1.ply", own / "c0.ply")
    (folder / "c2.ovx").write_bytes(b"")
    (folder / "c3.ovx").unlink()
    os.utime(own / "c4.ply", ns=(1, 1))
    third = ov.encode_many(own, folder, options=CODED, workers=1)
    changed = {
        r.cloud for r, before in zip(third.rows, first.rows, strict=True) if r.finished != before.finished
    }
    assert third.skipped == CLOUDS - 4 and changed <= {"c0.ply", "c2.ply", "c3.ply", "c4.ply"}
    assert (folder / "c0.ovx").read_bytes() == (folder / "c1.ovx").read_bytes()
    assert (folder / "c2.ovx").read_bytes() == ov.encode(own / "c2.ply", options=CODED).data

    other = ov.encode_many(own, folder, options=CODED, workers=1, drop_levels=1.0)
    assert other.skipped == 0 and {row.level for row in other.rows} == {"lossy"}
    assert all(
        row.d1_psnr_db is not None and json.loads(row.options) == {"drop_levels": 1.0} for row in other.rows
    )


def test_files_come_back_and_are_verified(
    clouds: Path, coded: tuple[Path, ov.BatchReport], tmp_path: Path
) -> None:
    folder, _ = coded
    checked = ov.verify_many(clouds, folder, workers=2)
    assert not checked.failed and all(row.identical and row.kept for row in checked.rows)
    back = ov.decode_many([folder], tmp_path / "back", workers=2)
    assert not back.failed and (tmp_path / "back" / "deep" / f"c{CLOUDS - 1}.ply").is_file()
    for row in back.rows:
        assert ov.verify(tmp_path / "back" / row.target, folder / row.cloud).identical
    damaged = tmp_path / "damaged"
    shutil.copytree(folder, damaged, ignore=shutil.ignore_patterns(WORK))
    shutil.copy(damaged / "c1.ovx", damaged / "c0.ovx")
    (damaged / "c2.ovx").write_bytes(b"nonsense")
    (damaged / "c3.ovx").unlink()
    found = ov.verify_many(clouds, damaged, workers=1)
    assert found.skipped == CLOUDS - 3  # the same streams of the same files
    assert [row.cloud for row in found.different] == ["c0.ply"] and "DIFFERENT" in found.different[0].notes
    assert [row.cloud for row in found.failed] == ["c2.ply", "c3.ply"]


def test_archives_come_back_under_their_ending(clouds: Path, tmp_path: Path) -> None:
    ov.write_cloud(tmp_path / "a.xyz", ov.PointCloud([[0.5, 1, 2], [3, 4, 5]]))
    shutil.copy(clouds / "c0.ply", tmp_path / "b.ply")
    ov.encode_many(
        [tmp_path / "a.xyz", tmp_path / "b.ply"], tmp_path / "s", options=CODED, workers=1, keep="file"
    )
    report = ov.decode_many(tmp_path / "s" / "*.ovx", tmp_path / "back", workers=1)
    for row, name in zip(report.rows, ("a.xyz", "b.ply"), strict=True):
        assert (
            row.target == name and (tmp_path / "back" / name).read_bytes() == (tmp_path / name).read_bytes()
        )
    as_las = ov.decode_many(tmp_path / "s" / "b.ovx", tmp_path / "las", to="las", workers=1)
    assert (tmp_path / "las" / as_las.rows[0].target).read_bytes().startswith(b"LASF")


def test_no_file_of_somebody_else_is_replaced(clouds: Path, tmp_path: Path) -> None:
    shutil.copy(clouds / "c0.ply", tmp_path / "a.ply")
    (tmp_path / "a.ovx").write_bytes(b"Dear diary")
    before = (tmp_path / "a.ply").read_bytes()
    with pytest.raises(ov.InputError, match="exists and is not an Octavox bitstream"):
        ov.encode_many(tmp_path / "a.ply", tmp_path, options=CODED, workers=1)
    ov.encode_many(tmp_path / "a.ply", tmp_path, options=CODED, workers=1, force=True)
    with pytest.raises(ov.InputError, match="no batch wrote it"):
        ov.decode_many(tmp_path / "a.ovx", tmp_path, workers=1)
    assert (tmp_path / "a.ply").read_bytes() == before
    for _ in range(2):
        assert not ov.decode_many(tmp_path / "a.ovx", tmp_path / "d", workers=1).failed
    (tmp_path / "d" / "a.ply").write_bytes(b"half")  # that a batch wrote
    assert ov.decode_many(tmp_path / "a.ovx", tmp_path / "d", workers=1).skipped == 0
    assert ov.verify(tmp_path / "d" / "a.ply", tmp_path / "a.ovx").kept


def test_a_benchmark_gives_a_row_for_each_choice(clouds: Path, tmp_path: Path) -> None:
    vary = {"codec": ["octree"], "drop_levels": [0, 1.0]}
    files = [clouds / "c0.ply", clouds / "c1.ply"]
    report = ov.bench_many(files, tmp_path, vary=vary, workers=1)
    assert [(r.cloud, json.loads(r.options).get("drop_levels", 0)) for r in report.rows] == [
        ("c0.ply", 0),
        ("c0.ply", 1.0),
        ("c1.ply", 0),
        ("c1.ply", 1.0),
    ]
    assert [r.identical for r in report.rows] == [True, False, True, False]
    assert all(r.kept and r.decode_seconds > 0 and r.bytes and not r.target for r in report.rows)
    assert report.rows[1].bytes == len(ov.encode(files[0], options=CODED, drop_levels=1.0).data)
    assert not list(tmp_path.glob("*.ovx"))
    assert ov.bench_many(files, tmp_path, vary=vary, workers=1).skipped == 4
    more = ov.bench_many(files[0], tmp_path, options=CODED, workers=1, drop_levels=2.0)
    assert more.skipped == 0 and len(ov.read_batch(more.csv)) == 5


def test_two_runs_at_once_in_one_folder(clouds: Path, tmp_path: Path) -> None:
    with run_in(str(tmp_path)), pytest.raises(ov.InputError, match="another batch is running"):
        ov.encode_many(clouds, tmp_path, options=CODED, workers=1)
    assert not list(tmp_path.glob("*.ovx"))


def test_a_cancelled_run_goes_on(clouds: Path, tmp_path: Path) -> None:
    token = ov.CancelToken()

    def soon(step: ov.BatchProgress) -> None:
        if step.done >= 3:
            token.cancel()

    with pytest.raises(ov.CancelledError):
        ov.encode_many(clouds, tmp_path, options=CODED, workers=1, progress=soon, cancel=token)
    done = [row for row in ov.read_batch(tmp_path) if row.state == "done"]
    assert 3 <= len(done) < CLOUDS and len(ov.read_batch(tmp_path / "octavox-batch-encode.csv")) == CLOUDS
    assert ov.encode_many(clouds, tmp_path, options=CODED, workers=1).skipped >= len(done)


class KillOneWorker:
    """Stops one of the workers when something is done, and kills it when all others have nothing to do."""

    def __init__(self) -> None:
        self.pid, self._done, self._since = 0, -1, 0.0

    def __call__(self, step: ov.BatchProgress) -> None:
        if step.done != self._done:
            self._done, self._since = step.done, time.monotonic()
        if step.done and not self.pid:
            workers = [p.pid for p in multiprocessing.active_children() if p.pid]
            assert len(workers) == 2
            self.pid = workers[0]
            os.kill(self.pid, signal.SIGSTOP)
        elif self.pid > 0 and step.done < step.total and time.monotonic() - self._since > 3:
            os.kill(self.pid, signal.SIGKILL)
            self.pid = -1


@pytest.mark.skipif(sys.platform == "win32", reason="needs signals")
@pytest.mark.parametrize("retries", [2, 0])
def test_a_worker_that_is_killed(clouds: Path, tmp_path: Path, retries: int) -> None:
    kill = KillOneWorker()
    report = ov.encode_many(clouds, tmp_path, options=CODED, workers=2, retries=retries, progress=kill)
    assert kill.pid == -1
    lost = [row for row in report.rows if row.tries > 1] if retries else list(report.failed)
    assert 1 <= len(lost) <= 2
    if retries:
        assert not report.failed
    else:
        assert all("the process that worked on this file ended" in row.error for row in lost)
        assert ov.encode_many(clouds, tmp_path, options=CODED, workers=1).skipped == CLOUDS - len(lost)
    for row in report.rows:
        assert (tmp_path / f"{Path(row.cloud).with_suffix('.ovx')}").read_bytes() == ov.encode(
            row.input, options=CODED
        ).data
    assert sorted(left_over(tmp_path)) == ["lock", "run"]


def gone(processes: list[psutil.Process]) -> Callable[[], bool]:
    def look() -> bool:
        return not any(p.is_running() and p.status() != psutil.STATUS_ZOMBIE for p in processes)

    return look


@pytest.mark.skipif(sys.platform == "win32", reason="needs signals")
def test_a_client_that_is_killed_loses_no_finished_file(tmp_path: Path) -> None:
    make_clouds(tmp_path / "in", 40)
    folder = tmp_path / "out"
    command = [sys.executable, ROOT / "main.py", "batch", "encode", tmp_path / "in", "-o", folder, *OCTREE]
    with process(*command, "--workers", "2") as client:
        wait_for(lambda: len(list(folder.glob("*.ovx"))) > 2)
        children = psutil.Process(client.pid).children(recursive=True)
        client.kill()
        wait_for(gone(children))
    finished = {path.name: path.read_bytes() for path in folder.glob("*.ovx")}
    assert 2 < len(finished) < 40
    for name, data in finished.items():
        assert data == ov.encode(tmp_path / "in" / Path(name).with_suffix(".ply"), options=CODED).data
    done = octavox("batch", "encode", tmp_path / "in", "-o", folder, *OCTREE, "--workers", "2", "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["skipped"] == len(finished) and report["failed"] == 0
    assert len(list(folder.glob("*.ovx"))) == 40 and sorted(left_over(folder)) == ["lock", "run"]


def test_the_notebook_runs(tmp_path: Path) -> None:
    cells = json.loads((ROOT / "docs" / "notebooks" / "batch.ipynb").read_text("utf-8"))["cells"]
    names: dict[str, Any] = {}
    for cell in cells:
        if cell["cell_type"] == "code":
            exec("".join(cell["source"]), names)
    assert names["report"].skipped == 6 and len(names["report"].rows) == 7
    assert len(names["checked"].rows) == 7 and not names["checked"].different
    assert len(names["rows"]) == len(names["frame"]) == 14
    shutil.rmtree(names["folder"])


@pytest.mark.skipif(sys.platform == "win32", reason="needs signals")
def test_an_interrupt_is_one_message_and_the_command_goes_on(tmp_path: Path) -> None:
    make_clouds(tmp_path / "in", 40)
    folder = tmp_path / "out"
    words = ("batch", "encode", tmp_path / "in", "-o", folder, *OCTREE, "--workers", "2")
    with process(sys.executable, ROOT / "main.py", *words, session=True) as client:
        wait_for(lambda: len(list(folder.glob("*.ovx"))) > 2)
        os.killpg(client.pid, signal.SIGINT)  # as a terminal does
        said, _ = client.communicate(timeout=120)
    assert client.returncode == 130
    assert said.splitlines()[-2:] == [
        "octavox: the same command goes on from here",
        "octavox: error: cancelled",
    ]
    assert "Traceback" not in said
    finished = len(list(folder.glob("*.ovx")))
    done = octavox(*words)
    assert done.returncode == 0 and f"{finished} of them before, and unchanged" in done.stdout


def test_failures_are_told_at_the_end_and_end_nothing(clouds: Path, tmp_path: Path) -> None:
    shutil.copytree(clouds, tmp_path / "in")
    (tmp_path / "in" / "bad.ply").write_bytes(b"ply\nnonsense\n")
    done = octavox("batch", "encode", tmp_path / "in", "-o", tmp_path / "out", *OCTREE, "--workers", "2")
    assert done.returncode == 2
    assert f"{CLOUDS} of {CLOUDS + 1} files done, 1 failed" in done.stdout
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"octavox: error: {tmp_path / 'in' / 'bad.ply'}: ")
    rows = {row.cloud: row for row in ov.read_batch(tmp_path / "out")}
    assert rows["bad.ply"].state == "failed" and rows["bad.ply"].error in line
    assert not (tmp_path / "out" / "bad.ovx").exists()
    shutil.copy(clouds / "c0.ply", tmp_path / "in" / "bad.ply")
    done = octavox(
        "batch", "encode", tmp_path / "in", "-o", tmp_path / "out", *OCTREE, "--workers", "1", "-v"
    )
    assert done.returncode == 0 and f"{CLOUDS} of them before, and unchanged" in done.stdout
    done = octavox("batch", "verify", tmp_path / "in", "-o", tmp_path / "out", "--workers", "1")
    assert done.returncode == 0
    shutil.copy(tmp_path / "out" / "c1.ovx", tmp_path / "out" / "bad.ovx")
    done = octavox("batch", "verify", tmp_path / "in", "-o", tmp_path / "out", "--workers", "1")
    assert done.returncode == 1 and "1 different" in done.stdout and "bad.ply: DIFFERENT" in done.stderr
