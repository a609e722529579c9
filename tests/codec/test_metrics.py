"""D1 and D2 against a plain implementation of the reference metric's definition, loop by loop."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from octavox import codec
from octavox.codec.cli import main as cli


def reference(a: np.ndarray, b: np.ndarray, normals: np.ndarray) -> dict[str, tuple[float, float, float]]:
    """MSE and largest squared error of D1 and D2, all pairs looked at; normals of A oriented alike."""

    def nearest(here: np.ndarray, there: np.ndarray) -> list[np.ndarray]:
        squared = ((here[:, None] - there[None]) ** 2).sum(axis=2)
        return [np.flatnonzero(row == row.min()) for row in squared]

    forth, back = nearest(a, b), nearest(b, a)
    sums, counts = np.zeros_like(b), np.zeros(len(b))
    for i, found in enumerate(forth):
        for j in found:
            sums[j] += normals[i]
            counts[j] += 1
    for j, found in enumerate(back):
        if not counts[j]:
            sums[j], counts[j] = normals[found].sum(axis=0), len(found)
    theirs = sums / counts[:, None]
    results = {}
    for name, here, there, found, vectors in (
        ("ab", a, b, forth, theirs),
        ("ba", b, a, back, normals),
    ):
        d1 = np.array([((p - there[f[0]]) ** 2).sum() for p, f in zip(here, found)])
        d2 = np.array([np.mean([((p - there[k]) @ vectors[k]) ** 2 for k in f]) for p, f in zip(here, found)])
        results[name] = (d1.mean(), d1.max(), d2.mean(), d2.max())
    return results


def clouds(seed: int, spread: int = 24) -> tuple[codec.VoxelCloud, codec.VoxelCloud, np.ndarray]:
    """A bowl of voxels, the same with some voxels moved or lost, and outward normals of the first."""
    rng = np.random.default_rng(seed)
    grid = np.stack(np.meshgrid(np.arange(spread), np.arange(spread), indexing="ij"), -1).reshape(-1, 2)
    z = np.rint(0.04 * ((grid - spread / 2) ** 2).sum(axis=1)).astype(int)
    a, _ = codec.voxelize(codec.PointCloud(np.column_stack([grid, z])))
    moved = a.coords[rng.random(len(a)) < 0.8] + rng.integers(0, 3, (1, 3))
    noise = rng.integers(-1, 2, moved.shape) * (rng.random((len(moved), 1)) < 0.3)
    b, _ = codec.voxelize(codec.PointCloud((moved + noise + 2).astype(np.int64)))
    slope = 0.08 * (a.coords[:, :2] - spread / 2)
    normals = np.column_stack([-slope, np.ones(len(a))])
    return a, b, normals / np.linalg.norm(normals, axis=1, keepdims=True)


def positions(cloud: codec.VoxelCloud) -> np.ndarray:
    return cloud.coords * cloud.transform.scale + np.array(cloud.transform.origin)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_both_metrics_follow_the_definition(seed: int) -> None:
    a, b, normals = clouds(seed)
    found = codec.compare(a, b, normals=normals)
    wanted = reference(positions(a), positions(b), normals)
    d1, d2 = found.report.d1, found.report.d2
    assert d1.mse_a_to_b == pytest.approx(wanted["ab"][0], rel=1e-12)
    assert d1.mse_b_to_a == pytest.approx(wanted["ba"][0], rel=1e-12)
    assert d1.mse == max(d1.mse_a_to_b, d1.mse_b_to_a) > 0
    assert d1.hausdorff**2 == pytest.approx(max(wanted["ab"][1], wanted["ba"][1]), rel=1e-12)
    assert d2.mse_a_to_b == pytest.approx(wanted["ab"][2], rel=1e-9)
    assert d2.mse_b_to_a == pytest.approx(wanted["ba"][2], rel=1e-9)
    assert d2.hausdorff**2 == pytest.approx(max(wanted["ab"][3], wanted["ba"][3]), rel=1e-9)
    peak = 2**a.depth - 1
    assert found.report.peak == peak
    assert d1.psnr == pytest.approx(10 * math.log10(3 * peak**2 / d1.mse))
    assert d2.psnr == pytest.approx(10 * math.log10(3 * peak**2 / d2.mse))
    assert d2.mse < d1.mse


def test_errors_stand_in_the_order_of_the_points() -> None:
    a, b, normals = clouds(4)
    found = codec.compare(a, b, normals=normals)
    squared = ((positions(a)[:, None] - positions(b)[None]) ** 2).sum(axis=2)
    assert np.array_equal(found.a_d1, squared.min(axis=1))
    assert np.array_equal(found.b_d1, squared.min(axis=0))
    assert found.report.d2.mse_a_to_b == pytest.approx(found.a_d2.mean())


def test_the_side_of_a_normal_does_not_matter() -> None:
    a, b, normals = clouds(5)
    flips = np.where(np.random.default_rng(0).random(len(a)) < 0.5, -1.0, 1.0)[:, None]
    plain, flipped = (codec.compare(a, b, normals=n).report for n in (normals, normals * flips))
    assert flipped.d2.mse == pytest.approx(plain.d2.mse, rel=1e-9)
    assert flipped.d1 == plain.d1


def test_a_plane_moved_along_and_across_itself() -> None:
    grid = np.stack(np.meshgrid(np.arange(20), np.arange(20), [7], indexing="ij"), -1).reshape(-1, 3)
    plane, raised, aside = (codec.PointCloud(grid + step) for step in ([0, 0, 0], [0, 0, 2], [1, 0, 0]))
    up = codec.compare(plane, raised).report  # estimated normals are exact on a plane
    assert up.d1.mse == up.d2.mse == pytest.approx(4.0)
    assert up.d1.hausdorff == 2.0
    across = codec.compare(plane, aside).report
    assert across.d1.mse == pytest.approx(20 / 400)
    assert across.d2.mse == pytest.approx(0.0, abs=1e-12)


def test_equal_clouds_have_no_error_and_no_psnr() -> None:
    a, _, _ = clouds(6)
    report = codec.compare(a, codec.VoxelCloud(a.coords.copy(), a.depth)).report
    assert report.identical
    assert report.d1.psnr is None and report.d2.psnr is None
    assert json.loads(report.to_json())["d1"]["mse"] == 0.0


def test_what_cannot_be_compared_is_named() -> None:
    a, b, normals = clouds(7)
    empty = codec.PointCloud(np.empty((0, 3)))
    for wrong, field in (
        (lambda: codec.compare(a, empty), "points"),
        (lambda: codec.compare(empty, b), "points"),
        (lambda: codec.compare(a, b, normals=normals[:-1]), "normals"),
        (lambda: codec.compare(a, b, peak=0.0), "peak"),
        (lambda: codec.compare(a, b, peak=math.nan), "peak"),
    ):
        with pytest.raises(codec.InputError) as error:
            wrong()
        assert error.value.field == field


def test_a_comparison_can_be_cancelled() -> None:
    a, b, _ = clouds(8)
    cancel = codec.CancelToken()
    steps: list[codec.Progress] = []

    def watch(step: codec.Progress) -> None:
        steps.append(step)
        cancel.cancel()

    with pytest.raises(codec.CancelledError):
        codec.compare(a, b, progress=watch, cancel=cancel)
    assert [step.stage for step in steps] == ["compare"]


def test_the_command_compares_clouds_and_streams(tmp_path, capsys) -> None:
    a, b, _ = clouds(9)
    names = [str(tmp_path / name) for name in ("a.ply", "b.ply", "a.ovx")]
    codec.write_ply(names[0], a)
    codec.write_ply(names[1], b)
    codec.save_stream(names[2], codec.encode(a, options=codec.CodecOptions(codec="octree")).data)
    assert cli.main(["compare", names[0], names[1], "--json"]) == 1
    assert json.loads(capsys.readouterr().out) == codec.compare(a, b).report.to_dict()
    assert cli.main(["compare", names[0], names[2]]) == 0
    words = capsys.readouterr().out
    assert "D1, symmetric" in words and "infinite" in words
    assert cli.main(["compare", names[0], str(tmp_path / "none.ply")]) == 2
