"""The VoxelDNN codec end to end, with the shipped weights."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from golden_streams import read_stream, write_stream
from hypothesis import given, settings
from hypothesis import strategies as st
from sample_clouds import ROOT, SAMPLE, SAMPLE_POINTS, make_sphere
from voxeldnn_fixtures import random_layers

from bench.instruction_sets import FEWEST, environment
from octavox.codec import verify
from octavox.codec.cloud.cloud import VoxelCloud
from octavox.codec.cloud.morton import sort_unique
from octavox.codec.codecs.geometry.voxeldnn import engine as engines
from octavox.codec.codecs.geometry.voxeldnn.costs import COST_BITS
from octavox.codec.codecs.geometry.voxeldnn.device import DeviceVoxelDNN
from octavox.codec.codecs.geometry.voxeldnn.partition import FLAG_COST
from octavox.codec.codecs.geometry.voxeldnn.slice_decoder import CodedSlice, decode_slice
from octavox.codec.codecs.interface import SECTION_SLICE, GeometryStream, Section
from octavox.codec.codecs.registry import get_codec
from octavox.codec.errors import CancelledError, CorruptStreamError, InputError, WeightsError
from octavox.codec.job import CancelToken, JobContext, Progress
from octavox.codec.models.weights import weights_bytes
from octavox.codec.options import CodecOptions

PATHS = [
    str(Path(__file__).parent),
    str(ROOT / "tests" / "support"),
    str(ROOT),
]  # for a process of its own


def cloud_of(coords: np.ndarray, depth: int) -> VoxelCloud:
    return VoxelCloud(sort_unique(np.asarray(coords, np.int32).reshape(-1, 3), depth), depth)


def patch(depth: int = 8) -> VoxelCloud:
    """A bent sheet over several 64-blocks: some 3,500 voxels."""
    x, y = np.meshgrid(np.arange(40, 100), np.arange(30, 90))
    z = 60 + np.round(12 * np.sin(x / 17) * np.cos(y / 23)).astype(int)
    return cloud_of(np.stack([x, y, z], -1), depth)


def encode(cloud: VoxelCloud, **options: object):  # type: ignore[no-untyped-def]
    return get_codec("voxeldnn").encode(cloud, CodecOptions(**options), JobContext())  # type: ignore[arg-type]


def decode(stream: GeometryStream, **options: object):  # type: ignore[no-untyped-def]
    return get_codec("voxeldnn").decode(stream, CodecOptions(**options), JobContext())  # type: ignore[arg-type]


@pytest.mark.parametrize("max_level", [1, 2, 3, 4, 5])
def test_round_trip_at_every_level(max_level: int) -> None:
    cloud = patch()
    coded = encode(cloud, max_level=max_level)
    back = decode(coded.stream)
    assert np.array_equal(back.coords, cloud.coords)
    sizes = set(coded.blocks.size.tolist())
    assert min(sizes) >= 64 >> (max_level - 1)
    assert int(coded.blocks.points.sum()) == len(cloud)
    for name in ("origin", "size", "points", "bits", "flag_bits", "slice"):
        assert np.array_equal(getattr(coded.blocks, name), getattr(back.blocks, name)), name


def test_deeper_levels_never_cost_the_network_more() -> None:
    cloud = patch()
    flag = FLAG_COST / 2**COST_BITS
    bits = [float((encode(cloud, max_level=k).blocks.unsplit_bits - flag).sum()) for k in (1, 2, 3)]
    flags = 2 * 9  # the bits by which Algorithm 1 charges one split
    assert bits[1] <= bits[0]
    assert bits[2] <= bits[1] + flags


@pytest.mark.slow
def test_bytes_do_not_depend_on_threads_or_batches() -> None:
    cloud = patch()
    first = encode(cloud, threads=1, batch_sites=1024).stream
    for threads, batch in ((2, 1024), (1, 100), (2, 10**6)):
        assert encode(cloud, threads=threads, batch_sites=batch).stream == first
    assert np.array_equal(decode(first, threads=1).coords, decode(first, threads=2).coords)


def test_memory_is_not_taken_for_more_blocks_than_voxels() -> None:
    """The network is not reached: it would be asked for room for all of the blocks."""
    net: Any = None  # neither network nor tables
    payload = bytes(range(256)) * 4
    for blocks, points, max_level in ((6, 5, 1), (9, 40, 5)):
        with pytest.raises(CorruptStreamError, match=f"more coded blocks than the {points} voxels"):
            corner = np.zeros((blocks, 3), np.int64)
            decode_slice(net, CodedSlice(payload, corner, points, 0), max_level, lambda coords: None)
    stream = encode(patch()).stream
    for blocks in (0, 129, 65535):
        with pytest.raises(CorruptStreamError, match="params"):
            decode(replace(stream, params=stream.params[:1] + blocks.to_bytes(2, "little")))


@pytest.mark.slow
def test_every_bit_has_an_owner() -> None:
    coded = encode(make_sphere(7, 50.0), max_level=4)
    payload = 8 * sum(len(s.payload) for s in coded.stream.sections)
    owned = float((coded.blocks.bits + coded.blocks.flag_bits).sum())
    assert abs(owned - payload) < 0.001 * payload + 16


@settings(max_examples=12)
@given(st.integers(0, 2**32), st.integers(1, 21), st.integers(0, 60), st.integers(1, 5))
def test_any_small_cloud_comes_back(seed: int, depth: int, count: int, max_level: int) -> None:
    rng = np.random.default_rng(seed)
    side = 1 << depth
    centre = rng.integers(0, side, 3)
    near = np.clip(centre + rng.integers(-4, 5, (count, 3)), 0, side - 1)
    far = rng.integers(0, side, (count // 20, 3))
    cloud = cloud_of(np.concatenate([near, far]), depth)
    stream = encode(cloud, max_level=max_level).stream
    assert np.array_equal(decode(stream).coords, cloud.coords)


@pytest.mark.parametrize(
    "coords",
    [
        np.zeros((0, 3)),
        [[5, 6, 7]],
        np.indices((4, 4, 4)).reshape(3, -1).T,
        np.indices((8, 8, 8)).reshape(3, -1).T,
    ],
    ids=["empty", "one", "full 4^3", "full 8^3"],
)
def test_extreme_clouds(coords: np.ndarray) -> None:
    for depth in (3, 9):
        cloud = cloud_of(coords, depth)
        assert np.array_equal(decode(encode(cloud, max_level=5).stream).coords, cloud.coords)


def test_progress_reports_blocks_and_voxels() -> None:
    cloud, seen = patch(), []
    codec = get_codec("voxeldnn")
    coded = codec.encode(cloud, CodecOptions(), JobContext(progress=seen.append))
    told = [s for s in seen if s.blocks is not None]
    assert sum(int(s.blocks.points.sum()) for s in told) == len(cloud)
    assert (seen[-1].done, seen[-1].total) == (len(cloud), len(cloud))
    seen.clear()
    back = codec.decode(coded.stream, CodecOptions(), JobContext(progress=seen.append))
    shown = np.concatenate([s.coords for s in seen if s.coords is not None])
    assert np.array_equal(sort_unique(shown, cloud.depth), back.coords)
    assert len(shown) == len(cloud)


@pytest.mark.slow
@pytest.mark.parametrize("direction", ["encode", "decode"])
def test_cancel_in_the_middle(direction: str) -> None:
    cloud, token = patch(), CancelToken()
    codec = get_codec("voxeldnn")
    stream = encode(cloud, max_level=1).stream
    steps: list[Progress] = []

    def stop(step: Progress) -> None:
        steps.append(step)
        if direction == "encode" or step.done > 100:
            token.cancel()

    job = JobContext(stop, token)
    with pytest.raises(CancelledError):
        if direction == "encode":
            codec.encode(make_sphere(8, 90.0), CodecOptions(), job)
        else:
            codec.decode(stream, CodecOptions(), job)
    assert steps


def test_damaged_streams_are_refused() -> None:
    cloud = patch()
    stream = encode(cloud, max_level=2).stream
    tree, slices = stream.sections[0], [s for s in stream.sections if s.kind == SECTION_SLICE]
    body = slices[0]
    wrong = [
        replace(stream, params=b""),
        replace(stream, params=b"\x09\x40\x00"),
        replace(stream, params=b"\x02\x00\x00"),
        replace(stream, points=len(cloud) + 1),
        replace(stream, sections=slices),
        replace(stream, sections=[tree, tree, *slices]),
        replace(stream, sections=[tree, *slices, *slices], points=2 * len(cloud)),
        replace(stream, sections=[replace(tree, payload=tree.payload[:-1]), *slices]),
    ]
    for length in (0, 1, len(body.payload) // 2, len(body.payload) - 1):
        wrong.append(replace(stream, sections=[tree, replace(body, payload=body.payload[:length])]))
    wrong.append(replace(stream, sections=[tree, replace(body, payload=body.payload + b"\x01")]))
    for points in (len(cloud) - 1, len(cloud) + 1, 2**40):
        changed = [tree, replace(body, points=points)]
        wrong.append(replace(stream, sections=changed, points=points))
    for damaged in wrong:
        with pytest.raises(CorruptStreamError):
            decode(damaged)


def test_flipped_payload_bits_never_pass_in_silence() -> None:
    """Checksums find all damage; even without them most of it is found, and none of it crashes or hangs."""
    cloud = cloud_of(patch().coords[:600], 8)
    stream = encode(cloud, max_level=3).stream
    rng = np.random.default_rng(1)
    refused = 0
    for _ in range(12):
        k = int(rng.integers(len(stream.sections)))
        section = stream.sections[k]
        payload = bytearray(section.payload)
        payload[int(rng.integers(len(payload)))] ^= 1 << int(rng.integers(8))
        sections = [*stream.sections]
        sections[k] = Section(section.kind, bytes(payload), section.points)
        try:
            back = decode(replace(stream, sections=sections))
        except CorruptStreamError:
            refused += 1
        else:
            assert len(back.coords) == len(cloud)
    assert refused >= 10


def test_other_weights_are_refused(tmp_path: Path) -> None:
    stream = encode(patch(), max_level=1).stream
    other = tmp_path / "other.safetensors"
    other.write_bytes(weights_bytes(random_layers(7), {}))
    with pytest.raises(WeightsError, match="needs weights"):
        decode(stream, weights=str(other))
    with pytest.raises(WeightsError, match="missing"):
        decode(stream, weights=str(tmp_path / "none.safetensors"))
    with pytest.raises(InputError, match="max level"):
        encode(patch(), max_level=6)
    with pytest.raises(InputError, match="device"):
        encode(patch(), device="abacus")


@pytest.fixture
def on_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    """The network by torch's matrix products, as on a GPU, instead of compiled loops."""
    use_torch(monkeypatch.setattr)


def use_torch(setattr: Callable[..., None]) -> None:
    setattr(engines, "pick_device", lambda name: "cpu:0")


@pytest.mark.slow
def test_torch_writes_and_reads_the_same_stream(on_torch: None) -> None:
    stream = golden_stream()
    assert isinstance(engines.engine(CodecOptions()).net, DeviceVoxelDNN)
    assert encode(patch(), max_level=3).stream == stream
    seen: list[Progress] = []
    back = get_codec("voxeldnn").decode(stream, CodecOptions(), JobContext(progress=seen.append))
    assert np.array_equal(back.coords, patch().coords)
    assert sum(len(s.coords) for s in seen if s.coords is not None) == len(back.coords)
    for damaged in (replace(stream, points=stream.points + 1), replace(stream, sections=stream.sections[:1])):
        with pytest.raises(CorruptStreamError):
            decode(damaged)


@pytest.mark.slow
def test_torch_reads_voxels_without_context(on_torch: None) -> None:
    rng = np.random.default_rng(4)
    cloud = cloud_of(rng.integers(0, 200, (60, 3)), 8)
    stream = encode(cloud, max_level=2).stream
    assert np.array_equal(decode(stream).coords, cloud.coords)


@pytest.mark.slow
def test_other_instructions_give_the_same_stream() -> None:
    """A process limited to few instructions of the CPU writes the golden stream; `make exact` tries more."""
    assert same_stream(environment(FEWEST), "")


@pytest.mark.slow
@pytest.mark.parametrize("value", ["default", "avx2"])
def test_other_instructions_of_torch_give_the_same_stream(value: str) -> None:
    assert same_stream({**os.environ, "ATEN_CPU_CAPABILITY": value}, "t.use_torch(setattr); ")


def same_stream(env: dict[str, str], before: str) -> bool:
    script = (
        f"import sys; sys.path[:0] = {PATHS}; import test_voxeldnn_codec as t; "
        + before
        + "sys.exit(t.encode(t.patch(), max_level=3).stream != t.golden_stream())"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=env, timeout=250)
    return done.returncode == 0


def golden_stream() -> GeometryStream:
    return read_stream("voxeldnn")


def test_golden_stream() -> None:
    """Streams of format version 1 with the shipped weights: decoded as ever, and written as ever."""
    stream = golden_stream()
    assert np.array_equal(decode(stream).coords, patch().coords)
    assert encode(patch(), max_level=3).stream == stream


@pytest.mark.slow
def test_the_ready_made_stream_is_the_sample() -> None:
    certificate = verify(SAMPLE, SAMPLE.with_suffix(".ovx"))
    assert certificate.kept
    assert certificate.level == "voxels"
    assert certificate.points_decoded == SAMPLE_POINTS


if (
    __name__ == "__main__"
):  # `PYTHONPATH=. python tests/test_voxeldnn_codec.py` writes the stream anew, after new weights
    write_stream("voxeldnn", encode(patch(), max_level=3).stream)
