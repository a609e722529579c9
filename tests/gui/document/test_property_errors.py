"""Properties of decoded points against those of the original."""

from __future__ import annotations

import numpy as np
import pytest

from octavox import codec
from octavox.codec import CloudOptions, ListColumn, PointCloud
from octavox.gui.document.colour_modes import COLOUR_ERROR
from octavox.gui.document.display import prepare
from octavox.gui.document.items import CloudItem
from octavox.gui.document.property_errors import (
    PropertyError,
    absolute_errors,
    error_words,
    property_errors,
)

RNG = np.random.default_rng(8)


def cloud_of(points: int = 400) -> PointCloud:
    """Points, many of which share a voxel, with colours, classes and times."""
    rows = RNG.integers(0, 12, (points, 3)).astype(np.int32)
    colors = RNG.integers(0, 256, (points, 3)).astype(np.uint8)
    return PointCloud(
        rows,
        colors,
        attributes={
            "label": RNG.integers(0, 4, points).astype(np.uint8),
            "time": RNG.random(points),
        },
    )


def item_of(cloud: PointCloud, **chosen: object) -> CloudItem:
    kept = codec.propose(cloud, CloudOptions(**chosen))
    return CloudItem(prepare(kept.voxels), "a", None, kept.report, cloud, kept.level, kept.strays)


def decoded(cloud: PointCloud, **chosen: object) -> CloudItem:
    data = codec.encode(cloud, options=codec.CodecOptions(codec="octree"), **chosen).data
    result = codec.decode(data)
    return CloudItem(prepare(result.voxels), "b", source=result.cloud)


def named(found: tuple[PropertyError, ...]) -> dict[str, PropertyError]:
    return {error.name: error for error in found}


def test_every_property_of_records_is_identical() -> None:
    cloud = cloud_of()
    found = property_errors(item_of(cloud), decoded(cloud))
    assert set(named(found.found)) == set(cloud.attributes) and found.maps == {}
    assert all(error_words(error) == "identical" for error in found.found)


def test_points_that_lie_nowhere_are_compared_too() -> None:
    rows = np.concatenate([RNG.integers(0, 9, (300, 3)).astype(np.float64), [[0.123456789, 1e-9, np.nan]]])
    cloud = PointCloud(rows, attributes={"id": np.arange(301, dtype=np.uint32)})
    found = property_errors(item_of(cloud), decoded(cloud))
    assert found.found == (PropertyError("id", True, True),)


def test_merged_points_are_held_against_what_they_became() -> None:
    cloud = cloud_of()
    a, b = item_of(cloud, keep="voxels"), decoded(cloud, keep="voxels")
    found, errors = property_errors(a, b), named(property_errors(a, b).found)
    rows = codec.rows_in_voxels(cloud, b.display.cloud)
    for name in ("red", "green", "blue", "label", "time"):
        back = b.source.attributes[name][rows].astype(np.float64)
        error = np.abs(cloud.attributes[name] - back)
        assert errors[name].largest == pytest.approx(error.max())
        assert errors[name].mean == pytest.approx(error.mean())
        largest = np.zeros(len(a.display))
        np.maximum.at(largest, rows, error)
        assert np.allclose(found.maps[f"error:{name}"].a, largest)
        assert np.allclose(found.maps[f"error:{name}"].b, largest)
    whole = np.maximum.reduce([found.maps[f"error:{name}"].a for name in ("red", "green", "blue")])
    assert np.array_equal(found.maps[COLOUR_ERROR].a, whole)
    assert errors[COLOUR_ERROR].largest == whole.max()
    assert f"{errors['label'].largest:.0f}" in error_words(errors["label"])


def test_an_order_of_its_own_is_no_error() -> None:
    cloud = cloud_of()
    order = RNG.permutation(len(cloud))
    other = PointCloud(
        cloud.coords[order], attributes={name: column[order] for name, column in cloud.attributes.items()}
    )
    found = property_errors(item_of(cloud), item_of(other))
    assert all(error.identical for error in found.found)


def test_what_is_not_stored_or_has_no_counterpart_is_said() -> None:
    cloud = cloud_of()
    found = named(property_errors(item_of(cloud), decoded(cloud, drop="time")).found)
    assert error_words(found["time"]) == "not stored" and found["label"].identical
    fewer = PointCloud(
        cloud.coords[5:], attributes={name: column[5:] for name, column in cloud.attributes.items()}
    )
    alone = named(property_errors(item_of(cloud), item_of(fewer)).found)["label"]
    assert not alone.identical and error_words(alone) != "identical"


def test_lists_are_compared_as_a_whole() -> None:
    lists = ListColumn(np.array([2, 0, 1], np.uint8), np.array([1, 2, 3], np.int32))
    cloud = PointCloud([[0, 0, 0], [1, 0, 0], [5, 5, 5]], attributes={"faces": lists})
    assert property_errors(item_of(cloud), decoded(cloud)).found == (PropertyError("faces", True, True),)


@pytest.mark.parametrize(
    ("ours", "theirs", "errors"),
    [
        (np.array([np.nan, 1.0, np.inf]), np.array([np.nan, np.nan, np.inf]), [0, np.inf, 0]),
        (np.array([0, 255], np.uint8), np.array([255, 0], np.uint8), [255, 255]),
        (np.array([2**63], np.uint64), np.array([2**63 + 1], np.uint64), [1]),
        (np.array([[1, 2], [3, 4]]), np.array([[1, 5], [3, 4]]), [3, 0]),
    ],
)
def test_errors_are_exact(ours, theirs, errors) -> None:
    assert absolute_errors(ours, theirs).tolist() == errors


def test_other_bits_of_equal_numbers_are_not_identical() -> None:
    a = PointCloud([[0, 0, 0]], attributes={"x": np.array([0.0])})
    b = PointCloud([[0, 0, 0]], attributes={"x": np.array([-0.0])})
    (found,) = property_errors(item_of(a), item_of(b)).found
    assert not found.identical and error_words(found) == "equal numbers, other bits"
