"""Pictures of clouds and their likeness: values that follow from the definitions."""

from __future__ import annotations

import importlib
import json
from pathlib import Path

import numpy as np
import pytest

import octavox as ov
from octavox.codec import optional
from octavox.codec.cli import main as cli
from octavox.codec.errors import InputError
from octavox.codec.job import JobContext
from octavox.codec.rendered import (
    BACKGROUND,
    SIZE,
    VIEWS,
    Camera,
    Scene,
    compare_pictures,
    draw,
    similarity,
    similarity_module,
)

X, Z = np.eye(3)[0], np.eye(3)[2]


def plane(edge: int = 64, luma: float | None = None, step: float = 1.0) -> Scene:
    """A square in z = 0."""
    at = np.arange(edge) * step
    points = np.stack([part.ravel() for part in np.meshgrid(at, at, [0.0])], axis=1)
    values = None if luma is None else np.full(len(points), luma)
    return Scene(points, values, np.tile(Z, (len(points), 1)))


def camera_of(scene: Scene, spacing: float = 1.0) -> Camera:
    return Camera.for_cloud(scene.points, spacing)


def test_a_plane_fills_its_square_and_nothing_else() -> None:
    scene = plane(luma=77.0)
    camera = camera_of(scene)
    luma, covered = draw(scene, Z, camera)
    assert set(np.unique(luma[covered])) == {77.0} and set(np.unique(luma[~covered])) == {BACKGROUND}
    rows, columns = np.flatnonzero(covered.any(1)), np.flatnonzero(covered.any(0))
    assert covered[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].all()  # no holes
    edge = 63 / camera.pixel + camera.splat
    assert abs(len(rows) - edge) <= 1 and abs(len(columns) - edge) <= 1
    assert abs(rows.mean() - (SIZE - 1) / 2) <= 1 and abs(columns.mean() - (SIZE - 1) / 2) <= 1


def test_from_its_edge_a_plane_is_a_line() -> None:
    scene = plane(luma=77.0)
    _, covered = draw(scene, X, camera_of(scene))
    assert min(np.count_nonzero(covered.any(0)), np.count_nonzero(covered.any(1))) == camera_of(scene).splat


def test_the_nearer_of_two_points_is_seen_in_any_order() -> None:
    points = np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 5.0], [9.0, 9.0, 9.0]])
    for order in ([0, 1, 2], [1, 2, 0]):
        scene = Scene(points[order], np.array([10.0, 200.0, 50.0])[order])
        for view, seen in ((Z, {10.0, 50.0}), (-Z, {200.0, 50.0})):
            luma, covered = draw(scene, view, camera_of(scene))
            assert set(np.unique(luma[covered])) == seen


def test_a_lamp_at_the_camera_lights_surfaces_by_their_slope() -> None:
    tilt = np.array([0.0, 0.6, 0.8])
    scene = Scene(plane().points, None, np.tile(tilt, (64 * 64, 1)))
    luma, covered = draw(scene, Z, camera_of(scene))
    assert set(np.unique(luma[covered])) == {204.0}  # 0.8 of 255


def test_the_error_of_pictures_is_that_of_their_luma() -> None:
    found = compare_pictures(plane(luma=100.0), plane(luma=110.0), 1.0, JobContext())
    assert found.mse == 100.0 and found.colored and found.views == len(VIEWS) == 14
    assert found.psnr == pytest.approx(28.1308036, abs=1e-6)  # 10 log10(255^2 / 100)
    assert found.worst_ssim <= found.ssim < 1.0


def test_ssim_of_even_pictures_is_that_of_the_paper() -> None:
    """Without contrast, (2 a b + C1) / (a^2 + b^2 + C1) with C1 = (0.01 * 255)^2 is left."""
    a, b = np.full((SIZE, SIZE), 100.0), np.full((SIZE, SIZE), 110.0)
    found = similarity(similarity_module(), a, b)
    c1 = (0.01 * 255) ** 2
    assert found == pytest.approx((2 * 100 * 110 + c1) / (100**2 + 110**2 + c1), abs=1e-9)


def test_ssim_falls_with_noise() -> None:
    rng = np.random.default_rng(1)
    scene = plane(luma=100.0)
    noise = rng.normal(size=len(scene.points))
    found = [
        compare_pictures(scene, Scene(scene.points, 100 + amount * noise), 1.0, JobContext()).ssim
        for amount in (0.0, 2.0, 8.0, 30.0)
    ]
    assert found[0] == 1.0 and found == sorted(found, reverse=True) and found[-1] < 0.5


def test_points_are_as_large_as_their_spacing() -> None:
    for step in (1.0, 3.0, 10.0):
        scene = plane(12, luma=50.0, step=step)
        _, covered = draw(scene, Z, camera_of(scene, step))
        rows, columns = np.flatnonzero(covered.any(1)), np.flatnonzero(covered.any(0))
        assert covered[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].all()


def colored(shade: int) -> ov.PointCloud:
    grid = np.stack([part.ravel() for part in np.meshgrid(np.arange(20), np.arange(20), [3])], axis=1)
    return ov.PointCloud(grid, np.full((400, 3), shade, np.uint8))


def test_compare_uses_colours_where_both_clouds_have_them() -> None:
    found = ov.compare(colored(100), colored(110), rendered=True).report.rendered
    assert found.colored and found.mse == pytest.approx(100.0)
    bare = ov.PointCloud(colored(1).coords)
    found = ov.compare(colored(100), bare, rendered=True).report.rendered
    assert not found.colored and found.mse == 0.0 and found.psnr is None and found.ssim == 1.0
    assert ov.compare(colored(100), bare).report.rendered is None


def test_a_flat_hole_is_seen() -> None:
    whole = colored(100)
    kept = ~((abs(whole.coords[:, 0] - 9) < 4) & (abs(whole.coords[:, 1] - 9) < 4))
    holed = ov.PointCloud(whole.coords[kept], np.full((kept.sum(), 3), 100, np.uint8))
    found = ov.compare(whole, holed, rendered=True).report.rendered
    assert found.mse > 30.0 and found.ssim < 0.99  # (128 - 100)^2 in an eighth of it, but from the edges


def test_one_point_has_a_picture() -> None:
    one = ov.PointCloud(np.zeros((1, 3)))
    found = ov.compare(one, one, rendered=True).report.rendered
    assert (found.mse, found.ssim) == (0.0, 1.0)


def test_a_missing_package_is_named_before_any_work(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(optional, "importlib", type("Fake", (), {"import_module": staticmethod(missing)}))
    with pytest.raises(InputError, match="comparing pictures needs the extra rendered: pip"):
        ov.compare(colored(100), colored(110), rendered=True)
    assert importlib.import_module("json") is json


def test_the_command_says_what_the_report_says(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a, b = str(tmp_path / "a.ply"), str(tmp_path / "b.ply")
    ov.write_ply(a, colored(100))
    ov.write_ply(b, colored(110))
    assert cli.main(["compare", a, b, "--rendered"]) == 0  # positions are the same
    words = capsys.readouterr().out
    assert "pictures from 14 sides, luma of the colours: MSE 100, PSNR 28.13 dB (peak 255), SSIM 0." in words
    assert cli.main(["compare", a, b, "--rendered", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["rendered"]["mse"] == 100.0
    assert cli.main(["compare", a, b, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["rendered"] is None
