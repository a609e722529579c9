"""Frames that use the one before, against decoders written from the documents."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import inter_fixtures
import inter_reference
import numpy as np
import ovx_columns
import ovx_reader
import pytest
from inter_fixtures import random_inter_file, sequence_of, sheet, shipped_weights
from octree_reference import decode_slice
from sample_clouds import ROOT, make_sphere

from octavox import codec
from octavox.codec import points
from octavox.codec.cloud.cloud import VoxelCloud
from octavox.codec.cloud.morton import morton_encode, sort_unique
from octavox.codec.codecs.geometry.inter.codec import ReferenceCodec, inter_network
from octavox.codec.codecs.geometry.inter.mixing import FEW, OWN_MASKS
from octavox.codec.codecs.geometry.inter.network import InterNetwork, Reference
from octavox.codec.codecs.geometry.multiscale.codec import MultiscaleCodec
from octavox.codec.codecs.geometry.octree.direct import NEVER
from octavox.codec.codecs.geometry.octree.learning import NETWORK_LEARNING
from octavox.codec.codecs.geometry.octree.params import DIRECT_VERSION, FEW_VERSION, read_params
from octavox.codec.job import JobContext
from octavox.codec.models.inter_weights import InterWeights, load_inter
from octavox.codec.models.weights import read_tensors
from octavox.codec.options import CodecOptions


def cloud_of(coords: np.ndarray, depth: int) -> VoxelCloud:
    return VoxelCloud(sort_unique(np.asarray(coords, np.int64).reshape(-1, 3), depth), depth)


def strays(depth: int, count: int, seed: int) -> VoxelCloud:
    """A small sphere in a corner, and some voxels anywhere."""
    rng = np.random.default_rng(seed)
    far = rng.integers(0, 1 << depth, (count, 3))
    return cloud_of(np.concatenate([make_sphere(4, 5.0).coords[:150], far]), depth)


SPHERE = make_sphere(4, 6.0)
CASES = {
    "depth 1": (cloud_of([[1, 0, 1]], 1), cloud_of([[1, 1, 1], [0, 0, 0]], 1)),
    "depth 2": (cloud_of([[0, 0, 0], [3, 1, 2]], 2), cloud_of([[0, 0, 1], [3, 1, 2], [3, 3, 3]], 2)),
    "the same": (SPHERE, SPHERE),
    "at the faces": (cloud_of([[0, 0, 0], [15, 15, 15], [0, 15, 7]], 4), SPHERE),
    "all levels": (strays(13, 6, 1), strays(13, 6, 2)),
    "depth 20": (strays(20, 4, 1), strays(20, 4, 2)),
}


@pytest.mark.parametrize("name", CASES)
def test_slices_with_a_reference_read_as_the_document_says(name: str, tmp_path: Path) -> None:
    """With weights whose activations take all values."""
    cloud, before = CASES[name]
    path = tmp_path / "w.safetensors"
    path.write_bytes(random_inter_file())
    network = InterNetwork(load_inter(path), "cpu")
    reference = Reference(morton_encode(before.coords, cloud.depth))
    stream = (
        ReferenceCodec(network, reference, cloud.depth, {0})
        .encode(cloud, CodecOptions(), JobContext())
        .stream
    )
    tensors, _, identity = read_tensors(path)
    assert identity == network.identity
    moved = [tuple(v) for v in before.coords.tolist()]
    slow = inter_reference.InterReference(tensors, moved, stream.params[0])
    told = decode_slice(stream.sections[0].payload, stream.depth, stream.params, slow)
    assert told.ends_well and sorted(map(list, told.voxels)) == sorted(cloud.coords.tolist())
    back = ReferenceCodec(network, reference, cloud.depth, {0}).decode(stream, CodecOptions(), JobContext())
    assert np.array_equal(back.coords, cloud.coords)


def test_other_axes_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    path.write_bytes(random_inter_file())
    reference = Reference(morton_encode(SPHERE.coords, SPHERE.depth))
    coder = ReferenceCodec(InterNetwork(load_inter(path), "cpu"), reference, SPHERE.depth, {0})
    stream = coder.encode(SPHERE, CodecOptions(), JobContext()).stream
    params = replace(read_params(stream.params, NETWORK_LEARNING), axes=1).to_bytes(NETWORK_LEARNING)
    with pytest.raises(codec.CorruptStreamError, match="axes"):
        coder.decode(replace(stream, params=params), CodecOptions(), JobContext())


def test_few_contexts_need_a_reference_in_every_slice() -> None:
    """Model version 5 is refused elsewhere, and an encoder writes it where no point is coded directly."""
    reference, network = Reference(morton_encode(SPHERE.coords, SPHERE.depth)), inter_network(CodecOptions())
    coder = ReferenceCodec(network, reference, SPHERE.depth, {0})
    stream = coder.encode(SPHERE, CodecOptions(), JobContext()).stream
    assert stream.params[0] == FEW_VERSION
    with pytest.raises(codec.CorruptStreamError, match="few contexts"):
        MultiscaleCodec().decode(stream, CodecOptions(), JobContext())
    with pytest.raises(codec.CorruptStreamError, match="few contexts"):
        ReferenceCodec(network, reference, SPHERE.depth, set()).decode(stream, CodecOptions(), JobContext())
    points = strays(14, 300, 5)
    scattered = ReferenceCodec(network, Reference(morton_encode(points.coords, 14)), 14, {0})
    params = scattered.encode(points, CodecOptions(), JobContext()).stream.params
    assert read_params(params, NETWORK_LEARNING).direct_from < NEVER and params[0] == DIRECT_VERSION


def test_the_document_lists_the_few_contexts() -> None:
    assert inter_reference.few_contexts() == FEW.used
    assert inter_reference.FewModel.confident == FEW.places


def assert_read(data: bytes, wanted: list[int]) -> list[inter_reference.Frame]:
    """The second decoders give what ours give. wanted: references of the frames, as how many frames back."""
    assert inter_fixtures.references(data) == wanted
    slow = inter_reference.decode_sequence(data, shipped_weights())
    with codec.open(data) as ours:
        assert len(ours) == len(slow)
        for number, frame in enumerate(slow):
            found = ours.decode(number)
            assert found.voxels.coords.tolist() == [list(v) for v in frame.voxels]
            names = [a.name for a in inter_reference.attributes_of(frame.data)]
            columns = [*found.cloud.coords.T, *(found.cloud.attributes[name] for name in names)]
            for own, other in zip(columns, frame.columns, strict=True):
                assert own.dtype == other.dtype
                assert np.array_equal(own, other)
    return slow


def uses_motion(frame: inter_reference.Frame) -> bool:
    return any(chunk.kind == 16 for chunk in ovx_reader.chunks_of(frame.data))


def coders(frame: inter_reference.Frame) -> list[int]:
    return [value[0] for value in ovx_reader.header_of(frame.data).repeated.get(10, [])]


@pytest.mark.slow
def test_a_sequence_with_colours_reads_as_the_documents_say() -> None:
    frames = assert_read(sequence_of([sheet(k) for k in range(3)]), [0, 1, 1])
    assert [uses_motion(frame) for frame in frames] == [False, True, True]
    assert [coders(frame) for frame in frames] == [[2], [4], [4]]


@pytest.mark.slow
def test_points_that_share_voxels_and_lie_off_the_grid() -> None:
    """The values of a voxel are those of its first point; the lattices begin elsewhere in each frame."""
    clouds = []
    for number in range(2):
        cloud = sheet(number, 12)
        rows = np.concatenate([np.arange(len(cloud)), np.arange(0, len(cloud), 5), [7]])
        points = cloud.coords[rows] / 4 + 0.25 * number
        points[-1] = np.pi
        clouds.append(codec.PointCloud(points, cloud.colors[::-1][rows]))
    assert_read(sequence_of(clouds), [0, 1])


@pytest.mark.slow
def test_several_slices_and_parts_and_properties(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each part begins with what the one in its place had learned; the last frame has more of them."""
    monkeypatch.setattr(points, "PART_POINTS", 100)
    monkeypatch.setattr(ovx_columns, "PART", 100)
    clouds = []
    for number in range(3):
        cloud = sheet(number, 16 + 4 * (number == 2), at=54)
        cloud.attributes["label"] = (cloud.coords[:, 1] // 4 * 7).astype(np.int16)
        cloud.attributes["flag"] = cloud.coords[:, 2] > 6
        cloud.attributes["time"] = cloud.coords[:, 0] * 0.1
        clouds.append(cloud)
    frames = assert_read(sequence_of(clouds, options=CodecOptions(slices=2)), [0, 1, 1])
    assert all(len(ovx_reader.slices_of(frame.data)) == 2 for frame in frames)
    assert 4 in coders(frames[1]) and 1 in coders(frames[1])
    parts = [{c.part for c in ovx_reader.chunks_of(frame.data) if c.kind == 6} for frame in frames]
    assert len(parts[0]) < len(parts[2])


@pytest.mark.slow
def test_voxels_and_bounded_colours() -> None:
    clouds = [codec.PointCloud(sheet(k, 12).coords / 3, sheet(k, 12).colors) for k in range(2)]
    assert_read(sequence_of(clouds, keep="voxels", depth=5), [0, 1])
    frames = assert_read(sequence_of([sheet(k, 12) for k in range(2)], color_error=2), [0, 1])
    assert coders(frames[1]) == [2]  # values that may be off are no reference


def test_the_document_lists_tensors_and_contexts() -> None:
    text = (ROOT / "docs" / "inter-codec.md").read_text("utf-8")
    tensors, _, _ = read_tensors(ROOT / "resources" / "weights" / "inter.safetensors")
    assert set(tensors) == {f"{k}.{name}" for k in range(3) for name in InterWeights.__dataclass_fields__}
    for name in ("reference", "beside"):
        tensor = tensors[f"0.{name}"]
        assert f"| `{name}` | {tensor.dtype} | {' x '.join(map(str, tensor.shape))} |" in text
    assert inter_reference.documented_masks() == [tuple(int(v) for v in row) for row in OWN_MASKS]
