"""The picture of the headless demo."""

from __future__ import annotations

import numpy as np
import pytest
from pictures import pixels
from PySide6.QtGui import QImage
from windows import sphere

from octavox.codec import BlockTable, Transform, VoxelCloud
from octavox.gui.document.colormap import HEAT_TABLE
from octavox.gui.rendering.snapshot import SIZE, block_bits_png

pytestmark = pytest.mark.gl


def corners() -> BlockTable:
    origin = [[32 * (k >> 2), 32 * (k >> 1 & 1), 32 * (k & 1)] for k in range(8)]
    return BlockTable.make(origin, 32, 100, np.linspace(0, 7000, 8))


def test_picture_shows_blocks_in_the_scales_colours(tmp_path) -> None:
    path = tmp_path / "blocks.png"
    block_bits_png(sphere(), corners(), path)
    image = pixels(QImage(str(path))).astype(int)
    assert image.shape == (SIZE[1], SIZE[0], 3)
    flat = image[: SIZE[1] // 2].reshape(-1, 3)  # without the legend
    lit = flat[flat.max(axis=1) > 90]
    assert len(lit) > 5000
    low, high = HEAT_TABLE[0].astype(int), HEAT_TABLE[-1].astype(int)
    bar = image[SIZE[1] * 9 // 10 :].reshape(-1, 3)
    assert np.abs(bar - low).max(axis=1).min() <= 6
    assert np.abs(bar - high).max(axis=1).min() <= 6


def test_a_cloud_without_blocks_is_drawn_plain(tmp_path) -> None:
    path = tmp_path / "plain.png"
    block_bits_png(sphere(), BlockTable.empty(), path)
    image = pixels(QImage(str(path))).astype(int)
    lit = image[image.max(axis=2) > 120]
    assert len(lit) > 20_000
    assert (lit.max(axis=1) - lit.min(axis=1)).mean() < 40  # greys


def test_an_unwritable_path_is_an_error(tmp_path) -> None:
    with pytest.raises(OSError):
        block_bits_png(sphere(), corners(), tmp_path / "missing" / "a.png")


def test_a_ball_whose_axes_have_other_steps_is_round(tmp_path) -> None:
    path = tmp_path / "ball.png"
    rows = np.random.default_rng(0).normal(size=(40_000, 3))
    rows *= 64 / np.linalg.norm(rows, axis=1)[:, None]
    cells = np.rint(rows / (1, 2, 4)).astype(np.int64)
    steps = Transform(scale=1.0, axis_scale=(1.0, 2.0, 4.0))
    block_bits_png(VoxelCloud.from_coords(cells - cells.min(axis=0), steps, 8), BlockTable.empty(), path)
    image = pixels(QImage(str(path))).astype(int)[60:]  # without the words above
    lit = image.max(axis=2) > 75
    width, height = (int(np.ptp(np.flatnonzero(lit.any(axis=axis)))) for axis in (0, 1))
    assert height > 300 and abs(width - height) < 0.06 * height
