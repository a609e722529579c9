"""Batches on a Dask scheduler and workers that were started as commands of their own."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from batch_clouds import OCTREE, make_clouds, octavox, process, wait_for
from sample_clouds import ROOT

import octavox as ov

CLOUDS = 6
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a scheduler with two workers, all on loopback, in a folder of their own."""
    folder = tmp_path_factory.mktemp("dask")
    told = folder / "scheduler.json"
    here = ("--host", "127.0.0.1", "--no-dashboard")
    with ExitStack() as processes:
        command = (sys.executable, "-m", "distributed.cli.dask_scheduler", *here, "--port", "0")
        processes.enter_context(process(*command, "--scheduler-file", told))
        wait_for(lambda: told.exists() and told.read_text().rstrip().endswith("}"))
        for k in range(2):
            place = ("--local-directory", folder / f"w{k}", "--nthreads", "1", "--scheduler-file", told)
            processes.enter_context(
                process(sys.executable, "-m", "distributed.cli.dask_worker", *here, *place)
            )
        yield json.loads(told.read_text())["address"]


def test_the_same_command_on_a_scheduler(scheduler: str, tmp_path: Path) -> None:
    make_clouds(tmp_path / "in", CLOUDS)
    words = ("batch", "encode", tmp_path / "in", "-o", tmp_path / "out", *OCTREE, "--scheduler", scheduler)
    done = octavox(*words, "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["failed"] == 0 and report["skipped"] == 0 and 1 <= report["workers"] <= 2
    for row in report["rows"]:
        data = ov.encode(row["input"], options=ov.CodecOptions(codec="octree")).data
        assert (tmp_path / "out" / row["target"]).read_bytes() == data
    assert json.loads(octavox(*words, "--json").stdout)["skipped"] == CLOUDS
    found = ov.verify_many(tmp_path / "in", tmp_path / "out", workers=scheduler)
    assert len(found.rows) == CLOUDS and all(row.identical for row in found.rows)


def test_weights_of_the_caller_travel_to_the_workers(
    scheduler: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their path means nothing to a worker, which runs in another folder."""
    shutil.copy(ROOT / "resources" / "weights" / "multiscale.safetensors", tmp_path / "own.safetensors")
    monkeypatch.chdir(tmp_path)
    make_clouds(tmp_path / "in", 2, points=300)
    options = ov.CodecOptions(codec="multiscale", weights="own.safetensors")
    report = ov.encode_many("in", "out", options=options, workers=scheduler)
    assert not report.failed, report.failed[0].error
    for row in report.rows:
        alone = ov.encode(row.input, options=options)
        assert row.weights_id == alone.report.weights_id
        assert (tmp_path / "out" / row.target).read_bytes() == alone.data
        assert len(json.loads(row.options)["weights"]) == 16
    assert ov.encode_many("in", "out", options=options, workers=scheduler).skipped == 2
    with pytest.raises(ov.WeightsError, match="cannot be read"):
        ov.encode_many("in", "out", options=ov.CodecOptions(weights="none"), workers=scheduler)


def test_a_scheduler_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("octavox.codec.batch.cluster.CONNECT_S", 1)
    make_clouds(tmp_path, 1, points=10)
    with pytest.raises(ov.InputError, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:9"):
        ov.encode_many(tmp_path / "c0.ply", tmp_path / "out", workers="tcp://127.0.0.1:9")
    assert [row.state for row in ov.read_batch(tmp_path / "out")] == ["pending"]
