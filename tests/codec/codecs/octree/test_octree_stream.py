"""Streams of the codec "octree": what the document says, golden files, and damage of every kind."""

from __future__ import annotations

import tracemalloc
from collections import Counter, defaultdict
from dataclasses import replace

import golden_clouds
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from octree_fixtures import SHEET_SLICE, cloud_of, corners, decode, encode, full_cube, sheet
from octree_reference import MASKS as DOCUMENTED
from octree_reference import decode_slice
from sample_clouds import ROOT, make_sphere

from octavox import codec
from octavox.codec import CodecOptions
from octavox.codec.cloud.cloud import VoxelCloud
from octavox.codec.cloud.morton import morton_encode
from octavox.codec.codecs.geometry.octree.contexts import MASKS
from octavox.codec.codecs.geometry.octree.direct import NEVER
from octavox.codec.codecs.geometry.octree.params import MODEL_VERSION, table_bits_for
from octavox.codec.codecs.geometry.octree.slice_coder import SliceJob, SliceSettings, encode_slice
from octavox.codec.codecs.geometry.octree.slicing import MAX_SLICE_POINTS
from octavox.codec.codecs.interface import SECTION_SLICE, SECTION_TREE, GeometryStream, Section
from octavox.codec.errors import CorruptStreamError, UnsupportedStreamError

WORD = (1 << 64) - 1


def part() -> VoxelCloud:
    """Some 1,000 voxels of the sheet: a payload of a few hundred bytes, which decodes in a moment."""
    return cloud_of(sheet().coords[4000:5000], 8)


@pytest.mark.slow
@pytest.mark.parametrize(
    "cloud",
    [
        make_sphere(4, 6.0),
        corners(21),
        golden_clouds.sphere_and_noise(5),
        cloud_of(np.random.default_rng(8).integers(0, 200, (25, 3)), 9),
        cloud_of(full_cube(5) + 61, 8),
    ],
    ids=["sphere", "corners", "strays", "scattered", "over block borders"],
)
def test_a_decoder_written_from_the_document_agrees(cloud: VoxelCloud) -> None:
    coded = encode(cloud)
    decoded = decode_slice(coded.stream.sections[0].payload, cloud.depth, coded.stream.params)
    assert decoded.ends_well
    assert decoded.voxels == sorted(map(tuple, cloud.coords.tolist()))

    # Each bit belongs to the block around its node; those above the blocks are shared out.
    size = min(6, cloud.depth)
    bits: dict[tuple[int, ...], float] = defaultdict(float)
    above = 0.0
    for level, costs in enumerate(decoded.costs):
        below_blocks = level - (cloud.depth - size)
        for node, cost in costs.items():
            if below_blocks < 0:
                above += cost
            else:
                bits[tuple(v >> below_blocks << size for v in node)] += cost
    table = coded.blocks
    origins = [tuple(row) for row in table.origin.tolist()]
    assert set(origins) == set(bits)
    assert table.bits == pytest.approx([bits[origin] for origin in origins], rel=1e-9, abs=1e-9)
    assert table.flag_bits.sum() == pytest.approx(above, rel=1e-9, abs=1e-9)
    points = Counter(tuple(v >> size << size for v in row) for row in cloud.coords.tolist())
    assert table.points.tolist() == [points[origin] for origin in origins]
    codes = morton_encode(table.origin, cloud.depth)
    assert np.all(codes[1:] > codes[:-1])


def test_the_document_lists_the_masks() -> None:
    assert [tuple(int(v) & WORD for v in row) for row in MASKS] == DOCUMENTED


NAMES = ["octree_1_0_slices.ovx", "octree_1_0_deep.ovx", "octree_1_0_direct.ovx", "octree_1_0_sensor.ovx"]


@pytest.mark.parametrize("name", NAMES)
def test_golden_streams_are_written_byte_for_byte(name: str) -> None:
    data, coords = golden_clouds.STREAMS[name]()
    assert data == (ROOT / "tests" / "golden" / name).read_bytes()
    assert np.array_equal(codec.decode(data).cloud.coords, coords)


# Damage of the payload.


def refused_or_sound(stream: GeometryStream) -> bool:
    """Decodes a stream of one slice. True if it is refused; else it must be the stream of its voxels."""
    try:
        back = decode(stream)
    except CorruptStreamError as fault:
        assert fault.field == "slice 0"
        if fault.byte is not None:
            assert 0 <= fault.byte <= len(stream.sections[0].payload)
        return True
    assert len(back.coords) == stream.points
    assert encode(VoxelCloud(back.coords, stream.depth), direct_from=NEVER).stream == stream
    return False


def with_payload(stream: GeometryStream, payload: bytes) -> GeometryStream:
    return replace(stream, sections=[replace(stream.sections[0], payload=payload)])


def test_every_truncation_is_noticed() -> None:
    stream = encode(part()).stream
    payload = stream.sections[0].payload
    for length in range(len(payload)):
        assert refused_or_sound(with_payload(stream, payload[:length])), length


def test_a_decoder_stops_soon_after_the_end() -> None:
    """Not only when it has all the points that the stream declares."""
    stream = encode(part()).stream
    whole = stream.sections[0].payload
    for length in (20, len(whole) // 2, len(whole) - 20):
        payload = whole[:length]
        section = replace(stream.sections[0], payload=payload, points=1 << 20)
        with pytest.raises(CorruptStreamError, match="ends too early") as error:
            decode(replace(stream, points=1 << 20, sections=[section]))
        assert error.value.byte == length


@pytest.mark.parametrize("extra", [b"\0", b"\xff", b"\0" * 9, b"octree"])
def test_bytes_left_over_are_noticed(extra: bytes) -> None:
    stream = encode(part()).stream
    assert refused_or_sound(with_payload(stream, stream.sections[0].payload + extra))


def test_nearly_every_flipped_bit_is_noticed_without_a_checksum() -> None:
    stream = encode(part()).stream
    payload = stream.sections[0].payload
    tried, accepted = range(0, 8 * len(payload), 3), 0
    for k in tried:
        flipped = bytearray(payload)
        flipped[k // 8] ^= 1 << (k % 8)
        accepted += not refused_or_sound(with_payload(stream, bytes(flipped)))
    assert accepted < len(tried) // 30


def test_every_damaged_byte_of_a_file_is_noticed() -> None:
    cloud = cloud_of(part().coords[:200], 8)
    data = codec.encode(cloud, options=CodecOptions(codec="octree")).data
    for k in range(len(data)):
        with pytest.raises(CorruptStreamError):
            codec.decode(data[:k] + bytes([data[k] ^ (1 << (k % 8))]) + data[k + 1 :])
        with pytest.raises(CorruptStreamError):
            codec.decode(data[:k])


@settings(max_examples=200)
@given(st.binary(max_size=40), st.integers(1, 21), st.integers(1, 300))
@example(b"", 21, 1)
@example(b"\0" * 40, 21, 300)
@example(b"\xff" * 40, 21, 300)
def test_any_bytes_are_refused_or_sound(payload: bytes, depth: int, points: int) -> None:
    points = min(points, 8**depth)
    params = bytes([MODEL_VERSION, table_bits_for(points)])
    section = Section(SECTION_SLICE, payload, points)
    refused_or_sound(GeometryStream(depth, points, params, sections=[section]))


# Wrong numbers.


@pytest.mark.parametrize("points", [-1, 0, 1, 999, 1001, 1 << 20, MAX_SLICE_POINTS, 1 << 31, 1 << 62])
def test_wrong_point_counts_take_no_memory(points: int) -> None:
    stream = encode(part()).stream
    assert stream.points == 1000
    section = replace(stream.sections[0], points=points)
    decode(stream)  # what is compiled or made at first use is not counted
    tracemalloc.start()
    try:
        with pytest.raises(CorruptStreamError):
            decode(replace(stream, points=points, sections=[section]))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 4 << 20  # 2**20 points would take 12 MB for their keys and owners alone


def test_sections_have_to_add_up_to_the_header() -> None:
    stream = encode(sheet(), SHEET_SLICE).stream
    for points in (stream.points - 1, stream.points + 1, 0):
        with pytest.raises(CorruptStreamError, match="points"):
            decode(replace(stream, points=points))
    with pytest.raises(CorruptStreamError, match="points"):
        decode(replace(stream, sections=stream.sections[1:]))


def test_more_points_than_the_cube_holds() -> None:
    section = Section(SECTION_SLICE, b"", 9)
    with pytest.raises(CorruptStreamError, match="9 points"):
        decode(GeometryStream(1, 9, bytes([MODEL_VERSION, 12]), sections=[section]))


@pytest.mark.parametrize("params", [b"", b"\x01", b"\x01\x0c\x00", b"\x01\x0b", b"\x01\x17", b"\x01\xff"])
def test_bad_params_are_refused(params: bytes) -> None:
    with pytest.raises(CorruptStreamError) as error:
        decode(replace(encode(part()).stream, params=params))
    assert error.value.field == "params"


@pytest.mark.parametrize("version", [0, 1, 255])
def test_other_model_versions_are_unsupported(version: int) -> None:
    with pytest.raises(UnsupportedStreamError, match=f"version {version} "):
        decode(replace(encode(part()).stream, params=bytes([version, 12])))


@pytest.mark.parametrize("depth", [-1, 0, 7, 9, 22, 255])
def test_wrong_depths_are_refused(depth: int) -> None:
    with pytest.raises(CorruptStreamError):
        decode(replace(encode(part()).stream, depth=depth))


def test_slices_out_of_order_are_refused() -> None:
    stream = encode(sheet(), SHEET_SLICE).stream
    a, b, *rest = stream.sections
    swapped = replace(stream, sections=[b, a, *rest])
    twice = replace(stream, points=stream.points + a.points, sections=[a, a, b, *rest])
    for threads in (1, 2):
        for wrong in (swapped, twice):
            with pytest.raises(CorruptStreamError, match="overlap or are out of order"):
                decode(wrong, threads)


def test_slices_that_overlap_are_refused() -> None:
    cloud = part()
    codes = morton_encode(cloud.coords, cloud.depth)

    settings = SliceSettings(cloud.depth, 12)

    def stream_of(*pieces: np.ndarray) -> GeometryStream:
        coded = [encode_slice(p, settings, SliceJob(0, lambda *news: None)) for p in pieces]
        sections = [Section(SECTION_SLICE, payload, len(p)) for (payload, *_), p in zip(coded, pieces)]
        return GeometryStream(cloud.depth, len(cloud), bytes([MODEL_VERSION, 12]), sections=sections)

    assert np.array_equal(decode(stream_of(codes[:500], codes[500:])).coords, cloud.coords)
    for pieces in ((codes[::2], codes[1::2]), (np.append(codes[:499], codes[-1]), codes[499:-1])):
        with pytest.raises(CorruptStreamError, match="overlap"):
            decode(stream_of(*pieces))


def test_trees_are_refused() -> None:
    stream = encode(part()).stream
    tree = Section(SECTION_TREE, b"\x00")
    for sections in ([tree, *stream.sections], [replace(stream.sections[0], kind=SECTION_TREE)]):
        with pytest.raises(CorruptStreamError, match="slices only"):
            decode(replace(stream, sections=sections))
