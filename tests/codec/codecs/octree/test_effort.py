"""`--effort high`: what an encoder may choose for a cloud, and that any decoder follows it."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from multiscale_fixtures import random_file
from octree_fixtures import SHEET_SLICE, cloud_of, sheet
from octree_reference import decode_slice, own_axes
from sample_clouds import ROOT, make_sphere

from octavox import codec
from octavox.codec.cli.main import main
from octavox.codec.cloud.cloud import VoxelCloud
from octavox.codec.codecs.geometry.octree import effort
from octavox.codec.codecs.geometry.octree.codec import OctreeCodec
from octavox.codec.codecs.geometry.octree.learning import DEFAULT_LEARNING, NETWORK_LEARNING, Learning
from octavox.codec.codecs.geometry.octree.params import AXIS_ORDERS, Params, read_params
from octavox.codec.codecs.interface import EncodedGeometry
from octavox.codec.codecs.registry import get_codec
from octavox.codec.errors import CancelledError, CorruptStreamError, InputError
from octavox.codec.job import CancelToken, JobContext, Progress
from octavox.codec.options import CodecOptions

HIGH = CodecOptions(effort="high")
SAMPLE = ROOT / "resources" / "samples" / "spot_vox8.ply"


def encode(cloud: VoxelCloud, options: CodecOptions = HIGH, slice_points: int = 10**6) -> EncodedGeometry:
    return OctreeCodec(slice_points).encode(cloud, options, JobContext())


def size(coded: EncodedGeometry) -> int:
    return sum(len(s.payload) for s in coded.stream.sections) + len(coded.stream.params)


def waves() -> VoxelCloud:
    """Ripples along one axis alone: raster order meets them well one way and badly another."""
    x, y = np.mgrid[0:100, 0:100].reshape(2, -1)
    z = 60 + np.rint(20 * np.sin(y / 3.0) + np.random.default_rng(1).normal(0, 0.5, len(y)))
    return cloud_of(np.stack([z, x, y], 1), 7)


def forced(monkeypatch: pytest.MonkeyPatch, axes: int, learning: Learning = DEFAULT_LEARNING) -> None:
    """Makes every search end with these settings."""
    monkeypatch.setattr(
        effort.Search, "best", lambda self, default: replace(default, axes=axes, learning=learning)
    )


@pytest.mark.parametrize("cloud", [sheet(), waves(), make_sphere(4, 6.0)], ids=["sheet", "waves", "sphere"])
def test_never_more_bytes_and_the_same_voxels(cloud: VoxelCloud) -> None:
    normal, high = encode(cloud, CodecOptions()), encode(cloud)
    assert size(high) <= size(normal)
    back = OctreeCodec().decode(high.stream, CodecOptions(), JobContext())
    assert np.array_equal(back.coords, cloud.coords)
    owned = back.blocks.bits.sum() + back.blocks.flag_bits.sum() + back.side_bits["termination"]
    assert owned == pytest.approx(8 * sum(len(s.payload) for s in high.stream.sections))


def test_it_pays_where_a_cloud_has_a_direction() -> None:
    normal, high = encode(waves(), CodecOptions()), encode(waves())
    assert len(high.stream.params) == 8
    assert size(high) < 0.9 * size(normal)


def test_settings_that_do_not_pay_are_not_sent() -> None:
    one = cloud_of(np.array([[3, 1, 2]]), 5)
    assert encode(one).stream == encode(one, CodecOptions()).stream
    empty = cloud_of(np.empty((0, 3), np.int64), 5)
    assert encode(empty).stream == encode(empty, CodecOptions()).stream


@pytest.mark.slow
@pytest.mark.parametrize("axes", range(6))
def test_every_order_of_axes(monkeypatch: pytest.MonkeyPatch, axes: int) -> None:
    """Voxels, blocks and what a decoder reports on its way are the cloud's own."""
    forced(monkeypatch, axes, Learning(20, 30, 4, 9, 7))
    cloud = sheet()
    coded = encode(cloud, slice_points=SHEET_SLICE)
    assert coded.stream.params[2:] == bytes([axes, 20, 30, 4, 9, 7])
    seen: list[np.ndarray] = []
    corners: list[np.ndarray] = []

    def note(step: Progress) -> None:
        if step.coords is not None:
            seen.append(step.coords)
        if step.blocks is not None:
            corners.append(step.blocks.origin)

    back = OctreeCodec().decode(coded.stream, CodecOptions(), JobContext(progress=note))
    assert np.array_equal(back.coords, cloud.coords)
    reported = {tuple(v) for v in np.concatenate(seen).tolist()}
    assert reported == {tuple(v) for v in cloud.coords.tolist()}
    expected = {tuple(v) for v in (cloud.coords // 64 * 64).tolist()}
    assert {tuple(v) for v in np.concatenate(corners).tolist()} == expected
    for table in (coded.blocks, back.blocks):
        assert {tuple(v) for v in table.origin.tolist()} == expected
        for origin, points in zip(table.origin, table.points, strict=True):
            assert points == np.all(cloud.coords // 64 * 64 == origin, axis=1).sum()


@pytest.mark.slow
@given(st.integers(0, 5), st.tuples(st.integers(1, 63), *[st.integers(1, 255)] * 4))
@settings(max_examples=10)
def test_the_document_reads_any_settings(axes: int, numbers: tuple[int, ...]) -> None:
    cloud = make_sphere(4, 5.0)
    with pytest.MonkeyPatch.context() as patch:
        forced(patch, axes, Learning(*numbers))
        stream = encode(cloud).stream
    reported = decode_slice(stream.sections[0].payload, cloud.depth, stream.params)
    assert reported.ends_well
    voxels = sorted(own_axes(v, stream.params) for v in reported.voxels)
    assert voxels == sorted(map(tuple, cloud.coords.tolist()))


def test_one_slice_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    forced(monkeypatch, 3)
    coded = encode(sheet(), slice_points=SHEET_SLICE)
    whole = OctreeCodec().decode(coded.stream, CodecOptions(), JobContext())
    part = OctreeCodec().decode(replace(coded.stream, wanted=(1,)), CodecOptions(), JobContext())
    mine = whole.blocks.origin[whole.blocks.slice == 1]
    inside = (whole.coords[:, None] // 64 * 64 == mine[None]).all(2).any(1)
    assert np.array_equal(part.coords, whole.coords[inside])


def test_threads_do_not_change_the_choice() -> None:
    one, two = (encode(waves(), replace(HIGH, threads=n)).stream for n in (1, 2))
    assert one == two


def test_a_large_cloud_is_judged_by_a_part_of_it() -> None:
    cloud = sheet()
    part = effort.sample(cloud, 3000)
    assert 3000 <= len(part) < len(cloud) / 2
    blocks = {tuple(v) for v in (part // 64).tolist()}
    inside = [tuple(v) in blocks for v in (cloud.coords // 64).tolist()]
    assert np.array_equal(part, cloud.coords[inside])
    full = cloud_of(np.stack(np.mgrid[0:32, 0:32, 0:32], -1).reshape(-1, 3), 6)
    assert len(effort.sample(full, 1000)) == 1000


def test_what_a_part_was_fooled_by_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """A search that saw a part of the cloud alone is checked on all of it."""
    monkeypatch.setattr(effort, "SAMPLE_POINTS", 3000)
    bad = Learning(63, 255, 255, 1, 1)
    monkeypatch.setattr(effort.Search, "best", lambda self, default: replace(default, learning=bad))
    steps: list[Progress] = []
    coded = OctreeCodec().encode(sheet(), HIGH, JobContext(progress=steps.append))
    assert coded.stream == encode(sheet(), CodecOptions()).stream
    assert {s.stage for s in steps} == {"encode"}
    assert all(s.blocks is None for s in steps if s.stage == "search")
    good = Learning(16, 100, 1, 150, 63)
    monkeypatch.setattr(effort.Search, "best", lambda self, default: replace(default, axes=2, learning=good))
    assert len(encode(sheet()).stream.params) == 8


def test_cancel_in_the_search() -> None:
    token, stages = CancelToken(), set()

    def stop(step: Progress) -> None:
        stages.add(step.stage)
        token.cancel()

    with pytest.raises(CancelledError):
        OctreeCodec().encode(sheet(), HIGH, JobContext(progress=stop, cancel=token))
    assert stages == {"search"}


def test_progress_of_the_search_ends_full() -> None:
    steps: list[Progress] = []
    OctreeCodec().encode(waves(), HIGH, JobContext(progress=steps.append))
    search = [s.done for s in steps if s.stage == "search"]
    assert search == sorted(search) and search[-1] == effort.TRIES
    assert {s.total for s in steps if s.stage == "search"} == {effort.TRIES}
    assert {s.stage for s in steps} == {"search", "encode"}


def test_progress_of_two_codings_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """A cloud larger than the sample is coded twice: no block is told twice, and the bar never goes back."""
    monkeypatch.setattr(effort, "SAMPLE_POINTS", 2000)
    forced(monkeypatch, axes=3)
    lock, steps = threading.Lock(), []

    def note(step: Progress) -> None:
        assert lock.acquire(blocking=False), "told from two threads at once"
        steps.append(step)
        lock.release()

    coded = OctreeCodec(3000).encode(waves(), replace(HIGH, threads=2), JobContext(progress=note))
    done = [(s.done, s.total) for s in steps if s.stage == "encode"]
    assert done == sorted(done) and done[-1] == (2 * len(waves()), 2 * len(waves()))
    reported = sum(len(s.blocks) for s in steps if s.blocks is not None)
    assert reported == len(coded.blocks)


def test_with_a_network(tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    path.write_bytes(random_file())
    options = replace(HIGH, codec="multiscale", weights=str(path))
    coded = get_codec("multiscale").encode(waves(), options, JobContext())
    plain = get_codec("multiscale").encode(waves(), replace(options, effort="normal"), JobContext())
    assert len(plain.stream.params) == 2
    assert size(coded) < size(plain)
    back = get_codec("multiscale").decode(coded.stream, replace(options, effort="normal"), JobContext())
    assert np.array_equal(back.coords, waves().coords)


@pytest.mark.slow
@pytest.mark.parametrize(
    "params",
    [
        bytes([2, 12, 6, 10, 100, 2, 75, 255]),
        bytes([2, 12, 0, 0, 100, 2, 75, 255]),
        bytes([2, 12, 0, 64, 100, 2, 75, 255]),
        bytes([2, 12, 0, 10, 0, 2, 75, 255]),
        bytes([2, 12, 0, 10, 100, 2, 75, 0]),
        bytes([2, 12, 0, 10, 100, 2, 75]),
        bytes([2, 12, 0, 10, 100, 2, 75, 255, 1]),
    ],
)
def test_params_out_of_range_are_refused(params: bytes) -> None:
    with pytest.raises(CorruptStreamError) as error:
        OctreeCodec().decode(replace(encode(sheet()).stream, params=params), CodecOptions(), JobContext())
    assert error.value.field == "params"


def test_params_there_and_back() -> None:
    for default in (DEFAULT_LEARNING, NETWORK_LEARNING):
        for axes in range(len(AXIS_ORDERS)):
            for learning in (
                DEFAULT_LEARNING,
                NETWORK_LEARNING,
                Learning(1, 1, 1, 1, 1),
                Learning(63, 255, 255, 255, 255),
            ):
                params = Params(14, learning, axes)
                assert read_params(params.to_bytes(default), default) == params


def test_an_unknown_effort_is_refused() -> None:
    with pytest.raises(InputError, match="effort"):
        encode(sheet(), CodecOptions(effort="most"))


@pytest.mark.slow
def test_on_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = {e: tmp_path / f"{e}.ovx" for e in codec.EFFORTS}
    for name, path in out.items():
        assert main(["encode", str(SAMPLE), "-o", str(path), "--codec", "octree", "--effort", name]) == 0
    assert out["high"].stat().st_size < out["normal"].stat().st_size
    assert main(["verify", str(SAMPLE), str(out["high"])]) == 0
    assert "identical" in capsys.readouterr().out
