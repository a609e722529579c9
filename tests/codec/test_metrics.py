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


UTM = np.array([836419.0, 4818050.0, 4.0])
UP = np.array([0, 0, 1])


def slope(seed: int = 0, points: int = 120) -> np.ndarray:
    """(N, 3) irregular points of a slanted plane, in metres."""
    xy = np.random.default_rng(seed).random((points, 2))
    return np.column_stack([xy, 0.2 * xy[:, 0]])


@pytest.mark.parametrize("offset", [UTM, -UTM, 100 * UTM], ids=["utm", "negative", "far"])
def test_a_plane_raised_far_from_the_origin_is_measured_as_near_it(offset: np.ndarray) -> None:
    """A plane one centimetre higher: D2 equals D1, as without the offset (cases 60a and 60b)."""
    flat = slope() * [1, 1, 0]
    raised = flat + 0.01 * UP
    near = codec.compare(codec.PointCloud(flat), codec.PointCloud(raised)).report
    far = codec.compare(codec.PointCloud(flat + offset), codec.PointCloud(raised + offset)).report
    assert near.d2.mse == near.d1.mse == pytest.approx(1e-4)
    assert far.d2.mse == pytest.approx(far.d1.mse, rel=1e-9)
    assert far.d1.mse == pytest.approx(near.d1.mse, rel=1e-4)
    assert far.d1.psnr == pytest.approx(far.d2.psnr, abs=1e-6)
    assert far.d1.psnr == pytest.approx(near.d1.psnr, abs=1e-3)


def test_normals_are_right_where_the_parts_of_a_cloud_are_far_apart() -> None:
    """No single centre serves both sites."""
    sites = np.concatenate([slope(1), slope(2) + UTM, slope(3) - 7 * UTM])
    normal = np.array([-0.2, 0.0, 1.0]) / math.hypot(0.2, 1.0)
    moved = sites + 0.01 * normal
    report = codec.compare(codec.PointCloud(sites), codec.PointCloud(moved), peak=1.0).report
    assert report.d1.mse == pytest.approx(1e-4, rel=1e-4)
    assert report.d2.mse == pytest.approx(1e-4, rel=1e-3)


@pytest.mark.parametrize("scale", [0.001, 0.01, 1e-7])
def test_scaled_integers_are_measured_in_the_units_of_the_file(scale: float) -> None:
    """Integers with a scale and an offset, as in LAS, against the same as doubles and as floats."""
    steps = np.rint(slope() / 0.001).astype(np.int32)
    plain = codec.PointCloud(steps)
    raised = codec.PointCloud(steps + np.array([0, 0, 10], np.int32))
    wanted = codec.compare(plain, raised).report
    offset = tuple(UTM if scale >= 0.001 else np.zeros(3))
    a = codec.PointCloud(steps, scale=(scale,) * 3, offset=offset)
    b = codec.PointCloud(raised.coords, scale=(scale,) * 3, offset=offset)
    for other in (b, codec.PointCloud(b.positions), codec.PointCloud(b.positions.astype(np.longdouble))):
        found = codec.compare(a, other).report
        assert found.peak == pytest.approx(wanted.peak * scale)
        assert found.d1.mse == pytest.approx(wanted.d1.mse * scale**2, rel=1e-5)
        assert found.d2.mse == pytest.approx(wanted.d2.mse * scale**2, rel=1e-4)
        assert found.d1.psnr == pytest.approx(wanted.d1.psnr, abs=1e-3)


def test_units_do_not_matter() -> None:
    a, b, normals = clouds(11)
    plain = codec.compare(a, b, normals=normals).report
    for factor in (1e-6, 0.125, 1e6):
        ours, theirs = (codec.PointCloud(positions(cloud) * factor) for cloud in (a, b))
        found = codec.compare(ours, theirs, peak=plain.peak * factor, normals=normals).report
        assert found.d1.psnr == pytest.approx(plain.d1.psnr, abs=1e-9)
        assert found.d2.psnr == pytest.approx(plain.d2.psnr, abs=1e-6)


def test_points_that_are_not_finite_are_left_out_and_counted() -> None:
    a = slope().astype(np.float32)
    b = np.concatenate([a[:60], [[math.nan, 0, 0]], a[60:], [[0, math.inf, 0], [0, 0, -math.inf]]])
    found = codec.compare(codec.PointCloud(a), codec.PointCloud(b))
    assert (found.report.left_out_a, found.report.left_out_b) == (0, 3)
    assert found.report.points_b == 120
    assert found.report.d1.mse == 0.0 and not found.report.identical
    assert np.flatnonzero(np.isnan(found.b_d1)).tolist() == [60, 121, 122]
    assert np.array_equal(np.isnan(found.b_d1), np.isnan(found.b_d2))
    assert codec.compare(codec.PointCloud(b), codec.PointCloud(b)).report.identical
    json.loads(found.report.to_json())


@pytest.mark.parametrize("code", ["u1", "i2", "i4", "u4", "i8", "u8", "f2", "f4", "f8"])
def test_types_do_not_matter(code: str) -> None:
    a = np.random.default_rng(3).integers(0, 100, (200, 3))
    b = a + UP
    wanted = codec.compare(codec.PointCloud(a), codec.PointCloud(b)).report
    assert codec.compare(codec.PointCloud(a.astype(code)), codec.PointCloud(b)).report == wanted
    assert codec.compare(codec.PointCloud(a), codec.PointCloud(b.astype(code))).report == wanted


def test_integers_beyond_doubles_are_subtracted_exactly() -> None:
    a = np.random.default_rng(3).integers(0, 100, (200, 3))
    wanted = codec.compare(codec.PointCloud(a), codec.PointCloud(a + UP), peak=1.0).report
    far = a.astype(np.uint64) + np.uint64((1 << 64) - 200)
    raised = far + UP.astype(np.uint64)
    assert codec.compare(codec.PointCloud(far), codec.PointCloud(raised), peak=1.0).report == wanted
    low = a - (1 << 62)
    assert codec.compare(codec.PointCloud(low), codec.PointCloud(low + UP), peak=1.0).report == wanted


@pytest.mark.parametrize(
    ("given", "peak", "words"),
    [
        (codec.PointCloud([[0, 0, 0], [200, 1, 2]]), 255.0, "2^8 - 1 voxels of 1"),
        (codec.PointCloud([[0.1, 0.2, 0.3], [2.4, 1.1, 0.7]]), 3.1, "2^5 - 1 voxels of 0.1"),
        (codec.PointCloud([[0.0, 0, 0], [2.5, 1, 2]]), 2.5, "longest edge"),  # steps differ
        (codec.PointCloud([[0.1, 0, 0], [math.pi, math.e, 2]]), math.pi - 0.1, "longest edge"),
        (codec.PointCloud([[5, 5, 5], [1 << 40, 1 << 41, 3]]), (1 << 41) - 5.0, "longest edge"),
        (codec.PointCloud([[math.pi] * 3]), 1.0, "one place"),
    ],
)
def test_a_report_says_what_its_peak_is(given: codec.PointCloud, peak: float, words: str) -> None:
    report = codec.compare(given, given).report
    assert report.peak == pytest.approx(peak, rel=1e-12)
    assert words in report.peak_is
    assert codec.compare(given, given, peak=7.0).report.peak_is == "given"


def test_one_point_far_from_all_others_can_be_compared() -> None:
    """The grid of this cloud is refused; its distances are not."""
    far = np.concatenate([np.round(slope(5, 300) + UTM, 3), np.zeros((1, 3))])
    report = codec.compare(codec.PointCloud(far), codec.PointCloud(far[:-1])).report
    assert report.d1.mse_b_to_a == 0.0
    assert report.d1.hausdorff == pytest.approx(np.linalg.norm(far[:-1], axis=1).min())


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
        (lambda: codec.compare(codec.PointCloud([[math.nan] * 3]), b), "points"),
        (lambda: codec.compare(a, codec.PointCloud([[1e200, 0, 0]])), "positions"),
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
    said, report = json.loads(capsys.readouterr().out), codec.compare(a, b).report.to_dict()
    assert said == {**report, "a": names[0], "b": names[1], "same_positions": False}
    assert cli.main(["compare", names[0], names[2]]) == 0
    words = capsys.readouterr().out
    assert "D1, symmetric" in words and "infinite" in words
    assert cli.main(["compare", names[0], str(tmp_path / "none.ply")]) == 2
