"""Small clouds for batches, and batches in processes of their own, which tests can end."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from sample_clouds import ROOT

import octavox as ov

OCTREE = ("--codec", "octree")


def make_clouds(folder: Path, count: int, points: int = 2000) -> list[Path]:
    """Noisy spheres on a lattice, as PLY files c0.ply, c1.ply, ... of which each is another one."""
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for k in range(count):
        around = np.random.default_rng(k).normal(size=(points, 3))
        around *= (50 + k) / np.linalg.norm(around, axis=1)[:, None]
        files.append(folder / f"c{k}.ply")
        ov.write_cloud(files[-1], ov.PointCloud(np.round(around).astype(np.int16)))
    return files


def octavox(*words: object) -> subprocess.CompletedProcess[str]:
    """A command line, run to its end."""
    command = [sys.executable, str(ROOT / "main.py"), *map(str, words)]
    done = subprocess.run(
        command, env=environment(), capture_output=True, text=True, timeout=250, check=False
    )
    return done


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests' / 'support'}"}


@contextmanager
def process(*command: object, session: bool = False) -> Iterator[subprocess.Popen[str]]:
    """A process that is ended with the block. Its output goes to a pipe. session: it leads one of its own."""
    started = subprocess.Popen(
        [str(word) for word in command],
        env=environment(),
        start_new_session=session,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield started
    finally:
        started.kill()
        started.communicate()


def wait_for(happens: Callable[[], bool], seconds: float = 120) -> None:
    """Returns when something happens. Fails where it does not."""
    end = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)
