"""The benchmark of formats: records that come back, and those that do not, are told apart."""

from __future__ import annotations

import lzma
import subprocess
import sys
from pathlib import Path

import numpy as np
from sample_clouds import ROOT

from bench.formats import differences, row
from octavox.codec import PointCloud, write_cloud


def test_a_folder_of_files_comes_back(tmp_path: Path) -> None:
    cloud = PointCloud(np.arange(12, dtype=np.float32).reshape(4, 3), attributes={"t": np.arange(4.0)})
    for suffix in (".ply", ".pcd", ".npy", ".las"):
        write_cloud(tmp_path / f"a{suffix}", cloud)
    (tmp_path / "b.ply.xz").write_bytes(lzma.compress((tmp_path / "a.ply").read_bytes()))
    (tmp_path / "README.md").write_text("no cloud")
    command = [sys.executable, str(ROOT / "bench" / "formats.py"), str(tmp_path), "-o", str(tmp_path / "out")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    lines = done.stdout.splitlines()[2:]
    assert len(lines) == 5
    assert all(line.endswith("| equal | equal |") for line in lines)


def test_every_difference_is_named(tmp_path: Path) -> None:
    columns = {"a": np.array([np.nan], np.float32), "b": np.zeros(1)}
    one = PointCloud(np.zeros((1, 3)), attributes=columns)
    other = PointCloud(np.array([[-0.0, 0, 0]]), attributes={"a": -columns["a"], "c": np.zeros(1)})
    assert set(differences(one, other)) == {"coordinates", "a", "b", "c"}
    write_cloud(tmp_path / "a.xyz", one)
    cells, same = row(tmp_path / "a.xyz", tmp_path)
    assert (cells[0], same) == ("a.xyz", True)
