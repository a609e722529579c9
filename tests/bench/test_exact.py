"""The matrix of exactness and the level of long runs: small ones, and faults that they find."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import numpy as np
import pytest
from sample_clouds import ROOT

from bench import crash_table, exact, exact_one, level
from bench.exact_cases import Case, cases, of_cloud, random_cases, sheet
from bench.random_clouds import KINDS, random_cloud
from octavox import codec


@pytest.mark.slow
@pytest.mark.parametrize("name", [exact.HERE, "generic"])
def test_a_small_matrix_has_no_difference(name: str) -> None:
    words = ["--codecs", "octree", "--small", "--clouds", "14", "--threads", "1", "2", "--devices", "cpu"]
    done = subprocess.run(
        [sys.executable, "-m", "bench.exact", *words, "--sets", name],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=290,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"| octree | random clouds | 14 | {14 * 4} |" in done.stdout
    assert done.stdout.endswith(f"{16 * 5} comparisons, 0 differences\n")


def test_what_differs_is_found(tmp_path) -> None:
    """A coder whose bytes depend on the number of threads, and one whose stream is of another cloud."""
    right = next(case for case in cases(("octree",), small=True) if case.stage == "records")

    def by_threads(options: codec.CodecOptions) -> bytes:
        return right.encode(options) if options.threads == 1 else other.encode(options)

    other = of_cloud("octree", "another", sheet(400))
    every = [right, Case("octree", "by threads", by_threads, right.proof)]
    found = exact_one.first(every, tmp_path)
    assert [row["differences"] for row in found] == [[], []]
    (tmp_path / "0.ovx").write_bytes(other.encode(codec.CodecOptions(codec="octree")))
    again = exact_one.again(every, tmp_path, [1, 2], ["cpu"])
    assert again[0]["differences"] == [f"case 0: {n} threads, cpu: another cloud" for n in (1, 2)]
    assert again[1]["differences"] == ["case 1: 2 threads, cpu: another stream"]
    table = exact.table({"first": found, "here": again})
    assert "| octree | records | 1 | 4, **2 differ** |" in table
    wrong = Case("octree", "wrong", right.encode, lambda data: False)
    assert exact_one.first([wrong], tmp_path)[0]["differences"]


def test_random_clouds_are_of_all_kinds_and_always_the_same() -> None:
    clouds = [random_cloud(k) for k in range(80)]
    types = {cloud.coords.dtype.str for cloud in clouds}
    assert {"<f4", "<f8", "|i1", "|u1", "<i2", "<u2", "<i4", "<u4", "<i8", "<u8"} <= types and len(KINDS) == 7
    assert any(len(cloud) == 0 for cloud in clouds) and any(len(cloud) == 1 for cloud in clouds)
    floats = [cloud.coords for cloud in clouds if cloud.coords.dtype.kind == "f" and len(cloud)]
    assert any(np.isnan(c).any() for c in floats) and any(np.isinf(c).any() for c in floats)
    for k in range(14):
        assert random_cloud(k).coords.tobytes() == clouds[k].coords.tobytes()
    assert {case.codec for case in random_cases(60, ("octree", "multiscale"))} == {"octree", "multiscale"}


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_memory_handles_and_threads_stay_level() -> None:
    script = "from bench import level; s = level.rounds(12, ['octree']); print(*level.growth(s))"
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=280,
        check=True,
    )
    memory, handles, threads = map(int, done.stdout.split())
    assert memory <= level.SLACK and handles == threads == 0


def test_growth_is_found() -> None:
    states = [level.State(k, 1000 + 50 * k, 5 + k // 6, 2) for k in range(12)]
    assert level.growth(states) == (50 * 9 - 50 * 2, 1, 0)


def test_the_page_is_that_of_the_results() -> None:
    assert crash_table.PAGE.read_text() == crash_table.page()
    for results in (exact.RESULTS, level.RESULTS):
        assert not results.exists() or json.loads(results.read_text())["machine"]
