"""Targets of lossy coding: bits a point, PSNR, largest error, on the points of the source."""

from __future__ import annotations

import math
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from sample_clouds import make_sphere

import octavox as ov

OCTREE = ov.CodecOptions(codec="octree", slices=1)
SCALE = 0.25


@pytest.fixture(scope="module")
def sphere() -> ov.PointCloud:
    """A sphere's surface whose points lie SCALE apart."""
    return ov.PointCloud(make_sphere(6, 20.0).coords * np.float64(SCALE))


@pytest.fixture(scope="module")
def rough() -> ov.PointCloud:
    """A sphere's surface off any lattice."""
    rng = np.random.default_rng(3)
    points = rng.normal(size=(4000, 3))
    return ov.PointCloud(10.0 * points / np.linalg.norm(points, axis=1, keepdims=True))


def errors(a: ov.PointCloud, b: ov.PointCloud) -> tuple[float, float]:
    """Mean squared error, the worse of both directions, and Hausdorff distance."""
    ours, theirs = (np.asarray(cloud.positions, np.float64) for cloud in (a, b))
    pairs = [
        np.array([math.sqrt(((there - point) ** 2).sum(axis=1).min()) for point in here])
        for here, there in ((ours, theirs), (theirs, ours))
    ]
    return max(float((d**2).mean()) for d in pairs), max(float(d.max()) for d in pairs)


def psnr(mse: float, depth: int, step: float) -> float:
    return 10 * math.log10(3 * (((1 << depth) - 1) * step) ** 2 / mse)


@pytest.mark.parametrize("wanted", [1.0, 0.6])
def test_bits_a_point(sphere: ov.PointCloud, wanted: float) -> None:
    result = ov.encode(sphere, options=OCTREE, bpp=wanted)
    found = result.report.target
    assert found is not None
    assert 8 * len(result.data) / len(sphere) == found.bpp == found.reached <= wanted
    less = ov.encode(sphere, options=OCTREE, drop_levels=found.drop_levels - 1 / 32)
    assert 8 * len(less.data) / len(sphere) > wanted


@pytest.mark.parametrize("wanted", [50.0, 42.5])
def test_psnr_of_the_points(sphere: ov.PointCloud, wanted: float) -> None:
    result = ov.encode(sphere, options=OCTREE, psnr=wanted)
    found, back = result.report.target, ov.decode(result.data)
    assert found is not None and found.d1_psnr is not None and result.report.level == "lossy"
    mse, far = errors(sphere, back.cloud)
    assert psnr(mse, 6, SCALE) == pytest.approx(found.d1_psnr, rel=1e-9)
    assert (found.reached, found.hausdorff) == (found.d1_psnr, pytest.approx(far, rel=1e-12))
    assert found.d1_psnr >= wanted
    more = ov.encode(sphere, options=OCTREE, drop_levels=found.drop_levels + 1 / 32)
    assert psnr(errors(sphere, ov.decode(more.data).cloud)[0], 6, SCALE) < wanted


def test_largest_error_in_the_units_of_the_file(sphere: ov.PointCloud) -> None:
    wanted = 1.5 * SCALE
    result = ov.encode(sphere, options=OCTREE, max_error=wanted)
    found = result.report.target
    assert found is not None
    assert found.reached == pytest.approx(errors(sphere, ov.decode(result.data).cloud)[1], rel=1e-12)
    assert 0 < found.hausdorff <= wanted


def test_no_error_at_all_leaves_out_what_is_guessed_right(sphere: ov.PointCloud) -> None:
    result = ov.encode(sphere, options=OCTREE, max_error=0)
    found = result.report.target
    assert found is not None and (found.hausdorff, found.d1_psnr) == (0, None)
    assert errors(sphere, ov.decode(result.data).cloud) == (0, 0)


@pytest.mark.slow
def test_points_that_move_to_voxels_count(rough: ov.PointCloud) -> None:
    with pytest.warns(ov.MovedPointsWarning):
        result = ov.encode(rough, options=OCTREE, psnr=40.0)
    with pytest.raises(ov.InputError, match="the voxels themselves") as caught:
        ov.encode(rough, options=OCTREE, depth=5, max_error=0.01)
    assert caught.value.field == "max error"
    coarse = ov.encode(rough, options=OCTREE, depth=8, psnr=45.0)
    for one in (result, coarse):
        found, back = one.report.target, ov.decode(one.data).cloud
        assert found is not None and found.d1_psnr is not None
        mse, far = errors(rough, back)
        assert 10 * math.log10(3 * found.peak**2 / mse) == pytest.approx(found.d1_psnr, rel=1e-6)
        assert found.hausdorff == pytest.approx(far, rel=1e-6)


@pytest.mark.parametrize(
    ("kept", "field"),
    [
        ({"bpp": 1e-6}, "bpp"),
        ({"bpp": 1.0, "psnr": 60.0}, "bpp"),
        ({"psnr": 60.0, "drop_levels": 1.0}, "psnr"),
        ({"psnr": math.nan}, "psnr"),
        ({"max_error": -1.0}, "max error"),
        ({"psnr": 60.0, "keep": "records"}, "psnr"),
        ({"bpp": "1"}, "bpp"),
    ],
)
def test_what_cannot_be_is_refused(sphere: ov.PointCloud, kept: dict[str, object], field: str) -> None:
    with pytest.raises(ov.InputError) as caught:
        ov.encode(sphere, options=OCTREE, **kept)
    assert caught.value.field == field


def test_no_points_have_no_target() -> None:
    with pytest.raises(ov.InputError, match="without points"):
        ov.encode(ov.PointCloud(np.empty((0, 3), np.float32)), options=OCTREE, psnr=50.0)


def test_voxels_have_targets() -> None:
    cloud = make_sphere(6, 20.0)
    found = ov.encode(cloud, options=OCTREE, psnr=45.0).report.target
    assert found is not None and found.d1_psnr is not None and found.d1_psnr >= 45 and found.peak == 63


def test_properties_count_as_bits(sphere: ov.PointCloud) -> None:
    low = (sphere.coords[:, 2] > 20 * SCALE).astype(np.uint8)
    colored = ov.PointCloud(sphere.coords, attributes={"low": low})
    found = [ov.encode(cloud, options=OCTREE, bpp=1.0).report.target for cloud in (sphere, colored)]
    assert found[0] is not None and found[1] is not None
    assert found[0].drop_levels < found[1].drop_levels and found[1].bpp <= 1.0


@pytest.mark.slow
def test_the_command_line_says_what_was_reached(
    command_line: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    path = tmp_path / "a.ply"
    ov.write_cloud(path, ov.PointCloud(make_sphere(6, 20.0).coords))
    done = command_line("encode", path, "--codec", "octree", "--psnr", "45", "--report", tmp_path / "r.json")
    assert done.returncode == 0, done.stderr
    assert "levels left out" in done.stdout and "(peak 63)" in done.stdout
    refused = command_line("encode", path, "--codec", "octree", "--bpp", "0.000001", "--force")
    assert refused.returncode == 2 and "more than 1e-06 (field 'bpp')" in refused.stderr
