"""What each point's properties took: sums over blocks, components, orders."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from coloured_clouds import coloured, mixed

from octavox import codec
from octavox.codec import CodecOptions, PointCloud

OCTREE = CodecOptions(codec="octree", slices=3)


def block_sums(blocks: codec.BlockTable, voxels: np.ndarray, bits: np.ndarray) -> np.ndarray:
    """(B,) sums of the bits of the points whose voxels (N, 3) lie in each block; one slice."""
    low = blocks.origin
    inside = (voxels[:, None] >= low) & (voxels[:, None] < low + blocks.size[:, None])
    return (inside.all(axis=2) * bits[:, None]).sum(axis=0)


@pytest.mark.parametrize("name", ["octree", "multiscale", "voxeldnn"])
def test_sums_are_those_of_blocks_and_components(name: str) -> None:
    options = CodecOptions(codec=name, slices=1)
    coded = codec.encode(coloured(80), options=options)
    found, decoded = codec.property_bits(coded.data), codec.decode(coded.data)
    assert list(found.bits) == ["red", "green", "blue"]
    assert np.array_equal(found.voxel, np.arange(len(decoded.voxels)))
    for colour, bits in found.bits.items():
        assert bits.dtype == np.float32 and len(bits) == len(decoded.cloud)
        assert (bits >= 0).all() and len(np.unique(bits)) > 100
        sums = block_sums(decoded.blocks, decoded.voxels.coords, bits)
        assert np.allclose(sums, decoded.block_bits[colour], rtol=1e-4, atol=1e-2)
        assert bits.sum() == pytest.approx(8 * coded.report.components[colour], rel=2e-3)
    stored = sum(coded.report.components[colour] for colour in found.bits)
    assert sum(bits.sum(dtype=np.float64) for bits in found.bits.values()) == pytest.approx(
        8 * stored, abs=20
    )


@pytest.mark.parametrize(
    ("name", "effort"), [("octree", "normal"), ("octree", "high"), ("voxeldnn", "normal")]
)
def test_points_that_share_a_voxel_in_slices(name: str, effort: str) -> None:
    options = CodecOptions(codec=name, effort=effort, slices=3, block_size=16)
    cloud = mixed()
    coded = codec.encode(cloud, options=options)
    whole, decoded = codec.property_bits(coded.data), codec.decode(coded.data)
    cells = decoded.cloud.coords
    assert np.array_equal(decoded.voxels.positions[whole.voxel], cells)
    by_voxel = {}
    for number in range(int(coded.blocks.slice.max()) + 1):
        found = codec.property_bits(coded.data, slices=[number])
        part = codec.decode(coded.data, slices=[number], options=options)
        for colour in ("red", "green", "blue"):
            bits = found.bits[colour]
            sums = block_sums(part.blocks, part.voxels.coords[found.voxel], bits)
            assert np.allclose(sums, part.block_bits[colour], rtol=1e-4, atol=1e-2)
        for cell, bits in zip(part.cloud.coords.tolist(), found.bits["red"].tolist()):
            by_voxel.setdefault(tuple(cell), []).append(bits)
    for cell, bits in zip(cells.tolist(), whole.bits["red"].tolist()):
        assert by_voxel[tuple(cell)].pop(0) == bits


def test_a_surprising_point_is_where_it_is() -> None:
    cloud = coloured(60, noise=0.0)
    row = 1234
    cloud.attributes["green"][row] = 255 - cloud.attributes["green"][row]
    found = codec.property_bits(codec.encode(cloud, options=OCTREE).data)
    decoded = codec.decode(codec.encode(cloud, options=OCTREE).data).cloud
    assert decoded.coords[np.argmax(found.bits["green"])].tolist() == cloud.coords[row].tolist()


def test_files_in_their_own_order(tmp_path: Path) -> None:
    cloud = coloured(100)
    rows = np.random.default_rng(0).permutation(len(cloud))
    columns = {name: column[rows] for name, column in cloud.attributes.items()}
    codec.write_cloud(tmp_path / "a.ply", PointCloud(cloud.coords[rows], attributes=columns))
    data = codec.encode(tmp_path / "a.ply", options=OCTREE, keep="file").data
    found, decoded = codec.property_bits(data), codec.decode(data)
    assert np.array_equal(decoded.cloud.coords, cloud.coords[rows])
    assert np.array_equal(decoded.voxels.positions[found.voxel], decoded.cloud.positions)
    plain = codec.property_bits(codec.encode(tmp_path / "a.ply", options=OCTREE).data)
    assert np.allclose(found.bits["red"], plain.bits["red"][found.voxel])


def test_points_without_bits_of_their_own() -> None:
    """Points off the grid, columns of general methods, clouds without properties."""
    cloud = coloured(50)
    coords = cloud.coords.astype(np.float64)
    coords[7] = np.nan
    times = np.random.default_rng(1).normal(size=len(coords))
    given = PointCloud(coords, attributes={**cloud.attributes, "time": times})
    coded = codec.encode(given, options=OCTREE)
    found = codec.property_bits(coded.data)
    assert list(found.bits) == ["red", "green", "blue"]
    assert np.isnan(found.bits["red"]).nonzero()[0].tolist() == [len(coords) - 1]
    assert found.voxel[-1] == -1 and (found.voxel[:-1] >= 0).all()
    assert codec.property_bits(codec.encode(given, options=OCTREE, drop="*").data).bits == {}
    empty = codec.encode(PointCloud(np.empty((0, 3), np.float32)), options=OCTREE)
    assert len(codec.property_bits(empty.data).voxel) == 0
