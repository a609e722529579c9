"""What encode says of voxels where the coordinates of a cloud lie on no lattice."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from sample_clouds import SAMPLE

from bench.generated_files import flight
from octavox import codec
from octavox.codec import CodecOptions, PointCloud
from octavox.codec.cli.main import main

OCTREE = CodecOptions(codec="octree")
RNG = np.random.default_rng(11)
SURFACE = RNG.normal(size=(4000, 3))
SURFACE /= np.linalg.norm(SURFACE, axis=1, keepdims=True)
LARGE = RNG.normal(size=(120_000, 3))  # more voxels than the hint looks at
LARGE = 9 * LARGE / np.linalg.norm(LARGE, axis=1, keepdims=True) + RNG.normal(0, 0.01, LARGE.shape)
COLORS = (np.abs(SURFACE) * 255).astype(np.uint8)


@pytest.mark.parametrize("cloud", [PointCloud(SURFACE), PointCloud(SURFACE, COLORS), PointCloud(LARGE)])
def test_the_hint_is_what_voxels_take(cloud: PointCloud) -> None:
    hint = codec.encode(cloud, options=OCTREE).report.hint
    assert hint is not None
    voxels = codec.encode(cloud, options=OCTREE, keep="voxels", depth=hint.depth).report
    done = voxels.voxelization
    assert done is not None
    assert (hint.moved_mean, hint.moved_max, hint.merged) == (done.moved_mean, done.moved_max, done.merged)
    assert 0.85 * voxels.bytes < hint.bytes < 1.15 * voxels.bytes  # "about"


@pytest.mark.parametrize(
    "cloud",
    [
        PointCloud(np.round(SURFACE, 3)),
        PointCloud((SURFACE * 1000).astype(np.int32)),
        PointCloud(np.full((5, 3), np.nan)),
        PointCloud((SURFACE * 1e15).astype(np.int64)),
    ],
)
def test_on_a_lattice_there_is_no_hint(cloud: PointCloud) -> None:
    assert codec.encode(cloud, options=OCTREE).report.hint is None


def test_who_asks_for_voxels_or_a_file_gets_no_hint(tmp_path: Path) -> None:
    path = tmp_path / "a.ply"
    codec.write_cloud(path, PointCloud(SURFACE))
    for keep in ("voxels", "file"):
        assert codec.encode(path, options=OCTREE, keep=keep).report.hint is None


def test_a_scan_is_told_what_its_archive_would_take(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = flight(tmp_path, 20_000)
    assert main(["encode", str(path), "--codec", "octree"]) == 0
    records = path.with_suffix(".ovx").stat().st_size
    found = re.search(
        r"\(--archive\), it would take about ([\d,]+) bytes, (\d+)% of", capsys.readouterr().out
    )
    assert found is not None
    size = int(found[1].replace(",", ""))
    archive = len(codec.encode(path, options=OCTREE, keep="file").data)
    assert 0.9 * archive < size < 1.1 * archive and archive < 0.8 * records
    cloud = codec.read_cloud(path)
    cloud.source = None  # from no file
    assert codec.encode(cloud, options=OCTREE).report.archive_hint is None


def test_a_dense_cloud_has_no_better_archive() -> None:
    assert codec.encode(SAMPLE, options=OCTREE).report.archive_hint is None


def test_the_command_line_says_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.ply"
    codec.write_cloud(path, PointCloud(SURFACE))
    assert main(["encode", str(path), "--codec", "octree"]) == 0
    text = capsys.readouterr().out
    found = re.search(r"--keep voxels --depth (\d+) would take about ([\d,]+) bytes, (\d+)% of this", text)
    assert found is not None
    depth, size = found[1], int(found[2].replace(",", ""))
    assert main(["encode", str(path), "--codec", "octree", "--keep", "voxels", "--depth", depth]) == 0
    made = path.with_suffix(".ovx").stat().st_size
    assert 0.85 * made < size < 1.15 * made
