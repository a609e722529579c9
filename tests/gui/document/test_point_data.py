"""Properties of points by drawn voxel: values, ranges, colours, what is left out, words of the probe."""

from __future__ import annotations

import numpy as np
import pytest

from octavox import codec
from octavox.codec import CloudOptions, ListColumn, PointCloud
from octavox.gui.document.display import prepare
from octavox.gui.document.items import CloudItem
from octavox.gui.document.left_out import left_out, with_stored
from octavox.gui.document.point_data import PointData, Property, PropertyValues, Range, properties_of
from octavox.gui.document.probe import probe_lines
from octavox.gui.document.property_colours import PropertyColours, PropertyScale, scale_of
from octavox.gui.document.property_list import range_words

RNG = np.random.default_rng(4)


def item_of(cloud: PointCloud, **chosen: object) -> CloudItem:
    """As the window opens it, with its points by voxel."""
    kept = codec.propose(cloud, CloudOptions(**chosen))
    item = CloudItem(prepare(kept.voxels), "a", "/x/a.ply", kept.report, cloud, kept.level, kept.strays)
    item.data = PointData.of(cloud, kept.voxels)
    return item


def wall(**columns: object) -> PointCloud:
    """Four points in three voxels: the first and the last share one."""
    points = np.array([[0, 0, 0], [0, 0, 5], [0, 3, 0], [0, 0, 0]], np.int32)
    return PointCloud(points, attributes=columns)


def test_points_of_a_voxel_are_those_of_the_file() -> None:
    cloud = wall(n=np.arange(4, dtype=np.uint8))
    item = item_of(cloud)
    voxel = item.display.row_of([0, 0, 0])
    assert voxel is not None and item.data.points_of(voxel).tolist() == [0, 3]
    assert item.display.row_of([1, 0, 0]) is None
    held = [row for k in range(len(item.display)) for row in item.data.points_of(k).tolist()]
    assert sorted(held) == [0, 1, 2, 3]


@pytest.mark.parametrize("scale", [None, (0.01, 0.01, 0.02)])
def test_every_point_of_a_lattice_lies_in_its_voxel(scale) -> None:
    rows = RNG.integers(-2000, 3000, (500, 3)).astype(np.int32)
    cloud = PointCloud(rows, scale=scale, offset=None if scale is None else (1e5, -3.3, 7.0))
    voxels = codec.propose(cloud).voxels
    found = codec.rows_in_voxels(cloud, voxels)
    assert (found >= 0).all()
    assert np.allclose(voxels.positions[found], cloud.positions, rtol=0, atol=1e-6)


def test_points_off_every_lattice_lie_in_their_cells() -> None:
    cloud = PointCloud(RNG.normal(size=(2000, 3)).astype(np.float32))
    kept = codec.propose(cloud)
    found = codec.rows_in_voxels(cloud, kept.voxels)
    assert kept.level == "records" and (found >= 0).all()
    steps = np.array(kept.voxels.transform.steps)
    inside = (cloud.positions - kept.voxels.positions[found]) / steps
    assert inside.min() > -1e-5 and inside.max() < 1 + 1e-5
    encoded = codec.encode(cloud, options=codec.CodecOptions(codec="octree"))
    assert np.array_equal(found, encoded.inverse)


def test_points_of_a_grid_that_was_asked_for_lie_in_the_nearest_voxel() -> None:
    cloud = PointCloud(RNG.normal(size=(800, 3)))
    encoded = codec.encode(cloud, options=codec.CodecOptions(codec="octree"), depth=6)
    assert np.array_equal(codec.rows_in_voxels(cloud, encoded.voxels), encoded.inverse)
    decoded = codec.decode(encoded.data)
    back = codec.rows_in_voxels(decoded.cloud, decoded.voxels)
    assert np.array_equal(back, np.arange(len(decoded.voxels)))


def test_points_without_a_voxel_have_none() -> None:
    cloud = PointCloud([[0.0, 0, 0], [np.nan, 0, 0], [1, 1, 1]])
    voxels = codec.VoxelCloud.from_coords([[0, 0, 0]])
    assert codec.rows_in_voxels(cloud, voxels).tolist() == [0, -1, -1]


def test_modes_name_properties_of_any_name() -> None:
    columns = {"a:b[0]": np.zeros(4, np.uint8), "normal": np.zeros((4, 2), np.float32)}
    faces = ListColumn(np.ones(4, np.uint8), np.arange(4, dtype=np.int32))
    found = list(properties_of(wall(**columns, list=faces)))
    assert [p.title for p in found] == ["a:b[0]", "normal [1]", "normal [2]"]
    assert [Property.of(p.mode) for p in found] == found
    assert Property.of("rgb") is None and Property.of("property:") is None


def test_values_of_voxels_are_those_that_voxel_clouds_have() -> None:
    intensity = np.array([10, 20, 30, 13], np.uint16)
    label = np.array([2, 5, 5, 2], np.uint8)
    cloud = wall(intensity=intensity, label=label)
    item = item_of(cloud)
    for name in ("intensity", "label"):
        assert item.data.add_values(Property(name), cloud)
    voxels = codec.decode(
        codec.encode(cloud, options=codec.CodecOptions(codec="octree"), keep="voxels").data
    ).cloud
    assert item.values_of("property:intensity").values.tolist() == voxels.attributes["intensity"].tolist()
    assert item.values_of("property:label").values.tolist() == voxels.attributes["label"].tolist()
    assert item.values_of("property:label").kinds == (2, 5)
    assert item.values_of("property:intensity").kinds is None  # a measured number has no classes
    assert not item.data.add_values(Property("gone"), cloud)


def known_of(values: np.ndarray, name: str = "x") -> PropertyValues:
    return PropertyValues.of(name, values, values.astype(np.float64))


def test_an_automatic_scale_leaves_far_values_out_and_says_so() -> None:
    values = np.r_[np.linspace(0, 10, 1000), 5000.0]
    scale = scale_of(known_of(values), PropertyScale())
    assert scale.high < 20
    colours = PropertyColours.of("x", known_of(values), PropertyScale())
    assert colours.legend.clipped and colours.legend.title == "x"
    whole = PropertyColours.of("x", known_of(values[:-1]), PropertyScale())
    assert not whole.legend.clipped and (whole.scale.low, whole.scale.high) == (0, 10)


def test_chosen_ends_map_and_logarithm_are_kept() -> None:
    values = np.geomspace(1, 10_000, 50)
    scale = scale_of(known_of(values), PropertyScale("grey", 1.0, 10_000.0, log=True))
    colors = scale.colors_of([1, 100, 10_000]).astype(int)
    assert scale.log and abs(colors[1] - (colors[0] + colors[2]) / 2).max() < 25  # the middle of the factors
    ticks = scale.legend("x", "", False).ticks
    assert [label for _, label in ticks] == ["1", "10", "100", "1,000", "10,000"]
    assert np.allclose([place for place, _ in ticks], [0, 0.25, 0.5, 0.75, 1])
    negative = scale_of(known_of(-values), PropertyScale(log=True))
    assert not negative.log  # there is no logarithm of these


def test_classes_have_colours_of_their_own_and_are_counted() -> None:
    labels = np.array([6, 2, 2, 9], np.uint8)
    colours = PropertyColours.of("label", known_of(labels), PropertyScale())
    assert colours.scale is None
    assert [words for _, words in colours.legend.swatches] == ["2  (2)", "6  (1)", "9  (1)"]
    painted = colours.colors_of(np.array([6.0, 2.0, np.nan, 7.0]))
    assert (painted[0] != painted[1]).any() and (painted[2] == painted[3]).all()
    as_scale = PropertyColours.of("label", known_of(labels), PropertyScale("heat"))
    assert as_scale.scale is not None


def test_ranges_are_exact_and_count_what_is_no_number() -> None:
    big = np.array([0, (1 << 64) - 1], np.uint64)
    assert (Range.of(big).low, Range.of(big).high) == (0, (1 << 64) - 1)
    floats = np.array([np.nan, 1.5, np.inf, -2.0], np.float32)
    assert Range.of(floats) == Range(-2.0, 1.5, 2)
    assert range_words(Range.of(floats)) == "-2 – 1.5"
    assert range_words(Range(4.1e8, 4.1e8 + 59.5)) == "410,000,000 – 410,000,059.5"
    assert range_words(Range.of(np.full(2, np.nan))) == "–"


def test_names_are_left_out_and_stored_again() -> None:
    cloud = wall(red=np.zeros(4, np.uint8), label=np.zeros(4, np.uint8))
    kept = with_stored(CloudOptions(), cloud, {"red"}, False)
    assert kept.drop == "red" and left_out(kept, cloud) == {"red"}
    every = with_stored(kept, cloud, {"label"}, False)
    assert every.drop == "*" and left_out(every, cloud) == {"red", "label"}
    assert with_stored(every, cloud, {"red"}, True).drop == "label"
    assert with_stored(kept, cloud, {"red"}, True).drop is None


def test_the_probe_speaks_in_numbers_of_the_file() -> None:
    cloud = PointCloud(
        np.array([[12345, -5, 0], [12345, -5, 0]], np.int32),
        attributes={
            "intensity": np.array([7, 8], np.uint16),
            "time": np.array([0.1, 0.2], np.float32),
            "normal": np.array([[0.5, -1.0], [1, 2]], np.float32),
            "list": ListColumn(np.array([0, 2], np.uint8), np.array([3, 4], np.int32)),
        },
        scale=(0.01, 0.01, 0.01),
        offset=(1000.0, 0.0, 0.25),
    )
    item = item_of(cloud)
    assert probe_lines(item, 0) == [
        "x 1,123.45  y -0.05  z 0.25",
        "2 points here, the first:",
        "intensity: 7",
        "time: 0.1",
        "normal: 0.5; -1.0",
        "list: []",
    ]
    item.data = None  # before the points are placed
    assert probe_lines(item, 0)[0].startswith("x 1123.45  y -0.05")
