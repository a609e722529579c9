"""Colours within a bound through the whole codec: what comes back, what is said of it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import ovx_columns
import pytest
from coloured_clouds import coloured
from hypothesis import given, settings
from hypothesis import strategies as st
from sample_clouds import ROOT

from octavox import codec
from octavox.codec import CodecOptions, InputError, PointCloud, VoxelCloud
from octavox.codec.color_loss import squared_yuv
from octavox.codec.color_match import match_within

OCTREE = CodecOptions(codec="octree", slices=2)
RGB = ("red", "green", "blue")


def reordered(cloud: PointCloud, rows: np.ndarray) -> PointCloud:
    return PointCloud(cloud.coords[rows], attributes={n: c[rows] for n, c in cloud.attributes.items()})


def errors(cloud: PointCloud, decoded: PointCloud) -> dict[str, int]:
    """Largest error of each property; no two points share a place."""
    a, b = (np.lexsort(one.coords.T) for one in (cloud, decoded))
    assert np.array_equal(cloud.coords[a], decoded.coords[b])
    return {
        name: int(np.abs(column[a].astype(np.int64) - decoded.attributes[name][b].astype(np.int64)).max())
        for name, column in cloud.attributes.items()
    }


@pytest.mark.parametrize("bound", [1, 2, 5, 30])
def test_what_comes_back_and_what_is_said(bound: int) -> None:
    cloud = coloured(label=np.arange(8100, dtype=np.int32) % 7)
    coded = codec.encode(cloud, options=OCTREE, color_error=bound)
    decoded = codec.decode(coded.data)
    found = errors(cloud, decoded.cloud)
    assert found["label"] == 0 and max(found[name] for name in RGB) == coded.report.color.largest <= bound
    assert coded.report.color_error == decoded.report.color_error == bound == coded.report.color.bound
    assert codec.info(coded.data).color_error == bound
    certificate = codec.verify(cloud, coded.data)
    assert certificate.kept and not certificate.identical and not certificate.dropped
    assert (certificate.missing, certificate.extra) == (0, 0)
    for name in ("largest", "psnr_y", "psnr_u", "psnr_v"):
        assert getattr(certificate.color, name) == pytest.approx(getattr(coded.report.color, name))
    words = codec.verdict(certificate)
    assert "but for their colours" in words and f"{certificate.color.largest}, with {bound} allowed" in words
    json.loads(certificate.to_json()), json.loads(coded.report.to_json())


def test_more_error_takes_fewer_bytes() -> None:
    cloud, sizes, psnr = coloured(150), [], []
    for bound in (0, 1, 2, 4, 8):
        coded = codec.encode(cloud, options=OCTREE, color_error=bound)
        sizes.append(sum(coded.report.components[name] for name in RGB))
        psnr.append(np.inf if bound == 0 else coded.report.color.psnr_y)
    assert all(b < 0.85 * a for a, b in zip(sizes, sizes[1:]))
    assert all(a > b for a, b in zip(psnr, psnr[1:]))


def test_psnr_is_that_of_bt709() -> None:
    """One component is off by one everywhere: the errors are its weights."""
    ours = np.full((50, 3), 100, np.uint8)
    for k, (y, u, v) in enumerate(
        [(0.2126, -0.1146, 0.5), (0.7152, -0.3854, -0.4542), (0.0722, 0.5, -0.0458)]
    ):
        theirs = ours.copy()
        theirs[:, k] += 1
        assert squared_yuv(ours, theirs) == pytest.approx([y * y, u * u, v * v], abs=1e-4)
    coded = codec.encode(coloured(), options=OCTREE, color_error=3)
    cloud, decoded = coloured(), codec.decode(coded.data).cloud
    ours, theirs = (
        np.stack([one.attributes[n][np.lexsort(one.coords.T)] for n in RGB], 1).astype(float)
        for one in (cloud, decoded)
    )
    luma = (ours - theirs) @ [0.2126, 0.7152, 0.0722]
    assert coded.report.color.psnr_y == pytest.approx(10 * np.log10(255**2 / (luma**2).mean()), abs=1e-9)


def test_another_file_does_not_keep_the_bound() -> None:
    cloud = coloured()
    data = codec.encode(cloud, options=OCTREE, color_error=2).data
    other = reordered(cloud, np.arange(len(cloud)))
    decoded = codec.decode(data).cloud
    row = 17
    place = int(np.flatnonzero((decoded.coords == other.coords[row]).all(axis=1))[0])
    other.attributes["green"][row] = decoded.attributes["green"][place] + 3
    certificate = codec.verify(other, data)
    assert not certificate.kept and (certificate.missing, certificate.extra) == (1, 1)
    other.attributes["green"][row] = decoded.attributes["green"][place] + 2
    assert codec.verify(other, data).kept
    moved = PointCloud(cloud.coords + np.int32([1, 0, 0]), attributes=dict(cloud.attributes))
    assert not codec.verify(moved, data).kept
    wide = cloud.attributes["red"].astype("u2")
    narrow = PointCloud(cloud.coords, attributes={**cloud.attributes, "red": wide})
    assert not codec.verify(narrow, data).kept


def test_order_of_the_file_does_not_matter_where_points_coincide() -> None:
    """Many points in few places, whose colours are paired anew."""
    rng = np.random.default_rng(5)
    coords = rng.integers(0, 3, (900, 3)).astype(np.int32)
    cloud = PointCloud(coords, attributes={n: rng.integers(0, 256, 900).astype(np.uint8) for n in RGB})
    data = codec.encode(cloud, options=OCTREE, color_error=4).data
    assert codec.verify(cloud, data).kept
    shuffled = reordered(cloud, rng.permutation(900))
    certificate = codec.verify(shuffled, data)
    assert certificate.kept and certificate.color.largest <= 4


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 1 << 30), st.integers(1, 9))
def test_pairs_are_found_wherever_there_are_any(seed: int, bound: int) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 60))
    places = rng.integers(0, 3, (n, 3)).astype(np.int32)
    ours = rng.integers(0, 40, (n, 3))
    theirs = np.clip(ours + rng.integers(-bound, bound + 1, (n, 3)), 0, 255)
    rows = rng.permutation(n)
    a, b = (
        PointCloud(xyz, attributes={name: c[:, k].astype(np.uint8) for k, name in enumerate(RGB)})
        for xyz, c in ((places, ours), (places[rows], theirs[rows]))
    )
    lost, added, loss = match_within(a, b, [], list(RGB), bound)
    assert (lost, added) == (0, 0) and loss.largest <= bound


def test_colours_of_other_kinds() -> None:
    """16-bit colours, grey, float colours and alpha: integers are within the bound, the rest is exact."""
    base = coloured()
    wide = {
        n: base.attributes[n].astype(np.uint16) * 257 + np.arange(8100, dtype=np.uint16) % 251 for n in RGB
    }
    cloud = PointCloud(base.coords, attributes={**wide, "alpha": base.attributes["red"]})
    coded = codec.encode(cloud, options=OCTREE, color_error=200)
    found = errors(cloud, codec.decode(coded.data).cloud)
    assert found["alpha"] == 0 and 0 < max(found[n] for n in RGB) <= 200
    assert coded.report.color.peak == 65535
    grey = PointCloud(base.coords, attributes=dict.fromkeys(RGB, base.attributes["red"]))
    coded = codec.encode(grey, options=OCTREE, color_error=3)
    decoded = codec.decode(coded.data).cloud
    assert max(errors(grey, decoded).values()) <= 3 and codec.verify(grey, coded.data).kept
    assert np.array_equal(decoded.attributes["red"], decoded.attributes["blue"])
    named = PointCloud(base.coords, attributes={**grey.attributes, "same as red": base.attributes["red"]})
    coded = codec.encode(named, options=OCTREE, color_error=3)
    found = errors(named, codec.decode(coded.data).cloud)
    assert found["same as red"] == 0 < found["red"] <= 3  # no colour: it is exact
    assert codec.verify(named, coded.data).kept
    floats = PointCloud(base.coords, attributes={n: base.attributes[n] / np.float32(255) for n in RGB})
    coded = codec.encode(floats, options=OCTREE, color_error=3)
    assert coded.report.color_error == 0 and coded.report.color is None
    assert codec.verify(floats, coded.data).identical


def test_voxels_have_colours_within_the_bound_of_their_mean() -> None:
    cloud = coloured()
    voxels = codec.voxelize(cloud, depth=6)[0]
    for source in (cloud, voxels):
        kept = {"depth": 6} if source is cloud else {}
        exact = codec.decode(codec.encode(source, options=OCTREE, **kept).data)
        coded = codec.encode(source, options=OCTREE, color_error=4, **kept)
        found = codec.decode(coded.data)
        assert np.array_equal(found.voxels.coords, exact.voxels.coords)
        for name in RGB:
            off = found.cloud.attributes[name].astype(int) - exact.cloud.attributes[name]
            assert 0 < np.abs(off).max() <= 4
        assert codec.verify(source, coded.data).kept
    assert isinstance(voxels, VoxelCloud)
    certificate = codec.verify(voxels, coded.data)
    assert not certificate.identical and not certificate.dropped and certificate.color.largest <= 4


def test_colours_that_happen_to_be_exact_are_called_so() -> None:
    flat = PointCloud(coloured().coords, attributes=dict.fromkeys(RGB, np.full(8100, 77, np.uint8)))
    coded = codec.encode(flat, options=OCTREE, color_error=9)
    assert codec.verify(flat, coded.data).identical


def test_what_cannot_be_asked_for(tmp_path: Path) -> None:
    for value in (-1, 1.5, "2", None):
        with pytest.raises(InputError, match="color error"):
            codec.encode(coloured(20), options=OCTREE, color_error=value)
    with pytest.raises(InputError, match="color error"):
        codec.encode(coloured(20), options=OCTREE, color_error=1 << 16)
    codec.write_cloud(tmp_path / "a.ply", coloured(20))
    with pytest.raises(InputError, match="byte for byte"):
        codec.encode(tmp_path / "a.ply", options=OCTREE, keep="file", color_error=1)


@pytest.mark.slow
def test_the_command_line(tmp_path: Path) -> None:
    cloud, stream = tmp_path / "a.ply", tmp_path / "a.ovx"
    codec.write_cloud(cloud, coloured(50))

    def run(*words: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(ROOT / "main.py"), *map(str, words)]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=250)

    said = run("encode", cloud, "-o", stream, "--codec", "octree", "--color-error", 2)
    assert said.returncode == 0 and "colours within 2" in said.stdout and "PSNR" in said.stdout
    assert "colours within 2" in run("info", stream).stdout
    done = run("verify", cloud, stream)
    assert done.returncode == 0 and "largest error 2" in done.stdout
    assert run("verify", cloud, stream, "--strict").returncode == 1
    codec.write_cloud(cloud, coloured(50, noise=4.0))
    assert run("verify", cloud, stream).returncode == 1


def test_compare_measures_colours_of_nearest_points(tmp_path: Path) -> None:
    cloud = coloured(40)
    coded = codec.encode(cloud, options=OCTREE, color_error=3)
    decoded = codec.decode(coded.data).cloud
    report = codec.compare(cloud, decoded).report
    assert report.identical and report.color is not None
    assert report.color.largest == coded.report.color.largest == 3
    for name in ("psnr_y", "psnr_u", "psnr_v"):
        assert getattr(report.color, name) == pytest.approx(getattr(coded.report.color, name))
    same = codec.compare(cloud, cloud).report.color
    assert (same.largest, same.psnr_y) == (0, None)
    assert codec.compare(cloud, PointCloud(cloud.coords)).report.color is None
    far = PointCloud(cloud.coords + np.int32([0, 0, 1]), attributes=dict(cloud.attributes))
    moved = codec.compare(cloud, far).report.color
    assert moved.largest > 0 and moved.peak == 255
    json.loads(codec.compare(cloud, far).report.to_json())
    twice = PointCloud(
        np.concatenate([cloud.coords, cloud.coords[:1]]),
        attributes={n: np.concatenate([c, c[:1] + np.uint8(2)]) for n, c in cloud.attributes.items()},
    )
    assert codec.compare(cloud, twice).report.color.largest == 1  # the mean of two
    codec.write_cloud(tmp_path / "a.ply", cloud)
    codec.write_cloud(tmp_path / "b.ply", decoded)
    command = [
        sys.executable,
        str(ROOT / "main.py"),
        "compare",
        str(tmp_path / "a.ply"),
        str(tmp_path / "b.ply"),
    ]
    said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=250).stdout
    assert "colours of nearest points: largest error 3, PSNR Y" in said


def test_a_reader_made_from_the_documents_finds_the_same() -> None:
    cloud = coloured(14, noise=9.0)
    data = codec.encode(cloud, options=OCTREE, color_error=3).data
    decoded = codec.decode(data)
    found = ovx_columns.records_of(data, decoded.voxels.coords.tolist())
    ours = [*decoded.cloud.coords.T, *(decoded.cloud.attributes[name] for name in RGB)]
    for mine, theirs in zip(ours, found, strict=True):
        assert np.array_equal(mine, theirs)
    assert ovx_columns.bounds_of(data) == {0: 3, 1: 3, 2: 3} == decoded.header.bounds
