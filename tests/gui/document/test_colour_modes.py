"""Colour maps, scales, legends and the two registries of colour modes."""

from __future__ import annotations

import numpy as np
import pytest

from octavox.codec import BlockTable, VoxelCloud
from octavox.gui.document import colour_modes as modes
from octavox.gui.document.blocks import assign_owners
from octavox.gui.document.colormap import (
    HEAT,
    HEAT_TABLE,
    SIZE_COLORS,
    TERRAIN_TABLE,
    Scale,
    lightness,
    nice_ticks,
    rgb,
)
from octavox.gui.document.colour_modes import (
    BLOCK_MODES,
    CLOUD_MODES,
    Look,
    block_mode,
    cloud_mode,
    paint_by_block,
)
from octavox.gui.document.display import prepare


@pytest.mark.parametrize("colors", [HEAT_TABLE, TERRAIN_TABLE])
def test_maps_grow_lighter_all_the_way(colors: np.ndarray) -> None:
    assert (np.diff(lightness(colors)) > -0.004).all()  # rounding to 8 bits allows no real step down
    assert lightness(colors[-1:])[0] - lightness(colors[:1])[0] > 0.35


def test_the_map_runs_through_its_stops() -> None:
    assert tuple(HEAT_TABLE[0]) == rgb(HEAT[0])
    assert tuple(HEAT_TABLE[-1]) == rgb(HEAT[-1])
    assert tuple(HEAT_TABLE[51]) == rgb(HEAT[1])


def test_size_colours_are_far_apart() -> None:
    colors = np.array([rgb(c) for c in SIZE_COLORS.values()], float)
    gaps = np.linalg.norm(colors[:, None] - colors[None], axis=2)
    assert gaps[~np.eye(len(colors), dtype=bool)].min() > 75


def test_scale_ends_take_the_end_colours() -> None:
    scale = Scale(10, 20, HEAT_TABLE)
    painted = scale.colors_of([10, 20, -5, 99, np.nan])
    assert painted[:2].tolist() == [HEAT_TABLE[0].tolist(), HEAT_TABLE[-1].tolist()]
    assert painted[2:4].tolist() == painted[:2].tolist()


def test_a_long_tail_is_cut_and_the_legend_says_so() -> None:
    values = np.r_[np.linspace(1, 10, 1000), 500.0]
    scale, clipped = Scale.of(values, HEAT_TABLE)
    assert clipped
    assert scale.high < 20
    assert scale.legend("Bits", "bits", clipped).clipped
    scale, clipped = Scale.of(np.linspace(1, 10, 100), HEAT_TABLE)
    assert (scale.low, scale.high, clipped) == (0.0, 10.0, False)


@pytest.mark.parametrize("values", [[], [np.nan], [3.0], [0.0, 0.0]])
def test_scales_of_little_or_nothing_still_have_a_range(values: list[float]) -> None:
    scale, _ = Scale.of(values, HEAT_TABLE)
    assert scale.high > scale.low
    assert scale.colors_of(values).shape == (len(values), 3)


def test_ticks_are_round_and_inside() -> None:
    assert [t for t, _ in nice_ticks(0, 5707)] == [0, 2000, 4000]
    assert [label for _, label in nice_ticks(0.2, 0.9)] == ["0.2", "0.4", "0.6", "0.8"]
    for low, high in ((0, 1e-3), (3, 4), (0, 123456), (-5, 5)):
        ticks = [t for t, _ in nice_ticks(low, high)]
        assert 2 <= len(ticks) <= 6
        assert low <= min(ticks)
        assert max(ticks) <= high + 1e-12


BLOCKS = BlockTable.make(
    [[0, 0, 0], [16, 0, 0], [0, 0, 16]], [16, 16, 8], [4, 2, 1], [8.0, 6.0, 1.0], 1.0, [0, 1, 1]
)


@pytest.mark.parametrize("mode", BLOCK_MODES, ids=lambda mode: mode.key)
def test_every_block_mode_paints_every_block_and_explains_itself(mode: modes.BlockMode) -> None:
    colors, legend = mode.paint(BLOCKS)
    assert colors.shape == (3, 3)
    assert legend.title == mode.title
    assert (legend.colors is None) == bool(legend.swatches)
    assert mode.paint(BlockTable.empty())[0].shape == (0, 3)


def test_sizes_are_named_and_counted_in_the_legend() -> None:
    colors, legend = block_mode("size").paint(BLOCKS)
    assert [text for _, text in legend.swatches] == ["16³  (2)", "8³  (1)"]
    assert tuple(colors[0]) == legend.swatches[0][0]
    assert block_mode("bits").values(BLOCKS).tolist() == [9.0, 7.0, 2.0]


def test_modes_have_distinct_keys_and_shortcuts() -> None:
    for registry in (BLOCK_MODES, CLOUD_MODES):
        assert len({mode.key for mode in registry}) == len(registry)
    assert len({mode.shortcut for mode in BLOCK_MODES}) == len(BLOCK_MODES)


def display(colors: np.ndarray | None = None):
    points = np.array([(x, y, z) for x in range(20) for y in range(3) for z in range(20)], np.int32)
    from octavox.codec import morton_encode

    points = points[np.argsort(morton_encode(points))]
    return prepare(VoxelCloud(points, 5, colors=colors))


@pytest.mark.parametrize("mode", CLOUD_MODES, ids=lambda mode: mode.key)
@pytest.mark.parametrize("shaded", [True, False])
def test_every_cloud_mode_paints_every_point(mode: modes.CloudMode, shaded: bool) -> None:
    shown = display()
    colors = mode.paint(shown.points, shown, Look("y", shaded))
    assert colors.shape == (len(shown), 3)
    assert colors.dtype == np.uint8


def test_unshaded_colours_are_the_clouds_own() -> None:
    own = np.random.default_rng(0).integers(0, 256, (1200, 3)).astype(np.uint8)
    shown = display(own)
    painted = cloud_mode("rgb").paint(shown.points, shown, Look(shaded=False))
    assert np.array_equal(painted, own[shown.points.place])
    assert np.array_equal(
        cloud_mode("rgb").paint(shown.sample(slice(5, 9)), shown, Look(shaded=False)), painted[5:9]
    )
    assert cloud_mode("rgb").missing(shown) == ""
    assert "no colours" in cloud_mode("rgb").missing(display())


def test_points_take_the_colour_of_their_block_and_the_rest_stays_neutral() -> None:
    shown = display()
    paint = np.array([[255, 0, 0], [0, 255, 0], [0, 0, 255]], np.uint8)
    owner = np.full(len(shown), -1, np.int32)
    assign_owners(owner, BLOCKS, shown.codes)
    palette = np.vstack([paint, np.array([[9, 9, 9]], np.uint8)])
    colors = paint_by_block(shown.points, owner, palette, Look(shaded=False))
    for voxel, color in zip(shown.cloud.coords[shown.points.place], colors, strict=True):
        x, _, z = voxel
        if x < 16 and z < 16:
            expected = [255, 0, 0]
        elif x >= 16 and z < 16:
            expected = [0, 255, 0]
        elif x < 8 and z < 24:
            expected = [0, 0, 255]
        else:
            expected = [9, 9, 9]
        assert color.tolist() == expected
