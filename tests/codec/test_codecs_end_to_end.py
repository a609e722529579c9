"""The shipped codecs behind the public interface and the command line, on real files."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path

import forge
import numpy as np
import pytest
from sample_clouds import SAMPLE_POINTS, make_sphere

from octavox import codec
from octavox.codec import CodecOptions, PointCloud, VoxelCloud
from octavox.codec.cloud.morton import sort_unique
from octavox.codec.codecs.interface import Section
from octavox.codec.stream.header import Header

TRIES = {"octree": 25, "multiscale": 8, "voxeldnn": 4}  # of damage; the network is slow
CODECS = ["octree", "multiscale", "voxeldnn"]


@pytest.fixture
def sample_part(tmp_path, sample_path) -> Path:
    """Some of the sample's 64-blocks, as a file: the network takes a second a block on a slow machine."""
    cloud, _ = codec.voxelize(codec.read_cloud(sample_path))
    chosen = (cloud.coords[:, 1] >= 128) & (cloud.coords[:, 2] >= 192)
    path = tmp_path / "part.ply"
    codec.write_ply(path, replace(cloud, coords=cloud.coords[chosen], colors=None))
    return path


@pytest.mark.slow
@pytest.mark.parametrize("name", CODECS)
def test_real_files_through_the_command_line(command_line, tmp_path, sample_path, sample_part, name):
    source = sample_part if name == "voxeldnn" else sample_path
    points = len(codec.read_cloud(source).positions)
    assert points > 1000 if name == "voxeldnn" else points == SAMPLE_POINTS
    stream, back, report = tmp_path / "s.ovx", tmp_path / "back.ply", tmp_path / "r.json"
    done = command_line("encode", source, "-o", stream, "--codec", name, "--report", report)
    assert done.returncode == 0, done.stderr
    done = command_line("decode", stream, "-o", back)
    assert done.returncode == 0, done.stderr
    done = command_line("verify", source, stream, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["points_decoded"] == points
    ours, theirs = codec.read_cloud(back), codec.read_cloud(source)
    assert np.array_equal(np.unique(ours.positions, axis=0), np.unique(theirs.positions, axis=0))
    values = json.loads(report.read_text())
    assert values["bytes"] == stream.stat().st_size
    colours = sum(values["bits"]["side"].get(name, 0.0) for name in ("red", "green", "blue"))
    assert values["bpov"] - colours / points < 1.0
    slices = sum(s.name.startswith("slice") for s in codec.info(stream).sections)
    assert abs(values["bits"]["unowned"]) <= max(
        1e-3 * values["bits"]["total"], 8 * slices
    )  # coder's last byte
    info = json.loads(command_line("info", stream, "--json", "--blocks").stdout)
    assert info["codec"] == name
    assert sum(row["points"] for row in info["by_size"]) == points


CLOUDS = {
    "empty": PointCloud(np.empty((0, 3))),
    "one point": PointCloud(np.array([[5.0, 6, 7]])),
    "depth 1": PointCloud(np.indices((2, 2, 2), np.int32).reshape(3, -1).T),
    "full cube": PointCloud(np.indices((8, 8, 8), np.int32).reshape(3, -1).T),
    "two far apart": PointCloud(np.array([[0, 0, 0], [(1 << 21) - 1] * 3], np.int32)),
    "negative": PointCloud(np.array([[-5.0, -6, -7], [5, 6, 7]])),
    "floats": PointCloud(np.random.default_rng(4).random((60, 3)) * 1e3 - 500),
    "noise": PointCloud(np.random.default_rng(5).integers(0, 500, (60, 3), np.int32)),
}


@pytest.mark.parametrize("kind", CLOUDS)
@pytest.mark.parametrize("name", CODECS)
def test_unusual_clouds(tmp_path, name, kind):
    cloud = CLOUDS[kind]
    result = codec.encode(cloud, options=CodecOptions(codec=name))
    decoded = codec.decode(result.data)
    assert np.array_equal(decoded.voxels.coords, result.voxels.coords)
    certificate = codec.verify(cloud, result.data)
    assert certificate.kept
    assert certificate.identical
    assert result.report.level == "records"
    assert result.report.bits.owned == pytest.approx(decoded.report.bits.owned, abs=1e-3)
    codec.write_cloud(tmp_path / "back.ply", decoded.cloud)
    back = codec.read_cloud(tmp_path / "back.ply").positions
    if result.report.voxelization.exact:
        assert np.array_equal(np.unique(back, axis=0), np.unique(cloud.positions, axis=0))
    assert codec.verify(tmp_path / "back.ply", result.data).identical


@pytest.mark.parametrize("name", CODECS)
def test_bytes_do_not_depend_on_threads(name):
    cloud = small_sphere(name)
    streams = {
        codec.encode(cloud, options=CodecOptions(codec=name, threads=threads)).data
        for threads in (None, 1, 2)
    }
    assert len(streams) == 1


@pytest.mark.parametrize("name", CODECS)
def test_every_truncation_of_a_payload_behind_right_checksums(name):
    """A forger's file: decoding it ends in a CorruptStreamError or in a valid set, and in nothing else."""
    cloud = small_sphere(name)
    data = codec.encode(cloud, options=CodecOptions(codec=name)).data
    layout = forge.parse(data)
    sections = layout.sections()
    last = sections[-1]
    for length in range(0, len(last.payload), max(len(last.payload) // TRIES[name], 1)):
        forged = [*sections[:-1], Section(last.kind, last.payload[:length], last.points)]
        check_forged(forge.pack(layout.header, forged), cloud)


@pytest.mark.parametrize("name", CODECS)
def test_flipped_bits_behind_right_checksums(name):
    cloud = small_sphere(name)
    data = codec.encode(cloud, options=CodecOptions(codec=name)).data
    layout = forge.parse(data)
    sections = layout.sections()
    rng = random.Random(6)
    for _ in range(TRIES[name]):
        k = rng.randrange(len(sections))
        payload = bytearray(sections[k].payload)
        payload[rng.randrange(len(payload))] ^= 1 << rng.randrange(8)
        forged = [*sections]
        forged[k] = Section(sections[k].kind, bytes(payload), sections[k].points)
        check_forged(forge.pack(layout.header, forged), cloud)


@pytest.mark.parametrize("name", CODECS)
def test_wrong_point_counts_behind_right_checksums(name):
    cloud = small_sphere(name)
    data = codec.encode(cloud, options=CodecOptions(codec=name)).data
    layout = forge.parse(data)
    *others, last = layout.sections()
    h = layout.header
    for points in (0, 1, last.points - 1, last.points + 1, 8**h.depth):
        total = sum(s.points for s in others) + points
        if total > 8**h.depth:
            continue
        header = Header(h.codec_id, h.depth, total, total, weights_id=h.weights_id, params=h.params)
        forged = forge.pack(header, [*others, Section(last.kind, last.payload, points)])
        with pytest.raises(codec.CorruptStreamError):
            codec.decode(forged)


def small_sphere(name: str) -> VoxelCloud:
    """Large enough to mean something to the codec, small enough to be coded many times."""
    return make_sphere(3, 2.5) if name == "voxeldnn" else make_sphere(5, 12.0)


def check_forged(data: bytes, cloud: VoxelCloud) -> None:
    try:
        decoded = codec.decode(data).cloud
    except codec.CorruptStreamError:
        return
    assert len(decoded) == len(cloud)
    assert np.array_equal(decoded.coords, sort_unique(decoded.coords, decoded.depth))
    header = codec.info(data)
    if header.codec != "voxeldnn":  # whose decoder cannot tell whether a partition is the best
        assert codec.encode(decoded, options=CodecOptions(codec=header.codec)).data == data


@pytest.mark.slow
def test_a_voxeldnn_stream_needs_its_own_weights(command_line, tmp_path):
    """With random networks: decoding works with the right one; with none or another it exits with 4."""
    from voxeldnn_fixtures import random_layers

    from octavox.codec.models.weights import weights_bytes

    cloud, stream, back = tmp_path / "cloud.ply", tmp_path / "s.ovx", tmp_path / "back.ply"
    codec.write_ply(cloud, VoxelCloud(np.array([[0, 0, 0], [1, 2, 3]], np.int32), 2))
    right, wrong = tmp_path / "right.safetensors", tmp_path / "wrong.safetensors"
    right.write_bytes(weights_bytes(random_layers(0), {}))
    wrong.write_bytes(weights_bytes(random_layers(1), {}))

    done = command_line("encode", cloud, "-o", stream, "--codec", "voxeldnn", "--weights", right)
    assert done.returncode == 0, done.stderr
    named = codec.info(stream).weights_id
    assert len(named) == 16
    done = command_line("decode", stream, "-o", back, "--weights", wrong)
    assert (done.returncode, back.exists()) == (4, False)
    assert named in done.stderr
    done = command_line("decode", stream, "-o", back, "--weights", tmp_path / "absent.safetensors")
    assert (done.returncode, back.exists()) == (4, False)
    wrong.write_bytes(right.read_bytes()[:-1])
    assert command_line("decode", stream, "-o", back, "--weights", wrong).returncode == 4
    assert command_line("decode", stream, "-o", back, "--weights", right).returncode == 0
    assert command_line("verify", cloud, stream, "--weights", right).returncode == 0
