"""Clouds and calls that the tests of the octree codec share."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from octavox.codec.blocks import BlockTable
from octavox.codec.cloud.cloud import VoxelCloud
from octavox.codec.cloud.morton import sort_unique
from octavox.codec.codecs.geometry.octree.codec import OctreeCodec
from octavox.codec.codecs.geometry.octree.slicing import SLICE_POINTS
from octavox.codec.codecs.interface import DecodedGeometry, EncodedGeometry, GeometryStream
from octavox.codec.job import JobContext
from octavox.codec.options import CodecOptions


def cloud_of(coords: np.ndarray, depth: int) -> VoxelCloud:
    return VoxelCloud(sort_unique(np.asarray(coords, np.int64).reshape(-1, 3), depth), depth)


def full_cube(size: int) -> np.ndarray:
    return np.indices((size, size, size)).reshape(3, -1).T


def corners(depth: int) -> VoxelCloud:
    return cloud_of(full_cube(2) * ((1 << depth) - 1), depth)


@lru_cache(maxsize=1)
def sheet() -> VoxelCloud:
    """A bent sheet of some 30,000 voxels over many 64-blocks."""
    x, y = np.meshgrid(np.arange(30, 200), np.arange(20, 200))
    z = 100 + np.round(30 * np.sin(x / 17) * np.cos(y / 23)).astype(int)
    return cloud_of(np.stack([x, y, z], -1), 8)


SHEET_SLICE = 5000  # points of a slice that cut the sheet into several


def encode(
    cloud: VoxelCloud, slice_points: int = SLICE_POINTS, threads: int = 1, direct_from: int | None = None
) -> EncodedGeometry:
    return OctreeCodec(slice_points, direct_from).encode(cloud, CodecOptions(threads=threads), JobContext())


def decode(stream: GeometryStream, threads: int = 1) -> DecodedGeometry:
    return OctreeCodec().decode(stream, CodecOptions(threads=threads), JobContext())


def assert_same_table(a: BlockTable, b: BlockTable) -> None:
    for name in ("origin", "size", "points", "bits", "flag_bits", "slice"):
        assert np.array_equal(getattr(a, name), getattr(b, name)), name
