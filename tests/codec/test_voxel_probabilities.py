"""What a codec expected of each voxel of a block, against the code lengths that it reports."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import raw_codec
from sample_clouds import make_sphere

from octavox import codec
from octavox.codec.blocks import BlockTable
from octavox.codec.cloud.cloud import VoxelCloud
from octavox.codec.cloud.morton import sort_unique
from octavox.codec.codecs.geometry.voxeldnn.costs import COST_BITS
from octavox.codec.codecs.geometry.voxeldnn.partition import FLAG_COST
from octavox.codec.job import CancelToken
from octavox.codec.options import CodecOptions

FIRST = codec.BlockPlace((0, 0, 0), 64)
every_codec = pytest.mark.parametrize("name", ["voxeldnn", "octree", "multiscale"])
walking = pytest.mark.parametrize("name", ["octree", "multiscale"])


def check(found: codec.VoxelProbabilities, cloud: VoxelCloud, blocks: BlockTable, row: int) -> None:
    """The voxels are those of the block, and cost what their probabilities say."""
    origin, size = blocks.origin[row], int(blocks.size[row])
    assert int(found.occupied.sum()) == int(blocks.points[row])
    inside = cloud.coords[((cloud.coords >= origin) & (cloud.coords < origin + size)).all(1)]
    occupied = found.coords[found.occupied]
    assert np.array_equal(np.unique(occupied, axis=0), np.unique(inside, axis=0))
    assert len(np.unique(found.coords, axis=0)) == len(found.coords)
    cost = -np.log2(np.where(found.occupied, found.probability, 1 - found.probability))
    assert np.allclose(cost, found.bits, atol=1e-6)


def some_rows(blocks: BlockTable) -> range:
    return range(0, len(blocks), max(1, len(blocks) // 6))


@pytest.mark.slow
@pytest.mark.parametrize("max_level", [1, 3])
def test_voxels_of_a_block_cost_what_the_block_costs(max_level: int) -> None:
    cloud = make_sphere(7, 45.0)
    options = CodecOptions(codec="voxeldnn", max_level=max_level)
    coded = codec.encode(cloud, options=options)
    for row in some_rows(coded.blocks):
        found = codec.voxel_probabilities(cloud, coded.blocks.place(row), coded.data)
        alone = float(coded.blocks.unsplit_bits[row]) - FLAG_COST / 2**COST_BITS
        assert found.bits.sum() + found.other_bits == pytest.approx(alone, abs=1e-6)
        check(found, cloud, coded.blocks, row)


@pytest.mark.slow
@walking
@pytest.mark.parametrize("size", [64, 16])
@pytest.mark.parametrize("effort", ["normal", "high"])
def test_voxels_and_coarser_levels_cost_what_the_block_costs(name: str, size: int, effort: str) -> None:
    """In several slices, and in another order of axes."""
    sphere = make_sphere(7, 45.0).coords
    cloud = VoxelCloud(sort_unique(np.concatenate([sphere, sphere + 128]), 8), 8)
    options = CodecOptions(codec=name, block_size=size, slices=3, effort=effort)
    coded = codec.encode(cloud, options=options)
    assert coded.blocks.slice.max() > 0
    for row in some_rows(coded.blocks):
        origin = coded.blocks.place(row).origin
        found = codec.voxel_probabilities(cloud, codec.BlockPlace(origin, size), coded.data)
        assert found.other_bits == 0.0
        assert found.coarser_bits >= 0
        assert found.bits.sum() + found.coarser_bits == pytest.approx(coded.blocks.bits[row], abs=1e-6)
        check(found, cloud, coded.blocks, row)


@walking
def test_points_coded_directly_were_one_of_eight(name: str) -> None:
    far = np.random.default_rng(4).integers(0, 1 << 14, (3000, 3))
    cloud = VoxelCloud(sort_unique(np.concatenate([make_sphere(5, 12.0).coords + 64, far]), 14), 14)
    coded = codec.encode(cloud, options=CodecOptions(codec=name))
    direct = 0
    for alone in np.flatnonzero(coded.blocks.points == 1)[::100].tolist():
        found = codec.voxel_probabilities(cloud, coded.blocks.place(alone), coded.data)
        assert found.bits.sum() + found.coarser_bits == pytest.approx(coded.blocks.bits[alone])
        direct += (found.probability.tolist(), found.bits.tolist()) == ([0.125], [3.0])
    assert direct > 10
    dense = int(np.argmax(coded.blocks.points))
    found = codec.voxel_probabilities(cloud, coded.blocks.place(dense), coded.data)
    check(found, cloud, coded.blocks, dense)


@every_codec
def test_a_surface_is_expected_to_go_on(name: str) -> None:
    cloud = make_sphere(7, 45.0)
    stream = codec.encode(cloud, options=CodecOptions(codec=name)).data
    found = codec.voxel_probabilities(cloud, FIRST, stream)
    assert found.probability[found.occupied].mean() > 0.5 > 0.2 > found.probability[~found.occupied].mean()


def test_lone_voxels_are_listed_too() -> None:
    cloud, _ = codec.voxelize(codec.PointCloud(np.array([[1, 1, 1], [50, 50, 50]], np.int64)), depth=6)
    stream = codec.encode(cloud, options=CodecOptions(codec="voxeldnn")).data
    found = codec.voxel_probabilities(cloud, FIRST, stream)
    assert found.occupied.sum() == 2
    assert found.bits[found.occupied].min() > 5  # neither was to be expected


@every_codec
@pytest.mark.parametrize(
    ("origin", "size", "words"),
    [
        ((0, 0, 0), 63, "no block"),
        ((8, 0, 0), 64, "no block"),
        ((-64, 0, 0), 64, "no block"),
        ((64, 64, 64), 64, "empty"),
    ],
)
def test_blocks_that_are_not_there(name: str, origin: tuple[int, int, int], size: int, words: str) -> None:
    sphere = make_sphere(6, 20.0)
    stream = codec.encode(sphere, options=CodecOptions(codec=name)).data
    with pytest.raises(codec.InputError, match=words):
        codec.voxel_probabilities(sphere, codec.BlockPlace(origin, size), stream)


@walking
def test_a_stream_of_another_cloud(name: str) -> None:
    stream = codec.encode(make_sphere(6, 20.0), options=CodecOptions(codec=name)).data
    with pytest.raises(codec.InputError, match="not of this cloud"):
        codec.voxel_probabilities(make_sphere(6, 21.0), FIRST, stream)


@walking
def test_a_part_of_a_cloud_names_its_slice(name: str) -> None:
    sphere = make_sphere(7, 45.0)
    coded = codec.encode(sphere, options=CodecOptions(codec=name, slices=3))
    part = codec.decode(coded.data, slices=[1])
    place = part.blocks.place(0)
    assert place.slice == 1
    found = codec.voxel_probabilities(part.voxels, place, coded.data)
    check(found, part.voxels, part.blocks, 0)
    with pytest.raises(codec.InputError, match="voxels"):
        codec.voxel_probabilities(part.cloud, place, coded.data)  # type: ignore[arg-type]
    whole = codec.voxel_probabilities(sphere, replace(place, slice=None), coded.data)
    assert np.array_equal(found.bits, whole.bits)
    for number, words in ((0, "no block"), (3, "no slice 3"), (None, "not of this cloud")):
        with pytest.raises(codec.InputError, match=words):
            codec.voxel_probabilities(part.voxels, replace(place, slice=number), coded.data)


def test_a_damaged_stream_is_named(tmp_path: Path) -> None:
    cloud, path = make_sphere(6, 20.0), tmp_path / "s.ovx"
    data = codec.encode(cloud, options=CodecOptions(codec="octree")).data
    path.write_bytes(data[:-5])
    with pytest.raises(codec.CorruptStreamError, match=r"s\.ovx"):
        codec.voxel_probabilities(cloud, FIRST, path)


def test_asking_hears_a_cancel_and_tells_its_progress() -> None:
    cloud, cancel = make_sphere(6, 25.0), CancelToken()
    data = codec.encode(cloud, options=CodecOptions(codec="octree")).data
    told: list[codec.Progress] = []
    codec.voxel_probabilities(cloud, FIRST, data, progress=told.append)
    assert told[-1].done == told[-1].total == len(cloud)
    cancel.cancel()
    other = codec.encode(make_sphere(6, 24.0), options=CodecOptions(codec="octree")).data
    with pytest.raises(codec.CancelledError):
        codec.voxel_probabilities(make_sphere(6, 24.0), FIRST, other, cancel=cancel)


def test_a_codec_that_cannot_say(raw: object) -> None:
    cloud = make_sphere(4, 6.0)
    data = codec.encode(cloud, options=CodecOptions(codec=raw_codec.NAME)).data
    with pytest.raises(codec.InputError, match="does not say"):
        codec.voxel_probabilities(cloud, codec.BlockPlace((0, 0, 0), 16), data)
