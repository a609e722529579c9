"""The streams of tests/golden/, as this release would write them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import raw_codec
import version1_writer
from spinning_scans import RING_DEPTH, rings

from octavox.codec import CodecOptions, Transform, VoxelCloud
from octavox.codec.arrays import Int32Array
from octavox.codec.cloud.morton import sort_unique
from octavox.codec.codecs.geometry.octree.codec import OctreeCodec
from octavox.codec.codecs.geometry.octree.direct import NEVER
from octavox.codec.codecs.geometry.octree.sensor import Sensor
from octavox.codec.codecs.interface import SECTION_SLICE, SECTION_TREE, Section
from octavox.codec.job import JobContext
from octavox.codec.stream.header import Header


def sphere_and_noise(depth: int) -> VoxelCloud:
    """A sphere's surface in a 2**depth cube and some stray voxels, from integer arithmetic alone."""
    size = 1 << depth
    grid = np.indices((size, size, size), dtype=np.int64).reshape(3, -1).T
    squared = ((2 * grid - (size - 1)) ** 2).sum(axis=1)
    radius = size * 25 // 32  # twice the radius, about
    surface = grid[(squared >= radius**2) & (squared < (radius + 2) ** 2)]
    k = np.arange(2 * size, dtype=np.int64)
    strays = np.stack([k * 7919 % size, k * 104729 % size, k * 1299709 % size], axis=1)
    return VoxelCloud(sort_unique(np.concatenate([surface, strays]), depth), depth)


def container_plain() -> tuple[bytes, Int32Array]:
    cloud = sphere_and_noise(4)
    stream = raw_codec.RawCodec().encode(cloud, CodecOptions(codec=raw_codec.NAME), JobContext()).stream
    header = Header(raw_codec.ID, cloud.depth, len(cloud), len(cloud), params=stream.params)
    return version1_writer.pack(header, stream.sections), cloud.coords


def container_full() -> tuple[bytes, Int32Array]:
    coords = sphere_and_noise(7).coords[:100]
    header = Header(
        codec_id=raw_codec.ID,
        depth=7,
        points=100,
        input_points=1000,
        coordinate_type="double",
        transform=Transform((-1.5, 0.1, 1e6), 0.125),
        weights_id=bytes(range(1, 9)),
        params=b"raw",
    )
    payload = coords.astype("<i4").tobytes()
    sections = [
        Section(SECTION_TREE, raw_codec.TREE),
        Section(SECTION_SLICE, payload[: 12 * 30], 30),
        Section(SECTION_SLICE, payload[12 * 30 :], 70),
    ]
    return version1_writer.pack(header, sections), coords


def octree_slices() -> tuple[bytes, Int32Array]:
    """Slices of some 10,000 points."""
    cloud = sphere_and_noise(7)
    stream = OctreeCodec(slice_points=10_000).encode(cloud, CodecOptions(), JobContext()).stream
    header = Header(OctreeCodec.id, cloud.depth, len(cloud), len(cloud), params=stream.params)
    return version1_writer.pack(header, stream.sections), cloud.coords


def octree_deep() -> tuple[bytes, Int32Array]:
    """The corners of the largest cube, some lines and scattered voxels."""
    far = (1 << 21) - 1
    k = np.arange(40, dtype=np.int64)
    lines = [np.stack([k + 12345, k * 0 + 777, far - 2 * k], 1), np.stack([far - k, k, k // 2], 1)]
    strays = np.stack([k**4 * 7919 % far, k**3 * 104729 % far, k**2 * 1299709 % far], 1)
    corners = np.indices((2, 2, 2)).reshape(3, -1).T * far
    cloud = VoxelCloud(sort_unique(np.concatenate([corners, *lines, strays]), 21), 21)
    return _octree_file(cloud, NEVER), cloud.coords


def octree_direct() -> tuple[bytes, Int32Array]:
    """A sphere and scattered voxels in a large cube, isolated points coded directly from level 3 on."""
    k = np.arange(300, dtype=np.int64)
    strays = np.stack([k**4 * 7919, k**3 * 104729, k**2 * 1299709], 1) % 4096
    cloud = VoxelCloud(sort_unique(np.concatenate([sphere_and_noise(5).coords + 2000, strays]), 12), 12)
    return _octree_file(cloud, 3), cloud.coords


def octree_sensor() -> tuple[bytes, Int32Array]:
    """Rings of a spinning sensor on level ground, and some strays."""
    sensor, coords = rings(9)
    k = np.arange(100, dtype=np.int64)
    strays = np.stack([k**4 * 7919, k**3 * 104729, k**2 * 1299709], 1) % (1 << RING_DEPTH)
    cloud = VoxelCloud(sort_unique(np.concatenate([coords, strays]), RING_DEPTH), RING_DEPTH)
    return _octree_file(cloud, 2, sensor), cloud.coords


def _octree_file(cloud: VoxelCloud, direct_from: int, sensor: Sensor | None = None) -> bytes:
    stream = (
        OctreeCodec(direct_from=direct_from, sensor=sensor).encode(cloud, CodecOptions(), JobContext()).stream
    )
    header = Header(OctreeCodec.id, cloud.depth, len(cloud), len(cloud), params=stream.params)
    return version1_writer.pack(header, stream.sections)


STREAMS: dict[str, Callable[[], tuple[bytes, Int32Array]]] = {
    "container_1_0_plain.ovx": container_plain,
    "container_1_0_full.ovx": container_full,
    "octree_1_0_slices.ovx": octree_slices,
    "octree_1_0_deep.ovx": octree_deep,
    "octree_1_0_direct.ovx": octree_direct,
    "octree_1_0_sensor.ovx": octree_sensor,
}
