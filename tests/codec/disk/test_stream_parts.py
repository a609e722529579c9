"""Bitstreams decoded slice by slice to any level: nodes are those of the whole, what is kept is bounded."""

from __future__ import annotations

import os

import numpy as np
import pytest

from octavox import codec
from octavox.codec.disk import parts as parts_module

OPTIONS = codec.CodecOptions(threads=1)
DEPTH = 8


def hills() -> codec.VoxelCloud:
    x, y = np.meshgrid(np.arange(1 << DEPTH), np.arange(1 << DEPTH), indexing="ij")
    z = np.rint(60 + 40 * np.sin(x / 60) * np.cos(y / 45)).astype(np.int64)
    z += np.random.default_rng(0).integers(0, 4, z.shape)
    coords = np.stack([x, y, z], axis=-1).reshape(-1, 3).astype(np.int32)
    return codec.VoxelCloud(coords[np.argsort(codec.morton_encode(coords))], DEPTH)


@pytest.fixture(scope="module", params=["octree", "multiscale"])
def stream(request, tmp_path_factory):
    path = tmp_path_factory.mktemp("parts") / "hills.ovx"
    options = codec.CodecOptions(codec=request.param, slices=4, threads=1)
    codec.save_stream(path, codec.encode(hills(), options=options).data)
    return path


@pytest.fixture
def opened(stream):
    found = codec.open_parts(stream)
    assert found is not None
    yield found
    found.close()


def joined(nodes: list[np.ndarray]) -> np.ndarray:
    return np.unique(np.concatenate(nodes))


def test_the_nodes_of_all_slices_are_those_of_the_cloud_on_each_level(opened) -> None:
    codes = codec.morton_encode(hills().coords)
    assert len(opened) == 4 and opened.points.sum() == len(codes)
    for level in (3, 6, DEPTH):
        nodes = opened.nodes(range(4), level, OPTIONS)
        assert (joined(nodes) == codec.coarser(codes, DEPTH - level)).all()
        assert [len(n) for n in nodes] == [opened.counted(k, level) for k in range(4)]


def test_what_deeper_levels_say_is_not_decoded_again(opened, monkeypatch) -> None:
    (fine,) = opened.nodes([1], DEPTH, OPTIONS)
    assert opened.knows(1, 5) and opened.known_level(1) == DEPTH and not opened.knows(0, 1)
    monkeypatch.setattr(opened, "_decoded", lambda *args: pytest.fail("decoded again"))
    (coarse,) = opened.nodes([1], 5, OPTIONS)
    assert (coarse == codec.coarser(fine, DEPTH - 5)).all()


def test_a_slice_alone_reads_a_part_of_the_file(opened) -> None:
    opened.nodes([2], DEPTH, OPTIONS)
    one = opened.bytes_read
    assert 0 < one < opened.bytes_all
    opened.nodes([2], DEPTH, OPTIONS)
    assert opened.bytes_read == one
    opened.nodes(range(4), DEPTH, OPTIONS)
    assert opened.bytes_read == opened.bytes_all


def test_of_more_than_may_be_kept_the_oldest_go(stream, monkeypatch) -> None:
    monkeypatch.setattr(parts_module, "CACHE_BYTES", 8 * 40_000)
    with_room = codec.open_parts(stream)
    assert with_room is not None and with_room.room == 40_000
    for k in range(4):
        with_room.nodes([k], DEPTH, OPTIONS)
        assert with_room.kept_bytes <= 8 * 40_000
    assert with_room.knows(3, DEPTH) and not with_room.knows(0, 1)
    assert with_room.counted(0, DEPTH) == with_room.points[0]  # numbers stay
    with_room.close()


def test_numbers_of_nodes_that_are_not_known_are_estimated_within_the_points(opened) -> None:
    opened.nodes([0], 4, OPTIONS)
    estimates = [opened.counted(0, level) for level in range(4, DEPTH + 1)]
    assert estimates == sorted(estimates) and estimates[-1] <= opened.points[0]


def test_damage_is_an_error_that_names_file_slice_and_byte(stream, tmp_path) -> None:
    path = tmp_path / "bad.ovx"
    data = bytearray(stream.read_bytes())
    whole = codec.open_parts(stream)
    assert whole is not None
    entry = whole._stream.slices[2]
    whole.close()
    data[entry.first_byte + 20] ^= 255
    path.write_bytes(data)
    bad = codec.open_parts(path)
    assert bad is not None
    bad.nodes([1], DEPTH, OPTIONS)
    with pytest.raises(codec.CorruptStreamError, match="slice 2") as caught:
        bad.nodes([1, 2], DEPTH, OPTIONS)
    assert "bad.ovx" in str(caught.value) and caught.value.byte is not None
    assert bad.knows(1, DEPTH)  # what is whole stays
    bad.close()


def test_a_file_that_becomes_shorter_is_an_error(stream, tmp_path) -> None:
    path = tmp_path / "cut.ovx"
    path.write_bytes(stream.read_bytes())
    cut = codec.open_parts(path)
    assert cut is not None
    os.truncate(path, 300)
    with pytest.raises(codec.OctavoxError, match=r"cut\.ovx"):
        cut.nodes([3], DEPTH, OPTIONS)
    cut.close()


def test_decoding_can_be_cancelled(opened) -> None:
    cancel = codec.CancelToken()
    cancel.cancel()
    with pytest.raises(codec.CancelledError):
        opened.nodes([0], DEPTH, OPTIONS, cancel)
    assert opened.known_level(0) == 0


def test_other_files_are_no_parts(tmp_path) -> None:
    cloud = hills()
    half = codec.VoxelCloud(cloud.coords[:2000], DEPTH)
    codec.save_stream(
        tmp_path / "blocks.ovx",
        codec.encode(half, options=codec.CodecOptions(codec="voxeldnn", threads=1)).data,
    )
    assert codec.open_parts(tmp_path / "blocks.ovx") is None
    with pytest.raises(codec.OctavoxError):
        codec.open_parts(tmp_path / "none.ovx")
    (tmp_path / "junk.ovx").write_bytes(b"\x89OVX" + bytes(40))
    with pytest.raises(codec.OctavoxError):
        codec.open_parts(tmp_path / "junk.ovx")
