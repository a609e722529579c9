"""Killed jobs do no harm, and one that does is found."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from sample_clouds import ROOT

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs signals")
IN_PLACE = """
import os
from bench.kill_jobs import Job
from bench.kills import run

def prepare(folder):
    (folder / "target").write_bytes(b"old")

def work(folder):
    with open(folder / "target", "wb") as file:
        file.write(b"half of ")
        file.flush()
        (folder / "left over").mkdir(exist_ok=True)
        file.write(b"it")
    return 0

done = run([Job("in place", prepare, work, ("target",))], 8, 1)["in place"]
assert any("neither the old file nor the new one" in fault for fault in done.faults), done
assert any("the next run leaves left over" in fault for fault in done.faults), done
"""


def python(*words: str) -> subprocess.CompletedProcess[str]:
    """In a process of its own: kills fork it, and here are threads."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, *words]
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=280, check=False
    )


@pytest.mark.slow
@pytest.mark.parametrize("jobs", [("encode", "append"), ("decode", "export"), ("autosave", "pipe")])
def test_kills_do_no_harm(jobs: tuple[str, ...]) -> None:
    done = python("-m", "bench.kills", "--kills", "4", "--seed", "3", "--jobs", *jobs)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith("8 kills, 0 faults\n")
    assert [line.split(":")[0] for line in done.stdout.splitlines()[:2]] == sorted(jobs, key=ORDER.index)


ORDER = ["encode", "decode", "append", "pipe", "export", "autosave"]


def test_a_job_that_does_harm_is_found() -> None:
    done = python("-c", IN_PLACE)
    assert done.returncode == 0, done.stdout + done.stderr
