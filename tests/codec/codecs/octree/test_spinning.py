"""Spinning scans: the sensor's bytes, places coded by its beams, and finding the sensor."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from octree_fixtures import assert_same_table, cloud_of, decode
from octree_reference import decode_slice as documented_slice
from spinning_reference import TABLE
from spinning_scans import RING_DEPTH, rings, street

from octavox.codec.blocks import BlockPlace
from octavox.codec.cloud.cloud import VoxelCloud
from octavox.codec.cloud.morton import morton_encode
from octavox.codec.codecs.geometry.octree import codec as octree_codec
from octavox.codec.codecs.geometry.octree.codec import OctreeCodec
from octavox.codec.codecs.geometry.octree.direct import NEVER
from octavox.codec.codecs.geometry.octree.params import SENSOR_VERSION
from octavox.codec.codecs.geometry.octree.sensor import (
    LEAST_STEP,
    MOST_DRIFT,
    MOST_PLACE,
    MOST_SIDE,
    MOST_SLOPE,
    MOST_STEP,
    Beam,
    Sensor,
    read_sensor,
)
from octavox.codec.codecs.geometry.octree.sensor_search import find_sensor
from octavox.codec.codecs.geometry.octree.slice_coder import (
    SliceJob,
    SliceSettings,
    decode_slice,
)
from octavox.codec.codecs.interface import EncodedGeometry
from octavox.codec.coding import angles
from octavox.codec.coding.angles import TURN, turn_of, whole_root
from octavox.codec.errors import CancelledError, CorruptStreamError
from octavox.codec.job import CancelToken, JobContext
from octavox.codec.options import CodecOptions


def scan(beams: int = 5) -> tuple[Sensor, VoxelCloud]:
    """Rings, and strays that no beam explains."""
    sensor, coords = rings(beams)
    strays = np.random.default_rng(2).integers(0, 1 << RING_DEPTH, (60, 3))
    return sensor, cloud_of(np.concatenate([coords, strays]), RING_DEPTH)


def encode(
    cloud: VoxelCloud, sensor: Sensor | None, direct: int | None = 2, slices: int | None = None
) -> EncodedGeometry:
    options = CodecOptions(threads=1, slices=slices)
    return OctreeCodec(direct_from=direct, sensor=sensor).encode(cloud, options, JobContext())


# Angles.


def test_the_table_of_arc_tangents_is_that_of_the_document() -> None:
    assert angles._TANGENTS.tolist() == TABLE


@given(st.integers(-(1 << 41), 1 << 41), st.integers(-(1 << 41), 1 << 41))
def test_directions_are_nearly_those_of_floating_point(x: int, y: int) -> None:
    wanted = math.atan2(y, x) / (2 * math.pi) * TURN
    off = (int(turn_of(x, y)) - wanted + TURN / 2) % TURN - TURN / 2
    assert abs(off) < 1500  # two millionths of a radian
    assert 0 <= turn_of(x, y) < TURN


@given(st.integers(0, (1 << 62) - 1))
def test_roots_are_rounded_down(square: int) -> None:
    assert whole_root(square) == math.isqrt(square)


@pytest.mark.parametrize("root", [1, 2, 94906266, 3037000499 >> 1, (1 << 31) - 1])
def test_roots_beside_squares(root: int) -> None:
    assert [int(whole_root(root * root + d)) for d in (-1, 0, 1)] == [root - 1, root, root if root > 0 else 1]


# The sensor's bytes.

SENSORS = st.builds(
    Sensor,
    st.integers(-MOST_PLACE, MOST_PLACE),
    st.integers(-MOST_PLACE, MOST_PLACE),
    st.tuples(st.integers(-MOST_DRIFT, MOST_DRIFT), st.integers(-MOST_DRIFT, MOST_DRIFT)),
    st.integers(0, 255),
    st.just(0) | st.integers(LEAST_STEP, MOST_STEP),
    st.lists(
        st.builds(
            Beam,
            st.integers(-MOST_SLOPE, MOST_SLOPE),
            st.integers(-MOST_PLACE, MOST_PLACE),
            st.integers(-MOST_SIDE, MOST_SIDE),
        ),
        min_size=1,
        max_size=9,
    ).map(lambda beams: tuple(sorted(beams))),
)


@given(SENSORS, st.binary(max_size=3))
def test_a_sensor_comes_back(sensor: Sensor, rest: bytes) -> None:
    data = sensor.to_bytes()
    assert sensor.valid
    assert read_sensor(data + rest, "slice 0") == (sensor, len(data))


@given(SENSORS, st.data())
def test_a_sensor_that_is_cut_off_is_refused(sensor: Sensor, data: st.DataObject) -> None:
    whole = sensor.to_bytes()
    with pytest.raises(CorruptStreamError, match="slice 3"):
        read_sensor(whole[: data.draw(st.integers(0, len(whole) - 1))], "slice 3")


@pytest.mark.parametrize(
    "wrong",
    [
        {"x": MOST_PLACE + 1},
        {"drift": (0, -MOST_DRIFT - 1)},
        {"step": LEAST_STEP - 1},
        {"step": MOST_STEP + 1},
        {"beams": ()},
        {"beams": (Beam(MOST_SLOPE + 1, 0, 0),)},
        {"beams": (Beam(0, MOST_PLACE + 1, 0),)},
        {"beams": (Beam(0, 0, MOST_SIDE + 1),)},
    ],
)
def test_numbers_out_of_range_are_refused(wrong: dict[str, object]) -> None:
    right = {"x": 0, "y": 0, "drift": (0, 0), "start": 0, "step": 0, "beams": (Beam(0, 0, 0),)}
    sensor = Sensor(**(right | wrong))  # type: ignore[arg-type]
    assert not sensor.valid
    with pytest.raises(CorruptStreamError):
        read_sensor(sensor.to_bytes(), "slice 0")


# Round trips.


@settings(max_examples=60, deadline=None)
@given(SENSORS, st.integers(0, 2**32), st.integers(1, 21), st.integers(1, 60))
def test_any_small_cloud_comes_back_with_any_sensor(
    sensor: Sensor, seed: int, depth: int, count: int
) -> None:
    rng = np.random.default_rng(seed)
    cloud = cloud_of(rng.integers(0, 1 << depth, (count, 3)), depth)
    coded = encode(cloud, sensor, int(rng.integers(0, depth)))
    back = decode(coded.stream)
    assert np.array_equal(back.coords, cloud.coords)
    assert_same_table(coded.blocks, back.blocks)


def test_a_scan_with_its_sensor_takes_fewer_bytes() -> None:
    sensor, cloud = scan(9)
    coded, plain = encode(cloud, sensor), encode(cloud, None)
    assert coded.stream.params[0] == SENSOR_VERSION
    back = decode(coded.stream)
    assert np.array_equal(back.coords, cloud.coords)
    assert_same_table(coded.blocks, back.blocks)
    sizes = [len(one.stream.sections[0].payload) for one in (coded, plain)]
    assert sizes[0] < 0.75 * sizes[1]
    bits = float(coded.blocks.bits.sum() + coded.blocks.flag_bits.sum())
    assert abs(8 * (sizes[0] - len(sensor.to_bytes())) - bits) <= 66


def test_each_slice_has_the_sensor() -> None:
    sensor, cloud = scan()
    coded = encode(cloud, sensor, slices=3)
    assert len(coded.stream.sections) > 1
    assert all(read_sensor(s.payload, "slice")[0] == sensor for s in coded.stream.sections)
    assert np.array_equal(decode(coded.stream).coords, cloud.coords)


def test_first_levels_of_a_part_of_the_payload() -> None:
    sensor, cloud = scan()
    coded = encode(cloud, sensor)
    stream, levels = coded.stream, 6
    end = coded.level_ends[0][levels - 1]
    part = stream.sections[0].payload[:end]
    cut = type(stream)(
        stream.depth,
        stream.points,
        stream.params,
        stream.weights_id,
        [type(stream.sections[0])(2, part, len(cloud))],
    )
    found = OctreeCodec().decode_levels(cut, levels, CodecOptions(), JobContext())
    wanted = np.unique(morton_encode(cloud.coords, cloud.depth) >> 3 * (cloud.depth - levels))
    assert np.array_equal(morton_encode(found, levels), wanted)


def test_probabilities_of_a_block_add_up() -> None:
    sensor, cloud = scan()
    coded = encode(cloud, sensor)
    block = coded.blocks
    row = int(np.argmax(block.points))
    place = BlockPlace(tuple(int(v) for v in block.origin[row]), int(block.size[row]), 0)
    found = OctreeCodec().voxel_probabilities(coded.stream, cloud, place, CodecOptions(), JobContext())
    assert int(found.occupied.sum()) == int(block.points[row])
    told = float(found.bits.sum()) + found.other_bits + found.coarser_bits
    assert told == pytest.approx(float(block.bits[row]))


# The document.


@pytest.mark.slow
@pytest.mark.parametrize(("beams", "step", "drift"), [(3, True, True), (5, False, True), (4, True, False)])
def test_a_decoder_written_from_the_document_agrees(beams: int, step: bool, drift: bool) -> None:
    sensor, cloud = scan(beams)
    given_sensor = Sensor(
        sensor.x, sensor.y, sensor.drift if drift else (0, 0), 10, sensor.step * step, sensor.beams
    )
    coded = encode(cloud, given_sensor, 4)
    decoded = documented_slice(coded.stream.sections[0].payload, cloud.depth, coded.stream.params)
    assert decoded.ends_well
    assert decoded.voxels == sorted(map(tuple, cloud.coords.tolist()))
    ours = coded.blocks.bits.sum() + coded.blocks.flag_bits.sum()
    assert ours == pytest.approx(sum(sum(costs.values()) for costs in decoded.costs), rel=1e-9)


# Damage.


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_damage_is_found_or_does_no_harm(data: st.DataObject) -> None:
    sensor, cloud = scan(3)
    stream = encode(cloud, sensor, 3).stream
    payload = bytearray(stream.sections[0].payload)
    for _ in range(data.draw(st.integers(1, 3))):
        payload[data.draw(st.integers(0, len(payload) - 1))] ^= data.draw(st.integers(1, 255))
    payload = payload[: data.draw(st.just(len(payload)) | st.integers(0, len(payload)))]
    settings_of = SliceSettings(cloud.depth, stream.params[1], direct_from=3, sensed=True)
    try:
        codes, _ = decode_slice(bytes(payload), len(cloud), settings_of, SliceJob(0, lambda *news: None))
    except CorruptStreamError as error:
        assert error.field == "slice 0"
    else:  # a flag may say that a node holds several voxels where it holds one; nothing else is left open
        assert len(codes) == len(cloud)
        assert np.all(codes[1:] > codes[:-1])


# Finding the sensor.


@pytest.mark.slow
@pytest.mark.parametrize("drift", [0.0, 0.5])
def test_the_sensor_of_a_scan_is_found(drift: float) -> None:
    voxels = street(16, 900, drift=drift)
    origin = -(street_origin(voxels, 16, 900, drift))
    cloud = cloud_of(voxels, int(voxels.max()).bit_length())
    sensor = find_sensor(cloud.coords, JobContext())
    assert sensor is not None
    assert len(sensor.beams) == 16
    assert math.hypot(sensor.x / 16 - origin[0], sensor.y / 16 - origin[1]) < 10 + 40 * drift
    wanted = np.tan(np.radians(np.linspace(-25, 8, 16)))
    assert (
        np.abs(np.array([b.slope for b in sensor.beams]) / (1 << 20) - wanted).max() < 5e-3
    )  # two beams are 0.04 apart
    assert abs(TURN / sensor.step - 900) < 2


def street_origin(voxels: np.ndarray, beams: int, shots: int, drift: float) -> np.ndarray:
    """Where the lowest voxel is, seen from the sensor."""
    moved = street(beams, shots, drift=drift, shifted=False)
    assert np.array_equal(moved - moved.min(0), voxels)
    return np.asarray(moved.min(0))


@pytest.mark.slow
def test_an_encoder_uses_the_sensor_where_that_saves_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    voxels = street(16, 900)
    cloud = cloud_of(voxels, int(voxels.max()).bit_length())
    coded = encode(cloud, None, None)
    assert coded.stream.params[0] == SENSOR_VERSION
    assert np.array_equal(decode(coded.stream).coords, cloud.coords)
    monkeypatch.setattr(octree_codec, "find_sensor", lambda coords, job: None)
    plain = encode(cloud, None, None)
    assert plain.stream.params[0] < SENSOR_VERSION
    assert len(coded.stream.sections[0].payload) < 0.88 * len(plain.stream.sections[0].payload)


def test_clouds_without_a_sensor_keep_their_streams(monkeypatch: pytest.MonkeyPatch) -> None:
    cloud = cloud_of(np.random.default_rng(4).integers(0, 1 << 13, (4000, 3)), 13)
    coded = encode(cloud, None, None)
    monkeypatch.setattr(octree_codec, "find_sensor", lambda coords, job: None)
    assert encode(cloud, None, None).stream == coded.stream


@pytest.mark.parametrize("flat", [0, 1, 2])
def test_no_sensor_in_lines_and_planes(flat: int) -> None:
    coords = np.random.default_rng(5).integers(0, 1 << 13, (4000, 3))
    coords[:, flat] = 7
    coords = cloud_of(coords, 13).coords
    assert find_sensor(coords, JobContext()) is None
    line = np.zeros((4000, 3), np.int32)
    line[:, flat] = np.arange(4000)
    assert find_sensor(line, JobContext()) is None


def test_the_search_can_be_cancelled() -> None:
    cancel = CancelToken()
    cancel.cancel()
    coords = cloud_of(street(8, 400), 17).coords
    with pytest.raises(CancelledError):
        find_sensor(coords, JobContext(None, cancel))


def test_without_direct_coding_there_is_no_sensor() -> None:
    sensor, cloud = scan(3)
    assert encode(cloud, sensor, NEVER).stream == encode(cloud, None, NEVER).stream
