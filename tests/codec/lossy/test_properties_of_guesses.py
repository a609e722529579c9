"""Properties of guessed voxels: the means of the nearest originals, and how far their colours are off."""

from __future__ import annotations

import math

import numpy as np
import pytest
from sample_clouds import make_sphere

import octavox as ov

OCTREE = ov.CodecOptions(codec="octree", slices=1)
BT709 = np.array([0.2126, 0.7152, 0.0722])


def colors_at(coords: np.ndarray) -> np.ndarray:
    """(N, 3) uint8, smooth over space."""
    return np.stack([coords[:, 0] * 3, coords[:, 1] * 2 + 20, 250 - coords[:, 2] * 3], 1).astype(np.uint8)


@pytest.fixture(scope="module")
def colored() -> ov.PointCloud:
    coords = make_sphere(6, 18.0).coords
    names = ("red", "green", "blue")
    colors = dict(zip(names, colors_at(coords).T.copy(), strict=True))
    return ov.PointCloud(coords, attributes={**colors, "height": coords[:, 2].astype(np.float32)})


def squared(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """(N, M) squared distances."""
    return ((a[:, None].astype(np.int64) - b[None].astype(np.int64)) ** 2).sum(-1)


def rgb(cloud: ov.PointCloud) -> np.ndarray:
    return np.stack([cloud.attributes[name] for name in ("red", "green", "blue")], 1).astype(np.float64)


@pytest.mark.parametrize("levels", [0.5, 1, 2])
def test_each_value_comes_from_the_nearest_originals(colored: ov.PointCloud, levels: float) -> None:
    result = ov.encode(colored, options=OCTREE, drop_levels=levels)
    back = ov.decode(result.data).cloud
    far = squared(colored.coords, back.coords)
    heights, least = back.attributes["height"], far.min(axis=1)
    for k, height in enumerate(heights):
        givers = np.flatnonzero(far[:, k] == least)  # it is among their nearest
        nearest = np.flatnonzero(far[:, k] == far[:, k].min())
        z = colored.coords[np.concatenate([givers, nearest]), 2]
        assert z.min() <= height <= z.max()


@pytest.mark.parametrize("levels", [0.5, 1, 2])
def test_the_report_says_how_far_colours_are_off(colored: ov.PointCloud, levels: float) -> None:
    result = ov.encode(colored, options=OCTREE, drop_levels=levels)
    said, back = result.report.color_distortion, ov.decode(result.data).cloud
    assert said is not None and said.peak == 255 and said.psnr_y is not None
    far, luma, mse = squared(colored.coords, back.coords), (rgb(colored) @ BT709, rgb(back) @ BT709), []
    for distances, own, other in ((far, luma[0], luma[1]), (far.T, luma[1], luma[0])):
        nearest = distances == distances.min(axis=1)[:, None]
        means = (nearest * other).sum(axis=1) / nearest.sum(axis=1)
        mse.append(((own - means) ** 2).mean())
    assert said.psnr_y == pytest.approx(10 * math.log10(255**2 / max(mse)), abs=1e-9)
    measured = ov.compare(colored, back).report.color
    assert measured is not None and measured.psnr_y == pytest.approx(said.psnr_y, abs=1e-9)


def test_colours_of_voxels_come_back(colored: ov.PointCloud) -> None:
    coords = make_sphere(6, 18.0).coords
    cloud = ov.VoxelCloud(coords, 6, colors=colors_at(coords))
    result = ov.encode(cloud, options=OCTREE, drop_levels=1)
    back = ov.decode(result.data).voxels
    assert back.colors is not None and result.report.color_distortion is not None
    assert np.abs(back.colors.astype(int) - colors_at(back.coords)).max() <= 12
    same = ov.encode(colored, options=OCTREE, drop_levels=1, drop="height")
    assert np.array_equal(back.coords, ov.decode(same.data).voxels.coords)


def test_inverse_is_the_nearest_voxel(colored: ov.PointCloud) -> None:
    far_away = np.array([[np.nan, 0, 0]], np.float32)
    cloud = ov.PointCloud(np.concatenate([far_away, colored.coords.astype(np.float32)]))
    result = ov.encode(cloud, options=OCTREE, drop_levels=2)
    assert result.inverse[0] == -1
    distances = squared(colored.coords, result.voxels.positions)
    found = distances[np.arange(len(colored)), result.inverse[1:]]
    assert np.array_equal(found, distances.min(axis=1))
    voxels = make_sphere(6, 18.0)
    of_voxels = ov.encode(voxels, options=OCTREE, drop_levels=1)
    far = squared(voxels.coords, of_voxels.voxels.coords)
    assert np.array_equal(far[np.arange(len(voxels)), of_voxels.inverse], far.min(axis=1))


def test_several_slices_and_no_properties() -> None:
    cloud = ov.PointCloud(make_sphere(6, 25.0).coords)
    result = ov.encode(cloud, options=ov.CodecOptions(codec="octree", slices=4), drop_levels=1)
    assert np.array_equal(ov.decode(result.data).voxels.coords, result.voxels.coords)
