"""Codec "voxeldnn" against a decoder written from docs/voxeldnn-codec.md."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest
import voxeldnn_reference as reference
from sample_clouds import ROOT, make_sphere
from voxeldnn_fixtures import random_layers
from voxeldnn_reference import BadStream, Network, Slice, decode_slices

from octavox.codec.cloud.cloud import VoxelCloud
from octavox.codec.cloud.morton import sort_unique
from octavox.codec.codecs.geometry.voxeldnn import codec as codec_module
from octavox.codec.codecs.geometry.voxeldnn.costs import cost_tables, some_p1, some_p1_given
from octavox.codec.codecs.geometry.voxeldnn.engine import WEIGHTS_FILE, engine
from octavox.codec.codecs.interface import EncodedGeometry, GeometryStream
from octavox.codec.codecs.registry import get_codec
from octavox.codec.coding.logistic import logit_to_p1
from octavox.codec.job import JobContext
from octavox.codec.models.sites import SIZES, background_rows
from octavox.codec.models.weights import SHAPES, read_tensors, weights_bytes
from octavox.codec.options import CodecOptions

SHIPPED = ROOT / "resources" / "weights" / WEIGHTS_FILE


def cloud_of(coords: np.ndarray, depth: int) -> VoxelCloud:
    return VoxelCloud(sort_unique(np.asarray(coords, np.int64).reshape(-1, 3), depth), depth)


@lru_cache(maxsize=1)
def scene() -> VoxelCloud:
    """A bent sheet of 256 voxels over a border of 64-blocks, a plane that fills a 16-block, and nine strays.

    The plane is worth a block of its own: the network need not say where it ends. Three of the strays are
    coded in one step: two of one 64-block, and one of the other.
    """
    x, y = np.meshgrid(np.arange(56, 72), np.arange(40, 56))
    z = 30 + np.round(3 * np.sin(x / 5) * np.cos(y / 4)).astype(int)
    plane = np.indices((16, 16, 1)).reshape(3, -1).T + np.array([16, 0, 21])
    strays = np.random.default_rng(4).integers(0, [128, 64, 64], (6, 3))
    together = [[36, 10, 10], [20, 10, 11], [100, 10, 10]]
    return cloud_of(np.concatenate([np.stack([x, y, z], -1).reshape(-1, 3), plane, strays, together]), 7)


def encode(cloud: VoxelCloud, **options: object) -> EncodedGeometry:
    return get_codec("voxeldnn").encode(cloud, CodecOptions(threads=1, **options), JobContext())  # type: ignore[arg-type]


def read_by_the_document(stream: GeometryStream, weights: Path) -> list[Slice]:
    tensors, _, identity = read_tensors(weights)
    assert identity == stream.weights_id
    return decode_slices(stream, tensors)


def voxels_of(slices: list[Slice]) -> list[list[int]]:
    return sorted(list(voxel) for part in slices for voxel in part.voxels)


@pytest.mark.slow
@pytest.mark.parametrize("max_level", [1, 3])
def test_a_decoder_written_from_the_document_agrees(max_level: int) -> None:
    coded = encode(scene(), max_level=max_level)
    (told,) = read_by_the_document(coded.stream, SHIPPED)
    assert voxels_of([told]) == sorted(scene().coords.tolist())
    # All that the document tells of occurs.
    assert told.sites > 1000 and told.escapes >= 8
    sizes = {block.edge for block in told.blocks}
    if max_level == 1:
        assert sizes == {64} and told.flags < told.escapes
    else:
        assert sizes == {64, 32, 16}
    # The blocks are those of the report, in its order.
    assert [block.corner for block in told.blocks] == [tuple(row) for row in coded.blocks.origin.tolist()]
    assert [block.points for block in told.blocks] == coded.blocks.points.tolist()


@pytest.mark.slow
@pytest.mark.parametrize("max_level", [2, 5])
def test_any_weights(tmp_path: Path, max_level: int) -> None:
    """Of random weights, by which empty blocks are no more likely to be empty than others."""
    path = tmp_path / "w.safetensors"
    path.write_bytes(weights_bytes(random_layers(3), {}))
    cloud = cloud_of(np.concatenate([make_sphere(4, 6.0).coords[:60], [[31, 31, 31], [3, 27, 29]]]), 5)
    coded = encode(cloud, max_level=max_level, weights=str(path))
    slices = read_by_the_document(coded.stream, path)
    assert voxels_of(slices) == sorted(cloud.coords.tolist())


@pytest.mark.slow
def test_flags_of_many_blocks() -> None:
    """Planes that fill 8-blocks: so many are split that every part of the flags' contexts matters."""
    corners = 8 * np.random.default_rng(2).integers(0, 8, (12, 1, 3))
    plane = np.indices((8, 8, 1)).reshape(3, -1).T + np.array([0, 0, 4])
    cloud = cloud_of(corners + plane, 6)
    slices = read_by_the_document(encode(cloud, max_level=4).stream, SHIPPED)
    assert voxels_of(slices) == sorted(cloud.coords.tolist())
    assert sum(block.edge == 8 for block in slices[0].blocks) > 8


@pytest.mark.slow
def test_slices_and_deep_trees(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codec_module, "slice_blocks", lambda blocks: 2)
    coords = np.array([[0, 0, 0], [65, 1, 2], [1, 2, 67], [500, 300, 200], [500, 300, 201], [511, 511, 511]])
    cloud = cloud_of(coords, 9)
    stream = encode(cloud, max_level=4).stream
    assert len(stream.sections) == 4  # a tree, and three slices of two blocks or one
    slices = read_by_the_document(stream, SHIPPED)
    assert voxels_of(slices) == sorted(coords.tolist())
    assert [len(part.voxels) for part in slices] == [s.points for s in stream.sections[1:]]


def test_an_empty_cloud() -> None:
    stream = encode(cloud_of(np.zeros((0, 3)), 8)).stream
    assert stream.sections == [] and read_by_the_document(stream, SHIPPED) == []


@pytest.mark.slow
def test_other_weights_do_not_read_the_stream() -> None:
    """One weight of the last layer, one step away."""
    cloud = cloud_of(make_sphere(4, 6.0).coords[:200], 4)
    stream = encode(cloud, max_level=5).stream
    tensors, _, _ = read_tensors(SHIPPED)
    assert voxels_of(decode_slices(stream, tensors)) == sorted(cloud.coords.tolist())
    head = tensors["head.weight"].copy()
    head[:, :8] -= np.sign(head[:, :8])
    with pytest.raises(BadStream):
        decode_slices(stream, {**tensors, "head.weight": head})
    payload = stream.sections[0].payload
    damaged = replace(stream.sections[0], payload=bytes([payload[0] ^ 1]) + payload[1:])
    with pytest.raises(BadStream):
        decode_slices(replace(stream, sections=[damaged]), tensors)


# The arithmetic, value by value.


def test_probabilities_and_code_lengths() -> None:
    assert reference.logit_table() == logit_to_p1().tolist()
    zeros = cost_tables()[0]
    for index in (0, 1, 17, 1023, 2047, 2048, 2049, 3000, 4094, 4095):
        assert reference.empty_cost(index) == zeros[index]


def test_escapes_probabilities() -> None:
    rng = np.random.default_rng(7)
    sums = [0, 1, 2, 1 << 16, (1 << 40) - 1, 1 << 40, 61 << 40, (62 << 40) - 1, 62 << 40, 63 << 40]
    sums += [int(2 ** rng.uniform(0, 47)) for _ in range(500)]
    for whole in sums:
        part = int(whole * rng.random())
        assert reference.first(whole) == some_p1(whole)
        assert reference.given(part, whole) == some_p1_given(part, whole)


@pytest.mark.slow
@pytest.mark.parametrize("random", [False, True])
def test_states_of_empty_blocks(tmp_path: Path, random: bool) -> None:
    path = SHIPPED
    if random:
        path = tmp_path / "w.safetensors"
        path.write_bytes(weights_bytes(random_layers(5), {}))
    net = Network(read_tensors(path)[0])
    tools = engine(CodecOptions(weights=str(path)))
    for size in SIZES:
        zeros = tools.background.zero[background_rows(size)]
        assert np.array_equal(net.new_block((0, 0, 0), size).cost.reshape(-1), zeros)
    if random:
        assert len(np.unique(net.empty(9)[1])) > 20


def test_the_document_lists_the_layers() -> None:
    text = (ROOT / "docs" / "voxeldnn-codec.md").read_text("utf-8")
    for name, (inputs, outputs) in SHAPES.items():
        if name.endswith("2"):
            continue
        shown = "63 * 32" if inputs == 63 * 32 else str(inputs)
        assert f"| `{name}` | {shown} | {outputs} |" in text
