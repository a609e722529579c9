"""The network's probability of each voxel of a block, against the code lengths that the codec reports."""

from __future__ import annotations

import numpy as np
import pytest
from sample_clouds import make_sphere

import codec
from codec.types import CodecOptions
from codec.voxeldnn.costs import COST_BITS
from codec.voxeldnn.partition import FLAG_COST


@pytest.mark.parametrize("max_level", [1, 3])
def test_voxels_of_a_block_cost_what_the_block_costs(max_level: int) -> None:
    cloud = make_sphere(7, 45.0)
    options = CodecOptions(codec="voxeldnn", max_level=max_level)
    blocks = codec.encode(cloud, options=options).blocks
    for row in range(0, len(blocks), max(1, len(blocks) // 6)):
        origin, size = blocks.origin[row], int(blocks.size[row])
        found = codec.voxel_probabilities(cloud, tuple(origin.tolist()), size, options=options)
        alone = float(blocks.unsplit_bits[row]) - FLAG_COST / 2**COST_BITS
        assert found.bits.sum() + found.other_bits == pytest.approx(alone, abs=1e-6)
        assert int(found.occupied.sum()) == int(blocks.points[row])
        inside = cloud.coords[((cloud.coords >= origin) & (cloud.coords < origin + size)).all(1)]
        occupied = found.coords[found.occupied]
        assert np.array_equal(np.unique(occupied, axis=0), np.unique(inside, axis=0))
        assert len(np.unique(found.coords, axis=0)) == len(found.coords)
        cost = -np.log2(np.where(found.occupied, found.probability, 1 - found.probability))
        assert np.allclose(cost, found.bits, atol=1e-6)


def test_a_surface_is_expected_to_go_on() -> None:
    cloud = make_sphere(7, 45.0)
    found = codec.voxel_probabilities(cloud, (0, 0, 0), 64)
    assert found.probability[found.occupied].mean() > 0.5 > 0.2 > found.probability[~found.occupied].mean()


def test_lone_voxels_are_listed_too() -> None:
    cloud, _ = codec.voxelize(
        codec.PointCloud(np.array([[1, 1, 1], [50, 50, 50]], np.int64), coordinate_type="int"), depth=6
    )
    found = codec.voxel_probabilities(cloud, (0, 0, 0), 64)
    assert found.occupied.sum() == 2
    assert found.bits[found.occupied].min() > 5  # neither was to be expected


@pytest.mark.parametrize(
    ("origin", "size", "options", "words"),
    [
        ((0, 0, 0), 63, CodecOptions(codec="voxeldnn"), "no block"),
        ((8, 0, 0), 64, CodecOptions(codec="voxeldnn"), "no block"),
        ((64, 64, 64), 64, CodecOptions(codec="voxeldnn"), "empty"),
        ((0, 0, 0), 64, CodecOptions(codec="octree"), "no network"),
    ],
)
def test_blocks_that_are_not_there(origin, size, options, words) -> None:
    with pytest.raises(codec.InputError, match=words):
        codec.voxel_probabilities(make_sphere(6, 20.0), origin, size, options=options)
