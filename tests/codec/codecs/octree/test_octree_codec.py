"""The codec "octree": round trips, slices and threads, accounting, progress, cancelling, arguments."""

from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from octree_fixtures import (
    SHEET_SLICE,
    assert_same_table,
    cloud_of,
    corners,
    decode,
    encode,
    full_cube,
    sheet,
)

from octavox.codec.blocks import BlockTable
from octavox.codec.cloud.cloud import VoxelCloud
from octavox.codec.cloud.morton import morton_encode, sort_unique
from octavox.codec.codecs.geometry.octree import slicing
from octavox.codec.codecs.geometry.octree.codec import OctreeCodec
from octavox.codec.codecs.geometry.octree.params import MODEL_VERSION, table_bits_for
from octavox.codec.codecs.geometry.octree.slice_coder import SliceJob, SliceSettings, encode_slice
from octavox.codec.codecs.geometry.octree.slicing import MAX_SLICE_POINTS, SLICE_POINTS
from octavox.codec.codecs.interface import EncodedGeometry
from octavox.codec.errors import CancelledError, CorruptStreamError, InputError
from octavox.codec.job import CancelToken, JobContext, Progress
from octavox.codec.options import CodecOptions

both_directions = pytest.mark.parametrize("direction", ["encode", "decode"])
one_or_two_threads = pytest.mark.parametrize("threads", [1, 2])


def assert_comes_back(cloud: VoxelCloud, slice_points: int = SLICE_POINTS) -> EncodedGeometry:
    coded = encode(cloud, slice_points)
    back = decode(coded.stream)
    assert back.coords.dtype == np.int32
    assert np.array_equal(back.coords, cloud.coords)
    assert_same_table(coded.blocks, back.blocks)
    assert coded.side_bits == back.side_bits
    return coded


@settings(max_examples=100)
@given(st.integers(0, 2**32), st.integers(1, 21), st.integers(0, 80), st.sampled_from([5, 30, SLICE_POINTS]))
def test_any_small_cloud_comes_back(seed: int, depth: int, count: int, slice_points: int) -> None:
    rng = np.random.default_rng(seed)
    side = 1 << depth
    near = rng.integers(0, side, 3) + rng.integers(-4, 5, (count, 3))
    far = rng.integers(0, side, (count // 8, 3))
    cloud = cloud_of(np.concatenate([np.clip(near, 0, side - 1), far]), depth)
    coded = assert_comes_back(cloud, slice_points)
    assert sum(s.points for s in coded.stream.sections) == len(cloud)


@pytest.mark.parametrize("depth", range(1, 22))
def test_extreme_clouds_at_every_depth(depth: int) -> None:
    side = 1 << depth
    block = full_cube(min(side, 4))
    diagonal = np.repeat(np.arange(min(side, 100)), 3).reshape(-1, 3)
    voxels = np.array([[0, 0, 0], [side - 1, 0, side // 2], [side - 1] * 3])
    for coords in (*voxels, block, side - 1 - block, diagonal, corners(depth).coords, np.zeros((0, 3))):
        assert_comes_back(cloud_of(coords, depth))


def test_full_and_half_full_cubes() -> None:
    full = full_cube(16)
    assert len(assert_comes_back(cloud_of(full, 4)).stream.sections[0].payload) < 20
    assert_comes_back(cloud_of(full + 56, 7))  # over the corner of eight blocks
    assert_comes_back(cloud_of(full[full.sum(axis=1) % 2 == 0], 4))


def test_a_stream_that_names_weights_is_refused() -> None:
    stream = encode(sheet()).stream
    with pytest.raises(CorruptStreamError, match="weights"):
        OctreeCodec().decode(replace(stream, weights_id=b"octavox!"), CodecOptions(), JobContext())


def test_the_largest_cube_has_a_slice_for_each_corner() -> None:
    coded = assert_comes_back(corners(21), slice_points=1)
    assert [s.points for s in coded.stream.sections] == [1] * 8
    assert np.array_equal(coded.blocks.slice, np.arange(8))
    assert np.array_equal(coded.blocks.origin, corners(21).coords // 64 * 64)


def test_bytes_do_not_depend_on_threads() -> None:
    one = encode(sheet(), SHEET_SLICE, threads=1)
    assert len(one.stream.sections) > 5
    two = encode(sheet(), SHEET_SLICE, threads=2)
    assert two.stream == one.stream
    assert_same_table(one.blocks, two.blocks)
    for threads in (1, 2):
        back = decode(one.stream, threads)
        assert np.array_equal(back.coords, sheet().coords)
        assert_same_table(one.blocks, back.blocks)


def test_slices_can_be_decoded_alone() -> None:
    stream = encode(sheet(), SHEET_SLICE).stream
    at = 0
    for section in stream.sections:
        alone = decode(replace(stream, points=section.points, sections=[section]))
        assert np.array_equal(alone.coords, sheet().coords[at : at + section.points])
        at += section.points
    assert at == len(sheet())


@pytest.mark.parametrize("table_bits", [12, 17, 22])
def test_any_table_size_can_be_decoded(table_bits: int) -> None:
    cloud = cloud_of(sheet().coords[:2000], 8)
    stream = encode(cloud).stream
    codes = morton_encode(cloud.coords, cloud.depth)
    payload, *_ = encode_slice(codes, SliceSettings(cloud.depth, table_bits), SliceJob(0, lambda *news: None))
    section = replace(stream.sections[0], payload=payload)
    other = replace(stream, params=bytes([MODEL_VERSION, table_bits]), sections=[section])
    assert np.array_equal(decode(other).coords, cloud.coords)


def test_table_size_follows_the_points() -> None:
    points = (0, 1, 1023, 1024, 10**6, 10**9)
    assert [table_bits_for(n) for n in points] == [12, 12, 14, 15, 22, 22]
    assert [table_bits_for(n, with_network=True) for n in points] == [12, 12, 13, 14, 21, 21]
    # The largest slice counts.
    coded = encode(sheet(), SHEET_SLICE)
    largest = max(s.points for s in coded.stream.sections)
    assert coded.stream.params == bytes([MODEL_VERSION, table_bits_for(largest)])


def test_two_slices_for_two_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(encode(sheet()).stream.sections) == 1
    monkeypatch.setattr(OctreeCodec, "shared_from", len(sheet()) - 1)
    coded = encode(sheet())
    assert len(coded.stream.sections) == 2
    assert np.array_equal(decode(coded.stream).coords, sheet().coords)
    assert len(encode(sheet(), SHEET_SLICE).stream.sections) > 2


def test_more_slices_where_the_bytes_allow_it(monkeypatch: pytest.MonkeyPatch) -> None:
    cells = np.unique(np.random.default_rng(1).integers(0, 1 << 12, (60_000, 3)), axis=0)
    cloud = cloud_of(cells, 12)
    codes = morton_encode(cloud.coords, 12)
    assert slicing.slices_by_bytes(codes) == 1
    one = encode(cloud)
    size = len(one.stream.sections[0].payload)
    # The estimate is from below, and not far off.
    monkeypatch.setattr(slicing, "SLICE_BYTES", size // 4)
    assert slicing.slices_by_bytes(codes) == 3
    more = encode(cloud)
    two = OctreeCodec().encode(cloud, CodecOptions(slices=2, threads=1), JobContext())
    assert [len(one.stream.sections) for one in (two, more)] == [2, 3]
    assert np.array_equal(decode(more.stream).coords, cloud.coords)
    # A dense surface has no level that counts, and of a cloud that is small enough no one does.
    assert slicing.slices_by_bytes(morton_encode(sheet().coords, sheet().depth)) == 1
    assert slicing.slices_by_bytes(codes[:1]) == slicing.slices_by_bytes(codes[:0]) == 1
    monkeypatch.setattr(slicing, "SLICE_BYTES", 1)
    assert slicing.slices_by_bytes(codes) == slicing.MOST_BY_BYTES


@pytest.mark.slow
@pytest.mark.parametrize("wanted", [1, 2, 3, 8, 16])
def test_as_many_slices_as_are_asked_for(wanted: int) -> None:
    rng = np.random.default_rng(wanted)  # 2,000 blocks with 30 voxels or so each
    corners = np.unique(rng.integers(0, 64, (2_000, 3)), axis=0) * 64
    points = (corners[:, None] + rng.integers(0, 8, (len(corners), 30, 3))).reshape(-1, 3)
    cloud = cloud_of(np.unique(points, axis=0), 12)
    coded = OctreeCodec().encode(cloud, CodecOptions(slices=wanted), JobContext())
    assert len(coded.stream.sections) == wanted
    points_each = [section.points for section in coded.stream.sections]
    assert max(points_each) <= 1.5 * len(cloud) / wanted  # so that all processors end at about one time
    assert np.array_equal(decode(coded.stream).coords, cloud.coords)


def test_slices_are_whole_blocks_and_their_number_is_bounded() -> None:
    cloud = sheet()
    blocks = len(np.unique(cloud.coords >> 6, axis=0))
    coded = OctreeCodec().encode(cloud, CodecOptions(slices=256), JobContext())
    assert len(coded.stream.sections) <= blocks
    assert np.array_equal(decode(coded.stream).coords, cloud.coords)
    for wrong in (0, -1, 257):
        with pytest.raises(InputError, match="slices"):
            OctreeCodec().encode(cloud, CodecOptions(slices=wrong), JobContext())


@pytest.mark.parametrize("slice_points", [SHEET_SLICE, SLICE_POINTS])
def test_every_bit_has_an_owner(slice_points: int) -> None:
    coded = encode(sheet(), slice_points)
    payload = 8 * sum(len(s.payload) for s in coded.stream.sections)
    owned = float((coded.blocks.bits + coded.blocks.flag_bits).sum())
    assert list(coded.side_bits) == ["termination"]
    assert owned + coded.side_bits["termination"] == pytest.approx(payload, abs=1e-6)
    ends = 16 * len(coded.stream.sections)  # the last bytes, in bits
    assert abs(owned - payload) < 0.001 * payload + ends
    assert np.all(coded.blocks.bits > 0)
    assert np.all(coded.blocks.flag_bits > 0)
    assert int(coded.blocks.points.sum()) == len(sheet())


@both_directions
@one_or_two_threads
def test_progress(direction: str, threads: int) -> None:
    cloud = sheet()
    coded = encode(cloud, SHEET_SLICE)
    seen: list[Progress] = []
    job, options = JobContext(seen.append), CodecOptions(threads=threads)
    codec = OctreeCodec(SHEET_SLICE)
    if direction == "encode":
        codec.encode(cloud, options, job)
        assert all(s.coords is None for s in seen)
    else:
        codec.decode(coded.stream, options, job)
        shown = np.concatenate([s.coords for s in seen if s.coords is not None])
        assert len(shown) == len(cloud)
        assert np.array_equal(sort_unique(shown, cloud.depth), cloud.coords)
    done = [s.done for s in seen]
    assert done == sorted(done)
    assert done[-1] == len(cloud)
    assert len(set(done)) > 2 * len(coded.stream.sections)
    assert {(s.stage, s.total) for s in seen} == {(direction, len(cloud))}
    rows = BlockTable.concatenate([s.blocks for s in seen if s.blocks is not None])
    order = np.lexsort((morton_encode(rows.origin, cloud.depth), rows.slice))
    assert_same_table(BlockTable(*(column[order] for column in vars(rows).values())), coded.blocks)


def test_voxels_of_a_long_level_come_in_parts() -> None:
    seen: list[Progress] = []
    stream = encode(sheet()).stream
    OctreeCodec().decode(stream, CodecOptions(), JobContext(seen.append))
    shown = [s.coords for s in seen if s.coords is not None]
    assert len(stream.sections) == 1 < len(shown)
    assert np.array_equal(sort_unique(np.concatenate(shown), 8), sheet().coords)
    assert sum(map(len, shown)) == len(sheet())


@both_directions
@one_or_two_threads
def test_cancel_in_the_middle(direction: str, threads: int) -> None:
    cloud, token = sheet(), CancelToken()
    stream = encode(cloud, SHEET_SLICE).stream
    seen: list[Progress] = []
    before = set(threading.enumerate())

    def stop(step: Progress) -> None:
        seen.append(step)
        if step.done > len(cloud) // 3:
            token.cancel()

    codec, job, options = OctreeCodec(SHEET_SLICE), JobContext(stop, token), CodecOptions(threads=threads)
    with pytest.raises(CancelledError, match=r"^cancelled$"):
        if direction == "encode":
            codec.encode(cloud, options, job)
        else:
            codec.decode(stream, options, job)
    assert seen[-2].done <= len(cloud) // 3 < seen[-1].done < len(cloud)  # nothing came after it
    assert set(threading.enumerate()) == before


@one_or_two_threads
def test_a_fault_in_one_slice_ends_all(threads: int) -> None:
    stream = encode(sheet(), SHEET_SLICE).stream
    sections = [replace(stream.sections[0], payload=b""), *stream.sections[1:]]
    before, seen = set(threading.enumerate()), list[Progress]()
    options, job = CodecOptions(threads=threads), JobContext(seen.append)
    with pytest.raises(CorruptStreamError, match="slice 0"):
        OctreeCodec().decode(replace(stream, sections=sections), options, job)
    assert set(threading.enumerate()) == before
    assert sum(s.blocks is not None for s in seen) < len(sections) - 1  # the others did not go on


class BrokenError(Exception):
    pass


@one_or_two_threads
def test_an_error_of_the_caller_comes_through(threads: int) -> None:
    """Whatever slices it stops, the error that the caller sees is the first one."""

    def fail(step: Progress) -> None:
        if step.done > len(sheet()) // 4:
            raise BrokenError

    with pytest.raises(BrokenError):
        OctreeCodec(SHEET_SLICE).encode(sheet(), CodecOptions(threads=threads), JobContext(fail))


@pytest.mark.parametrize(
    ("coords", "depth", "reason"),
    [
        ([[1, 0, 0], [0, 0, 0]], 3, "Morton order"),
        ([[0, 0, 7], [0, 1, 0]], 3, "Morton order"),
        ([[0, 0, 1], [0, 0, 1]], 3, "unique"),
        ([[0, 0, 8]], 3, "outside"),
        ([[0, -1, 0]], 3, "outside"),
        ([[0, 0, 0]], 0, "depth"),
        ([[0, 0, 0]], 22, "depth"),
    ],
)
def test_clouds_that_break_the_rules_are_refused(coords: list[list[int]], depth: int, reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        encode(VoxelCloud(np.array(coords, np.int32), depth))


@pytest.mark.parametrize("slice_points", [0, -1, MAX_SLICE_POINTS + 1])
def test_slice_sizes_out_of_range_are_refused(slice_points: int) -> None:
    with pytest.raises(InputError, match="slice"):
        OctreeCodec(slice_points)
