"""Codec "multiscale": round trips, exactness, damage, and streams that stay as they are."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from golden_streams import read_stream, write_stream
from hypothesis import given, settings
from hypothesis import strategies as st
from multiscale_fixtures import random_file
from sample_clouds import ROOT, make_sphere

from bench.instruction_sets import FEWEST, environment, others
from octavox.codec.cloud.cloud import VoxelCloud
from octavox.codec.cloud.morton import sort_unique
from octavox.codec.codecs.geometry.multiscale import codec as codec_module
from octavox.codec.codecs.geometry.multiscale import predictor as predictors
from octavox.codec.codecs.geometry.multiscale import trunk
from octavox.codec.codecs.geometry.multiscale.codec import MultiscaleCodec
from octavox.codec.codecs.geometry.multiscale.device import DeviceMultiscale
from octavox.codec.codecs.interface import GeometryStream
from octavox.codec.codecs.registry import get_codec
from octavox.codec.errors import CancelledError, CorruptStreamError, InputError, WeightsError
from octavox.codec.job import CancelToken, JobContext, Progress
from octavox.codec.options import CodecOptions

PATHS = [
    str(Path(__file__).parent),
    str(ROOT / "tests" / "support"),
    str(ROOT),
]  # for a process of its own


def cloud_of(coords: np.ndarray, depth: int) -> VoxelCloud:
    return VoxelCloud(sort_unique(coords.astype(np.int32), depth), depth)


def patch(depth: int = 8) -> VoxelCloud:
    """A bent, noisy sheet and some lonely voxels."""
    rng = np.random.default_rng(11)
    x, y = np.meshgrid(np.arange(60), np.arange(60), indexing="ij")
    z = 70 + np.round(6 * np.sin(x / 9.0) + 4 * np.cos(y / 7.0) + rng.normal(0, 0.3, x.shape))
    sheet = np.stack([x + 20, y + 90, z], -1).reshape(-1, 3)
    return cloud_of(np.concatenate([sheet, rng.integers(0, 1 << depth, (20, 3))]), depth)


def encode(cloud: VoxelCloud, codec: MultiscaleCodec | None = None, **options: object):  # type: ignore[no-untyped-def]
    return (codec or get_codec("multiscale")).encode(cloud, CodecOptions(**options), JobContext())


def decode(stream: GeometryStream, **options: object):  # type: ignore[no-untyped-def]
    return get_codec("multiscale").decode(stream, CodecOptions(**options), JobContext())


@pytest.fixture
def ahead_always(monkeypatch: pytest.MonkeyPatch) -> None:
    """The trunk in its thread for the smallest levels, too."""
    monkeypatch.setattr(predictors, "SMALL", 0)
    monkeypatch.setattr(trunk, "PART_NODES", 64)


def test_the_thread_ahead_changes_no_byte(ahead_always: None) -> None:
    for threads in (1, 2, 5):
        assert encode(patch(), threads=threads).stream == golden_stream()
        assert np.array_equal(decode(golden_stream(), threads=threads).coords, patch().coords)


def test_round_trip_and_the_same_bytes_with_any_number_of_threads() -> None:
    cloud = make_sphere(7, 50.0)
    codec = MultiscaleCodec(slice_points=5000)
    one, two = encode(cloud, codec, threads=1), encode(cloud, codec, threads=2)
    assert len(one.stream.sections) > 2
    assert one.stream == two.stream
    for threads in (1, 2):
        back = decode(one.stream, threads=threads)
        assert np.array_equal(back.coords, cloud.coords)
        for name in ("origin", "size", "points", "bits", "flag_bits", "slice"):
            assert np.array_equal(getattr(one.blocks, name), getattr(back.blocks, name)), name
    assert encode(cloud).stream != one.stream


def test_a_torch_device_writes_and_reads_the_same_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    """Here torch on the CPU stands for the GPU: the integers are the same on any device."""
    monkeypatch.setattr(codec_module, "pick_device", lambda name: "cpu:0")
    coded = encode(patch(), device="cuda")
    assert isinstance(codec_module.CODEC.network(CodecOptions(device="cuda")), DeviceMultiscale)
    assert coded.device == "cpu:0"
    assert coded.stream == golden_stream()
    assert np.array_equal(decode(coded.stream, device="cuda").coords, patch().coords)


def test_the_device_is_what_was_asked_for_or_an_error() -> None:
    assert encode(patch(), device="auto").device == "cpu"
    with pytest.raises(InputError, match=r"unknown device 'abacus'"):
        encode(patch(), device="abacus")
    if not torch.cuda.is_available():
        with pytest.raises(InputError, match=r"no CUDA GPU"):
            encode(patch(), device="cuda")


@pytest.mark.parametrize("name", ["octree", "multiscale"])
@pytest.mark.parametrize("size", [64, 32, 16, 8, 4])
def test_blocks_of_any_size_own_every_bit(name: str, size: int) -> None:
    cloud, whole = patch(), get_codec(name).encode(patch(), CodecOptions(), JobContext())
    coded = get_codec(name).encode(cloud, CodecOptions(block_size=size), JobContext())
    assert coded.stream == whole.stream
    assert set(coded.blocks.size.tolist()) == {size}
    cells, points = np.unique(cloud.coords // size, axis=0, return_counts=True)
    order = np.lexsort(coded.blocks.origin.T[::-1])
    assert np.array_equal(coded.blocks.origin[order], cells * size)
    assert np.array_equal(coded.blocks.points[order], points)
    # The blocks of a 64-block share its bits, and nothing else.
    place = {tuple(c): i for i, c in enumerate((whole.blocks.origin // 64).tolist())}
    owner = np.array([place[tuple(c)] for c in (coded.blocks.origin // 64).tolist()])
    for column in ("bits", "flag_bits"):
        summed = np.bincount(owner, getattr(coded.blocks, column))
        assert np.allclose(summed, getattr(whole.blocks, column), rtol=1e-9)
    back = get_codec(name).decode(coded.stream, CodecOptions(block_size=size), JobContext())
    assert np.array_equal(back.blocks.bits, coded.blocks.bits)


def test_a_block_size_that_is_none_is_refused() -> None:
    with pytest.raises(InputError, match=r"block size 12 is none of 64, 32, 16, 8, 4"):
        encode(patch(), block_size=12)


def test_it_beats_the_codec_without_a_network() -> None:
    cloud = patch()

    def size(name: str) -> int:
        stream = get_codec(name).encode(cloud, CodecOptions(), JobContext()).stream
        return sum(len(s.payload) for s in stream.sections)

    assert size("multiscale") < 0.95 * size("octree")


@settings(max_examples=10)
@given(st.integers(0, 2**32), st.integers(1, 21), st.integers(0, 60))
def test_any_small_cloud_comes_back(seed: int, depth: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    cloud = cloud_of(rng.integers(0, 1 << depth, (count, 3)), depth)
    assert np.array_equal(decode(encode(cloud).stream).coords, cloud.coords)


@pytest.mark.parametrize(
    "coords",
    [
        np.zeros((1, 3)),
        np.full((1, 3), 63),
        np.stack(np.meshgrid(*[np.arange(16)] * 3, indexing="ij"), -1).reshape(-1, 3),
        np.stack([np.arange(64)] * 3, 1),
    ],
)
def test_extreme_clouds(coords: np.ndarray) -> None:
    cloud = cloud_of(coords, 6)
    assert np.array_equal(decode(encode(cloud).stream).coords, cloud.coords)


def test_every_bit_has_an_owner() -> None:
    coded = encode(make_sphere(7, 50.0))
    payload = 8 * sum(len(s.payload) for s in coded.stream.sections)
    owned = float((coded.blocks.bits + coded.blocks.flag_bits).sum())
    assert abs(owned - payload) < 0.001 * payload + 16
    assert coded.side_bits["termination"] == pytest.approx(payload - owned)


def test_other_weights_are_refused_and_their_own_streams_work(tmp_path: Path) -> None:
    path, cloud = tmp_path / "w.safetensors", patch()
    path.write_bytes(random_file())
    own = encode(cloud, weights=str(path)).stream
    assert np.array_equal(decode(own, weights=str(path)).coords, cloud.coords)
    with pytest.raises(WeightsError, match="the stream needs weights"):
        decode(own)
    with pytest.raises(WeightsError, match="missing"):
        encode(cloud, weights=str(tmp_path / "none.safetensors"))


def refused_or_sound(stream: GeometryStream) -> bool:
    """True if the stream is refused; else it must be the very stream of the voxels that it gives."""
    try:
        back = decode(stream)
    except CorruptStreamError as fault:
        assert fault.field == "slice 0"
        return True
    assert len(back.coords) == stream.points
    assert encode(VoxelCloud(back.coords, stream.depth)).stream == stream
    return False


def test_damaged_payloads_never_pass_in_silence(ahead_always: None) -> None:
    stream = encode(patch()).stream
    section = stream.sections[0]
    rng = np.random.default_rng(5)
    unnoticed = 0
    for at in rng.integers(0, 8 * len(section.payload), 30).tolist():
        payload = bytearray(section.payload)
        payload[at // 8] ^= 1 << (at % 8)
        unnoticed += not refused_or_sound(
            replace(stream, sections=[replace(section, payload=bytes(payload))])
        )
    assert unnoticed <= 1  # of what the range coder cannot tell, the container's checksum tells
    for length in range(0, len(section.payload), 50):
        cut = replace(section, payload=section.payload[:length])
        assert refused_or_sound(replace(stream, sections=[cut])), length
    assert not [t for t in threading.enumerate() if t.name == "octavox-trunk"]


@pytest.mark.slow
@pytest.mark.parametrize("direction", ["encode", "decode"])
def test_cancel_in_the_middle_ends_the_thread_ahead(ahead_always: None, direction: str) -> None:
    cloud, token = make_sphere(8, 100.0), CancelToken()
    stream = encode(cloud).stream
    before = set(threading.enumerate())

    def stop(step: Progress) -> None:
        if step.done > len(cloud) // 3:
            token.cancel()

    codec, options = get_codec("multiscale"), CodecOptions(threads=2)
    with pytest.raises(CancelledError):
        if direction == "encode":
            codec.encode(cloud, options, JobContext(stop, token))
        else:
            codec.decode(stream, options, JobContext(stop, token))
    assert set(threading.enumerate()) == before


@pytest.mark.slow
def test_other_instructions_give_the_same_stream() -> None:
    """A process limited to few instructions of the CPU writes the golden stream; `make exact` tries more."""
    script = (
        f"import sys; sys.path[:0] = {PATHS}; import test_multiscale_codec as t; "
        "sys.exit(t.encode(t.patch()).stream != t.golden_stream())"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=environment(FEWEST), timeout=280)
    assert done.returncode == 0


@pytest.mark.slow
@pytest.mark.parametrize("name", ["as it is", *others()])
def test_products_of_four_bytes_are_exact(name: str) -> None:
    """At their extremes too, with the instruction that each CPU has for them."""
    env = environment(name) if name in others() else dict(os.environ)
    subprocess.run([sys.executable, "-c", EXTREMES], cwd=ROOT, env=env, check=True, timeout=280)


EXTREMES = """
import os
import llvmlite.binding as llvm
import numpy as np
from octavox.codec.coding.kernels import dense
from octavox.codec.coding.kernels.simd import multiplies_bytes
features = os.environ.get("NUMBA_CPU_FEATURES", llvm.get_host_cpu_features().flatten()).split(",")
rng = np.random.default_rng(2)
for x, w in (((0, 256), (-128, 128)), ((255, 256), (-128, -127)), ((255, 256), (127, 128))):
    x, w = rng.integers(*x, 2 * 2016).astype(np.uint8), rng.integers(*w, (2016, 32)).astype(np.int8)
    bias = (-(x.reshape(2, -1).astype(np.int64) @ w).mean(0)).astype(np.int32) + 4000
    layer = dense.pack(w, bias, np.full(32, 5, np.uint8))
    assert layer.weight.dtype == (np.int8 if multiplies_bytes() else np.int16)
    right = (x.reshape(2, -1).astype(np.int64) @ w + bias + 16) >> 5
    out, one = np.zeros(64, np.uint8), np.zeros(32, np.uint8)
    dense.pair32(x, layer, out)
    assert np.array_equal(out, np.clip(right, 0, 255).reshape(-1))
    dense.dense32(x, 2016, layer, 0, one, 0)
    assert np.array_equal(one, np.clip(right[1], 0, 255))
assert multiplies_bytes() == bool({"+avx512vnni", "+avxvnni"} & set(features))
"""


def golden_stream() -> GeometryStream:
    return read_stream("multiscale")


def test_golden_stream() -> None:
    """Streams of format version 1 with the shipped weights: decoded as ever, and written as ever."""
    stream = golden_stream()
    assert np.array_equal(decode(stream).coords, patch().coords)
    assert encode(patch()).stream == stream


def test_golden_stream_of_an_earlier_choice() -> None:
    """Tables twice as large, as this release does not take them."""
    stream = read_stream("multiscale_larger_tables")
    assert stream.params[1] == golden_stream().params[1] + 1
    assert np.array_equal(decode(stream).coords, patch().coords)


if (
    __name__ == "__main__"
):  # `PYTHONPATH=. python tests/test_multiscale_codec.py` writes the stream anew, after new weights
    write_stream("multiscale", encode(patch()).stream)
