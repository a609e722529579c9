"""Isolated points coded directly: exactness at every level, the document, the encoder's choice, damage."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from multiscale_fixtures import random_file
from multiscale_reference import MultiscaleReference
from octree_fixtures import assert_same_table, cloud_of, corners, decode, encode, sheet
from octree_reference import decode_slice
from sample_clouds import ROOT, make_sphere

from octavox import codec
from octavox.codec import CodecOptions
from octavox.codec.certificate import voxel_digest
from octavox.codec.cloud.cloud import MAX_DEPTH, VoxelCloud
from octavox.codec.cloud.morton import morton_encode
from octavox.codec.codecs.geometry.multiscale import predictor as predictors
from octavox.codec.codecs.geometry.multiscale import trunk
from octavox.codec.codecs.geometry.multiscale.codec import MultiscaleCodec
from octavox.codec.codecs.geometry.multiscale.device import DeviceMultiscale
from octavox.codec.codecs.geometry.multiscale.network import CompiledMultiscale
from octavox.codec.codecs.geometry.octree import isolated, slice_coder
from octavox.codec.codecs.geometry.octree.codec import Network, OctreeCodec
from octavox.codec.codecs.geometry.octree.direct import NEVER
from octavox.codec.codecs.geometry.octree.isolated import best_direct
from octavox.codec.codecs.geometry.octree.learning import DEFAULT_LEARNING
from octavox.codec.codecs.geometry.octree.params import (
    DIRECT_VERSION,
    FEW_VERSION,
    Params,
    read_params,
    table_bits_for,
)
from octavox.codec.codecs.geometry.octree.slice_coder import SliceJob, SliceSettings
from octavox.codec.codecs.interface import SECTION_SLICE, EncodedGeometry, GeometryStream, Section
from octavox.codec.errors import CancelledError, CorruptStreamError, InputError, UnsupportedStreamError
from octavox.codec.job import CancelToken, JobContext
from octavox.codec.models.multiscale_weights import load_multiscale
from octavox.codec.models.weights import read_tensors


def scattered(count: int, depth: int, seed: int = 1) -> VoxelCloud:
    return cloud_of(np.random.default_rng(seed).integers(0, 1 << depth, (count, 3)), depth)


def sphere_and_strays(depth: int = 11, count: int = 60) -> VoxelCloud:
    """A surface, pairs of voxels side by side, and single ones."""
    far = scattered(count, depth).coords
    pairs = np.minimum(far[: count // 3] + np.array([0, 0, 1]), (1 << depth) - 1)
    return cloud_of(np.concatenate([make_sphere(4, 6.0).coords + 700, far, pairs]), depth)


def assert_comes_back(cloud: VoxelCloud, direct: int, slice_points: int = 1 << 20) -> EncodedGeometry:
    coded = encode(cloud, slice_points, direct_from=direct)
    back = decode(coded.stream)
    assert np.array_equal(back.coords, cloud.coords)
    assert_same_table(coded.blocks, back.blocks)
    assert coded.blocks.points.sum() == len(cloud)
    payload_bits = 8 * sum(len(s.payload) for s in coded.stream.sections)
    decoded = coded.blocks.bits.sum() + coded.blocks.flag_bits.sum()
    # A payload ends up to eight bytes early, its zeros being left out, or late.
    assert abs(payload_bits - decoded) <= 66 * len(coded.stream.sections)
    return coded


@settings(max_examples=100)
@given(st.integers(0, 2**32), st.integers(1, 21), st.integers(0, 60), st.sampled_from([5, 30, 1 << 20]))
def test_any_small_cloud_comes_back_from_any_level_on(
    seed: int, depth: int, count: int, slice_points: int
) -> None:
    rng = np.random.default_rng(seed)
    side = 1 << depth
    near = rng.integers(0, side, 3) + rng.integers(-4, 5, (count // 2, 3))
    far = rng.integers(0, side, (count, 3))
    cloud = cloud_of(np.concatenate([np.clip(near, 0, side - 1), far]), depth)
    assert_comes_back(cloud, int(rng.integers(0, depth)), slice_points)


@pytest.mark.parametrize("depth", range(1, 22))
def test_extreme_clouds_at_every_depth(depth: int) -> None:
    side = 1 << depth
    for coords in ([[0, 0, 0]], [[side - 1] * 3], corners(depth).coords):
        for direct in (0, depth // 2, depth - 1):
            assert_comes_back(cloud_of(np.array(coords), depth), direct)


def test_a_single_voxel_takes_three_bits_a_level() -> None:
    coded = assert_comes_back(cloud_of(np.array([[123456, 654321, 1]]), 21), 0)
    assert len(coded.stream.sections[0].payload) <= 9  # a flag and 63 bits
    assert coded.blocks.bits.sum() + coded.blocks.flag_bits.sum() == 1 + 63
    assert coded.blocks.bits.tolist() == [18]  # below its 64-block


# The document.


@pytest.mark.slow
@pytest.mark.parametrize("direct", [0, 2, 5, 9, 10])
def test_a_decoder_written_from_the_document_agrees(direct: int) -> None:
    cloud = sphere_and_strays()
    coded = encode(cloud, direct_from=direct)
    decoded = decode_slice(coded.stream.sections[0].payload, cloud.depth, coded.stream.params)
    assert decoded.ends_well
    assert decoded.voxels == sorted(map(tuple, cloud.coords.tolist()))
    ours = coded.blocks.bits.sum() + coded.blocks.flag_bits.sum()
    assert ours == pytest.approx(sum(sum(costs.values()) for costs in decoded.costs), rel=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("threaded", [False, True])
def test_beside_a_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, threaded: bool) -> None:
    """Of random weights: any feature that were wanted of a point coded directly would be noticed."""
    monkeypatch.setattr(predictors, "SMALL", 0 if threaded else 1 << 30)
    if threaded:  # many parts of a level, so that the thread works while tails are entered
        monkeypatch.setattr(slice_coder, "STEP_VISITS", 16)
        monkeypatch.setattr(trunk, "PART_NODES", 4)
    path = tmp_path / "w.safetensors"
    path.write_bytes(random_file())
    cloud, options = sphere_and_strays(), CodecOptions(weights=str(path), threads=2)
    coded = MultiscaleCodec(direct_from=4).encode(cloud, options, JobContext())
    back = MultiscaleCodec().decode(coded.stream, options, JobContext())
    assert np.array_equal(back.coords, cloud.coords)
    assert_same_table(coded.blocks, back.blocks)
    tensors, _, _ = read_tensors(path)
    payload = coded.stream.sections[0].payload
    decoded = decode_slice(payload, cloud.depth, coded.stream.params, MultiscaleReference(tensors))
    assert decoded.ends_well
    assert decoded.voxels == sorted(map(tuple, cloud.coords.tolist()))


def test_steps_of_the_loop_change_no_byte(monkeypatch: pytest.MonkeyPatch) -> None:
    cloud = sphere_and_strays()
    whole = encode(cloud, direct_from=4).stream
    monkeypatch.setattr(slice_coder, "STEP_VISITS", 7)
    assert encode(cloud, direct_from=4).stream == whole
    assert np.array_equal(decode(whole).coords, cloud.coords)


# What an encoder chooses.


def heights(step: int) -> VoxelCloud:
    """A grid of heights, as of a terrain: isolated points whose places are known in part."""
    x, y = np.meshgrid(np.arange(120), np.arange(120), indexing="ij")
    z = 4000 + 1500 * np.sin(x / 17) * np.cos(y / 11)
    return cloud_of(np.stack([step * x, step * y, z.astype(int)], -1), 13)


@pytest.mark.slow
def test_scattered_points_are_coded_directly_and_smaller() -> None:
    cloud = scattered(20_000, 16)
    level = best_direct(cloud, JobContext())
    assert level < NEVER
    without, chosen = encode(cloud, direct_from=NEVER), assert_comes_back(cloud, level)
    sizes = [len(coded.stream.sections[0].payload) for coded in (chosen, without)]
    assert sizes[0] < 0.985 * sizes[1]
    assert encode(cloud).stream == chosen.stream
    # Of n points in a cube of V places nothing can tell more than log2(V choose n), about.
    n, places = len(cloud), 2.0**48
    least = n * (np.log2(places / n) + 1 / np.log(2))
    assert 8 * sizes[0] < 1.012 * least


@pytest.mark.parametrize(
    "cloud",
    [
        sheet(),
        make_sphere(6, 25.0),
        cloud_of(64 * np.random.default_rng(3).integers(0, 200, (4000, 3)), 14),
        heights(64),
        cloud_of(np.zeros((0, 3)), 5),
    ],
    ids=["sheet", "sphere", "lattice", "heights", "nothing"],
)
def test_what_the_contexts_know_is_left_to_them(cloud: VoxelCloud) -> None:
    assert best_direct(cloud, JobContext()) == NEVER
    assert encode(cloud).stream == encode(cloud, direct_from=NEVER).stream


def test_a_lattice_that_a_sample_cannot_show_is_seen_by_its_values() -> None:
    points = np.random.default_rng(5).integers(0, 1 << 12, (60_000, 3))
    assert best_direct(cloud_of(points, 14), JobContext()) < NEVER
    assert best_direct(cloud_of(3 * points, 14), JobContext()) == NEVER


@pytest.mark.slow
def test_large_clouds_are_judged_by_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    cloud, coded = scattered(60_000, 15), []
    original = isolated.encode_slice
    monkeypatch.setattr(isolated, "encode_slice", lambda *a: coded.append(len(a[0])) or original(*a))
    assert best_direct(cloud, JobContext()) < NEVER
    assert coded == [isolated.PIECES * isolated.PIECE_POINTS]


@pytest.mark.slow
@pytest.mark.parametrize("beside", ["an object", "planes", "a slab"])
def test_what_is_no_lattice_is_not_taken_for_one(beside: str) -> None:
    dice = np.random.default_rng(6)
    if beside == "a slab":  # over a border of 64 values
        voxels = np.column_stack(
            [dice.integers(0, 1 << 13, (20_000, 2)), 4080 + dice.integers(0, 40, 20_000)]
        )
    else:
        voxels = dice.integers(0, 1 << 13, (20_000, 3))
        sheet = np.column_stack([dice.integers(0, 1 << 13, (300, 2)), 900 * dice.integers(1, 4, 300)])
        thing = sheet if beside == "planes" else make_sphere(5, 12.0).coords + 1000
        voxels = np.concatenate([voxels, thing])
    assert best_direct(cloud_of(voxels, 13), JobContext()) < NEVER


def test_judging_hears_a_cancel() -> None:
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(CancelledError):
        best_direct(scattered(5000, 16), JobContext(None, cancel))


def test_high_effort_keeps_the_level() -> None:
    cloud = scattered(600, 14)
    level = best_direct(cloud, JobContext())
    assert level < NEVER
    coded = OctreeCodec().encode(cloud, CodecOptions(codec="octree", effort="high"), JobContext())
    assert read_params(coded.stream.params, DEFAULT_LEARNING).direct_from == level
    assert np.array_equal(decode(coded.stream).coords, cloud.coords)


@pytest.mark.parametrize("level", [-1, NEVER + 1])
def test_a_level_that_cannot_be(level: int) -> None:
    with pytest.raises(InputError, match="outside 0 to"):
        OctreeCodec(direct_from=level)


@pytest.mark.parametrize("size", [4, 8, 32])
def test_blocks_of_any_size(size: int) -> None:
    cloud, options = sphere_and_strays(), CodecOptions(block_size=size)
    coded = OctreeCodec(direct_from=4).encode(cloud, options, JobContext())
    back = OctreeCodec().decode(coded.stream, options, JobContext())
    assert_same_table(coded.blocks, back.blocks)
    assert (coded.blocks.size == size).all()
    whole = encode(cloud, direct_from=4).blocks
    decoded = [table.bits.sum() + table.flag_bits.sum() for table in (coded.blocks, whole)]
    assert decoded[0] == pytest.approx(decoded[1])


def test_the_trunk_on_a_device_gives_the_same_bytes(tmp_path: Path) -> None:
    """In torch, which computes direct nodes, too."""
    path = tmp_path / "w.safetensors"
    path.write_bytes(random_file())
    weights = load_multiscale(path)
    codes, settings = morton_encode(sphere_and_strays().coords, 11), SliceSettings(11, 14, direct_from=4)

    def payload(net: Network) -> bytes:
        job = SliceJob(0, lambda *news: None, net.predictor(threaded=False))
        return slice_coder.encode_slice(codes, settings, job)[0]

    assert payload(DeviceMultiscale(weights, "cpu")) == payload(CompiledMultiscale(weights))


@pytest.mark.slow
def test_a_process_of_its_own_decodes_a_file(tmp_path: Path) -> None:
    """Which has the bitstream alone."""
    cloud = scattered(3000, 17)
    source, stream, back = (tmp_path / name for name in ("in.ply", "s.ovx", "out.ply"))
    codec.write_ply(source, cloud)
    expected = codec.encode(codec.read_cloud(source), options=CodecOptions(codec="octree")).data
    for line in (["encode", source, "-o", stream, "--codec", "octree"], ["decode", stream, "-o", back]):
        words = [sys.executable, str(ROOT / "main.py"), *map(str, line)]
        subprocess.run(words, check=True, env={**os.environ, "NUMBA_NUM_THREADS": "1"}, capture_output=True)
        source.unlink(missing_ok=True)
    assert stream.read_bytes() == expected
    decoded = codec.voxelize(codec.read_cloud(back))[0]
    assert voxel_digest(decoded.coords) == voxel_digest(cloud.coords)


# Params and damage.


@given(st.integers(0, MAX_DEPTH - 1), st.integers(0, 5), st.booleans())
def test_params_come_back(direct: int, axes: int, plain: bool) -> None:
    params = Params(14, DEFAULT_LEARNING if plain else DEFAULT_LEARNING._replace(rate=3), axes, direct)
    data = params.to_bytes(DEFAULT_LEARNING)
    assert data[0] == DIRECT_VERSION and data[-1] == direct
    assert len(data) == (3 if plain and axes == 0 else 9)
    assert read_params(data, DEFAULT_LEARNING) == params


@pytest.mark.parametrize(
    ("data", "error"),
    [
        ([DIRECT_VERSION, 14], CorruptStreamError),
        ([DIRECT_VERSION], CorruptStreamError),
        ([DIRECT_VERSION, 14, MAX_DEPTH], CorruptStreamError),
        ([DIRECT_VERSION, 14, 0, 0], CorruptStreamError),
        ([FEW_VERSION, 14, 3], CorruptStreamError),
        ([FEW_VERSION + 1, 14, 3], UnsupportedStreamError),
    ],
)
def test_wrong_params_are_refused(data: list[int], error: type[Exception]) -> None:
    with pytest.raises(error) as fault:
        read_params(bytes(data), DEFAULT_LEARNING)
    assert fault.value.field == "params"


def with_payload(stream: GeometryStream, payload: bytes) -> GeometryStream:
    return replace(stream, sections=[replace(stream.sections[0], payload=payload)])


@pytest.mark.slow
def test_damage_is_refused_or_gives_as_many_points() -> None:
    """Below the checksums, which find all of this."""
    stream = encode(sphere_and_strays(), direct_from=3).stream
    payload = stream.sections[0].payload
    accepted = 0
    damaged = [payload[:k] for k in range(len(payload))]
    for k in range(0, 8 * len(payload), 5):
        flipped = bytearray(payload)
        flipped[k // 8] ^= 1 << (k % 8)
        damaged.append(bytes(flipped))
    for bad in damaged:
        try:
            back = decode(with_payload(stream, bad))
        except CorruptStreamError as fault:
            assert fault.field == "slice 0"
        else:
            accepted += 1
            assert len(back.coords) == len(np.unique(back.coords, axis=0)) == stream.points
    # A flipped bit of a tail moves one point, and nothing but a checksum can know.
    assert accepted < len(damaged) // 4


@settings(max_examples=200)
@given(st.binary(max_size=60), st.integers(1, 21), st.integers(1, 300), st.integers(0, 20))
def test_any_bytes_are_refused_or_as_many_points(
    payload: bytes, depth: int, points: int, direct_from: int
) -> None:
    points = min(points, 8**depth)
    params = bytes([DIRECT_VERSION, table_bits_for(points), direct_from])
    stream = GeometryStream(depth, points, params, sections=[Section(SECTION_SLICE, payload, points)])
    try:
        back = decode(stream)
    except CorruptStreamError as fault:
        assert fault.field == "slice 0"
    else:
        assert len(np.unique(back.coords, axis=0)) == points
        assert back.coords.min() >= 0 and back.coords.max() < 1 << depth
