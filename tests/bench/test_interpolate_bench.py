"""The benchmark of interpolated frames: its rows are what the library gives, its table what they say."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from bench import interpolate
from octavox import codec


def bar(k: int) -> codec.PointCloud:
    """A frame: a flat part that stays, and one that moves and grows."""
    x, y = (v.ravel() for v in np.meshgrid(np.arange(24), np.arange(24)))
    moving = np.stack([x + 3 * k, y, 20 + x * k // 12], 1)
    return codec.PointCloud(np.concatenate([np.stack([x, y, 0 * x], 1), moving]).astype(np.float32))


def test_three_frames_in_a_row() -> None:
    names = ["a_f00_vox6", "a_f01_vox6", "a_f02_vox6", "a_f04_vox6", "b_f1", "b_f2", "b_f3", "c", "d_f7"]
    found = interpolate.triples([Path(f"{name}.ply") for name in names])
    assert [[p.stem for p in three] for three in found] == [names[:3], names[4:7]]


@pytest.mark.slow
def test_benchmark_end_to_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for k in range(3):
        codec.write_ply(tmp_path / f"bar_f0{k}.ply", bar(k))
    monkeypatch.setattr(sys, "argv", ["interpolate.py", str(tmp_path), "-o", str(tmp_path / "out")])
    assert interpolate.main() == 0
    (row,) = json.loads((tmp_path / "out" / "interpolate.json").read_text())["frames"]
    a, truth, b = (codec.VoxelCloud.from_coords(bar(k).coords.astype(int), depth=5) for k in range(3))
    half = codec.interpolate(a, b)

    def psnr(other: codec.VoxelCloud) -> float | None:
        points = codec.PointCloud(other.coords)
        return codec.compare(codec.PointCloud(truth.coords), points, peak=31.0).report.d1.psnr

    assert row["frame"] == "bar_f01" and row["points"] == len(truth) and row["count"] == len(half.cloud)
    for name, cloud in (("a", a), ("b", b), ("found", half.cloud)):
        assert row[name] == pytest.approx(psnr(cloud))
    assert (row["shared"], row["motion"]) == (half.report.shared, pytest.approx(half.report.motion_mean))
    text = (tmp_path / "out" / "benchmarks.md").read_text()
    gain = row["found"] - max(row["a"], row["b"])
    assert f"| {row['found']:.2f} | {gain:.2f} | {row['motion']:.1f} |" in text and "**mean**" in text
