"""Codec "multiscale" against a decoder written from docs/multiscale-codec.md."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from golden_streams import read_stream
from multiscale_fixtures import levels_of, random_file
from multiscale_reference import MultiscaleReference
from octree_reference import decode_slice, own_axes
from sample_clouds import ROOT, make_sphere

from octavox.codec.cloud.cloud import VoxelCloud
from octavox.codec.cloud.morton import sort_unique
from octavox.codec.codecs.geometry.multiscale.codec import WEIGHTS_FILE, MultiscaleCodec
from octavox.codec.codecs.interface import GeometryStream
from octavox.codec.codecs.registry import get_codec
from octavox.codec.job import JobContext
from octavox.codec.models.multiscale_integer import IntegerMultiscale
from octavox.codec.models.multiscale_weights import LevelWeights, load_multiscale
from octavox.codec.models.weights import read_tensors
from octavox.codec.options import CodecOptions

SHIPPED = ROOT / "resources" / "weights" / WEIGHTS_FILE


def cloud_of(coords: np.ndarray, depth: int) -> VoxelCloud:
    return VoxelCloud(sort_unique(np.asarray(coords, np.int64).reshape(-1, 3), depth), depth)


def strays(depth: int, count: int) -> VoxelCloud:
    """A small sphere in a corner, and some voxels anywhere."""
    rng = np.random.default_rng(depth)
    far = rng.integers(0, 1 << depth, (count, 3))
    return cloud_of(np.concatenate([make_sphere(4, 5.0).coords[:150], far]), depth)


def read_by_the_document(stream: GeometryStream, weights: Path) -> list[list[int]]:
    """Voxels in raster order, slice by slice."""
    tensors, _, identity = read_tensors(weights)
    assert identity == stream.weights_id
    voxels = []
    for section in stream.sections:
        told = decode_slice(section.payload, stream.depth, stream.params, MultiscaleReference(tensors))
        assert told.ends_well
        assert len(told.voxels) == section.points
        voxels += [list(own_axes(v, stream.params)) for v in told.voxels]
    return sorted(voxels)


@pytest.mark.slow
def test_the_golden_stream_reads_as_the_document_says() -> None:
    stream = read_stream("multiscale")
    back = get_codec("multiscale").decode(stream, CodecOptions(), JobContext())
    assert read_by_the_document(stream, SHIPPED) == sorted(back.coords.tolist())


@pytest.mark.parametrize(
    "cloud",
    [cloud_of([[1, 0, 1]], 1), cloud_of([[0, 0, 0], [3, 1, 2]], 2), make_sphere(4, 6.0), strays(13, 6)],
    ids=["depth 1", "depth 2", "sphere", "all levels' biases"],
)
def test_any_weights_and_depth(tmp_path: Path, cloud: VoxelCloud) -> None:
    """Of random weights, whose activations take all values."""
    path = tmp_path / "w.safetensors"
    path.write_bytes(random_file())
    options = CodecOptions(weights=str(path))
    stream = get_codec("multiscale").encode(cloud, options, JobContext()).stream
    assert read_by_the_document(stream, path) == sorted(cloud.coords.tolist())


def test_each_slice_begins_anew() -> None:
    cloud = cloud_of(np.concatenate([make_sphere(4, 6.0).coords, make_sphere(4, 4.0).coords + 64]), 7)
    stream = MultiscaleCodec(slice_points=300).encode(cloud, CodecOptions(), JobContext()).stream
    assert len(stream.sections) == 2
    assert read_by_the_document(stream, SHIPPED) == sorted(cloud.coords.tolist())


def test_the_logits_are_those_of_the_network() -> None:
    """Value by value: a stream alone would forgive an input that the mixers hardly use."""
    cloud = strays(7, 4)
    tensors, _, _ = read_tensors(SHIPPED)
    net = MultiscaleReference(tensors)
    nodes = [(0, 0, 0)]
    levels = levels_of(cloud).levels
    told = IntegerMultiscale(load_multiscale(SHIPPED)).logits(levels)
    for level, (batch, logits) in enumerate(zip(levels, told, strict=True)):
        net.start(batch.below, nodes)
        codes = cloud.coords >> (cloud.depth - 1 - level)
        children = sorted({(int(x), int(y), int(z)) for x, y, z in codes})
        assert batch.around.shape[0] == len(nodes)
        known: set[tuple[int, int, int]] = set()
        place = {node: i for i, node in enumerate(nodes)}
        cells = sorted(
            (2 * x + a, 2 * y + b, 2 * z + c) for x, y, z in nodes for a, b, c in np.ndindex(2, 2, 2)
        )
        for x, y, z in cells:
            k, i = 4 * (x & 1) + 2 * (y & 1) + (z & 1), place[x >> 1, y >> 1, z >> 1]
            assert net.logit((x, y, z), known) == int(logits[k, i])
            if (x, y, z) in children:
                known.add((x, y, z))
        nodes = children


def test_the_document_lists_the_tensors() -> None:
    text = (ROOT / "docs" / "multiscale-codec.md").read_text("utf-8")
    tensors, _, _ = read_tensors(SHIPPED)
    assert set(tensors) == {f"{k}.{name}" for k in range(3) for name in LevelWeights.__annotations__}
    for name in LevelWeights.__annotations__:
        tensor = tensors[f"0.{name}"]
        shape = " x ".join(map(str, tensor.shape))
        assert f"| `{name}` | {tensor.dtype} | {shape} |" in text
